//! Requests written and read again are the same, in every dialect, as far as its table of losses goes.

use proptest::prelude::*;

use super::pairs::{lives, ttl};
use super::*;
use crate::model::{Cache, Citation, Custom, Extra, Seal, Service, Source, Verbosity};
use crate::wire::{Asking, Quirks};

pub(super) const ASKING: Asking<'static> = Asking { model: Some("m"), stream: Some(true), purpose: Purpose::Ask };

/// Everything is understood.
pub(super) fn able(dialect: Dialect, request: &Request) -> Adapted {
    let level = request.effort.level;
    Adapted {
        thinking: match (dialect, level) {
            (_, Effort::Auto) => Thinking::Unset,
            (Dialect::AnthropicMessages, level) => Thinking::Adaptive(Some(level)),
            (_, level) => Thinking::Level(level),
        },
        max_output: request.max_output,
        sampling: true,
        structured: true,
        reasons: true,
        breakpoints: true,
        // Responses has no word for them: the client ends such an answer itself (`client::attempt`).
        cut_stops: dialect == Dialect::OpenAiResponses,
        quirks: Quirks {
            max_tokens_field: "max_completion_tokens".to_owned(),
            strict: true,
            store: true,
            newest: true,
            top_k: true,
            ..Quirks::default()
        },
        ..Adapted::default()
    }
}

fn words() -> impl Strategy<Value = String> {
    "[a-z][a-zé\"\\\\ ]{0,8}[a-z]"
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        Just(Source::data("image/png", "iVBORw0KGgo=")),
        Just(Source::Url("https://example.com/a.png".to_owned()))
    ]
}

fn shown() -> impl Strategy<Value = Block> {
    let detail = prop::option::of(prop::sample::select(vec!["low".to_owned(), "high".to_owned()]));
    (source(), detail).prop_map(|(source, detail)| Block::Image { source, detail })
}

fn document() -> impl Strategy<Value = Block> {
    let source = prop_oneof![
        Just(Source::data("application/pdf", "JVBERi0xLjQK")),
        words().prop_map(Source::Text),
        Just(Source::Url("https://example.com/a.pdf".to_owned()))
    ];
    (source, prop::option::of(Just("a.pdf".to_owned()))).prop_map(|(source, name)| Block::Document { source, name })
}

fn asked_blocks() -> impl Strategy<Value = Vec<Block>> {
    let block = prop_oneof![
        4 => words().prop_map(Block::Text),
        1 => shown(),
        1 => document(),
        1 => Just(Block::Audio { source: Source::data("audio/wav", "UklGRg==") }),
    ];
    (prop::collection::vec(block, 1..3), prop::option::of(ttl())).prop_map(|(mut blocks, mark)| {
        blocks.extend(mark.map(Block::Mark));
        blocks
    })
}

/// An answer: thought, text, calls; then what the tools said.
fn step() -> impl Strategy<Value = (Vec<Block>, Vec<Block>)> {
    let call =
        (prop::sample::select(vec!["add", "find_it"]), prop::bool::ANY, prop::bool::ANY, words(), prop::bool::ANY);
    let calls = prop::collection::vec(call, 0..3);
    (prop::option::of(words()), prop::option::of(words()), calls, prop::option::of(shown())).prop_map(
        |(thought, text, calls, file)| {
            let (mut answer, mut results) = (Vec::new(), Vec::new());
            answer.extend(thought.map(|t| super::thought(&t, Some("id\nc2VhbA=="), None)));
            answer.extend(text.map(Block::Text));
            for (name, custom, sealed, said, is_error) in calls {
                answer.push(Block::ToolCall {
                    id: String::new(),
                    name: name.to_owned(),
                    input: if custom { said.clone() } else { json!({ "a": said }).to_string() },
                    custom,
                    seal: sealed.then(|| Seal { text: "c2lnbg==".to_owned(), tag: None }),
                });
                results.push(Block::ToolResult {
                    id: String::new(),
                    name: name.to_owned(),
                    content: said,
                    is_error,
                    parts: file.iter().cloned().collect(),
                });
            }
            if answer.is_empty() {
                answer.push(Block::Text("yes".to_owned()));
            }
            (answer, results)
        },
    )
}

