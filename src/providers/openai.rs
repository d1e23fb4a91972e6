//! OpenAI (openai-chat.md, openai-responses.md).

use super::compatible::{Compatible, first};
use super::{SignIn, Upstream};
use crate::model::{Control, Dialect, ModelCard};
use crate::wire::Quirks;

const BASE: &str = "https://api.openai.com/v1";

/// The description.
pub(super) static OPENAI: Compatible = Compatible {
    id: "openai",
    label: "OpenAI",
    sign_in: SignIn {
        env: &["OPENAI_API_KEY"],
        base_env: Some("OPENAI_BASE_URL"),
        url: "https://platform.openai.com/api-keys",
        needs_key: true,
    },
    base_url: BASE,
    local: false,
    choose,
    quirks: || Quirks {
        max_tokens_field: "max_completion_tokens".to_owned(),
        developer_role: true,
        obfuscation: true,
        strict: true,
        store: true,
        newest: true,
        bounded_ids: true,
        ..Quirks::default()
    },
    listing: None,
    doors: &[],
    header_env: &[("OPENAI_ORG_ID", "openai-organization"), ("OPENAI_PROJECT_ID", "openai-project")],
};

/// Responses where the model reasons, Chat where it does not. A model that nobody knows: Responses at OpenAI
/// itself, which steers new models there; Chat at another address, which may have nothing else.
fn choose(upstream: &Upstream, card: &ModelCard) -> Dialect {
    if card.dialects.is_empty() {
        return if upstream.base_url == BASE { Dialect::OpenAiResponses } else { Dialect::OpenAiChat };
    }
    let reasons = card.reasoning.control != Control::None;
    if reasons && card.dialects.contains(&Dialect::OpenAiResponses) {
        return Dialect::OpenAiResponses;
    }
    first(card, &[Dialect::OpenAiChat, Dialect::OpenAiResponses])
}
