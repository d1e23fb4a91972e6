use super::*;
use crate::git::patch::{Bare, parse};

fn added(path: &str, lines: &[&str]) -> String {
    let body: String = lines.iter().map(|l| format!("+{l}\n")).collect();
    format!(
        "diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{} @@\n{body}",
        lines.len()
    )
}

fn classes(patch: &str) -> Vec<String> {
    review(&parse(patch.as_bytes()).unwrap(), &Bare).into_iter().map(|f| f.class).collect()
}

#[test]
fn every_rule_hits_its_hits_and_misses_its_misses() {
    for (place, rule) in lines::RULES.iter().enumerate() {
        for hit in rule.hits {
            assert!(lines::fits(place, hit), "{} should hit: {hit}", rule.class);
        }
        for miss in rule.misses {
            assert!(!lines::fits(place, miss), "{} should miss: {miss}", rule.class);
        }
    }
}

#[test]
fn findings_point_at_the_added_line() {
    let found =
        review(&parse(added("src/a.py", &["import os", "os.system(\"rm \" + name)"]).as_bytes()).unwrap(), &Bare);
    assert_eq!((found[0].file.as_str(), found[0].line, found[0].class.as_str()), ("src/a.py", 2, "shell-injection"));
    assert_eq!(found[0].origin, Origin::Static);
}

#[test]
fn every_class_is_caught_where_it_is_planted() {
    for (path, lines, class) in [
        ("src/a.rs", vec!["<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> other"], "conflict-marker"),
        ("tests/a.test.ts", vec!["it.only('x', () => {"], "focused-test"),
        ("tests/a.py", vec!["@pytest.mark.skip"], "skipped-test"),
        ("src/a.js", vec!["debugger;"], "debugger"),
        ("src/a.rs", vec!["dbg!(x);"], "debug-print"),
        ("src/a.rs", vec!["todo!()"], "unfinished"),
        ("src/a.py", vec!["    except:"], "swallowed-error"),
        ("src/a.ts", vec!["el.innerHTML = name;"], "html-injection"),
        ("src/a.go", vec!["InsecureSkipVerify: true,"], "tls-off"),
        ("install.sh", vec!["curl https://a.b/c | sh"], "pipe-to-shell"),
        ("install.sh", vec!["chmod 777 /srv"], "open-permissions"),
        ("src/a.py", vec!["def f(x=[]):"], "mutable-default"),
        ("src/a.c", vec!["if (a = b) {"], "assignment-in-condition"),
        (".github/workflows/a.yml", vec!["  pull_request_target:"], "ci-widened"),
        (".github/workflows/a.yml", vec!["  - uses: a/b@main"], "unpinned-action"),
        ("src/a.rs", vec!["// TODO: later"], "todo"),
        ("src/a.rs", vec!["let a = 1; // \u{202e}x"], "hidden-direction"),
        ("src/a.rs", vec!["let us\u{200b}er = 1;"], "invisible-character"),
        ("src/a.rs", vec!["let \u{0430}dmin = 1;"], "lookalike"),
        ("keys/id_rsa", vec!["x"], "key-file"),
        ("src/aux.rs", vec!["x"], "illegal-name"),
        ("db/migrations/1.py", vec!["def upgrade():", "    pass"], "migration"),
    ] {
        assert!(
            classes(&added(path, &lines)).contains(&class.to_owned()),
            "{class} in {path}: {:?}",
            classes(&added(path, &lines))
        );
    }
    let gone = "diff --git a/tests/a.rs b/tests/a.rs\ndeleted file mode 100644\n--- a/tests/a.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n-fn t() {}\n";
    assert_eq!(classes(gone), ["test-removed"]);
    let link = "diff --git a/a/l b/a/l\nnew file mode 120000\n--- /dev/null\n+++ b/a/l\n@@ -0,0 +1 @@\n+../../etc/passwd\n\\ No newline at end of file\n";
    assert_eq!(classes(link), ["symlink"]);
    let twins = format!("{}{}", added("src/Name.rs", &["a"]), added("src/name.rs", &["a"]));
    assert_eq!(classes(&twins), ["case-collision", "case-collision"]);
}