fn wishes() -> impl Strategy<Value = Request> {
    let sampling = (
        prop::option::of(prop::sample::select(vec![0.0, 0.5, 1.0])),
        prop::option::of(Just(0.25)),
        prop::option::of(1_u64..50),
        prop::option::of(-5_i64..5),
        prop::option::of(Just(0.5)),
    );
    let sampling = sampling.prop_map(|(temperature, top_p, top_k, seed, penalty)| Sampling {
        temperature,
        top_p,
        top_k,
        seed,
        presence_penalty: penalty,
        frequency_penalty: penalty,
        habit: false,
    });
    let choice = prop::sample::select(vec![
        ToolChoice::Auto,
        ToolChoice::None,
        ToolChoice::Required,
        ToolChoice::Named("add".to_owned()),
        ToolChoice::Among { must: true, names: vec!["add".to_owned(), "find_it".to_owned()] },
        ToolChoice::Among { must: false, names: vec!["add".to_owned()] },
    ]);
    let format = (prop::option::of(prop::option::of(words())), prop::bool::ANY);
    let told = (
        prop::option::of(Just("user-1".to_owned())),
        prop::option::of(prop::sample::select(vec![
            Service::Standard,
            Service::Flex,
            Service::Priority,
            Service::Fast,
        ])),
        prop::option::of(prop::sample::select(vec![Verbosity::Low, Verbosity::High])),
        prop::option::of(prop::bool::ANY),
        prop::option::of(Just("key".to_owned())),
        prop::collection::vec(prop::option::of(ttl()), 3),
    );
    (
        prop::option::of(words()),
        sampling,
        (choice, prop::option::of(prop::bool::ANY), prop::bool::ANY),
        format,
        told,
        (prop::collection::vec(words(), 0..3), prop::option::of(1_u32..9_000)),
        prop::sample::select(vec![Effort::Auto, Effort::None, Effort::Low, Effort::High]),
    )
        .prop_map(
            |(system, sampling, (tool_choice, parallel, strict), (schema, json), told, (stop, max_output), effort)| {
                let (user, service, verbosity, show_thoughts, key, marks) = told;
                let shape = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
                let tools = vec![
                    ToolSpec { strict: strict.then_some(true), ..ToolSpec::new("add", "Adds.", shape.clone()) },
                    ToolSpec::new("find_it", "", Value::Null),
                ];
                Request {
                    // Nothing is marked where nothing is said.
                    cache: Cache {
                        tools: marks[0],
                        system: marks[1].filter(|_| system.is_some()),
                        last: marks[2],
                        key,
                    },
                    system: system.unwrap_or_default(),
                    sampling,
                    tools,
                    tool_choice,
                    parallel,
                    json: json && schema.is_none(),
                    schema: schema.map(|description| Schema {
                        description,
                        strict: Some(true),
                        ..Schema::new("answer", shape)
                    }),
                    user,
                    service,
                    verbosity,
                    show_thoughts,
                    stop,
                    max_output,
                    effort: effort.into(),
                    stream: true,
                    ..Request::text("m", Purpose::Ask, "")
                }
            },
        )
}

