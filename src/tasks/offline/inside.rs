//! Tests that live in a source file, beside what they test: `#[cfg(test)] mod tests` in Rust, classes of `unittest` in
//! Python, blocks of `import.meta.vitest` in JavaScript. What changes inside of them is no change of the product.

use std::borrow::Cow;

use super::classify::{Class, classify};
use super::symbol::margin;
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Hunk, Line, LineKind, Status};

/// Larger files are judged by their hunks alone (bytes).
const LIMIT: u64 = 1 << 20;
/// So many files are read whole; of more the hunks tell enough. Fewer where each of them costs a process.
const READ: usize = 100;
const READ_SLOWLY: usize = 8;

/// A change in which what changes inside of tests stands apart from the source around it.
pub(in crate::tasks) struct Apart<'a> {
    /// A source with both is two files of one name: the source, then its tests.
    pub(in crate::tasks) change: Cow<'a, ChangeSet>,
    /// What each of these files is for.
    pub(in crate::tasks) classes: Vec<Class>,
    /// What each file is for when it is left whole: one in which nothing but tests changes is a test.
    pub(in crate::tasks) files: Vec<Class>,
    /// Sources that hold tests among which something changed.
    pub(in crate::tasks) within: Vec<&'a FileChange>,
}

/// Takes the tests inside of sources apart from what is around them.
#[must_use]
pub(in crate::tasks) fn apart<'a>(change: &'a ChangeSet, contents: &dyn Contents) -> Apart<'a> {
    let mut classes: Vec<Class> = change.files.iter().map(classify).collect();
    let mut within = Vec::new();
    let mut parts: Vec<(usize, FileChange, FileChange)> = Vec::new();
    let most = if contents.slow() { READ_SLOWLY } else { READ };
    let mut read = 0;
    for (at, file) in change.files.iter().enumerate() {
        let Some(class) = classes.get_mut(at).filter(|class| **class == Class::Source) else { continue };
        let Some(language) = Language::of(file).filter(|_| may_split(file)) else { continue };
        read += 1;
        let tests = Tests::of(file, language, Some(contents).filter(|_| read <= most));
        let changed = || file.hunks.iter().flat_map(|h| &h.lines).filter(|l| counts(l));
        if !changed().any(|line| tests.hold(line)) {
            continue;
        }
        within.push(file);
        // A source that moves is more than its tests.
        let stays = matches!(file.status, Status::Added | Status::Modified)
            && file.old_mode.is_none_or(|mode| file.new_mode == Some(mode));
        if stays && changed().all(|line| tests.hold(line)) {
            *class = Class::Test;
        } else {
            parts.push((at, part(file, |line| !tests.hold(line)), part(file, |line| tests.hold(line))));
        }
    }
    let files = classes.clone();
    if parts.is_empty() {
        return Apart { change: Cow::Borrowed(change), classes, files, within };
    }
    let mut whole = change.clone();
    for (at, source, tests) in parts.into_iter().rev() {
        whole.files.splice(at..=at, [source, tests]);
        classes.insert(at + 1, Class::Test);
    }
    Apart { change: Cow::Owned(whole), classes, files, within }
}

/// What goes as a whole is one thing, and so is what only looks different.
fn may_split(file: &FileChange) -> bool {
    matches!(file.kind, FileKind::Text)
        && file.status != Status::Deleted
        && !file.hunks.is_empty()
        && !file.eol_only
        && !file.whitespace_only
}

/// An empty line belongs to whatever it stands beside.
fn counts(line: &Line) -> bool {
    line.kind != LineKind::Context && !line.text.trim().is_empty()
}

/// The same file with those of its changed lines alone.
fn part(file: &FileChange, holds: impl Fn(&Line) -> bool) -> FileChange {
    let mut out = file.clone();
    for hunk in &mut out.hunks {
        hunk.lines.retain(|line| line.kind == LineKind::Context || holds(line));
    }
    out.hunks.retain(|hunk| hunk.lines.iter().any(counts));
    let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    (out.added, out.removed) = (count(out.added_lines().count()), count(out.removed_lines().count()));
    out
}

