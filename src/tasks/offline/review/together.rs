//! Rules that need more than one file of the change, or the files around it.

use std::collections::{HashMap, HashSet};

use super::classes::{CASE_COLLISION, GENERATED, LICENCE, TEST_REMOVED};
use super::{Around, Found, Looked, by_hand, finding};
use crate::git::{Path, Status};
use crate::tasks::offline::classify::{Class, by_path};

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
    if of(Status::Added, Class::Test).next().is_some() {
        return;
    }
    let subjects: HashSet<String> = of(Status::Deleted, Class::Source).map(|f| stem(&f.path)).collect();
    for file in of(Status::Deleted, Class::Test) {
        let data = matches!(
            file.path.extension().as_str(),
            "snap" | "new" | "json" | "yaml" | "yml" | "txt" | "md" | "csv" | "xml" | "html" | ""
        );
        if !data && by_hand(file, Class::Test) && !subjects.contains(&stem(&file.path)) {
            out.push(finding(file, 0, file.path.as_str(), TEST_REMOVED));
        }
    }
}

/// What a file or its test is about: `pager` for `pager.rs`, `test_pager.py`, `PagerTest.java`.
fn stem(path: &Path) -> String {
    let name = path.file_name().split('.').next().unwrap_or_default().to_lowercase();
    let name =
        name.trim_start_matches("test_").trim_end_matches("_test").trim_end_matches("-test").trim_end_matches("_spec");
    name.trim_end_matches("tests").trim_end_matches("test").trim_end_matches('_').to_owned()
}

/// A few lines of a file that says it is generated were changed, and nothing it could be generated from.
fn generated(around: &Around<'_>, out: &mut Vec<Found>) {
    const SCHEMAS: &[&str] = &[
        "avsc", "g4", "graphql", "idl", "json", "l", "proto", "sql", "thrift", "tmpl", "wsdl", "xsd", "y", "yaml",
        "yml",
    ];
    let source =
        |it: &Looked<'_>| SCHEMAS.contains(&it.extension.as_str()) || matches!(it.class, Class::Lock | Class::Manifest);
    if around.files.iter().any(source) {
        return;
    }
    for it in &around.files {
        let file = it.file;
        if file.status != Status::Modified
            || !(1..=4).contains(&(file.added + file.removed))
            || !matches!(it.class, Class::Generated | Class::Source)
            || file.eol_only
            || file.whitespace_only
        {
            continue;
        }
        let Some(line) = file.added_lines().next() else { continue };
        let mut shown = file.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.new.is_some_and(|n| n <= 10));
        let told = shown.any(|l| do_not_edit(&l.text))
            || around.contents.after(file, 4 << 20).is_some_and(|b| {
                String::from_utf8_lossy(b.get(..1_024).unwrap_or(&b)).lines().take(10).any(do_not_edit)
            });
        if told {
            out.push(finding(file, line.new.unwrap_or(0), &line.text, GENERATED));
        }
    }
}

/// The line of a header by which generators claim a file.
fn do_not_edit(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let comment = ["//", "#", "/*", "*", "--", "<!--", ";"].iter().any(|m| line.trim_start().starts_with(m));
    comment
        && (line.contains("@generated")
            || (line.contains("generated") && (line.contains("do not edit") || line.contains("do not modify"))))
}
