//! Passwords and tokens in URLs: `scheme://user:password@host`, also percent-encoded and JSON-escaped.

use std::ops::Range;

use crate::secrets::value;

/// Longest part before `@` that is looked at, in bytes.
const LONGEST: usize = 512;

/// What stands between `://` and `@`.
struct Userinfo {
    user: Range<usize>,
    password: Option<Range<usize>>,
    host: usize,
}

/// The password in a URL, unless everybody knows it.
pub(in crate::secrets) fn password(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    if let Some(info) = userinfo(text, at + "://".len())
        && let Some(span) = info.password
        && told(text, &info.user, &span)
    {
        out.push(span);
    }
}

/// Tokens in a URL: a random password, or a user that is one: `https://TOKEN@host`, `TOKEN:x-oauth-basic@`.
pub(in crate::secrets) fn token(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let Some(info) = userinfo(text, at + "://".len()) else { return };
    let word = |span: &Range<usize>| text.get(span.clone()).unwrap_or_default();
    let host = text.as_bytes().get(info.host..).unwrap_or_default();
    // A DSN of an error tracker is in every page it watches.
    let public = host.iter().take(64).take_while(|b| !b.is_ascii_whitespace()).copied().collect::<Vec<_>>();
    let public = String::from_utf8_lossy(&public).contains("sentry");
    match &info.password {
        Some(span) if random(word(span), 12) => out.push(span.clone()),
        password
            if !public
                && random(word(&info.user), 16)
                && password.as_ref().is_none_or(|p| {
                    matches!(word(p), "" | "x" | "x-oauth-basic" | "unused" | "password" | "api_token")
                }) =>
        {
            out.push(info.user);
        }
        _ => {}
    }
}

/// Userinfo of a URL whose `://` is written as `:\/\/` or `%3A%2F%2F`.
pub(in crate::secrets) fn escaped(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(plain) = rest.strip_prefix(":\\/\\/") {
        if let Some(info) = userinfo(text, text.len() - plain.len())
            && let Some(span) = info.password
            && told(text, &info.user, &span)
        {
            out.push(span);
        }
        return;
    }
    let Some(encoded) = rest.get("%3a%2f%2f".len()..) else { return };
    let run = encoded.bytes().take(LONGEST).take_while(|b| b.is_ascii_graphic() && !b"\"'<>\\`&".contains(b)).count();
    let run = encoded.get(..run).unwrap_or_default();
    let next = run.as_bytes().windows(9).position(|w| w.eq_ignore_ascii_case(b"%3a%2f%2f")).unwrap_or(run.len());
    let run = run.get(..next).unwrap_or_default();
    let find = |part: &str| run.as_bytes().windows(3).position(|w| w.eq_ignore_ascii_case(part.as_bytes()));
    let (Some(colon), Some(end)) = (find("%3a"), find("%40")) else { return };
    let slash = find("%2f").unwrap_or(run.len());
    if colon < end && end < slash {
        let from = text.len() - encoded.len();
        let span = from + colon + 3..from + end;
        if told(text, &(from..from + colon), &span) {
            out.push(span);
        }
    }
}

fn random(word: &str, least: usize) -> bool {
    word.len() >= least && value::random(word) && !value::wordy(word) && !value::template(word) && !value::dummy(word)
}

/// A password that somebody chose, not one of a document or of a container's defaults.
fn told(text: &str, user: &Range<usize>, span: &Range<usize>) -> bool {
    let word = text.get(span.clone()).unwrap_or_default();
    let user = text.get(user.clone()).unwrap_or_default();
    // `%40` and kin are bytes of the password, not a template.
    let plain = word.replace("%40", "@").replace("%25", "%").replace("%24", "$").replace("%21", "!");
    word.len() >= 3
        && !value::dummy(word)
        && !value::template(&plain)
        && !word.starts_with(['$', '{', '<', '[', '*', ':'])
        && !word.eq_ignore_ascii_case(user)
        && format!("{user}:{word}") != "scott:tiger"
}

fn userinfo(text: &str, start: usize) -> Option<Userinfo> {
    let bytes = text.as_bytes();
    let rest = bytes.get(start..)?;
    let (mut colon, mut sign, mut slash, mut last) = (None, None, None, None);
    for (at, byte) in rest.iter().take(LONGEST).enumerate() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' => break,
            b':' if colon.is_none() => colon = Some(at),
            b'@' if slash.is_none() => sign = Some(at),
            b'@' => last = Some(at),
            // The next URL.
            b'/' if at >= 2 && rest.get(at - 2..at) == Some(b":/") => break,
            b'/' | b'?' | b'#' if slash.is_none() => {
                // Without a password before the path there is none behind it; a port is no password.
                let port = colon.is_none_or(|c| rest.get(c + 1..at).is_none_or(|p| p.iter().all(u8::is_ascii_digit)));
                if sign.is_some() || port {
                    break;
                }
                slash = Some(at);
            }
            b',' | b')' | b';' | b'|' if sign.is_some() => break,
            _ => {}
        }
    }
    // `p@ss/word@host`: what was not encoded as it should be.
    let end = sign.or(last)?;
    let host = rest.get(end + 1).copied()?;
    if !(host.is_ascii_alphanumeric() || b"[_$.{-".contains(&host)) {
        return None;
    }
    let password = colon.filter(|c| *c < end).map(|c| start + c + 1..start + end);
    let user = start..start + colon.filter(|c| *c < end).unwrap_or(end);
    if sign.is_none() && text.get(user.clone())?.contains('.') {
        return None;
    }
    Some(Userinfo { user, password, host: start + end + 1 })
}

/// The password of a DSN as Go writes it: `user:password@tcp(host)`.
pub(in crate::secrets) fn dsn(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let word = bytes.get(..at).unwrap_or_default().iter().rev().take(200);
    let length = word.take_while(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b'=')).count();
    let Some(colon) = bytes.get(at - length..at).and_then(|w| w.iter().position(|b| *b == b':')) else { return };
    let (user, span) = (at - length..at - length + colon, at - length + colon + 1..at);
    if told(text, &user, &span) {
        out.push(span);
    }
}
