//! Stories about a caller's own body: what must change changes, and every other byte stays.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::auth::{Credential, Source};
use crate::catalog::Catalog;
use crate::client::Landscape;
use crate::model::{Effort, Secret};
use crate::providers::Upstream;
use crate::secrets::{Mode, Redactor, Restore};
use crate::wire::Thinking;

fn taken(dialect: Dialect, body: &str) -> Clean {
    taken_as(dialect, body, None)
}

fn taken_as(dialect: Dialect, body: &str, model: Option<&str>) -> Clean {
    let redactor = Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8]));
    let talk = Conversation::new(redactor, Restore::Off);
    let received = Received {
        dialect,
        task: Task::Answer,
        body: body.as_bytes(),
        reads: None,
        model,
        stream: None,
        headers: Vec::new(),
    };
    Clean::received(&talk, received, std::time::Duration::ZERO)
        .map(|taken| taken.clean)
        .unwrap_or_else(|e| panic!("{e}"))
}

fn patch(dialect: Dialect, body: &str, model: &str, adapted: &Adapted) -> Option<(String, bool)> {
    let clean = taken(dialect, body);
    let request = clean.request();
    let intent = Intent::of(request, clean.prompt_bytes());
    let patched = clean.origin()?.patched(model, request, &intent, adapted, request.stream)?;
    Some((String::from_utf8(patched.written.body).unwrap(), patched.quiet))
}

/// As its own provider takes it.
fn adapted(dialect: Dialect, body: &str) -> Adapted {
    let clean = taken(dialect, body);
    let request = clean.request();
    Adapted { max_output: request.max_output, sampling: true, sent: Some(request.effort.level), ..Adapted::default() }
}

