//! What is left, in every form that headers tell it (rate-limits.md, "Header formats to parse"; the header tables of
//! each provider's document).

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::providers::Limit;
use crate::providers::limits::limits;

/// What a counter says: name, unit, ceiling, what is left, milliseconds until it is full.
type Told = (String, String, Option<u64>, Option<u64>, Option<u64>);

fn told(limit: &Limit) -> Told {
    let reset = limit.reset.map(|d| u64::try_from(d.as_millis()).unwrap());
    (limit.name(), limit.unit.clone(), limit.limit, limit.remaining, reset)
}

fn read(status: u16, headers: &[(&str, &str)]) -> Vec<Told> {
    limits(&head(status, headers), NOW).iter().map(told).collect()
}

fn count(name: &str, unit: &str, ceiling: Option<u64>, left: Option<u64>, reset_ms: Option<u64>) -> Told {
    (name.to_owned(), unit.to_owned(), ceiling, left, reset_ms)
}

/// Who says it so, the headers, and what they mean.
type Form = (&'static str, u16, &'static [(&'static str, &'static str)], Vec<Told>);

#[allow(clippy::too_many_lines)] // a table
fn forms() -> Vec<Form> {
    vec![
        (
            "OpenAI",
            200,
            &[
                ("x-ratelimit-limit-requests", "60"),
                ("x-ratelimit-limit-tokens", "150000"),
                ("x-ratelimit-remaining-requests", "59"),
                ("x-ratelimit-remaining-tokens", "149984"),
                ("x-ratelimit-reset-requests", "1s"),
                ("x-ratelimit-reset-tokens", "6m0s"),
            ],
            vec![
                count("requests", "requests", Some(60), Some(59), Some(1_000)),
                count("tokens", "tokens", Some(150_000), Some(149_984), Some(360_000)),
            ],
        ),
        (
            "OpenAI, observed",
            200,
            &[
                ("x-ratelimit-remaining-tokens_usage_based", "39000"),
                ("x-ratelimit-limit-tokens_usage_based", "40000"),
                ("x-ratelimit-reset-tokens_usage_based", "12ms"),
            ],
            vec![count("tokens/usage-based", "tokens", Some(40_000), Some(39_000), Some(12))],
        ),
        (
            "Groq",
            429,
            &[
                ("retry-after", "2"),
                ("x-ratelimit-limit-requests", "14400"),
                ("x-ratelimit-remaining-requests", "14370"),
                ("x-ratelimit-reset-requests", "2m59.56s"),
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "7.66s"),
            ],
            vec![
                count("requests", "requests", Some(14_400), Some(14_370), Some(179_560)),
                count("tokens", "tokens", None, Some(0), Some(7_660)),
            ],
        ),
        (
            "Anthropic",
            200,
            &[
                ("anthropic-ratelimit-requests-limit", "50"),
                ("anthropic-ratelimit-requests-remaining", "49"),
                ("anthropic-ratelimit-requests-reset", "2026-11-22T07:00:01Z"),
                ("anthropic-ratelimit-input-tokens-limit", "1000"),
                ("anthropic-ratelimit-input-tokens-remaining", "0"),
                ("anthropic-ratelimit-input-tokens-reset", "2026-11-22T07:00:30Z"),
                ("anthropic-ratelimit-output-tokens-remaining", "7"),
                ("anthropic-ratelimit-priority-input-tokens-limit", "9"),
                ("anthropic-ratelimit-tokens-remaining", "1007"),
            ],
            vec![
                count("requests", "requests", Some(50), Some(49), Some(1_000)),
                count("input-tokens", "tokens", Some(1_000), Some(0), Some(30_000)),
                count("output-tokens", "tokens", None, Some(7), None),
                count("priority-input-tokens", "tokens", Some(9), None, None),
                count("tokens", "tokens", None, Some(1_007), None),
            ],
        ),
        (
            "a Claude plan, observed",
            200,
            &[
                ("anthropic-ratelimit-unified-status", "allowed"),
                ("anthropic-ratelimit-unified-5h-status", "allowed_warning"),
                ("anthropic-ratelimit-unified-5h-utilization", "0.63"),
                ("anthropic-ratelimit-unified-5h-reset", "1795330860"),
                ("anthropic-ratelimit-unified-7d-utilization", "0.998"),
                ("anthropic-ratelimit-unified-7d-reset", "1795335000"),
                ("anthropic-ratelimit-unified-overage-status", "rejected"),
            ],
            vec![
                count("plan/5h", "percent", Some(100), Some(37), Some(60_000)),
                count("plan/7d", "percent", Some(100), Some(1), Some(4_200_000)),
            ],
        ),
        (
            "a Claude plan that is used up",
            429,
            &[
                ("anthropic-ratelimit-unified-status", "rejected"),
                ("anthropic-ratelimit-unified-reset", "1795330860"),
                ("anthropic-ratelimit-unified-5h-utilization", "1.02"),
                ("anthropic-ratelimit-unified-5h-status", "rejected"),
            ],
            vec![
                count("plan", "percent", Some(100), Some(0), Some(60_000)),
                count("plan/5h", "percent", Some(100), Some(0), None),
            ],
        ),
        (
            "Azure, its misspelt reset",
            429,
            &[
                ("x-ratelimit-remaining-requests", "9"),
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-rate-limit-reset-tokens", "55"),
            ],
            vec![
                count("requests", "requests", None, Some(9), None),
                count("tokens", "tokens", None, Some(0), Some(55_000)),
            ],
        ),
        (
            "Azure, its words for not known",
            200,
            &[
                ("x-ratelimit-limit-requests", "-1"),
                ("x-ratelimit-remaining-requests", "-1"),
                ("x-ratelimit-reset-requests", "0"),
                ("x-ratelimit-limit-tokens", "0"),
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "0"),
            ],
            vec![],
        ),
        (
            "OpenRouter, on an error",
            429,
            &[("x-ratelimit-limit", "50"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795330860000")],
            vec![count("requests", "requests", Some(50), Some(0), Some(60_000))],
        ),
        (
            "the IETF draft",
            200,
            &[("ratelimit", "\"default\";r=50;t=30"), ("ratelimit-policy", "\"default\";q=100;w=60")],
            vec![count("requests", "requests", Some(100), Some(50), Some(30_000))],
        ),
        (
            "the IETF draft with several policies",
            200,
            &[
                ("ratelimit-policy", "\"burst, short\";q=100;w=60,\"daily\";q=1000;w=86400;qu=\"tokens\""),
                ("ratelimit", "\"burst, short\";r=0;t=3"),
                ("ratelimit", "\"daily\";r=900;t=3600"),
            ],
            vec![
                count("requests/burst,short", "requests", Some(100), Some(0), Some(3_000)),
                count("tokens/daily", "tokens", Some(1_000), Some(900), Some(3_600_000)),
            ],
        ),
        (
            "the IETF draft as Hugging Face has it",
            200,
            &[("ratelimit", "\"api\";r=489;t=120"), ("ratelimit-policy", "\"fixed window\";\"api\";q=500;w=300")],
            vec![count("requests/api", "requests", Some(500), Some(489), Some(120_000))],
        ),
        (
            "the draft of some years ago",
            200,
            &[("ratelimit", "limit=100, remaining=50, reset=5")],
            vec![count("requests", "requests", Some(100), Some(50), Some(5_000))],
        ),
        (
            "the draft before that",
            200,
            &[("ratelimit-limit", "100, 100;w=60"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "5")],
            vec![count("requests", "requests", Some(100), Some(0), Some(5_000))],
        ),
        (
            "GitHub Models",
            429,
            &[
                ("x-ratelimit-type", "UserByModelByDay"),
                ("x-ratelimit-timeremaining", "43200"),
                ("retry-after", "43200"),
            ],
            vec![count("requests/userbymodelbyday", "requests", None, Some(0), Some(43_200_000))],
        ),
        (
            "Mistral",
            200,
            &[
                ("x-ratelimit-limit-tokens-minute", "500000"),
                ("x-ratelimit-remaining-tokens-minute", "499000"),
                ("x-ratelimit-limit-req-minute", "60"),
                ("x-ratelimit-remaining-req-minute", "59"),
                ("x-ratelimit-tokens-query-cost", "1000"),
                ("ratelimitbysize-limit", "1000000"),
                ("ratelimitbysize-remaining", "999990"),
                ("ratelimitbysize-reset", "7"),
            ],
            vec![
                count("tokens/minute", "tokens", Some(500_000), Some(499_000), None),
                count("requests/minute", "requests", Some(60), Some(59), None),
                count("tokens", "tokens", Some(1_000_000), Some(999_990), Some(7_000)),
            ],
        ),
        (
            "Together",
            429,
            &[
                ("x-ratelimit-limit", "10"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1"),
                ("x-tokenlimit-limit", "1000"),
                ("x-tokenlimit-remaining", "990"),
            ],
            vec![
                count("tokens", "tokens", Some(1_000), Some(990), None),
                count("requests", "requests", Some(10), Some(0), Some(1_000)),
            ],
        ),
        ("DeepSeek, Gemini and xAI, which state nothing", 200, &[("x-request-id", "r")], vec![]),
    ]
}

#[test]
fn every_form_of_the_notes_is_read() {
    for (who, status, headers, means) in forms() {
        assert_eq!(read(status, headers), means, "{who}");
    }
}

#[test]
fn what_covers_the_account_is_told_from_what_covers_a_model() {
    let wide = |status, headers: &[(&str, &str)]| limits(&head(status, headers), NOW).iter().all(|l| l.wide);
    assert!(wide(200, &[("anthropic-ratelimit-unified-5h-utilization", "0.5")]));
    assert!(wide(429, &[("x-ratelimit-type", "UserConcurrentRequests")]));
    assert!(!wide(429, &[("x-ratelimit-type", "UserByModelByDay")]));
    assert!(!wide(200, &[("x-ratelimit-remaining-requests", "5")]));
}

#[test]
fn nothing_silly_is_believed() {
    let one = |limit, left| {
        read(200, &[("x-ratelimit-limit-tokens", limit), ("x-ratelimit-remaining-tokens", left)])
            .into_iter()
            .map(|(_, _, limit, left, _)| (limit, left))
            .collect::<Vec<_>>()
    };
    assert_eq!(one("100", "250"), [(Some(100), Some(100))], "no more is left than there is");
    assert_eq!(one("100", "-3"), [(Some(100), None)], "less than nothing is not known");
    assert_eq!(one("100", "NaN"), [(Some(100), None)]);
    assert_eq!(one("1e9", "1.5"), []);
    assert_eq!(one("18446744073709551615", "7"), [(None, Some(7))], "without end is no ceiling");
    assert_eq!(one("99999999999999999999999", ""), []);
    assert_eq!(one("0", "5"), [], "an answer came where nothing is allowed");
    let twice = [("x-ratelimit-remaining-requests", "9"), ("x-ratelimit-remaining-requests", "4")];
    assert_eq!(read(200, &twice), [count("requests", "requests", None, Some(4), None)], "the lower of two");
    let unsure =
        [("anthropic-ratelimit-unified-utilization", "1.5"), ("anthropic-ratelimit-unified-status", "allowed")];
    assert_eq!(read(200, &unsure), [], "half over the whole, or one and a half percent");
    for value in ["-0.2", "NaN", "inf", "x"] {
        assert_eq!(read(200, &[("anthropic-ratelimit-unified-5h-utilization", value)]), [], "{value}");
    }
}

#[test]
fn a_counter_that_is_nearly_used_up_is_not_used_up() {
    for (used, left) in [("0", 100), ("0.005", 99), ("0.9999", 1), ("1", 0), ("50", 50), ("101", 0)] {
        let told = read(200, &[("anthropic-ratelimit-unified-5h-utilization", used)]);
        assert_eq!(told, [count("plan/5h", "percent", Some(100), Some(left), None)], "{used}");
    }
}

const NAMES: [&str; 20] = [
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-remaining-tokens_usage_based",
    "x-rate-limit-reset-tokens",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-limit",
    "ratelimit-remaining",
    "anthropic-ratelimit-input-tokens-limit",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-unified-5h-utilization",
    "anthropic-ratelimit-unified-5h-status",
    "x-ratelimit-type",
    "x-ratelimit-timeremaining",
    "ratelimitbysize-remaining-minute",
    "x-tokenlimit-limit",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,24}",
        "[0-9.eE+-]{0,20}",
        "[0-9.hmsunµd]{0,12}",
        "(\"[a-z ;,]{0,6}\";r=[0-9-]{0,4};t=[0-9-]{0,4};q=[0-9]{0,3},?){0,4}",
        any::<u64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| n.to_string()),
        (0..200_u64).prop_map(|n| n.to_string()),
        Just("rejected".to_owned()),
    ]
}

