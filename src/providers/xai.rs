//! xAI over REST, or its own gRPC service where the upstream's settings say `dialect = "xai-grpc"` (xai.md).

use super::SignIn;
use super::compatible::{Compatible, first};
use crate::model::Dialect;
use crate::wire::Quirks;

/// The description.
pub(super) static XAI: Compatible = Compatible {
    id: "xai",
    label: "xAI",
    sign_in: SignIn { env: &["XAI_API_KEY"], base_env: None, url: "https://console.x.ai", needs_key: true },
    base_url: "https://api.x.ai/v1",
    local: false,
    choose: |_, card| first(card, &[Dialect::OpenAiChat, Dialect::OpenAiResponses]),
    quirks: || Quirks { strict: true, ..Quirks::default() },
    listing: None,
    doors: &[],
    header_env: &[],
};
