//! DeepSeek (deepseek.md).

use super::SignIn;
use super::compatible::Compatible;
use crate::model::Dialect;
use crate::wire::Quirks;

/// The description.
pub(super) static DEEPSEEK: Compatible = Compatible {
    id: "deepseek",
    label: "DeepSeek",
    sign_in: SignIn {
        env: &["DEEPSEEK_API_KEY"],
        base_env: None,
        url: "https://platform.deepseek.com/api_keys",
        needs_key: true,
    },
    base_url: "https://api.deepseek.com",
    local: false,
    choose: |_, _| Dialect::OpenAiChat,
    quirks: || Quirks { return_reasoning: true, unique_tools: true, ..Quirks::default() },
    listing: None,
    doors: &[(Dialect::AnthropicMessages, "https://api.deepseek.com/anthropic")],
    header_env: &[],
};
