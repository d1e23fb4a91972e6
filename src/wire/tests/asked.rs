//! What callers of one dialect ask, as servers of another take it (translation.md).

use serde_json::{Value, json};

use super::*;
use crate::wire::Quirks;

const CHAT: Dialect = Dialect::OpenAiChat;

#[test]
fn plain_text_documents_are_told_as_text() {
    use crate::model::Source;
    use crate::wire::loss::Loss;
    let text = Block::Document { source: Source::Text("so".into()), name: Some("a.txt".into()) };
    let mut request = asked();
    request.messages = vec![Message::new(Role::User, vec![text, Block::document("text/csv", "YSxi", None)])];
    let sent = wire(CHAT).write_request("m", &request, &Adapted::default(), false).unwrap();
    assert_eq!(sent.losses, [Loss::DocumentAsText]);
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["messages"][1]["content"], "a.txt:\nso\n\na,b");
}

#[test]
fn nothing_stands_between_calls_and_their_results() {
    let call = |id: &str| json!({ "type": "function_call", "call_id": id, "name": "add", "arguments": "{}" });
    let output = |id: &str| json!({ "type": "function_call_output", "call_id": id, "output": id });
    let said = |role: &str, id: &str, text: &str| {
        let kind = if role == "assistant" { "output_text" } else { "input_text" };
        json!({ "type": "message", "role": role, "id": id, "content": [{ "type": kind, "text": text }] })
    };
    let sent = |input: &[Value]| {
        let body = json!({ "model": "m", "store": false, "input": input });
        let asked = surface(Dialect::OpenAiResponses).read_request(body.to_string().as_bytes(), &requests::ASKING);
        let body = written(CHAT, &asked.unwrap().request, &Adapted::default(), false);
        let told = body["messages"].as_array().unwrap().iter().map(|message| {
            let calls = message["tool_calls"].as_array().map_or(0, Vec::len);
            format!("{} {} {calls}", message["role"].as_str().unwrap(), message["content"])
        });
        told.collect::<Vec<_>>()
    };
    let between = sent(&[call("a"), said("developer", "m", "be brief"), output("a"), said("user", "n", "so?")]);
    assert_eq!(between, ["assistant null 1", "tool \"a\" 0", "system \"be brief\" 0", "user \"so?\" 0"]);
    let [one, two] = [said("assistant", "msg_1", "one"), said("assistant", "msg_2", "two")];
    let mixed = sent(&[call("a"), one, call("b"), two, output("a"), output("b")]);
    assert_eq!(mixed, ["assistant \"one\\n\\ntwo\" 2", "tool \"a\" 0", "tool \"b\" 0"]);
    // An id that comes again is answered by its own result.
    let again = sent(&[call("a"), said("user", "m", "no"), call("a"), said("developer", "n", "so"), output("a")]);
    let none = format!("tool \"{}\" 0", crate::wire::strict::UNANSWERED);
    let kept = ["assistant null 1", &none, "user \"no\" 0", "assistant null 1", "tool \"a\" 0", "system \"so\" 0"];
    assert_eq!(again, kept);
}

#[test]
fn a_form_is_strict_by_itself_only_where_strict_modes_take_it() {
    let strict = |schema: Value| {
        let mut request = asked();
        request.messages = vec![Message::new(Role::User, vec![Block::Text("go".into())])];
        request.schema = Some(Schema::new("sum", schema));
        let adapted =
            Adapted { structured: true, quirks: Quirks { strict: true, ..Quirks::default() }, ..Adapted::default() };
        let chat = written(CHAT, &request, &adapted, false);
        let responses = written(Dialect::OpenAiResponses, &request, &adapted, false);
        let told = [&chat["response_format"]["json_schema"]["strict"], &responses["text"]["format"]["strict"]];
        told.map(|strict| strict.as_bool().unwrap())
    };
    let inner = json!({ "type": "object", "properties": { "b": { "type": "string" } } });
    let closed = |a: &Value| json!({ "type": "object", "additionalProperties": false, "properties": { "a": a }, "required": ["a"] });
    assert_eq!(strict(closed(&json!({ "type": "string" }))), [true; 2]);
    assert_eq!(strict(inner.clone()), [false; 2]);
    assert_eq!(strict(closed(&inner)), [false; 2]);
}

