//! xAI's own service over gRPC (xai.md, "gRPC").

use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::model::{CostSource, FinishReason, NanoUsd, Scope, Service};
use crate::wire::proto::rpc::{Any, Duration, ErrorInfo, RetryInfo, Status};
use crate::wire::proto::xai::{
    CompletionOutput, CompletionOutputChunk, Content, Delta, FunctionCall, GetChatCompletionChunk,
    GetChatCompletionResponse, GetCompletionsRequest, LanguageModel, ListLanguageModelsResponse, MessageRole,
    ReasoningEffort, SamplingUsage, ToolCall, content, image_url_content, tool, tool_call, tool_choice,
};
use crate::wire::{LARGEST, models, prefix, stated, status};

const GRPC: Dialect = Dialect::XaiGrpc;

pub(super) fn asks(request: &Request, adapted: &Adapted) -> GetCompletionsRequest {
    let bytes = wire(GRPC).write_request("m", request, adapted, true).unwrap().body;
    assert_eq!(bytes, wire(GRPC).write_request("m", request, adapted, false).unwrap().body, "only the method differs");
    GetCompletionsRequest::decode(bytes.as_slice()).unwrap()
}

fn own() -> Adapted {
    Adapted { tag: tag("a"), ..Adapted::default() }
}

pub(super) fn called(id: &str, kind: i32, arguments: &str) -> ToolCall {
    let function = FunctionCall { name: "add".into(), arguments: arguments.into() };
    ToolCall { id: id.into(), r#type: kind, tool: Some(tool_call::Tool::Function(function)), ..ToolCall::default() }
}

fn counted(completion: i32, ticks: Option<i64>) -> SamplingUsage {
    SamplingUsage {
        prompt_tokens: 100,
        completion_tokens: completion,
        total_tokens: 100 + completion + 7,
        reasoning_tokens: 7,
        cached_prompt_text_tokens: 40,
        cost_in_usd_ticks: ticks,
        ..SamplingUsage::default()
    }
}

pub(super) fn chunk(delta: Delta, finish_reason: i32, usage: Option<SamplingUsage>) -> GetChatCompletionChunk {
    let outputs = vec![CompletionOutputChunk { delta: Some(delta), finish_reason, index: 0 }];
    GetChatCompletionChunk { id: "r1".into(), model: "grok-4.5".into(), outputs, usage, ..Default::default() }
}

pub(super) fn says(text: &str) -> Delta {
    Delta { role: MessageRole::RoleAssistant.into(), content: text.into(), ..Delta::default() }
}

pub(super) fn frames(chunks: &[GetChatCompletionChunk]) -> Vec<u8> {
    chunks
        .iter()
        .map(GetChatCompletionChunk::encode_to_vec)
        .flat_map(|m| [prefix(m.len()).to_vec(), m])
        .flatten()
        .collect()
}

pub(super) fn recorded() -> Vec<GetChatCompletionChunk> {
    let thinks = |text: &str| Delta { reasoning_content: text.into(), ..says("") };
    let sealed = |piece: &str| Delta { encrypted_content: piece.into(), ..says("") };
    let calls = Delta { tool_calls: vec![called("c1", 1, "{\"a\":2}"), called("", 0, "")], ..says("") };
    vec![
        chunk(thinks("two and "), 0, Some(counted(1, None))),
        chunk(thinks("two"), 0, Some(counted(2, None))),
        chunk(says("Let me "), 0, Some(counted(3, None))),
        chunk(says("see: é."), 0, Some(counted(4, None))),
        chunk(calls, 0, Some(counted(5, None))),
        chunk(sealed("AB"), 0, Some(counted(5, None))),
        GetChatCompletionChunk { service_tier: 2, ..chunk(sealed("CD"), 3, Some(counted(9, Some(12_345)))) },
    ]
}

fn whole() -> GetChatCompletionResponse {
    let message = Delta {
        reasoning_content: "two and two".into(),
        encrypted_content: "ABCD".into(),
        tool_calls: vec![called("c1", 1, "{\"a\":2}"), called("", 0, "")],
        ..says("Let me see: é.")
    };
    let outputs = vec![CompletionOutput { finish_reason: 3, index: 0, message: Some(message) }];
    let usage = Some(counted(9, Some(12_345)));
    GetChatCompletionResponse {
        id: "r1".into(),
        model: "grok-4.5".into(),
        outputs,
        usage,
        service_tier: 2,
        ..Default::default()
    }
}

fn answered(answer: &GetChatCompletionResponse) -> Told {
    match wire(GRPC).read_reply(&answer.encode_to_vec()) {
        Ok(events) => Told { events: named(events), failure: None },
        Err(failure) => Told { events: Vec::new(), failure: Some(failure) },
    }
}

pub(super) fn told(chunks: &[GetChatCompletionChunk]) -> Told {
    pieces(GRPC, &frames(chunks), &[usize::MAX])
}

#[test]
fn a_stream_and_a_plain_answer_say_the_same() {
    let (stream, plain) = (told(&recorded()), answered(&whole()));
    assert_same(&stream, &plain);
    let fold = stream.fold();
    assert_eq!(stream.opening(), Some(("r1".into(), "grok-4.5".into())));
    // The cached part is no input; what was thought is output, although the completion leaves it out.
    assert_eq!(fold.usage, used([60, 40, 0, 0, 16], Some(7)));
    let charged = fold.charged.unwrap();
    assert_eq!(
        (charged.amount, charged.source),
        (NanoUsd(1_235), CostSource::Reported),
        "12,345 ticks of 1e-10 dollars"
    );
    assert_eq!((fold.service, fold.finish.clone()), (Some(Service::Priority), Some(FinishReason::ToolCalls)));
    assert_eq!(
        fold.message(None).blocks,
        [
            thought("two and two", None, None),
            Block::Text("Let me see: é.".into()),
            call("c1", "{\"a\":2}"),
            call("made-up-3", ""),
            thought("", Some("ABCD"), None),
        ]
    );
}

#[test]
fn a_stream_that_breaks_off_anywhere_is_truncated() {
    let bytes = frames(&recorded());
    for at in 0..bytes.len() {
        let told = pieces(GRPC, &bytes[..at], &[usize::MAX]);
        assert_well_formed(&told);
        assert_eq!(told.kind(), Some(Kind::Truncated), "cut at {at}");
    }
}

#[test]
fn every_reason_to_stop_has_its_word() {
    for (reason, finish) in [
        (1, FinishReason::Length),
        (2, FinishReason::Length),
        (3, FinishReason::Stop),
        (4, FinishReason::ToolCalls),
        (5, FinishReason::Other("time_limit".into())),
        (77, FinishReason::Other("reason 77".into())),
    ] {
        assert_eq!(told(&[chunk(says("4"), reason, None)]).fold().finish, Some(finish));
    }
    assert_eq!(told(&[chunk(says("4"), 0, None)]).kind(), Some(Kind::Truncated), "it never said that it stopped");
}

#[test]
fn what_the_servers_own_tools_do_is_kept_apart_from_what_the_model_says() {
    let search = Delta { tool_calls: vec![called("s", 2, "{}")], ..says("") };
    let found = Delta { role: MessageRole::RoleTool.into(), ..says("a page") };
    let told = told(&[chunk(search, 0, None), chunk(found, 0, None), chunk(says("4"), 3, None)]);
    assert_eq!(told.fold().text(), "4");
    assert_eq!(told.fold().finish, Some(FinishReason::Stop), "none of it is ours to run");
    assert_eq!(
        told.events.iter().filter(|e| matches!(e, Event::BlockStart { kind: BlockKind::Opaque { .. }, .. })).count(),
        2
    );
}

#[test]
fn an_agents_outputs_are_one_answer_whatever_their_numbers() {
    // Its own client takes them together: beyond the first are the server's tools and what the model says after them.
    let numbered =
        |index: i32, delta: Delta, finish_reason: i32| CompletionOutput { index, message: Some(delta), finish_reason };
    let searched =
        Delta { role: 5, content: "a page".into(), tool_calls: vec![called("s1", 2, "{}")], ..Delta::default() };
    let asked = Delta { tool_calls: vec![called("s1", 2, "{}")], ..says("Let me see. ") };
    let outputs = vec![numbered(0, asked, 4), numbered(1, searched, 0), numbered(2, says("4"), 3)];
    let told = answered(&GetChatCompletionResponse { outputs, ..whole() });
    assert_well_formed(&told);
    assert_eq!((told.fold().text().as_str(), told.fold().finish), ("Let me see. 4", Some(FinishReason::Stop)));
}

#[test]
fn a_number_that_counts_nothing_does_no_harm() {
    let strange = SamplingUsage {
        prompt_tokens: -5,
        completion_tokens: i32::MIN,
        cached_prompt_text_tokens: 9,
        cost_in_usd_ticks: Some(-1),
        ..SamplingUsage::default()
    };
    let fold = told(&[chunk(says("4"), 3, Some(strange))]).fold();
    assert_eq!((fold.usage, fold.charged), (used([0, 0, 0, 0, 0], Some(0)), None));
}

#[test]
fn messages_that_nobody_asked_for_are_broken_and_what_came_before_them_is_told() {
    let good = frames(&[chunk(says("4"), 0, None)]);
    let bad: [(&str, Vec<u8>); 4] = [
        ("compressed", [&[1u8][..], &prefix(3)[1..], b"abc"].concat()),
        ("no flag", vec![9, 0, 0, 0, 0]),
        ("too large, long before it is all there", prefix(LARGEST + 1).to_vec()),
        ("no protobuf", [&prefix(2)[..], b"<h"].concat()),
    ];
    for (what, bytes) in bad {
        let told = pieces(GRPC, &[good.clone(), bytes].concat(), &[usize::MAX]);
        assert_eq!((told.kind(), told.fold().text().as_str()), (Some(Kind::Broken), "4"), "{what}");
    }
    assert_eq!(u32::from_be_bytes(prefix(usize::MAX)[1..].try_into().unwrap()), u32::MAX);
}

#[test]
fn an_answer_of_more_parts_than_any_has_is_broken_before_it_takes_room() {
    let within = |number: u8, inner: &[u8]| {
        let mut out = vec![number << 3 | 2];
        prost::encoding::encode_varint(inner.len() as u64, &mut out);
        [out, inner.to_vec()].concat()
    };
    let many = |number: u8| within(number, b"").repeat(1 << 17 | 1);
    let cited = |delta: u8, inner: Vec<u8>| within(2, &within(delta, &within(6, &within(5, &inner))));
    for (chunk, whole) in [
        (many(2), many(2)),
        (within(2, &within(1, &many(3))), within(2, &within(3, &many(3)))),
        (cited(1, many(5)), cited(3, many(5))),
    ] {
        let framed = [&prefix(chunk.len())[..], &chunk].concat();
        let failures = [pieces(GRPC, &framed, &[usize::MAX]).failure, wire(GRPC).read_reply(&whole).err()];
        for failure in failures.map(Option::unwrap) {
            assert_eq!(
                (failure.kind, failure.message.as_str()),
                (Kind::Broken, "the answer holds more parts than are read")
            );
        }
    }
    assert!(models(&many(1)).is_empty());
    let long = whole().encode_to_vec();
    assert!(wire(GRPC).read_reply(&long).is_ok());
    // A long text is no crowd, whatever it looks like.
    let text = Delta { content: "  ".repeat(1 << 20), ..says("") };
    assert_eq!(told(&[chunk(text, 3, None)]).failure, None);
}

#[test]
fn a_request_is_written_as_the_document_says() {
    let (request, takes) = warm();
    let request = Request { schema: with_schema().schema, ..request };
    let adapted = Adapted { max_output: Some(9), structured: true, ..takes };
    let sent = asks(&request, &adapted);
    assert_eq!(texts(&sent), [(3, "Be short.".into()), (1, "2+2?".into())]);
    assert_eq!((sent.model.as_str(), sent.max_tokens), ("m", Some(9)));
    assert_eq!((sent.temperature, sent.top_p), (Some(1.5), Some(0.5)));
    let format = sent.response_format.unwrap();
    let schema: Value = serde_json::from_str(&format.schema.unwrap()).unwrap();
    assert_eq!((format.format_type, schema), (3, with_schema().schema.unwrap().schema));
    // Nothing is said of what nobody wished.
    let plain = asks(&asked(), &Adapted::default());
    let rest = GetCompletionsRequest { messages: plain.messages.clone(), model: "m".into(), ..Default::default() };
    assert_eq!(plain, rest);
    let stated = asks(&with_schema(), &Adapted::default());
    assert!(
        texts(&stated)[0].1.starts_with("Be short.\n\nAnswer with one JSON object") && stated.response_format.is_none()
    );
    assert_eq!(asks(&asked(), &Adapted { max_output: Some(u32::MAX), ..own() }).max_tokens, Some(i32::MAX));
}

/// Roles and joined texts.
fn texts(sent: &GetCompletionsRequest) -> Vec<(i32, String)> {
    let text = |part: &Content| match &part.content {
        Some(content::Content::Text(text)) => text.clone(),
        _ => String::new(),
    };
    sent.messages.iter().map(|turn| (turn.role, turn.content.iter().map(text).collect())).collect()
}

#[test]
fn each_way_to_think_is_spelled_as_the_document_says() {
    for (way, level, sealed) in [
        (Thinking::Unset, None, false),
        (Thinking::Level(Effort::None), Some(ReasoningEffort::EffortNone), false),
        (Thinking::Disabled, Some(ReasoningEffort::EffortNone), false),
        (Thinking::Level(Effort::Low), Some(ReasoningEffort::EffortLow), true),
        (Thinking::Level(Effort::Medium), Some(ReasoningEffort::EffortMedium), true),
        (Thinking::Level(Effort::High), Some(ReasoningEffort::EffortHigh), true),
        (Thinking::Level(Effort::XHigh), Some(ReasoningEffort::EffortXhigh), true),
        (Thinking::Level(Effort::Max), Some(ReasoningEffort::EffortXhigh), true),
        (Thinking::Budget(1_024), None, false),
    ] {
        let sent = asks(&asked(), &Adapted { thinking: way.clone(), ..Adapted::default() });
        assert_eq!(sent.reasoning_effort, level.map(i32::from), "{way:?}");
        assert_eq!(sent.use_encrypted_content, sealed, "{way:?}: what was thought travels with us");
        // A model that reasons unasked seals what it thought, unless it was told not to think.
        let sent = asks(&asked(), &Adapted { thinking: way.clone(), reasons: true, ..Adapted::default() });
        let none = level == Some(ReasoningEffort::EffortNone);
        assert_eq!(sent.use_encrypted_content, !none, "{way:?}");
    }
}

#[test]
fn tools_are_offered_and_each_policy_is_spelled() {
    use tool_choice::ToolChoice::{FunctionName, Mode};
    for (wish, spelled) in [
        (ToolChoice::Auto, Mode(1)),
        (ToolChoice::None, Mode(2)),
        (ToolChoice::Required, Mode(3)),
        (ToolChoice::Named("add".into()), FunctionName("add".into())),
    ] {
        let sent = asks(&with_tools(wish.clone()), &Adapted::default());
        assert_eq!(sent.tool_choice.unwrap().tool_choice, Some(spelled), "{wish:?}");
        let [offered] = &sent.tools[..] else { panic!("{:?}", sent.tools) };
        let Some(tool::Tool::Function(function)) = &offered.tool else { panic!("{offered:?}") };
        assert_eq!((function.name.as_str(), function.description.as_str(), function.strict), ("add", "Adds.", false));
        let parameters: Value = serde_json::from_str(&function.parameters).unwrap();
        assert_eq!(parameters["properties"]["a"]["type"], "integer");
    }
    let free = asks(&with_tools(ToolChoice::Required), &Adapted { unforced: true, ..Adapted::default() });
    assert_eq!(free.tool_choice.unwrap().tool_choice, Some(Mode(1)));
}

#[test]
fn each_call_is_answered_before_the_user_speaks() {
    let sent = asks(&after_calls(), &Adapted::default());
    assert_eq!(
        texts(&sent)[1..],
        [
            (1, "2+2?".into()),
            (2, "Let me see.".into()),
            (5, "4".into()),
            (5, "error: no such number".into()),
            (1, "Go on.".into())
        ]
    );
    assert_eq!(sent.messages[2].tool_calls, [called("c1", 1, "{\"a\":2}"), called("c2", 1, "not json")]);
    let ids: Vec<Option<&str>> = sent.messages[3..].iter().map(|turn| turn.tool_call_id.as_deref()).collect();
    assert_eq!(ids, [Some("c1"), Some("c2"), None]);
}

#[test]
fn a_turn_of_calls_alone_has_an_empty_text_as_its_own_client_sends_it() {
    let calls = said(Role::Assistant, vec![call("c1", "{}")]);
    let request = Request { messages: vec![Message::user("2+2?"), calls], ..with_tools(ToolChoice::Auto) };
    let sent = asks(&request, &own());
    assert_eq!(sent.messages[2].content, [Content { content: Some(content::Content::Text(String::new())) }]);
}

#[test]
fn a_call_without_arguments_has_an_empty_object_of_them() {
    let calls = said(Role::Assistant, vec![call("c1", ""), call("c2", " ")]);
    let request = Request { messages: vec![Message::user("2+2?"), calls], ..with_tools(ToolChoice::Auto) };
    assert_eq!(asks(&request, &own()).messages[2].tool_calls, ["c1", "c2"].map(|id| called(id, 1, "{}")));
}

#[test]
fn what_was_thought_goes_back_only_to_where_it_was_thought() {
    // reasoning.md, "Enforcement rules", 5.
    let blocks = vec![
        thought("mine", Some("own-seal"), tag("a")),
        thought("theirs", Some("foreign-seal"), tag("b")),
        thought("whose", Some("nameless-seal"), None),
        Block::Text("4".into()),
    ];
    let messages = vec![Message::user("2+2?"), said(Role::Assistant, blocks), Message::user("sure?")];
    let request = Request { messages, ..asked() };
    let turn = &asks(&request, &own()).messages[2];
    assert_eq!((turn.reasoning_content.as_deref(), turn.encrypted_content.as_str()), (Some("mine"), "own-seal"));
    let elsewhere = &asks(&request, &Adapted { tag: tag("c"), ..own() }).messages[2];
    assert_eq!((elsewhere.reasoning_content.as_deref(), elsewhere.encrypted_content.as_str()), (None, ""));
}

#[test]
fn images_travel_as_addresses_and_documents_as_bytes() {
    let sent = asks(&with_files(), &Adapted::default());
    let [_, image, file] = <[Content; 3]>::try_from(sent.messages[1].content.clone()).unwrap();
    let Some(content::Content::ImageUrl(image)) = image.content else { panic!("{image:?}") };
    let url = image_url_content::Source::ImageUrl("data:image/png;base64,AAAA".into());
    assert_eq!((image.source, image.detail), (Some(url), 1));
    let Some(content::Content::File(file)) = file.content else { panic!("{file:?}") };
    assert_eq!((file.data, file.filename, file.mime_type), (vec![4, 16, 65], "a.pdf".into(), "application/pdf".into()));
    let broken = Block::document("application/pdf", "?", None);
    let request = Request { messages: vec![said(Role::User, vec![broken])], ..asked() };
    let failure = wire(GRPC).write_request("m", &request, &Adapted::default(), false).unwrap_err();
    assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, Scope::Request));
}

