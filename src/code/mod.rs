//! What code defines, read by tree-sitter: functions and types with their lines and signatures, also of half-written
//! code. Nothing is compiled or run.

mod compare;
mod language;

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::time::Duration;

use tree_sitter::{
    Node, ParseOptions, ParseState, Parser, QueryCursor, QueryCursorOptions, QueryCursorState, StreamingIterator,
};

pub use compare::{Difference, compare};
pub use language::Language;

use crate::world::clock::Stopwatch;

/// The largest text that is parsed (bytes).
pub const LIMIT: u64 = 1 << 20;
/// How long one text may take, parsing and looking for definitions each.
const PATIENCE: Duration = Duration::from_millis(500);
/// A text with more definitions than this was not written by hand.
const MOST: usize = 20_000;
/// Characters of a signature, at most.
const SIGNATURE: usize = 200;

/// What is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A function, method, macro.
    Function,
    /// A class, struct, enum, interface, alias.
    Type,
    /// What only holds others: `impl`, `mod`, `namespace`.
    Scope,
}

/// One definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its own name.
    pub name: String,
    /// With the names of what it stands in: `Server.listen`. Equal paths can stand in one text, as overloads do.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// First line, from 1.
    pub first: u32,
    /// The line where its body begins, at least `first`.
    pub head: u32,
    /// Last line, at least `first`.
    pub last: u32,
    /// Everything before its body on one line, at most 200 characters.
    pub signature: String,
    /// Code elsewhere may use it, as far as it says itself.
    pub exported: bool,
}

/// All definitions of one text, outer before inner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// In order of their first lines.
    pub definitions: Vec<Definition>,
    /// A part of the text could not be read: what stands in what, and what there is at all, is a guess there.
    pub broken: bool,
}

impl Outline {
    /// The innermost definition round a line, from 1.
    #[must_use]
    pub fn around(&self, line: u32) -> Option<&Definition> {
        self.definitions.iter().filter(|d| (d.first..=d.last).contains(&line)).min_by_key(|d| d.last - d.first)
    }
}

/// The definitions of a text; `None` when it is too large, takes too long, or nothing can be made of it.
#[must_use]
pub fn outline(text: &str, language: Language) -> Option<Outline> {
    if text.len() as u64 > LIMIT {
        return None;
    }
    let grammar = language.grammar()?;
    let mut parser = Parser::new();
    parser.set_language(&grammar.language).ok()?;
    let watch = Stopwatch::start();
    let late = || if watch.elapsed() > PATIENCE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let mut parsing = |_: &ParseState| late();
    let mut read = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
    let options = ParseOptions::new().progress_callback(&mut parsing);
    let tree = parser.parse_with_options(&mut read, None, Some(options))?;
    let watch = Stopwatch::start();
    let mut cut = false;
    let mut looking = |_: &QueryCursorState| {
        cut = watch.elapsed() > PATIENCE;
        if cut { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut found = Vec::new();
    {
        let mut cursor = QueryCursor::new();
        let options = QueryCursorOptions::new().progress_callback(&mut looking);
        let mut matches = cursor.matches_with_options(&grammar.query, tree.root_node(), text.as_bytes(), options);
        while let Some(matched) = matches.next() {
            let mut parts = Parts::default();
            for capture in matched.captures() {
                match grammar.query.capture_names().get(capture.index as usize).copied().unwrap_or_default() {
                    "function" => parts.whole = Some((capture.node, Kind::Function)),
                    "type" => parts.whole = Some((capture.node, Kind::Type)),
                    "scope" => parts.whole = Some((capture.node, Kind::Scope)),
                    "name" => parts.name = Some(capture.node),
                    "owner" => parts.owner = Some(capture.node),
                    "body" => parts.body = Some(capture.node),
                    _ => {}
                }
            }
            found.extend(parts.read(text, language));
            if found.len() > MOST {
                return None;
            }
        }
    }
    if cut {
        return None;
    }
    Some(Outline { definitions: placed(found), broken: tree.root_node().has_error() })
}

/// What one match of a query named.
#[derive(Default)]
struct Parts<'t> {
    whole: Option<(Node<'t>, Kind)>,
    name: Option<Node<'t>>,
    owner: Option<Node<'t>>,
    body: Option<Node<'t>>,
}

/// A definition with its span in bytes.
struct Found {
    definition: Definition,
    span: std::ops::Range<usize>,
}

impl Parts<'_> {
    fn read(&self, text: &str, language: Language) -> Option<Found> {
        let (node, kind) = self.whole?;
        let bare = |node: Node<'_>| {
            let text = text.get(node.byte_range()).unwrap_or_default();
            text.split(['<', '[']).next().unwrap_or_default().trim_matches(['*', '&', ' ', '"', '\'']).to_owned()
        };
        let name = bare(self.name?);
        if name.is_empty() || name.len() > SIGNATURE || name.chars().any(char::is_whitespace) {
            return None;
        }
        // What stands round a definition and belongs to it: decorators, `export`.
        let outer = node.parent().filter(|p| matches!(p.kind(), "decorated_definition" | "export_statement"));
        let whole = outer.unwrap_or(node);
        let body = self.body.or_else(|| node.child_by_field_name("body"));
        let end = body.map_or(node.end_byte(), |body| body.start_byte());
        let signature = signature(text.get(node.start_byte()..end).unwrap_or_default());
        let row = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
        // A node that ends with a line feed ends on the line before.
        let past = usize::from(node.end_position().column == 0 && node.end_position().row > whole.start_position().row);
        let owner = self.owner.map(bare).filter(|o| !o.is_empty());
        let exported = language.exports(&name, &signature, outer.is_some_and(|p| p.kind() == "export_statement"));
        let path = owner.map_or_else(|| name.clone(), |owner| format!("{owner}.{name}"));
        let definition = Definition {
            name,
            path,
            kind,
            first: row(whole.start_position().row),
            head: row(body.map_or(node.start_position(), |body| body.start_position()).row),
            last: row(node.end_position().row - past),
            signature,
            exported,
        };
        Some(Found { definition, span: whole.start_byte()..node.end_byte() })
    }
}

/// In order, each with the path of what it stands in.
fn placed(mut found: Vec<Found>) -> Vec<Definition> {
    found.sort_by_key(|f| (f.span.start, std::cmp::Reverse(f.span.end)));
    found.dedup_by(|a, b| a.span == b.span && a.definition.name == b.definition.name);
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut out = Vec::with_capacity(found.len());
    for Found { mut definition, span } in found {
        while open.last().is_some_and(|(end, _)| *end <= span.start) {
            open.pop();
        }
        // A text of nothing but opened blocks has no path worth naming.
        if let Some((_, outer)) = open.last().filter(|(_, outer)| outer.len() < SIGNATURE) {
            definition.path = format!("{outer}.{}", definition.path);
        }
        open.push((span.end, definition.path.clone()));
        out.push(definition);
    }
    out
}

/// On one line, without what opens the body. It ends after a whole word: half of one would not be known for a secret.
fn signature(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if out.chars().count() + word.chars().count() + usize::from(!out.is_empty()) > SIGNATURE {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    let end = out.trim_end_matches([' ', '{', ':', ';']).trim_end_matches("=>").trim_end().len();
    out.truncate(end);
    out
}
