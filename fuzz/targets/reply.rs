//! Whole answers, error bodies, headers and model lists of every provider.
#![no_main]

use http::{HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use monster::model::Dialect;
use monster::providers::{Head, all, retry};
use monster::wire::wire;

fuzz_target!(|data: &[u8]| {
    for dialect in Dialect::ALL {
        drop(wire(dialect).read_reply(data));
        drop(wire(dialect).read_error(data));
    }
    let text = String::from_utf8_lossy(data).into_owned();
    let status = [400, 401, 402, 403, 404, 413, 429, 500, 503, 529][data.len() % 10];
    let names = ["retry-after", "retry-after-ms", "x-ratelimit-reset", "anthropic-ratelimit-tokens-reset"];
    // What no header can hold never comes so far.
    let said: String = text.chars().filter(|c| matches!(c, ' '..='~')).collect();
    let Ok(value) = HeaderValue::from_str(&said) else { return };
    let headers = names.into_iter().map(|name| (HeaderName::from_static(name), value.clone())).collect();
    let head = Head { status, headers };
    for provider in all() {
        let failure = provider.classify(provider.label(), Dialect::OpenAiChat, &head, data, 1_780_000_000);
        assert!(failure.retry_after.is_none_or(|d| d.as_secs() <= 31 * 86_400));
        drop(provider.limits(&head, 1_780_000_000));
        drop(provider.read_models(data));
    }
    let _ = (retry::in_words(&text), retry::go(&text), retry::reset(&text, 0), retry::moment(&text, 0));
});
