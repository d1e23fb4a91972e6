//! One TOML file as settings and upstream rows, with line and column of whatever is wrong.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, Key};
use super::names::{NameRow, alias, pool, sift};
use super::problem::Problem;
use super::redact::{self, FindRow, KindRow};
use super::rules::{RuleRow, rule};
use super::upstream::{UpstreamRow, row};
use super::value::{Value, from_toml, takes};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Settings with the line they stand on.
    pub settings: Vec<(&'static Key, Value, usize)>,
    /// Entries under `upstreams`.
    pub upstreams: Vec<UpstreamRow>,
    /// Entries under `upstreams` that hold no more: their names, and why.
    pub lost: Vec<(String, String)>,
    /// Entries under `rules`.
    pub rules: Vec<RuleRow>,
    /// Entries under `aliases` and `pools`.
    pub names: Vec<NameRow>,
    /// Entries under `redact.kinds`.
    pub kinds: Vec<KindRow>,
    /// Entries under `redact.rule`.
    pub finds: Vec<FindRow>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Settings with a value that they do not take.
    pub misread: Vec<&'static str>,
}

/// Reads a file's text. Whatever can be understood is, also around a syntax error.
pub(super) fn read(path: &Path, text: &str) -> Read {
    let mut out = Read::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let mut problem = at(path, text, &span, error.message().trim().to_owned());
        problem.unread = true;
        let line = line_of(text, span.start) - 1;
        problem.line = text.lines().nth(line).map(str::to_owned);
        out.problems.push(problem);
    }
    walk(path, text, "", table.get_ref(), &mut out);
    // In the order of the file, whatever the parser's is: of two with one name the first holds.
    out.names.sort_by_key(|row| row.line);
    let roles: Vec<(&str, &[String])> = out
        .settings
        .iter()
        .filter_map(|(key, value, _)| match value {
            Value::List(members) => Some((key.name.strip_prefix("roles.")?, members.as_slice())),
            _ => None,
        })
        .collect();
    for (line, what) in sift(&mut out.names, &roles) {
        let place = format!("{}:{line}", path.display());
        out.problems.push(Problem { place, what, line: None, unread: false });
    }
    out
}

fn walk(path: &Path, text: &str, prefix: &str, table: &DeTable<'_>, out: &mut Read) {
    for (name, value) in table.iter() {
        let full = if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
        if full == "upstreams" {
            upstreams(path, text, value.get_ref(), out);
            continue;
        }
        if full == "rules" {
            rules(path, text, value.get_ref(), out);
            continue;
        }
        if let "redact.kinds" | "redact.rule" = full.as_str() {
            secrets(path, text, &full, value, out);
            continue;
        }
        if let "aliases" | "pools" = full.as_str() {
            named(path, text, &full, value, out);
            continue;
        }
        match (keys::find(&full), value.get_ref()) {
            (Some(key), value_ref) => match from_toml(key, value_ref) {
                Some(checked) => out.settings.push((key, checked, line_of(text, value.span().start))),
                None => {
                    let mut problem = at(path, text, &value.span(), format!("{full} takes {}", takes(key.kind)));
                    // A limit that cannot be read cannot be kept.
                    problem.unread = key.bounds();
                    out.problems.push(problem);
                    out.misread.push(key.name);
                }
            },
            (None, DeValue::Table(inner)) if keys::KEYS.iter().any(|k| k.name.starts_with(&format!("{full}."))) => {
                walk(path, text, &full, inner, out);
            }
            (None, _) => {
                let near = keys::near(&full).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
                out.problems.push(at(path, text, &name.span(), format!("there is no setting \"{full}\"{near}")));
            }
        }
    }
}

fn upstreams(path: &Path, text: &str, value: &DeValue<'_>, out: &mut Read) {
    let Some(table) = value.as_table() else {
        out.problems.push(at(path, text, &(0..0), "upstreams takes tables such as [upstreams.mine]".to_owned()));
        return;
    };
    for (name, entry) in table.iter() {
        match row(name.get_ref(), entry.get_ref()) {
            Ok(row) => out.upstreams.push(row),
            Err(what) => {
                let problem = at(path, text, &entry.span(), format!("upstreams.{}: {what}", name.get_ref()));
                out.lost.push((name.get_ref().to_string(), problem.to_string()));
                out.problems.push(problem);
            }
        }
    }
}

fn rules(path: &Path, text: &str, value: &DeValue<'_>, out: &mut Read) {
    let Some(list) = value.as_array() else {
        out.problems.push(at(path, text, &(0..0), "rules takes tables such as [[rules]]".to_owned()));
        return;
    };
    for entry in list.iter() {
        match rule(entry.get_ref()) {
            Ok(row) => out.rules.push(row),
            Err(what) => out.problems.push(at(path, text, &entry.span(), format!("rules: {what}"))),
        }
    }
}

fn named(path: &Path, text: &str, group: &str, value: &Spanned<DeValue<'_>>, out: &mut Read) {
    let Some(table) = value.get_ref().as_table() else {
        let what = format!("{group} takes names, for example: [{group}]");
        out.problems.push(at(path, text, &value.span(), what));
        return;
    };
    for (name, entry) in table.iter() {
        let line = line_of(text, name.span().start);
        let read = if group == "pools" { pool } else { alias };
        match read(name.get_ref(), entry.get_ref(), line) {
            Ok(row) => out.names.push(row),
            Err(what) => {
                out.problems.push(at(path, text, &name.span(), format!("{group}.{}: {what}", name.get_ref())));
            }
        }
    }
}

/// What cannot be read here would let something out that the user wants kept in: it counts as unread.
fn secrets(path: &Path, text: &str, group: &str, value: &Spanned<DeValue<'_>>, out: &mut Read) {
    let mut wrong = |span: Range<usize>, what: String| {
        let mut problem = at(path, text, &span, what);
        problem.unread = true;
        out.problems.push(problem);
    };
    let place = |span: Range<usize>| at(path, text, &span, String::new()).place;
    match (group, value.get_ref()) {
        ("redact.kinds", DeValue::Table(table)) => {
            for (name, mode) in table.iter() {
                let (word, place) = (name.get_ref().to_string(), place(name.span()));
                match redact::kind(mode.get_ref()) {
                    Ok(mode) => out.kinds.push(KindRow { name: word, mode, place }),
                    Err(what) => wrong(mode.span(), format!("{group}.{word}: {what}")),
                }
            }
        }
        ("redact.rule", DeValue::Array(list)) => {
            for entry in list.iter() {
                match redact::find(entry.get_ref()) {
                    Ok(row) => out.finds.push(FindRow { place: place(entry.span()), ..row }),
                    Err(what) => wrong(entry.span(), format!("{group}: {what}")),
                }
            }
        }
        ("redact.kinds", _) => wrong(value.span(), "redact.kinds takes lines such as password = \"warn\"".to_owned()),
        _ => wrong(value.span(), "redact.rule takes tables such as [[redact.rule]]".to_owned()),
    }
}

fn at(path: &Path, text: &str, span: &Range<usize>, what: String) -> Problem {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let line = line_of(text, start);
    let column = text[..start].rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Problem { place: format!("{}:{line}:{column}", path.display()), what, line: None, unread: false }
}

fn line_of(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at.min(text.len()))].matches('\n').count() + 1
}