fn request() -> impl Strategy<Value = Request> {
    let turns = prop::collection::vec((asked_blocks(), step()), 1..3);
    (wishes(), turns, words(), prop::option::of(words()), prop::bool::ANY).prop_map(
        |(wishes, turns, last, middle, custom)| {
            let mut messages: Vec<Message> = Vec::new();
            let (mut number, mut before) = (0, Vec::new());
            for (asked, (mut answer, mut results)) in turns {
                for (call, result) in
                    answer.iter_mut().filter(|b| matches!(b, Block::ToolCall { .. })).zip(results.iter_mut())
                {
                    number += 1;
                    if let (Block::ToolCall { id, .. }, Block::ToolResult { id: answered, .. }) = (call, result) {
                        *id = format!("c{number}");
                        id.clone_into(answered);
                    }
                }
                let mut blocks: Vec<Block> = std::mem::take(&mut before);
                blocks.extend(asked);
                messages.push(said(Role::User, blocks));
                let mut message = said(Role::Assistant, answer);
                if message.blocks.iter().any(|b| matches!(b, Block::Text(_))) {
                    message.about.phase = Some("commentary".to_owned());
                }
                messages.push(message);
                before = results;
            }
            if let Some(middle) = middle {
                if !before.is_empty() {
                    messages.push(said(Role::User, std::mem::take(&mut before)));
                }
                messages.push(said(Role::System, vec![Block::Text(middle)]));
            }
            // Where it must be said, and is not, we do.
            before.push(Block::Text(if wishes.json { format!("{last} json") } else { last }));
            messages.push(said(Role::User, before));
            let mut request = Request { messages, ..wishes };
            if custom {
                let grammar = Custom::Grammar { syntax: "regex".to_owned(), definition: "[a-z]+".to_owned() };
                request
                    .tools
                    .push(ToolSpec { custom: Some(grammar), ..ToolSpec::new("free", "Takes text.", Value::Null) });
            }
            request
        },
    )
}