#[test]
fn a_body_that_need_not_change_goes_out_byte_for_byte() {
    for (dialect, body) in [
        (
            Dialect::AnthropicMessages,
            "{ \"model\":\"m\",\n  \"max_tokens\" : 9, \"new_field\": {\"a\":[1, 2.50 ,\"\\u00e4\"]}, \"metadata\":{\"user_id\":\"u\"},\
             \"context_management\":{\"edits\":[]},\"thinking\":{\"type\":\"adaptive\"},\
             \"system\":[{\"type\":\"text\",\"text\":\"s\",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}}],\
             \"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\
             \"thinking\":\"t\",\"signature\":\"c2ln\"}]},{\"role\":\"user\",\"content\":\"go on\"}] }",
        ),
        (
            Dialect::OpenAiResponses,
            "{\"input\":\"hi\",\"store\":false,\"model\":\"m\",\"truncation\":\"auto\",\"reasoning\":{\"effort\":\"high\",\"context\":\"auto\"}}",
        ),
        // All that is said may lie at OpenAI.
        (Dialect::OpenAiResponses, "{\"model\":\"m\",\"prompt\":{\"id\":\"pmpt_1\"},\"store\":false}"),
        (
            Dialect::OpenAiChat,
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"x\":null,\"max_tokens\":3}",
        ),
        (
            Dialect::Ollama,
            "{\"model\":\"m\",\"stream\":false,\"keep_alive\":\"5m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        ),
    ] {
        let (out, quiet) = patch(dialect, body, "m", &adapted(dialect, body)).unwrap();
        assert_eq!(out, body, "{dialect:?}");
        assert!(!quiet);
    }
}

#[test]
fn where_the_version_stands_in_the_body_a_caller_s_own_goes_as_it_came_as_far_as_versions_agree() {
    let tools = r#""max_tokens":9, "tools":[{"name":"add","defer_loading":true,"input_schema":{"type":"object"}}]"#;
    let turns = r#""messages":[{"role":"user","content":"hi"}]"#;
    let cited = r#""messages":[{"role":"user","content":[{"type":"text","text":"hi","citations":[{"type":"x"}]}]}]"#;
    for (version, sampled, turns, goes) in [
        ("2026-10-21", false, turns, true),
        ("2026-10-21", false, cited, true),
        ("2023-06-01", false, turns, true),
        ("2023-06-01", true, turns, true),
        ("2023-06-01", false, cited, false),
        ("", true, turns, true),
    ] {
        let sampling = if sampled { r#","temperature":0.5"# } else { "" };
        let body = format!(r#"{{ "model":"m", {tools}, {turns}{sampling} }}"#);
        let clean = taken(Dialect::AnthropicMessages, &body);
        let (request, intent) = (clean.request(), Intent::of(clean.request(), clean.prompt_bytes()));
        let mut origin = clean.origin().unwrap().clone();
        origin.headers.extend((!version.is_empty()).then(|| ("anthropic-version".to_owned(), version.to_owned())));
        let adapted =
            Adapted { versioned: Some("2026-10-21"), sampling: false, ..adapted(Dialect::AnthropicMessages, &body) };
        let patched = origin.patched("m", request, &intent, &adapted, false);
        assert_eq!(patched.is_some(), goes, "{version} {turns}");
        let Some(written) = patched.map(|patched| patched.written) else { continue };
        let sent = String::from_utf8(written.body).unwrap();
        assert!(sent.contains(tools) && sent.ends_with(&format!("{turns} }}")), "{sent}");
        let value: Value = serde_json::from_str(&sent).unwrap();
        assert_eq!((&value["anthropic_version"], &value["model"]), (&json!("2026-10-21"), &Value::Null));
        assert_eq!(written.losses, if sampled { vec![Loss::Sampling] } else { Vec::new() });
    }
}

#[test]
fn what_goes_as_it_came_loses_nothing_unsaid() {
    let body =
        "{\"model\":\"m\",\"temperature\":0.5,\"top_k\":3,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    for (model, sampling, lost) in [("m", false, false), ("n", true, false), ("n", false, true)] {
        let clean = taken(Dialect::OpenAiChat, body);
        let (request, intent) = (clean.request(), Intent::of(clean.request(), clean.prompt_bytes()));
        let adapted = Adapted { sampling, ..adapted(Dialect::OpenAiChat, body) };
        let patched = clean.origin().unwrap().patched(model, request, &intent, &adapted, false).unwrap();
        let text = String::from_utf8(patched.written.body).unwrap();
        let gone = !text.contains("temperature") && !text.contains("top_k");
        assert_eq!((gone, patched.written.losses.contains(&Loss::Sampling)), (lost, lost), "{model}: {text}");
    }
}

#[test]
fn the_model_is_named_as_the_upstream_knows_it() {
    let body =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"\\\"model\\\":\\\"work/m\\\"\"}], \"model\" : \"work/m\" }";
    let (out, _) = patch(Dialect::OpenAiChat, body, "m", &adapted(Dialect::OpenAiChat, body)).unwrap();
    assert_eq!(out, body.replace(" : \"work/m\"", " : \"m\""));
}

#[test]
fn counts_are_asked_for_in_a_stream_and_kept_from_who_did_not_ask() {
    let ask = |options: &str| {
        format!("{{\"model\":\"m\",\"stream\":true{options},\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}]}}")
    };
    let own = ask(",\"stream_options\":{\"include_usage\":true}");
    assert_eq!(patch(Dialect::OpenAiChat, &own, "m", &adapted(Dialect::OpenAiChat, &own)), Some((own, false)));
    for (options, want) in [
        ("", json!({ "include_usage": true })),
        (",\"stream_options\":{}", json!({ "include_usage": true })),
        (",\"stream_options\":null", json!({ "include_usage": true })),
        (",\"stream_options\":{\"include_usage\":false,\"b\":1}", json!({ "include_usage": true, "b": 1 })),
    ] {
        let body = ask(options);
        let (out, quiet) = patch(Dialect::OpenAiChat, &body, "m", &adapted(Dialect::OpenAiChat, &body)).unwrap();
        let out: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"));
        assert_eq!(out["stream_options"], want, "{options}");
        assert!(quiet, "{options}");
    }
}

#[test]
fn nothing_is_kept_at_the_provider() {
    for said in ["", "\"store\":true,", "\"store\":null,"] {
        let body = format!("{{{said}\"model\":\"m\",\"input\":\"hi\"}}");
        let (out, _) = patch(Dialect::OpenAiResponses, &body, "m", &adapted(Dialect::OpenAiResponses, &body)).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&out).unwrap(),
            json!({ "store": false, "model": "m", "input": "hi" })
        );
    }
}

