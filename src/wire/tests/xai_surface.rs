//! The other end of xAI's own service: what its callers ask (xai.md, "gRPC").

use proptest::prelude::*;
use prost::Message as _;

use super::requests::{ASKING, able};
use super::xai_grpc::{called, chunk, says, told};
use super::*;
use crate::model::{Custom, Scope, Service, Source};
use crate::wire::proto::xai::{
    Content, Delta, FileContent, Function, GetChatCompletionResponse, GetCompletionsRequest, ImageUrlContent,
    Message as Turn, ResponseFormat, Tool, ToolCall, ToolChoice as Choice, content, image_url_content, tool,
    tool_choice,
};
use crate::wire::{Loss, Reply};

const GRPC: Dialect = Dialect::XaiGrpc;

fn part(content: content::Content) -> Content {
    Content { content: Some(content) }
}

pub(super) fn words(text: &str) -> Content {
    part(content::Content::Text(text.into()))
}

fn shows(url: &str, detail: i32) -> Content {
    let source = Some(image_url_content::Source::ImageUrl(url.into()));
    part(content::Content::ImageUrl(ImageUrlContent { detail, source }))
}

pub(super) fn turn(role: i32, content: Vec<Content>) -> Turn {
    Turn { role, content, ..Turn::default() }
}

fn offers(name: &str, description: &str, parameters: &str) -> Tool {
    let (name, description, parameters) = (name.into(), description.into(), parameters.into());
    Tool { tool: Some(tool::Tool::Function(Function { name, description, parameters, strict: false })) }
}

pub(super) fn asks(messages: Vec<Turn>) -> GetCompletionsRequest {
    GetCompletionsRequest { messages, model: "m".into(), ..GetCompletionsRequest::default() }
}

/// A request of an agent as the SDK builds it.
pub(super) fn agent() -> Vec<u8> {
    let shape = r#"{"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}"#;
    let mut calls = called("call_1", 1, "{\"path\":\"a.rs\"}");
    if let Some(crate::wire::proto::xai::tool_call::Tool::Function(function)) = &mut calls.tool {
        function.name = "read".into();
    }
    GetCompletionsRequest {
        max_tokens: Some(500),
        n: Some(1),
        tools: vec![offers("read", "Reads.", shape)],
        tool_choice: Some(Choice { tool_choice: Some(tool_choice::ToolChoice::Mode(1)) }),
        ..asks(vec![
            turn(3, vec![words("Be short.")]),
            turn(1, vec![words("Look:"), shows("data:image/png;base64,iVBORw0KGgo=", 1)]),
            Turn { tool_calls: vec![calls], ..turn(2, vec![words("I read it.")]) },
            Turn { tool_call_id: Some("call_1".into()), ..turn(5, vec![words("fn main() {}")]) },
            turn(1, vec![words("And now?")]),
        ])
    }
    .encode_to_vec()
}

/// A whole answer as the SDK's `chat.append` puts it into the next request: each output a message.
pub(super) fn brought_back(answer: &[u8]) -> Vec<u8> {
    let answer = GetChatCompletionResponse::decode(answer).unwrap();
    let messages = answer.outputs.into_iter().map(|output| {
        let said: Delta = output.message.unwrap();
        let answers = said.tool_calls.first().filter(|_| said.role == 5).map(|call: &ToolCall| call.id.clone());
        Turn {
            reasoning_content: Some(said.reasoning_content),
            encrypted_content: said.encrypted_content,
            tool_calls: said.tool_calls,
            tool_call_id: answers,
            ..turn(said.role, vec![words(&said.content)])
        }
    });
    asks(messages.collect()).encode_to_vec()
}

pub(super) fn read(body: &[u8]) -> crate::wire::Asked {
    surface(GRPC).read_request(body, &ASKING).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(body: &[u8]) -> String {
    let failure = surface(GRPC).read_request(body, &ASKING).unwrap_err();
    assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, Scope::Request));
    failure.message
}

fn field(number: u64, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_varint(number << 3 | 2, &mut out);
    prost::encoding::encode_varint(value.len() as u64, &mut out);
    [out, value.to_vec()].concat()
}

fn number(number: u64, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_varint(number << 3, &mut out);
    prost::encoding::encode_varint(value, &mut out);
    out
}

pub(super) fn reply() -> Reply {
    Reply { id: "answer-1".into(), model: "m".into(), created: 1_790_000_000, usage: true, ..Reply::default() }
}

