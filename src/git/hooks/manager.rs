//! Programs that keep a repository's hooks, and how they would be told to call us: read, and edited only when asked.

use std::path::{Path, PathBuf};

use super::lefthook::{self, depth, is_key};
use super::{Name, place, script};
use crate::world::files;

/// A manager's file larger than this is not read (bytes).
const LIMIT: u64 = 1 << 20;
/// Where husky puts what git runs, beside its scripts, and what makes it.
const MADE: &str = "_";
pub(super) const MAKES: &str = "npx husky";
const FRAMEWORK: &str = ".pre-commit-config.yaml";
/// Without it the framework shows nothing of what a hook says that lets pass: every warning would be for nobody.
const VERBOSE: &str = "      verbose: true\n";
/// Behind a call of ours: only a policy of the user's own (6) and Ctrl-C (130) stop anything; a crash does not.
pub(super) const STOPS: &str = "case $? in 6) exit 6 ;; 130) exit 130 ;; esac";

/// A program that keeps hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// husky: scripts in `.husky`.
    Husky,
    /// lefthook: one file of commands.
    Lefthook,
    /// The pre-commit framework: one file of repositories with hooks.
    PreCommit,
}

impl Manager {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Husky => "husky",
            Self::Lefthook => "lefthook",
            Self::PreCommit => "pre-commit",
        }
    }
}

/// Where a manager keeps what it runs, and what to add there.
#[derive(Debug, Clone)]
pub(super) struct Managed {
    pub(super) manager: Manager,
    pub(super) file: PathBuf,
    /// Lines to add.
    pub(super) lines: String,
    /// What must be done besides.
    pub(super) then: Option<String>,
}

/// The manager that says what this work tree's hooks are, if there is one.
///
/// `husky` is the folder of husky's scripts, where git's hooks are those that husky has made.
pub(super) fn find(root: &Path, husky: Option<&Path>, name: Name) -> Option<Managed> {
    let text = name.text();
    if let Some(folder) = husky {
        let lines = script::shared(name);
        // What it makes is in no repository: a fresh clone has none of it.
        let made = place::runs(&folder.join(MADE).join(text));
        let then = (!made).then(|| MAKES.to_owned());
        return Some(Managed { manager: Manager::Husky, file: folder.join(text), lines, then });
    }
    let there = |file: &&str| std::fs::symlink_metadata(root.join(file)).is_ok();
    if let Some(file) = lefthook::FILES.into_iter().find(|file| there(file)) {
        let run = format!("command -v monster >/dev/null || exit 0; monster hook run {text} {{0}}; {STOPS}");
        let lines = lefthook::lines(name, &run, file.rsplit('.').next().unwrap_or_default());
        let then = Some("lefthook install".to_owned());
        return Some(Managed { manager: Manager::Lefthook, file: root.join(file), lines, then });
    }
    if there(&FRAMEWORK) {
        let entry =
            format!("sh -c 'command -v monster >/dev/null || exit 0; monster hook run {text} \"$@\"; {STOPS}' --");
        let files = matches!(name, Name::PrepareCommitMsg | Name::CommitMsg);
        let lines = format!(
            "- repo: local\n  hooks:\n    - id: monster-{text}\n      name: monster {text}\n      entry: {entry}\n      language: system\n      stages: [{text}]\n      always_run: true\n      pass_filenames: {files}\n{VERBOSE}"
        );
        let then = Some(format!("pre-commit install --hook-type {text}"));
        return Some(Managed { manager: Manager::PreCommit, file: root.join(FRAMEWORK), lines, then });
    }
    None
}

