//! What a tool is to be told: where `monster serve` listens, with which key, and which models there are.

use crate::catalog::Role;
use crate::config::Serve;
use crate::model::Secret;

use crate::commands::error::CommandError;
use crate::commands::serve::address;

/// How the access key gets to a tool.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// The file names the variable, where the tool can read one.
    Variable,
    /// The file holds it.
    Given(Secret),
    /// The file holds the one that we wrote there before; where none is, it is still to be given.
    Kept,
    /// `monster serve` asks for none; a tool that wants one gets a word instead.
    Open,
}

/// What a tool is to be told.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// Where it listens, without a path: `http://127.0.0.1:7766`.
    pub base: String,
    /// The key.
    pub key: Key,
    /// Names of models to offer, in order; never empty.
    pub models: Vec<String>,
    /// The user named them.
    pub chosen: bool,
}

/// What is shown in the place of a key.
pub(super) const SHOWN: &str = "<the key>";
/// What is shown in the place of the one before.
pub(super) const OLD: &str = "<the old key>";
/// What tools are given for a key where none is asked for.
pub(super) const NONE: &str = "none";

impl Wish {
    /// By settings, and the models that were asked for.
    ///
    /// # Errors
    /// Exit 1 when nothing listens where these tools could call.
    pub(super) fn new(serve: &Serve, model: Option<&str>, key: Key) -> Result<Self, CommandError> {
        let named: Vec<String> =
            model.unwrap_or_default().split(',').map(str::trim).filter(|m| !m.is_empty()).map(offered).collect();
        let chosen = !named.is_empty();
        let models = if chosen { named } else { Role::ALL.iter().map(|role| offered(role.name())).collect() };
        Ok(Self { base: address::base(serve)?, key, models, chosen })
    }

    /// The model that a tool starts with where it has to be told one: the first named, else the everyday role.
    pub(super) fn first(&self) -> String {
        let named = self.models.first().filter(|_| self.chosen).cloned();
        named.unwrap_or_else(|| offered(Role::Balanced.name()))
    }

    /// The model that a tool starts with, if one was asked for.
    pub(super) fn asked(&self) -> Option<String> {
        self.chosen.then(|| self.first())
    }

    /// What a file holds for a key; `None` = it names the variable.
    pub(super) fn word(&self) -> Option<(String, bool)> {
        match &self.key {
            Key::Variable => None,
            Key::Given(key) => Some((key.expose().to_owned(), true)),
            Key::Kept => Some((SHOWN.to_owned(), true)),
            Key::Open => Some((NONE.to_owned(), false)),
        }
    }
}

/// How `monster serve` calls a role; other names are their own.
fn offered(name: &str) -> String {
    if Role::parse(name).is_some() { format!("monster/{name}") } else { name.to_owned() }
}
