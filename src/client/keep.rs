//! What history keeps of prompts and answers: masked, then sealed on the writer's thread, where nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::Reply;
use super::clean::Clean;
use super::error::CallError;
use crate::auth::Recipient;
use crate::model::{Block, Request};
use crate::secrets::Redactor;
use crate::store::{NewContent, Outcome, Part, Store};

/// A day (milliseconds).
const DAY: i64 = 86_400_000;

/// Whose content is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Nobodys,
    OfFailed,
    Everybodys,
}

/// What history keeps of the content of calls.
#[derive(Debug, Clone)]
pub struct Keep {
    whose: Whose,
    keep_ms: i64,
    /// To whom it is sealed, or half a sentence why to nobody.
    to: Result<Recipient, String>,
    /// The request that a call repeats.
    pub replay_of: Option<String>,
    /// That nothing can be kept was said.
    said: Arc<AtomicBool>,
}

impl Default for Keep {
    /// Keeps nothing.
    fn default() -> Self {
        Self::of("off", 1, || Err(String::new()))
    }
}

impl Keep {
    /// `content` is `off`, `failed` or `all`; `days` is how long; `to` is asked only if something is kept.
    pub fn of(content: &str, days: u64, to: impl FnOnce() -> Result<Recipient, String>) -> Self {
        let whose = match content {
            "all" => Whose::Everybodys,
            "failed" => Whose::OfFailed,
            _ => Whose::Nobodys,
        };
        Self {
            whose,
            keep_ms: i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY),
            to: if whose == Whose::Nobodys { Err(String::new()) } else { to() },
            replay_of: None,
            said: Arc::default(),
        }
    }

    /// Takes a request in; `None` when nothing is kept.
    ///
    /// # Errors
    /// Half a sentence why it cannot be kept.
    pub(super) fn start(&self, request: &Request, redactor: &Arc<Redactor>) -> Result<Option<Kept>, String> {
        if self.whose == Whose::Nobodys {
            return Ok(None);
        }
        let to = self.to.clone()?;
        let (request, redactor) = (request.clone(), Arc::clone(redactor));
        Ok(Some(Kept { whose: self.whose, keep_ms: self.keep_ms, to, redactor, request, heard: None }))
    }

    /// The first time.
    pub(super) fn once(&self) -> bool {
        !self.said.swap(true, Ordering::Relaxed)
    }
}

/// What an answer said, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its visible text.
    pub text: String,
    /// Why it stopped.
    #[serde(default)]
    pub finish: Option<String>,
    /// Tools it called: name and arguments.
    #[serde(default)]
    pub calls: Vec<(String, String)>,
}

/// What is sealed: it names its place, so that a row put in another's place is found out.
#[derive(Serialize, Deserialize)]
struct Sheet<T> {
    schema: String,
    request_id: String,
    part: String,
    content: T,
}

const SCHEMA: &str = "monster.kept/1";

/// Content that will be kept if the call ends as is said.
pub(super) struct Kept {
    whose: Whose,
    keep_ms: i64,
    to: Recipient,
    redactor: Arc<Redactor>,
    request: Request,
    heard: Option<(Part, Answer)>,
}

impl Kept {
    /// Takes the answer in, or what there is of it.
    pub(super) fn hear(&mut self, outcome: &Result<Reply, CallError>) {
        self.heard = match outcome {
            Ok(reply) => {
                let call = |block: &Block| match block {
                    Block::ToolCall { name, input, .. } => Some((name.clone(), input.clone())),
                    _ => None,
                };
                let calls = reply.message.blocks.iter().filter_map(call).collect();
                let finish = reply.finish.as_ref().map(|f| f.name().to_owned());
                Some((Part::Answer, Answer { text: reply.text.clone(), finish, calls }))
            }
            Err(CallError::Broken { partial, .. }) if !partial.is_empty() => {
                Some((Part::Partial, Answer { text: partial.clone(), finish: None, calls: Vec::new() }))
            }
            Err(_) => None,
        };
    }

    /// Masks, seals and keeps, in the background.
    pub(super) fn store(self, store: &Store, id: &str, outcome: Outcome, made_ms: i64) {
        let wanted = match self.whose {
            Whose::Nobodys => false,
            // What a person stopped is nothing that failed.
            Whose::OfFailed => matches!(outcome, Outcome::Failed(_)),
            Whose::Everybodys => true,
        };
        if !wanted {
            return;
        }
        let Self { keep_ms, to, redactor, request, heard, .. } = self;
        let put = |part: Part, seal| {
            store.keep(NewContent { request_id: id.to_owned(), part, made_ms, keep_ms, seal });
        };
        let (name, by, key) = (id.to_owned(), Arc::clone(&redactor), to.clone());
        put(Part::Request, Box::new(move || seal(&key, &name, Part::Request, Clean::hidden(&request, &by))));
        if let Some((part, answer)) = heard {
            let name = id.to_owned();
            put(
                part,
                Box::new(move || {
                    let hide = |text: &String| redactor.hide(text);
                    let calls = answer.calls.iter().map(|(tool, input)| (hide(tool), hide(input))).collect();
                    seal(&to, &name, part, Answer { text: hide(&answer.text), finish: answer.finish.clone(), calls })
                }),
            );
        }
    }
}

fn seal<T: Serialize>(to: &Recipient, id: &str, part: Part, content: T) -> Result<(usize, Vec<u8>), String> {
    let sheet = Sheet { schema: SCHEMA.to_owned(), request_id: id.to_owned(), part: part.name().to_owned(), content };
    let clear = zeroize::Zeroizing::new(serde_json::to_vec(&sheet).map_err(|e| e.to_string())?);
    let sealed = to.seal(&clear).map_err(|e| e.to_string())?;
    Ok((clear.len(), sealed))
}

fn read<T: for<'de> Deserialize<'de>>(clear: &[u8], id: &str, part: Part) -> Result<T, String> {
    let sheet: Sheet<T> = serde_json::from_slice(clear)
        // A parser's message may quote what it read.
        .map_err(|e| format!("it is not understood (line {}, column {})", e.line(), e.column()))?;
    if sheet.schema != SCHEMA {
        return Err("a newer monster wrote it".to_owned());
    }
    if sheet.request_id != id || sheet.part != part.name() {
        return Err("it was put in the place of another".to_owned());
    }
    Ok(sheet.content)
}

/// The request in what was unsealed; it must be the one of `id`.
///
/// # Errors
/// Half a sentence: not understood, or another's.
pub fn kept_request(clear: &[u8], id: &str) -> Result<Request, String> {
    read(clear, id, Part::Request)
}

/// The answer in what was unsealed, whole or broken off.
///
/// # Errors
/// As [`kept_request`].
pub fn kept_answer(clear: &[u8], id: &str, part: Part) -> Result<Answer, String> {
    read(clear, id, part)
}
