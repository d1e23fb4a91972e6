//! OpenRouter: many makers behind one address (openrouter.md).

use super::SignIn;
use super::compatible::Compatible;
use crate::model::Dialect;
use crate::wire::Quirks;

/// The description.
pub(super) static OPENROUTER: Compatible = Compatible {
    id: "openrouter",
    label: "OpenRouter",
    sign_in: SignIn {
        env: &["OPENROUTER_API_KEY"],
        base_env: None,
        url: "https://openrouter.ai/settings/keys",
        needs_key: true,
    },
    base_url: "https://openrouter.ai/api/v1",
    local: false,
    choose: |_, _| Dialect::OpenAiChat,
    quirks: || Quirks {
        reasoning_object: true,
        strict: true,
        return_details: true,
        require_parameters: true,
        top_k: true,
        ..Quirks::default()
    },
    listing: None,
    doors: &[],
    header_env: &[],
};