#[test]
fn two_changes_inside_a_member_that_holds_nothing_both_stand() {
    for text in ["{\"a\":null,\"b\":1}", "{\"b\":1}", "{\"a\":{},\"b\":1}", "{\"a\":{\"z\":0},\"b\":1}"] {
        let mut edits = Edits::new(text, false).unwrap();
        edits.set(&["a", "x"], Some(&json!(1)));
        edits.set(&["a", "y"], Some(&json!(2)));
        let out: Value = serde_json::from_str(&edits.done()).unwrap();
        assert_eq!((&out["a"]["x"], &out["a"]["y"], &out["b"]), (&json!(1), &json!(2), &json!(1)), "{text}");
    }
}

#[test]
fn gemini_s_other_spelling_of_a_field_is_the_same_field() {
    let patched = |body: &str, most: Option<u32>| {
        let clean = taken_as(Dialect::Gemini, body, Some("m"));
        let mut request = clean.request().clone();
        request.max_output = most;
        let intent = Intent::of(&request, clean.prompt_bytes());
        let adapted = Adapted { max_output: most, sampling: true, ..Adapted::default() };
        let patched = clean.origin().unwrap().patched("m", &request, &intent, &adapted, request.stream)?;
        Some(String::from_utf8(patched.written.body).unwrap())
    };
    let of =
        |config: &str| format!("{{\"contents\":[{{\"role\":\"user\",\"parts\":[{{\"text\":\"hi\"}}]}}],{config}}}");
    // What he said to this very model stands.
    for limit in ["maxOutputTokens", "max_output_tokens"] {
        let body = of(&format!("\"generation_config\":{{\"{limit}\":100,\"temperature\":0.5}}"));
        assert_eq!(patched(&body, Some(100)).as_deref(), Some(body.as_str()));
    }
    // Money alone sets a limit where he set none, and it does so in his own object.
    let body = of("\"generation_config\":{\"temperature\":0.5}");
    let out: Value = serde_json::from_str(&patched(&body, Some(7)).unwrap()).unwrap();
    assert_eq!(out["generation_config"], json!({ "temperature": 0.5, "maxOutputTokens": 7 }));
    assert!(out.get("generationConfig").is_none(), "{out}");
    // Who says it twice is spelled anew.
    let twice = of("\"generation_config\":{\"temperature\":0.5},\"generationConfig\":{}");
    assert_eq!(patched(&twice, None), None);
}

#[test]
fn the_largest_limit_that_is_stated_counts_and_what_is_no_number_is_named() {
    let chat = |limits: &str| {
        let body = format!("{{\"model\":\"m\",{limits}\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}]}}");
        taken(Dialect::OpenAiChat, &body).origin().unwrap().stated()
    };
    assert_eq!(chat(""), Ok(None));
    assert_eq!(chat("\"max_tokens\":null,"), Ok(None));
    assert_eq!(chat("\"max_tokens\":9,"), Ok(Some(9)));
    assert_eq!(chat("\"max_tokens\":9.0,"), Ok(Some(9)));
    assert_eq!(chat("\"max_completion_tokens\":1,\"max_tokens\":100000,"), Ok(Some(100_000)));
    assert_eq!(chat("\"max_tokens\":100000,\"max_completion_tokens\":1,"), Ok(Some(100_000)));
    assert_eq!(chat("\"max_tokens\":100000,\"max_tokens\":1,"), Ok(Some(100_000)));
    for wrong in ["\"100000\"", "5000000000", "1.5", "-1", "true", "[9]", "{\"max_tokens\":9}"] {
        let told = chat(&format!("\"max_completion_tokens\":1,\"max_tokens\":{wrong},")).unwrap_err();
        assert!(told.starts_with("max_tokens: "), "{wrong}: {told}");
    }
    let gemini = |config: &str| {
        let body = format!("{{\"contents\":[{{\"role\":\"user\",\"parts\":[{{\"text\":\"hi\"}}]}}],{config}}}");
        taken_as(Dialect::Gemini, &body, Some("m")).origin().unwrap().stated()
    };
    let both = "\"generationConfig\":{\"maxOutputTokens\":1},\"generation_config\":{\"max_output_tokens\":100000}";
    assert_eq!(gemini(both), Ok(Some(100_000)));
    assert_eq!(gemini("\"generationConfig\":{\"maxOutputTokens\":1,\"maxOutputTokens\":7}"), Ok(Some(7)));
    assert!(gemini("\"generation_config\":{\"maxOutputTokens\":\"9\"}").is_err());
}