proptest! {
    #[test]
    fn whatever_headers_say_no_counter_is_silly(
        headers in proptest::collection::vec((0..NAMES.len(), value()), 0..40),
        extra in proptest::collection::vec(("x-ratelimit-(limit|remaining|reset)-\\PC{0,60}", value()), 0..30),
        status in prop_oneof![Just(200), Just(429), any::<u16>()],
        now in any::<i64>(),
    ) {
        let named = headers.into_iter().map(|(n, v)| (NAMES[n].to_owned(), v));
        let header = |(name, value): (String, String)| Some((name.parse().ok()?, value.parse().ok()?));
        let head = Head { status, headers: named.chain(extra).filter_map(header).collect() };
        let all = limits(&head, now);
        prop_assert!(all.len() <= 24);
        let mut names: Vec<String> = all.iter().map(Limit::name).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), all.len(), "each once");
        for limit in &all {
            prop_assert!(limit.limit.is_some() || limit.remaining.is_some());
            prop_assert!(limit.limit.is_none_or(|n| n > 0 && n <= 1_000_000_000_000_000));
            prop_assert!(limit.remaining.is_none_or(|n| n <= limit.limit.unwrap_or(1_000_000_000_000_000)));
            prop_assert!(limit.reset.is_none_or(|d| d <= Duration::from_secs(31 * 86_400)));
            prop_assert!(limit.name().chars().all(|c| c.is_ascii_graphic()) && limit.name().len() <= 90);
            prop_assert!(!limit.what.is_empty() && !limit.unit.is_empty());
        }
    }
}
