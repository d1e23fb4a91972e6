//! Rules that need more than one file of the change, or the files around it.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use regex::Regex;

use super::classes::{CASE_COLLISION, GENERATED, LICENCE, TEST_REMOVED};
use super::{Around, Found, Looked, by_hand, finding};
use crate::git::{FileChange, LineKind, Path, Status};
use crate::tasks::offline::classify::{Class, by_path, is_data, is_test_folder, names_tests};

/// Files of a kind that are read to learn whether they have licence headers.
const SAMPLE: usize = 40;

pub(super) fn check(around: &Around<'_>, out: &mut Vec<Found>) {
    collisions(around, out);
    licences(around, out);
    tests_removed(around, out);
    generated(around, out);
}

/// Two names that differ in nothing but case.
fn collisions(around: &Around<'_>, out: &mut Vec<Found>) {
    let is_new = |it: &&Looked<'_>| matches!(it.file.status, Status::Added | Status::Renamed | Status::Copied);
    let mut names: HashMap<String, Vec<&str>> =
        around.files.iter().filter(is_new).map(|it| (it.file.path.as_str().to_lowercase(), Vec::new())).collect();
    if names.is_empty() {
        return;
    }
    let there = around.files.iter().map(|it| it.file).filter(|f| f.status != Status::Deleted).map(|f| f.path.as_str());
    for name in around.tracked().iter().map(Path::as_str).chain(there) {
        if let Some(same) = names.get_mut(&name.to_lowercase()) {
            same.push(name);
        }
    }
    for it in around.files.iter().filter(is_new) {
        let name = it.file.path.as_str();
        let same = names.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
        if let Some(other) = same.iter().find(|o| **o != name) {
            let title = format!("It differs from {other} in case alone");
            out.push(finding(it.file, 0, name, CASE_COLLISION).titled(&title));
        }
    }
}

/// Licence headers: if at least nine in ten files of a kind have one, a new one should too.
fn licences(around: &Around<'_>, out: &mut Vec<Found>) {
    let mut known: HashMap<&str, (u32, u32)> = HashMap::new();
    for it in &around.files {
        if it.file.status != Status::Added
            || it.file.added <= 10
            || it.class != Class::Source
            || it.extension.is_empty()
        {
            continue;
        }
        if licensed(it.file.added_lines().map(|l| l.text.as_str())) {
            continue;
        }
        let (with, all) = *known.entry(&it.extension).or_insert_with(|| sample(around, &it.extension));
        if all >= 10 && with * 10 >= all * 9 {
            let why = format!("{with} of {all} files of this kind have one.");
            out.push(finding(it.file, 1, "licence", LICENCE).saying(LICENCE.title, &why));
        }
    }
}

/// How many of the older files of a kind have a header, and how many were read.
fn sample(around: &Around<'_>, extension: &str) -> (u32, u32) {
    let changed: HashSet<&str> = around.files.iter().map(|it| it.file.path.as_str()).collect();
    let older = around
        .tracked()
        .iter()
        .filter(|p| !changed.contains(p.as_str()) && p.extension() == extension && by_path(p) == Class::Source);
    older.take(SAMPLE).filter_map(|p| around.contents.base(p.as_str(), 1 << 20)).fold((0, 0), |(with, all), bytes| {
        let head = String::from_utf8_lossy(bytes.get(..2_048).unwrap_or(&bytes)).into_owned();
        (with + u32::from(licensed(head.lines())), all + 1)
    })
}

/// A header stands in the first lines.
fn licensed<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    lines.take(6).any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("spdx-license-identifier") || line.contains("copyright")
    })
}

/// A test file is gone. When its subject goes with it, or tests come in its place, that is no loss.
fn tests_removed(around: &Around<'_>, out: &mut Vec<Found>) {
    let of = |status: Status, class: Class| {
        around.files.iter().filter(move |it| it.file.status == status && it.class == class).map(|it| it.file)
    };
    let subjects: HashSet<String> = of(Status::Deleted, Class::Source).map(|f| stem(&f.path)).collect();
    for file in of(Status::Deleted, Class::Test) {
        if is_data(&file.path)
            || !by_hand(file, Class::Test)
            || !holds_tests(file)
            || subjects.contains(&stem(&file.path))
            || home_gone(&file.path, around)
        {
            continue;
        }
        let instead = of(Status::Added, Class::Test).any(|new| about_the_same(&new.path, &file.path));
        if !instead && !elsewhere(file, around) && !lines_elsewhere(file, around) {
            out.push(finding(file, 0, file.path.as_str(), TEST_REMOVED));
        }
    }
}