/// A language in which tests stand beside what they test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Rust,
    Python,
    Script,
}

impl Language {
    fn of(file: &FileChange) -> Option<Self> {
        match file.path.extension().as_str() {
            "rs" => Some(Self::Rust),
            "py" => Some(Self::Python),
            "cjs" | "cts" | "js" | "jsx" | "mjs" | "mts" | "svelte" | "ts" | "tsx" | "vue" => Some(Self::Script),
            _ => None,
        }
    }

    /// A line that begins tests by itself.
    fn begins(self, text: &str) -> bool {
        let text = text.trim_start();
        match self {
            // What others may use is no test, whatever it is called.
            Self::Rust => {
                text.strip_prefix("mod ").and_then(|rest| rest.trim_end().strip_suffix('{')).is_some_and(|name| {
                    let name = name.trim();
                    matches!(name, "test" | "tests") || name.ends_with("_test") || name.ends_with("_tests")
                })
            }
            Self::Python => text
                .strip_prefix("class ")
                .and_then(|rest| rest.split_once('('))
                .is_some_and(|(_, of)| of.split([',', ')']).any(|base| base.trim().ends_with("TestCase"))),
            Self::Script => text.starts_with("if (import.meta.vitest"),
        }
    }

    /// Somewhere in this text stands a word without which nothing in it is a test.
    fn names(self, text: &str) -> bool {
        let words: &[&str] = match self {
            Self::Rust => &["test", "bench", "quickcheck"],
            Self::Python => &["TestCase"],
            Self::Script => &["import.meta.vitest"],
        };
        words.iter().any(|word| text.contains(word))
    }

    /// Nothing but a comment.
    fn remark(self, text: &str) -> bool {
        text.starts_with(if self == Self::Python { "#" } else { "//" })
    }

    /// An attribute, a decorator or a comment: it belongs to what comes below it.
    fn leads(self, text: &str) -> bool {
        self.remark(text)
            || match self {
                Self::Rust => text.starts_with("#["),
                Self::Python => text.starts_with('@'),
                Self::Script => false,
            }
    }
}

/// The lines of tests on both sides of a file: the first and the last of each block.
struct Tests {
    before: Vec<(u32, u32)>,
    after: Vec<(u32, u32)>,
}

impl Tests {
    fn of(file: &FileChange, language: Language, contents: Option<&dyn Contents>) -> Self {
        let side = |kind: LineKind, text: Option<Vec<u8>>| {
            let mut scan = Scan::new(language);
            match text {
                Some(text) => scan.text(&text),
                None => file.hunks.iter().for_each(|hunk| scan.hunk(hunk, kind)),
            }
            // The hunks of a patch from elsewhere may stand in any order.
            scan.found.sort_unstable();
            scan.found
        };
        let any = |kind: LineKind| file.hunks.iter().flat_map(|h| &h.lines).any(|l| l.kind == kind);
        // Of what is new the hunks are the whole.
        let whole = contents.filter(|_| file.status != Status::Added);
        let text = whole.filter(|_| any(LineKind::Added)).and_then(|all| all.after(file, LIMIT));
        let gone = || file.removed_lines().any(|line| language.names(&line.text));
        // What names no test now named none before, unless that was taken out.
        let none = text.as_ref().is_some_and(|text| !language.names(&String::from_utf8_lossy(text))) && !gone();
        let after = if any(LineKind::Added) && !none { side(LineKind::Added, text) } else { Vec::new() };
        let before = if any(LineKind::Removed) && !none {
            side(LineKind::Removed, whole.and_then(|all| all.before(file, LIMIT)))
        } else {
            Vec::new()
        };
        Self { before, after }
    }

    fn hold(&self, line: &Line) -> bool {
        let (blocks, number) = match line.kind {
            LineKind::Added => (&self.after, line.new),
            LineKind::Removed => (&self.before, line.old),
            LineKind::Context => return false,
        };
        let Some(number) = number else { return false };
        let at = blocks.partition_point(|(_, last)| *last < number);
        blocks.get(at).is_some_and(|(first, _)| *first <= number)
    }
}

