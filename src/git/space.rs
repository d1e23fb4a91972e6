//! Whether lines differ in nothing but white space, and in none that means something.

use super::{FileChange, Line, LineKind, Path};

/// What stands before a line says there what the line belongs to.
const INDENTED: [&str; 23] = [
    "coffee", "elm", "fs", "fsx", "gd", "haml", "hs", "jade", "markdown", "md", "mk", "nim", "pug", "py", "pyi", "pyx",
    "rst", "sass", "slim", "star", "styl", "yaml", "yml",
];
/// Likewise, by their names.
const INDENTED_NAMES: [&str; 6] = ["BUILD", "GNUmakefile", "Justfile", "Makefile", "justfile", "makefile"];

/// Every run of changed lines says the same before and after: line by line, without empty ones, and with as much or as
/// little white space where there was some. Where it was none, and there is some now, something else may be meant; so it
/// may inside of quotes, and by another indentation where a language reads that.
pub(super) fn only(file: &FileChange) -> bool {
    let reads = reads_indentation(&file.path);
    let same = |group: &[Line]| {
        let side = |kind: LineKind| {
            let lines = group.iter().filter(move |line| line.kind == kind && !line.text.trim().is_empty());
            lines.map(move |line| said(&line.text, reads))
        };
        side(LineKind::Removed).eq(side(LineKind::Added))
    };
    file.hunks.iter().all(|hunk| hunk.lines.split(|line| line.kind == LineKind::Context).all(same))
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
        ] {
            assert!(!only(path, lines), "{path}: {lines}");
        }
    }
}
