//! What a command ends with: one exit code table, and errors that say what happened, why, and what helps.

use crate::auth::{SignInError, VaultError};
use crate::client::CallError;
use crate::config::ConfigError;
use crate::git::GitError;
use crate::store::StoreError;

/// Exit codes (also in `man monster`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; also when the reader of our output went away.
    Done = 0,
    /// Findings at or above `--fail-on`, refused, declined, or a sign-in, configuration or store error.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The repository is in no state for this.
    Repository = 3,
    /// There is nothing to do.
    Nothing = 4,
    /// No model answered and no fallback is allowed.
    NoModel = 5,
    /// Stopped by policy: a secret, a budget.
    Policy = 6,
    /// The result is incomplete.
    Incomplete = 7,
    /// A defect of ours.
    Internal = 70,
    /// Interrupted.
    Interrupted = 130,
}

/// What helps where the user's settings are wrong.
pub(super) const MEND: &str = "mend it with: monster config edit";

impl Exit {
    /// Every code with its meaning, for the manual.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Done, "done"),
        (Self::Failed, "findings at or above --fail-on; refused or declined; sign-in, configuration or store error"),
        (Self::Usage, "the command line is wrong"),
        (Self::Repository, "the repository is in no state for this"),
        (Self::Nothing, "there is nothing to do"),
        (Self::NoModel, "no model answered and no fallback is allowed"),
        (Self::Policy, "stopped by policy: a secret, a budget"),
        (Self::Incomplete, "the result is incomplete"),
        (Self::Internal, "a defect of monster"),
        (Self::Interrupted, "interrupted"),
    ];
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub struct CommandError {
    /// What to end with.
    pub exit: Exit,
    /// One sentence; empty when everything was said already.
    pub what: String,
    /// What caused it, outermost first.
    pub causes: Vec<String>,
    /// What helps.
    pub hints: Vec<String>,
    /// What had come of an answer that broke off.
    pub partial: Option<String>,
}

/// What every command gives back.
pub(super) type Outcome = Result<Exit, CommandError>;

impl CommandError {
    /// An error without causes.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), causes: Vec::new(), hints: Vec::new(), partial: None }
    }

    /// An error with the chain of its sources.
    pub fn of(exit: Exit, error: &dyn std::error::Error) -> Self {
        let mut out = Self::new(exit, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // Errors that repeat their cause would say everything twice.
            if !out.what.contains(&text) && !out.causes.contains(&text) {
                out.causes.push(text);
            }
            source = cause.source();
        }
        out
    }

    /// Adds what helps.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what helps, if anything does.
    #[must_use]
    pub fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// Somebody is named who is neither a provider nor an upstream of the settings; those that there are help.
    #[must_use]
    pub fn stranger<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        Self::new(Exit::Usage, format!("there is no provider or upstream \"{name}\""))
            .hint(format!("there are: {}", known.join(", ")))
    }

    /// An upstream of this name stands in the settings and cannot be read there.
    #[must_use]
    pub fn lost(name: &str, lost: &[(String, String)]) -> Option<Self> {
        let (_, why) = lost.iter().find(|(one, _)| one == name)?;
        let what = format!("the upstream \"{name}\" of the settings cannot be used: {why}");
        Some(Self::new(Exit::Failed, what).hint(MEND))
    }

    /// Ends with this code and no further word.
    #[must_use]
    pub fn silent(exit: Exit) -> Self {
        Self::new(exit, "")
    }
}

impl From<CallError> for CommandError {
    fn from(error: CallError) -> Self {
        let exit = if error.policy() { Exit::Policy } else { Exit::NoModel };
        let tried: Vec<String> = match &error {
            CallError::Exhausted(tried) if tried.len() < 2 => Vec::new(),
            CallError::Exhausted(tried) | CallError::Cooling { tried, .. } | CallError::Crowded { tried, .. } => {
                tried.iter().map(|t| format!("{}: {}", t.who(), t.failure.message)).collect()
            }
            CallError::NoRoute { notes } => notes.clone(),
            _ => Vec::new(),
        };
        let mut out = Self::of(exit, &error).hints(error.hint());
        for line in tried {
            if !out.causes.contains(&line) && !out.hints.contains(&line) {
                out.causes.push(line);
            }
        }
        out.partial = match error {
            CallError::Broken { partial, .. } if !partial.is_empty() => Some(partial),
            _ => None,
        };
        out
    }
}

impl From<GitError> for CommandError {
    fn from(error: GitError) -> Self {
        // Wherever on the way something missing or broken was met.
        let error = error.judged();
        let exit = match &error {
            e if e.about_state() => Exit::Repository,
            GitError::UnknownRevision(_) | GitError::Dash(_) | GitError::Patch(_) => Exit::Usage,
            _ => Exit::Failed,
        };
        Self::of(exit, &error).hints(error.hint())
    }
}

impl From<VaultError> for CommandError {
    fn from(error: VaultError) -> Self {
        Self::of(Exit::Failed, &error).hints(error.hint())
    }
}

impl From<SignInError> for CommandError {
    fn from(error: SignInError) -> Self {
        let exit = match &error {
            SignInError::Missing { .. } | SignInError::Setting(_) => Exit::Usage,
            SignInError::Stopped => Exit::Interrupted,
            _ => Exit::Failed,
        };
        Self::of(exit, &error).hints(error.hint())
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::of(Exit::Failed, &error).hints(error.hint())
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        let exit = match &error {
            ConfigError::Unknown { .. } | ConfigError::Value { .. } | ConfigError::Name(_) | ConfigError::Secret => {
                Exit::Usage
            }
            ConfigError::Malformed(_) | ConfigError::Io { .. } => Exit::Failed,
        };
        Self::of(exit, &error).hints(error.hint())
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            // Whoever read our output has seen enough.
            return Self::silent(Exit::Done);
        }
        Self::of(Exit::Failed, &error)
    }
}