fn read(dialect: Dialect, body: &Value) -> crate::wire::Asked {
    surface(dialect).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_form_that_stands_beside_its_type_or_has_no_name_is_one() {
    let shape = json!({ "type": "object" });
    let beside = json!({ "type": "json_object", "schema": shape });
    let unnamed = json!({ "type": "json_schema", "json_schema": { "schema": shape } });
    for format in [beside, unnamed] {
        let body = json!({ "messages": [{ "role": "user", "content": "go" }], "response_format": format });
        let request = read(CHAT, &body).request;
        let schema = request.schema.as_ref().unwrap();
        assert_eq!((schema.name.as_str(), &schema.schema), ("answer", &shape), "{format}");
        let able = Adapted { structured: true, ..Adapted::default() };
        let sent = written(Dialect::OpenAiResponses, &request, &able, false);
        assert_eq!(sent["text"]["format"]["name"], "answer");
    }
    let plain =
        json!({ "messages": [{ "role": "user", "content": "go" }], "response_format": { "type": "json_object" } });
    let request = read(CHAT, &plain).request;
    assert!(request.json && request.schema.is_none());
}

#[test]
fn a_wish_for_json_is_said_to_servers_that_refuse_it_unsaid() {
    // Gemini and Ollama take it without a word.
    let asked = |said: &str, system: &str| {
        let body = json!({ "systemInstruction": { "parts": [{ "text": system }] },
            "contents": [{ "role": "user", "parts": [{ "text": said }] }],
            "generationConfig": { "responseMimeType": "application/json" } });
        let request = read(Dialect::Gemini, &body).request;
        let chat = written(CHAT, &request, &Adapted::default(), false);
        let responses = written(Dialect::OpenAiResponses, &request, &Adapted::default(), false);
        assert_eq!(chat["response_format"]["type"], "json_object");
        assert_eq!(responses["text"]["format"]["type"], "json_object");
        let words = |value: &Value| value.to_string().matches("Answer with one JSON object").count();
        [words(&chat["messages"]), words(&responses["input"])]
    };
    assert_eq!(asked("three towns", "Be short."), [1, 1]);
    assert_eq!(asked("three towns", ""), [1, 1]);
    assert_eq!(asked("three towns as Json", "Be short."), [0, 0]);
    assert_eq!(asked("three towns", "Answer in JSON."), [0, 1], "instructions do not count there");
}

#[test]
fn a_limit_below_what_responses_take_is_raised() {
    let request = Request { max_output: Some(1), ..asked() };
    let limit = |newest| {
        let quirks = Quirks { newest, ..Quirks::default() };
        let adapted = Adapted { max_output: Some(1), quirks, ..Adapted::default() };
        let sent = wire(Dialect::OpenAiResponses).write_request("m", &request, &adapted, false).unwrap();
        let told = sent.losses.iter().any(|loss| loss.sentence() == "a limit below 16 output tokens is sent as 16");
        assert_eq!(told, newest);
        written(Dialect::OpenAiResponses, &request, &adapted, false)["max_output_tokens"].clone()
    };
    assert_eq!([limit(true), limit(false)], [json!(16), json!(1)]);
}

#[test]
fn what_lies_at_an_address_of_its_own_is_no_file_of_google_s() {
    let sent = |kind: &str, uri: &str| {
        let file = json!({ "fileData": { "mimeType": kind, "fileUri": uri } });
        let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "what?" }, file] }] });
        let request = read(Dialect::Gemini, &body).request;
        let sent = wire(CHAT).write_request("m", &request, &Adapted::default(), false).ok()?;
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        Some(body["messages"][0]["content"][1]["image_url"]["url"].clone())
    };
    assert_eq!(sent("image/png", "https://example.com/a.png"), Some(json!("https://example.com/a.png")));
    assert_eq!(sent("image/png", "https://generativelanguage.googleapis.com/v1beta/files/a"), None);
    assert_eq!(sent("image/png", "gs://a/b.png"), None);
    let named =
        json!({ "inlineData": { "mimeType": "application/pdf", "data": "JVBERi0xLjQK", "displayName": "a.pdf" } });
    let request = read(Dialect::Gemini, &json!({ "contents": [{ "parts": [named] }] })).request;
    let file = &written(CHAT, &request, &Adapted::default(), false)["messages"][0]["content"][0]["file"];
    assert_eq!(file["filename"], "a.pdf");
    assert_eq!(sent("video/mp4", "https://example.com/a.mp4"), None, "nobody fetches that");
}