#[test]
fn a_request_can_be_read_by_a_person() {
    let bytes = wire(GRPC).write_request("m", &asked(), &Adapted::default(), false).unwrap().body;
    let shown = wire(GRPC).show(&bytes);
    assert!(
        shown.contains("Be short.") && shown.contains("role: RoleSystem") && shown.contains("model: \"m\""),
        "{shown}"
    );
    assert_eq!(wire(GRPC).show(b"<html>"), "6 bytes, it begins like a web page");
}

#[test]
fn models_are_listed_by_name() {
    let model = |name: &str| LanguageModel { name: name.into() };
    let listed = ListLanguageModelsResponse { models: vec![model("grok-4.5"), model(""), model("grok-4.6")] };
    assert_eq!(models(&listed.encode_to_vec()), ["grok-4.5", "grok-4.6"]);
    assert!(models(b"<html>").is_empty());
}

fn detail(kind: &str, value: Vec<u8>) -> Any {
    Any { type_url: format!("type.googleapis.com/google.rpc.{kind}"), value }
}

fn waits(seconds: i64, nanos: i32) -> Vec<u8> {
    let info = RetryInfo { retry_delay: Some(Duration { seconds, nanos }) }.encode_to_vec();
    Status { code: 8, message: "inner".into(), details: vec![detail("RetryInfo", info)] }.encode_to_vec()
}