/// By its name it is a test, or something in it is: what only serves tests guards nothing by itself.
fn holds_tests(file: &FileChange) -> bool {
    static MARK: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str = r#"^\s*(?:#\[(?:\w+::)*(?:test|rstest|wasm_bindgen_test)\b|(?:async )?def test|class \w+\(.*TestCase|func (?:Test|Benchmark|Example|Fuzz)\w*\(|(?:public )?function test|@(?:Test|ParameterizedTest)\b|\[(?:Fact|Theory|Test)\b|(?:(?:it|test|describe|context|specify|scenario|suite)(?:\.\w+)*[ (]+["'`]|(?:test|it)\.(?:each|for))|TEST(?:_F|_P|_CASE)?\(|@test ")"#;
    let mark = || {
        let pattern = MARK.get_or_init(|| Regex::new(PATTERN).ok()).as_ref();
        pattern.is_some_and(|p| file.removed_lines().any(|l| p.is_match(&l.text)))
    };
    names_tests(&file.path) || mark()
}

/// What the test stood in is gone too: the folder round its folder of tests, or a package round that.
fn home_gone(path: &Path, around: &Around<'_>) -> bool {
    let home = path.folders().take_while(|folder| !is_test_folder(folder)).collect::<Vec<_>>().join("/");
    if home.is_empty() {
        return false;
    }
    let left = around.tracked();
    if !left.is_empty() && !left.iter().any(|path| below(path.as_str(), &home)) {
        return true;
    }
    let manifests = around.files.iter().filter(|it| it.class == Class::Manifest);
    // A package may only get another manifest.
    let stands = |at: &str| {
        left.iter().any(|path| folder(path) == at && by_path(path) == Class::Manifest)
            || manifests.clone().any(|it| it.file.status != Status::Deleted && folder(&it.file.path) == at)
    };
    let gone = manifests.clone().filter(|it| it.file.status == Status::Deleted).map(|it| folder(&it.file.path));
    let mut round = gone.filter(|at| !at.is_empty() && (home == *at || below(&home, at)));
    round.any(|at| !stands(at))
}

/// The path of a file's folder; empty for the top.
fn folder(path: &Path) -> &str {
    path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a path lies in this folder, however deep.
fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Two tests are about one thing by their names, or by a folder that is not just one for tests.
fn about_the_same(one: &Path, other: &Path) -> bool {
    const ANY: [&str; 14] = [
        "__tests__",
        "acceptance",
        "cypress",
        "e2e",
        "functional",
        "integration",
        "lib",
        "spec",
        "specs",
        "src",
        "test",
        "tests",
        "unit",
        "units",
    ];
    let (a, b) = (stem(one), stem(other));
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let (here, there) = (one.folders().last(), other.folders().last());
    let same_folder = one.folders().eq(other.folders());
    akin(&a, &b)
        || (same_folder && shared >= 3)
        || (same_folder && here.is_some_and(|folder| !ANY.contains(&folder)) && here == there)
}

/// One name is the other, or has it at one of its ends.
fn akin(a: &str, b: &str) -> bool {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    long == short || (short.len() >= 3 && (long.starts_with(short) || long.ends_with(short)))
}

/// At least half of the tests of a file that is gone stand, by their names, on added lines of other files.
fn elsewhere(file: &FileChange, around: &Around<'_>) -> bool {
    static NAME: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str = r#"(?:\bfn |\bdef |\bfunc |\bvoid |\bfun |\bfunction )(\w+)\s*\(|\b(?:it|test|context|specify|scenario|example)\s*\(?\s*(?:"([^"]+)"|'([^']+)'|`([^`]+)`)"#;
    let Some(pattern) = NAME.get_or_init(|| Regex::new(PATTERN).ok()).as_ref() else { return false };
    let names: HashSet<&str> = file
        .removed_lines()
        .filter_map(|l| pattern.captures(&l.text)?.iter().skip(1).flatten().next().map(|m| m.as_str()))
        .filter(|name| name.len() >= 4 && !matches!(*name, "main" | "setUp" | "setup" | "tearDown" | "teardown"))
        .collect();
    let extension = file.path.extension();
    let others = around.files.iter().filter(|it| it.class == Class::Test || it.extension == extension);
    let texts: Vec<&str> = others.flat_map(|it| it.file.added_lines()).map(|l| l.text.as_str()).collect();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |text: &str, name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).is_some_and(|t| t.ends_with(word));
            !before && !text.get(at + name.len()..).is_some_and(|t| t.starts_with(word))
        })
    };
    let moved = names.iter().filter(|name| texts.iter().any(|text| whole(text, name))).count();
    !names.is_empty() && moved * 2 >= names.len()
}