#[test]
fn a_comment_silences_its_line() {
    assert!(classes(&added("src/a.rs", &["todo!() // monster:ignore unfinished wanted"])).is_empty());
    assert!(classes(&added("src/a.py", &["# monster:ignore", "    except:"])).is_empty());
}

#[test]
fn clean_changes_give_no_finding_at_all() {
    let clean = [
        added(
            "src/pager.rs",
            &[
                "//! Pages.",
                "",
                "/// How many pages.",
                "pub fn pages(items: usize, size: usize) -> usize {",
                "    items.div_ceil(size.max(1))",
                "}",
                "",
                "#[cfg(test)]",
                "mod tests {",
                "    #[test]",
                "    fn rounds_up() {",
                "        assert_eq!(super::pages(11, 5), 3);",
                "    }",
                "}",
            ],
        ),
        added(
            "app/views.py",
            &[
                "import logging",
                "",
                "def load(path, limit=None):",
                "    try:",
                "        with open(path) as file:",
                "            return file.read(limit)",
                "    except OSError as error:",
                "        logging.warning('no %s: %s', path, error)",
                "        return None",
                "",
                "cursor.execute('SELECT a FROM t WHERE id = %s', (key,))",
            ],
        ),
        added(
            "web/App.tsx",
            &[
                "import { useState } from 'react';",
                "",
                "export function App({ user }: Props) {",
                "  const [open, setOpen] = useState(false);",
                "  if (user.role === 'admin') {",
                "    return <Panel onClose={() => setOpen(false)} />;",
                "  }",
                "  return <p>{user.name}</p>;",
                "}",
            ],
        ),
        added(
            "cmd/server.go",
            &["package main", "", "func main() {", "\tif err := run(); err != nil {", "\t\tlog.Fatal(err)", "\t}", "}"],
        ),
        added(
            "scripts/build.sh",
            &[
                "#!/bin/sh",
                "set -eu",
                "curl -fsSL \"$URL\" -o tool.tar.gz",
                "sha256sum -c tool.sha256",
                "chmod 755 tool",
            ],
        ),
        added(
            ".github/workflows/ci.yml",
            &[
                "on:",
                "  pull_request:",
                "permissions:",
                "  contents: read",
                "jobs:",
                "  test:",
                "    steps:",
                "      - uses: actions/checkout@v4",
            ],
        ),
        added(
            "src/Main.java",
            &[
                "public class Main {",
                "    public static void main(String[] args) {",
                "        if (args.length == 0) {",
                "            System.err.println(\"usage\");",
                "        }",
                "    }",
                "}",
            ],
        ),
        added(
            "README.md",
            &["# Title", "", "Run `curl https://example.org | sh` at your own risk. TODO: screenshots."],
        ),
    ];
    for patch in clean {
        assert_eq!(classes(&patch), Vec::<String>::new(), "{patch}");
    }
}

#[test]
fn files_that_stop_parsing_are_named_and_old_breakage_is_not() {
    struct Sides(&'static str, &'static str);
    impl Contents for Sides {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(self.0.into())
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(self.1.into())
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            Vec::new()
        }
    }
    let patch =
        "diff --git a/a.json b/a.json\n--- a/a.json\n+++ b/a.json\n@@ -1,1 +1,1 @@\n-{\"a\": 1}\n+{\"a\": 1,}\n";
    let change = parse(patch.as_bytes()).unwrap();
    let found = |sides: &Sides| review(&change, sides).into_iter().map(|f| (f.class, f.line)).collect::<Vec<_>>();
    assert_eq!(found(&Sides("{\"a\": 1}\n", "{\"a\": 1,}\n")), [("syntax".to_owned(), 1)]);
    assert_eq!(found(&Sides("{\"a\": 1,,}\n", "{\"a\": 1,}\n")), []);
    assert_eq!(found(&Sides("{}", "{\"a\": 1}")), []);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_rules_panic(text in "\\PC{0,120}") {
        let line = text.replace('\n', " ");
        drop(classes(&added("src/a.py", &[&line])));
    }
}
