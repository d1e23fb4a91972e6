//! A model that refuses, before the official SDKs: who asks for a shape finds the words where his SDK has them, instead of
//! an answer that does not fit.

use serde_json::{Value, json};

use super::{python, script};
use crate::caller::House;
use crate::commit::connected;
use crate::real::result;
use crate::upstream::{Answer, Upstream};

const NO: &str = "I can't help with that.";
/// One that is spoken to in Chat, and one in Responses: both mark a refusal.
const MODELS: [&str; 2] = ["openai/gpt-4.1-mini", "openai/gpt-5.4"];

#[test]
fn a_refusal_is_where_the_official_sdks_look_for_it() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    upstream.always(|_| Answer::refusal(NO));
    let mut sandbox = connected(&upstream);
    sandbox.live();
    let key = sandbox.monster(&["serve", "key", "add", "sdk"]).done().ok().raw.trim().to_owned();
    let house = House::open(&sandbox, &[]);
    let base = format!("http://{}", house.address.trim_start_matches("http://"));
    let cases: Vec<Value> = MODELS.iter().map(|model| json!({ "base": base, "key": key, "model": model })).collect();
    let told = script(&python, "decline.py", &cases);
    let mut held = 0;
    for (model, told) in MODELS.iter().zip(&told) {
        for (call, told) in told.as_object().unwrap() {
            assert_eq!(told["words"], NO, "{model}, {call}: {told:#}");
            // A stream of Chat begins with an empty content, whatever comes.
            assert!(told["content"].as_str().unwrap_or_default().is_empty(), "{model}, {call}: {told:#}");
            assert!(told["parsed"].is_null(), "{model}, {call}: {told:#}");
            if call == "messages" {
                assert_eq!(told["stop"], "refusal", "{model}: {told:#}");
            }
            held += 1;
        }
    }
    assert_eq!(held, 10);
    house.close(&sandbox).ok();
    result("serve", "refusals before the openai and anthropic SDKs", &format!("{held} calls hold"));
}