#[test]
fn what_stands_beside_gemini_s_choice_of_tools_stays_or_is_told() {
    let place = json!({ "latLng": { "latitude": 1.5 } });
    let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "where?" }] }],
        "tools": [{ "functionDeclarations": [{ "name": "add" }] }],
        "toolConfig": { "functionCallingConfig": { "mode": "ANY" }, "retrievalConfig": place } });
    let request = read(Dialect::Gemini, &body).request;
    let back = written(Dialect::Gemini, &request, &Adapted::default(), false);
    assert_eq!(back["toolConfig"]["retrievalConfig"], place);
    assert_eq!(back["toolConfig"]["functionCallingConfig"]["mode"], "ANY");
    let sent = wire(CHAT).write_request("m", &request, &Adapted::default(), false).unwrap();
    assert_eq!(sent.losses.iter().map(crate::wire::Loss::name).collect::<Vec<_>>(), ["toolConfig.retrievalConfig"]);
}

#[test]
fn words_that_anthropic_goes_on_from_end_in_no_white_space() {
    let messages = vec![Message::user("count"), Message::assistant("one, \n")];
    let sent = |request: &Request| written(Dialect::AnthropicMessages, request, &Adapted::default(), false);
    let last = sent(&Request { messages: messages.clone(), ..asked() });
    assert_eq!(last["messages"][1]["content"][0]["text"], "one,");
    let messages = messages.into_iter().chain([Message::user("go on")]).collect();
    let earlier = sent(&Request { messages, ..asked() });
    assert_eq!(earlier["messages"][1]["content"][0]["text"], "one, \n");
}

#[test]
fn what_a_model_spoke_goes_back_to_its_own_dialect_and_is_told_elsewhere() {
    use crate::wire::loss::Loss;
    let asked = |spoken: Value| {
        json!({ "model": "m", "messages": [
            { "role": "user", "content": "2+2?" },
            spoken,
            { "role": "user", "content": "and?" },
        ] })
    };
    let audio = json!({ "id": "audio_1" });
    for content in [Value::Null, json!("4")] {
        let request = read(CHAT, &asked(json!({ "role": "assistant", "content": content, "audio": audio }))).request;
        let back = written(CHAT, &request, &Adapted::default(), false);
        assert_eq!((&back["messages"][1]["audio"], &back["messages"][1]["content"]), (&audio, &content), "{back}");
        for dialect in Dialect::ALL.into_iter().filter(|dialect| *dialect != CHAT) {
            let sent = wire(dialect).write_request("m", &request, &Adapted::default(), false).unwrap();
            assert_eq!(sent.losses, [Loss::Opaque], "{dialect:?}");
            let silent = !wire(dialect).show(&sent.body).contains("audio_1");
            assert!(silent, "{dialect:?}");
        }
        let other = Adapted { tag: tag("a"), ..Adapted::default() };
        let sent = wire(CHAT).write_request("m", &request, &other, false).unwrap();
        assert_eq!(sent.losses, [Loss::Opaque], "nobody knows whose it is");
    }
}

