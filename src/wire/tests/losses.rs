//! What a dialect cannot carry is told, and the table knows it.

use super::*;
use crate::model::{About, Citation, Custom, Extra, Service, Source, Summary, Ttl, Verbosity};
use crate::wire::{LOSSES, Loss, Quirks, REFUSED, Refused};

/// One request for each loss, in which nothing else can be lost.
fn asking(loss: &Loss) -> Request {
    let user = |blocks| Request { messages: vec![said(Role::User, blocks)], ..asked() };
    let told = |block| Request {
        messages: vec![said(Role::Assistant, vec![call("c", "{}")]), said(Role::User, vec![block])],
        ..asked()
    };
    let answered = |block| Request {
        messages: vec![
            Message::user("a"),
            said(Role::Assistant, vec![Block::Text("b".into()), block]),
            Message::user("c"),
        ],
        ..asked()
    };
    let about = |about: About, role| Request {
        messages: vec![
            Message::user("a"),
            Message { about, ..said(role, vec![Block::Text("b".into())]) },
            Message::user("c"),
        ],
        ..asked()
    };
    let extra = |name: &str, value| Request {
        extras: vec![Extra { dialect: Dialect::Gemini, name: name.into(), value }],
        ..asked()
    };
    let sampled = |sampling| Request { sampling, ..asked() };
    let own = Sampling::default();
    let image = Block::image("image/png", "AAAA");
    match loss {
        Loss::Detail => {
            user(vec![Block::Image { source: Source::data("image/png", "AAAA"), detail: Some("original".into()) }])
        }
        Loss::DocumentName => user(vec![Block::document("application/pdf", "AAAA", Some("a".into()))]),
        Loss::DocumentAsText => user(vec![Block::Document { source: Source::Text("a".into()), name: None }]),
        Loss::Citations => answered(Block::Cited(Citation {
            url: None,
            title: None,
            quote: None,
            dialect: Dialect::Gemini,
            raw: json!({}),
        })),
        Loss::AnswerImage => answered(image),
        Loss::ResultFiles => told(Block::ToolResult {
            id: "c".into(),
            name: "add".into(),
            content: String::new(),
            is_error: false,
            parts: vec![image],
        }),
        Loss::ErrorMark => told(result("c", "no", true)),
        Loss::RawInput => answered(call("d", "{\"a\":")),
        Loss::Orphan => user(vec![Block::Text("a".into()), result("d", "no", false)]),
        Loss::LateResult => {
            let mut request = answered(call("d", "{}"));
            request.messages.extend([Message::assistant("e"), said(Role::User, vec![result("d", "4", false)])]);
            request
        }
        Loss::Results => {
            let mut request = answered(call("d", "{}"));
            request.messages[2].blocks = vec![result("d", "4", false), result("d", "5", false)];
            request
        }
        Loss::Unanswered => answered(call("d", "{}")),
        Loss::CacheMarks => user((0..6).flat_map(|_| [Block::Text("a".into()), Block::Mark(Ttl::Short)]).collect()),
        Loss::CacheTime => user(
            [Ttl::Hour, Ttl::Half].into_iter().flat_map(|ttl| [Block::Text("a".into()), Block::Mark(ttl)]).collect(),
        ),
        Loss::CacheKey => {
            let mut request = asked();
            request.cache.key = Some("k".into());
            request
        }
        Loss::SystemPlace => about(About::default(), Role::System),
        Loss::SpeakerName => about(About { name: Some("n".into()), ..About::default() }, Role::User),
        Loss::Phase => about(About { phase: Some("commentary".into()), ..About::default() }, Role::Assistant),
        Loss::Refusal => answered(Block::Refusal("No.".into())),
        Loss::Strict => {
            let mut request = with_tools(ToolChoice::Auto);
            request.tools[0].strict = Some(true);
            request
        }
        Loss::CustomTool => {
            let mut request = with_tools(ToolChoice::Auto);
            request.tools[0].custom = Some(Custom::Text);
            request
        }
        Loss::Subset => with_tools(ToolChoice::Among { must: false, names: vec!["add".into()] }),
        Loss::Forced => with_tools(ToolChoice::Required),
        Loss::Vain => Request { tool_choice: ToolChoice::Required, ..asked() },
        Loss::Parallel => Request { parallel: Some(false), ..with_tools(ToolChoice::Auto) },
        Loss::Prefill => Request { messages: vec![Message::user("a"), Message::assistant("b")], ..asked() },
        Loss::ManyStops => Request { stop: ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec(), ..asked() },
        Loss::LeastOutput => Request { max_output: Some(9), ..asked() },
        Loss::Sampling => sampled(Sampling { temperature: Some(0.5), ..own }),
        Loss::Temperature => sampled(Sampling { temperature: Some(1.5), ..own }),
        Loss::TopP => sampled(Sampling { temperature: Some(0.5), top_p: Some(0.5), ..own }),
        Loss::TopK => sampled(Sampling { top_k: Some(1), ..own }),
        Loss::Seed => sampled(Sampling { seed: Some(i64::MAX), ..own }),
        Loss::Penalties => sampled(Sampling { presence_penalty: Some(1.0), ..own }),
        Loss::JsonMode => Request { json: true, ..asked() },
        Loss::SchemaAbout => {
            let mut request = with_schema();
            request.schema.as_mut().unwrap().description = Some("d".into());
            request
        }
        Loss::User => Request { user: Some("u".into()), ..asked() },
        Loss::Service => Request { service: Some(Service::Batch), ..asked() },
        Loss::Verbosity => Request { verbosity: Some(Verbosity::Low), ..asked() },
        Loss::ShowThoughts => Request { show_thoughts: Some(true), ..asked() },
        Loss::Summary => Request { summary: Some(Summary::Detailed), ..asked() },
        Loss::Thoughts => answered(thought("t", Some("id\ns"), tag("b"))),
        Loss::Opaque => answered(Block::Opaque { dialect: Dialect::Gemini, value: json!({}), tag: tag("b") }),
        Loss::ProviderTool => extra("tools", json!({ "googleSearch": {} })),
        Loss::Word(_) => extra("generationConfig.thinkingConfig.thinkingBudget", json!(-7)),
        Loss::Extra(_) => extra("", json!(1)),
    }
}

