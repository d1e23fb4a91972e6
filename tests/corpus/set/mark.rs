//! Text that knows which of its bytes are secret, through every escaping and line prefix.
//!
//! While a sample is built, invisible marks stand in the text; every transformation keeps them in their place, and
//! [`strip`] turns them into byte ranges at the end.

use base64::Engine;

/// A secret begins.
pub const OPEN: char = '\u{E000}';
/// A secret ends.
pub const CLOSE: char = '\u{E001}';
/// What stands before it, since the beginning of the secret, is public (a vendor's prefix).
pub const PUBLIC: char = '\u{E002}';
/// Bytes that belong to a secret's form (glue, gutters, armour) begin: they may be masked and need not be.
pub const GAP: char = '\u{E003}';
/// Such bytes end.
pub const PAG: char = '\u{E004}';

/// One secret of a sample, in bytes of the sample's text.
#[derive(Clone, Debug, Default)]
pub struct Secret {
    /// The bytes that must not stay, public prefix included.
    pub parts: Vec<(usize, usize)>,
    /// How many of the first bytes of `parts` are public.
    pub public: usize,
    /// The whole extent, glue and armour included.
    pub start: usize,
    /// End of the whole extent.
    pub end: usize,
}

/// Says whether a character is one of the marks.
pub fn is_mark(c: char) -> bool {
    (OPEN..=PAG).contains(&c)
}

/// Puts a value between the marks of a secret.
pub fn secret(value: &str) -> String {
    format!("{OPEN}{value}{CLOSE}")
}

/// Takes the marks out and says where the secrets stand, and where glue outside of them does: that may be masked too.
pub fn strip(marked: &str) -> (String, Vec<Secret>, Vec<(usize, usize)>) {
    let mut text = String::with_capacity(marked.len());
    let mut found: Vec<Secret> = Vec::new();
    let mut open: Option<Secret> = None;
    let mut gaps = 0usize;
    let mut neutral: Vec<(usize, usize)> = Vec::new();
    let mut loose = 0;
    for c in marked.chars() {
        match c {
            OPEN => {
                gaps = 0;
                open = Some(Secret { start: text.len(), ..Secret::default() });
            }
            PUBLIC => {
                if let Some(now) = &mut open {
                    now.public = now.parts.iter().map(|(from, to)| to - from).sum();
                }
            }
            GAP => {
                loose = text.len();
                gaps += 1;
            }
            PAG => {
                gaps = gaps.saturating_sub(1);
                if open.is_none() && text.len() > loose + 4 {
                    neutral.push((loose, text.len()));
                }
            }
            CLOSE => {
                if let Some(mut now) = open.take() {
                    now.end = text.len();
                    found.push(now);
                }
            }
            _ => {
                let from = text.len();
                text.push(c);
                if let Some(now) = &mut open
                    && gaps == 0
                    && c != '\n'
                    && c != '\r'
                {
                    match now.parts.last_mut() {
                        Some(last) if last.1 == from => last.1 = text.len(),
                        _ => now.parts.push((from, text.len())),
                    }
                }
            }
        }
    }
    (text, found, neutral)
}

/// The text without any mark.
pub fn plain(marked: &str) -> String {
    marked.chars().filter(|c| !is_mark(*c)).collect()
}

fn each(marked: &str, mut write: impl FnMut(&mut String, char)) -> String {
    let mut out = String::with_capacity(marked.len() + marked.len() / 8);
    for c in marked.chars() {
        if is_mark(c) {
            out.push(c);
        } else {
            write(&mut out, c);
        }
    }
    out
}

/// Escapes as the inside of a JSON string (also right for C, Java, JavaScript, Go and double-quoted YAML).
pub fn json(marked: &str) -> String {
    each(marked, |out, c| match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.extend([GAP, '\\', 'n', PAG]),
        '\r' => out.extend([GAP, '\\', 'r', PAG]),
        '\t' => out.push_str("\\t"),
        c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
        c => out.push(c),
    })
}

/// Escapes as Python's `json.dumps` does: ASCII only.
pub fn json_ascii(marked: &str) -> String {
    each(&json(marked), |out, c| {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    })
}

/// Escapes for XML and HTML.
pub fn xml(marked: &str) -> String {
    each(marked, |out, c| match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        c => out.push(c),
    })
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub fn percent(marked: &str) -> String {
    each(marked, |out, c| {
        if c.is_ascii_alphanumeric() || "-_.~".contains(c) {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    })
}

/// Escapes for a single-quoted shell word.
pub fn shell(marked: &str) -> String {
    each(marked, |out, c| if c == '\'' { out.push_str("'\\''") } else { out.push(c) })
}

/// Escapes for a double-quoted shell word.
pub fn shell_double(marked: &str) -> String {
    each(marked, |out, c| {
        if "\"\\$`".contains(c) {
            out.push('\\');
        }
        out.push(c);
    })
}

/// Doubles one kind of quote (SQL, CSV, single-quoted YAML).
pub fn doubled(marked: &str, quote: char) -> String {
    each(marked, |out, c| {
        if c == quote {
            out.push(c);
        }
        out.push(c);
    })
}

/// Escapes backslashes and single quotes with a backslash (PHP, Python, Ruby in single quotes).
pub fn single(marked: &str) -> String {
    each(marked, |out, c| {
        if c == '\'' || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    })
}

/// Writes as Java's `Properties.store` does: `=`, `:` and blanks with a backslash, other scripts as `\uXXXX`.
pub fn properties(marked: &str) -> String {
    each(marked, |out, c| match c {
        '=' | ':' | '#' | '!' | '\\' => out.extend(['\\', c]),
        c if c.is_ascii() => out.push(c),
        c => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04X}"));
            }
        }
    })
}

/// Puts what `prefix` says before every line; inside a secret it is glue.
pub fn prefixed(marked: &str, mut prefix: impl FnMut(usize) -> String) -> String {
    let mut out = String::with_capacity(marked.len() * 2);
    let ends = marked.ends_with('\n');
    let mut open = false;
    for (at, line) in marked.strip_suffix('\n').unwrap_or(marked).split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Outside a secret a gutter is text like any other.
        if open {
            out.push(GAP);
        }
        out.push_str(&prefix(at));
        if open {
            out.push(PAG);
        }
        out.push_str(line);
        open = line.chars().fold(open, |open, c| if c == OPEN { true } else { open && c != CLOSE });
    }
    if ends {
        out.push('\n');
    }
    out
}

/// Encodes the whole text as base64, in lines of `width` characters (0: one line).
pub fn base64(marked: &str, width: usize) -> String {
    let mut bytes = Vec::new();
    let mut marks: Vec<(usize, char)> = Vec::new();
    for c in marked.chars() {
        if is_mark(c) {
            marks.push((bytes.len(), c));
        } else {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
    let mut marks = marks
        .into_iter()
        .map(|(at, mark)| (if mark == OPEN || mark == PAG { at * 4 / 3 } else { (at * 4).div_ceil(3) }, mark))
        .peekable();
    let mut out = String::with_capacity(encoded.len() + 64);
    for (at, c) in encoded.chars().enumerate() {
        while let Some((_, mark)) = marks.next_if(|(place, _)| *place <= at) {
            out.push(mark);
        }
        if width > 0 && at > 0 && at % width == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out.extend(marks.map(|(_, mark)| mark));
    out
}
