//! Vectors for texts: passed on as they are, and metered. Only the OpenAI dialects have such a call here
//! (openai-compatible.md, "Embeddings").

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{BlockKind, Event, Failure, FinishReason, Kind, Scope, Usage};

/// The end of the address of a call of Chat.
const CHAT: &str = "/chat/completions";

/// Where vectors are asked for, beside this address of Chat.
///
/// # Errors
/// There is no such place.
pub(super) fn address(chat: &str) -> Result<String, Failure> {
    if !chat.contains(CHAT) {
        let what = "this upstream has an address of its own for answers, and none that is known for embeddings";
        return Err(Failure::new(Kind::BadRequest, Scope::Model, what));
    }
    Ok(chat.replacen(CHAT, "/embeddings", 1))
}

/// The route has no such call.
pub(super) fn none(route: &str) -> Failure {
    Failure::new(Kind::BadRequest, Scope::Model, format!("{route} has no embeddings that monster can pass on"))
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    model: String,
    data: Vec<IgnoredAny>,
    #[serde(default)]
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    prompt_tokens: u64,
}

/// What an answer says, for ledger and history: how many vectors there are and what they cost.
///
/// # Errors
/// `Broken` when it is no such answer.
pub(super) fn read(body: &[u8]) -> Result<Vec<Event>, Failure> {
    let told: Told =
        serde_json::from_slice(body).map_err(|e| Failure::broken(format!("the answer holds no vectors ({e})")))?;
    let text = format!("[{} vectors]", told.data.len());
    let mut out = vec![
        Event::Start { id: String::new(), model: told.model },
        Event::BlockStart { index: 0, kind: BlockKind::Text },
        Event::Text { index: 0, text },
        Event::BlockEnd { index: 0 },
    ];
    let usage = told.usage.map(|counts| Usage { input: counts.prompt_tokens, ..Usage::default() });
    out.extend(usage.map(Event::Usage));
    out.push(Event::Finish(FinishReason::Stop));
    Ok(out)
}
