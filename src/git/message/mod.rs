//! Commit messages: taken out of what a model said, mended, judged, and put into git's message file.

mod amended;
mod charset;
mod ground;
pub mod issue;
mod judge;
mod lead;
mod names;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use amended::{Amended, breaks, with_mark, with_trailers};
pub use ground::{Grounds, suspects, unspaced};
pub use judge::{Problem, Rules, unmarked, validate};

use self::lead::Lead;
use super::error::GitError;
use super::repo::Repo;
use crate::world::files;

/// How notes to a rebase begin, which takes them away.
pub const NOTES: [&str; 3] = ["fixup! ", "squash! ", "amend! "];
/// The setting of the encoding of messages.
const CHARSET: &str = "i18n.commitEncoding";
/// The largest message file that is read (bytes): with commit.verbose it holds the whole diff.
const LIMIT: u64 = 64 << 20;
/// Body lines are wrapped at this many characters.
const WIDTH: usize = 72;

/// Plain text out of what a model said: no control characters, fences, quotes around it, preambles, think tags.
#[must_use]
pub fn sanitise(text: &str) -> String {
    plainly(text, true)
}

/// The same of a text that is no more than a body: a fence in it is round code that it quotes, and only the fence goes.
#[must_use]
pub fn sanitise_body(text: &str) -> String {
    plainly(text, false)
}

fn plainly(text: &str, talks: bool) -> String {
    let mut text: String = console_free(text);
    if let Some((_, rest)) = text.split_once("</think>") {
        text = rest.to_owned();
    } else if text.trim_start().starts_with("<think>") {
        // Cut off while it was still thinking.
        return String::new();
    }
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    // A fence keeps what is inside; what stands around it is talk.
    let fences: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].trim_start().starts_with("```")).collect();
    if let ([open, close, ..], true) = (fences.as_slice(), talks) {
        lines = lines[open + 1..*close].to_vec();
    } else {
        lines.retain(|l| !l.trim_start().starts_with("```"));
    }
    while lines.first().is_some_and(|l| l.trim().is_empty() || preamble(l)) {
        lines.remove(0);
    }
    while lines.last().is_some_and(|l| l.trim().is_empty()) {
        lines.pop();
    }
    let joined = lines.join("\n");
    let trimmed = joined.trim();
    for quote in ['"', '`', '\''] {
        if let Some(inner) = trimmed.strip_prefix(quote).and_then(|t| t.strip_suffix(quote))
            && !inner.contains(quote)
        {
            return inner.trim().to_owned();
        }
    }
    trimmed.to_owned()
}

