//! Calls beside the usual one of a dialect: where they lie, and who can be asked.

use serde_json::Value;

use super::clean::Clean;
use super::origin::{Origin, Task};
use super::vectors;
use crate::model::{Failure, Kind, Scope};

/// The end of the address of Ollama's usual call.
const CHAT: &str = "/api/chat";
/// What nobody can say in messages (ollama-lmstudio.md, "Native API").
const OWN: [&str; 3] = ["suffix", "raw", "template"];

impl Origin {
    /// There is such a call beside the usual one, which lies here.
    pub(super) fn lies(&self, usual: &str) -> bool {
        self.task != Task::Generate || usual.contains(CHAT)
    }

    /// The first that it says which only a server of its own dialect can do.
    fn alone(&self) -> Option<&'static str> {
        let none = |said: &Value| said.is_null() || *said == "" || *said == false;
        let said: Value = serde_json::from_str(&self.said(&OWN)).unwrap_or_default();
        OWN.into_iter().find(|name| self.task == Task::Generate && said.get(name).is_some_and(|said| !none(said)))
    }
}

impl Clean {
    /// Whether it can be asked of this route, where it goes as it came or (`own` is false) is spelled anew.
    ///
    /// # Errors
    /// Nobody there can do it.
    pub(super) fn sendable(&self, own: bool, route: &str) -> Result<(), Failure> {
        let alone = self.origin().filter(|_| !own).and_then(Origin::alone);
        match alone {
            _ if self.embeds() && !own => Err(vectors::none(route)),
            Some(name) => {
                let what = format!(
                    "{name}: only a server that speaks Ollama can do that, and {route} is asked otherwise; call /api/chat with messages"
                );
                Err(Failure::new(Kind::BadRequest, Scope::Model, what))
            }
            None => Ok(()),
        }
    }

    /// Where it is asked, beside the usual call.
    ///
    /// # Errors
    /// There is no such place.
    pub(super) fn address(&self, own: bool, usual: String) -> Result<String, Failure> {
        match self.origin().map(|origin| origin.task) {
            Some(Task::Embed) => vectors::address(&usual),
            Some(Task::Generate) if own => Ok(match usual.rsplit_once(CHAT) {
                Some((before, behind)) => format!("{before}/api/generate{behind}"),
                None => usual,
            }),
            _ => Ok(usual),
        }
    }
}
