//! Patterns of `.gitattributes`, as git's `wildmatch` takes them. Time grows with pattern times name and no faster,
//! whoever wrote the pattern.

/// One pattern.
pub(super) struct Glob {
    tokens: Vec<Token>,
    /// It has no slash, and so speaks of the last part of a path.
    name_only: bool,
    /// It ends in a slash: folders, of which git says nothing here.
    folder: bool,
}

enum Token {
    Byte(u8),
    /// `?`: one byte, not a slash.
    One,
    /// `*`: any bytes but slashes.
    Star,
    /// `[…]`.
    Class {
        not: bool,
        ranges: Vec<(u8, u8)>,
    },
    /// Before `**/`: what follows may be left out.
    Perhaps,
    /// The folders of `**/`, up to a slash.
    Folders,
    /// `**` at the end: all there is.
    Everything,
}

impl Glob {
    pub(super) fn new(pattern: &[u8]) -> Self {
        let folder = pattern.ends_with(b"/");
        let anchored = pattern.strip_prefix(b"/");
        let name_only = anchored.is_none() && !pattern.contains(&b'/');
        let text = anchored.unwrap_or(pattern);
        let mut tokens = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(byte) = text.get(at).copied() {
            at += 1;
            match byte {
                b'?' => tokens.push(Token::One),
                b'*' => {
                    let start = at - 1;
                    while text.get(at) == Some(&b'*') {
                        at += 1;
                    }
                    let alone = (start == 0 || text.get(start - 1) == Some(&b'/')) && at - start >= 2 && !name_only;
                    match text.get(at) {
                        None if alone => tokens.push(Token::Everything),
                        Some(b'/') if alone => {
                            tokens.extend([Token::Perhaps, Token::Folders]);
                            at += 1;
                        }
                        _ => tokens.push(Token::Star),
                    }
                }
                b'[' => match class(text, at) {
                    Some((token, end)) => {
                        tokens.push(token);
                        at = end;
                    }
                    // It is never closed, and fits nothing.
                    None => {
                        return Self {
                            tokens: vec![Token::Class { not: false, ranges: Vec::new() }],
                            name_only,
                            folder,
                        };
                    }
                },
                b'\\' => {
                    tokens.push(Token::Byte(text.get(at).copied().unwrap_or(b'\\')));
                    at += 1;
                }
                byte => tokens.push(Token::Byte(byte)),
            }
        }
        Self { tokens, name_only, folder }
    }

    /// Whether it speaks of this path, which is meant from the folder of the pattern's file.
    pub(super) fn fits(&self, path: &[u8]) -> bool {
        if self.folder {
            return false;
        }
        let text = if self.name_only { path.rsplit(|b| *b == b'/').next().unwrap_or(path) } else { path };
        // Every place in the pattern that one could stand at.
        let mut here = vec![false; self.tokens.len() + 1];
        self.enter(&mut here, 0);
        for byte in text {
            let mut next = vec![false; self.tokens.len() + 1];
            for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| here[*at]) {
                match token {
                    Token::Byte(wanted) if wanted == byte => self.enter(&mut next, at + 1),
                    Token::One if *byte != b'/' => self.enter(&mut next, at + 1),
                    Token::Class { not, ranges } => {
                        let inside = ranges.iter().any(|(from, to)| (from..=to).contains(&byte));
                        if *byte != b'/' && inside != *not {
                            self.enter(&mut next, at + 1);
                        }
                    }
                    Token::Star if *byte != b'/' => self.enter(&mut next, at),
                    Token::Everything => self.enter(&mut next, at),
                    Token::Folders => {
                        next[at] = true;
                        if *byte == b'/' {
                            self.enter(&mut next, at + 1);
                        }
                    }
                    _ => {}
                }
            }
            here = next;
        }
        here.last().copied().unwrap_or(false)
    }

    /// Stands at a place, and at those that can be reached from it without a byte.
    fn enter(&self, places: &mut [bool], at: usize) {
        if std::mem::replace(&mut places[at], true) {
            return;
        }
        match self.tokens.get(at) {
            Some(Token::Star | Token::Everything) => self.enter(places, at + 1),
            Some(Token::Perhaps) => {
                self.enter(places, at + 1);
                self.enter(places, at + 2);
            }
            _ => {}
        }
    }
}