/// Escape sequences, other controls and marks that nobody sees taken out; line feeds and tabs stay.
fn console_free(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.peek() {
                Some('[') => {
                    chars.next();
                    control(&mut chars);
                }
                // Strings for the terminal: its title, its clipboard.
                Some(']' | 'P' | 'X' | '^' | '_') => {
                    chars.next();
                    string(&mut chars);
                }
                Some(' '..='/') => {
                    while chars.next_if(|c| matches!(c, ' '..='/')).is_some() {}
                    chars.next_if(|c| matches!(c, '0'..='~'));
                }
                Some('0'..='~') => drop(chars.next()),
                _ => {}
            },
            '\u{9b}' => control(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => string(&mut chars),
            '\n' | '\t' => out.push(c),
            '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2060}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// The rest of a control sequence: its parameters and the one character that ends it.
fn control(chars: &mut Chars<'_>) {
    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    chars.next_if(|c| matches!(c, '@'..='~'));
}

/// The rest of a string for the terminal: up to BEL or ST, and never beyond the line.
fn string(chars: &mut Chars<'_>) {
    while chars.next_if(|c| !matches!(c, '\u{7}' | '\u{1b}' | '\u{9c}' | '\n')).is_some() {}
    if chars.next_if_eq(&'\u{1b}').is_some() {
        chars.next_if_eq(&'\\');
    }
}

fn preamble(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let talk = ["here is", "here's", "sure", "certainly", "of course", "okay", "commit message:", "the commit message"];
    lower.ends_with(':') && talk.iter().any(|t| lower.starts_with(t))
        || (lower.starts_with("sure!") && lower.len() < 60)
}

/// Subject and body with the blank line between.
#[must_use]
pub fn join(subject: &str, body: Option<&str>) -> String {
    match body.map(str::trim).filter(|b| !b.is_empty()) {
        Some(body) => format!("{}\n\n{}", subject.trim(), wrap(body)),
        None => subject.trim().to_owned(),
    }
}

/// Mends what can be mended without changing what is said: a subject that is too long loses its last phrases (which
/// go on in no body), a final full stop goes, trailers that nobody put go, the body is wrapped.
#[must_use]
pub fn repair(text: &str, rules: &Rules) -> String {
    let (subject, body) = text.split_once('\n').unwrap_or((text, ""));
    let mut subject = subject.trim().trim_end_matches('.').trim_end().to_owned();
    if subject.chars().count() > rules.subject_max {
        // Where no phrase ends in time, it is for whoever wrote it to say it shorter.
        if let Some(head) = phrase(&subject, rules.subject_max) {
            subject = head.to_owned();
        }
    }
    let lines = judge::forgeries(body, rules).into_iter();
    let kept: Vec<&str> = lines.filter(|(_, problem)| problem.is_none()).map(|(line, _)| line).collect();
    join(&subject, Some(&kept.join("\n")))
}

/// What begins a phrase that may go: what is left says the same with less.
const PHRASES: [&str; 21] = [
    ", ",
    "; ",
    " (",
    " - ",
    " – ",
    " — ",
    " after ",
    " and ",
    " because ",
    " before ",
    " by ",
    " for ",
    " in ",
    " instead of ",
    " rather than ",
    " so that ",
    " such as ",
    " using ",
    " via ",
    " while ",
    " with ",
];
/// What may not go with a phrase: without it, the opposite is said, or more than is so.
const BOUNDS: [&str; 18] = [
    "cannot", "except", "if", "never", "neither", "no", "none", "nor", "not", "nothing", "only", "unless", "until",
    "when", "whenever", "where", "without", "yet",
];
/// Small words that belong to the verb in front of them: `log in`, `sort by`.
const PARTICLES: [&str; 9] = ["as", "at", "by", "for", "from", "in", "on", "to", "with"];
/// Verbs that seldom stand without one.
const PHRASAL: [&str; 17] = [
    "account", "ask", "back", "call", "fall", "fill", "hand", "log", "look", "opt", "plug", "roll", "sign", "sort",
    "stand", "turn", "wait",
];
/// Fewer words say nothing of what was done: `add support`.
const WORDS: usize = 3;

/// The most of a subject that ends with a phrase and has so many characters; `None` where that would say nothing.
#[must_use]
pub fn phrase(subject: &str, most: usize) -> Option<&str> {
    let begin = match subject.split_once(": ") {
        Some((mark, _)) if !mark.contains(' ') => mark.len() + 2,
        _ => 0,
    };
    let rest = subject.get(begin..).unwrap_or_default();
    let bounds = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        BOUNDS.contains(&word.as_str()) || word.ends_with("n't") || word.ends_with("n’t")
    };
    let may_go = |(at, mark): &(usize, &str)| {
        let (head, tail) = rest.split_at(*at);
        !(tail.split_whitespace().any(bounds) || PARTICLES.contains(&mark.trim()) && ends_in_verb(head))
    };
    let ends = PHRASES.iter().flat_map(|mark| rest.match_indices(mark)).filter(may_go).map(|(at, _)| begin + at);
    let says = |head: &&str| {
        let said = head.get(begin..).unwrap_or_default();
        // An opened bracket or quote is not closed any more.
        let whole = ['(', '[', '"', '`'].iter().all(|mark| match mark {
            '(' => said.matches('(').count() == said.matches(')').count(),
            '[' => said.matches('[').count() == said.matches(']').count(),
            mark => said.matches(*mark).count() % 2 == 0,
        });
        head.chars().count() <= most && said.split_whitespace().count() >= WORDS && whole
    };
    ends.filter_map(|end| subject.get(..end)).map(finished).filter(says).max_by_key(|head| head.len())
}

/// Whether the last word is a verb, as far as its place and its ending tell.
fn ends_in_verb(said: &str) -> bool {
    const BEFORE: [&str; 18] = [
        "can", "cannot", "could", "do", "does", "it", "may", "might", "must", "not", "should", "that", "they", "to",
        "which", "who", "will", "would",
    ];
    const ARTICLES: [&str; 8] = ["a", "an", "each", "every", "its", "the", "their", "this"];
    let said =
        said.split_once(": ").filter(|(mark, _)| !mark.contains(' ')).map_or(said, |(_, said)| said).to_lowercase();
    let words: Vec<&str> = said.split_whitespace().collect();
    match words.as_slice() {
        [.., before, _] if ARTICLES.contains(before) => false,
        [.., before, _] if BEFORE.contains(before) => true,
        [.., last] if PHRASAL.contains(last) => true,
        [.., "and" | "or", _] => false,
        // Behind the verb that begins a subject stands what it is about: `add paging`.
        [_, .., _, last] => last.ends_with("ing") || last.ends_with("ed"),
        _ => false,
    }
}

/// A subject in so many characters: what [`phrase`] leaves of it, else what fits of its words.
#[must_use]
pub fn shortened(subject: &str, most: usize) -> String {
    // In no room at all nothing can be said.
    if subject.chars().count() <= most || most == 0 {
        return subject.to_owned();
    }
    if let Some(head) = phrase(subject, most) {
        return head.to_owned();
    }
    let head: String = subject.chars().take(most).collect();
    if subject.chars().nth(most) == Some(' ') {
        return finished(&head).to_owned();
    }
    let mark = subject.split_once(": ").filter(|(mark, _)| !mark.contains(' ')).map_or(0, |(mark, _)| mark.len() + 2);
    // A name that is cut is another name: only where nothing else is said it is better than nothing.
    let words = head.rsplit_once(' ').map(|(words, _)| finished(words).to_owned());
    let says = |words: &String| words.get(mark..).is_some_and(|said| said.contains(char::is_alphanumeric));
    words.filter(says).unwrap_or(head)
}

/// A cut subject without the marks and small words that promise more.
#[must_use]
pub fn finished(head: &str) -> &str {
    const PROMISES: [&str; 14] =
        ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"];
    let mut head = head;
    loop {
        head = head.trim_end_matches([',', ';', ':', '-', ' ']);
        match head.rsplit_once(' ') {
            Some((rest, last)) if PARTICLES.contains(&last) && ends_in_verb(rest) => return head,
            Some((rest, last)) if PROMISES.contains(&last.to_ascii_lowercase().as_str()) => head = rest,
            _ => return head,
        }
    }
}

/// What the setting of the mark in front of comments is called; to a newer git both are one.
pub(super) const COMMENTS: [&str; 2] = ["core.commentString", "core.commentChar"];
/// What git may take for the beginning of a comment.
const COMMENT_MARKS: &str = "#;@!$%^&|:";

/// Wraps paragraphs; lists, indented text and trailers keep their lines. No line of the wrapping's making begins like
/// a comment: git would drop it.
#[must_use]
pub fn wrap(body: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for paragraph in body.split("\n\n") {
        let keeps =
            paragraph.lines().any(|l| l.starts_with([' ', '\t', '-', '*', '|', '>'])) || paragraph.lines().all(trailer);
        if keeps {
            out.push(paragraph.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
        } else {
            out.push(filled(paragraph));
        }
    }
    out.retain(|p| !p.trim().is_empty());
    out.join("\n\n")
}

fn filled(paragraph: &str) -> String {
    let mut lines = vec![String::new()];
    for word in paragraph.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= WIDTH {
            line.push(' ');
            line.push_str(word);
        } else if !word.starts_with(|c| COMMENT_MARKS.contains(c)) {
            lines.push(word.to_owned());
        } else {
            // The words before go along, back to one that may begin a line.
            let safe = |at: &usize| !line[at + 1..].starts_with(|c| COMMENT_MARKS.contains(c));
            match line.rmatch_indices(' ').map(|(at, _)| at).find(safe) {
                Some(at) => {
                    let next = format!("{} {word}", &line[at + 1..]);
                    line.truncate(at);
                    lines.push(next);
                }
                None => {
                    line.push(' ');
                    line.push_str(word);
                }
            }
        }
    }
    lines.join("\n")
}

/// `Signed-off-by: a`, `Fixes: #12`, `BREAKING CHANGE: b`.
fn trailer(line: &str) -> bool {
    let word = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_uppercase()) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    line.split_once(": ").is_some_and(|(key, _)| key == "BREAKING CHANGE" || word(key))
}

