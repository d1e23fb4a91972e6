//! Whether a tool call may get a secret back: not if it could send it where the user never sent it.
//!
//! A hostile text can tell a model to call a tool with a placeholder in it. Whatever of the call reaches the network is
//! judged as a whole: a variable set first and sent later, an encoding, a pipe are all one argument. What cannot be
//! read, or hides what it runs, is refused. One call is all that is judged: what an earlier call wrote to a file is out
//! of reach here, which is why restoring into tools has to be asked for.

use std::collections::BTreeSet;
use std::ops::Range;

use memchr::{memchr2_iter, memmem};

use super::json;
use super::placeholder::{Reading, read};
use super::reach;
use super::sink::Source;
use super::tool::Tool;

/// Why a secret was not put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// Shown text would be fetched with the secret in it.
    #[error("it stands in a link")]
    Link,
    /// The secret would be part of an address.
    #[error("it stands in an address that did not hold it in the request")]
    Address,
    /// The call reaches the network.
    #[error("the call reaches the network, and not a host that the secret was sent to in the request")]
    Network,
    /// The call decodes something and runs it.
    #[error("the call hides what it runs")]
    Hidden,
    /// The arguments are no JSON, or nested too deeply.
    #[error("the arguments cannot be read")]
    Unreadable,
    /// More than a mebibyte of arguments, or thousands of placeholders.
    #[error("the arguments are too long to be judged")]
    Long,
}

/// Words in the name of a field that speak of the network.
const FIELDS: &[&str] =
    &["url", "urls", "uri", "href", "endpoint", "host", "hostname", "webhook", "recipient", "recipients", "email"];

/// Places of placeholders that are looked at in one text, and how far round each.
const PLACES: usize = 1000;
const NEAR: usize = 4096;
/// The longest name of a host.
const NAME: usize = 253;

/// Judges one whole argument in which placeholders stand; `known` are the hosts that all of their secrets were sent to
/// in the request.
pub(super) fn judge(tool: &str, source: Source, argument: &str, known: &BTreeSet<String>) -> Result<(), Reason> {
    let mut texts = Vec::new();
    let tool = Tool::of(tool);
    let mut reaches = matches!(tool, Tool::Fetcher | Tool::Other);
    match source {
        Source::Plain => texts.push(argument.to_owned()),
        Source::Json => {
            // Of two members with one name nobody knows which one counts.
            if json::repeats(argument).map_err(|_| Reason::Unreadable)? {
                return Err(Reason::Unreadable);
            }
            let value = serde_json::from_str(argument).map_err(|_| Reason::Unreadable)?;
            reaches |= strings(value, &mut texts);
        }
    }
    let (mut addressed, mut loose) = (false, false);
    let mut hosts = BTreeSet::new();
    let mut foreign = false;
    for text in &texts {
        let lower = text.to_ascii_lowercase();
        if reach::hides(&lower) {
            return Err(Reason::Hidden);
        }
        reaches |= reach::reaches(&lower, tool == Tool::Shell);
        let places = places(text);
        if places.len() > PLACES {
            return Err(Reason::Long);
        }
        addressed |= places.iter().any(|(at, _)| in_address(text, at));
        loose |= lower.contains(['$', '`', '%']) || rerouted(text);
        foreign |= !urls(text).is_subset(known);
        hosts.extend(addresses(text));
    }
    if !reaches && !addressed && !foreign {
        return Ok(());
    }
    // A variable may be any host, and a tool of which nothing is known may send to others.
    if tool != Tool::Other && !loose && !hosts.is_empty() && hosts.is_subset(known) {
        return Ok(());
    }
    Err(if addressed { Reason::Address } else { Reason::Network })
}

/// Options that send a request elsewhere than its address says.
fn rerouted(text: &str) -> bool {
    const OPTIONS: &[&str] =
        &["--connect-to", "--resolve", "proxy", "--socks", "--config", "--dns", "--doh", "--haproxy"];
    let lower = text.to_ascii_lowercase();
    let short = |word: &str| {
        let letters = word.strip_prefix('-').unwrap_or_default();
        letters.bytes().take_while(u8::is_ascii_alphabetic).any(|b| matches!(b, b'x' | b'K'))
    };
    OPTIONS.iter().any(|o| lower.contains(o)) || text.split_whitespace().any(short)
}