/// The dialect at its most able server and model, at its least, and at a model that takes no sampling.
fn servers() -> [Adapted; 3] {
    let quirks = Quirks { newest: true, strict: true, store: true, top_k: true, ..Quirks::default() };
    let able =
        Adapted { sampling: true, structured: true, breakpoints: true, quirks, tag: tag("a"), ..Adapted::default() };
    let quirks = Quirks {
        users: false,
        parallel: false,
        speakers: false,
        penalties: false,
        schema_beside: true,
        ..Quirks::default()
    };
    let poor = Adapted { breakpoints: false, unforced: true, no_prefill: true, single: true, quirks, ..able.clone() };
    let deaf = Adapted { sampling: false, ..able.clone() };
    [able, poor, deaf]
}

/// Fields are told by their names.
fn same(told: &Loss, loss: &Loss) -> bool {
    told == loss || matches!((told, loss), (Loss::Word(_), Loss::Word(_)))
}

#[test]
fn every_loss_happens_where_the_table_says_and_nowhere_else() {
    for loss in LOSSES.iter().map(|(loss, ..)| loss) {
        for dialect in Dialect::ALL {
            let entries: Vec<&str> =
                LOSSES.iter().filter(|(l, d, _)| l == loss && d.contains(&dialect)).map(|(.., when)| *when).collect();
            let (always, never) = (entries.contains(&""), entries.is_empty());
            let told = servers().map(|adapted| {
                let written = wire(dialect).write_request("m", &asking(loss), &adapted, false);
                // What is refused as a whole is in the other table.
                written.map_or_else(|_| always && !never, |w| w.losses.iter().any(|lost| same(lost, loss)))
            });
            // Some are about dialects that a request came from, and are their own in one.
            let own = dialect == Dialect::Gemini && matches!(loss, Loss::ProviderTool | Loss::Word(_) | Loss::Extra(_));
            if own {
                assert_eq!(told, [false; 3], "{loss:?} at its own");
            } else if always {
                assert_eq!(told, [true; 3], "{loss:?} is always lost in {dialect:?}");
            } else if never {
                assert_eq!(told, [false; 3], "{loss:?} is never lost in {dialect:?}");
            } else {
                assert!(told.contains(&true), "{loss:?} is lost in {dialect:?}: {entries:?}");
            }
        }
    }
}

