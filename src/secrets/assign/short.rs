//! Short values: too short for entropy to say much, so the odds that they were drawn are weighed against what the name
//! and the place say.

use super::ground::Ground;
use super::judge::{Case, speaks};
use crate::secrets::names::Weight;
use crate::secrets::value::{self, Shape};

/// Longest value that is judged by its odds alone.
const LONGEST: usize = 40;

/// Letters and digits that nobody would take for a name of code, given where they stand.
pub(super) fn drawn(value: &str, shape: &Shape, case: &Case<'_>) -> bool {
    if value.len() > LONGEST || shape.marks > 0 || shape.foreign > 0 || shape.spaces > 0 || shape.letters() == 0 {
        return false;
    }
    let settings = !matches!(case.ground, Ground::Code | Ground::Prose);
    let least = match case.weight {
        Weight::Password if matches!(case.ground, Ground::Env | Ground::Literal | Ground::Field) => 4,
        Weight::Password if settings => 6,
        Weight::Password | Weight::Strong => 8,
        Weight::Weak if token(case.name) => 8,
        Weight::Weak => return false,
    };
    if value.len() < least {
        return false;
    }
    let classes = usize::from(shape.lower > 0) + usize::from(shape.upper > 0) + usize::from(shape.digits > 0);
    // A word with a capital, a constant, a plain word: labels of forms and names of things look so.
    let plain = shape.digits == 0 && (shape.upper == 0 || shape.lower == 0 || titled(value));
    let mut bar = match case.weight {
        Weight::Password => 0.0,
        Weight::Strong => 1.0,
        Weight::Weak => 2.0,
    };
    bar += match (settings, plain) {
        (_, true) if titled(value) => 8.0,
        (true, true) => 4.0,
        (false, true) => 7.0,
        (true, false) => 0.0,
        (false, false) if shape.digits == 0 => 4.0,
        (false, false) => 1.0,
    };
    // Capitals, small letters and digits in eight characters: names of code have all three, but not like this.
    // Four or five characters with a digit: where nothing but a value can stand that is enough.
    bar -= if case.ground == Ground::Env && shape.digits > 0 && value.len() < 6 { 6.0 } else { 0.0 };
    bar -= if classes == 3 && value.len() >= 8 { 2.0 } else { 0.0 };
    value::odds(value) >= bar && !speaks(value)
}

/// A capital and then small letters only.
fn titled(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_uppercase()) && value.bytes().skip(1).all(|b| b.is_ascii_lowercase())
}

/// Of the names that could mean anything `token` is the one that means little else.
fn token(name: &str) -> bool {
    value::begins(name.get(name.len().saturating_sub(5)..).unwrap_or_default(), "token")
}

/// A plain word where it can only be a password: one of those that everybody chooses, or below the name of a system's
/// own password.
pub(super) fn chosen(value: &str, case: &Case<'_>) -> bool {
    if case.weight != Weight::Password || matches!(case.ground, Ground::Code | Ground::Prose | Ground::Cell) {
        return false;
    }
    let word = value.len() >= 5 && value.bytes().all(|b| b.is_ascii_lowercase()) && !speaks(value);
    value::favourite(value) || (word && system(case.name) && !SYSTEMS.contains(&value))
}

/// What has a password of its own.
const SYSTEMS: [&str; 31] = [
    "db",
    "database",
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "mariadb",
    "mssql",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "smtp",
    "imap",
    "ldap",
    "root",
    "ftp",
    "sftp",
    "wifi",
    "keystore",
    "truststore",
    "elastic",
    "elasticsearch",
    "grafana",
    "jenkins",
    "minio",
    "influxdb",
    "sudo",
    "oracle",
    "datasource",
    "kafka",
];

/// `POSTGRES_PASSWORD`, `db.password`, `smtpPassword`: the word before the last names a system.
fn system(name: &str) -> bool {
    let tail = ["password", "passwd", "pass", "pwd", "passphrase"]
        .iter()
        .filter_map(|t| {
            name.len().checked_sub(t.len()).filter(|at| name.get(*at..).is_some_and(|n| n.eq_ignore_ascii_case(t)))
        })
        .min();
    let Some(owner) = tail.and_then(|at| name.get(..at)) else { return false };
    let owner = owner.trim_end_matches(['_', '-', '.']);
    SYSTEMS.iter().any(|s| {
        owner.len().checked_sub(s.len()).is_some_and(|at| {
            let before = owner.as_bytes().get(at.wrapping_sub(1)).copied().unwrap_or(b'_');
            let hump = owner.as_bytes().get(at).is_some_and(u8::is_ascii_uppercase) && before.is_ascii_lowercase();
            owner.get(at..).is_some_and(|o| o.eq_ignore_ascii_case(s)) && (!before.is_ascii_alphanumeric() || hump)
        })
    })
}