/// Every string of a JSON value, keys too. Says whether a key speaks of the network.
fn strings(value: serde_json::Value, out: &mut Vec<String>) -> bool {
    let (mut open, mut reaches) = (vec![value], false);
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::String(text) => out.push(text),
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    reaches |= reach::words(&key).any(|w| FIELDS.contains(&w.as_str()));
                    out.push(key);
                    open.push(value);
                }
            }
            _ => {}
        }
    }
    reaches
}

/// The placeholder at `at` is part of an address: of a URL, a host's name, what stands before an `@`.
fn in_address(text: &str, at: &Range<usize>) -> bool {
    let around = text.floor_char_boundary(at.start.saturating_sub(NEAR))
        ..text.ceil_char_boundary((at.end + NEAR).min(text.len()));
    // A line's end is the surest border.
    let begin = text.get(around.start..at.start).unwrap_or_default();
    let begin = begin.rsplit('\n').next().unwrap_or_default();
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '|' | ';');
    let word = begin.rsplit(ends).next().unwrap_or_default();
    let behind = text.get(at.end..around.end).and_then(|b| b.split(ends).next()).unwrap_or_default();
    // Whatever is that long may be one.
    if word.len() + 4 > NEAR {
        return true;
    }
    if word.contains("://")
        || word.contains("//")
        || word.contains(":\\\\")
        || word.to_ascii_lowercase().contains("www.")
    {
        return true;
    }
    // `<https://host/? MSEC…>` and `src="https://host/? MSEC…"`
    let opened = begin.rfind("://").map(|p| begin.get(p..).unwrap_or_default());
    if opened.is_some_and(|rest| rest.contains(['?', '=']) && !rest.contains(['"', '\'', '>', '`'])) {
        return true;
    }
    if behind.starts_with('@')
        || behind.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    {
        return true;
    }
    let host = word.split(['/', '?', '#', ':', '@']).next().unwrap_or_default();
    host.len() < word.len() && named(host)
}

/// It looks like a host's name or number.
fn named(word: &str) -> bool {
    if word == "localhost" || word.len() >= 8 && word.bytes().all(|b| b.is_ascii_digit()) || word.starts_with("0x") {
        return true;
    }
    let Some((rest, last)) = word.trim_end_matches('.').rsplit_once('.') else { return false };
    !rest.is_empty()
        && (last.len() >= 2 && last.chars().all(char::is_alphabetic)
            || last.bytes().all(|b| b.is_ascii_digit()) && !last.is_empty())
}

/// The host of what stands between `://` and the path, in lower case; `None` where parsers may read it in two ways.
pub(super) fn host(authority: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = place.split_once(':').unwrap_or((place, ""));
    let sure = user.chars().all(|c| plain(c) || matches!(c, ':' | '_'))
        && !host.is_empty()
        && host.chars().all(plain)
        && port.bytes().all(|b| b.is_ascii_digit());
    sure.then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

/// The host of a URL behind its `://`. Only a path, a question or a fragment ends it for every parser; where no `@`
/// follows, a blank or a closing quote ends it for those who wrote a command.
fn target(rest: &str) -> Option<String> {
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    if path.starts_with('\\') {
        return None;
    }
    if authority.contains('@') {
        return host(authority);
    }
    let word = authority.split([' ', '"', '\'']).next().unwrap_or_default();
    let behind = authority.get(word.len()..).unwrap_or_default();
    let closed = behind.trim_start_matches(['"', '\'']);
    let ends = closed.is_empty() || closed.len() < behind.len() && closed.starts_with([',', ')', '\n']);
    (behind.starts_with(' ') || closed.starts_with(' ') || ends).then(|| host(word)).flatten()
}

/// Hosts in a text: those of URLs, and whatever looks like one. What cannot be read for sure is `?`.
fn addresses(text: &str) -> BTreeSet<String> {
    let mut out = urls(text);
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '\u{ff0e}' | '\u{3002}');
    for word in text.split(|c| !inside(c)) {
        let word = word.trim_matches(['.', '-', '_']).to_lowercase();
        if named(&word) {
            out.insert(word);
        }
    }
    // `name:443`
    let inside = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    for (at, _) in text.match_indices(':') {
        let digits = text.get(at + 1..).unwrap_or_default().bytes().take(6).take_while(u8::is_ascii_digit).count();
        if (2..6).contains(&digits) {
            let word: String = text.get(..at).unwrap_or_default().chars().rev().take(NAME).take_while(inside).collect();
            let word: String = word.chars().rev().flat_map(char::to_lowercase).collect();
            if word.contains(char::is_alphabetic) {
                out.insert(word.trim_matches('.').to_owned());
            }
        }
    }
    out
}

