//! What on a line says that a rule is not meant there.

use regex::Regex;

use super::classes::{
    HTML_INJECTION, PERMISSIONS, PIPE_TO_SHELL, SQL_INJECTION, SWALLOWED, TLS_OFF, TODO, UNPINNED_ACTION, UNWRAP,
};
use super::once;
use super::table::Rule;
use crate::git::message::issue;

/// Words in brackets that are nobody's name.
const NOBODY: [&str; 10] = ["later", "maybe", "me", "next", "nobody", "now", "someday", "soon", "tbd", "wip"];

fn is_match(pattern: Option<&Regex>, text: &str) -> bool {
    pattern.is_some_and(|p| p.is_match(text))
}

pub(super) fn excused(rule: &Rule, text: &str) -> bool {
    let holds = |words: &[&str]| words.iter().any(|w| text.contains(w));
    match rule.class {
        TODO => has_reference(text),
        // Text about code runs nowhere.
        _ if is_comment(text) => true,
        // Cleaned on the way, copied from the page itself, or a translation without values.
        HTML_INJECTION => {
            let lower = text.to_lowercase();
            lower.trim_end().trim_end_matches(';').ends_with(".innerhtml")
                || ["sanitize", "sanitise", "purify", "escape"].iter().any(|w| lower.contains(w))
                || translated(text)
        }
        // Its linter was told already.
        SWALLOWED => text.contains("noqa"),
        SQL_INJECTION => {
            let lower = text.to_lowercase();
            ["placeholder", "qmarks", "escape", "quote_ident", "quoteident"].iter().any(|w| lower.contains(w))
                || prose(text)
        }
        // A setting that is handed on.
        TLS_OFF => text.contains("verify") && is_match(once!(r"^\s*(?:async\s+)?def\s"), text),
        PIPE_TO_SHELL | PERMISSIONS => told(text),
        // Behind these names stands what is to be installed, and there is no other way to say it.
        UNPINNED_ACTION => {
            let asked = once!(r"\b(?:dtolnay/rust-toolchain@(?:stable|beta|nightly)\b|taiki-e/install-action@)");
            is_match(asked, text) && !is_match(once!(r"@(?:main|master)\b"), text)
        }
        // A poisoned lock has no better answer, writing to a string does not fail, and what is constant cannot fail at run
        // time alone.
        UNWRAP => {
            holds(&[".lock().unwrap()", ".read().unwrap()", ".write().unwrap()", "Regex::new(", "NonZero"])
                || text.contains("write!(")
                || text.contains("writeln!(")
        }
        _ => false,
    }
}

/// An issue's number or key, an address, or a person in brackets right behind the word.
fn has_reference(text: &str) -> bool {
    let address = once!(r"\b(?:TODO|FIXME|XXX|HACK)\b.*\bhttps?://");
    let number = once!(r"\b(?:TODO|FIXME|XXX|HACK)\b.*#[1-9]\d*\b");
    let person = once!(r"\b(?:TODO|FIXME|XXX|HACK)\(@?([A-Za-z][\w.-]*)\)");
    is_match(address, text)
        || is_match(number, text)
        || keyed(text)
        || person
            .and_then(|p| p.captures(text))
            .and_then(|c| c.get(1))
            .is_some_and(|name| !NOBODY.contains(&name.as_str().to_ascii_lowercase().as_str()))
}

/// A key of an issue behind the word, `ABC-7`; not the name of a standard, `UTF-8`.
fn keyed(text: &str) -> bool {
    let word = once!(r"\b(?:TODO|FIXME|XXX|HACK)\b");
    let key = once!(r"\b([A-Z][A-Z0-9]+)-\d");
    let behind = word.and_then(|w| w.find(text)).and_then(|found| text.get(found.end()..));
    let keys = behind.into_iter().flat_map(|rest| key.into_iter().flat_map(|k| k.captures_iter(rest)));
    keys.filter_map(|found| found.get(1)).any(|project| !issue::standard(project.as_str()))
}

/// Nothing but a comment stands on the line.
pub(super) fn is_comment(text: &str) -> bool {
    let text = text.trim_start();
    // Behind the end of a comment the line goes on.
    let whole = |from: &str, to: &str| {
        text.strip_prefix(from).is_some_and(|rest| rest.split_once(to).is_none_or(|(_, rest)| rest.trim().is_empty()))
    };
    let define = || text.starts_with("#define");
    ["//", "* ", "-- "].iter().any(|mark| text.starts_with(mark))
        || whole("/*", "*/")
        || whole("<!--", "-->")
        || text.strip_prefix('#').filter(|_| !define()).is_some_and(|rest| !rest.starts_with(['[', '!', '{']))
}

/// A text of the program's own, looked up by a name that is written there.
fn translated(text: &str) -> bool {
    let call =
        once!(r#"HTML\s*=\s*(?:[\w$]+\.)*(?:\$?t|tr|_|__|gettext|translate)\(\s*(?:'[^']*'|"[^"]*")\s*\)\s*;?\s*$"#);
    is_match(call, text)
}

/// A sentence that has the words of a query: an article where a table's name would stand, or a capital letter at its
/// begin. What is given to a database is none.
fn prose(text: &str) -> bool {
    let call = once!(r"(?i)(?:execute|query|prepare|\braw|sql|cursor|statement)\w*\s*[(!]");
    let article = once!(
        r"\b(?:[Ff]rom|[Ii]nto|[Uu]pdate|[Ww]here)\s+(?:the|an?|this|that|these|those|your|our|my|its|their|all|any|each|every|some)\s"
    );
    let sentence = once!(r#"["'`]\s*(?:Select|Insert|Update|Delete)\s"#);
    !is_match(call, text) && (is_match(article, text) || is_match(sentence, text))
}

/// The command stands in a text that is printed, logged or thrown; one in `$(…)` runs all the same.
fn told(text: &str) -> bool {
    let printed = once!(
        r#"(?i)(?:\b(?:echo|printf?|println|eprintln|puts|fmt\.\w*print\w*|console\.\w+|log(?:ger|ging)?(?:\.\w+)?|warn(?:ing)?|info|error|die|fail|raise\s+\w+|throw\s+new\s+\w+)!?\s*\(?\s*(?:-\w+\s+)*(?:(?:"[^"$]*"|'[^']*')[\s,]+)*f?|"description"\s*:\s*)["'`](?:[^"'`$]|\$[^(])*\b(?:curl|wget|chmod)\b"#
    );
    is_match(printed, text)
}
