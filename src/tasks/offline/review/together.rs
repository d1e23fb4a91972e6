//! Rules that need more than one file of the change, or the files around it.

use std::collections::HashMap;

use super::manifest;
use super::{Found, by_hand, finding};
use crate::git::{ChangeSet, Contents, FileChange, Path, Status};
use crate::tasks::finding::Severity;
use crate::tasks::offline::classify::{Class, by_path, classify};

/// Files of a kind that are read to learn whether they have licence headers.
const SAMPLE: usize = 40;

pub(super) fn check(change: &ChangeSet, contents: &dyn Contents, out: &mut Vec<Found>) {
    let tracked = contents.tracked();
    manifest::check(change, contents, &tracked, out);
    manifest::orphans(change, contents, out);
    collisions(change, &tracked, out);
    licences(change, contents, &tracked, out);
    tests_removed(change, out);
    generated(change, contents, out);
    api(change, out);
}

/// Two names that differ in nothing but case.
fn collisions(change: &ChangeSet, tracked: &[Path], out: &mut Vec<Found>) {
    let is_new = |f: &&FileChange| matches!(f.status, Status::Added | Status::Renamed | Status::Copied);
    if !change.files.iter().any(|f| is_new(&f)) {
        return;
    }
    let there = change.files.iter().filter(|f| f.status != Status::Deleted).map(|f| f.path.as_str());
    let mut names: HashMap<String, Vec<&str>> = HashMap::new();
    for name in tracked.iter().map(Path::as_str).chain(there) {
        names.entry(name.to_lowercase()).or_default().push(name);
    }
    for file in change.files.iter().filter(is_new) {
        let name = file.path.as_str();
        let same = names.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
        if let Some(other) = same.iter().find(|o| **o != name) {
            out.push(finding(
                file,
                0,
                name,
                "case-collision",
                Severity::High,
                &format!("It differs from {other} in case alone"),
                "On macOS and Windows one of the two overwrites the other.",
            ));
        }
    }
}

/// Licence headers: if at least nine in ten files of a kind have one, a new one should too.
fn licences(change: &ChangeSet, contents: &dyn Contents, tracked: &[Path], out: &mut Vec<Found>) {
    let mut known: HashMap<String, (u32, u32)> = HashMap::new();
    for file in
        change.files.iter().filter(|f| f.status == Status::Added && f.added > 10 && classify(f) == Class::Source)
    {
        let extension = file.path.extension();
        let head: Vec<&str> = file.added_lines().take(6).map(|l| l.text.as_str()).collect();
        if extension.is_empty() || licensed(&head.join("\n")) {
            continue;
        }
        let (with, all) =
            *known.entry(extension.clone()).or_insert_with(|| sample(change, contents, tracked, &extension));
        if all >= 10 && with * 10 >= all * 9 {
            out.push(finding(
                file,
                1,
                "licence",
                "licence-header",
                Severity::Low,
                "The licence header is missing",
                &format!("{with} of {all} files of this kind have one."),
            ));
        }
    }
}

/// How many of the older files of a kind have a header, and how many were read.
fn sample(change: &ChangeSet, contents: &dyn Contents, tracked: &[Path], extension: &str) -> (u32, u32) {
    let older = tracked.iter().filter(|p| {
        p.extension() == extension && by_path(p) == Class::Source && !change.files.iter().any(|f| f.path == **p)
    });
    older.take(SAMPLE).filter_map(|p| contents.base(p.as_str(), 1 << 20)).fold((0, 0), |(with, all), bytes| {
        let head = String::from_utf8_lossy(bytes.get(..2_048).unwrap_or(&bytes)).into_owned();
        (with + u32::from(licensed(&head)), all + 1)
    })
}

fn licensed(text: &str) -> bool {
    text.lines().take(6).any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("spdx-license-identifier") || line.contains("copyright")
    })
}

