//! Secrets that only their place among a function's arguments gives away.

use std::ops::Range;

use super::Cursor;
use crate::secrets::value;

/// Functions, in lower case up to their bracket, and which argument is the secret, counted from one.
static CALLS: &[(&str, usize, Kind)] = &[
    ("networkcredential(", 2, Kind::Password),
    ("getconnection(", 3, Kind::Password),
    ("new pdo(", 3, Kind::Password),
    ("mysqli_connect(", 3, Kind::Password),
    ("new mysqli(", 3, Kind::Password),
    ("oci_connect(", 2, Kind::Password),
    ("ldap_bind(", 3, Kind::Password),
    ("imap_open(", 3, Kind::Password),
    ("ftp_login(", 3, Kind::Password),
    ("ssh2_auth_password(", 3, Kind::Password),
    ("simple_bind_s(", 2, Kind::Password),
    (".login(", 2, Kind::Password),
    ("passwordauthentication(", 2, Kind::Password),
    ("passwordcredentials(", 2, Kind::Password),
    ("passwordcredential(", 2, Kind::Password),
    ("basicauth(", 2, Kind::Password),
    ("basic_auth(", 2, Kind::Password),
    ("auth=(", 2, Kind::Password),
    ("plainauth(", 3, Kind::Password),
    ("createhmac(", 2, Kind::Key),
    ("fernet(", 1, Kind::Key),
    ("secretkeyspec(", 1, Kind::Key),
    ("new aes(", 1, Kind::Key),
    ("aes.new(", 1, Kind::Key),
    ("hmac.new(", 1, Kind::Key),
    ("jwt.sign(", 2, Kind::Key),
    ("jwt.verify(", 2, Kind::Key),
    ("jwt.encode(", 2, Kind::Key),
    ("jwt.decode(", 2, Kind::Key),
    ("createcipheriv(", 2, Kind::Key),
    ("createdecipheriv(", 2, Kind::Key),
    ("convertto-securestring ", 1, Kind::Password),
    ("convertto-securestring -string ", 1, Kind::Password),
];

/// What leads here.
pub(in crate::secrets) const KEYS: &[&str] = &[
    "networkcredential(",
    "getconnection(",
    "new pdo(",
    "mysqli_connect(",
    "new mysqli(",
    "oci_connect(",
    "ldap_bind(",
    "imap_open(",
    "ftp_login(",
    "ssh2_auth_password(",
    "simple_bind_s(",
    ".login(",
    "passwordauthentication(",
    "passwordcredentials(",
    "passwordcredential(",
    "basicauth(",
    "basic_auth(",
    "auth=(",
    "plainauth(",
    "createhmac(",
    "fernet(",
    "secretkeyspec(",
    "new aes(",
    "aes.new(",
    "hmac.new(",
    "jwt.sign(",
    "jwt.verify(",
    "jwt.encode(",
    "jwt.decode(",
    "createcipheriv(",
    "createdecipheriv(",
    "convertto-securestring ",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Chosen by a person.
    Password,
    /// Random.
    Key,
}

/// The literal in the telling argument.
pub(in crate::secrets) fn call(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let rest = text.get(at..).unwrap_or_default();
    let found = CALLS.iter().filter(|(k, ..)| value::begins(rest, k)).max_by_key(|(k, ..)| k.len());
    let Some((key, place, kind)) = found else { return };
    let Some(span) = literal(text, at + key.len(), *place) else { return };
    let word = text.get(span.clone()).unwrap_or_default();
    let telling = match kind {
        Kind::Password => word.len() >= 4 && !word.contains(' ') && !value::path_of_names(word),
        Kind::Key => word.len() >= 16 && value::random(word) && !value::wordy(word),
    };
    if telling && !value::dummy(word) && !value::template(word) {
        out.push(span);
    }
}

/// How deep brackets nest before the argument.
const DEEPEST: usize = 6;

/// The first literal of an argument.
fn literal(text: &str, start: usize, place: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(start + 1024);
    let (mut at, mut argument, mut depth) = (start, 1, 0usize);
    while at < limit {
        match *bytes.get(at)? {
            b',' if depth == 0 => argument += 1,
            b'(' | b'[' | b'{' if depth < DEEPEST => depth += 1,
            b'(' | b'[' | b'{' => return None,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            b';' => return None,
            mark @ (b'"' | b'\'' | b'`') => {
                let slashes = bytes.get(..at)?.iter().rev().take(4).take_while(|b| **b == b'\\').count();
                let mut c = Cursor::new(bytes, at + 1);
                loop {
                    c.run(limit - at, |b| b != mark && b != b'\n' && b != b'\\');
                    if c.peek() != b'\\' || c.at >= limit {
                        break;
                    }
                    // The same escape as before the opening quote closes.
                    let run = c.rest(8).iter().take_while(|b| **b == b'\\').count();
                    if slashes > 0 && c.look(run) == mark && run <= slashes {
                        break;
                    }
                    c.at += run + 1;
                }
                if c.at >= limit || c.peek() == b'\n' {
                    return None;
                }
                if argument == place {
                    return Some(at + 1..c.at);
                }
                at = c.at + slashes;
            }
            _ => {}
        }
        at += 1;
    }
    None
}