#[test]
fn chat_keeps_nothing_either() {
    let body = "{\"model\":\"m\",\"store\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    let (out, _) = patch(Dialect::OpenAiChat, body, "m", &adapted(Dialect::OpenAiChat, body)).unwrap();
    assert_eq!(out, body.replace("true", "false"));
}

#[test]
fn another_model_gets_the_reasoning_that_it_takes() {
    // Asked of an alias, so that what the caller said was said to another model.
    let body = "{\"model\":\"fast\",\"max_tokens\":2000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},\
                \"temperature\":0.2,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"zzz\":1}";
    let plain = Adapted {
        thinking: Thinking::Adaptive(Some(Effort::Low)),
        max_output: Some(2000),
        sent: Some(Effort::Low),
        ..Adapted::default()
    };
    let (out, _) = patch(Dialect::AnthropicMessages, body, "claude-x", &plain).unwrap();
    let out: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"));
    assert_eq!(out["thinking"]["type"], "adaptive");
    assert_eq!(out["output_config"], json!({ "effort": "low" }));
    assert_eq!((&out["temperature"], &out["zzz"], &out["max_tokens"]), (&Value::Null, &json!(1), &json!(2000)));
    let none = Adapted { max_output: Some(2000), ..Adapted::default() };
    let (out, _) = patch(Dialect::AnthropicMessages, body, "claude-x", &none).unwrap();
    assert!(!out.contains("thinking") && !out.contains("output_config"), "{out}");
}

#[test]
fn a_level_that_nobody_knows_here_stays_where_no_other_is_wished_for() {
    let hi = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    for (dialect, said) in [
        (Dialect::OpenAiChat, "\"reasoning_effort\":\"zap\""),
        (Dialect::AnthropicMessages, "\"max_tokens\":9,\"thinking\":{\"type\":\"zap\",\"most\":3}"),
        (Dialect::AnthropicMessages, "\"max_tokens\":9,\"output_config\":{\"effort\":\"zap\"}"),
        (Dialect::Ollama, "\"think\":\"zap\""),
    ] {
        let body = format!("{{\"model\":\"alias\",{said},{hi}}}");
        let plain = adapted(dialect, &body);
        let (out, _) = patch(dialect, &body, "m", &plain).unwrap();
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&out), read(&body.replace("alias", "m")));
        let (thinking, sent) = (Thinking::Level(Effort::Low), Some(Effort::Low));
        let (out, _) = patch(dialect, &body, "m", &Adapted { thinking, sent, ..plain }).unwrap();
        assert!(out.contains("low"), "{out}");
    }
}

#[test]
fn a_limit_is_called_as_another_model_s_server_calls_it() {
    let body =
        "{\"model\":\"alias\",\"max_completion_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    let (out, _) = patch(Dialect::OpenAiChat, body, "m", &adapted(Dialect::OpenAiChat, body)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["max_tokens"], 5);
    assert!(!out.contains("max_completion_tokens"), "{out}");
    // To the model that was named it goes as it was said.
    let body = body.replace("alias", "m");
    let (out, _) = patch(Dialect::OpenAiChat, &body, "m", &adapted(Dialect::OpenAiChat, &body)).unwrap();
    assert_eq!(out, body);
}

#[test]
fn a_control_that_nobody_here_knows_is_the_callers_own_matter() {
    for (dialect, body) in [
        (
            Dialect::OpenAiChat,
            "{\"model\":\"m\",\"reasoning_effort\":\"high\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        ),
        (
            Dialect::AnthropicMessages,
            "{\"model\":\"m\",\"max_tokens\":3000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        ),
        (
            Dialect::Gemini,
            "{\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":99}},\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\",\"zz\":1}]}]}",
        ),
    ] {
        let model = Some("m").filter(|_| dialect == Dialect::Gemini);
        let clean = taken_as(dialect, body, model);
        let intent = Intent::of(clean.request(), clean.prompt_bytes());
        let unknown = Adapted { coax: true, max_output: Some(32_773), ..Adapted::default() };
        let patched = clean.origin().unwrap().patched("m", clean.request(), &intent, &unknown, false).unwrap();
        assert_eq!(String::from_utf8(patched.written.body).unwrap(), body);
    }
}

