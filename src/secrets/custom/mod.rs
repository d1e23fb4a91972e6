//! Secrets that no one pattern describes: key blocks, headers, command lines, cookies, pairs, manifests. Each function
//! looks round a key of the automaton and reports the secret parts; it says nothing rather than something doubtful.

mod block;
mod call;
mod command;
mod cookie;
mod crypt;
mod cursor;
mod directive;
mod header;
mod hunk;
mod jwk;
mod kube;
mod pair;
mod phrase;
mod reach;
mod sql;
mod state;
mod url;
mod webhook;
mod xml;

pub(super) use block::{encoded, pem, pem_part, ppk};
pub(super) use call::{KEYS as CALLS, call};
pub(super) use command::{KEYS as COMMANDS, command, piped};
pub(super) use cookie::cookies;
pub(super) use crypt::{crypt, pgpass};
pub(super) use cursor::Cursor;
pub(super) use directive::{chap, chosen};
pub(super) use header::authorization;
pub(super) use jwk::jwk;
pub(super) use kube::{docker, kube, manifest};
pub(super) use pair::aws_pair;
pub(super) use phrase::{codes, mnemonic};
pub(super) use sql::{insert, update};
pub(super) use state::sensitive;
pub(super) use url::{dsn, escaped, password, token};
pub(super) use webhook::{KEYS as WEBHOOKS, webhook};
pub(super) use xml::rsa;

use std::ops::Range;

/// Looks round a key that was seen at this byte and reports the secret parts.
pub(super) type Custom = fn(&str, usize, &mut Vec<Range<usize>>);

/// A letter or digit stands before `at`: the key is the tail of another word.
fn inside(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or_default();
    let escape = at.checked_sub(2).and_then(|i| bytes.get(i)) == Some(&b'\\') && matches!(before, b'n' | b'r' | b't');
    (before.is_ascii_alphanumeric() || before == b'_') && !escape
}