/// What goes into a message file.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The message.
    pub text: &'a str,
    /// A line for the person who reads it, as a comment.
    pub comment: Option<&'a str>,
}

/// The message that git will take from a finished file: without comments, and without what stands below the scissors.
///
/// # Errors
/// `File`.
pub fn finished_in(repo: &Repo, path: &Path) -> Result<String, GitError> {
    let text = read(repo, path)?;
    Ok(without_comments(&text, &repo.comment_mark_in(&text)))
}

/// As [`finished_in`], where what looks like a comment may be the message: git takes it for one only where an editor was
/// open, or where that was asked for.
///
/// # Errors
/// As there.
pub fn taken_from(repo: &Repo, path: &Path) -> Result<String, GitError> {
    let text = read(repo, path)?;
    let mark = repo.comment_mark_in(&text);
    let bare = without_comments(&text, &mark);
    let cleanup = repo.setting("commit.cleanup").unwrap_or_default();
    // Of --cleanup nobody tells. Where nothing would be left, git either keeps it or makes no commit.
    let kept = KEEPING.contains(&cleanup.as_str()) || (bare.is_empty() && repo.unseen() && cleanup != "strip");
    Ok(if kept { above_scissors(&text, &mark).collect::<Vec<_>>().join("\n").trim().to_owned() } else { bare })
}

