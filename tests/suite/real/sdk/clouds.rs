//! Clouds that serve other makers' models, judged by the clients that these makers' SDKs have for them: where they are
//! called, how the key travels, and what the body says otherwise than at the maker's own door.

use monster::model::Dialect;
use monster::providers::{Upstream as Served, provider};
use serde_json::json;

use super::super::result;
use super::python;
use super::vendors::{Differs, PLAIN, Seat, Tolerated, Verdict, host, judged};

const VERSION: &str = "2024-10-21";

/// OpenAI's models are told so, and kept nowhere.
const OPENAI: Seat = Seat {
    provider: "azure",
    plain: "gpt-4.1-mini",
    seer: "gpt-4.1-mini",
    always: |_| json!({ "store": false }),
    strict: true,
    ..PLAIN
};

const CLAUDE: Seat = Seat {
    plain: "claude-opus-4-6",
    seer: "claude-opus-4-6",
    thinker: "claude-opus-4-6",
    high: || json!({ "thinking": { "type": "adaptive", "display": "summarized" }, "output_config": { "effort": "high" } }),
    ..PLAIN
};

fn seats() -> Vec<Seat> {
    let google = |served: &mut Served| {
        served.project = Some("house-1".to_owned());
        served.location = Some("europe-west4".to_owned());
    };
    let placed = || json!({ "project": "house-1", "location": "europe-west4" });
    vec![
        Seat {
            sdk: "azure",
            name: "azure-dated",
            thinker: "gpt-5-mini",
            high: || json!({ "reasoning_effort": "high" }),
            place: |served| served.query.push(("api-version".to_owned(), VERSION.to_owned())),
            more: || json!({ "version": VERSION, "system_role": "developer" }),
            ..OPENAI
        },
        Seat {
            name: "azure-v1",
            place: |served| served.dialect = Some(Dialect::OpenAiChat),
            // The scripted upstream takes it for OpenAI's door, which it is but for the name.
            more: || json!({ "key": crate::key::key("openai"), "system_role": "developer", "max_field": "max_completion_tokens" }),
            ..OPENAI
        },
        Seat {
            sdk: "vertex-claude",
            package: "anthropic",
            provider: "vertex",
            name: "vertex-claude",
            place: google,
            more: placed,
            ..CLAUDE
        },
        Seat {
            sdk: "vertex-gemini",
            package: "google-genai",
            provider: "vertex",
            name: "vertex-gemini",
            plain: "gemini-2.5-flash",
            seer: "gemini-2.5-flash",
            thinker: "gemini-3.5-flash",
            high: || json!({ "thinking_config": { "thinking_level": "HIGH", "include_thoughts": true } }),
            place: google,
            more: placed,
            ..PLAIN
        },
        Seat {
            sdk: "foundry-claude",
            package: "anthropic",
            provider: "azure-foundry",
            // Of the two versions of the API this one serves all models (anthropic-messages.md).
            more: || json!({ "headers": { "anthropic-version": "2023-06-01" } }),
            ..CLAUDE
        },
    ]
}

pub const DIFFERS: &[Differs] = &[
    Differs {
        provider: "azure-v1",
        place: |p| p == "auth api-key",
        ours: Some(|_| true),
        theirs: None,
        why: "the newer surface takes the key under both names (azure-foundry.md)",
    },
    Differs {
        provider: "azure-v1",
        place: |p| p == "auth authorization",
        ours: None,
        theirs: Some(|v| v.as_str().is_some_and(|v| v.starts_with("Bearer "))),
        why: "the same",
    },
    Differs {
        provider: "vertex-gemini",
        place: |p| p.ends_with("/inlineData/data"),
        ours: Some(|v| v.as_str().is_some_and(|data| data.contains("SK+kcQ"))),
        theirs: Some(|v| v.as_str().is_some_and(|data| data.contains("SK-kcQ"))),
        why: "the SDK writes bytes in the other alphabet of base64; JSON of Google's services takes both",
    },
    Differs {
        provider: "vertex-claude",
        place: |p| p.ends_with("/is_error"),
        ours: Some(|v| v == false),
        theirs: None,
        why: "that a tool did not fail is said too",
    },
    Differs {
        provider: "azure-foundry",
        place: |p| p.ends_with("/is_error"),
        ours: Some(|v| v == false),
        theirs: None,
        why: "the same",
    },
    Differs {
        provider: "azure-foundry",
        place: |p| p == "/temperature",
        ours: Some(|v| v == 0.2),
        theirs: None,
        why: "models before 4.7 take it in the version that is spoken; the SDK's types are of a newer one",
    },
];

pub const TOLERATED: &[Tolerated] = &[
    ("vertex-claude", |l| l == ".anthropic_version: not known", "the client adds it, behind its types"),
    ("vertex-claude", |l| l == ".model: missing", "the client takes it out: it stands in the path"),
    ("vertex-claude", |l| l.starts_with(".type: 'ping'"), "an event of no type, which the SDK drops"),
    ("azure-foundry", |l| l.starts_with(".type: 'ping'"), "the same"),
    ("azure-foundry", |l| l == ".temperature: not known", "the SDK's types are of a newer version of the API"),
];

/// Where the program goes by itself, where the cloud's address is no secret of the customer's.
fn called(seat: &Seat) -> Option<String> {
    let by = provider(seat.provider).unwrap();
    let (base, dialect) = match seat.sdk {
        "vertex-claude" => (by.base_url(), Dialect::AnthropicMessages),
        "vertex-gemini" => (by.base_url(), Dialect::Gemini),
        "foundry-claude" => ("https://house.services.ai.azure.com", Dialect::AnthropicMessages),
        _ => return None,
    };
    let mut served = Served::at(seat.provider, seat.provider, base);
    (seat.place)(&mut served);
    Some(by.endpoint(&served, dialect, "m", false))
}

#[test]
fn every_cloud_is_sent_what_the_maker_s_own_client_sends_there_and_where_it_sends_it() {
    let Some(python) = python() else { return };
    let seats = seats();
    let Verdict { found, counted, homes } = judged(&python, &seats);
    assert!(found.is_empty(), "{} findings\n{}", found.len(), found.join("\n"));
    for ((seat, count), home) in seats.iter().zip(counted).zip(homes) {
        assert!(count >= 14, "{}: {count}", seat.sdk);
        if let Some(called) = called(seat) {
            assert_eq!(host(&called), home.as_str().and_then(host), "{}", seat.sdk);
        }
        let client = match seat.sdk {
            "azure" => "its AzureOpenAI, dated surface",
            "openai" => "its OpenAI, v1 surface",
            "vertex-claude" => "its AnthropicVertex",
            "vertex-gemini" => "its Client for Vertex",
            _ => "its AnthropicFoundry",
        };
        let by_whom = format!("{}, judged by {} ({client})", provider(seat.provider).unwrap().label(), seat.package);
        result("sdk", &by_whom, &format!("{count} requests and answers agree"));
    }
}
