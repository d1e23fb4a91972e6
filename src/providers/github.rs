//! GitHub Models (openai-compatible.md).

use super::SignIn;
use super::compatible::Compatible;
use crate::model::Dialect;
use crate::wire::Quirks;

/// The description.
pub(super) static GITHUB: Compatible = Compatible {
    id: "github",
    label: "GitHub Models",
    sign_in: SignIn {
        // GITHUB_TOKEN is set for git and for CI far more often than for models: it is sent to nobody unasked.
        env: &[],
        base_env: None,
        // A token with the permission `models: read`.
        url: "https://github.com/settings/personal-access-tokens",
        needs_key: true,
    },
    base_url: "https://models.github.ai/inference",
    local: false,
    choose: |_, _| Dialect::OpenAiChat,
    quirks: Quirks::default,
    listing: Some(|base| format!("{}/catalog/models", base.trim_end_matches("/inference"))),
    doors: &[],
    header_env: &[],
};
