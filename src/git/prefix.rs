//! What a file of a patch is called, whatever prefixes its maker was told to write.

use super::Status;

/// Prefixes that stand together: the usual ones, those of `diff.mnemonicPrefix` (commit, index, work tree, object), those
/// of `--no-index`, and each the other way round, as `-R` writes them.
const PAIRS: [(u8, u8); 12] = [
    (b'a', b'b'),
    (b'b', b'a'),
    (b'i', b'w'),
    (b'w', b'i'),
    (b'c', b'w'),
    (b'w', b'c'),
    (b'c', b'i'),
    (b'i', b'c'),
    (b'o', b'w'),
    (b'w', b'o'),
    (b'1', b'2'),
    (b'2', b'1'),
];

/// Where the names of a file stand in a patch.
#[derive(Default)]
pub(super) struct Names {
    /// Behind `diff --git`.
    pub(super) line: Option<Vec<u8>>,
    /// Behind `diff --cc`, without a prefix.
    pub(super) combined: Option<Vec<u8>>,
    /// Behind `---`; `Some(None)` for `/dev/null`.
    pub(super) minus: Option<Option<Vec<u8>>>,
    /// Behind `+++`, likewise.
    pub(super) plus: Option<Option<Vec<u8>>>,
    /// Behind `rename from` or `copy from`, without a prefix.
    pub(super) from: Option<Vec<u8>>,
    /// Behind `rename to` or `copy to`, likewise.
    pub(super) to: Option<Vec<u8>>,
}

impl Names {
    /// The old name and the new one; of a file that is gone the old one twice. `None` when it has none.
    pub(super) fn resolve(&self, status: Status) -> Option<(Vec<u8>, Vec<u8>)> {
        if let Some(to) = &self.to {
            return Some((self.from.clone().unwrap_or_else(|| to.clone()), to.clone()));
        }
        if let Some(name) = &self.combined {
            return Some((name.clone(), name.clone()));
        }
        let moved = matches!(status, Status::Renamed | Status::Copied);
        let (minus, plus) = (self.minus.clone().flatten(), self.plus.clone().flatten());
        let (old, new) = match (&self.line, minus, plus) {
            (_, Some(minus), Some(plus)) => bare(&minus, &plus, self.line.is_some() && !moved),
            (Some(line), minus, plus) => match two(line, minus.as_deref(), plus.as_deref()) {
                Some((old, new)) => bare(&old, &new, !moved),
                None => alone(minus, plus)?,
            },
            (None, minus, plus) => alone(minus, plus)?,
        };
        let named = |name: &Vec<u8>| !name.is_empty();
        if status == Status::Deleted {
            Some((old.clone(), old)).filter(|(old, _)| named(old))
        } else {
            Some((old, new))
        }
        .filter(|(_, new)| named(new))
    }
}

/// The one name of a plain diff that makes or removes a file.
fn alone(minus: Option<Vec<u8>>, plus: Option<Vec<u8>>) -> Option<(Vec<u8>, Vec<u8>)> {
    let off = |name: Vec<u8>, prefix: &[u8]| name.strip_prefix(prefix).map(<[u8]>::to_vec).unwrap_or(name);
    let name = match (minus, plus) {
        (_, Some(plus)) => off(plus, b"b/"),
        (Some(minus), None) => off(minus, b"a/"),
        (None, None) => return None,
    };
    Some((name.clone(), name))
}

/// Takes the prefixes off. `same` = both name one file, so that what they differ in is a prefix, whatever it is.
fn bare(old: &[u8], new: &[u8], same: bool) -> (Vec<u8>, Vec<u8>) {
    if let ([x, b'/', old @ ..], [y, b'/', new @ ..]) = (old, new)
        && PAIRS.contains(&(*x, *y))
    {
        return (old.to_vec(), new.to_vec());
    }
    if same && old != new {
        let common = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        let tail = &new[new.len() - common..];
        // From the first slash in what they share; all of it where the prefixes end in another character.
        if let Some(at) = tail.iter().position(|b| *b == b'/').filter(|at| at + 1 < tail.len()) {
            return (tail[at + 1..].to_vec(), tail[at + 1..].to_vec());
        }
    }
    (old.to_vec(), new.to_vec())
}

/// The two names of a `diff --git` line, prefixes and all. Without quotes they can only be told apart when one of them
/// is known, when they are equally long, or by a prefix in the middle.
fn two(line: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) -> Option<(Vec<u8>, Vec<u8>)> {
    if line.first() == Some(&b'"') {
        let end = closing_quote(line)?;
        return Some((unquote(line.get(..=end)?), unquote(line.get(end + 2..)?)));
    }
    if line.last() == Some(&b'"') {
        let start = line.windows(2).position(|w| w == b" \"")?;
        return Some((line[..start].to_vec(), unquote(&line[start + 1..])));
    }
    if let Some(rest) = old.and_then(|old| line.strip_prefix(old)).and_then(|rest| rest.strip_prefix(b" ")) {
        return Some((line[..line.len() - rest.len() - 1].to_vec(), rest.to_vec()));
    }
    if let Some(rest) = new.and_then(|new| line.strip_suffix(new)).and_then(|rest| rest.strip_suffix(b" ")) {
        return Some((rest.to_vec(), line[rest.len() + 1..].to_vec()));
    }
    // Both halves are equally long when the name did not change.
    let half = line.len() / 2;
    if line.get(half) == Some(&b' ') {
        let (left, right) = (&line[..half], &line[half + 1..]);
        let (old, new) = bare(left, right, false);
        if old == new {
            return Some((left.to_vec(), right.to_vec()));
        }
    }
    let prefix = |w: &[u8]| matches!(w, [b' ', y, b'/'] if line.first().is_some_and(|x| PAIRS.contains(&(*x, *y))));
    let at = line.windows(3).position(prefix).or_else(|| line.iter().position(|b| *b == b' '))?;
    Some((line[..at].to_vec(), line[at + 1..].to_vec()))
}

/// Where the quote that begins a text ends.
pub(super) fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// Takes git's C quoting off a name.
pub(super) fn unquote(name: &[u8]) -> Vec<u8> {
    let Some(inner) = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\"")) else { return name.to_vec() };
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(next @ b'0'..=b'7') = bytes.peek().copied() {
                        value = value * 8 + u32::from(next - b'0');
                        bytes.next();
                    }
                }
                out.push(u8::try_from(value & 0xff).unwrap_or(b'?'));
            }
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'v') => out.push(11),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}
