//! Paths among the flags for `git commit`: with them git takes what lies in the work tree, and nothing else.

use super::diff::RETYPED;
use super::error::GitError;
use super::repo::Repo;
use super::{ChangeSet, FileChange, LineKind, Path, Source, Status, lines};

/// Flags of `git commit` whose value is the next word.
const WITH_VALUE: [&str; 18] = [
    "-m",
    "-F",
    "-C",
    "-c",
    "-t",
    "--message",
    "--file",
    "--reuse-message",
    "--reedit-message",
    "--template",
    "--author",
    "--date",
    "--cleanup",
    "--trailer",
    "--fixup",
    "--squash",
    "--pathspec-from-file",
    "--unified",
];

/// The paths among these flags.
#[must_use]
pub fn named(flags: &[String]) -> Vec<&str> {
    apart(flags).1
}

/// The flags among these words, with their values, and the paths.
#[must_use]
pub fn apart(flags: &[String]) -> (Vec<&str>, Vec<&str>) {
    let (mut own, mut paths) = (Vec::new(), Vec::new());
    let mut words = flags.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if word == "--" {
            paths.extend(words);
            break;
        }
        if WITH_VALUE.contains(&word) {
            own.push(word);
            own.extend(words.next());
        } else if word.starts_with('-') {
            own.push(word);
        } else {
            paths.push(word);
        }
    }
    (own, paths)
}

/// What a flag of `git commit` would do that nobody who drafts the message can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meddling {
    /// It brings a message of its own.
    Message,
    /// It changes what is committed.
    Change,
}

/// The first flag that brings a message of its own, or makes git commit something else than the flags' owner is told.
#[must_use]
pub fn meddles(flags: &[String]) -> Option<(&str, Meddling)> {
    const MESSAGES: [&str; 6] = ["--message", "--file", "--reuse-message", "--reedit-message", "--fixup", "--squash"];
    const CHANGES: [&str; 10] = [
        "--all",
        "--amend",
        "--patch",
        "--interactive",
        "--include",
        "--pathspec-from-file",
        "--dry-run",
        // Git commits nothing with these.
        "--short",
        "--porcelain",
        "--long",
    ];
    // Git takes the beginning of a flag for it.
    let one_of =
        |all: &[&str], name: &str| name.len() > 3 && name.starts_with("--") && all.iter().any(|f| f.starts_with(name));
    let (own, _) = apart(flags);
    let mut words = own.into_iter();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or(word);
        let cluster = letters(word);
        if one_of(&MESSAGES, name) || cluster.ends_with(['m', 'F', 'C', 'c']) {
            return Some((word, Meddling::Message));
        }
        if one_of(&CHANGES, name) || cluster.contains(['a', 'p', 'i', 'z']) {
            return Some((word, Meddling::Change));
        }
        if WITH_VALUE.contains(&word) {
            words.next();
        }
    }
    None
}

/// The letters of a word of short flags, without a value that follows in the same word.
fn letters(word: &str) -> &str {
    let short = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
    // Behind the first that takes a value, the rest of the word is that value.
    short.split_inclusive(|c| "mFCctSu".contains(c)).next().unwrap_or_default()
}

/// The flag that makes git commit these paths alone, `-o` or `--only`, as it stands among the flags.
#[must_use]
pub fn only(flags: &[String]) -> Option<&str> {
    let mut words = apart(flags).0.into_iter();
    while let Some(word) = words.next() {
        // Git takes the beginning of a flag for it.
        if (word.len() > 2 && "--only".starts_with(word)) || letters(word).contains('o') {
            return Some(word);
        }
        if WITH_VALUE.contains(&word) {
            words.next();
        }
    }
    None
}

/// Takes `-e` and `--edit` out of the flags; whether they were there.
pub fn take_edit(flags: &mut Vec<String>) -> bool {
    let (mut out, mut edits) = (Vec::new(), false);
    let mut words = std::mem::take(flags).into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            out.push(word);
            break;
        }
        let end = 1 + letters(&word).len();
        if word.len() > 2 && "--edit".starts_with(word.as_str()) {
            edits = true;
        } else if let Some(rest) = word.get(end..).filter(|_| letters(&word).contains('e')) {
            edits = true;
            let kept = letters(&word).replace('e', "") + rest;
            if !kept.is_empty() {
                out.push(format!("-{kept}"));
            }
        } else {
            let valued = WITH_VALUE.contains(&word.as_str());
            out.push(word);
            if valued {
                out.extend(words.next());
            }
        }
    }
    out.extend(words);
    *flags = out;
    edits
}