#[test]
fn everything_a_caller_can_say_has_its_place() {
    let sent = GetCompletionsRequest {
        frequency_penalty: Some(0.1),
        presence_penalty: Some(-0.2),
        temperature: Some(0.7),
        top_p: Some(0.9),
        seed: Some(-7),
        stop: vec!["###".into()],
        user: "u-1".into(),
        n: Some(1),
        max_tokens: Some(64),
        response_format: Some(ResponseFormat { format_type: 3, schema: Some("{\"type\": \"object\"}".into()) }),
        tools: vec![offers("add", "Adds.", "{}"), offers("free", "", r#"{"type":"object","properties":{}}"#)],
        tool_choice: Some(Choice { tool_choice: Some(tool_choice::ToolChoice::FunctionName("add".into())) }),
        parallel_tool_calls: Some(false),
        reasoning_effort: Some(5),
        use_encrypted_content: true,
        service_tier: 2,
        ..asks(vec![
            turn(6, vec![words("Be short.")]),
            Turn { name: "ann".into(), ..turn(1, vec![words("Look:"), shows("https://a.b/c.png", 3)]) },
        ])
    };
    let asked = read(&sent.encode_to_vec());
    assert!(asked.usage && asked.losses.is_empty() && asked.request.extras.is_empty(), "{asked:?}");
    let request = asked.request;
    let sampling = request.sampling;
    assert_eq!((sampling.temperature, sampling.top_p, sampling.seed), (Some(0.7), Some(0.9), Some(-7)));
    assert_eq!((sampling.presence_penalty, sampling.frequency_penalty), (Some(-0.2), Some(0.1)));
    assert_eq!((request.stop.as_slice(), request.user.as_deref()), (&["###".to_owned()][..], Some("u-1")));
    assert_eq!((request.max_output, request.parallel), (Some(64), Some(false)));
    assert_eq!((request.service, request.effort.level), (Some(Service::Priority), Effort::XHigh));
    assert_eq!(request.schema, Some(Schema::new("answer", json!({ "type": "object" }))));
    assert_eq!(request.tool_choice, ToolChoice::Named("add".into()));
    let tools = [ToolSpec::new("add", "Adds.", json!({})), ToolSpec::new("free", "", Value::Null)];
    assert_eq!((request.system.as_str(), &request.tools[..]), ("Be short.", &tools[..]));
    let image = Block::Image { source: Source::Url("https://a.b/c.png".into()), detail: Some("high".into()) };
    let mut said = said(Role::User, vec![Block::Text("Look:".into()), image]);
    said.about.name = Some("ann".into());
    assert_eq!(request.messages, [said]);
    // The method says whether a stream is wanted, and an id of a user that is safe to know comes first.
    assert!(request.stream);
    let asking = crate::wire::Asking { stream: Some(false), model: None, ..ASKING };
    let sent = GetCompletionsRequest { safety_identifier: Some("s-1".into()), ..sent };
    let asked = surface(GRPC).read_request(&sent.encode_to_vec(), &asking).unwrap().request;
    assert_eq!((asked.stream, asked.model.0.as_str(), asked.user.as_deref()), (false, "m", Some("s-1")));
}

#[test]
fn words_that_this_version_does_not_know_leave_it_to_the_model() {
    let sent = GetCompletionsRequest {
        reasoning_effort: Some(77),
        service_tier: 77,
        max_tokens: Some(-1),
        temperature: Some(f32::NAN),
        response_format: Some(ResponseFormat { format_type: 77, schema: Some("{".into()) }),
        tool_choice: Some(Choice { tool_choice: Some(tool_choice::ToolChoice::Mode(77)) }),
        ..asks(vec![turn(1, vec![shows("https://a.b/c.png", 77)])])
    };
    let crate::wire::Asked { request, losses, .. } = read(&sent.encode_to_vec());
    assert_eq!(losses, ["reasoning_effort", "response_format", "tool_choice"].map(Loss::Word));
    assert!(request.effort.idle() && request.schema.is_none() && !request.json);
    assert_eq!((request.max_output, request.sampling.temperature), (None, None));
    assert_eq!((request.tool_choice, request.service), (ToolChoice::Auto, Some(Service::Other)));
    let json = GetCompletionsRequest {
        response_format: Some(ResponseFormat { format_type: 2, schema: None }),
        ..asks(Vec::new())
    };
    assert!(read(&json.encode_to_vec()).request.json);
}

#[test]
fn documents_come_as_bytes_as_addresses_and_as_ids() {
    let file = |file| part(content::Content::File(file));
    let sent = asks(vec![turn(
        1,
        vec![
            file(FileContent {
                data: vec![4, 16, 65],
                filename: "a.pdf".into(),
                mime_type: "application/pdf".into(),
                ..Default::default()
            }),
            file(FileContent { url: "https://a.b/c.pdf".into(), filename: "c.pdf".into(), ..Default::default() }),
            file(FileContent { file_id: "file-1".into(), mime_type: "application/pdf".into(), ..Default::default() }),
            file(FileContent {
                data: b"so".to_vec(),
                filename: "document".into(),
                mime_type: "text/plain".into(),
                ..Default::default()
            }),
            part(content::Content::ImageUrl(ImageUrlContent {
                detail: 1,
                source: Some(image_url_content::Source::FileId("file-2".into())),
            })),
        ],
    )]);
    let request = read(&sent.encode_to_vec()).request;
    let stored = |id: &str| Source::File { dialect: GRPC, id: id.into(), media_type: None };
    assert_eq!(
        request.messages[0].blocks,
        [
            Block::document("application/pdf", "BBBB", Some("a.pdf".into())),
            Block::Document { source: Source::Url("https://a.b/c.pdf".into()), name: Some("c.pdf".into()) },
            Block::Document {
                source: Source::File { dialect: GRPC, id: "file-1".into(), media_type: Some("application/pdf".into()) },
                name: None
            },
            Block::document("text/plain", "c28=", None),
            Block::Image { source: stored("file-2"), detail: None },
        ]
    );
    let written = wire(GRPC).write_request("m", &request, &able(GRPC, &request), true).unwrap();
    assert_eq!(written.losses, []);
    let again = GetCompletionsRequest::decode(&written.body[..]).unwrap();
    assert_eq!(again.messages, sent.messages, "and go back as they came");
    let typed = FileContent { url: "https://a.b/c".into(), mime_type: "application/pdf".into(), ..Default::default() };
    let asked = read(&asks(vec![turn(1, vec![file(typed)])]).encode_to_vec());
    assert_eq!(asked.losses, [Loss::extra("messages.file.mime_type")], "an address has no place for it");
}

#[test]
fn instructions_before_all_else_are_text_and_what_else_they_hold_is_told() {
    let system = Turn {
        name: "ann".into(),
        encrypted_content: "c2VhbA==".into(),
        ..turn(3, vec![words("Be short."), shows("https://a.b/c.png", 1)])
    };
    let asked = read(&asks(vec![system, turn(1, vec![words("2+2?")])]).encode_to_vec());
    assert_eq!(asked.request.system, "Be short.");
    assert_eq!(asked.losses, [Loss::SpeakerName, Loss::Opaque, Loss::extra("system.content")]);
}

#[test]
fn a_result_without_an_id_answers_the_first_call_that_waits() {
    let calls = ["c1", "", "c3"].map(|id| called(id, 1, "{}")).to_vec();
    let result =
        |id: Option<&str>, said: &str| Turn { tool_call_id: id.map(str::to_owned), ..turn(5, vec![words(said)]) };
    let sent = asks(vec![
        turn(1, vec![words("2+2?")]),
        Turn { tool_calls: calls, ..turn(2, vec![words("")]) },
        result(Some("c1"), "one"),
        result(None, "two"),
        result(Some(""), "three"),
        turn(4, vec![words("nobody asked")]),
    ]);
    let request = read(&sent.encode_to_vec()).request;
    let made = format!("call_{:024x}", 2);
    let named = |id: &str, said: &str| Block::result(id, "add", said, false);
    assert_eq!(
        request.messages[1..],
        [
            said(Role::Assistant, vec![call("c1", "{}"), call(&made, "{}"), call("c3", "{}")]),
            said(
                Role::User,
                vec![
                    named("c1", "one"),
                    named(&made, "two"),
                    named("c3", "three"),
                    Block::result("", "", "nobody asked", false)
                ]
            ),
        ]
    );
}

#[test]
fn what_has_no_place_goes_back_to_the_dialect_as_it_came_and_is_told_elsewhere() {
    // Live search with its sources, two guidelines, an option, a number of the future, and two of the server's tools.
    let search = [number(1, 2), field(9, &field(1, &[field(5, b"a.b"), number(4, 1)].concat())), number(8, 5)].concat();
    let label = "a name with\na line break";
    let remote = [
        field(1, label.as_bytes()),
        field(3, b"https://a.b/mcp"),
        field(6, &[field(1, b"x"), field(2, b"y")].concat()),
    ];
    let strange = [
        field(20, &search),
        number(25, 3),
        field(39, &field(1, &number(1, 5))),
        field(39, &field(1, &number(1, 2))),
        [&[0xc9, 0x06][..], &7_u64.to_le_bytes()].concat(),
        field(99, &[0xff, 0x00]),
        field(17, &field(3, &field(2, b"a.b"))),
        field(17, &field(7, &remote.concat())),
    ];
    let plain = asks(vec![turn(1, vec![words("2+2?")])]).encode_to_vec();
    let asked = read(&[plain.clone(), strange.concat()].concat());
    let names: Vec<&str> = asked.request.extras.iter().map(|extra| extra.name.as_str()).collect();
    assert_eq!(names, ["tools", "tools", "search_parameters", "max_turns", "guidelines", "field_105", "field_99"]);
    let shown = json!(asked.request.extras.iter().map(|extra| &extra.value).collect::<Vec<_>>()).to_string();
    for word in ["\"a.b\"", "https://a.b/mcp", "a name with\\na line break", "{\"bytes\":\"/wA=\"}", "{\"fixed64\":7}"]
    {
        assert!(shown.contains(word), "a person and the redactor see {word}: {shown}");
    }
    let written = wire(GRPC).write_request("m", &asked.request, &able(GRPC, &asked.request), true).unwrap();
    assert_eq!(written.losses, []);
    for field in strange {
        assert!(written.body.windows(field.len()).any(|window| window == field), "{field:?} of {:?}", written.body);
    }
    assert_eq!(read(&written.body), asked);
    for other in json_dialects() {
        let losses = wire(other).write_request("m", &asked.request, &able(other, &asked.request), true).unwrap().losses;
        let told = names.iter().filter(|name| **name != "tools").map(|name| Loss::Extra((*name).to_owned()));
        told.chain([Loss::ProviderTool]).for_each(|loss| assert!(losses.contains(&loss), "{other:?}: {losses:?}"));
    }
    // One answer is what there is anyway; several would be told as one.
    assert_eq!(read(&[plain.clone(), number(8, 1)].concat()).request.extras, []);
    let why = "n: one answer is given to a request; ask as often as answers are wanted";
    assert_eq!(refused(&[plain, number(8, 2)].concat()), why);
    let within = asks(vec![turn(1, vec![words("so")])]).messages[0].encode_to_vec();
    let told = read(&[field(1, &[within, number(12, 1)].concat()), number(23, 1)].concat());
    assert_eq!(told.losses, [Loss::Extra("messages.field_12".into()), Loss::Extra("store_messages".into())]);
}

#[test]
fn a_field_that_could_not_be_written_again_or_is_very_long_stays_bytes() {
    // A number of three bytes where one would do, in a message that begins like one.
    let lengthy = [0x08, 0x81, 0x80, 0x00];
    let many = number(1, 1).repeat(4_097);
    let body = [field(41, &lengthy), field(42, &[field(1, &many), field(2, &number(1, 7))].concat())].concat();
    let asked = read(&body);
    let [short, long] = &asked.request.extras[..] else { panic!("{:?}", asked.request.extras) };
    assert_eq!(short.value, json!([{ "bytes": "CIGAAA==" }]));
    // So many fields are not looked into; what stands beside them is.
    let text = String::from_utf8(many).unwrap();
    assert_eq!(long.value, json!([[[1, text], [2, [[1, 7]]]]]));
    let written = wire(GRPC).write_request("m", &asked.request, &Adapted::default(), true).unwrap().body;
    assert!(written.ends_with(&body), "{written:?}");
}

#[test]
fn what_the_servers_own_tools_did_goes_to_the_caller_and_back_as_it_was() {
    let search = ToolCall { status: 3, error_message: Some("no net".into()), ..called("s1", 2, "{\"q\":1}") };
    let found = Delta { role: 5, content: "a page".into(), tool_calls: vec![search.clone()], ..Delta::default() };
    let upstream = told(&[
        chunk(Delta { tool_calls: vec![search.clone()], ..says("") }, 0, None),
        chunk(found.clone(), 0, None),
        chunk(says("4"), 3, None),
    ]);
    assert_eq!(upstream.failure, None);
    let meant = upstream.fold().message(None);
    assert_eq!(meant.blocks.len(), 3, "{meant:?}");
    let body = surface(GRPC).write_reply(&upstream.events, &reply());
    let answer = GetChatCompletionResponse::decode(&body[..]).unwrap();
    assert_eq!(answer.outputs.iter().map(|output| output.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(answer.outputs[1].message, Some(found));
    let mut bytes = Vec::new();
    let mut writer = surface(GRPC).writer(&reply());
    upstream.events.iter().for_each(|event| writer.push(event, &mut bytes));
    writer.end(&mut bytes);
    assert_eq!(pieces(GRPC, &bytes, &[3]).fold().message(None), meant);
    // And into the next request, where what they said follows what they were asked.
    let back = read(&brought_back(&body)).request;
    let again = xai_grpc::asks(&back, &Adapted::default());
    let roles: Vec<i32> = again.messages.iter().map(|turn| turn.role).collect();
    assert_eq!(roles, [2, 5], "{again:#?}");
    assert_eq!(again.messages[0].tool_calls, std::slice::from_ref(&search));
    assert_eq!((&again.messages[1].tool_calls[0], again.messages[1].tool_call_id.as_deref()), (&search, Some("s1")));
    let elsewhere =
        wire(GRPC).write_request("m", &back, &Adapted { tag: tag("b"), ..Adapted::default() }, true).unwrap();
    assert_eq!(elsewhere.losses, [Loss::Opaque], "no other account knows of it");
    let sent = GetCompletionsRequest::decode(&elsewhere.body[..]).unwrap();
    assert_eq!(sent.messages.iter().map(|turn| turn.tool_calls.len()).sum::<usize>(), 0);
}

#[test]
fn what_a_tool_of_the_servers_said_goes_back_whole_however_it_is_tied() {
    let search = |id: &str| called(id, 2, "{\"q\":1}");
    let told = |id: &str, calls: Vec<ToolCall>, content| Turn {
        tool_call_id: Some(id.into()),
        tool_calls: calls,
        ..turn(5, content)
    };
    let sent = [
        Turn { tool_calls: vec![search("s1"), search("s2")], ..turn(2, vec![words("")]) },
        told("s1", Vec::new(), vec![words("a page"), shows("https://a.b/c.png", 3)]),
        told("s2", vec![search("s2"), search("s3")], vec![words("two pages")]),
    ];
    let request = read(&asks(sent.to_vec()).encode_to_vec()).request;
    let again = xai_grpc::asks(&request, &Adapted::default());
    assert_eq!(again.messages, sent);
    // A tool's own answer comes with all it answers.
    let found =
        Delta { role: 5, content: "pages".into(), tool_calls: vec![search("s1"), search("s2")], ..Delta::default() };
    let upstream = xai_grpc::told(&[chunk(found.clone(), 0, None), chunk(says("4"), 3, None)]);
    let body = surface(GRPC).write_reply(&upstream.events, &reply());
    assert_eq!(GetChatCompletionResponse::decode(&body[..]).unwrap().outputs[1].message, Some(found));
}

#[test]
fn a_compacted_conversation_and_parts_of_the_future_go_back_as_they_came() {
    let compacted = Turn { encrypted_content: "c2VhbA==".into(), ..turn(1, Vec::new()) }.encode_to_vec();
    let video = field(1, &field(9, &field(1, b"https://a.b/v.mp4")));
    let asked = [number(2, 1), field(1, &words("Look:").encode_to_vec()), video.clone()].concat();
    let answered = [number(2, 2), field(1, &words("I do.").encode_to_vec()), video.clone()].concat();
    let body = [field(1, &compacted), field(1, &asked), field(1, &answered)].concat();
    let request = read(&body).request;
    let [user, model] = &request.messages[..] else { panic!("{request:?}") };
    assert!(matches!(&user.blocks[..], [Block::Opaque { .. }, Block::Text(_), Block::Opaque { .. }]), "{user:?}");
    let written = wire(GRPC).write_request("m", &request, &Adapted::default(), true).unwrap();
    assert_eq!(written.losses, []);
    assert_eq!(read(&written.body).request.messages, [user.clone(), model.clone()]);
    assert!(written.body.windows(video.len()).filter(|window| *window == video).count() == 2);
    let sent = GetCompletionsRequest::decode(&written.body[..]).unwrap();
    assert_eq!(sent.messages[0].encrypted_content, "c2VhbA==");
}

/// An empty group of number 100.
const GROUP: &[u8] = &[0xa3, 0x06, 0xa4, 0x06];

/// A turn that begins with a group.
fn grouped(turn: &[u8]) -> Vec<u8> {
    field(1, &[GROUP, turn].concat())
}

#[test]
fn a_group_hides_nothing_because_nobody_sends_one() {
    for turn in [
        grouped(&[number(2, 1), field(1, &field(1, b"hi"))].concat()),
        grouped(&field(1, b"").repeat(1 << 18)),
        field(1, &[number(2, 1), field(1, GROUP)].concat()),
    ] {
        // It ends what is seen of a message, and not what is decoded of it.
        assert!(GetCompletionsRequest::decode(&turn[..]).is_ok());
        assert!(refused(&turn).starts_with("the body is no request of xAI's service"));
    }
}

/// How many values a value is made of.
fn values(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(values).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(values).sum::<usize>(),
        _ => 1,
    }
}

#[test]
fn what_is_kept_of_a_request_takes_a_bounded_room_and_goes_back_as_it_came() {
    let many = number(4, 1).repeat(4_000);
    let part = field(1, &field(9, &field(7, &many)));
    let turn = [number(2, 1), part.repeat(40)].concat();
    let tool = field(17, &field(3, &many));
    let body = [field(1, &turn), tool.repeat(40)].concat();
    let request = read(&body).request;
    let blocks = request.messages.iter().flat_map(|message| &message.blocks).map(|block| match block {
        Block::Opaque { value, .. } => values(value),
        other => panic!("{other:?}"),
    });
    let tools = request.extras.iter().map(|extra| values(&extra.value));
    let kept: usize = blocks.chain(tools).sum();
    assert!(kept < 4 << 16, "{kept} values of {} bytes", body.len());
    let written = wire(GRPC).write_request("m", &request, &Adapted::default(), true).unwrap().body;
    assert_eq!(written.windows(part.len()).filter(|window| *window == part).count(), 40);
    assert_eq!(written.windows(tool.len()).filter(|window| *window == tool).count(), 40);
    // What could not be written again as it was stays bytes.
    let lengthy = field(1, &[0x20, 0x81, 0x80, 0x00]);
    let request = read(&field(1, &[number(2, 1), lengthy.clone()].concat())).request;
    let written = wire(GRPC).write_request("m", &request, &Adapted::default(), true).unwrap().body;
    assert!(written.windows(lengthy.len()).any(|window| window == lengthy), "{written:?}");
}

#[test]
fn what_is_no_request_is_refused_in_words_and_never_quoted() {
    let messages = |turns: Vec<Turn>| asks(turns).encode_to_vec();
    let deep = format!("{}1{}", "[".repeat(121), "]".repeat(121));
    let format = |schema: &str| GetCompletionsRequest {
        response_format: Some(ResponseFormat { format_type: 3, schema: Some(schema.into()) }),
        ..asks(Vec::new())
    };
    let tool =
        |parameters: &str| GetCompletionsRequest { tools: vec![offers("a", "", parameters)], ..asks(Vec::new()) };
    let goes_on = GetCompletionsRequest { previous_response_id: Some("r1".into()), ..asks(Vec::new()) };
    for (body, why) in [
        (b"secret".to_vec(), "the body is no request of xAI's service: 6 bytes, it begins like text"),
        (field(1, b"secret"), "the body is no request of xAI's service: 8 bytes, it begins like binary data"),
        (vec![0x0b, 0x0c], "the body is no request of xAI's service: 2 bytes, it begins like binary data"),
        (messages(vec![turn(0, vec![words("secret")])]), "messages: there is no role 0"),
        (messages(vec![turn(99, Vec::new())]), "messages: there is no role 99"),
        (format("{secret").encode_to_vec(), "response_format: the schema is no JSON (line 1, column 2)"),
        (tool("secret").encode_to_vec(), "tools: the schema is no JSON (line 1, column 1)"),
        (tool(&deep).encode_to_vec(), "tools: the schema goes deeper than 120 levels"),
        (
            goes_on.encode_to_vec(),
            "previous_response_id: answers are not kept here; send the whole conversation as messages",
        ),
        (number(40, 1).repeat(257), "the body holds more unknown fields than are kept"),
        // Two bytes are a message, or a part of one: much room for little.
        (field(1, b"").repeat(1 << 17 | 1), "the body holds more parts than are read"),
        (field(1, &field(1, b"").repeat(1 << 17)), "the body holds more parts than are read"),
        (field(1, &field(1, &number(4, 1).repeat(1 << 17))), "the body holds more parts than are read"),
    ] {
        assert_eq!(refused(&body), why);
    }
}

#[test]
fn a_document_that_is_a_text_keeps_its_name_and_strange_wishes_are_told() {
    let text = Block::Document { source: Source::Text("so".into()), name: Some("a.txt".into()) };
    let image = Block::Image { source: Source::data("image/png", "AAAA"), detail: Some("original".into()) };
    let mut request = Request { messages: vec![said(Role::User, vec![text, image])], ..with_tools(ToolChoice::Auto) };
    request.tools[0].strict = Some(true);
    request.tools[0].custom = Some(Custom::Text);
    request.sampling.seed = Some(1 << 40);
    let written = wire(GRPC).write_request("m", &request, &Adapted::default(), true).unwrap();
    assert_eq!(written.losses, [Loss::Detail, Loss::DocumentAsText, Loss::Strict, Loss::CustomTool, Loss::Seed]);
    let read = read(&written.body).request;
    assert_eq!(read.messages[0].blocks[0], Block::Text("a.txt:\nso".into()));
    assert_eq!((read.tools[0].strict, read.sampling.seed), (None, None));
    let strict = wire(GRPC).write_request("m", &request, &able(GRPC, &request), true).unwrap();
    assert!(!strict.losses.contains(&Loss::Strict));
}

/// Fields of a request, most of them strange, some within others.
fn any_fields() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        (1_u64..45, any::<u64>()).prop_map(|(n, v)| number(n, v)),
        (1_u64..45, 0_u64..7).prop_map(|(n, v)| number(n, v)),
        (1_u64..45, "[a-zäé{}\" \\n]{0,9}").prop_map(|(n, v)| field(n, v.as_bytes())),
        (1_u64..45, prop::collection::vec(any::<u8>(), 0..6)).prop_map(|(n, v)| field(n, &v)),
        (1_u64..45, any::<u32>()).prop_map(|(n, v)| {
            let mut key = Vec::new();
            prost::encoding::encode_varint(n << 3 | 5, &mut key);
            [key, v.to_le_bytes().to_vec()].concat()
        }),
    ];
    let many = prop::collection::vec(leaf, 0..6).prop_map(|all| all.concat());
    many.prop_recursive(4, 40, 5, |inner| {
        prop::collection::vec((prop::sample::select(vec![1_u64, 2, 4, 10, 17, 20, 39, 43]), inner), 1..5)
            .prop_map(|all| all.iter().flat_map(|(n, v)| field(*n, v)).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn strange_fields_are_taken_or_refused_and_what_is_written_of_them_stays_the_same(
        turns in any_fields(), more in any_fields(), role in 0_u64..8,
    ) {
        let body = [field(1, &[number(2, role), turns].concat()), more].concat();
        match surface(GRPC).read_request(&body, &ASKING) {
            Err(failure) => prop_assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, Scope::Request)),
            Ok(asked) => {
                let adapted = able(GRPC, &asked.request);
                if let Ok(first) = wire(GRPC).write_request("m", &asked.request, &adapted, true) {
                    let again = read(&first.body).request;
                    prop_assert_eq!(&again.extras, &asked.request.extras);
                    // Turns that say nothing are left out, and those beside them become one.
                    let second = wire(GRPC).write_request("m", &again, &adapted, true).unwrap().body;
                    let third = wire(GRPC).write_request("m", &read(&second).request, &adapted, true).unwrap().body;
                    prop_assert_eq!(second, third);
                }
            }
        }
    }

    #[test]
    fn a_field_of_any_bytes_comes_back_as_it_was(bytes in any_fields(), place in prop::sample::select(vec![20_u64, 41, 17])) {
        let strange = field(place, &[field(3, &bytes), field(2, &bytes)].concat());
        if place == 17 {
            let asked = read(&strange).request;
            prop_assert_eq!(asked.extras.len(), 1);
        }
        let asked = read(&strange).request;
        let body = wire(GRPC).write_request("m", &asked, &Adapted::default(), true).unwrap().body;
        prop_assert!(body.windows(strange.len()).any(|window| window == strange), "{:?}", asked.extras);
    }
}