/// At least half of what a file that is gone says stands on added lines of other files.
fn lines_elsewhere(file: &FileChange, around: &Around<'_>) -> bool {
    // Shorter lines are brackets; what is brought in is the same in every test.
    const TELLING: usize = 16;
    const BROUGHT: [&str; 6] = ["#include", "from ", "import ", "package ", "require", "use "];
    let telling = |text: &&str| text.len() >= TELLING && !BROUGHT.iter().any(|word| text.starts_with(word));
    let gone: HashSet<&str> = file.removed_lines().map(|l| l.text.trim()).filter(telling).collect();
    let lines = around.files.iter().flat_map(|it| it.file.added_lines());
    let come: HashSet<&str> = lines.map(|l| l.text.trim()).filter(|text| gone.contains(text)).collect();
    !gone.is_empty() && come.len() * 2 >= gone.len()
}

/// What a file or its test is about: `pager` for `pager.rs`, `test_pager.py`, `PagerTest.java`.
fn stem(path: &Path) -> String {
    let name = path.stem().to_lowercase();
    let name =
        name.trim_start_matches("test_").trim_end_matches("_test").trim_end_matches("-test").trim_end_matches("_spec");
    name.trim_end_matches("tests").trim_end_matches("test").trim_end_matches('_').to_owned()
}

/// Lines of a generated file that a person changes, at most: a generator that runs again changes more.
const FEW: u32 = 4;

/// A few lines of a file that says it is generated were changed, and nothing it could be generated from.
fn generated(around: &Around<'_>, out: &mut Vec<Found>) {
    for it in &around.files {
        let file = it.file;
        if file.status != Status::Modified
            || !(1..=FEW).contains(&(file.added + file.removed))
            || !matches!(it.class, Class::Generated | Class::Source)
            || file.eol_only
            || file.whitespace_only
        {
            continue;
        }
        let mut shown = file.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.new.is_some_and(|n| n <= 10));
        let told = shown.any(|l| do_not_edit(&l.text))
            || around.contents.after(file, 4 << 20).is_some_and(|b| {
                String::from_utf8_lossy(b.get(..1_024).unwrap_or(&b)).lines().take(10).any(do_not_edit)
            });
        // Another version of the generator says so in its header.
        let remarks = || file.added_lines().chain(file.removed_lines()).all(|l| is_remark(&l.text));
        if !told || remarks() || around.files.iter().any(|other| origin(other, file)) {
            continue;
        }
        let (line, text) = edited(file);
        out.push(finding(file, line, text, GENERATED));
    }
}

/// The first line that is added; where lines only go, the one before.
fn edited(file: &FileChange) -> (u32, &str) {
    if let Some(line) = file.added_lines().next() {
        return (line.new.unwrap_or(0), &line.text);
    }
    let mut before = 0;
    for line in file.hunks.iter().flat_map(|h| &h.lines) {
        if line.kind == LineKind::Removed {
            return (before, &line.text);
        }
        before = line.new.unwrap_or(before);
    }
    (0, "")
}

/// Whether a changed file is one that a generated file may be made from: a description of the kind that generators
/// read, or what shares its name, its folder or a name on the lines that changed.
fn origin(other: &Looked<'_>, file: &FileChange) -> bool {
    const READ: [&str; 16] = [
        "avsc", "erb", "g4", "graphql", "hbs", "idl", "j2", "l", "prisma", "proto", "sql", "thrift", "tmpl", "wsdl",
        "xsd", "y",
    ];
    // These may describe anything, and mostly describe something else.
    const DATA: [&str; 4] = ["json", "toml", "yaml", "yml"];
    // Names that every folder has.
    const COMMON: [&str; 5] = ["index", "init", "lib", "main", "mod"];
    if other.file.path == file.path || matches!(other.class, Class::Generated | Class::Test) {
        return false;
    }
    let extension = other.extension.as_str();
    let near = || other.file.path.folders().eq(file.path.folders());
    if matches!(other.class, Class::Lock | Class::Manifest) {
        return near();
    }
    let own = stem(&other.file.path);
    let named = || {
        let mut lines = file.added_lines().chain(file.removed_lines());
        own.len() >= 4 && !COMMON.contains(&own.as_str()) && lines.any(|l| l.text.to_lowercase().contains(&own))
    };
    READ.contains(&extension) || akin(&stem(&file.path), &own) || (DATA.contains(&extension) && near()) || named()
}

/// The line of a header by which generators claim a file.
fn do_not_edit(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    is_remark(&line)
        && (line.contains("@generated")
            || (line.contains("generated") && (line.contains("do not edit") || line.contains("do not modify"))))
}

/// Nothing but a comment stands on the line.
fn is_remark(line: &str) -> bool {
    ["//", "#", "/*", "*", "--", "<!--", ";"].iter().any(|m| line.trim_start().starts_with(m))
}
