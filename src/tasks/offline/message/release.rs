//! A new version of the project itself: its manifests, what they lock, and the log of changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::deps::{LISTED, more};
use super::{Verdict, plain};
use crate::git::{Contents, FileChange, Hunk, Line, LineKind, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::LIMIT;

/// Files that say in their title what every version brings.
const LOGS: [&str; 5] = ["changelog", "changes", "history", "news", "releases"];
/// Tables of TOML that say the version of the project itself.
const OWN: [&str; 4] = ["package", "workspace.package", "project", "tool.poetry"];
/// So many manifests are read whole for their names, fewer where each costs a process; of others the hunks tell enough.
const READ: usize = 100;
const READ_SLOWLY: usize = 8;

/// A manifest with another version than before.
struct Moved<'a> {
    file: &'a FileChange,
    /// The table of TOML that the version stands in.
    table: &'a str,
    /// The line that says it.
    line: &'a Line,
    to: &'a str,
}

/// A line that says other versions than before, and nothing else.
struct Turn<'a> {
    /// Whom it asks for.
    name: String,
    to: Vec<&'a str>,
    /// It is the project itself, in another table.
    own: bool,
    /// It says where a package lies.
    lies: bool,
}

/// Nothing but the version of the project is another one, or those of its packages; the log may say what for.
pub(super) fn decide(files: &[&FileChange], classes: &[Class], contents: &dyn Contents) -> Option<Verdict> {
    let (mut all, mut others) = (Vec::new(), Vec::new());
    for (file, class) in files.iter().zip(classes) {
        if file.status != Status::Modified || file.mode_only() {
            return None;
        }
        match class {
            Class::Docs => {
                let stem = file.path.file_name().split('.').next().unwrap_or_default().to_lowercase();
                LOGS.contains(&stem.as_str()).then_some(())?;
            }
            Class::Lock => {}
            Class::Manifest | Class::Config => match moved(file) {
                Some(one) => all.push(one),
                None => others.push(*file),
            },
            _ => return None,
        }
    }
    let first = all.first()?;
    let to: BTreeSet<&str> = all.iter().map(|one| one.to).collect();
    let one = to.len() == 1;
    // What is locked has the new versions in the place of others.
    let mut locks = files.iter().zip(classes).filter(|(_, class)| **class == Class::Lock).map(|(file, _)| file);
    let asking = all.iter().map(|one| one.file).chain(others.iter().copied());
    if !locks.all(|file| follows(file, &to)) || !asking.into_iter().all(keeps) {
        return None;
    }
    // Who asks for other packages by the way says more with their names, also beside the version itself.
    let mut turns = Vec::new();
    for one in &all {
        turns.extend(turned(one.file, Some(one))?.into_iter().filter(|turn| !within(one, turn)));
    }
    for file in &others {
        turns.extend(Some(turned(file, None)?).filter(|_| file.added > 0)?);
    }
    // Names cost a look into each manifest.
    let names: Vec<Option<String>> = if one && turns.is_empty() && others.is_empty() {
        Vec::new()
    } else {
        let most = if contents.slow() { READ_SLOWLY } else { READ };
        all.iter().enumerate().map(|(at, one)| named(one, Some(contents).filter(|_| at < most))).collect()
    };
    // Packages of the project ask for each other, and so does their workspace.
    let known: BTreeSet<(&str, &str)> =
        names.iter().zip(&all).filter_map(|(name, one)| Some((name.as_deref()?, one.to))).collect();
    let own = |turn: &Turn<'_>| turn.to.iter().all(|version| known.contains(&(turn.name.as_str(), *version)));
    if !turns.iter().all(own) {
        return None;
    }
    let (texts, body) = if one {
        (vec![format!("bump version to {}", first.to), "bump version".to_owned()], None)
    } else {
        // Whose version it is cannot be said of a package without a name.
        let named = names.iter().zip(&all).map(|(name, one)| Some(format!("{} {}", name.as_deref()?, one.to)));
        told(&named.collect::<Option<Vec<String>>>()?)
    };
    Some(Verdict {
        rule: "release",
        type_: Some("chore"),
        texts,
        soft: true,
        body,
        packages: Vec::new(),
        whole: Vec::new(),
    })
}