#[test]
fn what_only_gemini_says_of_a_part_or_a_tool_returns_there_and_is_told_elsewhere() {
    use crate::wire::loss::Loss;
    let pixel = json!({ "mimeType": "image/png", "data": "iVBORw0KGgo=" });
    let shown = json!({ "inlineData": pixel, "mediaResolution": { "level": "MEDIA_RESOLUTION_HIGH" } });
    let drawn = json!({ "inlineData": pixel, "media_resolution": { "level": "MEDIA_RESOLUTION_LOW" } });
    let schema = json!({ "type": "object", "properties": { "sum": { "type": "number" } } });
    let declared = json!({ "name": "add", "parametersJsonSchema": { "type": "object" }, "responseJsonSchema": schema,
        "behavior": "BLOCKING" });
    let response = json!({ "name": "add", "id": "c", "response": { "output": "4" }, "parts": [drawn] });
    let body = json!({ "contents": [
            { "role": "user", "parts": [{ "text": "2+2?" }, shown] },
            { "role": "model", "parts": [{ "functionCall": { "id": "c", "name": "add", "args": {} } }] },
            { "role": "user", "parts": [{ "functionResponse": response }] },
        ], "tools": [{ "functionDeclarations": [declared] }] });
    let request = read(Dialect::Gemini, &body).request;
    // It is a wish of the caller's and no account's: it goes along whoever is asked.
    for tag in [None, tag("a")] {
        let adapted = Adapted { tag, ..Adapted::default() };
        let sent = wire(Dialect::Gemini).write_request("m", &request, &adapted, false).unwrap();
        assert_eq!(sent.losses, []);
        let back: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(back["contents"][0]["parts"][1], shown);
        assert_eq!(back["contents"][2]["parts"][0]["functionResponse"]["parts"][0], drawn);
        assert_eq!(back["tools"][0]["functionDeclarations"][0], declared);
    }
    let lost = [Loss::extra("tools.behavior"), Loss::extra("tools.responseJsonSchema")];
    for dialect in [CHAT, Dialect::OpenAiResponses, Dialect::AnthropicMessages, Dialect::Ollama] {
        let sent = wire(dialect).write_request("m", &request, &Adapted::default(), false).unwrap();
        for loss in lost.iter().chain([&Loss::Opaque]) {
            assert!(sent.losses.contains(loss), "{dialect:?}: {:?}", sent.losses);
        }
        let told = wire(dialect).show(&sent.body);
        assert!(told.contains("iVBORw0KGgo=") && !told.contains("MEDIA_RESOLUTION") && !told.contains("BLOCKING"));
    }
}

#[test]
fn what_a_message_or_a_tool_says_beside_all_that_is_known_is_told() {
    use crate::wire::loss::Loss;
    let note = json!({ "type": "url_citation", "url_citation": { "url": "https://a.b" } });
    let drawn = json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } });
    let answered = json!({ "role": "assistant", "content": "4", "refusal": null, "function_call": null, "audio": null,
        "annotations": [note], "images": [drawn], "tool_calls": [], "thinking_blocks": [{ "a": 1 }],
        "provider_specific_fields": {} });
    let function =
        json!({ "name": "add", "description": "", "parameters": {}, "strict": null, "response": {}, "x": 1 });
    let tool = json!({ "type": "function", "function": function, "cache_control": { "type": "ephemeral" } });
    let chat = read(
        CHAT,
        &json!({ "model": "m", "messages": [{ "role": "user", "content": "2+2?" }, answered],
        "tools": [tool] }),
    );
    let lost = ["messages.thinking_blocks", "tools.cache_control", "tools.x"].map(Loss::extra);
    assert_eq!(chat.losses, [&[Loss::Citations][..], &lost[..]].concat());
    let image = Block::image("image/png", "iVBORw0KGgo=");
    assert_eq!(chat.request.messages[1].blocks, [Block::Text("4".into()), image]);
    let function =
        json!({ "type": "function", "name": "add", "parameters": {}, "strict": false, "defer_loading": true });
    let responses = read(
        Dialect::OpenAiResponses,
        &json!({ "model": "m", "input": "2+2?", "store": false,
        "tools": [function, { "type": "web_search", "filters": {} }] }),
    );
    assert_eq!(responses.losses, [Loss::extra("tools.defer_loading")]);
}

