//! What is wrong with settings.

use std::path::PathBuf;

/// Something wrong in a layer; the rest still holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Problem {
    /// `FILE:LINE:COLUMN`, or a variable's name.
    pub place: String,
    /// What is wrong, one sentence.
    pub what: String,
    /// The line, for syntax errors.
    pub line: Option<String>,
    /// The user's own file could not be wholly read: what it forbids is not known.
    pub unread: bool,
}

/// Why a setting could not be read or changed on request.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No such setting.
    #[error("there is no setting \"{key}\"")]
    Unknown {
        /// As given.
        key: String,
        /// A setting that looks like it.
        near: Option<&'static str>,
    },
    /// The value does not fit.
    #[error("{key} takes {takes}, not \"{value}\"")]
    Value {
        /// The setting.
        key: String,
        /// What it takes.
        takes: String,
        /// As given.
        value: String,
    },
    /// A name for models that cannot hold.
    #[error("{0}")]
    Name(String),
    /// It looks like a key.
    #[error("this value looks like a secret, and settings are plain text")]
    Secret,
    /// The file has a syntax error and is not touched.
    #[error("{0}")]
    Malformed(Problem),
    /// The file cannot be read or written.
    #[error("{} cannot be read or written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ConfigError {
    /// What helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { near: Some(near), .. } => Some(format!("did you mean {near}?")),
            Self::Unknown { near: None, .. } => Some("see what there is: monster config list".to_owned()),
            Self::Secret => Some("keys go into the sealed file: monster login".to_owned()),
            Self::Malformed(_) => Some("mend it with: monster config edit".to_owned()),
            Self::Name(_) | Self::Value { .. } | Self::Io { .. } => None,
        }
    }
}