/// The request without what the dialect cannot say, and with what it says by itself.
fn sayable(dialect: Dialect, mut request: Request) -> Request {
    use Dialect::{
        AnthropicMessages as A, Gemini as G, Ollama as O, OpenAiChat as C, OpenAiResponses as R, XaiGrpc as X,
    };
    let (c, r, a, g, o, x) = (dialect == C, dialect == R, dialect == A, dialect == G, dialect == O, dialect == X);
    let openai = c || r;
    if a {
        request.max_output.get_or_insert(100);
    }
    if !openai {
        request.tools.retain(|tool| tool.custom.is_none());
        (request.verbosity, request.cache.key) = (None, None);
    }
    if g || o {
        request.user = None;
        request.tools.iter_mut().for_each(|tool| tool.strict = None);
    }
    request.service = request.service.filter(|service| match service {
        Service::Standard => !o,
        Service::Fast => a,
        Service::Priority => openai || g || x,
        _ => openai || g,
    });
    if !a {
        request.cache =
            Cache { system: request.cache.system.filter(|_| c), key: request.cache.key, ..Cache::default() };
    }
    if request.system.is_empty() || (!a && !c) {
        request.cache.system = None;
    }
    let cache = &mut request.cache;
    let marks = [&mut cache.tools, &mut cache.system, &mut cache.last].into_iter().flatten();
    marks.for_each(|ttl| *ttl = lives(dialect, *ttl));
    if r {
        request.stop.clear();
        (request.sampling.top_k, request.sampling.seed) = (None, None);
    }
    if x {
        request.sampling.top_k = None;
    }
    if r || a {
        (request.sampling.presence_penalty, request.sampling.frequency_penalty) = (None, None);
        request.sampling.seed = None;
    }
    request.json &= !a;
    if let Some(schema) = request.schema.as_mut().filter(|_| !openai) {
        (schema.description, schema.strict) = (None, None);
    }
    request.parallel = match request.parallel {
        Some(false) if a && request.tool_choice != ToolChoice::None => Some(false),
        parallel => parallel.filter(|_| openai || x),
    };
    request.show_thoughts = match dialect {
        A if request.effort.level != Effort::Auto => Some(request.show_thoughts.unwrap_or(true)),
        G => match request.effort.level {
            Effort::Auto => request.show_thoughts.filter(|shown| *shown),
            Effort::None => Some(false),
            _ => Some(request.show_thoughts.unwrap_or(true)),
        },
        R if request.effort.level != Effort::None => request.show_thoughts.filter(|shown| *shown),
        _ => None,
    };
    request.tool_choice = match request.tool_choice {
        ToolChoice::Among { .. } if a || o || x => ToolChoice::Auto,
        // One of one is that one.
        ToolChoice::Among { must: true, names } if g && names.len() == 1 => ToolChoice::Named(names[0].clone()),
        ToolChoice::None | ToolChoice::Required | ToolChoice::Named(_) if o => ToolChoice::Auto,
        choice => choice,
    };
    if a || g {
        request.messages.retain(|m| m.role != Role::System);
    }
    for message in &mut request.messages {
        if !r {
            message.about.phase = None;
        }
        let answer = message.role == Role::Assistant;
        message.blocks.retain(|block| match block {
            Block::Image { source: Source::Url(_), .. } => !g && !o,
            Block::Document { source: Source::Url(_), .. } => r || a || x,
            // Told as a text of the turn.
            Block::Document { source: Source::Text(_), .. } if x || c => false,
            Block::Document { .. } => !o,
            Block::Audio { .. } => c || g,
            Block::Mark(_) => a || openai,
            Block::Thought { .. } => !c,
            _ => true,
        });
        for block in &mut message.blocks {
            match block {
                Block::Mark(ttl) => *ttl = lives(dialect, *ttl),
                Block::Image { detail, .. } if !openai && !x => *detail = None,
                Block::Document { source: Source::Url(_), name } if r => *name = None,
                Block::Document { name, .. } if g => *name = None,
                Block::Thought { seal, .. } if o => *seal = None,
                Block::ToolCall { custom, seal, input, .. } => {
                    if !openai && *custom {
                        *custom = false;
                        *input = json!({ "a": input }).to_string();
                    }
                    if !g && !c {
                        *seal = None;
                    }
                }
                Block::ToolResult { is_error, parts, .. } => {
                    *is_error &= a || g;
                    if c || o || x {
                        parts.clear();
                    }
                    if g {
                        parts.retain(|p| matches!(p, Block::Image { source: Source::Data { .. }, .. }));
                    }
                    for part in parts {
                        if let Block::Image { detail, .. } = part
                            && !openai
                        {
                            *detail = None;
                        }
                    }
                }
                _ => {}
            }
        }
        if answer && message.blocks.iter().all(|b| matches!(b, Block::Thought { .. })) {
            message.blocks.push(Block::Text("yes".to_owned()));
        }
    }
    // A mark needs something to stand after.
    for message in &mut request.messages {
        let mut before = false;
        message.blocks.retain(|block| {
            let kept = !matches!(block, Block::Mark(_)) || before;
            before = matches!(block, Block::Text(_) | Block::Image { .. } | Block::Document { .. });
            kept
        });
    }
    for message in &mut request.messages {
        if matches!(message.blocks.first(), Some(Block::Mark(_)) | None) {
            message.blocks.insert(0, Block::Text("so".to_owned()));
        }
        if !a {
            continue;
        }
        // Four are taken, and the request has three of its own.
        message.blocks.retain(|b| !matches!(b, Block::Mark(_)));
    }
    if o {
        // One text of a turn is all it has, before its images.
        for message in &mut request.messages {
            let text = message.blocks.iter().find(|b| matches!(b, Block::Text(_))).cloned();
            message.blocks.retain(|b| !matches!(b, Block::Text(_) | Block::Image { .. }));
            let at =
                message.blocks.iter().position(|b| matches!(b, Block::ToolCall { .. })).unwrap_or(message.blocks.len());
            message.blocks.splice(at..at, text);
            if message.blocks.iter().all(|b| matches!(b, Block::Thought { .. })) {
                message.blocks.push(Block::Text("so".to_owned()));
            }
        }
    }
    // Turns of one speaker are one.
    let mut merged: Vec<Message> = Vec::new();
    for message in std::mem::take(&mut request.messages) {
        match merged.last_mut() {
            Some(last) if last.role == message.role && last.about.is_empty() && message.about.is_empty() => {
                last.blocks.extend(message.blocks);
            }
            _ => merged.push(message),
        }
    }
    request.messages = merged;
    for message in &mut request.messages {
        message.blocks.sort_by_key(|b| !matches!(b, Block::ToolResult { .. }) && message.role == Role::User);
    }
    request
}

/// Ids by the order of the calls, for dialects that have none.
fn renumbered(mut request: Request) -> Request {
    let mut ids: Vec<String> = Vec::new();
    for block in request.messages.iter_mut().flat_map(|m| &mut m.blocks) {
        if let Block::ToolCall { id, .. } | Block::ToolResult { id, .. } = block {
            let at = ids.iter().position(|known| known == id).unwrap_or_else(|| {
                ids.push(id.clone());
                ids.len() - 1
            });
            *id = format!("n{at}");
        }
    }
    request
}

