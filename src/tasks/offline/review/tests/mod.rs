use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::git::patch::{Bare, parse};

mod fixture;
mod hardy;
mod joined;

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

fn found(patch: &str) -> Vec<(String, u32)> {
    review(&parse(patch.as_bytes()).unwrap(), &Bare).into_iter().map(|f| (f.class, f.line)).collect()
}

#[test]
fn a_title_that_begins_with_a_long_path_is_that_of_the_class() {
    let found = || {
        let one = review(&parse(added("a.rs", &["// TODO: x"]).as_bytes()).unwrap(), &Bare).remove(0);
        Found { finding: one, anchor: String::new() }
    };
    let title = found().finding.title;
    assert_eq!(found().titled(&format!("/{}", "a".repeat(TITLE))).finding.title, title);
    assert_eq!(found().titled(&format!("of {}", "a".repeat(TITLE))).finding.title, "of…");
}

/// Both sides of every file, and what is tracked.
#[derive(Default)]
struct Tree {
    before: BTreeMap<&'static str, &'static str>,
    after: BTreeMap<&'static str, &'static str>,
}

impl Tree {
    fn with(mut self, path: &'static str, before: &'static str, after: &'static str) -> Self {
        self.before.insert(path, before);
        self.after.insert(path, after);
        self
    }

    fn classes(&self, patch: &str) -> Vec<String> {
        review(&parse(patch.as_bytes()).unwrap(), self).into_iter().map(|f| f.class).collect()
    }
}

impl Contents for Tree {
    fn before(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
        self.base(file.path.as_str(), 0)
    }
    fn after(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
        self.after.get(file.path.as_str()).map(|t| t.as_bytes().to_vec())
    }
    fn base(&self, path: &str, _: u64) -> Option<Vec<u8>> {
        self.before.get(path).map(|t| t.as_bytes().to_vec())
    }
    fn tracked(&self) -> Vec<Path> {
        self.after.keys().map(|p| Path::from(*p)).collect()
    }
}

fn edited(path: &str, line: u32, removed: &str, added: &str) -> String {
    format!(
        "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -{line},1 +{line},1 @@\n-{removed}\n+{added}\n"
    )
}

fn deleted(path: &str) -> String {
    format!(
        "diff --git a/{path} b/{path}\ndeleted file mode 100644\n--- a/{path}\n+++ /dev/null\n@@ -1 +0,0 @@\n-fn t() {{}}\n"
    )
}

/// Half of it might be half a secret.
#[test]
fn a_name_too_long_for_a_title_is_told_by_none_of_its_letters() {
    const LONG: &str = "some/folder/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    let patch =
        added("some/FOLDER/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", &["a"]);
    let tree = Tree::default().with(LONG, "a", "a");
    let found = review(&parse(patch.as_bytes()).unwrap(), &tree);
    let titles: Vec<&str> =
        found.iter().map(|one| one.title.as_str()).filter(|title| title.contains("differs")).collect();
    assert_eq!(titles, ["It differs from some/folder…"]);
    let (change, row) = (parse(patch.as_bytes()).unwrap(), classes::STALE_LOCK);
    let told = finding(&change.files[0], 0, "", row).titled(&format!("{} changed", "k".repeat(108)));
    assert_eq!(told.finding.title, row.title);
}

#[test]
fn every_rule_hits_its_hits_and_misses_its_misses() {
    // Words over several lines are a statement.
    let fits = |place: usize, text: &str| {
        let change = parse(added("a", &text.lines().collect::<Vec<_>>()).as_bytes()).unwrap();
        text.lines().any(|line| lines::fits(place, line))
            || statement::statements(&change.files[0]).iter().any(|s| s.fits(place))
    };
    for (place, rule) in table::rules().iter().enumerate() {
        for hit in rule.hits {
            assert!(fits(place, hit), "{} should hit: {hit}", rule.class.name);
        }
        for miss in rule.misses {
            assert!(!fits(place, miss), "{} should miss: {miss}", rule.class.name);
        }
    }
}

#[test]
fn findings_point_at_the_added_line() {
    let found =
        review(&parse(added("src/a.py", &["import os", "os.system(\"rm \" + name)"]).as_bytes()).unwrap(), &Bare);
    assert_eq!((found[0].file.as_str(), found[0].line, found[0].class.as_str()), ("src/a.py", 2, "shell-injection"));
    assert_eq!(found[0].source, Source::Static);
}