#[test]
fn what_a_block_says_beside_all_that_is_known_is_told_too() {
    use crate::wire::loss::Loss;
    let user = json!({ "role": "user", "content": "2+2?" });
    let function = json!({ "name": "add", "arguments": "{}", "partial": true });
    let chat = json!({ "model": "m", "messages": [
        { "role": "user", "content": [{ "type": "text", "text": "2+2?", "lang": "en" },
            { "type": "image_url", "image_url": { "url": "https://a.b/c.png", "fps": 2 }, "index": null }] },
        { "role": "assistant", "content": null, "tool_calls": [
            { "id": "c", "type": "function", "index": 0, "function": function, "origin": "x" }] },
    ] });
    let responses = json!({ "model": "m", "input": [
        { "type": "message", "id": "msg_1", "status": "completed", "role": "user", "content": [
            { "type": "input_text", "text": "2+2?", "lang": "en" }], "author": "x" },
        { "type": "function_call", "id": "fc_1", "status": "completed", "call_id": "c", "name": "add", "arguments": "{}",
            "namespace": "math", "agent": null },
        { "type": "function_call_output", "call_id": "c", "output": "4", "elapsed": 1 },
    ] });
    let anthropic = json!({ "model": "m", "max_tokens": 9, "messages": [user,
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "c", "name": "add", "input": {},
            "caller": { "type": "direct" } }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "c", "content": "4", "elapsed": 1 },
            { "type": "text", "text": "?", "citations": null, "lang": "en" }] },
    ] });
    let gemini = json!({ "contents": [{ "role": "user", "parts": [{ "text": "2+2?", "lang": "en" }] },
        { "role": "model", "parts": [{ "function_call": { "name": "add", "args": {}, "partialArgs": [1] } }] },
        { "role": "user", "parts": [
            { "functionResponse": { "name": "add", "response": { "output": "4" }, "willContinue": true } }] }] });
    let ollama = json!({ "model": "m", "messages": [user, { "role": "assistant", "content": "", "author": "x", "tool_calls": [
        { "function": { "index": 0, "name": "add", "arguments": {}, "partial": true }, "origin": "x" }] }] });
    for (dialect, body, names) in [
        (CHAT, chat, &["text.lang", "image_url.fps", "tool_calls.origin", "tool_calls.partial"][..]),
        (
            Dialect::OpenAiResponses,
            responses,
            &["messages.author", "input_text.lang", "function_call.namespace", "function_call_output.elapsed"],
        ),
        (Dialect::AnthropicMessages, anthropic, &["tool_use.caller", "tool_result.elapsed", "text.lang"]),
        (Dialect::Gemini, gemini, &["parts.lang", "functionCall.partialArgs", "functionResponse.willContinue"]),
        (Dialect::Ollama, ollama, &["messages.author", "tool_calls.origin", "tool_calls.partial"]),
    ] {
        let mut told: Vec<String> = read(dialect, &body).losses.iter().map(|loss| loss.name().to_owned()).collect();
        let mut names: Vec<String> = names.iter().map(|name| Loss::extra(name).name().to_owned()).collect();
        told.sort();
        names.sort();
        assert_eq!(told, names, "{dialect:?}");
    }
}