/// What stands between brackets, and where it ends.
fn class(text: &[u8], mut at: usize) -> Option<(Token, usize)> {
    let not = matches!(text.get(at), Some(b'!' | b'^'));
    at += usize::from(not);
    let mut ranges = Vec::new();
    let first = at;
    loop {
        match *text.get(at)? {
            b']' if at > first => return Some((Token::Class { not, ranges }, at + 1)),
            b'[' if text.get(at + 1) == Some(&b':') => {
                let end = at + 2 + text.get(at + 2..)?.windows(2).position(|w| w == b":]")?;
                ranges.extend(named(&text[at + 2..end]));
                at = end + 2;
            }
            byte => {
                let (from, after) = if byte == b'\\' { (*text.get(at + 1)?, at + 2) } else { (byte, at + 1) };
                at = after;
                let mut to = from;
                if text.get(at) == Some(&b'-') && text.get(at + 1).is_some_and(|b| *b != b']') {
                    let escaped = text.get(at + 1) == Some(&b'\\');
                    to = *text.get(at + 1 + usize::from(escaped))?;
                    at += 2 + usize::from(escaped);
                }
                ranges.push((from, to));
            }
        }
    }
}

/// `[:name:]`.
fn named(name: &[u8]) -> Vec<(u8, u8)> {
    match name {
        b"alnum" => vec![(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"alpha" => vec![(b'A', b'Z'), (b'a', b'z')],
        b"blank" => vec![(b' ', b' '), (b'\t', b'\t')],
        b"cntrl" => vec![(0, 31), (127, 127)],
        b"digit" => vec![(b'0', b'9')],
        b"graph" => vec![(33, 126)],
        b"lower" => vec![(b'a', b'z')],
        b"print" => vec![(32, 126)],
        b"punct" => vec![(33, 47), (58, 64), (91, 96), (123, 126)],
        b"space" => vec![(9, 13), (b' ', b' ')],
        b"upper" => vec![(b'A', b'Z')],
        b"xdigit" => vec![(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_fit_what_git_says_they_fit() {
        let fits = |pattern: &str, path: &str| Glob::new(pattern.as_bytes()).fits(path.as_bytes());
        for (pattern, path) in [
            ("*.rs", "src/a.rs"),
            ("gen.rs", "deep/er/gen.rs"),
            ("/gen.rs", "gen.rs"),
            ("vendor/**", "vendor/a/b.c"),
            ("**/x.c", "x.c"),
            ("**/x.c", "a/b/x.c"),
            ("a/**/z", "a/z"),
            ("a/**/z", "a/b/c/z"),
            ("a/*/z", "a/b/z"),
            ("[a-c]?.t[!xyz]t", "b1.tat"),
            ("[[:digit:]]*", "7up"),
            ("a\\*b", "a*b"),
            ("**", "any/thing"),
            ("[]]", "]"),
        ] {
            assert!(fits(pattern, path), "{pattern} fits {path}");
        }
        for (pattern, path) in [
            ("*.rs", "src/a.rsx"),
            ("/gen.rs", "deep/gen.rs"),
            ("vendor/**", "vendor"),
            ("src/*.rs", "src/deep/a.rs"),
            ("a/*/z", "a/b/c/z"),
            ("vendor/", "vendor/x"),
            ("[abc", "a"),
            ("a?b", "a/b"),
        ] {
            assert!(!fits(pattern, path), "{pattern} does not fit {path}");
        }
    }

    #[test]
    fn a_pattern_made_to_take_for_ever_does_not() {
        let pattern = format!("{}b", "*a".repeat(600));
        assert!(!Glob::new(pattern.as_bytes()).fits(&[b'a'; 1_500]));
    }
}