/// Every fixture: its class, its name, its text.
fn fixtures() -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    for class in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/review")).unwrap().flatten() {
        for file in std::fs::read_dir(class.path()).unwrap().flatten() {
            let name = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            out.push((name(&class), name(&file), std::fs::read_to_string(file.path()).unwrap()));
        }
    }
    out.sort();
    out
}

#[test]
fn every_class_is_found_where_it_is_planted_and_nothing_where_a_change_is_clean() {
    let mut wrong = Vec::new();
    for (class, name, text) in fixtures() {
        let (wanted, found) = fixture::tried(&text);
        assert_eq!(wanted.is_empty(), name.starts_with("clean"), "{class}/{name} is planted or clean");
        let wanted: Vec<_> = wanted.into_iter().map(|(file, line)| (class.clone(), file, line)).collect();
        if found != wanted {
            wrong.push(format!("{class}/{name}\n  wanted {wanted:?}\n  found  {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_class_of_the_table_has_a_planted_and_a_clean_fixture_and_every_rule_a_class_of_it() {
    let has = |class: &str, kind: &str| fixtures().iter().any(|(c, name, _)| c == class && name.starts_with(kind));
    for row in classes::ALL {
        assert!(has(row.name, "planted") && has(row.name, "clean"), "{}", row.name);
        assert!(row.title.chars().count() <= TITLE && !row.why.is_empty() && !row.place.is_empty(), "{}", row.name);
    }
    let names: BTreeSet<&str> = classes::ALL.iter().map(|row| row.name).collect();
    let folders: BTreeSet<String> = fixtures().into_iter().map(|(class, ..)| class).collect();
    assert!(names.iter().copied().eq(folders.iter().map(String::as_str)), "a folder for each class and no other");
    assert!(classes::ALL.is_sorted_by_key(|row| row.name) && names.len() == classes::ALL.len(), "by name, none twice");
    assert!(table::rules().len() <= 128, "a rule is a bit");
    for rule in table::rules() {
        assert_eq!(classes::row(rule.class.name), Some(&rule.class));
    }
}

/// The texts of all planted fixtures of a class.
fn planted(class: &Row) -> String {
    let of = |(c, name, _): &(String, String, String)| c == class.name && name.starts_with("planted");
    fixtures().into_iter().filter(of).map(|(_, _, text)| text).collect()
}

#[test]
fn every_name_and_every_tool_that_a_rule_knows_is_planted() {
    let missing = |class: &Row, ends: &mut dyn Iterator<Item = String>| {
        let text = planted(class);
        let heads: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("== ")?.split(' ').nth(1)).collect();
        ends.filter(|end| !heads.iter().any(|head| head.ends_with(end.as_str()))).collect::<Vec<_>>()
    };
    let none: Vec<String> = Vec::new();
    let mut locks = manifest::PAIRS.iter().flat_map(|pair| pair.locks).map(|lock| format!("/{lock}"));
    assert_eq!(missing(&classes::STALE_LOCK, &mut locks), none);
    let mut locks = own::LOCKS.iter().map(|lock| format!("/{}", lock.name));
    assert_eq!(missing(&classes::STALE_MANIFEST, &mut locks), none);
    let names = keys::NAMES.iter().map(|name| format!("/{name}"));
    let mut names = names.chain([keys::EXTENSIONS, keys::BYTES].into_iter().flatten().map(|end| format!(".{end}")));
    assert_eq!(missing(&classes::KEY_FILE, &mut names), none);
    let mut ends = files::PROGRAMS.iter().chain(&files::ARCHIVES).map(|end| format!(".{end}"));
    assert_eq!(missing(&classes::BINARY, &mut ends), none);
    let mut ends = api::DOORS.iter().filter_map(|door| door.extensions.first()).map(|end| match *end {
        "cjs" => ".ts".to_owned(),
        end => format!(".{end}"),
    });
    assert_eq!(missing(&classes::API_REMOVED, &mut ends), none);

    let migrations = planted(&classes::MIGRATION);
    for tool in &migration::TOOLS {
        let up = regex::Regex::new(tool.up).unwrap();
        let shown = migrations.split("== ").any(|part| {
            let head = part.lines().next().unwrap_or_default();
            head.ends_with("{{here}}")
                && tool.extensions.iter().any(|end| head.contains(&format!(".{end} ")))
                && up.is_match(part.split_once('\n').unwrap_or_default().1)
        });
        assert!(shown, "{}", tool.up);
    }

    let of = |rule: &table::Rule| matches!(rule.class, classes::CI_WIDENED | classes::UNPINNED_ACTION);
    for (place, rule) in table::rules().iter().enumerate().filter(|(_, rule)| of(rule)) {
        let text = planted(&rule.class);
        let found = text.lines().filter_map(|l| l.strip_suffix("{{here}}")).any(|line| lines::fits(place, line));
        assert!(found, "{}: {}", rule.class.name, rule.title);
    }
}

#[test]
fn private_keys_are_known_by_their_bytes_and_public_ones_are_none() {
    let long = [0x30, 0x82, 0x04, 0xa4];
    let all = |tail: &[u8]| [&long[..], tail].concat();
    for key in [
        all(&[2, 1, 0, 2, 0x82, 1, 1]),
        all(&[2, 1, 0, 0x30, 0x0d, 6, 9]),
        all(&[2, 1, 3, 0x30, 0x82]),
        all(&[0x30, 0x57, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d]),
        vec![0x30, 0x77, 2, 1, 1, 4, 0x20],
    ] {
        assert!(keys::der(&key), "{key:?}");
    }
    for other in [
        // A certificate, a public key, a public RSA key, a zip, nothing.
        all(&[0x30, 0x82, 3, 0x8c, 0xa0, 3, 2, 1, 2]),
        all(&[0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]),
        all(&[2, 0x82, 1, 1, 0]),
        b"PK\x03\x04".to_vec(),
        vec![0x30, 0xff],
        Vec::new(),
    ] {
        assert!(!keys::der(&other), "{other:?}");
    }
}

#[test]
fn a_comment_silences_its_line_and_no_other() {
    assert!(classes(&added("src/a.rs", &["todo!() // monster:ignore unfinished wanted"])).is_empty());
    assert!(classes(&added("src/a.py", &["# monster:ignore swallowed-error by hand", "    except:"])).is_empty());
    for vague in ["", " by hand", " swallowed-error", " swallowed-error */", " unwrap by hand"] {
        let told = found(&added("src/a.py", &[&format!("# monster:ignore{vague}"), "    except:"]));
        assert_eq!(told.len(), 1, "neither without a class nor without a reason: {vague:?}");
    }
    let (left, silenced) = counted(
        &parse(added("src/a.rs", &["todo!() // monster:ignore unfinished wanted", "todo!()"]).as_bytes()).unwrap(),
        &ChangeSet::default(),
        &Bare,
    );
    assert_eq!((left.len(), silenced.len()), (1, 1), "what is silenced is counted");
    assert!(
        classes(&added("src/a.rs", &["let \u{0430}dmin = 1; // monster:ignore lookalike a test of names"])).is_empty()
    );
    let next = found(&added("src/a.rs", &["todo!() // monster:ignore unfinished wanted", "todo!()"]));
    assert_eq!(next, [("unfinished".to_owned(), 2)], "a mark behind code is about that code");
    assert_eq!(classes(&added("src/a.rs", &["todo!() // monster:ignore todo wrong class"])), ["unfinished"]);
}

#[test]
fn equal_lines_get_different_ids_that_survive_a_move() {
    let lines = [
        "def a():",
        "    try: f()",
        "    except:",
        "        pass",
        "    try: g()",
        "    except:",
        "        pass",
        "def b():",
        "    except:",
    ];
    let ids = |path: &str, lines: &[&str]| {
        review(&parse(added(path, lines).as_bytes()).unwrap(), &Bare).into_iter().map(|f| f.id).collect::<Vec<_>>()
    };
    let first = ids("src/a.py", &lines);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 3, "{first:?}");
    let shifted: Vec<&str> = ["import os", ""].into_iter().chain(lines).collect();
    assert_eq!(ids("src/b.py", &shifted), first);
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
            "src/list.c",
            &[
                "int at(struct list *p, int n) {",
                "    if (p->n>=n) {",
                "        return p->items[n];",
                "    }",
                "    while ((p = p->next)) {",
                "        n--;",
                "    }",
                "    return -1;",
                "}",
            ],
        ),
        added(
            "src/scan.ts",
            &[
                "const rule = /a/g;",
                "const found = rule.exec(input);",
                "// never set rejectUnauthorized: false",
                "el.innerHTML = DOMPurify.sanitize(text);",
                "const rows = await sql`select a from t where id = ${id}`;",
                "console.log(`listening on ${port}`);",
            ],
        ),
        added(
            "src/train.py",
            &[
                "model.eval(inputs)",
                "ρ_air = 1.2",
                "print(\"\\nОшибка: нет файла\")",
                "# eval(input()) would be wrong here",
                "rows = cur.execute(f\"SELECT a FROM {TABLE} WHERE id = %s\", (key,))",
                "out = subprocess.check_output(f\"git log {rev}\".split())",
            ],
        ),
        added(
            "src/pager_test.go",
            &["func TestPages(t *testing.T) {", "\tif testing.Short() {", "\t\tt.Skip(\"slow\")", "\t}", "}"],
        ),
        added(
            "src/state.rs",
            &[
                "pub fn count(state: &Mutex<u32>) -> u32 {",
                "    *state.lock().unwrap()",
                "}",
                "",
                "#[cfg(test)]",
                "mod tests {",
                "    #[test]",
                "    fn counts() {",
                "        let n: u32 = \"3\".parse().unwrap();",
                "        let later = || todo!();",
                "        assert_eq!(n, 3);",
                "    }",
                "}",
            ],
        ),
        added("src/main.rs", &["fn main() {", "    let args = Args::parse().unwrap();", "}"]),
        added(
            "src/lib.rb",
            &[
                "def pages(items)",
                "  system('git', 'status')",
                "  items.each_slice(10).to_a",
                "rescue ArgumentError => error",
                "  warn error.message",
                "end",
            ],
        ),
        added(
            "src/Repo.java",
            &[
                "PreparedStatement s = c.prepareStatement(\"SELECT a FROM t WHERE id = ?\");",
                "try {",
                "    s.execute();",
                "} catch (SQLException e) {",
                "    throw new IllegalStateException(e);",
                "}",
            ],
        ),
        added("locales/ar.ts", &["export const hello = '\u{202b}مرحبا\u{202c}';"]),
        added("db/migrations/2.sql", &["-- +goose Up", "CREATE TABLE t (a int);", "-- +goose Down", "DROP TABLE t;"]),
        format!("{}{}", deleted("src/pager.rs"), deleted("tests/pager.rs")),
        format!("{}{}", deleted("tests/pager.rs"), added("tests/paging.rs", &["fn t() {}"])),
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
    let patch = edited("a.json", 1, r#"{"a": 1}"#, r#"{"a": 1,}"#);
    let change = parse(patch.as_bytes()).unwrap();
    let found = |before, after| {
        let tree = Tree::default().with("a.json", before, after);
        review(&change, &tree).into_iter().map(|f| (f.class, f.line)).collect::<Vec<_>>()
    };
    assert_eq!(found(r#"{"a": 1}"#, r#"{"a": 1,}"#), [("syntax".to_owned(), 1)]);
    assert_eq!(found(r#"{"a": 1,,}"#, r#"{"a": 1,}"#), []);
    assert_eq!(found("{}", r#"{"a": 1}"#), []);
}

#[test]
fn data_nested_without_end_ends_no_review() {
    let deep = |text: String| Tree::default().with("deep.yml", "", text.leak()).classes(&added("deep.yml", &["x"]));
    assert_eq!(deep("- ".repeat(100_000)), Vec::<String>::new(), "too deep to be looked at");
    assert_eq!(deep("[".repeat(100_000)), ["syntax"]);
    let inner = format!("{}{}{}", "? ".repeat(90), "[".repeat(250), "]".repeat(250));
    assert_eq!(deep(inner), Vec::<String>::new());
    let xml = Tree::default().with("deep.xml", "", "<a>".repeat(100_000).leak());
    assert_eq!(xml.classes(&added("deep.xml", &["x"])), ["syntax"]);
}

#[test]
fn json_for_other_readers_is_left_to_them() {
    for (path, text) in [
        (".devcontainer/devcontainer.json", "{\n  \"a\": 1,\n}\n"),
        ("settings.json", "{\n  // see the manual\n  \"a\": 1,\n}\n"),
        ("events.json", "{\"a\": 1}\n{\"a\": 2}\n"),
        ("tests/data/broken.json", "{,}\n"),
        ("chart/values.json", "{\"a\": {{ .Values.a }}}\n"),
        ("empty.json", "\n"),
    ] {
        assert_eq!(Tree::default().with(path, "", text).classes(&added(path, &["x"])), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn a_dependency_that_the_lock_file_must_show_is_missed_there() {
    const LOCK: &str = "[[package]]\nname = \"a\"\n";
    let before = "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"\n";
    let after = "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"\ntoml = \"1\"\n";
    let patch = edited("crates/a/Cargo.toml", 5, "", "toml = \"1\"");
    let tree = Tree::default().with("Cargo.lock", LOCK, LOCK).with("crates/a/Cargo.toml", before, after);
    assert_eq!(tree.classes(&patch), ["stale-lock"], "the workspace's lock stands above");
    let both = format!("{}{patch}", edited("Cargo.lock", 1, "a", "b"));
    assert!(tree.classes(&both).is_empty());
    let profile = "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"\n[profile.release]\nopt-level = 3\n";
    let tree = Tree::default().with("Cargo.lock", "", "").with("crates/a/Cargo.toml", before, profile);
    assert!(
        tree.classes(&edited("crates/a/Cargo.toml", 6, "", "opt-level = 3")).is_empty(),
        "a profile is no dependency"
    );
    let tree = Tree::default().with("package-lock.json", "{}", "{}").with(
        "package.json",
        r#"{"dependencies": {"a": "^1"}, "jest": {"timeout": 5}}"#,
        r#"{"dependencies": {"a": "^1"}, "jest": {"timeout": 9}}"#,
    );
    assert!(tree.classes(&edited("package.json", 1, "5", "9")).is_empty(), "a setting is no dependency");
}

#[test]
fn a_lock_file_that_changes_the_projects_own_wishes_needs_the_manifest() {
    let registry = "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry\"\n";
    let own = |wishes: &str| {
        format!("[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [{wishes}]\n{registry}").leak()
            as &'static str
    };
    let lock = edited("Cargo.lock", 1, "a", "b");
    let more = Tree::default().with("Cargo.lock", own("\"serde\""), own("\"serde\", \"toml\""));
    assert_eq!(more.classes(&lock), ["stale-manifest"]);
    assert!(
        more.classes(&format!("{lock}{}", edited("Cargo.toml", 9, "[dev-dependencies]", "[dependencies]"))).is_empty()
    );
    let update = Tree::default().with("Cargo.lock", own("\"serde\""), own("\"serde 1.0.2\""));
    assert!(update.classes(&lock).is_empty(), "an update chooses versions and asks for nothing new");
    let root = |range: &str| {
        format!(r#"{{"packages": {{"": {{"dependencies": {{"left-pad": "{range}"}}}}}}}}"#).leak() as &'static str
    };
    let npm = edited("package-lock.json", 1, "a", "b");
    assert_eq!(
        Tree::default().with("package-lock.json", root("^1.0.0"), root("^2.0.0")).classes(&npm),
        ["stale-manifest"]
    );
    assert!(Tree::default().with("package-lock.json", root("^1.0.0"), root("^1.0.0")).classes(&npm).is_empty());
}

#[test]
fn a_generated_file_edited_by_hand_is_named_and_a_regenerated_one_is_not() {
    let text = "// Code generated by stringer. DO NOT EDIT.\n\npackage a\n\nconst B = 2\n";
    let tree = Tree::default().with("a.go", text, text);
    let edit = edited("a.go", 5, "const B = 1", "const B = 2");
    assert_eq!(tree.classes(&edit), ["generated-edited"]);
    assert!(
        tree.classes(&format!("{edit}{}", edited("api/a.proto", 1, "a", "b"))).is_empty(),
        "its source changed too"
    );
    let code = "const DOC: &str = \"generated: do not edit\";\n";
    assert!(
        Tree::default().with("a.rs", code, code).classes(&edited("a.rs", 1, "a", "b")).is_empty(),
        "only a header claims a file"
    );
}

#[test]
fn a_program_with_a_first_line_for_the_shell_may_be_executable() {
    let patch = "diff --git a/src/cli.js b/src/cli.js\nold mode 100644\nnew mode 100755\n";
    assert_eq!(classes(patch), ["mode"]);
    let text = "#!/usr/bin/env node\n";
    assert!(Tree::default().with("src/cli.js", text, text).classes(patch).is_empty());
}

#[test]
fn what_moves_and_is_handed_on_stays_public() {
    let gone = edited("src/lib.rs", 1, "pub fn pages(n: usize) -> usize {", "fn other() {");
    assert_eq!(classes(&gone), ["api-removed"]);
    assert!(classes(&edited("src/lib.rs", 1, "pub fn pages(n: usize) -> usize {", "pub use pager::pages;")).is_empty());
    assert!(classes(&format!("{}{gone}", edited("CHANGELOG.md", 1, "a", "b"))).is_empty());
}