/// Ways of `commit.cleanup` that keep what looks like a comment.
const KEEPING: [&str; 3] = ["verbatim", "whitespace", "scissors"];

fn without_comments(text: &str, mark: &str) -> String {
    above_scissors(text, mark).filter(|l| !l.starts_with(mark)).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn above_scissors<'t>(text: &'t str, mark: &str) -> impl Iterator<Item = &'t str> {
    text.lines().take_while(move |l| !(l.starts_with(mark) && scissors(l)))
}

/// What stands in a message file.
fn read(repo: &Repo, path: &Path) -> Result<String, GitError> {
    let path = if path.is_absolute() { path.to_owned() } else { repo.env().cwd().join(path) };
    let there = files::read_bounded(&path, LIMIT).map_err(|source| GitError::File { path, source })?;
    Ok(String::from_utf8_lossy(&there).into_owned())
}

/// What stands there is git's own, the user's template, or trailers that git has appended.
fn empty(repo: &Repo, text: &str, comment: &str, template: bool) -> bool {
    let own = || text.lines().take_while(|l| !scissors(l)).filter(|l| !l.trim().is_empty() && !l.starts_with(comment));
    // Of git commit --signoff and --trailer; they leave room above. A subject would stand in the first line.
    let appended = text.starts_with('\n') && own().all(trailer);
    template || repo.setting("commit.template").is_some() || own().next().is_none() || appended
}

/// Git's message file as it stands, and how a draft would be put there. Whoever fills it needs no repository any more:
/// one that is slow to read must not keep a commit waiting.
#[derive(Debug, Clone)]
pub struct Slot {
    path: PathBuf,
    there: Vec<u8>,
    /// What begins a comment.
    mark: String,
    /// Git takes comments out of this message.
    comments: bool,
    /// What another hook has written for the draft to begin with.
    lead: Option<Lead>,
    /// What git is told that messages are written in.
    charset: Option<String>,
}

impl Slot {
    /// Looks at the file. `None` when somebody has written there already: a draft would be paid for and thrown away. An
    /// issue's key alone is what the draft begins with.
    /// With `template`, git says that what stands there is one.
    ///
    /// # Errors
    /// `File`.
    pub fn look(repo: &Repo, path: &Path, template: bool) -> Result<Option<Self>, GitError> {
        let path = if path.is_absolute() { path.to_owned() } else { repo.env().cwd().join(path) };
        let there =
            files::read_bounded(&path, LIMIT).map_err(|source| GitError::File { path: path.clone(), source })?;
        let text = String::from_utf8_lossy(&there);
        let mark = repo.comment_mark_in(&text);
        let lead = Lead::of(&text, &mark);
        if lead.is_none() && !empty(repo, &text, &mark, template) {
            return Ok(None);
        }
        let comments = takes_comments_out(repo, &text, &mark);
        Ok(Some(Self { path, there, mark, comments, lead, charset: repo.setting(CHARSET) }))
    }

