//! One setting in a file of somebody else's: read, set and put back, in whatever format the file has. Everything else in
//! the file stays as it is, byte for byte.

use std::fmt;

use serde_json::Value;

use super::{dotenv, json, toml, yaml};

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON; comments and commas behind the last member are taken as they are.
    Json,
    /// TOML.
    Toml,
    /// A map of plain keys, or a list of such maps.
    Yaml,
    /// Lines of `NAME=value`.
    Dotenv,
}

/// One setting of ours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edit {
    /// Its keys from the outermost; in YAML, `name=x` is the member of a list whose `name` is `x`.
    pub at: Vec<String>,
    /// What it is to be; null = nothing is to stand there.
    pub value: Value,
    /// It is the access key.
    pub secret: bool,
    /// What stood there before may be a secret of the user's.
    pub covered: bool,
    /// Whatever stands there already is good enough.
    pub gentle: bool,
}

impl Edit {
    /// A setting with this value.
    pub(super) fn new(at: &[&str], value: impl Into<Value>) -> Self {
        let at = at.iter().map(|part| (*part).to_owned()).collect();
        Self { at, value: value.into(), secret: false, covered: false, gentle: false }
    }

    /// Nothing is to stand there.
    pub(super) fn out(at: &[&str]) -> Self {
        Self::new(at, Value::Null)
    }

    /// Nothing is to stand there.
    pub(super) const fn gone(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What stood there before is not shown.
    pub(super) const fn covered(mut self) -> Self {
        self.covered = true;
        self
    }

    /// It is the access key.
    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Set only where nothing stands.
    pub(super) const fn gentle(mut self) -> Self {
        self.gentle = true;
        self
    }
}

/// A place's name for people.
pub(super) fn named(at: &[String]) -> String {
    at.join(".")
}

/// Why a file cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    /// The line, from 1; `None` = the whole file.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl Damage {
    /// At this byte of the text.
    pub(super) fn at(text: &str, byte: usize, what: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
        Self { line: Some(before.iter().filter(|b| **b == b'\n').count() + 1), what: what.into() }
    }

    /// In this line, counted from 0.
    pub(super) fn line(line: usize, what: impl Into<String>) -> Self {
        Self { line: Some(line + 1), what: what.into() }
    }

    /// Somewhere.
    pub(super) fn whole(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl Format {
    /// What stands at a place; `None` = nothing.
    pub(super) fn get(self, text: &str, at: &[String]) -> Result<Option<Value>, Damage> {
        match self {
            Self::Json => json::get(text, at),
            Self::Toml => toml::get(text, at),
            Self::Yaml => yaml::get(text, at),
            Self::Dotenv => dotenv::get(text, at),
        }
    }

    /// The text with this value at a place.
    pub(super) fn set(self, text: &str, at: &[String], value: &Value) -> Result<String, Damage> {
        match self {
            Self::Json => json::set(text, at, value),
            Self::Toml => toml::set(text, at, value),
            Self::Yaml => yaml::set(text, at, value),
            Self::Dotenv => dotenv::set(text, at, value),
        }
    }

    /// The text with what stands at a place in `from`; where nothing stands there, the place is taken out, and with it
    /// what held nothing else and is not in `from` either. What was taken out of JSON and TOML is put back.
    pub(super) fn carry(self, text: &str, at: &[String], from: &str) -> Result<String, Damage> {
        match self {
            Self::Json => json::carry(text, at, from),
            Self::Toml => toml::carry(text, at, from),
            Self::Yaml => yaml::carry(text, at, from),
            Self::Dotenv => dotenv::carry(text, at, from),
        }
    }

    /// The text with words in the place of values, wherever the place is said: a name may stand more than once. What gets
    /// no word stays.
    pub(super) fn cover(
        self,
        text: &str,
        at: &[String],
        word: impl Fn(&Value) -> Option<&'static str>,
    ) -> Result<String, Damage> {
        match self {
            Self::Json => json::cover(text, at, word),
            Self::Dotenv => dotenv::cover(text, at, word),
            // These are not understood where a name is said twice.
            Self::Toml | Self::Yaml => match self.get(text, at)?.as_ref().and_then(word) {
                Some(word) => self.set(text, at, &Value::from(word)),
                None => Ok(text.to_owned()),
            },
        }
    }

    /// Nothing is said in it but what every file of the format says.
    pub(super) fn empty(self, text: &str) -> bool {
        match self {
            Self::Json => text.split_whitespace().collect::<String>() == "{}" || text.trim().is_empty(),
            _ => text.trim().is_empty(),
        }
    }
}

/// How lines end in a text.
pub(super) fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
