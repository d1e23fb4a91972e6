//! LM Studio (ollama-lmstudio.md).

use super::SignIn;
use super::compatible::Compatible;
use crate::model::Dialect;
use crate::wire::Quirks;

/// The description.
pub(super) static LMSTUDIO: Compatible = Compatible {
    id: "lmstudio",
    label: "LM Studio",
    sign_in: SignIn { env: &[], base_env: None, url: "", needs_key: false },
    base_url: "http://127.0.0.1:1234/v1",
    local: true,
    choose: |_, _| Dialect::OpenAiChat,
    quirks: || Quirks { strict: true, top_k: true, ..Quirks::default() },
    listing: None,
    doors: &[],
    header_env: &[],
};
