//! What was done to files, in words: which came, went, moved and changed. The most telling words come first, shorter ones
//! behind them, and no name is ever cut.

use super::names::{common_folder, counted, each, once, placed, within};
use crate::git::{FileChange, Path, Status};

/// Files that are named although different things were done to them.
const NAMED: usize = 3;

/// What was done to a file. In this order they are told where as many were treated so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Add,
    Remove,
    Move,
    Update,
}

impl Deed {
    fn of(file: &FileChange) -> Self {
        match file.status {
            Status::Added | Status::Copied => Self::Add,
            Status::Deleted => Self::Remove,
            Status::Renamed if file.old_path.is_some() => Self::Move,
            _ => Self::Update,
        }
    }

    fn verb(self, files: &[&FileChange]) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Move if files.iter().all(|file| old(file).file_name() == file.path.file_name()) => "move",
            Self::Move => "rename",
            Self::Update => "update",
        }
    }

    fn told(self, files: &[&FileChange]) -> Vec<String> {
        match self {
            Self::Move => moved(files),
            _ => each(files, |name| format!("{} {name}", self.verb(files))),
        }
    }
}

/// `update pager.rs`, `remove CONTRIBUTING and update README`, `remove 230 files and update 3 in src`.
pub(super) fn told(files: &[&FileChange]) -> Vec<String> {
    let files = once(files);
    let groups = groups(&files);
    if let [] | [_] = groups.as_slice() {
        return groups.first().map_or(Deed::Update, |(deed, _)| *deed).told(&files);
    }
    let mut out = Vec::new();
    if files.len() <= NAMED {
        let parts = groups.iter().filter_map(|(deed, files)| deed.told(files).into_iter().next());
        out.push(listed(&parts.map(|part| part.trim_end_matches(EDITED).to_owned()).collect::<Vec<_>>()));
    }
    let part = |n: usize, (deed, files): &(Deed, Vec<&FileChange>)| {
        let count = if n == 0 { counted(files.len()) } else { files.len().to_string() };
        format!("{} {count}", deed.verb(files))
    };
    let counts = listed(&groups.iter().enumerate().map(|(n, group)| part(n, group)).collect::<Vec<_>>());
    let folder = common_folder(&files);
    out.extend(within(&folder).map(|folder| format!("{counts} in {folder}")));
    out.push(counts);
    out.push(format!("change {}", counted(files.len())));
    out
}

/// The one word for what was done to all of these.
pub(super) fn deed(files: &[&FileChange]) -> &'static str {
    match groups(files).as_slice() {
        [(deed, files)] => deed.verb(files),
        _ => "change",
    }
}

/// Files by what was done to them, the most first.
fn groups<'a>(files: &[&'a FileChange]) -> Vec<(Deed, Vec<&'a FileChange>)> {
    let deeds = [Deed::Add, Deed::Remove, Deed::Move, Deed::Update];
    let of = |deed: Deed| (deed, files.iter().filter(|file| Deed::of(file) == deed).copied().collect::<Vec<_>>());
    let mut out: Vec<_> = deeds.map(of).into_iter().filter(|(_, files)| !files.is_empty()).collect();
    out.sort_by_key(|(deed, files)| (std::cmp::Reverse(files.len()), *deed));
    out
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

const EDITED: &str = " and edit it";

/// `rename gauge.rs to meter.rs`, `move gauge.rs to src/widgets`, `move 3 files from src/a to src/b`.
pub(super) fn moved(files: &[&FileChange]) -> Vec<String> {
    let files = once(files);
    let mut out = match files.as_slice() {
        [one] => {
            let said = moved_one(one);
            let edited = one.added + one.removed > 0;
            let with: Vec<String> = said.iter().filter(|_| edited).map(|said| format!("{said}{EDITED}")).collect();
            with.into_iter().chain(said).collect()
        }
        [one, two] => {
            let first = |file| moved_one(file).into_iter().next().unwrap_or_default();
            let (one, two) = (first(one), first(two));
            // One verb is enough for both.
            let both = two.strip_prefix("rename ").filter(|_| one.starts_with("rename "));
            both.map(|two| format!("{one} and {two}")).into_iter().chain(moved_together(&files)).collect()
        }
        _ => moved_together(&files),
    };
    let count = counted(files.len());
    let verb = Deed::Move.verb(&files);
    let folder = common_folder(&files);
    out.extend(within(&folder).filter(|_| verb == "rename").map(|folder| format!("{verb} {count} in {folder}")));
    out.push(format!("{verb} {count}"));
    out
}

fn moved_one(file: &FileChange) -> Vec<String> {
    let old = old(file);
    let (from, to) = (old.file_name(), file.path.file_name());
    let folder = folder(file.path.as_str());
    if from == to {
        let name = placed(old);
        let long = within(folder).map(|folder| format!("move {name} to {folder}"));
        let whole: Vec<String> = long.chain(within(folder).map(|folder| format!("move {from} to {folder}"))).collect();
        return if folder.is_empty() { vec![format!("move {from} to the top")] } else { whole };
    }
    if self::folder(old.as_str()) == folder {
        return vec![format!("rename {} to {to}", placed(old)), format!("rename {from} to {to}")];
    }
    let mut out = vec![format!("move {from} to {}", file.path)];
    out.extend(within(folder).map(|folder| format!("move {from} to {folder}/{to}")));
    out.push(format!("rename {from} to {to}"));
    out
}

/// Where all of them stood, and where all of them stand now.
fn moved_together(files: &[&FileChange]) -> Vec<String> {
    let mut ways = files.iter().map(|file| way(old(file).as_str(), file.path.as_str()));
    let Some((from, to)) = ways.next() else { return Vec::new() };
    if from == to || !ways.all(|way| way == (from, to)) {
        return Vec::new();
    }
    let count = counted(files.len());
    let mut out = vec![format!("move {count} from {} to {}", top(from), top(to))];
    if to.is_empty() {
        out.push(format!("move {count} to {}", top(to)));
    }
    out.extend(within(to).map(|to| format!("move {count} to {to}")));
    out
}

/// The folders between which a file moved, without what is the same below them.
fn way<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let (mut from, mut to) = (folder(old), folder(new));
    if old.rsplit('/').next() != new.rsplit('/').next() {
        return (from, to);
    }
    while let (Some((a, x)), Some((b, y))) = (from.rsplit_once('/'), to.rsplit_once('/')) {
        if x != y {
            break;
        }
        (from, to) = (a, b);
    }
    (from, to)
}