/// Where tests stand in a file as it is after the change: the first and the last line of each block. `None` where it
/// cannot be seen whole.
pub(super) fn tests_of(file: &FileChange, contents: &dyn Contents) -> Option<Vec<(u32, u32)>> {
    let Some(language) = Language::of(file) else { return Some(Vec::new()) };
    let mut scan = Scan::new(language);
    match contents.after(file, 4 * LIMIT) {
        Some(text) => scan.text(&text),
        None if file.status == Status::Added => {
            file.added_lines().for_each(|line| scan.read(line.new.unwrap_or(0), &line.text));
        }
        None => return None,
    }
    Some(scan.found)
}

/// Goes through lines from above and remembers where tests stand. A block ends where a line begins no further to the
/// right than its own first one.
struct Scan {
    language: Language,
    /// How far the block of tests that is open begins to the right.
    open: Option<usize>,
    /// The first line of those that lead to the next definition, and whether one of them says that it is a test.
    lead: Option<u32>,
    marked: bool,
    /// The text over several lines that is open: what stands in it is no code.
    quote: Option<String>,
    found: Vec<(u32, u32)>,
}

impl Scan {
    const fn new(language: Language) -> Self {
        Self { language, open: None, lead: None, marked: false, quote: None, found: Vec::new() }
    }

    fn text(&mut self, text: &[u8]) {
        for (line, number) in String::from_utf8_lossy(text).lines().zip(1_u32..) {
            self.read(number, line);
        }
    }

    fn hunk(&mut self, hunk: &Hunk, kind: LineKind) {
        (self.lead, self.marked, self.quote) = (None, false, None);
        self.open = self.language.begins(&hunk.section).then(|| margin(&hunk.section));
        for line in hunk.lines.iter().filter(|l| l.kind == kind || l.kind == LineKind::Context) {
            let number = if kind == LineKind::Added { line.new } else { line.old };
            self.read(number.unwrap_or(0), &line.text);
        }
    }

    fn hold(&mut self, first: u32, last: u32) {
        match self.found.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => self.found.push((first, last)),
        }
    }

    fn read(&mut self, number: u32, line: &str) {
        let text = line.trim();
        let quoted = self.quote.is_some();
        self.quote = left_open(self.language, self.quote.take(), line);
        if quoted {
            if self.open.is_some() {
                self.hold(number, number);
            }
            return;
        }
        if text.is_empty() {
            return;
        }
        let at = margin(line);
        let Some(open) = self.open else { return self.outside(number, text, at) };
        if at <= open && self.language.remark(text) {
            // What comes next says whose it is.
            self.lead.get_or_insert(number);
            return;
        }
        let end = at == open && text.starts_with('}');
        if at > open || end || (at == open && (text.starts_with([')', ']', '{']) || text.starts_with("where"))) {
            let first = self.lead.take().unwrap_or(number);
            self.hold(first, number);
            self.open = self.open.filter(|_| !end || self.language == Language::Python);
            return;
        }
        self.open = None;
        self.outside(number, text, at);
    }

    fn outside(&mut self, number: u32, text: &str, at: usize) {
        let mut rest = text;
        if self.language.leads(text) {
            self.lead.get_or_insert(number);
            // One attribute behind the other, and perhaps the definition itself.
            while let Some((attribute, behind)) = attribute(rest) {
                self.marked = self.marked || marks(attribute);
                rest = behind.trim_start();
            }
            if rest.is_empty() || self.language.leads(rest) {
                return;
            }
        }
        let first = self.lead.take().unwrap_or(number);
        if std::mem::take(&mut self.marked) || self.language.begins(rest) {
            self.hold(first, number);
            let whole = rest.ends_with([';', ',']) || (rest.ends_with('}') && rest.contains('{'));
            self.open = (!whole).then_some(at);
        }
    }
}

/// The attribute of Rust that a text begins with, without its brackets, and what stands behind it.
fn attribute(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("#[")?;
    let mut depth = 1_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
    }
    None
}