#[test]
fn json_that_is_not_read_here_is_not_called_none() {
    let body = |member: &str| {
        format!("{{\"model\":\"m\",\"x\":{member},\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}]}}")
    };
    let asking = requests::ASKING;
    for dialect in [Dialect::OpenAiChat, Dialect::AnthropicMessages, Dialect::Ollama] {
        let read = surface(dialect).read_request(body("1e400").as_bytes(), &asking).unwrap();
        assert_eq!(read.request.messages.len(), 1, "{dialect:?}");
        let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
        let failure = surface(dialect).read_request(body(&deep).as_bytes(), &asking).unwrap_err();
        assert!(failure.message.starts_with("the body is nested deeper than is read here"), "{failure}");
        let failure = surface(dialect).read_request(b"{\"model\"", &asking).unwrap_err();
        assert!(failure.message.starts_with("the body is no JSON"), "{failure}");
    }
}

#[test]
fn a_wish_to_think_is_one_without_a_level_too() {
    use crate::model::{Demand, Effort};
    let (some, none) = (Demand::some(Effort::High), Demand::from(Effort::None));
    let tokens = |n: &str| Demand::parse(n).unwrap();
    for (said, wish) in [
        (json!({ "thinking": { "type": "enabled" } }), some),
        (json!({ "thinking": { "type": "disabled" } }), none),
        (json!({ "thinking": { "type": "enabled", "budget_tokens": 8192 } }), tokens("8192")),
        (json!({ "thinking": { "type": "enabled" }, "reasoning_effort": "low" }), Effort::Low.into()),
        (json!({ "thinking": { "type": "disabled" }, "reasoning_effort": "low" }), none),
        (json!({ "enable_thinking": true }), some),
        (json!({ "enable_thinking": false }), none),
        (json!({ "enable_thinking": true, "thinking_budget": 2048 }), tokens("2048")),
        (json!({ "reasoning": { "enabled": true } }), Demand::some(Effort::Medium)),
        (json!({ "reasoning": { "enabled": false } }), none),
        (json!({ "reasoning": { "max_tokens": 2048 } }), tokens("2048")),
        (json!({ "thinking": { "type": "zap" } }), Demand::default()),
    ] {
        let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }] });
        body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let asked = surface(CHAT).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap();
        assert_eq!(asked.request.effort, wish, "{said}");
        // What was read is not told as lost.
        let read = wish != Demand::default();
        let losses =
            wire(Dialect::Ollama).write_request("m", &asked.request, &Adapted::default(), false).unwrap().losses;
        assert_eq!((asked.losses.is_empty(), losses.is_empty()), (true, read), "{said}: {losses:?}");
    }
    let anthropic_with = |said: Value, output: Value| {
        let body = json!({ "model": "m", "max_tokens": 9, "thinking": said, "output_config": output,
            "messages": [{ "role": "user", "content": "hi" }] });
        let asked = surface(Dialect::AnthropicMessages).read_request(body.to_string().as_bytes(), &requests::ASKING);
        asked.unwrap().request.effort
    };
    let anthropic = |said: Value| anthropic_with(said, json!(null));
    assert_eq!(anthropic(json!({ "type": "adaptive" })), some);
    // A level beside it is how much is thought, and alone it is no wish for thought.
    let max = json!({ "effort": "max" });
    assert_eq!(anthropic_with(json!({ "type": "adaptive" }), max.clone()), Effort::Max.into());
    assert_eq!(anthropic_with(json!(null), max), Demand { still: true, ..Effort::Max.into() });
    assert_eq!(anthropic(json!({ "type": "enabled", "budget_tokens": 2048 })), tokens("2048"));
    let gemini = json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }],
        "generationConfig": { "thinkingConfig": { "thinkingBudget": -1 } } });
    let asked = surface(Dialect::Gemini).read_request(gemini.to_string().as_bytes(), &requests::ASKING).unwrap();
    assert_eq!(asked.request.effort, some);
}