#[test]
fn each_status_means_what_the_same_status_of_http_means() {
    for (code, http, name, kind) in [
        (3, 400, "INVALID_ARGUMENT", Kind::BadRequest),
        (4, 504, "DEADLINE_EXCEEDED", Kind::TimedOut),
        (5, 404, "NOT_FOUND", Kind::NotFound),
        (7, 403, "PERMISSION_DENIED", Kind::Forbidden),
        (8, 429, "RESOURCE_EXHAUSTED", Kind::RateLimited),
        (12, 404, "UNIMPLEMENTED", Kind::Broken),
        (13, 500, "INTERNAL", Kind::Broken),
        (14, 503, "UNAVAILABLE", Kind::Overloaded),
        (16, 401, "UNAUTHENTICATED", Kind::Unauthorized),
    ] {
        let (status, body) = status(code, "no\nway", &[]);
        let error = wire(GRPC).read_error(&body);
        assert_eq!((status, error.code.as_str(), error.class.as_str()), (http, name, name));
        assert_eq!(error.message, "no way", "a terminal is not steered by it");
        assert_eq!(stated(GRPC, &body).kind, kind, "{name} inside an answer");
    }
    for strange in [0, 17, -1, i32::MAX] {
        let (http, body) = status(strange, "x", &[]);
        assert_eq!((http, wire(GRPC).read_error(&body)), (500, Default::default()), "{strange}");
    }
}

