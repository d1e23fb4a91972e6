//! The message of a commit that is amended: what a new one takes the place of, and what stays of it.

use super::judge;
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
}

impl Repo {
    /// The message that `--amend` takes the place of; `None` before the first commit.
    #[must_use]
    pub fn amended(&self) -> Option<Amended> {
        let (id, text) = self.last_message()?;
        let (subject, body, trailers) = apart(&text);
        Some(Amended { id, subject, body, trailers })
    }

    /// The last commit's id and its message, as hooks and editor have left it.
    #[must_use]
    pub fn last_message(&self) -> Option<(String, String)> {
        if let Some(commit) = self.inner().and_then(|repo| head_commit(repo).ok()) {
            return Some((commit.id().to_string(), String::from_utf8_lossy(commit.message_bytes()).trim().to_owned()));
        }
        let out = self.git().bytes(&["log", "-1", "--format=%H%n%B", "HEAD", "--"]).ok()?;
        let text = String::from_utf8_lossy(&out).into_owned();
        let (id, message) = text.split_once('\n')?;
        Some((id.to_owned(), message.trim().to_owned()))
    }
}

/// Subject, body and trailers. The last paragraph counts as git counts it; above it only what is beyond doubt.
fn apart(text: &str) -> (String, String, String) {
    let text = text.replace("\r\n", "\n");
    let (subject, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let paragraphs: Vec<&str> = rest.split("\n\n").map(|p| p.trim_matches('\n')).filter(|p| !p.is_empty()).collect();
    let (mut body, mut broken, mut trailers): (Vec<String>, Vec<&str>, Vec<&str>) = Default::default();
    for (n, paragraph) in paragraphs.iter().enumerate() {
        if breaking(paragraph) {
            broken.push(paragraph);
        } else if n + 1 == paragraphs.len() && block(paragraph) {
            trailers.extend(paragraph.lines());
        } else {
            let (kept, said): (Vec<&str>, Vec<&str>) = paragraph.lines().partition(|line| sure(line));
            trailers.extend(kept);
            body.extend(Some(said.join("\n")).filter(|said| !said.trim().is_empty()));
        }
    }
    // "Fixes #12" is a line that forges act upon; beside it git would not know the others for trailers any more.
    let (closing, trailers): (Vec<&str>, Vec<&str>) =
        trailers.into_iter().partition(|line| closes(line) && !trailer(line));
    let told = [closing.join("\n"), trailers.join("\n")].into_iter().filter(|block| !block.is_empty());
    let kept: Vec<String> = broken.into_iter().map(str::to_owned).chain(told).collect();
    (subject.trim().to_owned(), body.join("\n\n"), kept.join("\n\n"))
}

/// `BREAKING CHANGE: all of it`, on as many lines as it takes.
fn breaking(paragraph: &str) -> bool {
    ["BREAKING CHANGE:", "BREAKING-CHANGE:", "BREAKING CHANGES:"].iter().any(|start| paragraph.starts_with(start))
}

/// Nothing but trailers, and lines that go on with one.
fn block(paragraph: &str) -> bool {
    let goes_on = |line: &str| line.starts_with([' ', '\t']);
    !paragraph.starts_with([' ', '\t'])
        && paragraph.lines().all(|line| goes_on(line) || trailer(line) || sure(line) || breaking(line))
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
    keyed || closes(line)
}

/// `Fixes #12`, `Closes: owner/name#3, #4`.
fn closes(line: &str) -> bool {
    const WORDS: [&str; 9] = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];
    let (word, rest) = line.split_once([' ', ':']).unwrap_or((line, ""));
    let number =
        |part: &str| part.rsplit_once('#').is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let mut parts = rest.split([' ', ',', ':']).filter(|part| !part.is_empty()).peekable();
    WORDS.contains(&word.to_ascii_lowercase().as_str())
        && parts.peek().is_some()
        && parts.all(|part| number(part) || part == "and")
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