/// Several packages, each with its version.
fn told(all: &[String]) -> (Vec<String>, Option<String>) {
    let count = format!("release {} packages", all.len());
    if let [a, b] = all {
        return (vec![format!("release {a} and {b}"), count], None);
    }
    let mut lines: Vec<String> = all.iter().take(LISTED).map(|one| plain(&format!("- {one}"))).collect();
    if all.len() > LISTED {
        lines.push(format!("- and {}", more(all.len() - LISTED)));
    }
    (vec![count], Some(lines.join("\n")))
}

/// Whatever a manifest asked for, it still asks for.
fn keeps(file: &FileChange) -> bool {
    let mut names: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind != LineKind::Context) {
        let text = line.text.trim().trim_end_matches(',');
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let count = names.entry(asked(file, text).unwrap_or_else(|| text.to_owned())).or_default();
        if line.kind == LineKind::Removed { count.0 += 1 } else { count.1 += 1 }
    }
    names.values().all(|(gone, come)| gone <= come)
}

/// Whom a line of a manifest asks for: its key, or the package that it says behind it; of a list the beginning of its text.
fn asked(file: &FileChange, line: &str) -> Option<String> {
    let text = line.trim().trim_end_matches(',');
    if file.path.extension() == "json" {
        let member: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&format!("{{{text}}}")).ok()?;
        return member.into_iter().next().map(|(name, _)| name);
    }
    if let Ok(table) = toml::from_str::<toml::Table>(text)
        && let Some((name, value)) = table.into_iter().next()
    {
        let package = value.get("package").and_then(toml::Value::as_str).map(str::to_owned);
        return Some(package.unwrap_or(name));
    }
    let bare = text.trim_start_matches(['"', '\'']);
    let end = |(at, c): (usize, char)| at > 0 && !c.is_alphanumeric() && !"-_./".contains(c);
    let end = bare.char_indices().find(|one| end(*one)).map_or(bare.len(), |(at, _)| at);
    bare.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// What in a manifest says other versions than before, besides its own; nothing where more than that is new.
fn turned<'a>(file: &'a FileChange, own: Option<&Moved<'a>>) -> Option<Vec<Turn<'a>>> {
    let mut turns = Vec::new();
    for hunk in &file.hunks {
        let mut gone: HashMap<String, Vec<Vec<&str>>> = HashMap::new();
        for line in hunk.lines.iter().filter(|line| line.kind == LineKind::Removed) {
            let (frame, from) = framed(&line.text);
            gone.entry(frame).or_default().push(from);
        }
        let tables = if file.path.extension() == "toml" { tables(hunk) } else { Vec::new() };
        // Of JSON, what the next line may lie in.
        let mut open: Vec<&str> = Vec::new();
        for (at, line) in hunk.lines.iter().enumerate() {
            if line.kind == LineKind::Removed || line.text.trim().is_empty() {
                continue;
            }
            while open.last().is_some_and(|head| deep(head) >= deep(&line.text)) {
                open.pop();
            }
            let head = open.last().copied();
            open.push(&line.text);
            if line.kind != LineKind::Added || own.is_some_and(|own| std::ptr::eq(own.line, line)) {
                continue;
            }
            let (frame, new) = framed(&line.text);
            let from = gone.get_mut(&frame)?.pop()?;
            let to: Vec<&str> = new.into_iter().zip(from).filter(|(to, from)| to != from).map(|(to, _)| to).collect();
            // Under another head the same line says something else.
            if to.is_empty() {
                return None;
            }
            turns.push(match headed(file, &tables, at, &line.text) {
                Some((name, own, lies)) => Turn { name, to, own, lies },
                None => Turn { name: asks(file, head, &line.text)?, to, own: false, lies: lies(&line.text) },
            });
        }
    }
    Some(turns)
}

/// A workspace says where packages lie that have its own version, and a tool which one it has to write.
fn within(one: &Moved<'_>, turn: &Turn<'_>) -> bool {
    let same = turn.to.iter().all(|to| *to == one.to);
    same && (one.table == "workspace.package" && turn.lies || turn.name == "current_version" || turn.own)
}

/// Whether a line says where the package lies that it asks for.
fn lies(line: &str) -> bool {
    let table = toml::from_str::<toml::Table>(line.trim()).ok();
    table.is_some_and(|table| table.values().next().and_then(|value| value.get("path")).is_some())
}

/// A table of TOML as a hunk shows it.
struct Table<'a> {
    /// The place of its head.
    at: usize,
    head: &'a str,
    /// The line that says which package it is about.
    package: Option<&'a str>,
    /// It says where the package lies.
    path: bool,
}