/// A test file is gone. When its subject goes with it, or tests come in its place, that is no loss.
fn tests_removed(change: &ChangeSet, out: &mut Vec<Found>) {
    let of =
        |status: Status, class: Class| change.files.iter().filter(move |f| f.status == status && classify(f) == class);
    if of(Status::Added, Class::Test).next().is_some() {
        return;
    }
    let subjects: Vec<String> = of(Status::Deleted, Class::Source).map(|f| stem(&f.path)).collect();
    for file in of(Status::Deleted, Class::Test) {
        let data = matches!(
            file.path.extension().as_str(),
            "snap" | "json" | "yaml" | "yml" | "txt" | "md" | "csv" | "xml" | "html" | ""
        );
        if !data && by_hand(file, Class::Test) && !subjects.contains(&stem(&file.path)) {
            out.push(finding(
                file,
                0,
                file.path.as_str(),
                "test-removed",
                Severity::Medium,
                "A test file is deleted",
                "What it guarded is no longer checked; say why in the message.",
            ));
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
fn generated(change: &ChangeSet, contents: &dyn Contents, out: &mut Vec<Found>) {
    const SCHEMAS: &[&str] = &[
        "avsc", "g4", "graphql", "idl", "json", "l", "proto", "sql", "thrift", "tmpl", "wsdl", "xsd", "y", "yaml",
        "yml",
    ];
    if change
        .files
        .iter()
        .any(|f| SCHEMAS.contains(&f.path.extension().as_str()) || matches!(classify(f), Class::Lock | Class::Manifest))
    {
        return;
    }
    for file in change.files.iter().filter(|f| f.status == Status::Modified && (1..=4).contains(&(f.added + f.removed)))
    {
        if !matches!(classify(file), Class::Generated | Class::Source) || file.eol_only || file.whitespace_only {
            continue;
        }
        let shown = file
            .hunks
            .iter()
            .flat_map(|h| &h.lines)
            .filter(|l| l.new.is_some_and(|n| n <= 10))
            .any(|l| do_not_edit(&l.text));
        let told = shown
            || contents.after(file, 4 << 20).is_some_and(|b| {
                String::from_utf8_lossy(b.get(..1_024).unwrap_or(&b)).lines().take(10).any(do_not_edit)
            });
        if let (true, Some(line)) = (told, file.added_lines().next()) {
            out.push(finding(
                file,
                line.new.unwrap_or(0),
                &line.text,
                "generated-edited",
                Severity::Medium,
                "A generated file is edited by hand",
                "The next generation takes the edit back.",
            ));
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

/// Something public is gone, and neither a version nor a changelog says so.
fn api(change: &ChangeSet, out: &mut Vec<Found>) {
    let told = change.files.iter().any(|f| {
        let name = f.path.file_name().to_ascii_lowercase();
        let version = |text: &str| text.trim_start().trim_start_matches('"').starts_with("version");
        name.starts_with("changelog")
            || name.starts_with("changes")
            || (classify(f) == Class::Manifest && f.added_lines().any(|l| version(&l.text)))
    });
    if told {
        return;
    }
    let doors = |f: &&FileChange| {
        let path = f.path.as_str();
        f.status == Status::Modified
            && ["src/lib.rs", "src/index.ts", "src/index.js"]
                .iter()
                .any(|d| path == *d || path.ends_with(&format!("/{d}")))
    };
    for file in change.files.iter().filter(doors) {
        // It may have moved to another file and be handed on from here.
        let kept = |name: &str| {
            file.added_lines().any(|l| l.text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == name))
        };
        let Some((line, name)) =
            file.removed_lines().find_map(|l| public(&l.text).filter(|n| !kept(n)).map(|n| (&l.text, n)))
        else {
            continue;
        };
        out.push(finding(
            file,
            0,
            line,
            "api-removed",
            Severity::Medium,
            &format!("{name} is no longer public"),
            "Callers outside break, and neither a version nor a changelog in this change says so.",
        ));
    }
}

/// The name that a line at the left margin makes public.
fn public(text: &str) -> Option<String> {
    [
        "pub fn ",
        "pub async fn ",
        "pub const fn ",
        "pub struct ",
        "pub enum ",
        "pub trait ",
        "pub type ",
        "export function ",
        "export async function ",
        "export class ",
        "export const ",
        "export interface ",
        "export type ",
    ]
    .iter()
    .find_map(|p| Some(text.strip_prefix(p)?.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned()))
    .filter(|name| !name.is_empty())
}