#[test]
fn secrets_are_masked_and_what_stands_around_them_stays() {
    let key = ["ghp", &"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"[..36]].join("_");
    let body = format!("{{\"model\":\"m\" , \"messages\":[{{\"role\":\"user\",\"content\":\"see {key} here\"}}]}}");
    let (out, _) = patch(Dialect::OpenAiChat, &body, "m", &adapted(Dialect::OpenAiChat, &body)).unwrap();
    assert!(
        !out.contains(&key)
            && out.contains("see MSEC_")
            && out.contains(" here")
            && out.starts_with("{\"model\":\"m\" , "),
        "{out}"
    );
}

#[test]
fn of_two_wishes_that_a_model_refuses_together_one_stays() {
    let body = "{\"model\":\"alias\",\"max_tokens\":3,\"temperature\":0.5,\"top_p\":0.9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    let single = Adapted { single: true, ..adapted(Dialect::AnthropicMessages, body) };
    let (out, _) = patch(Dialect::AnthropicMessages, body, "m", &single).unwrap();
    assert_eq!(out, body.replace("alias", "m").replace(",\"top_p\":0.9", ""));
    // Who names the model hears from it.
    let named = body.replace("alias", "m");
    assert_eq!(patch(Dialect::AnthropicMessages, &named, "m", &single).unwrap().0, named);
}

#[test]
fn of_several_names_the_first_is_the_model_that_the_caller_chose() {
    for (asked, model, chosen) in [
        ("m", "m", true),
        ("a/m(high)", "m", true),
        ("a/m,b/n", "m", true),
        (" , a/m(low) ,b/n", "m", true),
        ("a/m,b/n", "n", false),
        ("n,m", "m", false),
        ("am", "m", false),
    ] {
        assert_eq!(names(asked, model), chosen, "{asked} {model}");
    }
    let body = "{\"model\":\"other/x,anthropic/m\",\"max_tokens\":3000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},\
                \"temperature\":0.3,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    let thinking = Thinking::Adaptive(Some(Effort::Low));
    let adapted = Adapted { thinking, max_output: Some(3000), ..Adapted::default() };
    let (out, _) = patch(Dialect::AnthropicMessages, body, "m", &adapted).unwrap();
    assert!(out.contains("adaptive") && !out.contains("enabled") && !out.contains("temperature"), "{out}");
}

#[test]
fn what_cannot_be_patched_is_spelled_anew() {
    let body = "{\"model\":\"m\",\"max_tokens\":3,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    let clean = taken(Dialect::AnthropicMessages, body);
    let (request, intent) = (clean.request(), Intent::of(clean.request(), clean.prompt_bytes()));
    let adapted = adapted(Dialect::AnthropicMessages, body);
    // A stream is asked for where none was wanted.
    assert!(clean.origin().unwrap().patched("m", request, &intent, &adapted, true).is_none());
}

proptest::proptest! {
    #[test]
    fn whatever_is_set_or_taken_away_it_stays_json(
        names in proptest::collection::vec("[abc]|thinking|a\\\\\\\\\"b", 0..6),
        gone in proptest::collection::vec("[abc]|thinking", 0..4),
        new in proptest::collection::vec("[abcd]|thinking", 0..4),
    ) {
        // What says something twice is not patched.
        let names: Vec<String> = names.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let members: Vec<String> = names.iter().enumerate().map(|(n, name)| format!(" {} : {{\"n\":[{n}]}} ", Value::from(name.as_str()))).collect();
        let text = format!(" {{{}}} ", members.join(","));
        let mut edits = Edits::new(&text, false).unwrap();
        let value = json!("new");
        gone.iter().filter(|name| !new.contains(name)).for_each(|name| edits.set(&[name], None));
        let mut distinct = new.clone();
        distinct.sort();
        distinct.dedup();
        distinct.iter().for_each(|name| edits.set(&[name], Some(&value)));
        let out = edits.done();
        let read: serde_json::Map<String, Value> = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {text} -> {out}"));
        for name in &gone {
            proptest::prop_assert!(new.contains(name) || !read.contains_key(name), "{} -> {}", text, out);
        }
        for name in &new {
            proptest::prop_assert_eq!(&read[name], &value);
        }
        for name in names.iter().filter(|name| !gone.contains(name) && !new.contains(name)) {
            proptest::prop_assert!(read.contains_key(name.as_str()), "{} -> {}", text, out);
        }
    }
}