impl Repo {
    /// Leaves in a change what these paths, meant from where the user stands, make git take.
    ///
    /// # Errors
    /// `Unmatched`, as git would refuse them.
    pub fn keep_named(&self, change: &mut ChangeSet, paths: &[&str]) -> Result<(), GitError> {
        let mut words = vec!["ls-files", "-z", "--full-name", "--error-unmatch"];
        if self.head_id().is_some() {
            // What was taken out of the index is known by the last commit.
            words.push("--with-tree=HEAD");
        }
        words.push("--");
        words.extend(paths);
        let unmatched = |error| match error {
            GitError::Process { .. } => GitError::Unmatched(paths.join(" ")),
            other => other,
        };
        let out = self.git_here().bytes(&words).map_err(unmatched)?;
        let mut known: Vec<&[u8]> = out.split(|b| *b == 0).collect();
        known.sort_unstable();
        let taken = |path: &Path| known.binary_search(&path.raw()).is_ok();
        let from = |file: &FileChange| file.old_path.as_ref().is_some_and(taken);
        change.files.retain(|f| taken(&f.path) || (f.status == Status::Renamed && from(f)));
        for file in change.files.iter_mut().filter(|f| f.status == Status::Renamed && !(taken(&f.path) && from(f))) {
            let new = taken(&file.path);
            self.keep_side(file, new)?;
        }
        change.files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
        Ok(())
    }

    /// Of a move of which git takes one side alone, that side: there a file comes, or one goes.
    fn keep_side(&self, file: &mut FileChange, new: bool) -> Result<(), GitError> {
        let contents = self.contents(&Source::Tracked)?;
        let text = if new { contents.after(file, RETYPED) } else { contents.before(file, RETYPED) };
        let old_path = file.old_path.take();
        if new {
            file.status = Status::Added;
            (file.old_mode, file.old_id) = (None, None);
        } else {
            file.status = Status::Deleted;
            (file.new_mode, file.new_id) = (None, None);
            file.path = old_path.unwrap_or_default();
        }
        file.hunks.clear();
        (file.eol_only, file.whitespace_only) = (false, false);
        match text {
            Some(text) if new => lines::between(file, b"", &text, None)?,
            Some(text) => lines::between(file, &text, b"", None)?,
            None => file.unread = Some("it could not be read as a whole".to_owned()),
        }
        let count = |kind: LineKind| {
            let all = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind);
            u32::try_from(all.count()).unwrap_or(u32::MAX)
        };
        (file.added, file.removed) = (count(LineKind::Added), count(LineKind::Removed));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn flags_and_paths_are_told_apart() {
        let flags = words("--author me -S --trailer a:b one -- -two");
        assert_eq!(apart(&flags), (vec!["--author", "me", "-S", "--trailer", "a:b"], vec!["one", "-two"]));
    }

    #[test]
    fn the_editor_is_asked_for_once_and_by_us() {
        for (flags, left, edits) in [
            ("-e", "", true),
            ("-se --no-verify -- -e", "-s --no-verify -- -e", true),
            ("--ed -eSkey", "-Skey", true),
            ("-Se --author -e -vs", "-Se --author -e -vs", false),
        ] {
            let mut words = words(flags);
            assert_eq!(take_edit(&mut words), edits, "{flags}");
            assert_eq!(words.join(" "), left, "{flags}");
        }
    }

    #[test]
    fn only_is_known_by_all_its_names() {
        for (flags, wanted) in [
            ("-so", Some("-so")),
            ("--only a", Some("--only")),
            ("--on", Some("--on")),
            ("-uno --author -o -Sof -- -o", None),
        ] {
            assert_eq!(only(&words(flags)), wanted, "{flags}");
        }
    }

    #[test]
    fn what_would_commit_something_else_is_noticed() {
        for (flags, wanted) in [
            ("--signoff --no-verify -S --author a@b", None),
            ("-Samy -q --date -a -- -a", None),
            ("-sa", Some(("-sa", Meddling::Change))),
            ("-q --amend", Some(("--amend", Meddling::Change))),
            ("--pathspec-from-file=list", Some(("--pathspec-from-file=list", Meddling::Change))),
            ("-qm words", Some(("-qm", Meddling::Message))),
            ("--message=words", Some(("--message=words", Meddling::Message))),
        ] {
            assert_eq!(meddles(&words(flags)), wanted, "{flags}");
        }
    }
}