impl Managed {
    /// What stands in its file; empty where there is none yet.
    pub(super) fn content(&self) -> std::io::Result<Vec<u8>> {
        match files::read_bounded(&self.file, LIMIT) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// A program of its own reads this file, and ours may stand beside what it puts where git looks.
    pub(super) fn keeps(&self) -> bool {
        self.manager != Manager::Husky
    }

    /// It calls us already.
    pub(super) fn calls(&self, name: Name) -> bool {
        let call = format!("monster hook run {}", name.text());
        self.content().is_ok_and(|c| {
            String::from_utf8_lossy(&c).lines().any(|l| !l.trim_start().starts_with('#') && l.contains(&call))
        })
    }

    /// Its file with our lines in it, and the line from which on they stand (counted from 1). `None` where they would
    /// have to go into something that is there already: that is for its author.
    pub(super) fn with(&self, content: &[u8], name: Name) -> Option<(Vec<u8>, usize)> {
        let text = std::str::from_utf8(content).ok()?;
        match self.manager {
            Manager::Husky => {
                if content.is_empty() {
                    return Some((self.lines.clone().into_bytes(), 1));
                }
                if name == Name::PrePush || !script::is_shell(content) {
                    return None;
                }
                Some((script::inserted(content, &self.lines), 1 + usize::from(content.starts_with(b"#!"))))
            }
            Manager::Lefthook => {
                let open = |l: &str| l.starts_with("...") || l.starts_with('{') || is_key(l, name.text());
                // Keys that are indented are joined by none that is not.
                let mut said = text.lines().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
                let deep = said.find(|l| !l.starts_with("---")).is_some_and(|l| l.starts_with(' '));
                if !self.yaml() || deep || text.lines().any(open) {
                    return None;
                }
                Some(appended(text, &self.lines))
            }
            Manager::PreCommit => {
                let indent = last_list(text, "repos:")?;
                let lines: String = self.lines.lines().map(|l| format!("{indent}{l}\n")).collect();
                Some(appended(text, &lines))
            }
        }
    }

    fn yaml(&self) -> bool {
        self.file.extension().is_some_and(|e| e == "yml" || e == "yaml")
    }

    /// What somebody adds by hand to this file, and where.
    pub(super) fn by_hand(&self, content: &[u8], name: Name) -> (String, String) {
        let file = self.file.display();
        let text = String::from_utf8_lossy(content);
        let whole = (format!("add to {file} yourself"), self.lines.clone());
        match self.manager {
            Manager::Lefthook if self.yaml() => lefthook::beside(&text, name, &self.lines)
                .map_or(whole, |(place, lines)| (format!("add to {file} yourself, {place}"), lines)),
            Manager::Lefthook => whole,
            Manager::PreCommit => {
                // As deep as the others stand.
                let deep =
                    text.lines().skip_while(|l| l.trim_end() != "repos:").find(|l| l.trim_start().starts_with("- "));
                let blanks = " ".repeat(deep.map_or(0, depth));
                let lines = self.lines.lines().map(|l| format!("{blanks}{l}\n")).collect();
                // Below an empty list in brackets nothing can stand.
                let empty = text.lines().find(|l| l.split_whitespace().collect::<String>() == "repos:[]");
                let first = empty.map(|line| format!(" (write that in the place of \"{}\")", line.trim()));
                (format!("add to {file} yourself, below \"repos:\"{}", first.unwrap_or_default()), lines)
            }
            Manager::Husky if !content.is_empty() && !script::is_shell(content) => {
                let what =
                    "call this from it, with the words that git gave it, and stop only where it ends with 6 or 130";
                (format!("{file} is no shell's script: {what}"), format!("monster hook run {}\n", name.text()))
            }
            Manager::Husky if !content.is_empty() && name == Name::PrePush => {
                let what = "where nothing else reads what git tells of the push on standard input";
                (format!("add to {file} yourself, {what}"), self.lines.clone())
            }
            Manager::Husky => whole,
        }
    }

    /// Its file without our lines, as [`Self::with`] put them; `None` where they do not stand there like that.
    pub(super) fn without(&self, content: &[u8]) -> Option<Vec<u8>> {
        if self.manager == Manager::Husky {
            return script::without(content);
        }
        let text = std::str::from_utf8(content).ok()?;
        let silent = self.lines.replace(VERBOSE, "");
        let mut forms = vec![self.lines.clone(), earlier(self.manager, &silent), silent];
        match self.manager {
            Manager::Lefthook if self.yaml() => forms.extend(lefthook::parts(&self.lines)),
            // In a list of local hooks that its author has.
            Manager::PreCommit => {
                let hook = |l: &str| format!("{}\n", l.get(4..).unwrap_or_default());
                let hooks = |lines: &String| lines.lines().skip(2).map(hook).collect::<String>();
                let entries: Vec<String> = forms.iter().map(hooks).collect();
                forms.extend(entries);
            }
            Manager::Lefthook | Manager::Husky => {}
        }
        forms.iter().find_map(|lines| taken_out(text, lines)).map(String::into_bytes)
    }
}

/// Our lines as they were written before a crash was let pass.
fn earlier(manager: Manager, lines: &str) -> String {
    let stops = format!("; {STOPS}");
    match manager {
        Manager::PreCommit => {
            lines.replace(&stops, "").replace("exit 0; monster hook run", "exit 0; exec monster hook run")
        }
        Manager::Lefthook | Manager::Husky => lines.replace(&stops, ""),
    }
}

/// The lines that were put in at line `at`, as a diff.
pub(super) fn difference(path: &Path, old: &[u8], new: &[u8], at: usize) -> String {
    let count = |b: &[u8]| String::from_utf8_lossy(b).lines().count();
    let added = count(new).saturating_sub(count(old));
    let text = String::from_utf8_lossy(new);
    let lines: String = text.lines().skip(at - 1).take(added).map(|l| format!("+{l}\n")).collect();
    let name = path.display();
    format!("--- {name}\n+++ {name}\n@@ -{},0 +{at},{added} @@\n{lines}", at - 1)
}

/// A text without these lines, however deep they are indented; `None` where they do not stand there.
fn taken_out(text: &str, lines: &str) -> Option<String> {
    let first = lines.lines().next()?;
    let list = first.starts_with("- ");
    let indents = text.lines().filter(|l| l.trim_start() == first).map(|l| &l[..l.len() - first.len()]);
    for indent in indents {
        // A checkout may have given them line ends of Windows.
        for end in ["\n", "\r\n"] {
            let lines: String = lines.lines().map(|l| format!("{indent}{l}{end}")).collect();
            if let Some((before, after)) = text.split_once(&lines).filter(|parts| parted(*parts, indent.len(), list)) {
                return Some(format!("{before}{after}"));
            }
            // At the end of a file whose last line had no end.
            let open = format!("{end}{}", lines.trim_end_matches(end));
            if let Some(before) = text.strip_suffix(&open).filter(|before| parted((before, ""), indent.len(), list)) {
                return Some(before.to_owned());
            }
        }
    }
    None
}

/// Lines that stood between these two, this deep, entries of a list or not, leave neither something of somebody's below them without its key, nor
/// a key with nothing below it.
fn parted((before, after): (&str, &str), indent: usize, list: bool) -> bool {
    let said = |l: &&str| !l.trim().is_empty() && !l.trim_start().starts_with('#');
    let next = after.lines().find(said);
    let deep = next.map(depth);
    let same = deep == Some(indent) && (!list || next.is_some_and(|l| l.trim_start().starts_with("- ")));
    // A list may stand as deep as its key.
    let above = |l: &str| depth(l) < indent || (list && depth(l) == indent);
    let key = before.lines().rfind(said).is_some_and(|l| above(l) && l.trim_end().ends_with(':'));
    deep.is_none_or(|deep| deep <= indent) && (same || !key)
}

/// With these lines at the end. Where the last line has no end, ours has none either: so it is known when they go.
fn appended(text: &str, lines: &str) -> (Vec<u8>, usize) {
    let whole = if text.is_empty() || text.ends_with('\n') {
        format!("{text}{lines}")
    } else {
        format!("{text}\n{}", lines.trim_end_matches('\n'))
    };
    (whole.into_bytes(), text.lines().count() + 1)
}

/// How the entries of a list are indented that is the last thing in a YAML file.
fn last_list(text: &str, key: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|l| l.trim_end() != key).skip(1);
    let first = lines.find(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'))?;
    let indent: String = first.chars().take_while(|c| *c == ' ').collect();
    let entry = |l: &str| l.strip_prefix(&indent).is_some_and(|rest| rest.starts_with("- "));
    let deeper = |l: &str| depth(l) > indent.len();
    let all = |l: &str| l.trim().is_empty() || l.trim_start().starts_with('#') || entry(l) || deeper(l);
    (entry(first) && lines.all(all)).then_some(indent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_put_at_the_end_of_the_frameworks_list_as_its_author_indents() {
        for indent in ["", "  ", "    "] {
            let text = format!(
                "# ours\nrepos:\n{indent}- repo: https://example.org/a\n{indent}  rev: v1\n\n{indent}  hooks:\n{indent}    - id: a\n"
            );
            let dir = tempfile::tempdir().unwrap();
            files::replace(&dir.path().join(FRAMEWORK), text.as_bytes(), 0o644).unwrap();
            let managed = find(dir.path(), None, Name::PrepareCommitMsg).unwrap();
            let (with, at) = managed.with(text.as_bytes(), Name::PrepareCommitMsg).unwrap();
            let with = String::from_utf8(with).unwrap();
            assert_eq!(with.lines().nth(at - 1), Some(format!("{indent}- repo: local").as_str()));
            assert!(
                with.starts_with(&text) && with.contains(&format!("\n{indent}      stages: [prepare-commit-msg]\n"))
            );
            // What only tells would be seen by nobody.
            assert!(with.ends_with(&format!("\n{indent}      verbose: true\n")), "{with}");
            assert_eq!(managed.without(with.as_bytes()).unwrap(), text.as_bytes());
        }
        for text in ["repos: []\n", "repos:\n- repo: a\nci:\n  skip: [a]\n", "- repo: a\n", ""] {
            assert_eq!(last_list(text, "repos:"), None, "{text:?} is for its author to edit");
        }
    }

    #[test]
    fn lefthooks_file_gets_a_hook_of_its_own_or_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let text = "pre-commit:\n  commands:\n    lint:\n      run: true";
        files::replace(&dir.path().join("lefthook.yml"), text.as_bytes(), 0o644).unwrap();
        let managed = find(dir.path(), None, Name::CommitMsg).unwrap();
        let (with, at) = managed.with(text.as_bytes(), Name::CommitMsg).unwrap();
        assert_eq!(at, 5);
        assert_eq!(managed.without(&with).unwrap(), text.as_bytes(), "byte for byte, without an end of its last line");
        assert!(String::from_utf8(with).unwrap().contains("\ncommit-msg:\n  commands:\n    monster:\n      run: "));
        for theirs in ["commit-msg:", "\"commit-msg\":", "'commit-msg' :", "---\n  pre-commit:", "{pre-commit: {}}"] {
            let text = format!("# ours\n{theirs}\n    commands: {{}}\n");
            assert_eq!(managed.with(text.as_bytes(), Name::CommitMsg), None, "{theirs}");
        }
        for other in ["commit-msg-more:", "prepare-commit-msg:", "---\npre-commit:"] {
            let text = format!("# ours\n{other}\n    commands: {{}}\n");
            assert!(managed.with(text.as_bytes(), Name::CommitMsg).is_some(), "{other}");
        }
    }

    #[test]
    fn what_earlier_versions_wrote_is_taken_out_too() {
        let lefthook = "commit-msg:\n  commands:\n    monster:\n      run: command -v monster >/dev/null || exit 0; monster hook run commit-msg {0}\n";
        let framework = "  - repo: local\n    hooks:\n      - id: monster-commit-msg\n        name: monster commit-msg\n        entry: sh -c 'command -v monster >/dev/null || exit 0; exec monster hook run commit-msg \"$@\"' --\n        language: system\n        stages: [commit-msg]\n        always_run: true\n        pass_filenames: true\n";
        let silent = framework.replace("exec monster", "monster").replace("\"$@\"'", &format!("\"$@\"; {STOPS}'"));
        let list = "repos:\n  - repo: a\n";
        for (file, before, ours) in [
            ("lefthook.yml", "output: false\n", lefthook),
            (FRAMEWORK, list, framework),
            (FRAMEWORK, list, &silent),
            (
                FRAMEWORK,
                "repos:\n  - repo: local\n    hooks:\n      - id: a\n",
                &silent[silent.find("      - id").unwrap()..],
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let text = format!("{before}{ours}");
            files::replace(&dir.path().join(file), text.as_bytes(), 0o644).unwrap();
            let managed = find(dir.path(), None, Name::CommitMsg).unwrap();
            assert!(managed.calls(Name::CommitMsg));
            assert_eq!(managed.without(text.as_bytes()).as_deref(), Some(before.as_bytes()), "{file}");
            let windows = text.replace('\n', "\r\n");
            let left = managed.without(windows.as_bytes());
            assert_eq!(left, Some(before.replace('\n', "\r\n").into_bytes()), "{file}");
            let edited = text.replace("monster hook run commit-msg", "npm test; monster hook run commit-msg");
            assert_eq!(managed.without(edited.as_bytes()), None, "what somebody added is not lost");
        }
    }

    #[test]
    fn what_somebody_added_by_hand_is_taken_out_and_takes_nothing_of_theirs_along() {
        let dir = tempfile::tempdir().unwrap();
        let out = |file: &str, before: &str, mark: &str| {
            let path = dir.path().join(file);
            files::replace(&path, before.as_bytes(), 0o644).unwrap();
            let managed = find(dir.path(), None, Name::PrePush).unwrap();
            assert_eq!(managed.with(before.as_bytes(), Name::PrePush), None, "{before}");
            let (_, lines) = managed.by_hand(before.as_bytes(), Name::PrePush);
            // Where it is told to go: the mark stands there.
            let text = before.replacen(&format!("{mark}\n"), &format!("{mark}\n{lines}"), 1);
            assert_ne!(text, before, "{mark}");
            let left = managed.without(text.as_bytes()).map(|rest| String::from_utf8(rest).unwrap());
            std::fs::remove_file(&path).unwrap();
            left
        };
        let theirs = "pre-push:\n  commands:\n    a:\n      run: a\n    b:\n      run: b\nx:\n";
        for mark in ["  commands:", "      run: a", "      run: b"] {
            assert_eq!(out("lefthook.yml", theirs, mark).as_deref(), Some(theirs), "{mark}");
        }
        let jobs = "pre-push:\n  jobs:\n  - run: a\n";
        assert_eq!(out("lefthook.yml", jobs, "  - run: a").as_deref(), Some(jobs));
        let scripts = "pre-push:\n  scripts:\n    a:\n      runner: sh\n";
        assert_eq!(out("lefthook.yml", scripts, "      runner: sh").as_deref(), Some(scripts));
        let bare = b"repos: [ ]\n";
        files::replace(&dir.path().join(FRAMEWORK), bare, 0o644).unwrap();
        let (place, _) = find(dir.path(), None, Name::PrePush).unwrap().by_hand(bare, Name::PrePush);
        assert!(place.ends_with("below \"repos:\" (write that in the place of \"repos: [ ]\")"), "{place}");
        std::fs::remove_file(dir.path().join(FRAMEWORK)).unwrap();
        let last = "repos:\n  - repo: a\n    rev: 1\nci:\n  skip: [a]\n";
        assert_eq!(out(FRAMEWORK, last, "    rev: 1").as_deref(), Some(last));

        // Something of theirs below ours, and ours as all that a list holds.
        let lefthook = "pre-push:\n  commands:\n    monster:\n      run: X\n      use_stdin: true\n";
        files::replace(&dir.path().join("lefthook.yml"), b"", 0o644).unwrap();
        let managed = find(dir.path(), None, Name::PrePush).unwrap();
        let run = managed.lines.lines().find_map(|l| l.trim().strip_prefix("run: ")).unwrap();
        let rest = |text: &str| {
            let left = managed.without(text.replace('X', run).as_bytes());
            left.map(|rest| String::from_utf8(rest).unwrap())
        };
        let more = format!("{lefthook}    a:\n      run: a\n");
        assert_eq!(rest(&more).as_deref(), Some("pre-push:\n  commands:\n    a:\n      run: a\n"));
        let alone = "pre-push:\n  parallel: true\n  jobs:\n    - name: monster\n      run: X\n      use_stdin: true\n";
        assert_eq!(rest(alone), None, "a list with nothing in it is not what they had");
    }
}