#[test]
fn a_body_that_says_something_twice_is_spelled_anew_so_that_every_reader_takes_the_same() {
    for twice in ["\"model\":\"m\"", "\"stream\":false", "\"m\\u006fdel\":\"m\"", "\"unknown\":1,\"unknown\":2"] {
        let body = format!(
            "{{\"model\":\"dear\",\"stream\":true,{twice},\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}],\"model\":\"m\"}}"
        );
        assert_eq!(patch(Dialect::OpenAiChat, &body, "m", &adapted(Dialect::OpenAiChat, &body)), None, "{body}");
    }
}

/// A caller's own body as it goes to its model, where the settings say that of reasoning.
fn within(provider: &str, dialect: Dialect, settings: &str, model: &str, said: &str) -> (String, String) {
    let turns = match dialect {
        Dialect::Gemini => "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]".to_owned(),
        _ => format!("\"model\":\"{model}\", \"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}]"),
    };
    let body = format!("{{ {said}, {turns} }}");
    let landscape = Landscape {
        upstreams: vec![Arc::new(Upstream::at(provider, provider, "http://127.0.0.1:9"))],
        credentials: vec![Arc::new(Credential::key("env", provider, Secret::new("k-1".to_owned()), Source::Vault))],
        wish: Demand::parse(settings),
        ..Landscape::default()
    };
    let name = ModelName(format!("{provider}/{model}"));
    let model = Demand::suffix(model).map_or(model, |(base, _)| base);
    let route = landscape.routes(&name, Catalog::embedded(), &|_| Vec::new()).unwrap().remove(0);
    let clean = taken_as(dialect, &body, Some(model));
    let request = clean.request();
    let intent = route.intent(&Intent::of(request, clean.prompt_bytes()));
    let adapted = route.provider.adapt(&route.signed(), dialect, &route.card, &intent);
    let patched = clean.origin().unwrap().patched(model, request, &intent, &adapted, false).unwrap();
    (body, String::from_utf8(patched.written.body).unwrap())
}

const A: Dialect = Dialect::AnthropicMessages;
const C: Dialect = Dialect::OpenAiChat;
const G: Dialect = Dialect::Gemini;

#[test]
fn what_is_within_the_bounds_of_the_settings_stays_as_the_caller_said_it() {
    let adaptive = "\"max_tokens\":9000, \"thinking\":{\"type\":\"adaptive\", \"display\":\"omitted\"}";
    let budget = "\"max_tokens\":9000, \"thinking\":{\"type\":\"enabled\",\"budget_tokens\":8000}";
    for (provider, dialect, model, said) in [
        ("anthropic", A, "claude-opus-4-8", adaptive),
        ("anthropic", A, "claude-opus-4-6", adaptive),
        ("anthropic", A, "claude-opus-5", adaptive),
        ("anthropic", A, "claude-opus-4-6", budget),
        ("anthropic", A, "claude-haiku-4-5", budget),
        ("anthropic", A, "claude-opus-4-8", "\"max_tokens\":9, \"output_config\":{\"effort\":\"medium\"}"),
        ("deepseek", C, "deepseek-v4-pro", "\"thinking\":{\"type\":\"enabled\"}"),
        ("qwen", C, "qwen-plus", "\"enable_thinking\":true"),
        ("qwen", C, "qwen-plus", "\"enable_thinking\":true, \"thinking_budget\":4000"),
        ("openrouter", C, "x/y", "\"reasoning\":{\"enabled\":true, \"exclude\":true}"),
        ("generic", C, "m", "\"reasoning_effort\":\"high\""),
        ("gemini", G, "gemini-2.5-pro", "\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":8000}}"),
        ("gemini", G, "gemini-2.5-flash", "\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":-1}}"),
    ] {
        for settings in ["..high", "low..high"] {
            let (body, out) = within(provider, dialect, settings, model, said);
            // Chat and Gemini are told nothing else; whatever else a provider needs is not about reasoning.
            assert_eq!(out, body, "{provider}/{model} {settings}");
        }
    }
    // To be kept from thinking is within a ceiling, and not above a floor.
    let (body, out) = within("deepseek", C, "..high", "deepseek-v4-pro", "\"thinking\":{\"type\":\"disabled\"}");
    assert_eq!(out, body);
    let (_, out) = within("deepseek", C, "low..", "deepseek-v4-pro", "\"thinking\":{\"type\":\"disabled\"}");
    assert!(out.contains("enabled") && out.contains("low"), "{out}");
}

