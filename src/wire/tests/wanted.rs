//! Known fields that hold what they cannot.

use super::requests::ASKING;
use super::*;
use crate::wire::Scope;

/// A request of the dialect with this in it.
fn with(dialect: Dialect, more: &Value) -> Value {
    let said = json!([{ "role": "user", "content": "x" }]);
    let mut body = match dialect {
        Dialect::OpenAiResponses => json!({ "model": "m", "input": "x" }),
        Dialect::AnthropicMessages => json!({ "model": "m", "max_tokens": 9, "messages": said }),
        Dialect::Gemini => json!({ "contents": [{ "role": "user", "parts": [{ "text": "x" }] }] }),
        _ => json!({ "model": "m", "messages": said }),
    };
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn read(dialect: Dialect, more: &Value) -> Request {
    surface(dialect).read_request(with(dialect, more).to_string().as_bytes(), &ASKING).unwrap().request
}

/// A field in a body, whose name may lead into an object.
fn field<'v>(body: &'v Value, more: &Value) -> (&'v Value, Value) {
    let (outer, value) = more.as_object().unwrap().iter().next().unwrap();
    match (outer.as_str(), value.as_object().and_then(|o| o.iter().next())) {
        ("generationConfig" | "options", Some((inner, value))) => (&body[outer][inner], value.clone()),
        _ => (&body[outer], value.clone()),
    }
}