/// The tables that stand there now, in their order.
fn tables(hunk: &Hunk) -> Vec<Table<'_>> {
    let mut tables: Vec<Table<'_>> = Vec::new();
    for (at, line) in hunk.lines.iter().enumerate().filter(|(_, line)| line.kind != LineKind::Removed) {
        let text = line.text.as_str();
        if text.starts_with('[') {
            tables.push(Table { at, head: text, package: None, path: false });
        } else if let Some(table) = tables.last_mut() {
            match left(text) {
                Some("package") if table.package.is_none() => table.package = Some(text),
                Some("path") => table.path = true,
                _ => {}
            }
        }
    }
    tables
}

/// What stands to the left of a value.
fn left(text: &str) -> Option<&str> {
    Some(text.split_once('=')?.0.trim())
}

/// Whom a line of TOML speaks of that says a version alone: its table does. With whether that is the project itself, and
/// whether it says where the package lies.
fn headed(file: &FileChange, tables: &[Table<'_>], at: usize, line: &str) -> Option<(String, bool, bool)> {
    if left(line)? != "version" {
        return None;
    }
    let table = tables.get(tables.partition_point(|table| table.at < at).checked_sub(1)?)?;
    let name = table.head.trim().strip_prefix('[')?.strip_suffix(']')?;
    if OWN.contains(&name) || name == "tool.commitizen" {
        return Some((String::new(), true, false));
    }
    let (list, name) = name.rsplit_once('.')?;
    // The key may be another name for it.
    let package = table.package.and_then(|text| asked(file, text.split_once('=')?.1));
    let name = package.unwrap_or_else(|| name.to_owned()).trim_matches(['"', '\'']).to_owned();
    list.ends_with("dependencies").then_some((name, false, table.path))
}

/// How far a line stands in.
fn deep(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Whom a line below this head asks for; nobody where it stands among other things than packages, as scripts of JSON do.
fn asks(file: &FileChange, head: Option<&str>, line: &str) -> Option<String> {
    let name = asked(file, line)?;
    if file.path.extension() != "json" || name == "current_version" {
        return Some(name);
    }
    let list = |head: &str| {
        let key = head.trim().trim_end_matches(['{', '[', ':', ' ', '"']);
        ["ependencies", "overrides", "resolutions"].iter().any(|end| key.ends_with(end))
    };
    // A script has blanks in it.
    let value = line.split_once(':').map_or("", |(_, value)| value.trim());
    (head.is_none_or(list) && !value.contains(' ')).then_some(name)
}

/// Whether a lock file has these versions in the place of others, and nothing else.
fn follows(file: &FileChange, to: &BTreeSet<&str>) -> bool {
    file.hunks.iter().all(|hunk| {
        let mut gone: HashMap<String, usize> = HashMap::new();
        for line in hunk.lines.iter().filter(|line| line.kind == LineKind::Removed) {
            *gone.entry(framed(&line.text).0).or_default() += 1;
        }
        let mut come = hunk.lines.iter().filter(|line| line.kind == LineKind::Added && !line.text.trim().is_empty());
        come.all(|line| {
            let (frame, versions) = framed(&line.text);
            let left = gone.get_mut(&frame).filter(|left| **left > 0).map(|left| *left -= 1);
            left.is_some() && versions.iter().any(|version| to.contains(version))
        })
    })
}

/// A line without what may be a version in it, and that.
fn framed(line: &str) -> (String, Vec<&str>) {
    let word = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    let (mut frame, mut versions) = (String::with_capacity(line.len()), Vec::new());
    let mut rest = line.trim().trim_end_matches(',');
    while let Some(at) = rest.find(word) {
        let (before, behind) = rest.split_at(at);
        let (said, left) = behind.split_at(behind.find(|c| !word(c)).unwrap_or(behind.len()));
        frame.push_str(before);
        let bare = said.strip_prefix('v').unwrap_or(said);
        if bare.starts_with(|c: char| c.is_ascii_digit()) {
            frame.push_str(if bare == said { "\0" } else { "v\0" });
            versions.push(bare);
        } else {
            frame.push_str(said);
        }
        rest = left;
    }
    frame.push_str(rest);
    (frame, versions)
}

/// What a package calls itself where its version stands, else its folder when nobody has the whole manifest.
fn named(one: &Moved<'_>, contents: Option<&dyn Contents>) -> Option<String> {
    let json = one.file.path.extension() == "json";
    let whole = contents.and_then(|contents| contents.after(one.file, LIMIT));
    let name = if let Some(text) = whole.and_then(|bytes| String::from_utf8(bytes).ok()) {
        if json { in_object(&text, one.to) } else { in_table(&text, one.table) }
    } else {
        // The version of a workspace is that of many packages.
        let own = if json { one.file.path.file_name() == "package.json" } else { one.table != "workspace.package" };
        let folder = || one.file.path.folders().last().map(str::to_owned);
        own.then(|| shown(one, json).or_else(folder)).flatten()
    };
    name.filter(|name| !name.is_empty())
}

fn in_object(text: &str, to: &str) -> Option<String> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let holds = |object: &&serde_json::Value| object.get("version").and_then(serde_json::Value::as_str) == Some(to);
    let object = Some(&root).filter(holds).or_else(|| root.as_object()?.values().find(holds))?;
    Some(object.get("name")?.as_str()?.to_owned())
}

fn in_table(text: &str, table: &str) -> Option<String> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let mut keys = table.split('.');
    let first = root.get(keys.next()?)?;
    let found = keys.try_fold(first, |value, key| value.get(key))?;
    Some(found.get("name")?.as_str()?.to_owned())
}