#[test]
fn every_loss_has_a_name_of_its_own_and_a_sentence() {
    let mut names: Vec<String> =
        LOSSES.iter().map(|(loss, ..)| format!("{} {}", loss.name(), loss.sentence())).collect();
    names.sort();
    names.dedup();
    let mut kinds: Vec<&Loss> = LOSSES.iter().map(|(loss, ..)| loss).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(names.len(), kinds.len());
    for (loss, ..) in LOSSES {
        let sentence = loss.sentence();
        assert!(sentence.len() > 10 && !sentence.ends_with('.'), "{sentence}");
        assert!(loss.name().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", loss.name());
    }
    assert_eq!(Loss::Extra("n".into()).sentence(), "n is left out: it is not taken over into another dialect");
}

#[test]
fn a_field_that_a_caller_named_is_told_as_one_short_word_and_of_many_a_few() {
    let asking = crate::wire::Asking { model: Some("m"), stream: None, purpose: Purpose::Ask };
    let losses = |body: &Value, from: Dialect| {
        let asked = surface(from).read_request(body.to_string().as_bytes(), &asking).unwrap();
        let to = if from == Dialect::Gemini { Dialect::OpenAiChat } else { Dialect::Gemini };
        let written = wire(to).write_request("m", &asked.request, &servers()[0], false).unwrap();
        [asked.losses, written.losses].concat()
    };
    let long = "k".repeat(1 << 20);
    let turns = json!([{ "role": "user", "content": "2+2?" }]);
    for name in ["a\r\nb: c", "a, b", "läuft", "\u{1b}[31m", "", long.as_str()] {
        let chat = json!({ "messages": turns, name: 1 });
        let config = json!({ "messages": turns, "max_tokens": 1, "output_config": { name: 1 } });
        let deep = json!({ "input": "2+2?", "reasoning": { name: 1 } });
        for (body, from) in
            [(chat, Dialect::OpenAiChat), (config, Dialect::AnthropicMessages), (deep, Dialect::OpenAiResponses)]
        {
            let told = losses(&body, from);
            assert_eq!(told.len(), 1, "{from:?}: {told:?}");
            let word = told[0].name();
            let safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            assert!((1..=64).contains(&word.len()) && word.chars().all(safe), "{from:?}: {word}");
            assert!(told[0].sentence().len() < 160 && !told[0].sentence().contains(char::is_control));
        }
    }
    // However it came to be.
    assert_eq!(Loss::Extra("a\r\nb".into()).name(), "field");
    let many = |n: usize| (0..n).map(|n| (format!("f{n}"), json!(1))).collect::<serde_json::Map<_, _>>();
    let mut body = many(100_000);
    body.insert("messages".into(), turns);
    let told = losses(&Value::Object(body), Dialect::OpenAiChat);
    assert_eq!(told.len(), 33);
    assert_eq!(told[32].sentence(), "further fields that are not taken over into another dialect are left out");
    let told = losses(&json!({ "input": "2+2?", "reasoning": many(1_000) }), Dialect::OpenAiResponses);
    assert_eq!((told.len(), told[32].name()), (33, "..."));
}

#[test]
fn what_a_request_is_about_is_not_left_out_but_refused() {
    let url = Source::Url("https://a.b/c".into());
    let file = Source::File { dialect: Dialect::Gemini, id: "f".into(), media_type: None };
    for (refused, block) in [
        (Refused::ForeignFile, Block::Document { source: file, name: None }),
        (Refused::Audio, Block::Audio { source: Source::data("audio/wav", "AAAA") }),
        (Refused::Document, Block::document("application/zip", "AAAA", None)),
        (Refused::ImageUrl, Block::Image { source: url.clone(), detail: None }),
        (Refused::DocumentUrl, Block::Document { source: url, name: None }),
        (Refused::Twins, Block::Text("a".into())),
        (
            Refused::Inside,
            Block::ToolResult {
                id: "c".into(),
                name: "add".into(),
                content: String::new(),
                is_error: false,
                parts: vec![Block::image("image/png", "AAAA")],
            },
        ),
    ] {
        let (_, dialects) = REFUSED.iter().find(|(known, _)| *known == refused).unwrap();
        for dialect in Dialect::ALL {
            let mut request = Request { messages: vec![said(Role::User, vec![block.clone()])], ..asked() };
            if refused == Refused::Inside {
                request.messages.insert(0, said(Role::Assistant, vec![call("c", "{}")]));
            }
            if refused == Refused::Twins {
                request.tools = ["Adds.", "Joins."].map(|about| ToolSpec::new("add", about, Value::Null)).to_vec();
            }
            let told = wire(dialect).write_request("m", &request, &servers()[0], false);
            let own = refused == Refused::ForeignFile && dialect == Dialect::Gemini;
            match told {
                Err(failure) => {
                    assert!(dialects.contains(&dialect), "{refused:?} is not refused in {dialect:?}");
                    assert!(failure.message.ends_with(refused.sentence()), "{}", failure.message);
                    assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, crate::model::Scope::Model));
                }
                Ok(_) => assert!(own || !dialects.contains(&dialect), "{refused:?} in {dialect:?}"),
            }
        }
    }
}

