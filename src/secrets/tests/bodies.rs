//! Stories about requests' bodies.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{expand, redactor};
use crate::model::Secret;
use crate::secrets::{BodyError, Conversation, Known, Mode, Redactor, Restore};

pub(super) const NOW: Duration = Duration::from_secs(5);

pub(super) fn conversation() -> Conversation {
    Conversation::new(Arc::new(redactor()), Restore::Off)
}

/// The body with every string's secret masked by hand: `‹a36›` in a value, and the text that must come out.
pub(super) fn masked(body: &str) -> (String, Vec<String>) {
    let conversation = conversation();
    let out = conversation.body(body.as_bytes(), NOW).unwrap_or_else(|e| panic!("{e}: {body}"));
    let places = out.hits.iter().map(|h| h.place.clone()).collect();
    (out.body.into_owned(), places)
}

pub(super) fn token() -> String {
    expand("ghp_‹a36›", 5).0
}

pub(super) fn word() -> String {
    redactor().redact(&token()).text.into_owned()
}

/// Puts a secret into this place and wants it masked there, and all else as it was.
#[track_caller]
fn hidden_in(place: &str, body: &str) {
    let body = body.replace("SECRET", &token());
    let (out, places) = masked(&body);
    assert_eq!(out, body.replace(&token(), &word()), "{place}");
    assert!(places.iter().any(|p| p == place), "{places:?} instead of {place}");
}

