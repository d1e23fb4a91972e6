//! Kubernetes manifests.

use std::ops::Range;

use base64::Engine;

use super::reach;
use crate::secrets::digits::STANDARD;
use crate::secrets::value;

/// The values under `data:` and `stringData:` of a Kubernetes manifest of kind `Secret`.
pub(in crate::secrets) fn kube(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let after = text.as_bytes().get(at + "kind: secret".len());
    if after.is_some_and(|b| !b.is_ascii_whitespace()) {
        return;
    }
    let own = reach::text(text, reach::own(text.as_bytes(), at, "kind: secret", 4096, 4096));
    let before = text.as_bytes().get(own.start..at).unwrap_or_default();
    let from = memchr::memmem::rfind_iter(before, "---\n")
        .find(|p| matches!(p.checked_sub(1).and_then(|i| before.get(i)), None | Some(b'\n' | b'+')));
    let mut start = own.start + from.map_or(0, |p| p + 4);
    let mut inside: Option<usize> = None;
    for line in text.get(start..own.end).unwrap_or_default().split_inclusive('\n') {
        let begin = start;
        start += line.len();
        if begin > at && line.trim_start_matches('+').starts_with("---") {
            break;
        }
        let shown = line.strip_prefix(['+', '-']).unwrap_or(line);
        let (trimmed, depth) = (shown.trim(), shown.len() - shown.trim_start().len());
        if trimmed == "data:" || trimmed == "stringData:" {
            inside = Some(depth);
            continue;
        }
        let Some(outer) = inside else { continue };
        if trimmed.is_empty() {
            continue;
        }
        if depth <= outer {
            inside = None;
            continue;
        }
        let Some((_, raw)) = trimmed.split_once(": ") else { continue };
        let found = raw.trim().trim_matches(['"', '\'']);
        if found.len() >= 4 && !found.contains(' ') && !value::dummy(found) && !value::reference(found) {
            let from = begin + line.rfind(found).unwrap_or(0);
            out.push(from..from + found.len());
        }
    }
}

/// The same in JSON: `"kind": "Secret"` with `"data": {…}` before or behind it.
pub(in crate::secrets) fn manifest(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let key =
        if bytes.get(at + "\"kind\":".len()) == Some(&b' ') { "\"kind\": \"secret\"" } else { "\"kind\":\"secret\"" };
    let Range { start: mut i, end: to } = reach::own(bytes, at, key, 4096, 4096);
    while i < to {
        let mut c = super::Cursor::new(bytes, i);
        i += 1;
        if !(c.eat("\"data") || c.eat("\"stringData")) {
            continue;
        }
        c.run(4, |b| b == b'\\');
        c.eat("\"");
        c.run(8, |b| b.is_ascii_whitespace());
        if !c.eat(":") {
            continue;
        }
        c.run(8, |b| b.is_ascii_whitespace());
        if !c.eat("{") {
            continue;
        }
        while c.at < to && c.peek() != b'}' {
            // A name, then a value.
            c.run(64, |b| b != b'"' && b != b'}');
            if !c.eat("\"") {
                break;
            }
            c.run(256, |b| b != b'"');
            c.eat("\"");
            c.run(8, |b| b.is_ascii_whitespace() || b == b':');
            c.run(4, |b| b == b'\\');
            if !c.eat("\"") {
                break;
            }
            let start = c.at;
            let length = c.run(8192, |b| !matches!(b, b'"' | b'\\' | b'\n'));
            let word = text.get(start..start + length).unwrap_or_default();
            if word.len() >= 4 && !value::dummy(word) && !value::template(word) {
                out.push(start..start + length);
            }
            c.run(4, |b| b == b'\\');
            c.eat("\"");
        }
        i = c.at;
    }
}

/// Base64 of docker's whole configuration, when it holds credentials and not only where they are kept.
pub(in crate::secrets) fn docker(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let own = reach::own(text.as_bytes(), at, "eyjhdxrocyi6", 0, 16 * 1024);
    let length = super::Cursor::new(text.as_bytes(), at).run(own.end - at, super::block::base64);
    let whole = text.get(at..at + length).unwrap_or_default().trim_end_matches('=');
    let whole = whole.get(..whole.len() / 4 * 4).unwrap_or_default();
    let told = |d: &Vec<u8>| [&b"auth\""[..], b"password\""].iter().any(|w| d.windows(w.len()).any(|x| x == *w));
    if STANDARD.decode(whole).is_ok_and(|d| told(&d)) {
        out.push(at..at + length);
    }
}