#[test]
fn what_leaves_the_bounds_of_the_settings_is_brought_to_what_is_nearest_to_it() {
    let adaptive = "\"max_tokens\":9000, \"thinking\":{\"type\":\"adaptive\"}";
    let budget = "\"max_tokens\":40000, \"thinking\":{\"type\":\"enabled\",\"budget_tokens\":30000}";
    let read = |out: &str| serde_json::from_str::<Value>(out).unwrap();
    let sent = |settings: &str, model: &str, said: &str| {
        let body = read(&within("anthropic", A, settings, model, said).1);
        (body["thinking"]["type"].clone(), body["output_config"]["effort"].clone())
    };
    for model in ["claude-opus-4-8", "claude-opus-4-6", "claude-opus-5"] {
        assert_eq!(sent("..medium", model, adaptive), (json!("adaptive"), json!("medium")), "{model}");
        assert_eq!(sent("max..", model, adaptive), (json!("adaptive"), json!("max")), "{model}");
        // A level of the settings' own is that of whoever names none.
        assert_eq!(sent("low", model, adaptive), (json!("adaptive"), json!("low")), "{model}");
    }
    assert_eq!(sent("..none", "claude-opus-4-8", adaptive).0, "disabled");
    // What clears thoughts is refused where there are none: it goes with them, and what else is edited stays.
    let clear = "{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}";
    let tools = "{\"type\":\"clear_tool_uses_20250919\"}";
    for (settings, edits, left) in [
        ("..none", format!("\"edits\":[{clear}]"), Value::Null),
        ("..none", format!("\"edits\":[{clear}],\"x\":1"), json!({ "x": 1 })),
        ("..none", format!("\"edits\":[{clear},{tools}]"), json!({ "edits": [read(tools)] })),
        ("..none", format!("\"edits\":[{tools}]"), json!({ "edits": [read(tools)] })),
        ("..low", format!("\"edits\":[{clear}]"), json!({ "edits": [read(clear)] })),
    ] {
        let said = format!("{adaptive}, \"context_management\":{{{edits}}}");
        let out = read(&within("anthropic", A, settings, "claude-opus-4-8", &said).1);
        assert_eq!(out["context_management"], left, "{settings} {edits}");
        assert_eq!(out.get("context_management").is_none(), left.is_null());
        // Spelled anew, it is the same.
        let clean = taken(
            A,
            &format!("{{\"model\":\"m\",\"max_tokens\":9000,\"messages\":[],\"context_management\":{{{edits}}}}}"),
        );
        let thinking = if settings == "..low" { Thinking::Adaptive(None) } else { Thinking::Disabled };
        let adapted = Adapted { thinking, ..Adapted::default() };
        let written = wire(A).write_request("m", clean.request(), &adapted, false).unwrap();
        let out = read(&String::from_utf8(written.body).unwrap());
        assert_eq!(out.get("context_management").cloned().unwrap_or_default(), left, "{settings} {edits}");
        assert_eq!(
            written.losses.contains(&Loss::extra("clear_thinking")),
            edits.contains("clear_th") && settings == "..none"
        );
    }
    // Of what stands beside the level every byte stays: no thought is added, and a demanded call stays demanded.
    let forced =
        "\"tool_choice\":{\"type\":\"any\"}, \"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]";
    for said in [adaptive, "\"max_tokens\":500", &format!("\"max_tokens\":500, {forced}")] {
        let (body, out) = within(
            "anthropic",
            A,
            "..high",
            "claude-opus-4-8",
            &format!("{said}, \"output_config\":{{\"effort\":\"max\"}}"),
        );
        assert_eq!(out, body.replace("\"max\"", "\"high\""));
    }
    let effort = "\"max_tokens\":500, \"output_config\":{\"effort\":\"max\"}";
    let (body, out) = within("anthropic", A, "..high", "claude-sonnet-4-5", effort);
    assert_eq!(out, body.replace("\"effort\":\"max\"", ""), "it takes none");
    // Where the settings make it think, no call is demanded.
    let (_, out) = within("anthropic", A, "high", "claude-opus-4-8", &format!("\"max_tokens\":500, {forced}"));
    let out = read(&out);
    assert_eq!((&out["thinking"]["type"], &out["tool_choice"]), (&json!("adaptive"), &json!({ "type": "auto" })));
    // To be kept from thinking is no level for whoever wants some.
    assert_eq!(sent("none", "claude-opus-4-8", adaptive), (json!("adaptive"), Value::Null));
    assert_eq!(sent("..medium", "claude-opus-4-6", budget), (json!("adaptive"), json!("medium")));
    let chat =
        |settings: &str, provider: &str, model: &str, said: &str| read(&within(provider, C, settings, model, said).1);
    let body = chat("..low", "deepseek", "deepseek-v4-pro", "\"thinking\":{\"type\":\"enabled\"}");
    assert_eq!((&body["thinking"]["type"], &body["reasoning_effort"]), (&json!("enabled"), &json!("low")));
    let body = chat("..low", "qwen", "qwen-plus", "\"enable_thinking\":true");
    assert_eq!((&body["enable_thinking"], &body["thinking_budget"]), (&json!(true), &json!(2048)));
    let body = chat("..low", "openrouter", "x/y", "\"reasoning\":{\"enabled\":true}");
    assert_eq!(body["reasoning"], json!({ "effort": "low" }));
}