#[test]
fn details_say_when_to_come_back_and_why() {
    let (_, body) = status(8, "slow", &waits(7, 500_000_000));
    let error = wire(GRPC).read_error(&body);
    assert_eq!((error.message.as_str(), error.retry_after), ("slow", Some(std::time::Duration::from_millis(7_500))));
    for (seconds, nanos) in [(-1, 0), (i64::MAX, 0), (i64::MIN, i32::MIN), (2_678_401, 0), (0, -1)] {
        let (_, body) = status(8, "slow", &waits(seconds, nanos));
        assert_eq!(wire(GRPC).read_error(&body).retry_after, None, "{seconds} {nanos}");
    }
    let info = ErrorInfo { reason: "API_KEY_INVALID".into() }.encode_to_vec();
    let details = Status { code: 3, message: String::new(), details: vec![detail("ErrorInfo", info)] }.encode_to_vec();
    let (http, body) = status(3, "", &details);
    let error = wire(GRPC).read_error(&body);
    assert_eq!((http, error.code.as_str(), error.class.as_str()), (400, "API_KEY_INVALID", "INVALID_ARGUMENT"));
    // What is no status is left out, the code stays.
    assert_eq!(wire(GRPC).read_error(&status(14, "busy", b"<html>").1).message, "busy");
}