/// Hosts of the URLs in a text, `?` for those that cannot be read for sure.
fn urls(text: &str) -> BTreeSet<String> {
    let unsure = || "?".to_owned();
    let rests = memmem::find_iter(text.as_bytes(), "://").filter_map(|at| text.get(at + 3..));
    let mut out: BTreeSet<String> = rests.map(|rest| target(rest).unwrap_or_else(unsure)).collect();
    // `//host/`, `\\host\`, `https:host`, `http:/host`: not every parser wants two slashes.
    let slash = |c: char| matches!(c, '/' | '\\');
    for (at, mark) in text.match_indices(['/', '\\', ':']) {
        let rest = text.get(at + 1..).unwrap_or_default();
        let before = text.get(..at).unwrap_or_default();
        let begins = if mark == ":" {
            let scheme = before.len() - before.bytes().rev().take(5).take_while(u8::is_ascii_alphabetic).count();
            let scheme = before.get(scheme..).unwrap_or_default().to_ascii_lowercase();
            let scheme = ["http", "https", "ftp", "ws", "wss"].iter().any(|s| scheme.ends_with(s));
            scheme && !rest.starts_with("//")
        } else {
            rest.starts_with(slash) && !before.ends_with([':', '/', '\\'])
        };
        if !begins {
            continue;
        }
        let ends = |c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '@');
        let word = rest.trim_start_matches(slash).split(ends).next().unwrap_or_default();
        let place = word.rsplit('@').next().unwrap_or_default();
        if named(place) || (mark == ":" && rest.starts_with(slash)) {
            out.insert(host(place).filter(|_| place == word).unwrap_or_else(unsure));
        }
    }
    out
}

/// Hosts that a secret at `span` was sent to, in the user's own words: URLs of the same command or line.
pub(super) fn beside(text: &str, span: Range<usize>) -> BTreeSet<String> {
    let from = text.ceil_char_boundary(span.start.saturating_sub(NEAR));
    let to = text.floor_char_boundary((span.end + NEAR).min(text.len()));
    let before = text.get(from..span.start).unwrap_or_default();
    let mut start = 0;
    for (end, _) in before.rmatch_indices('\n') {
        // A line that goes on in the next one is the same command.
        if !before.get(..end).is_some_and(|b| b.trim_end_matches('\r').ends_with('\\')) {
            start = end + 1;
            break;
        }
    }
    let after = text.get(span.end..to).unwrap_or_default();
    let mut end = 0;
    for line in after.split_inclusive('\n') {
        end += line.len();
        if !line.trim_end_matches(['\n', '\r']).ends_with('\\') {
            break;
        }
    }
    // The secret itself names no host.
    let line = format!("{}x{}\n", before.get(start..).unwrap_or_default(), after.get(..end).unwrap_or_default());
    // Here a host is only learned, so what ends it for people ends it.
    let ends = |c: char| c.is_whitespace() || "/\\?#\"'<>`)|;,".contains(c);
    let rests = memmem::find_iter(line.as_bytes(), "://").filter_map(|at| line.get(at + 3..));
    rests.filter_map(|rest| rest.split(ends).next().and_then(host)).collect()
}

/// Placeholders in a text, whoever they belong to.
pub(super) fn places(text: &str) -> Vec<(Range<usize>, String)> {
    let (bytes, mut out, mut done) = (text.as_bytes(), Vec::new(), 0);
    for at in memchr2_iter(b'M', b'm', bytes) {
        if at >= done
            && let Reading::Whole(length, word) = read(bytes.get(at..).unwrap_or_default())
        {
            done = at + length;
            out.push((at..done, word));
        }
    }
    out
}
