//! The message of a commit that is amended: what a new one takes the place of, and what stays of it.

use super::{NOTES, judge};
use crate::git::Repo;
use crate::git::diff::head_commit;

/// The message of the last commit, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amended {
    /// The commit's id, full hex.
    pub id: String,
    /// The first line.
    pub subject: String,
    /// What stands below it and is no trailer; empty where nothing does.
    pub body: String,
    /// What programs act upon, and what people are named for: `Signed-off-by`, `Change-Id`, `Fixes #12`, a breaking
    /// change. Empty where there is none.
    pub trailers: String,
    /// A `!` behind its type says that it breaks its users.
    pub breaks: bool,
}

impl Repo {
    /// The message that `--amend` takes the place of; `None` before the first commit.
    #[must_use]
    pub fn amended(&self) -> Option<Amended> {
        let (id, text) = self.last_message()?;
        let (subject, body, trailers) = apart(&text);
        let breaks = breaks(&subject);
        Some(Amended { id, subject, body, trailers, breaks })
    }

    /// What the last commit is where its words are not about its change alone, and stay when it is amended: it joins
    /// branches, takes another commit back, or is meant for another one in a rebase.
    #[must_use]
    pub fn speaks_of_others(&self) -> Option<&'static str> {
        let joins = match self.inner() {
            Some(repo) => head_commit(repo).is_ok_and(|commit| commit.parent_count() > 1),
            None => self.git().line(&["rev-parse", "--verify", "-q", "HEAD^2"]).is_ok(),
        };
        if joins { Some("a merge") } else { of_others(&self.last_message()?.1) }
    }

    /// The last commit's id and its message, as hooks and editor have left it.
    #[must_use]
    pub fn last_message(&self) -> Option<(String, String)> {
        // What was written in another encoding git can read, where it knows that.
        let utf8 = |name: Option<&str>| name.is_none_or(|name| name.eq_ignore_ascii_case("utf-8"));
        let plain = |commit: &git2::Commit<'_>| commit.message_encoding().is_ok_and(utf8);
        if let Some(commit) = self.inner().and_then(|repo| head_commit(repo).ok()).filter(plain) {
            return Some((commit.id().to_string(), decoded(commit.message_bytes()).trim().to_owned()));
        }
        let out = self.git().bytes(&["log", "-1", "--encoding=UTF-8", "--format=%H%n%B", "HEAD", "--"]).ok()?;
        let text = decoded(&out);
        let (id, message) = text.split_once('\n')?;
        Some((id.to_owned(), message.trim().to_owned()))
    }
}

/// A message that git has written about another commit.
fn of_others(text: &str) -> Option<&'static str> {
    if NOTES.iter().any(|note| text.starts_with(note)) {
        return Some("meant for another one");
    }
    let taken_back = ["Revert \"", "Reapply \""].iter().any(|start| text.starts_with(start))
        && ["This reverts commit ", "This reapplies commit "].iter().any(|line| text.contains(line));
    taken_back.then_some("a revert")
}

/// Text in UTF-8. Bytes that are none are taken for Latin-1, as git does when it commits such a text.
fn decoded(bytes: &[u8]) -> String {
    let chunk = |chunk: std::str::Utf8Chunk<'_>| {
        chunk.valid().chars().chain(chunk.invalid().iter().map(|byte| char::from(*byte))).collect::<String>()
    };
    bytes.utf8_chunks().map(chunk).collect()
}