#[test]
fn a_tool_whose_name_does_not_fit_is_renamed_on_the_way_and_returns_under_its_own() {
    let long = "a".repeat(200);
    for name in ["files.read", "mcp:find it", "9lives", &long, "läuft"] {
        for dialect in Dialect::ALL.into_iter().filter(|d| *d != Dialect::Ollama) {
            let mut request = with_tools(ToolChoice::Named(name.into()));
            request.tools[0].name = name.into();
            request.tools.push(ToolSpec::new("files_read", "", Value::Null));
            request.messages.push(said(Role::Assistant, vec![Block::call("c", name, "{}")]));
            request.messages.push(said(Role::User, vec![Block::result("c", name, "4", false)]));
            let mut written = wire(dialect).write_request("m", &request, &servers()[0], false).unwrap();
            let body = wire(dialect).show(&written.body);
            let sent = surface(dialect)
                .read_request(
                    &written.body,
                    &crate::wire::Asking { model: Some("m"), stream: None, purpose: Purpose::Ask },
                )
                .unwrap()
                .request;
            let renamed = sent.tools[0].name.clone();
            let gemini = dialect == Dialect::Gemini;
            let fits = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c) || (gemini && ".:".contains(c));
            assert!(renamed.len() <= 128 && renamed.chars().all(fits), "{renamed}");
            assert_ne!(renamed, "files_read");
            assert_eq!(sent.tool_choice, ToolChoice::Named(renamed.clone()), "{body}");
            let called = sent.messages.iter().flat_map(|m| &m.blocks).find_map(|b| match b {
                Block::ToolCall { name, .. } => Some(name.clone()),
                _ => None,
            });
            assert_eq!(called.as_ref(), Some(&renamed), "the history names the same tool");
            let kind = |name: &str| BlockKind::ToolCall { id: "d".into(), name: name.into(), custom: false };
            let mut events = vec![Event::BlockStart { index: 0, kind: kind(&renamed) }];
            written.names.back(&mut events);
            assert_eq!(events, [Event::BlockStart { index: 0, kind: kind(name) }]);
        }
    }
}

#[test]
fn a_tool_of_plain_text_is_told_as_one_of_objects_and_its_calls_return_as_text() {
    let mut request = with_tools(ToolChoice::Auto);
    request.tools[0].custom = Some(Custom::Text);
    let mut written = wire(Dialect::Gemini).write_request("m", &request, &servers()[0], false).unwrap();
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    let parameters = &body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"];
    assert_eq!(parameters["required"], json!(["input"]));
    let start = |custom| Event::BlockStart {
        index: 0,
        kind: BlockKind::ToolCall { id: "c".into(), name: "add".into(), custom },
    };
    let input = |json: &str| Event::ToolInput { index: 0, json: json.into() };
    let end = || Event::BlockEnd { index: 0 };
    let mut events = vec![start(false), input("{\"inp"), input("ut\":\"1 \\\"and\\\" 2\"}"), end()];
    written.names.clone().back(&mut events);
    assert_eq!(events, [start(true), input("1 \"and\" 2"), end()]);
    let mut events = vec![start(false), input("no json"), end()];
    written.names.back(&mut events);
    assert_eq!(events, [start(true), input("no json"), end()], "what a model says otherwise is kept");
}

