//! Files that parsed before (or are new) and do not parse now.

use quick_xml::events::Event;
use saphyr::LoadableYamlNode;

use super::classes::SYNTAX;
use super::{Found, Looked, finding};
use crate::git::{Contents, FileChange, FileKind, Status};
use crate::tasks::offline::classify::Class;

/// Larger files are not parsed (bytes).
const LIMIT: u64 = 4 << 20;
/// YAML is slow to read, and what is large is written by programs (bytes).
const YAML: usize = 512 << 10;
/// Deeper is no document of people's, and reading it would need a stack without end.
const DEEP: usize = 200;

/// Where a text stops making sense, and why; line 0 = at no line.
type Parsed = Result<(), (u32, String)>;

pub(super) fn check(it: &Looked<'_>, contents: &dyn Contents, out: &mut Vec<Found>) {
    let file = it.file;
    // Data of tests is broken on purpose.
    if !matches!(file.kind, FileKind::Text)
        || file.status == Status::Deleted
        || matches!(it.class, Class::Test | Class::Vendored)
    {
        return;
    }
    let parse: fn(&str) -> Parsed = match it.extension.as_str() {
        "json" if !tolerant(file) => json,
        "toml" => toml,
        "yaml" | "yml" => yaml,
        "xml" | "svg" | "xsd" | "xsl" | "xslt" | "xaml" | "resx" | "csproj" | "vcxproj" | "props" | "targets"
        | "nuspec" | "plist" | "storyboard" | "xib" => xml,
        _ => return,
    };
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|b| String::from_utf8(b).ok());
    let Some(after) = text(contents.after(file, LIMIT)) else { return };
    if after.trim().is_empty() {
        return;
    }
    let Err((line, why)) = parse(&after) else { return };
    let template = match text(contents.before(file, LIMIT)).filter(|before| !before.trim().is_empty()) {
        // What was broken before is not this change's doing.
        Some(before) if parse(&before).is_err() => return,
        // It could be read, so that marks in its words are words; it becomes a template by marks among them.
        Some(_) => file.added_lines().any(|l| marks(&l.text).any(|at| !quoted(&l.text, at))),
        None => marks(&after).next().is_some(),
    };
    if template {
        return;
    }
    let anchor = file.added_lines().filter_map(|l| l.new).min_by_key(|n| n.abs_diff(line)).unwrap_or(0);
    out.push(finding(file, anchor, &why, SYNTAX).saying(SYNTAX.title, &format!("Line {line}: {why}.")));
}

/// Files that may hold comments although they are called JSON.
fn tolerant(file: &FileChange) -> bool {
    // Their programs read comments and commas at the end of lists.
    const NAMES: [&str; 15] = [
        "angular",
        "api-extractor",
        "babel.config",
        "cspell",
        "deno",
        "devcontainer",
        "jsconfig",
        "knip",
        "nx",
        "project",
        "pyrightconfig",
        "tsconfig",
        "tslint",
        "turbo",
        "wrangler",
    ];
    let name = file.path.file_name();
    let named = |known: &&str| name.strip_prefix(*known).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    NAMES.iter().any(named) || name.starts_with('.') || file.path.folders().any(|f| f.starts_with('.'))
}

/// Where the marks of a template stand: it becomes JSON, YAML, TOML or XML when it is filled in. What a workflow fills
/// in stands inside of its words and leaves them YAML.
fn marks(text: &str) -> impl Iterator<Item = usize> {
    let before = |at: usize| at.checked_sub(1).and_then(|n| text.as_bytes().get(n)).copied();
    let braces = text.match_indices("{{").map(|(at, _)| at).filter(move |at| before(*at) != Some(b'$'));
    let others = ["{%", "<%", "<?php", "<#"].into_iter().flat_map(|mark| text.match_indices(mark).map(|(at, _)| at));
    braces.chain(others)
}

/// Whether a place of a line lies inside of quotes.
fn quoted(line: &str, at: usize) -> bool {
    let mut quote = None;
    let mut chars = line.char_indices().take_while(|(here, _)| *here < at);
    while let Some((_, c)) = chars.next() {
        match (quote, c) {
            (Some('"'), '\\') => drop(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    quote.is_some()
}

/// One value, or several on end as logs have them. Where a comment stands, another reader than ours is meant.
fn json(text: &str) -> Parsed {
    if text.lines().any(|l| l.trim_start().starts_with("//") || l.trim_start().starts_with("/*")) {
        return Ok(());
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    values.try_for_each(|value| value.map(drop)).map_err(|e| {
        let why = e.to_string();
        (u32::try_from(e.line()).unwrap_or(0), why.split(" at line").next().unwrap_or(&why).to_owned())
    })
}

fn toml(text: &str) -> Parsed {
    toml::de::DeTable::parse(text).map(drop).map_err(|e| {
        let at = e.span().map_or(0, |s| s.start).min(text.len());
        (line_at(text, at), e.message().lines().next().unwrap_or_default().to_owned())
    })
}

/// Every document of the file. Its reader goes down one call for each level, so that levels are counted first.
fn yaml(text: &str) -> Parsed {
    let indicators = |line: &str| line.chars().take_while(|c| " -?:".contains(*c)).count();
    if text.len() > YAML || text.lines().any(|line| indicators(line) > DEEP) {
        return Ok(());
    }
    let text = text.trim_start_matches('\u{feff}');
    saphyr::Yaml::load_from_str(text)
        .map(drop)
        .map_err(|e| (u32::try_from(e.marker().line()).unwrap_or(0), e.info().to_owned()))
}

/// Well formed: tags that close in their order, attributes named once, one root.
fn xml(text: &str) -> Parsed {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut open, mut roots) = (0_usize, 0_usize);
    let fault = |at: u64, why: String| (line_at(text, usize::try_from(at).unwrap_or(0).min(text.len())), why);
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Err(error) => {
                let why = error.to_string();
                return Err(fault(reader.error_position(), why.lines().next().unwrap_or(&why).to_owned()));
            }
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.attributes().any(|a| a.is_err()) => {
                let name = tag.name().as_ref().to_owned();
                return Err(fault(at, format!("an attribute of <{name}> is not written as one")));
            }
            Ok(Event::Start(_)) => {
                roots += usize::from(open == 0);
                open += 1;
            }
            Ok(Event::Empty(_)) => roots += usize::from(open == 0),
            Ok(Event::End(_)) => open = open.saturating_sub(1),
            Ok(Event::Eof) if open > 0 => return Err(fault(at, "a tag is not closed".to_owned())),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
        }
        if roots > 1 {
            return Err(fault(at, "something stands behind the root".to_owned()));
        }
    }
}

fn line_at(text: &str, at: usize) -> u32 {
    let lines = text.as_bytes().get(..at).map_or(0, |head| head.iter().filter(|b| **b == b'\n').count());
    u32::try_from(lines + 1).unwrap_or(0)
}