fn round(dialect: Dialect, request: &Request) -> (String, Request) {
    let written = wire(dialect).write_request("m", request, &able(dialect, request), true).unwrap();
    assert_eq!(written.losses, [], "{dialect:?} says all of it");
    let asked = surface(dialect).read_request(&written.body, &ASKING).unwrap();
    assert_eq!(asked.losses, [], "{dialect:?}");
    (wire(dialect).show(&written.body), asked.request)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_a_dialect_can_say_is_read_as_it_was_meant(request in request()) {
        for dialect in Dialect::ALL {
            let meant = sayable(dialect, request.clone());
            let (body, read) = round(dialect, &meant);
            prop_assert_eq!(renumbered(read), renumbered(meant), "{:?}: {}", dialect, body);
        }
    }

    #[test]
    fn what_a_dialect_cannot_say_is_told_or_refused_and_what_it_says_stays_the_same(request in request()) {
        for dialect in Dialect::ALL {
            let adapted = able(dialect, &request);
            let first = match wire(dialect).write_request("m", &request, &adapted, true) {
                Ok(first) => first,
                Err(failure) => {
                    prop_assert_eq!(failure.kind, Kind::BadRequest);
                    continue;
                }
            };
            let read = surface(dialect).read_request(&first.body, &ASKING).unwrap().request;
            let second = wire(dialect).write_request("m", &read, &adapted, true).unwrap();
            let again = surface(dialect).read_request(&second.body, &ASKING).unwrap().request;
            let third = wire(dialect).write_request("m", &again, &adapted, true).unwrap();
            prop_assert_eq!(&third.body, &second.body, "{:?}: {:?}", dialect, first.losses);
            if renumbered(read) != renumbered(sayable(dialect, request.clone())) {
                continue;
            }
            // Nothing was lost: then nothing may have been there that the dialect cannot say.
            if first.losses.is_empty() {
                let meant = sayable(dialect, request.clone());
                prop_assert_eq!(&meant.verbosity, &request.verbosity);
                prop_assert!(adapted.cut_stops || meant.stop == request.stop, "{:?}", dialect);
                prop_assert_eq!(&meant.user, &request.user);
                prop_assert_eq!(&meant.cache, &request.cache);
            }
        }
    }

    #[test]
    fn no_body_makes_a_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\":,a-z0-9_ ]{0,120}") {
        for dialect in Dialect::ALL {
            for bytes in [&body[..], text.as_bytes()] {
                if let Err(failure) = surface(dialect).read_request(bytes, &ASKING) {
                    prop_assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, crate::model::Scope::Request));
                }
            }
        }
    }
}

#[test]
fn a_body_of_the_wrong_shape_is_refused_in_words_and_never_quoted() {
    for dialect in json_dialects() {
        for body in [
            "",
            "secret",
            "[\"secret\"]",
            "{\"messages\":\"secret\"}",
            "{\"messages\":[{\"role\":1}],\"contents\":[{\"role\":\"x\"}],\"input\":[{\"role\":\"x\"}]}",
        ] {
            let failure = surface(dialect).read_request(body.as_bytes(), &ASKING).unwrap_err();
            assert_eq!(failure.kind, Kind::BadRequest, "{dialect:?} {body}");
            assert!(!failure.message.contains("secret"), "{}", failure.message);
        }
    }
    for dialect in Dialect::ALL {
        let nameless = Asking { model: None, ..ASKING };
        let empty: &[u8] = if dialect.is_grpc() { b"" } else { b"{}" };
        let failure = surface(dialect).read_request(empty, &nameless).unwrap_err();
        assert_eq!(failure.message, "model: a name is wanted");
    }
}