#[test]
fn a_known_field_that_holds_what_it_cannot_is_refused_elsewhere_and_judged_at_home() {
    use Dialect::{AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
    for (dialect, more, told) in [
        (OpenAiChat, json!({ "max_tokens": "12" }), "max_tokens: a whole number of tokens is wanted"),
        (OpenAiChat, json!({ "max_tokens": 99_999_999_999_u64 }), "max_tokens: a whole number of tokens is wanted"),
        (OpenAiChat, json!({ "temperature": "hot" }), "temperature: a number is wanted"),
        (OpenAiChat, json!({ "top_p": "x" }), "top_p: a number is wanted"),
        (OpenAiChat, json!({ "seed": "x" }), "seed: a whole number of at most 64 bits is wanted"),
        (OpenAiChat, json!({ "stop": [1] }), "stop: a text or a list of texts is wanted"),
        (OpenAiChat, json!({ "n": "2" }), "n: a number is wanted"),
        (
            OpenAiChat,
            json!({ "tool_choice": { "type": "bogus" } }),
            "tool_choice: none, auto, required or a named tool is wanted",
        ),
        (
            OpenAiChat,
            json!({ "response_format": { "type": "bogus" } }),
            "response_format: text, json_object or json_schema is wanted",
        ),
        (OpenAiChat, json!({ "reasoning_effort": 3 }), "reasoning_effort: a text is wanted"),
        (OpenAiResponses, json!({ "max_output_tokens": -1 }), "max_output_tokens: a whole number of tokens is wanted"),
        (
            OpenAiResponses,
            json!({ "tool_choice": "bogus" }),
            "tool_choice: none, auto, required or an object that names a tool is wanted",
        ),
        (AnthropicMessages, json!({ "max_tokens": "12" }), "max_tokens: a whole number of tokens is wanted"),
        (AnthropicMessages, json!({ "stop_sequences": "abc" }), "stop_sequences: a list of texts is wanted"),
        (
            AnthropicMessages,
            json!({ "tool_choice": { "type": "bogus" } }),
            "tool_choice: an object of type auto, any, none or tool is wanted",
        ),
        (
            AnthropicMessages,
            json!({ "thinking": { "type": "enabled", "budget_tokens": "x" } }),
            "thinking: an object with a type and a whole number of tokens is wanted",
        ),
        (
            Gemini,
            json!({ "generationConfig": { "maxOutputTokens": "many" } }),
            "generationConfig.maxOutputTokens: a whole number of tokens is wanted",
        ),
        (
            Gemini,
            json!({ "toolConfig": { "functionCallingConfig": { "mode": "BOGUS" } } }),
            "toolConfig: an object whose functionCallingConfig has a mode is wanted",
        ),
        (
            Ollama,
            json!({ "options": { "num_predict": "12" } }),
            "options.num_predict: a whole number of tokens is wanted",
        ),
        (Ollama, json!({ "format": "xml" }), "format: json or a schema is wanted"),
    ] {
        let request = read(dialect, &more);
        for other in Dialect::ALL.into_iter().filter(|other| *other != dialect) {
            let failure = wire(other).write_request("m", &request, &Adapted::default(), false).unwrap_err();
            let what = (failure.kind, failure.scope, failure.message.as_str());
            assert_eq!(what, (Kind::BadRequest, Scope::Model, told), "another route may be asked: {other:?}");
        }
        let (body, adapted) = (with_tool(&request), Adapted { max_output: Some(7), ..Adapted::default() });
        let body = written(dialect, &body, &adapted, false);
        let (sent, value) = field(&body, &more);
        assert_eq!(*sent, value, "its own server judges: {body}");
    }
}

/// A policy for tools is told where there are some.
fn with_tool(request: &Request) -> Request {
    Request { tools: with_tools(ToolChoice::Auto).tools, ..request.clone() }
}

#[test]
fn what_clients_spell_otherwise_is_taken() {
    use Dialect::{AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
    let nothing = json!({ "max_tokens": null, "temperature": null, "stop": null, "seed": null, "tool_choice": null,
        "response_format": null, "reasoning_effort": null, "user": null, "tools": null, "stream": null, "n": null });
    assert_eq!(read(OpenAiChat, &nothing).extras, []);
    let loose = json!({ "max_tokens": 10.0, "seed": 7.0, "top_k": -1, "stop": "x", "n": 1, "temperature": 1,
        "tool_choice": { "type": "auto" }, "response_format": { "type": "text" } });
    let request = read(OpenAiChat, &loose);
    assert_eq!((request.max_output, request.sampling.seed, request.extras.len()), (Some(10), Some(7), 0));
    assert_eq!((request.sampling.top_k, &request.tool_choice), (None, &ToolChoice::Auto));
    assert_eq!(read(OpenAiChat, &json!({ "max_tokens": -1 })).extras, [], "no limit, at local servers");
    let beside = json!({ "response_format": { "type": "json_schema", "schema": { "type": "object" } } });
    assert!(read(OpenAiChat, &beside).schema.is_some());
    let unlimited = read(Ollama, &json!({ "options": { "num_predict": -1 }, "think": "high", "format": "" }));
    assert_eq!((unlimited.max_output, unlimited.extras.len()), (None, 0));
    let texts = json!({ "generationConfig": { "maxOutputTokens": "12", "temperature": "0.5", "topK": 40.0,
        "thinkingConfig": { "thinkingBudget": -1 } } });
    let request = read(Gemini, &texts);
    assert_eq!((request.max_output, request.sampling.temperature), (Some(12), Some(0.5)));
    assert_eq!((request.sampling.top_k, request.extras.len()), (Some(40), 0));
    let kind = json!({ "tool_choice": { "type": "web_search_preview" }, "text": { "verbosity": "low" } });
    assert_eq!(read(OpenAiResponses, &kind).extras.len(), 1, "a tool of the provider's own");
    let thinks = json!({ "thinking": { "type": "adaptive" }, "tool_choice": { "type": "auto" }, "top_k": 5 });
    assert_eq!(read(AnthropicMessages, &thinks).extras, []);
}

#[test]
fn whether_a_stream_is_wanted_and_which_tools_there_are_has_to_be_known() {
    for dialect in json_dialects() {
        let asking = crate::wire::Asking { stream: None, ..ASKING };
        let told = |more: &Value| {
            let body = with(dialect, more).to_string();
            surface(dialect).read_request(body.as_bytes(), &asking).unwrap_err().message
        };
        assert_eq!(told(&json!({ "stream": "yes" })), "stream: true or false is wanted");
        assert_eq!(told(&json!({ "tools": "abc" })), "tools: a list is wanted");
    }
}

#[test]
fn a_word_that_nobody_knows_here_is_told_elsewhere_and_judged_at_home() {
    use Dialect::{AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
    let thinks = |config: Value| json!({ "generationConfig": { "thinkingConfig": config } });
    for (dialect, more, name, at) in [
        (OpenAiChat, json!({ "reasoning_effort": "zap" }), "reasoning_effort", "/reasoning_effort"),
        (OpenAiChat, json!({ "reasoning": { "effort": "zap" } }), "reasoning.effort", "/reasoning/effort"),
        (OpenAiChat, json!({ "verbosity": "zap" }), "verbosity", "/verbosity"),
        (OpenAiResponses, json!({ "reasoning": { "effort": "zap" } }), "reasoning.effort", "/reasoning/effort"),
        (OpenAiResponses, json!({ "text": { "verbosity": "zap" } }), "text.verbosity", "/text/verbosity"),
        (AnthropicMessages, json!({ "thinking": { "type": "zap", "most": 3 } }), "thinking", "/thinking"),
        (AnthropicMessages, json!({ "thinking": { "type": "adaptive", "display": "zap" } }), "thinking", "/thinking"),
        (
            AnthropicMessages,
            json!({ "output_config": { "effort": "zap" } }),
            "output_config.effort",
            "/output_config/effort",
        ),
        (AnthropicMessages, json!({ "service_tier": "zap" }), "service_tier", "/service_tier"),
        (AnthropicMessages, json!({ "speed": "zap" }), "speed", "/speed"),
        (
            Gemini,
            thinks(json!({ "thinkingLevel": "zap" })),
            "generationConfig.thinkingConfig.thinkingLevel",
            "/generationConfig/thinkingConfig/thinkingLevel",
        ),
        (
            Gemini,
            thinks(json!({ "thinking_budget": -7 })),
            "generationConfig.thinkingConfig.thinkingBudget",
            "/generationConfig/thinkingConfig/thinkingBudget",
        ),
        (Ollama, json!({ "think": "zap" }), "think", "/think"),
        (OpenAiResponses, json!({ "reasoning": { "summary": "zap" } }), "reasoning.summary", "/reasoning/summary"),
    ] {
        let request = read(dialect, &more);
        for other in Dialect::ALL.into_iter().filter(|other| *other != dialect) {
            let sent = wire(other).write_request("m", &request, &Adapted::default(), false).unwrap();
            let told: Vec<String> = sent.losses.iter().map(crate::wire::Loss::sentence).collect();
            assert_eq!(told, [format!("{name} is left out: nobody knows here what it says")], "{other:?}");
        }
        let sent = wire(dialect).write_request("m", &request, &Adapted::default(), false).unwrap();
        assert_eq!(sent.losses, [], "{dialect:?}");
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        let camel = more.to_string().replace("thinking_budget", "thinkingBudget");
        let asked: Value = serde_json::from_str(&camel).unwrap();
        assert_eq!(body.pointer(at), asked.pointer(at), "{body}");
    }
    for tier in [json!({ "service_tier": "zap" }), json!({ "serviceTier": "zap" })] {
        for (dialect, other) in [(OpenAiChat, Gemini), (OpenAiResponses, Gemini), (Gemini, OpenAiChat)] {
            let Some(name) = tier.get(if dialect == Gemini { "serviceTier" } else { "service_tier" }) else { continue };
            let sent = wire(other).write_request("m", &read(dialect, &tier), &Adapted::default(), false).unwrap();
            assert_eq!(sent.losses, [crate::wire::Loss::Service], "{name}");
        }
    }
    for (dialect, more) in [
        (OpenAiChat, json!({ "reasoning_effort": "xhigh", "verbosity": "low", "reasoning": { "effort": "" } })),
        (
            AnthropicMessages,
            json!({ "thinking": { "type": "between_tools", "display": "omitted" }, "speed": "standard" }),
        ),
        (AnthropicMessages, json!({ "service_tier": "auto", "output_config": { "effort": "max" } })),
        (Gemini, thinks(json!({ "thinkingLevel": "THINKING_LEVEL_UNSPECIFIED", "thinkingBudget": "-1" }))),
        (Gemini, thinks(json!({ "thinkingLevel": "HIGH" }))),
        (Ollama, json!({ "think": "low" })),
    ] {
        assert_eq!(read(dialect, &more).extras, [], "{more}");
    }
}

#[test]
fn a_form_of_an_answer_that_is_no_json_is_none_elsewhere() {
    let sent = |config: &Value, to: Dialect| {
        let request = read(Dialect::Gemini, &json!({ "generationConfig": config }));
        let able = Adapted { structured: true, ..Adapted::default() };
        let sent = wire(to).write_request("m", &request, &able, false).unwrap();
        let told = sent.losses.iter().map(|loss| loss.name().to_owned()).collect::<Vec<_>>();
        (serde_json::from_slice::<Value>(&sent.body).unwrap(), told)
    };
    let words = json!({ "type": "STRING", "enum": ["red", "blue"] });
    let chosen = json!({ "responseMimeType": "text/x.enum", "responseSchema": words });
    let strange = json!({ "responseMimeType": "application/xml" });
    for (config, names) in [
        (chosen, &["generationConfig.responseMimeType", "generationConfig.responseSchema"][..]),
        (strange, &["generationConfig.responseMimeType"]),
    ] {
        let (body, told) = sent(&config, Dialect::OpenAiChat);
        assert_eq!((body.get("response_format"), told), (None, names.iter().map(|n| (*n).to_owned()).collect()));
        let (body, told) = sent(&config, Dialect::Gemini);
        assert_eq!((&body["generationConfig"], told.len()), (&config, 0));
    }
    let plain = json!({ "responseMimeType": "text/plain" });
    let (body, told) = sent(&plain, Dialect::OpenAiChat);
    assert_eq!((body.get("response_format"), told.len()), (None, 0));
}

#[test]
fn what_was_said_and_goes_nowhere_is_told() {
    use Dialect::{AnthropicMessages, Gemini, OpenAiChat, OpenAiResponses};
    let told = |dialect: Dialect, body: &Value, to: Dialect| {
        let asked = surface(dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
        let sent = wire(to).write_request("m", &asked.request, &Adapted::default(), false).unwrap();
        [asked.losses, sent.losses].concat().iter().map(|loss| loss.name().to_owned()).collect::<Vec<_>>()
    };
    // How long a block is kept, in a word that nobody knows.
    let marked = |kind: &str, mark: &str, ttl: &str| json!([{ "role": "user", "content": [{ "type": kind, "text": "x", mark: { "type": "ephemeral", "ttl": ttl } }] }]);
    for (ttl, names) in [("2h", &["cache_control", "cache_control.ttl"][..]), ("1h", &["cache_control"])] {
        let body = json!({ "model": "m", "max_tokens": 9, "messages": marked("text", "cache_control", ttl) });
        for dialect in [AnthropicMessages, OpenAiChat] {
            let mut told = told(dialect, &body, Gemini);
            told.sort();
            assert_eq!(told, names, "{dialect:?}");
        }
        let body = json!({ "model": "m", "input": marked("input_text", "cache_control", ttl) });
        let mut told = told(OpenAiResponses, &body, Gemini);
        told.sort();
        assert_eq!(told, names);
    }
    let kept = json!({ "cache_control": { "type": "ephemeral", "ttl": "2h" } });
    let mut all = told(AnthropicMessages, &with(AnthropicMessages, &kept), Gemini);
    all.sort();
    assert_eq!(all, ["cache_control", "cache_control.ttl"]);
    let request = read(AnthropicMessages, &kept);
    let sent = wire(AnthropicMessages).write_request("m", &request, &Adapted::default(), false).unwrap();
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!((&body["cache_control"], sent.losses), (&kept["cache_control"], Vec::new()));
    // Padding that was asked for, and what padding is by itself.
    for (asked, names) in [(true, &["stream_options.include_obfuscation"][..]), (false, &[])] {
        let options = json!({ "stream_options": { "include_obfuscation": asked } });
        for dialect in [OpenAiChat, OpenAiResponses] {
            assert_eq!(told(dialect, &with(dialect, &options), Gemini), names, "{dialect:?}");
        }
    }
    // How likely the words of an earlier answer were, and where they came from, whatever the kind of place.
    let answered = |part: Value| {
        json!({ "model": "m", "input": [{ "role": "user", "content": "x" },
            { "type": "message", "role": "assistant", "content": [part] }, { "role": "user", "content": "y" }] })
    };
    let likely = |all: Value| json!({ "type": "output_text", "text": "a", "annotations": [], "logprobs": all });
    let token = json!([{ "token": "a", "logprob": -0.1 }]);
    assert_eq!(told(OpenAiResponses, &answered(likely(token)), Gemini), ["output_text.logprobs"]);
    assert_eq!(told(OpenAiResponses, &answered(likely(json!([]))), Gemini), [""; 0]);
    let cited = json!({ "type": "output_text", "text": "a", "annotations": [{ "type": "zap", "at": 3 }] });
    assert_eq!(told(OpenAiResponses, &answered(cited), AnthropicMessages), ["citations"]);
    let cited = json!({ "type": "text", "text": "a", "citations": [{ "type": "zap", "at": 3 }] });
    let body = json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": "x" },
        { "role": "assistant", "content": [cited] }, { "role": "user", "content": "y" }] });
    for to in Dialect::ALL.into_iter().filter(|to| *to != AnthropicMessages) {
        assert_eq!(told(AnthropicMessages, &body, to), ["citations"], "{to:?}");
    }
}

#[test]
fn a_point_in_a_name_of_the_callers_leads_nowhere() {
    use Dialect::{AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
    for (dialect, more) in [
        (OpenAiChat, json!({ "a.b": 1, "metadata": { "c.d": "e" } })),
        (OpenAiResponses, json!({ "a.b": { "c": 1 } })),
        (AnthropicMessages, json!({ "a.b.c": "d" })),
        (Gemini, json!({ "generationConfig": { "a.b": 1 }, "c.d": 2 })),
        (Ollama, json!({ "options": { "a.b": 1 }, "c.d": 2 })),
    ] {
        let request = read(dialect, &more);
        let sent = wire(dialect).write_request("m", &request, &Adapted::default(), false).unwrap();
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        for (name, value) in more.as_object().unwrap() {
            assert_eq!(body[name], *value, "{dialect:?}: {body}");
        }
    }
}

#[test]
fn a_lifetime_of_the_cache_that_a_provider_has_not_becomes_the_longest_within_it_and_that_is_told() {
    use Dialect::{AnthropicMessages, OpenAiChat, OpenAiResponses};
    let lives = |wished: &str, to: Dialect| {
        let mut mark = json!({ "type": "ephemeral", "ttl": wished });
        if wished.is_empty() {
            mark.as_object_mut().unwrap().remove("ttl");
        }
        let part = json!({ "type": "text", "text": "x", "cache_control": mark });
        let mut seen = Vec::new();
        for from in [AnthropicMessages, OpenAiChat] {
            let asked = with(from, &json!({ "messages": [{ "role": "user", "content": [part] }] })).to_string();
            let asked = surface(from).read_request(asked.as_bytes(), &ASKING).unwrap();
            assert_eq!(asked.losses, []);
            let able = Adapted { breakpoints: true, ..Adapted::default() };
            let sent = wire(to).write_request("m", &asked.request, &able, false).unwrap();
            let body: Value = serde_json::from_slice(&sent.body).unwrap();
            let turns = if to == OpenAiResponses { &body["input"] } else { &body["messages"] };
            let name = if to == AnthropicMessages { "cache_control" } else { "prompt_cache_breakpoint" };
            let ttl = turns[0]["content"][0][name]["ttl"].as_str().unwrap_or_default().to_owned();
            seen.push((ttl, sent.losses.iter().map(|loss| loss.name().to_owned()).collect::<Vec<_>>()));
        }
        assert_eq!(seen[0], seen[1], "whoever wished it");
        seen.remove(0)
    };
    let told =
        |ttl: &str, changed: bool| (ttl.to_owned(), changed.then(|| "cache_ttl".to_owned()).into_iter().collect());
    for (wished, anthropic, openai) in [
        ("", ("", false), ("30m", false)),
        ("5m", ("5m", false), ("30m", true)),
        ("30m", ("5m", true), ("30m", false)),
        ("1h", ("1h", false), ("30m", true)),
        ("12h", ("1h", true), ("12h", false)),
    ] {
        assert_eq!(lives(wished, AnthropicMessages), told(anthropic.0, anthropic.1), "{wished}");
        for to in [OpenAiChat, OpenAiResponses] {
            assert_eq!(lives(wished, to), told(openai.0, openai.1), "{wished} in {to:?}");
        }
    }
}

#[test]
fn how_much_is_told_of_thoughts_goes_on_in_the_callers_word_or_is_told() {
    for word in ["concise", "detailed", "auto"] {
        for name in ["summary", "generate_summary"] {
            let request = read(Dialect::OpenAiResponses, &json!({ "reasoning": { "effort": "low", name: word } }));
            let adapted = Adapted { thinking: Thinking::Level(Effort::Low), ..Adapted::default() };
            for to in Dialect::ALL {
                let sent = wire(to).write_request("m", &request, &adapted, false).unwrap();
                let lost = sent.losses.contains(&crate::wire::Loss::Summary);
                assert_eq!(lost, to != Dialect::OpenAiResponses && word != "auto", "{word} in {to:?}");
                if to == Dialect::OpenAiResponses {
                    let body: Value = serde_json::from_slice(&sent.body).unwrap();
                    assert_eq!(body["reasoning"], json!({ "effort": "low", "summary": word }));
                }
            }
        }
    }
}

#[test]
fn a_name_of_the_callers_that_looks_like_a_way_into_an_object_leads_nowhere_and_is_told() {
    use Dialect::{AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
    for (dialect, name, value) in [
        (OpenAiChat, "reasoning.effort", json!("zap")),
        (OpenAiResponses, "reasoning.summary", json!("zap")),
        (OpenAiResponses, "text.verbosity", json!("low")),
        (AnthropicMessages, "output_config.effort", json!("zap")),
        (Gemini, "generationConfig.topK", json!("x")),
        (Gemini, "toolConfig.zap", json!(1)),
        (Ollama, "options.num_ctx", json!(1)),
    ] {
        let asked = surface(dialect)
            .read_request(with(dialect, &json!({ name: value })).to_string().as_bytes(), &ASKING)
            .unwrap();
        let told: Vec<String> = asked.losses.iter().map(crate::wire::Loss::sentence).collect();
        assert_eq!(told, [format!("{name} is left out: it is not taken over into another dialect")], "{dialect:?}");
        let sent = wire(dialect).write_request("m", &asked.request, &Adapted::default(), false).unwrap();
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        let (outer, inner) = name.split_once('.').unwrap();
        assert_eq!((body.get(name), body[outer].get(inner), sent.losses.len()), (None, None, 0), "{body}");
    }
}