/// Texts, thoughts and calls in any order.
fn any_delta() -> impl Strategy<Value = Delta> {
    let words = || "[a-zäé{}\" \\n]{0,12}";
    let calls = prop::collection::vec((words(), -1i32..5, words()), 0..3);
    (words(), words(), words(), calls, 0i32..7).prop_map(|(text, thought, seal, calls, role)| Delta {
        content: text,
        reasoning_content: thought,
        encrypted_content: seal,
        role,
        citations: Vec::new(),
        tool_calls: calls.iter().map(|(id, kind, input)| called(id, *kind, input)).collect(),
    })
}

fn any_chunks() -> impl Strategy<Value = Vec<GetChatCompletionChunk>> {
    let usage = prop::option::of((any::<i32>(), prop::option::of(any::<i64>())).prop_map(|(n, ticks)| SamplingUsage {
        completion_tokens: n,
        prompt_tokens: n.wrapping_mul(31),
        cost_in_usd_ticks: ticks,
        ..SamplingUsage::default()
    }));
    prop::collection::vec(
        (any_delta(), 0i32..8, usage).prop_map(|(delta, finish, usage)| chunk(delta, finish, usage)),
        1..8,
    )
}

/// What a conversation of these dialects is made of, as it is written; what is read of it again must be the same.
fn any_turns() -> impl Strategy<Value = Vec<Message>> {
    let words = || "[a-zäé{}\" \\n]{1,12}";
    let user = prop_oneof![
        words().prop_map(Block::Text),
        words().prop_map(|w| Block::image("image/png", coded(&w))),
        words().prop_map(|w| Block::document("text/plain", coded(&w), Some(w))),
    ];
    let model = prop_oneof![
        // No arguments at all are an empty object.
        (words(), words()).prop_map(|(id, input)| call(&id, &format!("{input}."))),
        (words(), prop::option::of(words())).prop_map(|(text, seal)| thought(&text, seal.as_deref(), tag("a"))),
    ];
    let turn = (prop::collection::vec(user, 1..4), words(), prop::collection::vec(model, 0..4)).prop_map(
        |(user, text, mut model)| {
            model.push(Block::Text(text));
            [said(Role::User, user), said(Role::Assistant, model)]
        },
    );
    prop::collection::vec(turn, 1..4).prop_map(|turns| {
        let mut turns: Vec<Message> = turns.into_iter().flatten().collect();
        // No id stands for two calls.
        let mut count = 0;
        for block in turns.iter_mut().flat_map(|message| &mut message.blocks) {
            if let Block::ToolCall { id, .. } = block {
                count += 1;
                id.push_str(&count.to_string());
            }
        }
        turns
    })
}