    /// The file of an amend, in which the words of the commit stand that is amended: a draft goes above them, and the
    /// author takes the one or the other.
    ///
    /// # Errors
    /// `File`.
    pub fn amending(repo: &Repo, path: &Path) -> Result<Self, GitError> {
        let path = if path.is_absolute() { path.to_owned() } else { repo.env().cwd().join(path) };
        let there =
            files::read_bounded(&path, LIMIT).map_err(|source| GitError::File { path: path.clone(), source })?;
        let text = String::from_utf8_lossy(&there);
        let mark = repo.comment_mark_in(&text);
        let comments = takes_comments_out(repo, &text, &mark);
        Ok(Self { path, there, mark, comments, lead: None, charset: repo.setting(CHARSET) })
    }

    /// Whether what is said of a draft stands in the file: not where git would take it for a part of the message.
    #[must_use]
    pub const fn takes_comments(&self) -> bool {
        self.comments
    }

    /// Puts a draft at the top of the file. Everything that stood in it stays, byte for byte; a key that stood there alone
    /// stands before the draft's subject.
    ///
    /// # Errors
    /// `File`; the file is as it was then.
    pub fn fill(&self, draft: &Draft<'_>) -> Result<(), GitError> {
        let (comment, mut new) = (&self.mark, String::new());
        let lead = self.lead.as_ref().filter(|_| !draft.text.is_empty());
        for line in lead.map_or_else(|| draft.text.to_owned(), |lead| lead.before(draft.text)).lines() {
            // A blank in front keeps a line from being taken for a comment.
            let kept = if line.starts_with(comment) { " " } else { "" };
            new.push_str(&format!("{kept}{line}\n"));
        }
        if let Some(said) = draft.comment.filter(|_| self.comments) {
            new.push('\n');
            for line in said.lines() {
                new.push_str(&format!("{comment} {line}\n"));
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let there = lead.and_then(|lead| self.there.get(lead.end..)).unwrap_or(&self.there);
        if there.first().is_some_and(|b| *b != b'\n') {
            new.push('\n');
        }
        let mut out = charset::encoded(&new, self.charset.as_deref());
        out.extend_from_slice(there);
        let io = |source| GitError::File { path: self.path.clone(), source };
        // Git's own file is not forced to the disk either: after a power cut the commit is not there, draft or not.
        files::swap(&self.path, &out, mode(&self.path)).map_err(io)
    }
}

fn scissors(line: &str) -> bool {
    line.contains(">8 ---")
}

/// Whether git will take comments out of this message. Where it does not, one of ours would be committed.
fn takes_comments_out(repo: &Repo, text: &str, comment: &str) -> bool {
    let cleanup = repo.setting("commit.cleanup").unwrap_or_default();
    let kept = KEEPING.contains(&cleanup.as_str());
    // So it looks with --cleanup=scissors: nothing is explained above the scissors.
    let cut_first = text.lines().find(|l| l.starts_with(comment)).is_some_and(scissors);
    // And so with --cleanup=verbatim or whitespace, where git speaks English.
    let said_so =
        || text.lines().take_while(|l| !scissors(l)).any(|l| l.starts_with(comment) && l.contains("' will be kept;"));
    // Then git keeps every line.
    !(kept || cut_first || repo.unseen() || said_so())
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).map_or(0o644, |m| m.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
const fn mode(_: &Path) -> u32 {
    0o644
}

impl Repo {
    /// Nobody will see the message before it is committed: git tells its hooks so when it opens no editor.
    #[must_use]
    pub fn unseen(&self) -> bool {
        self.env().get("GIT_EDITOR") == Some(":")
    }

    /// What begins a comment line. For `auto` git has not chosen yet; its favourite is taken.
    #[must_use]
    pub fn comment_mark(&self) -> String {
        let own = self.either(COMMENTS);
        own.filter(|m| !m.is_empty() && m != "auto").unwrap_or_else(|| "#".to_owned())
    }

    /// What begins a comment line in a message file: for `auto` git has chosen, and its own remarks end the message.
    fn comment_mark_in(&self, text: &str) -> String {
        let own = self.either(COMMENTS);
        if own.as_deref() != Some("auto") {
            return self.comment_mark();
        }
        let mut before = text.lines().take_while(|l| !scissors(l)).collect::<Vec<_>>();
        before.extend(text.lines().find(|l| scissors(l)));
        let last = before.iter().rev().find(|l| !l.trim().is_empty());
        let chosen = last.and_then(|l| l.chars().next()).filter(|c| COMMENT_MARKS.contains(*c));
        chosen.unwrap_or('#').to_string()
    }
}