/// The name in the lines of a change around the version: in the same table, as deep in JSON.
fn shown(one: &Moved<'_>, json: bool) -> Option<String> {
    one.file.hunks.iter().find_map(|hunk| {
        let lines: Vec<&Line> = hunk.lines.iter().filter(|line| line.kind != LineKind::Removed).collect();
        let at = lines.iter().position(|line| version(&line.text, json) == Some(one.to))?;
        let margin = deep(&lines.get(at)?.text);
        let head = |line: &&&Line| if json { deep(&line.text) < margin } else { line.text.starts_with('[') };
        let (above, below) = lines.split_at(at);
        let mut near =
            above.iter().rev().take_while(|line| !head(line)).chain(below.iter().take_while(|line| !head(line)));
        near.find_map(|line| {
            let text = line.text.trim().trim_end_matches(',');
            if json {
                let member: serde_json::Value = serde_json::from_str(&format!("{{{text}}}")).ok()?;
                return (deep(&line.text) == margin).then(|| member.get("name")?.as_str().map(str::to_owned)).flatten();
            }
            toml::from_str::<toml::Table>(text).ok()?.get("name")?.as_str().map(str::to_owned)
        })
    })
}

/// The version that a manifest has now, where it had another one before.
fn moved(file: &FileChange) -> Option<Moved<'_>> {
    let json = file.path.extension() == "json";
    let of = |kind: LineKind| {
        file.hunks.iter().find_map(|hunk| {
            let mut head = None;
            hunk.lines.iter().find_map(|line| {
                if line.text.starts_with('[') {
                    head = Some(line.text.as_str());
                }
                let version = Some(line).filter(|line| line.kind == kind).and_then(|line| version(&line.text, json))?;
                let table = if json { "" } else { table(head?)? };
                Some((table, line, version))
            })
        })
    };
    let ((_, _, old), (table, line, to)) = (of(LineKind::Removed)?, of(LineKind::Added)?);
    (old != to).then_some(Moved { file, table, line, to })
}

fn version(line: &str, json: bool) -> Option<&str> {
    // Deeper down in JSON it is that of something else.
    let deep = line.len() - line.trim_start().len() > 4;
    let text = line.trim();
    let rest = if json { text.strip_prefix("\"version\"") } else { text.strip_prefix("version") }?.trim_start();
    let value = rest.strip_prefix(if json { ':' } else { '=' })?.trim().trim_end_matches(',');
    let (value, behind) = value.strip_prefix('"')?.split_once('"')?;
    // Behind it TOML may have a comment.
    if !behind.is_empty() && (json || !behind.trim_start().starts_with('#')) {
        return None;
    }
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    (!deep && plain && value.starts_with(|c: char| c.is_ascii_digit())).then_some(value)
}

/// The table with this head, if it says that the version is that of a package of this project, and not of one that it asks
/// for.
fn table(head: &str) -> Option<&str> {
    let name = head.trim().strip_prefix('[')?.strip_suffix(']')?;
    OWN.contains(&name).then_some(name)
}

#[cfg(test)]
mod tests;
