//! How an exchange fails that nobody answered, or not to its end.

use std::error::Error;
use std::time::Duration;

use super::park::spell;
use crate::model::{Failure, Kind, Scope};

/// To ask for it again would cost as much and bring as much.
pub(super) fn oversized() -> Failure {
    Failure::unread("the answer is larger than any answer should be")
}

/// What is left of `content-encoding` is what we cannot undo.
pub(super) fn packed(how: &str) -> Failure {
    let how: String = how.chars().take(40).collect();
    Failure::unread(format!("the answer is packed as \"{how}\", which it was not asked for"))
}

/// Nothing in the settings is called so that is sent.
pub(super) fn unnamed(name: &str) -> Failure {
    let what = format!("no header can be called \"{name}\": look at the upstream's headers");
    Failure::new(Kind::BadRequest, Scope::Provider, what)
}

/// A header that cannot be sent; its value may be a key.
pub(super) fn unsendable(name: &str) -> Failure {
    let what = format!("the value for the header {name} holds characters that no header may hold");
    Failure::new(Kind::Unauthorized, Scope::Account, what)
}

pub(super) fn slow(what: &str, after: Duration) -> Failure {
    Failure::new(Kind::TimedOut, Scope::Model, format!("the server {what} within {}", spell(after)))
}

pub(super) fn cut(error: &(dyn Error + 'static)) -> Failure {
    Failure::new(Kind::Truncated, Scope::Provider, format!("the connection broke during the answer ({})", root(error)))
}

pub(super) fn unreachable(error: &(dyn Error + 'static), unconnected: bool) -> Failure {
    let cause = root(error);
    if cause.contains("certificate") || cause.contains("UnknownIssuer") {
        return Failure::new(
            Kind::Untrusted,
            Scope::Provider,
            format!("the server's certificate was not accepted ({cause})"),
        );
    }
    let what = if unconnected { "no connection" } else { "the connection broke before an answer" };
    Failure::new(Kind::Unreachable, Scope::Provider, format!("{what} ({cause})"))
}

/// The innermost cause, which is the one that says something; the outer ones repeat the URL.
fn root(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    // Some add where to read about it.
    let told = cause.to_string();
    told.split(": https://").next().unwrap_or_default().to_owned()
}
