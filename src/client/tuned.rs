//! What of a caller's own body one dialect alone knows: how no call is demanded any more, how thought is asked for, and what
//! of it counts.

use serde_json::Value;

use super::edits::Edits;
use super::origin::Origin;
use crate::model::{Dialect, Request};
use crate::providers::Intent;
use crate::wire::{Adapted, CLEARING, Loss, unclearing};

/// What is about the answer, which whoever counts a prompt does not take (anthropic-messages.md, "Other endpoints").
const ANSWER: [&str; 10] = [
    "container",
    "inference_geo",
    "max_tokens",
    "metadata",
    "service_tier",
    "stop_sequences",
    "stream",
    "temperature",
    "top_k",
    "top_p",
];

/// The whole call, in one that is counted (Gemini).
const WHOLE: &str = "generateContentRequest";

/// No call is demanded any more.
pub(super) fn unforced(dialect: Dialect, edits: &mut Edits<'_>) {
    let Some(said) = edits.value(&["tool_choice"]) else { return };
    let named = said.get("type").is_some_and(|kind| kind == "function");
    match dialect {
        Dialect::AnthropicMessages => {
            edits.set(&["tool_choice", "type"], Some(&Value::from("auto")));
            edits.set(&["tool_choice", "name"], None);
        }
        Dialect::OpenAiChat | Dialect::OpenAiResponses if said.is_string() || named => {
            edits.set(&["tool_choice"], Some(&Value::from("auto")));
        }
        _ => {}
    }
}

/// What clears thoughts is taken away with the thinking that the caller asked for.
pub(super) fn unthinking(dialect: Dialect, edits: &mut Edits<'_>, spelled: &Value) -> Option<Loss> {
    let thinks = |said: &Value| said["type"].as_str().is_some_and(|kind| matches!(kind, "enabled" | "adaptive"));
    let taken = edits.value(&["thinking"]).is_some_and(|said| thinks(&said)) && !thinks(&spelled["thinking"]);
    let kept = edits.value(&["context_management"]).filter(|_| taken && dialect == Dialect::AnthropicMessages);
    let kept = unclearing(&kept?)?;
    edits.set(&["context_management"], Some(&kept).filter(|kept| !kept.is_null()));
    Some(Loss::extra(CLEARING))
}

/// Thought is asked for in the same way, so that the caller's own words for it may stand.
pub(super) fn alike(new: Option<&Value>, said: Option<&Value>) -> bool {
    let same = |name: &str| new.and_then(|new| new.get(name)) == said.and_then(|said| said.get(name));
    new.is_some_and(|new| new.get("type").is_some()) && same("type") && same("budget_tokens")
}

/// Members of a call for an answer (Gemini) that no count has at its outermost.
const ASKS: [&str; 6] =
    ["systemInstruction", "generationConfig", "tools", "toolConfig", "safetySettings", "cachedContent"];

impl Origin {
    /// The body as it is counted by a model of the same dialect: as it would be sent, without what is about the answer.
    /// `None` = it has to be spelled anew.
    pub(super) fn counted(
        &self,
        model: &str,
        request: &Request,
        intent: &Intent,
        adapted: &Adapted,
        wrapped: bool,
    ) -> Option<Vec<u8>> {
        if self.dialect == Dialect::Gemini && wrapped {
            // A call for an answer is counted as what it would be sent as.
            if ASKS.iter().any(|name| self.says(name)) {
                return None;
            }
            // It came as a count is asked for; only the model's name within is ours (gemini.md, "Endpoints").
            let mut edits = self.edits()?;
            if edits.value(&[WHOLE]).is_some_and(|whole| whole.is_object()) {
                edits.set(&[WHOLE, "model"], Some(&Value::from(format!("models/{model}"))));
            }
            return Some(edits.done().into_bytes());
        }
        if self.dialect != Dialect::AnthropicMessages || adapted.versioned.is_some() {
            return None;
        }
        let sent = self.patched(model, request, intent, adapted, request.stream)?.written.body;
        let text = String::from_utf8(sent).ok()?;
        let mut edits = Edits::new(&text, false)?;
        ANSWER.iter().for_each(|name| edits.set(&[name], None));
        Some(edits.done().into_bytes())
    }
}