fn top(folder: &str) -> &str {
    if folder.is_empty() { "the top" } else { folder }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Where a file stood before.
fn old(file: &FileChange) -> &Path {
    file.old_path.as_ref().unwrap_or(&file.path)
}

#[cfg(test)]
mod tests {
    use crate::tasks::offline::message::Hints;
    use crate::tasks::offline::message::tests::{draft, edit, subject};

    fn renamed(from: &str, to: &str) -> String {
        format!("diff --git a/{from} b/{to}\nsimilarity index 100%\nrename from {from}\nrename to {to}\n")
    }

    fn removed(path: &str) -> String {
        format!(
            "diff --git a/{path} b/{path}\ndeleted file mode 100644\n--- a/{path}\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
        )
    }

    #[test]
    fn what_is_renamed_keeps_its_new_name() {
        let said = |all: &[(&str, &str)]| {
            let text = subject(&all.iter().map(|(from, to)| renamed(from, to)).collect::<String>());
            text.strip_prefix("refactor: ").map(str::to_owned).unwrap_or(text)
        };
        for (from, to, told) in [
            ("widgets/src/gauge.rs", "widgets/src/meter.rs", "rename gauge.rs to meter.rs"),
            ("src/my gauge.rs", "src/my meter.rs", "rename my gauge.rs to my meter.rs"),
            ("src/gauge.rs", "src/widgets/gauge.rs", "move gauge.rs to src/widgets"),
            ("src/gauge.rs", "gauge.rs", "move gauge.rs to the top"),
            ("src/gauge/mod.rs", "src/gauge/meter.rs", "rename gauge/mod.rs to meter.rs"),
            ("src/gauge.rs", "src/widgets/meter.rs", "move gauge.rs to src/widgets/meter.rs"),
        ] {
            assert_eq!(said(&[(from, to)]), told);
        }
        let deep = "a_folder_with_a_long_name/and_another_one_below_it/and_a_third_one_below_that";
        let long = format!("{deep}/meter.rs");
        assert_eq!(said(&[("src/gauge.rs", &long)]), "move gauge.rs to and_a_third_one_below_that/meter.rs");
        assert_eq!(said(&[("a/b.rs", "a/c.rs"), ("a/d.rs", "a/e.rs")]), "rename b.rs to c.rs and d.rs to e.rs");
        let folder = [("src/a/b.rs", "src/c/b.rs"), ("src/a/d/e.rs", "src/c/d/e.rs"), ("src/a/f.rs", "src/c/f.rs")];
        assert_eq!(said(&folder), "move 3 files from src/a to src/c");
        let apart = [("a/b.rs", "a/c.rs"), ("d/e.rs", "d/f.rs"), ("g/h.rs", "g/i.rs")];
        assert_eq!(said(&apart), "rename 3 files");
    }

    #[test]
    fn only_what_was_edited_is_said_to_be() {
        let both = renamed("src/gauge.rs", "src/meter.rs") + &edit("src/lib.rs", "", "mod gauge;", "mod meter;");
        assert_eq!(draft(&both, &Hints::default()).subject, "Rename gauge.rs to meter.rs and update src/lib.rs");
        let beside = renamed("src/gauge.rs", "src/meter.rs") + &edit("Cargo.toml", "", "version = 1", "version = 2");
        assert_eq!(draft(&beside, &Hints::default()).subject, "Rename gauge.rs to meter.rs and update Cargo.toml");
    }

    #[test]
    fn what_goes_is_not_said_to_be_updated() {
        assert_eq!(
            subject(&(removed("CONTRIBUTING.md") + &edit("README.md", "", "a", "b"))),
            "docs: remove CONTRIBUTING and update README"
        );
        let mut many: String = (0..7).map(|n| removed(&format!("src/page{n}.rs"))).collect();
        many += &edit("src/lib.rs", "", "mod page;", "mod pages;");
        many += &edit("README.md", "", "a", "b");
        let told = draft(&many, &Hints::default());
        assert!(told.subject.ends_with("emove 7 files and update 2"), "{}", told.subject);
        let below = many.replace("README", "src/README");
        assert!(draft(&below, &Hints::default()).subject.ends_with("emove 7 files and update 2 in src"));
    }

    #[test]
    fn a_subject_leaves_no_file_out() {
        let said = |files: &[&str]| {
            let patch: String = files.iter().map(|path| edit(path, "", "a", "b")).collect();
            draft(&patch, &Hints::default()).subject
        };
        assert_eq!(said(&["LICENSE", "Makefile", "README.md"]), "Update LICENSE, Makefile and README");
        assert_eq!(said(&["README.md", "src/pager.rs"]), "Update README and pager.rs");
        assert_eq!(said(&["src/a.rs", "src/b.rs", "src/c.rs", "tests/a.rs"]), "Update 3 files in src and 1 more");
        assert_eq!(said(&["src/a.rs", "tests/a.rs"]), "fix: update a.rs", "tests go along");
        let source = edit("src/pager.rs", "fn page_count() {", "    a();", "    b();");
        assert_eq!(said(&["a.md", "b.toml", "src/a.rs", "src/b.rs", "src/c.rs"]), "Update 3 files in src and 2 more");
        assert_eq!(said(&["a.md", "b.toml", "c.toml", "src/a.rs"]), "Update a.rs and 3 more files");
        assert_eq!(said(&["a.md", "b.toml", "src/a.rs", "src/b.rs"]), "Update a.rs, b.rs and 2 more files");
        assert_eq!(
            said(&["src/a/mod.rs", "x/a/mod.rs", "a.md", "b.toml"]),
            "Update 4 files",
            "both are called the same"
        );
        let beside = |others: &[&str]| {
            let others: String = others.iter().map(|path| edit(path, "", "a", "b")).collect();
            draft(&(source.clone() + &others), &Hints::default()).subject
        };
        assert_eq!(beside(&["README.md"]), "Update page_count in pager.rs and update README");
        assert_eq!(beside(&["README.md", "a.toml"]), "Update page_count in pager.rs and update 2 more files");
        assert_eq!(beside(&["Cargo.lock"]), "Update page_count in pager.rs");
    }

    #[test]
    fn names_are_whole_or_left_out() {
        let name = "it_does_not_panic_if_title_is_wider_than_the_area_it_stands_in";
        let said = |most: usize, line: &str| {
            let hints = Hints { subject_max: most, branch: Some("fix/x".to_owned()), ..Hints::default() };
            draft(&edit("src/a_widget_with_a_long_name.rs", "", "old();", line), &hints).subject
        };
        let line = format!("fn {name}() {{}}");
        assert_eq!(said(0, &line), format!("fix: add {name}"));
        assert_eq!(said(60, &line), "fix: update a_widget_with_a_long_name.rs");
        assert_eq!(said(30, &line), "fix: update a file in src");
        assert_eq!(said(20, &line), "fix: update a file");
        let long = format!("src/{}/{}/and_another_long_one.rs", "a_folder".repeat(5), "b_folder".repeat(5));
        assert_eq!(subject(&renamed("src/a.rs", &long)), "refactor: rename a.rs to and_another_long_one.rs");
    }
}
