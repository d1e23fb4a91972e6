//! What the first file of a package gives to others, by name: `src/lib.rs`, and `index.ts` with its like.

use std::sync::OnceLock;

use regex::Regex;

/// A tree of names is not followed deeper.
const DEEP: u32 = 8;
/// A list longer than this has no end (lines).
const LONG: usize = 400;

/// One thing that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A name.
    Name(String),
    /// All that another module gives, by that module's name.
    All(String),
    /// What is given without a name.
    Default,
}

impl Given {
    /// For people.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Name(name) => format!("{name} is no longer public"),
            Self::All(from) => format!("What {from} gives is no longer public"),
            Self::Default => "The default export is gone".to_owned(),
        }
    }

    /// The word that a line about it holds.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::All(from) => from.rsplit(['/', ':']).next().unwrap_or(from),
            Self::Default => "default",
        }
    }
}

/// What `lib.rs` gives. What its page does not show, and what tests alone see, is nobody's to lean on.
pub(super) fn rust(text: &str) -> Vec<Given> {
    static ITEM: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str = r#"^pub (?:(?:(?:async|const|unsafe|safe|extern|"[^"]*") )*fn|(?:unsafe |auto )*trait|struct|enum|union|type|mod|macro|const|static(?: mut)?) (\w+)"#;
    let item = ITEM.get_or_init(|| Regex::new(PATTERN).ok()).as_ref();
    let (mut out, mut lines) = (Vec::new(), text.lines());
    let (mut unseen, mut exported) = (false, false);
    while let Some(line) = lines.next() {
        if line.starts_with("#[") {
            unseen |= line.contains("doc(hidden)") || line.contains("cfg(test)");
            exported |= line.starts_with("#[macro_export");
            if !line.contains("macro_rules!") {
                continue;
            }
        }
        // A comment may stand between an attribute and its item; anything else ends it.
        if line.starts_with("//") {
            continue;
        }
        let (hidden, macros) = (std::mem::take(&mut unseen), std::mem::take(&mut exported));
        if hidden {
            continue;
        }
        if let Some(head) = line.strip_prefix("pub use ") {
            tree("", &whole(head, ';', &mut lines), DEEP, &mut out);
        } else if macros && let Some((_, rest)) = line.split_once("macro_rules! ") {
            out.extend(name(rest));
        } else if let Some(found) = item.and_then(|p| p.captures(line)).and_then(|c| c.get(1)) {
            out.push(Given::Name(found.as_str().to_owned()));
        }
    }
    out.retain(|given| !given.word().starts_with('_'));
    out
}

/// The rest of a statement up to its end, without comments.
fn whole<'a>(head: &str, end: char, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let bare = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    let mut out = bare(head);
    for _ in 0..LONG {
        if out.contains(end) {
            break;
        }
        let Some(line) = lines.next() else { break };
        out.push(' ');
        out.push_str(&bare(line));
    }
    out.split(end).next().unwrap_or_default().to_owned()
}

/// The leaves of `a::{b, c::{d as e, *}}`.
fn tree(above: &str, text: &str, left: u32, out: &mut Vec<Given>) {
    let text = text.trim();
    if left == 0 || text.is_empty() {
        return;
    }
    if let Some((head, inner)) = text.split_once('{') {
        let head = head.trim().trim_end_matches("::");
        let above = head.rsplit("::").next().filter(|h| !h.is_empty()).unwrap_or(above);
        let inner = inner.rfind('}').and_then(|end| inner.get(..end)).unwrap_or(inner);
        for part in parted(inner) {
            tree(above, part, left - 1, out);
        }
        return;
    }
    let (path, shown) = text.split_once(" as ").map_or((text, None), |(path, shown)| (path, Some(shown.trim())));
    let mut parts = path.trim().rsplit("::");
    let last = parts.next().unwrap_or_default();
    let over = parts.next().unwrap_or(above);
    match (shown, last) {
        (Some(shown), _) => out.push(Given::Name(shown.to_owned())),
        (None, "*") => out.push(Given::All(over.to_owned())),
        (None, "self") => out.push(Given::Name(over.to_owned())),
        (None, last) => out.push(Given::Name(last.to_owned())),
    }
}

/// A list parted at its own commas.
fn parted(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0_u32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                out.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.extend(text.get(start..));
    out
}

/// What a module of JavaScript or TypeScript gives.
pub(super) fn script(text: &str) -> Vec<Given> {
    static ITEM: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str = r"^(?:export (?:declare )?(?:(?:async )?function\*?|(?:abstract )?class|const enum|const|let|var|interface|type|enum|namespace) |(?:module\.)?exports\.)(\w+)";
    let item = ITEM.get_or_init(|| Regex::new(PATTERN).ok()).as_ref();
    let (mut out, mut lines) = (Vec::new(), text.lines());
    while let Some(line) = lines.next() {
        let list = ["export {", "export type {"].iter().find_map(|head| line.strip_prefix(head));
        if let Some(head) = list {
            for part in whole(head, '}', &mut lines).split(',') {
                let shown = part.rsplit(" as ").next().unwrap_or_default().trim();
                let shown = shown.strip_prefix("type ").unwrap_or(shown);
                out.extend(if shown == "default" { Some(Given::Default) } else { name(shown) });
            }
        } else if let Some(rest) = line.strip_prefix("export * ") {
            out.extend(match rest.strip_prefix("as ") {
                Some(rest) => name(rest),
                None => quoted(rest).map(|from| Given::All(from.to_owned())),
            });
        } else if line.starts_with("export default ") {
            out.push(Given::Default);
        } else if let Some(rest) = line.strip_prefix("module.exports = ") {
            let list = rest.strip_prefix('{').map(|head| whole(head, '}', &mut lines));
            // Values with braces of their own are not read.
            let Some(list) = list.filter(|list| !list.contains('{')) else {
                out.push(Given::Default);
                continue;
            };
            out.extend(parted(&list).into_iter().filter_map(|part| name(part.trim())));
        } else if let Some(found) = item.and_then(|p| p.captures(line)).and_then(|c| c.get(1)) {
            out.push(Given::Name(found.as_str().to_owned()));
        }
    }
    out
}

/// The name at the beginning.
fn name(text: &str) -> Option<Given> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(text.len());
    text.get(..end).filter(|name| !name.is_empty()).map(|name| Given::Name(name.to_owned()))
}

/// What stands in the first quotes.
fn quoted(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(['"', '\''])?;
    rest.split(['"', '\'']).next()
}

/// Whether a line says a name for this file or crate alone: what was `pub` or exported and is so no more.
pub(super) fn narrowed(line: &str, name: &str) -> bool {
    const WORDS: [&str; 20] = [
        "abstract",
        "async",
        "class",
        "const",
        "declare",
        "enum",
        "extern",
        "fn",
        "function",
        "interface",
        "let",
        "mod",
        "static",
        "struct",
        "trait",
        "type",
        "union",
        "unsafe",
        "var",
        "mut",
    ];
    let rest = line.strip_prefix("pub(").and_then(|rest| rest.split_once(") ")).map_or(line, |(_, rest)| rest);
    if rest.starts_with("use ") || rest.starts_with("import ") {
        return true;
    }
    let Some((before, _)) = rest.split_once(name) else { return false };
    let mut words = before.split(' ').filter(|w| !w.is_empty()).peekable();
    before.ends_with(' ') && words.peek().is_some() && words.all(|w| WORDS.contains(&w) || w.starts_with('"'))
}
