//! Lines of password files: `user:$6$…` of shadow and htpasswd, `host:port:db:user:password` of pgpass.

use std::ops::Range;

use super::Cursor;
use crate::secrets::value;

/// The hash behind a user's name: guessing it is only a matter of time.
pub(in crate::secrets) fn crypt(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    if at.checked_sub(1).and_then(|i| bytes.get(i)) != Some(&b':') {
        // `password_hash: "$argon2id$…"`, `userPassword: {SSHA}…`.
        let floor = at.saturating_sub(48);
        let line = bytes.get(floor..at).unwrap_or_default();
        let line = line.rsplit(|b| *b == b'\n').next().unwrap_or_default();
        let told = line.windows(4).any(|w| w.eq_ignore_ascii_case(b"pass") || w.eq_ignore_ascii_case(b"pwd_"));
        if !told {
            return;
        }
        let length = Cursor::new(bytes, at).run(512, |b| b.is_ascii_alphanumeric() || b"$./=,+{}-".contains(&b));
        if length >= 20 && text.get(at..at + length).is_some_and(|h| value::random(h) && !value::dummy(h)) {
            out.push(at..at + length);
        }
        return;
    }
    let user = bytes.get(..at - 1).unwrap_or_default().iter().rev().take(64);
    let length =
        user.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@' | b'$')).count();
    let before = (at - 1 - length).checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(b'\n');
    if length == 0 || !matches!(before, b'\n' | b'+' | b'-' | b' ' | b'"' | b'\'' | b'n' | b'\\' | b'>') {
        return;
    }
    let mut c = Cursor::new(bytes, at);
    let run = c.run(512, |b| b.is_ascii_alphanumeric() || b"$./=,+{}-".contains(&b));
    if run >= 20 && text.get(at..at + run).is_some_and(|h| value::random(h) && !value::dummy(h)) {
        out.push(at..at + run);
    }
}

/// The last field of a line of `.pgpass`.
pub(in crate::secrets) fn pgpass(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let floor = at.saturating_sub(256);
    let begin = bytes.get(floor..at).and_then(|b| memchr::memrchr(b'\n', b)).map_or(floor, |p| floor + p + 1);
    let rest = Cursor::new(bytes, begin).rest(512);
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let Some(line) = text.get(begin..begin + length).map(str::trim_end) else { return };
    // What stands before the host is a mark of a diff, of quoted mail, or a log's.
    let ahead = line.get(..at.saturating_sub(begin)).unwrap_or_default();
    let shown = ahead.rfind([' ', '\t', '+', '>', '"']).map_or(line, |p| line.get(p + 1..).unwrap_or_default());
    let shown = shown.trim_end_matches(['"', ',', '\'']);
    let mut fields = shown.splitn(5, ':');
    let host = fields.next().unwrap_or_default();
    let named = |f: &str| !f.is_empty() && f.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-*".contains(&b));
    let port = fields.next().is_some_and(|p| p == "*" || (!p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())));
    let (database, user) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let Some(password) = fields.next() else { return };
    let fits = named(host) && port && named(database) && named(user) && password.len() >= 4;
    if fits && !password.contains(char::is_whitespace) && !value::dummy(password) && !value::template(password) {
        let end = begin + line.len() - (line.len() - line.trim_end_matches(['"', ',', '\'']).len());
        out.push(end - password.len()..end);
    }
}
