//! Azure OpenAI and Microsoft Foundry: addresses, keys and dialects (azure-foundry.md).

use super::*;
use crate::model::{Control, Maker};

const RESOURCE: &str = "https://house.openai.azure.com";

fn row(id: &str, base: &str, version: Option<&str>) -> Upstream {
    let mut out = Upstream::at("work", id, base);
    out.query.extend(version.map(|version| ("api-version".to_owned(), version.to_owned())));
    out
}

fn model(dialects: &[Dialect], reasons: bool) -> ModelCard {
    let mut card = ModelCard::unknown("azure", "gpt-5.4", Maker("openai".into()), dialects.to_vec());
    card.deployment = Some("house-gpt".to_owned());
    card.reasoning.control = if reasons { Control::Effort } else { Control::None };
    card
}

fn url(upstream: &Upstream, card: &ModelCard) -> (Dialect, String) {
    let by = by_id(&upstream.provider);
    let dialect = by.dialect(upstream, card, &intent(Effort::Auto));
    (dialect, by.endpoint(upstream, dialect, card.sent(), false))
}

#[test]
fn each_surface_is_asked_at_its_own_path() {
    use Dialect::{AnthropicMessages, OpenAiChat, OpenAiResponses};
    let both = [OpenAiChat, OpenAiResponses];
    for (base, version, card, dialect, path) in [
        (RESOURCE, None, model(&both, true), OpenAiResponses, "/openai/v1/responses"),
        (RESOURCE, None, model(&both, false), OpenAiChat, "/openai/v1/chat/completions"),
        (RESOURCE, Some("preview"), model(&both, true), OpenAiResponses, "/openai/v1/responses?api-version=preview"),
        (
            RESOURCE,
            Some("2024-10-21"),
            model(&both, true),
            OpenAiChat,
            "/openai/deployments/house-gpt/chat/completions?api-version=2024-10-21",
        ),
        (RESOURCE, None, model(&[AnthropicMessages], true), AnthropicMessages, "/anthropic/v1/messages"),
    ] {
        assert_eq!(url(&row("azure", base, version), &card), (dialect, format!("{RESOURCE}{path}")), "{version:?}");
        let longer = format!("{base}/openai");
        assert_eq!(url(&row("azure", &longer, version), &card), (dialect, format!("{RESOURCE}{path}")));
    }
    let foundry = "https://house.services.ai.azure.com/models";
    let upstream = row("azure-foundry", foundry, Some("2024-05-01-preview"));
    let asked = format!("{foundry}/chat/completions?api-version=2024-05-01-preview");
    assert_eq!(url(&upstream, &model(&[OpenAiChat], true)), (OpenAiChat, asked));
    assert_eq!(by_id("azure-foundry").models_url(&upstream), format!("{foundry}/info?api-version=2024-05-01-preview"));
    assert_eq!(by_id("azure").models_url(&row("azure", RESOURCE, None)), format!("{RESOURCE}/openai/v1/models"));
    let deployed = format!("{RESOURCE}/openai/deployments/house-gpt");
    for base in [deployed.as_str(), foundry] {
        let upstream = row("azure", base, Some("2024-10-21"));
        assert_eq!(url(&upstream, &model(&both, true)).0, OpenAiChat, "there is no Responses below {base}");
    }
    let mut own = row("azure", RESOURCE, None);
    own.paths.0 = Some("/openai/v1/chat/completions".to_owned());
    assert_eq!(url(&own, &model(&[OpenAiChat], false)).1, format!("{RESOURCE}/openai/v1/chat/completions"));
    let claude = row("azure-foundry", "https://house.services.ai.azure.com/anthropic", None);
    let asked = "https://house.services.ai.azure.com/anthropic/v1/messages".to_owned();
    assert_eq!(url(&claude, &model(&[AnthropicMessages], true)), (AnthropicMessages, asked));
}

#[test]
fn a_key_goes_under_its_own_name_and_a_token_as_a_bearer() {
    let key = Secret::new(format!("k{}", "k".repeat(8)));
    let upstream = row("azure", RESOURCE, None);
    let names = |upstream: &Upstream, dialect| -> Vec<String> {
        let mut names: Vec<String> =
            by_id("azure").sign(upstream, dialect, Some(&key)).into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&upstream, Dialect::OpenAiResponses), ["api-key"]);
    assert_eq!(names(&upstream, Dialect::AnthropicMessages), ["anthropic-version", "api-key", "x-api-key"]);
    let token = Upstream { auth: Some(Auth::Bearer), ..upstream };
    assert_eq!(names(&token, Dialect::OpenAiResponses), ["authorization"]);
    assert_eq!(names(&token, Dialect::AnthropicMessages), ["anthropic-version", "authorization"]);
}

#[test]
fn settings_change_single_quirks_and_leave_the_rest() {
    let mut upstream = row("azure", RESOURCE, None);
    upstream.quirks = vec![("strict".to_owned(), "false".to_owned())];
    let card = model(&[Dialect::OpenAiChat], false);
    let adapted = by_id("azure").adapt(&upstream, Dialect::OpenAiChat, &card, &intent(Effort::Auto));
    assert!(!adapted.quirks.strict && adapted.quirks.store && adapted.quirks.developer_role);
    assert_eq!(adapted.quirks.max_tokens_field, "max_completion_tokens");
}