#[test]
fn every_text_of_every_dialect_is_masked() {
    for (place, body) in [
        // OpenAI Chat
        ("/messages/0/content", r#"{"model":"m","messages":[{"role":"user","content":"use SECRET now"}]}"#),
        ("/messages/1/content/0/text", r#"{"messages":[{"role":"a"},{"content":[{"type":"text","text":"SECRET"}]}]}"#),
        (
            "/messages/0/tool_calls/0/function/arguments",
            r#"{"messages":[{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"k\":\"SECRET\"}"}}]}]}"#,
        ),
        (
            "/messages/0/tool_calls/0/custom/input",
            r#"{"messages":[{"tool_calls":[{"custom":{"name":"f","input":"SECRET"}}]}]}"#,
        ),
        ("/messages/0/content", r#"{"messages":[{"role":"tool","tool_call_id":"c","content":"SECRET"}]}"#),
        (
            "/messages/0/content/0/file/filename",
            r#"{"messages":[{"content":[{"type":"file","file":{"filename":"a SECRET b"}}]}]}"#,
        ),
        (
            "/messages/0/content/0/image_url/url",
            r#"{"messages":[{"content":[{"image_url":{"url":"https://h/?t=SECRET"}}]}]}"#,
        ),
        ("/messages/0/reasoning_content", r#"{"messages":[{"reasoning_content":"SECRET"}]}"#),
        (
            "/tools/0/function/description",
            r#"{"tools":[{"type":"function","function":{"name":"f","description":"SECRET"}}]}"#,
        ),
        (
            "/tools/0/function/parameters/properties/a/default",
            r#"{"tools":[{"function":{"parameters":{"properties":{"a":{"default":"SECRET"}}}}}]}"#,
        ),
        ("/user", r#"{"user":"SECRET"}"#),
        ("/metadata/x", r#"{"metadata":{"x":"SECRET"}}"#),
        ("/response_format/json_schema/description", r#"{"response_format":{"json_schema":{"description":"SECRET"}}}"#),
        // OpenAI Responses
        ("/input", r#"{"input":"SECRET"}"#),
        ("/instructions", r#"{"instructions":"SECRET"}"#),
        ("/input/0/content/0/text", r#"{"input":[{"role":"user","content":[{"type":"input_text","text":"SECRET"}]}]}"#),
        (
            "/input/0/arguments",
            r#"{"input":[{"type":"function_call","call_id":"c","arguments":"{\"a\":{\"b\":[\"SECRET\"]}}"}]}"#,
        ),
        ("/input/0/output", r#"{"input":[{"type":"function_call_output","call_id":"c","output":"SECRET"}]}"#),
        (
            "/input/0/output/0/text",
            r#"{"input":[{"type":"function_call_output","output":[{"type":"input_text","text":"SECRET"}]}]}"#,
        ),
        (
            "/input/0/summary/0/text",
            r#"{"input":[{"type":"reasoning","summary":[{"type":"summary_text","text":"SECRET"}]}]}"#,
        ),
        (
            "/input/0/action/command/2",
            r#"{"input":[{"type":"local_shell_call","action":{"command":["a","b","SECRET"]}}]}"#,
        ),
        // Anthropic
        ("/system", r#"{"system":"SECRET"}"#),
        ("/system/0/text", r#"{"system":[{"type":"text","text":"SECRET","cache_control":{"type":"ephemeral"}}]}"#),
        (
            "/messages/0/content/0/input/command",
            r#"{"messages":[{"content":[{"type":"tool_use","id":"t","input":{"command":"SECRET"}}]}]}"#,
        ),
        (
            "/messages/0/content/0/content",
            r#"{"messages":[{"content":[{"type":"tool_result","tool_use_id":"t","content":"SECRET"}]}]}"#,
        ),
        (
            "/messages/0/content/0/content/0/text",
            r#"{"messages":[{"content":[{"type":"tool_result","content":[{"type":"text","text":"SECRET"}]}]}]}"#,
        ),
        (
            "/messages/0/content/0/source/data",
            r#"{"messages":[{"content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"it is SECRET"}}]}]}"#,
        ),
        ("/messages/0/content/0/title", r#"{"messages":[{"content":[{"type":"document","title":"SECRET"}]}]}"#),
        (
            "/tools/0/input_schema/properties/*/type",
            r#"{"tools":[{"input_schema":{"properties":{"SECRET":{"type":"SECRET"}}}}]}"#,
        ),
        ("/metadata/user_id", r#"{"metadata":{"user_id":"SECRET"}}"#),
        // Gemini
        ("/contents/0/parts/0/text", r#"{"contents":[{"role":"user","parts":[{"text":"SECRET"}]}]}"#),
        ("/systemInstruction/parts/0/text", r#"{"systemInstruction":{"parts":[{"text":"SECRET"}]}}"#),
        (
            "/contents/0/parts/0/functionCall/args/x",
            r#"{"contents":[{"parts":[{"functionCall":{"name":"f","args":{"x":"SECRET"}},"thoughtSignature":"abc"}]}]}"#,
        ),
        (
            "/contents/0/parts/0/functionResponse/response/output",
            r#"{"contents":[{"parts":[{"functionResponse":{"name":"f","response":{"output":"SECRET"}}}]}]}"#,
        ),
        (
            "/contents/0/parts/0/fileData/fileUri",
            r#"{"contents":[{"parts":[{"fileData":{"fileUri":"gs://b?t=SECRET"}}]}]}"#,
        ),
        (
            "/generateContentRequest/contents/0/parts/0/text",
            r#"{"generateContentRequest":{"contents":[{"parts":[{"text":"SECRET"}]}]}}"#,
        ),
        // Ollama
        ("/messages/0/thinking", r#"{"messages":[{"role":"assistant","thinking":"SECRET"}]}"#),
        (
            "/messages/0/tool_calls/0/function/arguments/k",
            r#"{"messages":[{"tool_calls":[{"function":{"name":"f","arguments":{"k":"SECRET"}}}]}]}"#,
        ),
        ("/prompt", r#"{"prompt":"SECRET","options":{"stop":["a"]}}"#),
        // Nobody's yet
        ("/new/deep/0/1", r#"{"new":{"deep":[["x","SECRET"]]}}"#),
        ("/messages/0/novel", r#"{"messages":[{"novel":"SECRET"}]}"#),
        ("/messages/0/content/0/novel/a", r#"{"messages":[{"content":[{"novel":{"a":"SECRET"}}]}]}"#),
        ("/*", r#"{"SECRET":1}"#),
        ("", r#""SECRET""#),
        ("/0", r#"["SECRET"]"#),
    ] {
        hidden_in(place, body);
    }
}

#[test]
fn a_name_says_something_about_its_value() {
    let (text, secrets) = expand("‹a20›", 2);
    for body in [
        json!({"messages": [{"content": [{"type": "tool_use", "input": {"password": text}}]}]}),
        json!({"contents": [{"parts": [{"functionCall": {"args": {"api_key": text}}}]}]}),
        json!({"messages": [{"tool_calls": [{"function": {"arguments": json!({"db_password": text}).to_string()}}]}]}),
        json!({"client_secret": text}),
    ] {
        let (out, places) = masked(&body.to_string());
        assert!(!out.contains(&secrets[0]), "{out}");
        assert_eq!(places.len(), 1);
        serde_json::from_str::<Value>(&out).unwrap();
    }
}

#[test]
fn nothing_else_changes_by_a_byte() {
    let body = format!(
        "\u{20}{{ \"model\" : \"m\\u002d1\",\n\t\"temperature\":1.0e+2, \"a\":[ ],\"a\":{{}} , \"x\":-0,\r\n\"messages\":[{{\"role\":\"user\",\"content\":\"\\u00e9\\/\\n\\ud83d\\ude00 {} \\\"q\\\" \\u0041\"}}] }}\n",
        token()
    );
    let (out, _) = masked(&body);
    assert_eq!(out, body.replace(&token(), &word()));
    let clean = body.replace(&token(), "nothing");
    let conversation = conversation();
    let kept = conversation.body(clean.as_bytes(), NOW).unwrap();
    assert!(matches!(kept.body, std::borrow::Cow::Borrowed(_)) && kept.hits.is_empty());
}

#[test]
fn escapes_hide_nothing() {
    let token = token();
    let every: String = token.bytes().map(|b| format!("\\u{b:04x}")).collect();
    for body in [
        format!(r#"{{"messages":[{{"content":"\n{token}\t"}}]}}"#),
        format!(r#"{{"messages":[{{"content":"{every}"}}]}}"#),
        format!(r#"{{"mess\u0061ges":[{{"content":"{every}"}}]}}"#),
        format!(r#"{{"x":{{"{every}":0}}}}"#),
        format!(r#"{{"input":[{{"arguments":"{{\"a\":\"\\n{token}\\n\"}}"}}]}}"#),
        format!(r#"{{"input":[{{"arguments":"{{\"a\":\"{token}"}}]}}"#),
    ] {
        let (out, places) = masked(&body);
        let value: Value = serde_json::from_str(&out).unwrap();
        assert!(!value.to_string().contains(&token), "{out}");
        assert_eq!(places.len(), 1, "{body}");
    }
    // A key of several lines keeps them, escaped as deep as it lies.
    let (key, secrets) = expand("-----BEGIN PRIVATE KEY-----\n‹b64›\n‹b64›\n-----END PRIVATE KEY-----\n", 3);
    let arguments = json!({"content": key}).to_string();
    for body in [json!({"input": [{"arguments": arguments}]}), json!({"system": key}), json!({"new": {"k": key}})] {
        let (out, _) = masked(&body.to_string());
        let value: Value = serde_json::from_str(&out).unwrap();
        assert!(secrets.iter().all(|s| !value.to_string().contains(s.as_str())), "{out}");
        if let Some(inner) = value["input"][0]["arguments"].as_str() {
            let inner: Value = serde_json::from_str(inner).unwrap();
            assert_eq!(inner["content"].as_str().unwrap().matches('\n').count(), key.matches('\n').count());
        }
    }
}

#[test]
fn a_quote_is_one_however_it_is_escaped() {
    let secret = expand("‹a20›", 2).0;
    // Code in a tool's input, as JSON and as others write it.
    for (quote, slash) in [("\\\"", "\\\\"), ("\\u0022", "\\u005c"), ("\\u0022", "\\u005C")] {
        for code in
            ["password = Q{}Q; x = Q1Q", "db.password=Q{}Q", "{Qapi_keyQ: Q{}Q, QaQ: QbSQ}", "SSa Q{}Q password: Q{}Q"]
        {
            let code = code.replace('Q', quote).replace('S', slash).replace("{}", &secret);
            let body = format!("{{\"new\":{{\"code\":\"{code}\",\"after\":\"{quote}{slash}\"}}}}");
            let before: Value = serde_json::from_str(&body).unwrap();
            let (out, places) = masked(&body);
            let after: Value = serde_json::from_str(&out).unwrap();
            let shown = places.len();
            assert!(shown > 0 && !out.contains(&secret), "{body}\n{out}");
            let word = out.split("MSEC_").nth(1).unwrap();
            let word =
                format!("MSEC_{}", &word[..word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap()]);
            assert_eq!(out, body.replace(&secret, &word), "nothing but the secret is replaced");
            let code = |v: &Value| v["new"]["code"].as_str().unwrap().to_owned();
            assert_eq!(code(&after), code(&before).replace(&secret, &word));
        }
    }
}

/// Every rule's examples with quotes in them: what is found behind `\"` is found behind `\u0022`.
#[test]
fn structures_are_found_however_their_quotes_are_escaped() {
    let mut missed = Vec::new();
    let marks = ['"', '\\'];
    for rule in crate::secrets::engine::rules() {
        for example in rule.hits.iter().filter(|e| e.contains(marks)) {
            let text = expand(example, 11).0;
            let short = json!({"new": {"code": text}}).to_string();
            let (head, tail) = short.split_at(short.find("code\":\"").unwrap() + 7);
            let inner = &tail[..tail.len() - 3];
            let long = format!(
                "{head}{}{}",
                inner.replace("\\\\", "\\u005c").replace("\\\"", "\\u0022"),
                &tail[inner.len()..]
            );
            let (before, after): (Value, Value) =
                (serde_json::from_str(&masked(&short).0).unwrap(), serde_json::from_str(&masked(&long).0).unwrap());
            if before != after {
                missed.push((rule.name, before, after));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn pictures_pass_and_files_of_text_do_not() {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let noise: Vec<u8> = (0..9000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect();
    let secret = token();
    let picture = encode(&[&[0x89, b'P', b'N', b'G', 0, 1, 2, 3], noise.as_slice(), secret.as_bytes()].concat());
    for body in [
        json!({"messages": [{"content": [{"type": "image", "source": {"type": "base64", "data": picture}}]}]}),
        json!({"messages": [{"content": [{"image_url": {"url": format!("data:image/png;base64,{picture}")}}]}]}),
        json!({"messages": [{"images": [picture]}]}),
        json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": picture}}]}]}),
        json!({"input": [{"content": [{"type": "input_image", "image_url": format!("data:image/png;base64,{picture}")}]}]}),
    ] {
        assert_eq!(masked(&body.to_string()), (body.to_string(), Vec::new()));
    }
    let file = format!("{}\nTOKEN={secret}\n", "some line of a file\n".repeat(100));
    let file = encode(file.as_bytes());
    for body in [
        json!({"input": [{"content": [{"type": "input_file", "file_data": format!("data:text/plain;base64,{file}")}]}]}),
        json!({"contents": [{"parts": [{"inline_data": {"data": file}}]}]}),
    ] {
        let (out, places) = masked(&body.to_string());
        assert_eq!(places.len(), 1);
        let text = out.split(['"', ',']).find(|p| p.len() > 1000).unwrap();
        let decoded = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        let decoded = String::from_utf8(decoded).unwrap();
        assert!(decoded.contains(&word()) && !decoded.contains(&secret));
    }
}

#[test]
fn what_is_sealed_is_never_changed() {
    let known = "winter-holiday-plans";
    let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(known.to_owned()))], [3; 8]);
    let conversation = Conversation::new(Arc::new(redactor), Restore::Off);
    let send = |body: &Value| conversation.body(body.to_string().as_bytes(), NOW).map(|m| m.body.into_owned());
    let random = expand("‹b400›", 3).0;
    let secret = token();
    let sealed = |text: &str| {
        vec![
            json!({"messages": [{"content": [{"type": "thinking", "thinking": "", "signature": text}]}]}),
            json!({"messages": [{"content": [{"type": "redacted_thinking", "data": text}]}]}),
            json!({"input": [{"type": "reasoning", "encrypted_content": text}]}),
            json!({"contents": [{"parts": [{"text": "a", "thoughtSignature": text}]}]}),
            json!({"messages": [{"reasoning_details": [{"type": "reasoning.encrypted", "data": text}]}]}),
        ]
    };
    for body in sealed(&random).into_iter().chain(sealed(&format!("{random} {secret}"))) {
        assert_eq!(send(&body).unwrap(), body.to_string());
    }
    for body in sealed(known) {
        assert!(matches!(send(&body), Err(BodyError::Sealed { .. })), "{body}");
    }
    let thought =
        |text: &str| json!({"messages": [{"content": [{"type": "thinking", "thinking": text, "signature": "s"}]}]});
    let error = send(&thought(&format!("so {secret}"))).unwrap_err();
    let BodyError::Sealed { place, hit } = &error else { panic!("{error}") };
    assert_eq!((place.as_str(), hit.kind), ("/messages/0/content/0/thinking", "GitHub token"));
    // Whatever its mode, nothing of it was sent: so the audit has it.
    assert_eq!(error.hits().iter().map(|hit| hit.mode).collect::<Vec<_>>(), [Mode::Block]);
    assert!(!error.to_string().contains(&secret));
    // Doubtful ones are told and stay.
    let doubtful = thought(&expand("maybe password: ‹a9›1!", 1).0).to_string();
    let out = conversation.body(doubtful.as_bytes(), NOW).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(out.body, doubtful);
    assert!(out.hits.iter().all(|h| !h.masked));
}

#[test]
fn a_secret_in_place_of_a_name_is_not_sent() {
    let known = "winter-holiday-plans";
    let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(known.to_owned()))], [3; 8]);
    let conversation = Conversation::new(Arc::new(redactor), Restore::Off);
    let secret = token();
    let escaped = format!("\\u0067{}", &secret[1..]);
    for (place, body) in [
        ("/model", r#"{"model":"SECRET"}"#),
        ("/messages/0/role", r#"{"messages":[{"role":"SECRET","content":"a"}]}"#),
        ("/messages/0/tool_call_id", r#"{"messages":[{"role":"tool","tool_call_id":"SECRET"}]}"#),
        ("/messages/0/content/0/id", r#"{"messages":[{"content":[{"type":"tool_use","id":"SECRET"}]}]}"#),
        ("/messages/0/content/0/type", r#"{"messages":[{"content":[{"type":"SECRET"}]}]}"#),
        ("/input/0/content/0/file_id", r#"{"input":[{"content":[{"type":"input_file","file_id":"SECRET"}]}]}"#),
        ("/messages/0/tool_calls/0/id", r#"{"messages":[{"tool_calls":[{"id":"SECRET"}]}]}"#),
        ("/previous_response_id", r#"{"previous_response_id":"SECRET"}"#),
    ] {
        for value in [known, &secret, &escaped, &format!("{} {secret}", "long ".repeat(40))] {
            let body = body.replace("SECRET", value);
            match conversation.body(body.as_bytes(), NOW) {
                Err(error) => assert!(
                    matches!(&error, BodyError::Sealed { place: at, .. } if at == place)
                        && !error.to_string().contains(value),
                    "{error} in {body}"
                ),
                // What is that long is no name: it is masked.
                Ok(out) => {
                    assert!(value.len() > 128 && !out.body.contains(&secret), "{body}")
                }
            }
        }
    }
    let ids = json!({"model": "claude-opus-5-5-20260801", "previous_response_id": expand("resp_‹h48›", 1).0, "messages": [
        {"role": "assistant", "content": [{"type": "tool_use", "id": expand("toolu_01‹a22›", 2).0, "name": "f", "input": {}}],
         "tool_calls": [{"id": expand("call_‹a24›", 3).0}, {"id": expand("chatcmpl-tool-‹h32›", 4).0}, {"id": expand("fc_‹h50›", 5).0}]},
        {"role": "tool", "tool_call_id": expand("call_‹a24›", 3).0, "content": [{"type": "image", "file_id": expand("file-‹a24›", 6).0}]},
    ]});
    assert!(conversation.body(ids.to_string().as_bytes(), NOW).unwrap().hits.is_empty());
}

#[test]
fn only_what_the_protocols_seal_is_sealed() {
    for (place, body) in [
        ("/messages/0/content/0/data", r#"{"messages":[{"content":[{"data":"SECRET"}]}]}"#),
        ("/messages/0/content/0/data", r#"{"messages":[{"content":[{"type":"text","data":"SECRET"}]}]}"#),
        ("/messages/0/content/0/data", r#"{"messages":[{"content":[{"data":"SECRET","type":"thinking"}]}]}"#),
        ("/messages/0/content/0/signature", r#"{"messages":[{"content":[{"signature":"SECRET","type":"text"}]}]}"#),
        ("/contents/0/parts/0/signature", r#"{"contents":[{"parts":[{"text":"a","signature":"SECRET"}]}]}"#),
        (
            "/messages/0/content/0/signature",
            r#"{"messages":[{"content":[{"type":"thinking","signature":"SECRET","type":"text"}]}]}"#,
        ),
        (
            "/messages/0/content/0/data",
            r#"{"messages":[{"content":[{"data":"SECRET","x":{"type":"redacted_thinking"}},{"type":"redacted_thinking"}]}]}"#,
        ),
        (
            "/messages/0/reasoning_details/0/data",
            r#"{"messages":[{"reasoning_details":[{"type":"reasoning.text","data":"SECRET"}]}]}"#,
        ),
    ] {
        hidden_in(place, body);
    }
    let secret = token();
    for body in [
        json!({"messages": [{"content": [{"signature": secret, "thinking": "", "type": "thinking"}]}]}),
        json!({"messages": [{"content": [{"data": secret, "type": "redacted_thinking"}]}]}),
        json!({"messages": [{"reasoning_details": [{"type": "reasoning.text", "text": "a", "signature": secret}]}]}),
    ] {
        assert_eq!(masked(&body.to_string()), (body.to_string(), Vec::new()));
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason() {
    let conversation = conversation();
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n)).into_bytes();
    let error = |bytes: &[u8]| conversation.body(bytes, NOW).unwrap_err();
    assert_eq!(error(&deep(100_000)), BodyError::Deep);
    assert_eq!(error(&b"{\"a\":".repeat(100_000)), BodyError::Deep);
    assert!(conversation.body(&deep(500), NOW).is_ok());
    assert_eq!(error(b"{\"a\":\"\xff\"}"), BodyError::Encoding(6));
    assert_eq!(error(br#"{"messages":[{"content":"x\ud800y"}]}"#), BodyError::Surrogate(26));
    assert_eq!(error(br#"{"messages":[{"content":"x\udc00\ud800y"}]}"#), BodyError::Surrogate(26));
    for truncated in
        ["", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"b", "{\"a\":\"b\\", "{\"a\":1", "[1,", "[tru", "  "]
    {
        assert_eq!(error(truncated.as_bytes()), BodyError::Truncated, "{truncated}");
    }
    for (bad, at) in [
        ("{a:1}", 1),
        ("{\"a\" 1}", 5),
        ("[1 2]", 3),
        ("[1}", 2),
        ("{} x", 3),
        ("[,]", 1),
        ("{\"a\":1,}", 7),
        ("[\"\\x\"]", 2),
        ("'a'", 0),
        ("[nul]", 1),
    ] {
        assert_eq!(error(bad.as_bytes()), BodyError::Syntax(at), "{bad}");
    }
}