/// This attribute says that what comes below it is built for tests alone, or is one.
fn marks(attribute: &str) -> bool {
    const ALONE: [&str; 6] = ["bench", "proptest", "quickcheck", "rstest", "test_case", "wasm_bindgen_test"];
    let (path, of) = attribute.split_once('(').unwrap_or((attribute, ""));
    let name = path.rsplit("::").next().unwrap_or(path).trim();
    if name == "cfg" {
        let word = of.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '"').any(|w| w == "test");
        return word && !of.contains("any(") && !of.contains("not(");
    }
    name == "test" || ALONE.contains(&name)
}

/// What ends the text that is still open at the end of a line, if one is.
fn left_open(language: Language, open: Option<String>, line: &str) -> Option<String> {
    let mut open = open;
    let mut rest = line;
    loop {
        if let Some(end) = open {
            let at = if end == "\"" { closing(rest) } else { rest.find(&end) };
            let Some(at) = at else { return Some(end) };
            rest = rest.get(at + end.len()..)?;
        }
        let (end, behind) = match language {
            Language::Rust => opening(rest)?,
            Language::Python => {
                let at = ["\"\"\"", "'''"].iter().filter_map(|q| rest.find(q)).min()?;
                (rest.get(at..at + 3)?.to_owned(), rest.get(at + 3..)?)
            }
            Language::Script => return None,
        };
        (open, rest) = (Some(end), behind);
    }
}