#[test]
fn of_two_fields_with_one_name_the_last_counts() {
    let body = br#"{"model":"a","model":"b","max_tokens":1,"max_tokens":2,"messages":[{"role":"user","content":"x","content":"y"}]}"#;
    let asked = surface(Dialect::AnthropicMessages).read_request(body, &Asking { model: None, ..ASKING }).unwrap();
    assert_eq!((asked.request.model.0.as_str(), asked.request.max_output), ("b", Some(2)));
    assert_eq!(asked.request.messages, [Message::user("y")]);
}

#[test]
fn what_only_one_dialect_knows_comes_back_there_and_is_told_elsewhere() {
    let bodies = [
        (Dialect::OpenAiChat, json!({ "messages": [], "logit_bias": { "1": 2 }, "tools": [{ "type": "web_search" }] })),
        (Dialect::OpenAiResponses, json!({ "input": [], "truncation": "auto", "tools": [{ "type": "web_search" }] })),
        (
            Dialect::AnthropicMessages,
            json!({ "messages": [], "container": "c", "max_tokens": 1,
            "tools": [{ "type": "web_search_20260318", "name": "web_search" }] }),
        ),
        (
            Dialect::Gemini,
            json!({ "contents": [{ "parts": [{ "text": "x" }] }], "safetySettings": [{ "category": "x" }],
            "generationConfig": { "responseLogprobs": true }, "tools": [{ "googleSearch": {} }] }),
        ),
        (Dialect::Ollama, json!({ "messages": [], "keep_alive": "5m", "options": { "num_ctx": 9 } })),
    ];
    for (dialect, body) in &bodies {
        let asked = surface(*dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap().request;
        let again = written(*dialect, &asked, &able(*dialect, &asked), true);
        for name in ["logit_bias", "truncation", "container", "safetySettings", "keep_alive", "tools", "options"] {
            assert_eq!(again.get(name), body.get(name), "{dialect:?} {name}");
        }
        for other in json_dialects().filter(|other| other != dialect) {
            let adapted = able(other, &asked);
            let losses = wire(other).write_request("m", &asked, &adapted, true).unwrap().losses;
            let extras = asked.extras.iter().map(|extra: &Extra| match extra.name.as_str() {
                "tools" => crate::wire::Loss::ProviderTool,
                name => crate::wire::Loss::Extra(name.to_owned()),
            });
            extras.for_each(|loss| assert!(losses.contains(&loss), "{dialect:?} -> {other:?}: {loss:?} of {losses:?}"));
        }
    }
}

#[test]
fn answers_that_are_not_kept_cannot_be_gone_on_from() {
    for field in ["previous_response_id", "conversation"] {
        let body = json!({ "input": "x", field: "resp_1" });
        let failure = surface(Dialect::OpenAiResponses).read_request(body.to_string().as_bytes(), &ASKING).unwrap_err();
        assert!(failure.message.contains("send the whole conversation"), "{}", failure.message);
    }
}

#[test]
fn a_citation_of_its_own_dialect_returns_and_another_is_told() {
    for (dialect, raw) in [
        (Dialect::AnthropicMessages, json!({ "type": "char_location", "cited_text": "a", "document_index": 0 })),
        (Dialect::OpenAiResponses, json!({ "type": "url_citation", "url": "https://a.b", "title": "t" })),
    ] {
        let cited = |dialect| Block::Cited(Citation { url: None, title: None, quote: None, dialect, raw: raw.clone() });
        let ask = |of| {
            let answer = said(Role::Assistant, vec![Block::Text("4".into()), cited(of)]);
            let request = Request { messages: vec![Message::user("2+2?"), answer, Message::user("so?")], ..asked() };
            wire(dialect).write_request("m", &request, &able(dialect, &request), false).unwrap()
        };
        let own = ask(dialect);
        assert_eq!(own.losses, []);
        let read = surface(dialect).read_request(&own.body, &ASKING).unwrap().request;
        let Block::Cited(back) = &read.messages[1].blocks[1] else { panic!("{:?}", read.messages) };
        assert_eq!(back.raw, raw);
        let foreign = ask(Dialect::Gemini);
        assert_eq!(foreign.losses, [crate::wire::Loss::Citations]);
        assert!(!String::from_utf8(foreign.body).unwrap().contains("url_citation"));
    }
}