/// The conversation with words for the result of every call that was gone on from without one.
fn completed(messages: &[Message]) -> Vec<Message> {
    let mut open: Vec<Block> = Vec::new();
    let told = messages.iter().map(|message| {
        let results = if message.role == Role::User { std::mem::take(&mut open) } else { Vec::new() };
        open.extend(message.blocks.iter().filter_map(|block| match block {
            Block::ToolCall { id, .. } => Some(result(id, "There is no result for this call.", false)),
            _ => None,
        }));
        said(message.role, [results, message.blocks.clone()].concat())
    });
    told.collect()
}

fn coded(text: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text)
}

/// A turn as one message holds it: its thoughts as one, its text, its calls; a second seal begins another message.
fn gathered(message: &Message) -> Message {
    let mut out = Vec::new();
    let (mut text, mut seal, mut words, mut calls) = (String::new(), None::<String>, String::new(), Vec::new());
    let mut end = |text: &mut String, seal: &mut Option<String>, words: &mut String, calls: &mut Vec<Block>| {
        if !text.is_empty() || seal.is_some() {
            out.push(Block::Thought { text: std::mem::take(text), seal: seal.take(), tag: None });
        }
        out.extend(Some(Block::Text(std::mem::take(words))).filter(|b| *b != Block::Text(String::new())));
        out.append(calls);
    };
    for block in &message.blocks {
        match block {
            Block::Thought { text: t, seal: s, .. } => {
                if s.is_some() && seal.is_some() {
                    end(&mut text, &mut seal, &mut words, &mut calls);
                }
                text.push_str(t);
                seal = seal.or_else(|| s.clone());
            }
            Block::Text(said) if message.role == Role::Assistant => words.push_str(said),
            Block::ToolCall { .. } => calls.push(block.clone()),
            other => calls.push(other.clone()),
        }
    }
    end(&mut text, &mut seal, &mut words, &mut calls);
    said(message.role, out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_answer_in_any_chunking_gives_the_same_well_formed_events(
        chunks in any_chunks(), sizes in prop::collection::vec(1usize..60, 1..6),
    ) {
        let (whole, cut) = (told(&chunks), pieces(GRPC, &frames(&chunks), &sizes));
        assert_well_formed(&whole);
        prop_assert_eq!((&whole.events, &whole.failure), (&cut.events, &cut.failure));
        let spoken = |c: &GetChatCompletionChunk| c.outputs[0].delta.clone().filter(|d| d.role != 5).unwrap_or_default();
        let text: String = chunks.iter().map(|c| spoken(c).content).collect();
        prop_assert_eq!(whole.fold().text(), text);
    }

    #[test]
    fn what_is_written_is_read_as_the_same_conversation(turns in any_turns()) {
        let request = Request { messages: turns, ..asked() };
        let body = wire(GRPC).write_request("m", &request, &own(), true).unwrap().body;
        let read = surface(GRPC).read_request(&body, &requests::ASKING).unwrap().request;
        let meant = completed(&request.messages);
        prop_assert_eq!(read.messages, meant.iter().map(gathered).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200), code in any::<i32>()) {
        let framed = [&prefix(bytes.len())[..], &bytes].concat();
        assert_well_formed(&pieces(GRPC, &framed, &[7]));
        let _ = models(&bytes);
        let _ = wire(GRPC).show(&bytes);
        let (_, body) = status(code, "x", &bytes);
        let _ = wire(GRPC).read_error(&body);
    }
}