/// Where a text of Rust ends: at the first quote that is not escaped.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// What ends the first text of Rust that begins on this line, and what stands behind its begin.
fn opening(text: &str) -> Option<(String, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(['"', '/', '\''])?;
        let rest = text.get(at..)?;
        if rest.starts_with("//") {
            return None;
        }
        // A quote as a character is no text.
        let passed = ["'\"'", "'\\\"'", "'\\''"].iter().find(|c| rest.starts_with(**c)).map_or(1, |c| c.len());
        if !rest.starts_with('"') {
            from = at + passed;
            continue;
        }
        let before = text.get(..at)?;
        let bare = before.trim_end_matches('#');
        let raw = bare.ends_with('r');
        let end = if raw { format!("\"{}", "#".repeat(before.len() - bare.len())) } else { "\"".to_owned() };
        return Some((end, rest.get(1..)?));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = r##"use a::b;

pub fn page() -> char {
    let shown = "}\
}";
    let quote = '"';
    shown
}

#[cfg(any(test, feature = "x"))]
pub fn shared() {}

// About nothing but tests.
#[cfg(test)]
#[allow(dead_code)]
fn made(
    of: u8,
) -> u8
where
    u8: Copy,
{
    of
}

#[cfg(not(test))]
fn product() {}

#[cfg(test)] use c::d;

#[tokio::test]
async fn asks() {
    ask();
}

pub mod tests_of_others {
    pub fn a() {}
}

#[cfg(all(test, unix))]
mod tests {
    const TEXT: &str = r#"
fn said() {
}
"#;

// a line that somebody took out
    #[test]
    fn counts() {}
}

fn last() {}
"##;

    /// The lines that stand inside of tests.
    fn inside(language: Language, text: &str) -> Vec<&str> {
        let mut scan = Scan::new(language);
        text.lines().zip(1_u32..).for_each(|(line, number)| scan.read(number, line));
        let of = |(first, last): &(u32, u32)| *first as usize - 1..*last as usize;
        scan.found.iter().flat_map(|block| text.lines().collect::<Vec<_>>()[of(block)].to_vec()).collect()
    }

    #[test]
    fn tests_of_rust_begin_at_their_attributes_and_end_with_their_brackets() {
        let found = inside(Language::Rust, RUST);
        let text = found.join("\n");
        for product in ["use a::b;", "shown", "shared", "product", "tests_of_others", "pub fn a", "last"] {
            assert!(!text.contains(product), "{product} in {text}");
        }
        for test in
            ["// About", "#[allow", "fn made(", "    of\n", "use c::d", "ask();", "fn said", "// a line", "counts"]
        {
            assert!(text.contains(test), "{test} in {text}");
        }
        assert_eq!(found.last(), Some(&"}"));
    }

    #[test]
    fn classes_of_unittest_and_blocks_of_vitest_are_tests() {
        let python = "import unittest\n\n\ndef rows():\n    return 1\n\n\n@skip\nclass Rows(base.Mixin, unittest.TestCase):\n    def test_rows(self):\n        text = '''\na\n'''\n# why\n        self.assertEqual(rows(), 1)\n\n\nclass TestClient(Client):\n    pass\n\n\nif __name__ == '__main__':\n    unittest.main()\n";
        let found = inside(Language::Python, python);
        assert_eq!((found.first(), found.last()), (Some(&"@skip"), Some(&"        self.assertEqual(rows(), 1)")));
        let script = "export const rows = () => 1;\nif (import.meta.vitest) {\n  const { it } = import.meta.vitest;\n  it('counts', () => {\n    expect(rows()).toBe(1);\n  });\n}\nexport const other = 2;\n";
        let found = inside(Language::Script, script);
        assert_eq!((found.len(), found.last()), (6, Some(&"}")));
    }

    #[test]
    fn hunks_alone_tell_by_what_stands_above_them() {
        let patch = "diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,2 +1,3 @@\n use a;\n+use b;\n \n@@ -40,3 +41,5 @@ mod tests {\n     }\n \n+    #[test]\n+    fn two() {}\n }\n@@ -60,2 +63,3 @@ mod tests {\n }\n \n+fn product() {}\n";
        let change = crate::git::patch::parse(patch.as_bytes()).unwrap();
        let told = apart(&change, &crate::git::patch::Bare);
        let lines = |file: &FileChange| file.added_lines().map(|l| l.text.trim().to_owned()).collect::<Vec<_>>();
        let parts: Vec<_> = told.change.files.iter().map(lines).collect();
        assert_eq!(parts, [vec!["use b;", "fn product() {}"], vec!["#[test]", "fn two() {}"]]);
        assert_eq!(told.classes, [Class::Source, Class::Test]);
        assert_eq!(told.within.len(), 1);
        let alone = "@@ -40,3 +41,4 @@ mod tests {\n     }\n+    fn two() {}\n }\n";
        let files = |head: &str| {
            let patch = format!("diff --git a/src/a.rs b/src/b.rs\n{head}--- a/src/a.rs\n+++ b/src/b.rs\n{alone}");
            apart(&crate::git::patch::parse(patch.as_bytes()).unwrap(), &crate::git::patch::Bare).files
        };
        assert_eq!(files("similarity index 90%\nrename from src/a.rs\nrename to src/b.rs\n"), [Class::Source]);
        assert_eq!(files("old mode 100644\nnew mode 100755\n"), [Class::Source]);
        assert_eq!(files(""), [Class::Test]);
    }

    /// The file after the change; whoever asks for it as it was before asks for nothing.
    struct After(&'static str);

    impl Contents for After {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            panic!("read in vain")
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(self.0.into())
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<crate::git::Path> {
            Vec::new()
        }
    }

    #[test]
    fn a_file_without_tests_is_read_once() {
        let patch =
            "diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1 +1 @@\n-fn a() {}\n+fn b() {}\n";
        let told = apart(&crate::git::patch::parse(patch.as_bytes()).unwrap(), &After("fn b() {}\n")).files;
        assert_eq!(told, [Class::Source]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..60)) {
            let text = words.concat();
            for language in [Language::Rust, Language::Python, Language::Script] {
                let lines = inside(language, &text).len();
                proptest::prop_assert!(lines <= text.lines().count());
            }
        }
    }

    const WORDS: &[&str] = &[
        "#[",
        "]",
        "test",
        "cfg(test)",
        "mod tests {",
        "\n",
        "\n    ",
        "}",
        "{",
        "\"",
        "r#\"",
        "\"#",
        "'",
        "//",
        "é",
        "#",
        "'''",
        "class A(TestCase):",
        "if (import.meta.vitest) {",
        "fn a()",
        ";",
        "\\",
        "@",
    ];
}
