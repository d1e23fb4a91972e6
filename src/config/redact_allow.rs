//! Lists of what is allowed although it was found: the user's own, beside the settings, and a repository's.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::world::files;

/// A list larger than this is none (bytes).
const LIMIT: u64 = 1 << 20;
/// Most lines of a list.
const LINES: usize = 5_000;

/// The user's list: a file of this name beside the settings.
pub const USERS: &str = "allow.toml";
/// A repository's list, from its top.
pub const REPOSITORYS: &str = ".monster/allow.toml";

/// The user's list: values by keyed fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// Its lines.
    #[serde(default)]
    pub allow: Vec<UserRow>,
}

/// A value that the user allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserRow {
    /// 32 hexadecimal digits; only this machine's key makes them.
    pub fingerprint: String,
    /// The last day on which it holds, `2026-12-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A repository's list: values by a slow salted hash, each for a rule and a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repositorys {
    /// Hexadecimal, 16 bytes or more.
    #[serde(default)]
    pub salt: String,
    /// Its lines.
    #[serde(default)]
    pub allow: Vec<RepositoryRow>,
}

/// A value that a repository allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepositoryRow {
    /// The rule that finds it.
    pub rule: String,
    /// A glob of paths from the top of the repository.
    pub path: String,
    /// 64 hexadecimal digits: scrypt (N = 2^14, r = 8, p = 1) of the value with the file's salt.
    pub hash: String,
    /// The last day on which it holds, `2026-12-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It cannot be read or written.
    #[error("{} cannot be read or written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not understood.
    #[error("{}: {what}", path.display())]
    Malformed {
        /// The file, with the line where it is known.
        path: PathBuf,
        /// One sentence.
        what: String,
    },
}

/// Reads the user's list; an empty one where there is none.
///
/// # Errors
/// [`ListError`].
pub fn users(path: &Path) -> Result<Users, ListError> {
    let list: Users = read(path, files::check_own)?;
    let bad = list.allow.iter().find(|row| unhex(&row.fingerprint).is_none_or(|b| b.len() != 16));
    if bad.is_some() {
        return Err(malformed(path, "a fingerprint takes 32 hexadecimal digits"));
    }
    days(path, list.allow.iter().map(|row| &row.until))?;
    Ok(list)
}

fn days<'a>(path: &Path, mut all: impl Iterator<Item = &'a Option<String>>) -> Result<(), ListError> {
    if all.any(|day| day.as_ref().is_some_and(|day| day.parse::<Date>().is_err())) {
        return Err(malformed(path, "until takes a day such as 2026-12-31"));
    }
    Ok(())
}

/// Whether what ends with this day still holds today.
#[must_use]
pub fn holds(until: Option<&String>, today: Date) -> bool {
    until.is_none_or(|day| day.parse::<Date>().is_ok_and(|day| today <= day))
}

/// Reads a repository's list; an empty one where there is none.
///
/// # Errors
/// [`ListError`].
pub fn repositorys(path: &Path) -> Result<Repositorys, ListError> {
    let list: Repositorys = read(path, |_| Ok(()))?;
    if list.allow.is_empty() {
        return Ok(list);
    }
    if unhex(&list.salt).is_none_or(|salt| !(16..=64).contains(&salt.len())) {
        return Err(malformed(path, "salt takes 32 to 128 hexadecimal digits"));
    }
    for row in &list.allow {
        if unhex(&row.hash).is_none_or(|hash| hash.len() != 32) {
            return Err(malformed(path, "a hash takes 64 hexadecimal digits"));
        }
        globset::Glob::new(&row.path).map_err(|e| malformed(path, &e.to_string()))?;
    }
    days(path, list.allow.iter().map(|row| &row.until))?;
    Ok(list)
}

/// Writes a list.
///
/// # Errors
/// [`ListError::Io`].
pub fn write<T: Serialize>(path: &Path, list: &T, head: &str, mode: u32) -> Result<(), ListError> {
    let io = |source| ListError::Io { path: path.to_owned(), source };
    let text = toml::to_string(list).map_err(|e| malformed(path, &e.to_string()))?;
    files::replace(path, format!("{head}{text}").as_bytes(), mode).map_err(io)
}

fn read<T: Default + for<'de> Deserialize<'de>>(
    path: &Path,
    check: impl Fn(&Path) -> std::io::Result<()>,
) -> Result<T, ListError> {
    let io = |source| ListError::Io { path: path.to_owned(), source };
    let bytes = match check(path).and_then(|()| files::read_bounded(path, LIMIT)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(T::default()),
        other => other.map_err(io)?,
    };
    let text = String::from_utf8(bytes).map_err(|_| malformed(path, "it is not UTF-8 text"))?;
    if text.matches("[[allow]]").count() > LINES {
        return Err(malformed(path, &format!("there may be {LINES} entries")));
    }
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        malformed(path, &format!("line {line}: {}", error.message().lines().next().unwrap_or_default()))
    })
}

fn malformed(path: &Path, what: &str) -> ListError {
    ListError::Malformed { path: path.to_owned(), what: what.to_owned() }
}

/// Bytes out of hexadecimal digits.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

/// Hexadecimal digits of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