#[test]
fn an_id_that_anthropic_does_not_take_is_changed_alike_in_call_and_result() {
    let messages = vec![
        Message::user("2+2?"),
        said(Role::Assistant, vec![call("a.b:c", "{}"), call("a_b_c", "{}")]),
        said(Role::User, vec![result("a.b:c", "4", false), result("a_b_c", "5", false)]),
    ];
    let body = body(Dialect::AnthropicMessages, &Request { messages, ..with_tools(ToolChoice::Auto) });
    let (calls, results) = (&body["messages"][1]["content"], &body["messages"][2]["content"]);
    assert_eq!(calls[0]["id"], results[0]["tool_use_id"]);
    assert_eq!((&calls[1]["id"], &results[1]["tool_use_id"]), (&json!("a_b_c"), &json!("a_b_c")));
    let id = calls[0]["id"].as_str().unwrap();
    assert!(id.starts_with("a_b_c_") && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{id}");
}

#[test]
fn instructions_before_all_else_lose_nothing_unsaid() {
    let pixel = "data:image/png;base64,iVBORw0KGgo=";
    let shows = json!({ "type": "image_url", "image_url": { "url": pixel } });
    let text = json!({ "type": "text", "text": "Be short." });
    let turns = |system: Value| json!({ "messages": [system, { "role": "user", "content": "2+2?" }] });
    let chat = turns(json!({ "role": "system", "name": "ann", "content": [text, shows, { "type": "hum" }] }));
    let ollama = turns(json!({ "role": "system", "content": "Be short.", "images": ["iVBORw0KGgo="] }));
    let parts = json!([{ "type": "input_text", "text": "Be short." }, { "type": "input_image", "image_url": pixel }]);
    let responses =
        json!({ "input": [{ "role": "developer", "content": parts }, { "role": "user", "content": "2+2?" }] });
    let image = Loss::extra("system.content");
    let user = json!([{ "role": "user", "content": "2+2?" }]);
    let inside =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo=" } });
    let anthropic = json!({ "max_tokens": 9, "messages": user, "system": [text, inside, { "type": "hum" }] });
    let drawn = json!({ "inlineData": { "mimeType": "image/png", "data": "iVBORw0KGgo=" } });
    let gemini = json!({ "contents": [{ "parts": [{ "text": "2+2?" }] }],
        "system_instruction": { "parts": [{ "text": "Be short." }, drawn, { "hum": {} }] } });
    for (dialect, body, lost) in [
        (Dialect::OpenAiChat, chat, vec![Loss::SpeakerName, Loss::Opaque, image.clone()]),
        (Dialect::Ollama, ollama, vec![image.clone()]),
        (Dialect::OpenAiResponses, responses, vec![image.clone()]),
        (Dialect::AnthropicMessages, anthropic, vec![Loss::Opaque, image.clone()]),
        (Dialect::Gemini, gemini, vec![Loss::Opaque, image]),
    ] {
        let asked = surface(dialect).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap();
        assert_eq!((asked.request.system.as_str(), asked.losses), ("Be short.", lost), "{dialect:?}");
        assert_eq!(asked.request.messages, [Message::user("2+2?")]);
    }
}

#[test]
fn a_turn_of_a_thought_alone_is_sent_back_or_told() {
    let alone = said(Role::Assistant, vec![thought("hm", None, tag("a"))]);
    let request = Request { messages: vec![Message::user("2+2?"), alone, Message::user("so?")], ..asked() };
    // What Gemini shows of its thoughts it never wants back.
    for dialect in Dialect::ALL.into_iter().filter(|dialect| *dialect != Dialect::Gemini) {
        let quirks = Quirks { thoughts_back: true, ..Quirks::default() };
        let adapted = Adapted { tag: tag("a"), quirks, ..requests::able(dialect, &request) };
        let written = wire(dialect).write_request("m", &request, &adapted, true).unwrap();
        let sent = surface(dialect).read_request(&written.body, &requests::ASKING).unwrap().request;
        let thoughts = sent.messages.iter().flat_map(|m| &m.blocks).filter(|b| matches!(b, Block::Thought { .. }));
        let told = written.losses.contains(&Loss::Thoughts);
        assert_eq!(thoughts.count() == 0, told, "{dialect:?}: {:?}", wire(dialect).show(&written.body));
    }
}

#[test]
fn instructions_alone_are_answered_as_a_turn_of_the_user() {
    let request = Request { messages: Vec::new(), ..asked() };
    let sent = body(Dialect::AnthropicMessages, &request);
    assert_eq!(sent["messages"], json!([{ "role": "user", "content": [{ "type": "text", "text": "." }] }]));
    let sent = body(Dialect::Gemini, &request);
    assert_eq!(sent["contents"], json!([{ "role": "user", "parts": [{ "text": "." }] }]));
}

#[test]
fn a_temperature_beyond_what_the_dialect_takes_is_told() {
    for (wished, sent, told) in [(-0.5, 0.0, true), (0.0, 0.0, false), (1.0, 1.0, false), (1.5, 1.0, true)] {
        let sampling = Sampling { temperature: Some(wished), ..Sampling::default() };
        let adapted = Adapted { sampling: true, ..Adapted::default() };
        let written = wire(Dialect::AnthropicMessages);
        let written = written.write_request("m", &Request { sampling, ..asked() }, &adapted, false).unwrap();
        let body: Value = serde_json::from_slice(&written.body).unwrap();
        assert_eq!((&body["temperature"], written.losses.contains(&Loss::Temperature)), (&json!(sent), told));
    }
}