#[test]
fn who_wishes_for_thought_by_a_name_has_it_whatever_his_body_says_of_the_answer() {
    let effort = "\"max_tokens\":9000, \"output_config\":{\"effort\":\"high\"}";
    let (_, out) = within("anthropic", A, "..max", "claude-opus-4-8(high)", effort);
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&out["thinking"]["type"], &out["output_config"]["effort"]), (&json!("adaptive"), &json!("high")));
    // Without such a name, it is for how the answer is written.
    let (body, out) = within("anthropic", A, "..max", "claude-opus-4-8", effort);
    assert_eq!(out, body);
}

#[test]
fn what_is_left_to_gemini_is_left_to_it_under_another_name_too() {
    let body = r#"{ "generationConfig":{"maxOutputTokens":800,"thinkingConfig":{"thinkingBudget":-1}}, "contents":[{"role":"user","parts":[{"text":"hi"}]}] }"#;
    let clean = taken_as(G, body, Some("fast"));
    let (request, intent) = (clean.request(), Intent::of(clean.request(), clean.prompt_bytes()));
    let landscape = Landscape {
        upstreams: vec![Arc::new(Upstream::at("gemini", "gemini", "http://127.0.0.1:9"))],
        credentials: vec![Arc::new(Credential::key("env", "gemini", Secret::new("k-1".to_owned()), Source::Vault))],
        ..Landscape::default()
    };
    let name = ModelName("gemini/gemini-2.5-flash".to_owned());
    let route = landscape.routes(&name, Catalog::embedded(), &|_| Vec::new()).unwrap().remove(0);
    let adapted = route.provider.adapt(&route.signed(), G, &route.card, &intent);
    let patched = clean.origin().unwrap().patched("gemini-2.5-flash", request, &intent, &adapted, false).unwrap();
    let out: Value = serde_json::from_slice(&patched.written.body).unwrap();
    let budget = &out["generationConfig"]["thinkingConfig"]["thinkingBudget"];
    assert!(budget.is_null() || budget == -1, "{out:#}");
}