/// Subject, body and trailers. The last paragraph counts as git counts it; above it only what is beyond doubt.
fn apart(text: &str) -> (String, String, String) {
    let text = text.replace("\r\n", "\n");
    let (subject, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let paragraphs: Vec<&str> = rest.split("\n\n").map(|p| p.trim_matches('\n')).filter(|p| !p.is_empty()).collect();
    let (mut body, mut broken, mut trailers): (Vec<String>, Vec<String>, Vec<&str>) = Default::default();
    for (n, paragraph) in paragraphs.iter().enumerate() {
        let last = n + 1 == paragraphs.len() && !breaking(paragraph) && block(paragraph);
        for part in if last { vec![paragraph.lines().collect()] } else { parts(paragraph) } {
            // A breaking change goes on to the next footer, and below it there is nothing but footers.
            if !last && part.first().is_some_and(|line| breaking(line)) {
                broken.push(part.join("\n"));
                continue;
            }
            let (kept, said) = if last { sorted(part) } else { part.into_iter().partition(|line| sure(line)) };
            trailers.extend(kept);
            let told = if broken.is_empty() { &mut body } else { &mut broken };
            told.extend(Some(said.join("\n")).filter(|said| !said.trim().is_empty()));
        }
    }
    // "Fixes #12" is a line that forges act upon; beside it git would not know the others for trailers any more.
    let (closing, trailers): (Vec<&str>, Vec<&str>) =
        trailers.into_iter().partition(|line| acts(line) && !trailer(line));
    let told = [closing.join("\n"), trailers.join("\n")].into_iter().filter(|block| !block.is_empty());
    let kept: Vec<String> = broken.into_iter().chain(told).collect();
    (subject.trim().to_owned(), body.join("\n\n"), kept.join("\n\n"))
}

/// The trailers of a block, what they go on with and remarks such as `[ada: fixed the typo]`; and its other lines.
fn sorted(block: Vec<&str>) -> (Vec<&str>, Vec<&str>) {
    let mut kept = false;
    block.into_iter().partition(|line| {
        if !line.starts_with([' ', '\t']) {
            kept = trailer(line) || sure(line) || breaking(line) || (line.starts_with('[') && line.ends_with(']'));
        }
        kept
    })
}

/// The lines of a paragraph, and those of a breaking change that it goes on to apart.
fn parts(paragraph: &str) -> Vec<Vec<&str>> {
    let mut out: Vec<Vec<&str>> = Vec::new();
    for line in paragraph.lines() {
        match out.last_mut().filter(|_| !breaking(line)) {
            Some(part) => part.push(line),
            None => out.push(vec![line]),
        }
    }
    out
}

/// `BREAKING CHANGE: all of it`, on as many lines as it takes.
fn breaking(paragraph: &str) -> bool {
    ["BREAKING CHANGE:", "BREAKING-CHANGE:", "BREAKING CHANGES:"].iter().any(|start| paragraph.starts_with(start))
}

/// Trailers, and lines that go on with one; others too, as git has it: beside one of git's own, where every fourth line
/// is a trailer.
fn block(paragraph: &str) -> bool {
    let goes_on = |line: &&str| line.starts_with([' ', '\t']);
    let (known, others): (Vec<&str>, Vec<&str>) =
        paragraph.lines().filter(|line| !goes_on(line)).partition(|line| trailer(line) || sure(line) || breaking(line));
    let of_git = |line: &&str| line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ");
    let enough = others.is_empty() || (known.iter().any(of_git) && known.len() * 3 >= others.len());
    !paragraph.starts_with([' ', '\t']) && enough
}

/// `Key: value`, as git takes it.
fn trailer(line: &str) -> bool {
    let word = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    line.split_once(':').is_some_and(|(key, value)| word(key.trim_end()) && value.starts_with(' '))
}

/// A line that is a trailer wherever it stands: of a person, of a review, of an issue that it closes.
fn sure(line: &str) -> bool {
    if line.starts_with("(cherry picked from commit ") || line.starts_with("git-svn-id: ") {
        return true;
    }
    let keyed = line.split_once(':').is_some_and(|(key, _)| judge::names_people(key));
    keyed || acts(line)
}

/// A line that programs act upon and that is no trailer to git: it names an issue that is closed, or the commit that is
/// taken back.
fn acts(line: &str) -> bool {
    let reverted = line.strip_prefix("This reverts commit ").map(|id| id.strip_suffix('.').unwrap_or(id));
    closes(line) || reverted.is_some_and(|id| id.len() >= 7 && id.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What forges close an issue by.
const CLOSING: [&str; 16] = [
    "close",
    "closes",
    "closed",
    "closing",
    "fix",
    "fixes",
    "fixed",
    "fixing",
    "implement",
    "implements",
    "implemented",
    "implementing",
    "resolve",
    "resolves",
    "resolved",
    "resolving",
];

/// `Fixes #12`, `- closes: owner/name#3, #4.`, `Resolves https://forge.example/owner/name/issues/5`.
fn closes(line: &str) -> bool {
    let line = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    let (word, rest) = line.split_once([' ', ':']).unwrap_or((line, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let issue = |part: &str| match part.strip_prefix("https://").or_else(|| part.strip_prefix("http://")) {
        Some(page) => ["/issues/", "/pull/", "/pulls/", "/merge_requests/", "/work_items/"]
            .iter()
            .any(|of| page.rsplit_once(of).is_some_and(|(_, number)| digits(number))),
        None => part.rsplit_once('#').is_some_and(|(_, number)| digits(number)),
    };
    let rest = rest.trim_start_matches([' ', ':']).trim_end_matches(['.', ';', '!', ' ']);
    let mut parts = rest.split([' ', ',']).filter(|part| !part.is_empty()).peekable();
    CLOSING.contains(&word.to_ascii_lowercase().as_str())
        && parts.peek().is_some()
        && parts.all(|part| issue(part) || part == "and")
}

/// Whether a first line says by a `!` behind its type that it breaks its users; a key may stand in front.
#[must_use]
pub fn breaks(subject: &str) -> bool {
    let Some((head, _)) = subject.split_once("!: ") else { return false };
    let typed = head.strip_suffix(')').and_then(|head| head.rsplit_once('(')).map_or(head, |(type_, _)| type_);
    let (before, type_) = typed.rsplit_once(' ').unwrap_or(("", typed));
    let key = before.is_empty() || (before.contains(|c: char| c.is_ascii_digit()) && !before.contains(' '));
    key && word(type_)
}

/// A message with the `!` behind its type; as it is where no type stands in front.
#[must_use]
pub fn with_mark(text: &str) -> String {
    let (mark, rest) = text.split_once(": ").unwrap_or_default();
    let (type_, scope) = mark.split_once('(').unwrap_or((mark, ")"));
    let typed = word(type_) && scope.ends_with(')') && !mark.contains('\n');
    if typed { format!("{mark}!: {rest}") } else { text.to_owned() }
}

fn word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_".contains(c))
}

/// A message with the trailers that an amended one had, each once.
#[must_use]
pub fn with_trailers(text: &str, trailers: &str) -> String {
    let there = |line: &str| text.lines().any(|one| one == line);
    let kept: Vec<String> = trailers
        .split("\n\n")
        .map(|part| part.lines().filter(|line| !there(line)).collect::<Vec<_>>().join("\n"))
        .filter(|part| !part.is_empty())
        .collect();
    if kept.is_empty() {
        return text.to_owned();
    }
    let text = text.trim_end();
    let ends = text.rsplit_once("\n\n").is_some_and(|(_, last)| block(last));
    let gap = if ends && kept.len() == 1 { "\n" } else { "\n\n" };
    format!("{text}{gap}{}", kept.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailers(text: &str) -> String {
        apart(text).2
    }

    #[test]
    fn what_programs_and_people_rely_on_is_told_from_words() {
        let text = "fix: count\n\nIt was wrong.\nFixes #12\n\nNote: this is no trailer block\nbecause of this line.\n\nCo-authored-by: Bo <b@c.d>\nChange-Id: I12\n (and more)\nbug: 7";
        let (subject, body, kept) = apart(text);
        assert_eq!(subject, "fix: count");
        assert_eq!(body, "It was wrong.\n\nNote: this is no trailer block\nbecause of this line.");
        assert_eq!(kept, "Fixes #12\n\nCo-authored-by: Bo <b@c.d>\nChange-Id: I12\n (and more)\nbug: 7");
        assert_eq!(
            trailers("fix: a\n\nBREAKING CHANGE: all\nof it\n\nFixes: #1"),
            "BREAKING CHANGE: all\nof it\n\nFixes: #1"
        );
        assert_eq!(trailers("fix: a\r\n\r\nSigned-off-by: A <a@b.c>\r\n"), "Signed-off-by: A <a@b.c>");
        for text in
            ["Signed-off-by: A <a@b.c>", "fix: a\n\nFixes the last page.\nThen more.", "fix: a\n\n    Closes: it", ""]
        {
            assert_eq!(trailers(text), "", "{text}");
        }
        assert_eq!(
            trailers("fix: a\n\nWhy.\n(cherry picked from commit 12ab)\nMore."),
            "(cherry picked from commit 12ab)"
        );
    }

    #[test]
    fn a_message_about_another_commit_is_told_from_one_that_only_begins_so() {
        let git = "Revert \"fix: a\"\n\nThis reverts commit 0123456789abcdef.";
        for (text, what) in [
            (git, Some("a revert")),
            ("fixup! fix: a", Some("meant for another one")),
            ("amend! fix: a\n\nfix: b", Some("meant for another one")),
            ("Revert \"fix: a\"", None),
            ("fix: take a back\n\nThis reverts commit 0123456789abcdef.", None),
            ("fixup the pages", None),
        ] {
            assert_eq!(of_others(text), what, "{text}");
        }
        assert_eq!(
            trailers("fix: take a back\n\nIt was slow.\n\nThis reverts commit 0123456789abcdef.\n\nRefs: #1"),
            "This reverts commit 0123456789abcdef.\n\nRefs: #1"
        );
        assert_eq!(trailers("fix: a\n\nThis reverts commit messages to what they were."), "");
    }

    #[test]
    fn lines_that_forges_close_issues_by_stay() {
        for line in [
            "Fixes #5.",
            "- fixes #12",
            "* Resolves #4",
            "Closes https://forge.example/a/b/issues/9",
            "Closes: a/b#3, #4 and #5",
            "Implements #7",
        ] {
            assert_eq!(apart(&format!("fix: a\n\nWhy.\n{line}\nMore.")).2, line, "{line}");
        }
        for line in ["Fixes the #5 of them", "- closes it", "Closes https://forge.example/a/b/wiki/9", "Fixes ."] {
            assert_eq!(trailers(&format!("fix: a\n\nWhy.\n{line}\nMore.")), "", "{line}");
        }
    }

    #[test]
    fn a_block_is_one_where_git_says_so() {
        let block = "Link: https://a.b/c\n[ada: fixed the typo]\nSigned-off-by: X <x@y.z>";
        assert_eq!(apart(&format!("fix: a\n\nWhy.\n\n{block}")), ("fix: a".into(), "Why.".into(), block.into()));
        assert_eq!(with_trailers(&format!("fix: a\n\n{block}"), "Cc: b"), format!("fix: a\n\n{block}\nCc: b"));
        let prose = "Note: a\nb\nc\nd\ne\nf\ng\nh\nSigned-off-by: X <x@y.z>";
        assert_eq!(trailers(&format!("fix: a\n\n{prose}")), "Signed-off-by: X <x@y.z>", "too few of them");
        assert_eq!(trailers("fix: a\n\nNote: a\nb"), "", "none of git's own");
        let (_, body, kept) = apart("fix: a\n\nIt was wrong.\nRefs: b\n c\nSigned-off-by: X <x@y.z>");
        assert_eq!((body.as_str(), kept.as_str()), ("It was wrong.", "Refs: b\n c\nSigned-off-by: X <x@y.z>"));
    }

    #[test]
    fn a_breaking_change_goes_on_to_the_next_footer() {
        let long = "BREAKING CHANGE: pages begin at 1.\n\nCount from there.\n\n- and so on";
        let (_, body, kept) = apart(&format!("feat: a\n\nWhy.\n{long}\n\nRefs: #1"));
        assert_eq!((body.as_str(), kept), ("Why.", format!("{long}\n\nRefs: #1")));
        assert_eq!(with_trailers("feat: b", long), format!("feat: b\n\n{long}"));
    }

    #[test]
    fn a_mark_of_breaking_is_told_from_an_exclamation() {
        for subject in ["feat!: a", "feat(x y)!: a", "[ABC-1] feat!: a", "ABC-1: feat(x)!: a"] {
            assert!(breaks(subject), "{subject}");
        }
        for subject in ["feat: a!", "feat: say Hello!: a", "Say Hello!: a", "feat: a", "!: a"] {
            assert!(!breaks(subject), "{subject}");
        }
        for (text, marked) in [
            ("feat: a: b", "feat!: a: b"),
            ("feat(x): a\n\nb: c", "feat(x)!: a\n\nb: c"),
            ("feat!: a", "feat!: a"),
            ("Add a\n\nb: c", "Add a\n\nb: c"),
            (":bug: a", ":bug: a"),
        ] {
            assert_eq!(with_mark(text), marked);
        }
    }

    #[test]
    fn bytes_of_another_encoding_are_read_as_git_reads_them() {
        assert_eq!(decoded(b"J\xf6rg und J\xc3\xb6rg"), "J\u{f6}rg und J\u{f6}rg");
    }

    #[test]
    fn trailers_stand_at_the_end_and_once() {
        assert_eq!(with_trailers("fix: a", "Fixes: #1"), "fix: a\n\nFixes: #1");
        assert_eq!(with_trailers("fix: a\n\nWhy.", "Fixes: #1\nCc: b"), "fix: a\n\nWhy.\n\nFixes: #1\nCc: b");
        assert_eq!(with_trailers("fix: a\n\nRefs: #2", "Refs: #2\nCc: b"), "fix: a\n\nRefs: #2\nCc: b");
        assert_eq!(
            with_trailers("fix: a\n\nRefs: #2", "BREAKING CHANGE: b\nc\n\nCc: d"),
            "fix: a\n\nRefs: #2\n\nBREAKING CHANGE: b\nc\n\nCc: d"
        );
        assert_eq!(with_trailers("fix: a", ""), "fix: a");
    }
}
