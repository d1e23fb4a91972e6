//! The router of Hugging Face (openai-compatible.md).

use super::SignIn;
use super::compatible::Compatible;
use crate::model::Dialect;
use crate::wire::Quirks;

/// The description.
pub(super) static HUGGINGFACE: Compatible = Compatible {
    id: "huggingface",
    label: "Hugging Face",
    sign_in: SignIn {
        env: &["HF_TOKEN"],
        base_env: None,
        url: "https://huggingface.co/settings/tokens",
        needs_key: true,
    },
    base_url: "https://router.huggingface.co/v1",
    local: false,
    choose: |_, _| Dialect::OpenAiChat,
    quirks: || Quirks { users: false, parallel: false, ..Quirks::default() },
    listing: None,
    doors: &[],
    header_env: &[],
};
