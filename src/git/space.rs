//! Whether lines differ in nothing but white space, and in none that means something.

use super::{FileChange, Hunk, Line, LineKind, Path};

/// What stands before a line says there what the line belongs to.
const INDENTED: [&str; 31] = [
    "bazel", "bzl", "cabal", "coffee", "elm", "fs", "fsi", "fsx", "gd", "haml", "hs", "jade", "lhs", "markdown", "md",
    "mdx", "mk", "nim", "pug", "purs", "py", "pyi", "pyx", "rst", "sass", "sky", "slim", "star", "styl", "yaml", "yml",
];
/// Likewise, by their names.
const INDENTED_NAMES: [&str; 10] = [
    "BUILD",
    "GNUmakefile",
    "Justfile",
    "Makefile",
    "SConscript",
    "SConstruct",
    "Tiltfile",
    "WORKSPACE",
    "justfile",
    "makefile",
];
/// An empty line ends a paragraph there, and two blanks at its end break a line.
const PROSE: [&str; 4] = ["markdown", "md", "mdx", "rst"];
/// Every blank parts or marks something there.
const EXACT: [&str; 6] = ["csv", "diff", "patch", "psv", "robot", "tsv"];

/// Every run of changed lines says the same before and after: line by line, without empty ones, and with as much or as
/// little white space where there was some. Where it was none, and there is some now, something else may be meant; so it
/// may inside of quotes, by another indentation where a language reads that, and by an empty line in prose.
pub(super) fn only(file: &FileChange) -> bool {
    let extension = file.path.extension();
    if EXACT.contains(&extension.as_str()) {
        return false;
    }
    let (reads, prose) = (reads_indentation(&file.path), PROSE.contains(&extension.as_str()));
    let same = |group: &[Line]| {
        let side = |kind: LineKind| {
            let lines = group.iter().filter(move |line| line.kind == kind && !line.text.trim().is_empty());
            lines.map(move |line| (said(&line.text, reads), prose && breaks(&line.text)))
        };
        side(LineKind::Removed).eq(side(LineKind::Added))
    };
    let runs = |hunk: &Hunk| hunk.lines.split(|line| line.kind == LineKind::Context).all(same);
    file.hunks
        .iter()
        .all(|hunk| runs(hunk) && (!prose || paragraphs(hunk, LineKind::Added) == paragraphs(hunk, LineKind::Removed)))
}

/// How many lines that say something stand before each end of a paragraph, without one of the two sides.
fn paragraphs(hunk: &Hunk, without: LineKind) -> Vec<usize> {
    let (mut ends, mut lines) = (Vec::new(), 0);
    for line in hunk.lines.iter().filter(|line| line.kind != without) {
        if !line.text.trim().is_empty() {
            lines += 1;
        } else if ends.last() != Some(&lines) {
            ends.push(lines);
        }
    }
    // Before the first line and behind the last one nothing ends.
    ends.retain(|end| (1..lines).contains(end));
    ends
}

/// A line of prose is broken behind it.
fn breaks(text: &str) -> bool {
    text.trim_end_matches(['\r', '\n']).ends_with("  ")
}

fn reads_indentation(path: &Path) -> bool {
    INDENTED.contains(&path.extension().as_str()) || INDENTED_NAMES.contains(&path.file_name())
}

/// What a line says.
fn said(text: &str, reads: bool) -> String {
    let words = text.trim();
    let before = text.get(..text.len() - text.trim_start().len()).filter(|_| reads).unwrap_or_default();
    if words.contains(['"', '\'', '`', '\\']) {
        return format!("{before}{words}");
    }
    format!("{before}{}", words.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use crate::git::patch::parse;

    fn only(path: &str, lines: &str) -> bool {
        let (old, new) = (lines.matches("\n-").count(), lines.matches("\n+").count());
        let context = lines.matches("\n ").count();
        let text = format!("--- a/{path}\n+++ b/{path}\n@@ -1,{} +1,{} @@{lines}\n", old + context, new + context);
        let change = parse(text.as_bytes()).unwrap();
        assert_eq!(change.files.len(), 1, "{text}");
        change.files[0].whitespace_only
    }

    #[test]
    fn more_or_less_of_it_means_nothing() {
        assert!(only("a.rs", "\n-let  x = 1; \n+    let x =  1;"));
        assert!(only("a.rs", "\n-if a {\n-\n-b();\n-}\n+if a {\n+    b();\n+}"));
        assert!(only("a.py", "\n-x  = 1\t\n+x = 1"));
        assert!(only("a.c", "\n-\tputs(\"a  b\");\n+    puts(\"a  b\");"));
        assert!(only("a.md", "\n one\n \n-\n-two \n+two"), "a second empty line ends nothing more");
    }

    #[test]
    fn what_means_something_is_no_white_space() {
        for (path, lines) in [
            ("a.py", "\n     y()\n-    z()\n+z()"),
            ("a.yml", "\n a:\n-  b: 1\n+    b: 1"),
            ("Makefile", "\n a:\n-\tb\n+    b"),
            ("a.js", "\n-x = 'a b'\n+x = 'ab'"),
            ("a.js", "\n-x = 'a  b'\n+x = 'a b'"),
            ("a.css", "\n-a :hover {}\n+a:hover {}"),
            // Out of its block.
            ("a.js", "\n-  z();\n }\n+z();"),
            // Into a comment, and a second word of the line before.
            ("a.rs", "\n-// all\n-b();\n+// all b();"),
            ("a.sh", "\n-a\n-b\n+a b"),
            ("BUILD.bazel", "\n     y()\n-    z()\n+z()"),
            ("defs.bzl", "\n     y()\n-    z()\n+z()"),
            // A line break, a paragraph, and one paragraph instead of two.
            ("a.md", "\n-one  \n+one\n two"),
            ("a.md", "\n one\n+\n two"),
            ("a.rst", "\n one\n-\n two"),
            ("a.tsv", "\n-a\tb c\n+a b\tc"),
            ("a.patch", "\n-  a\n+ a"),
        ] {
            assert!(!only(path, lines), "{path}: {lines}");
        }
    }
}
