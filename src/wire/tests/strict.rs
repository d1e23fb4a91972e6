//! What strict dialects refuse is mended on the way: ids that stand for two calls, calls without a result, tools twice.

use std::collections::HashSet;

use super::requests::{ASKING, able};
use super::*;
use crate::wire::strict::{UNANSWERED, spared};
use crate::wire::{Loss, Quirks};

use Dialect::{AnthropicMessages as A, Gemini as G, Ollama as O, OpenAiChat as C, OpenAiResponses as R, XaiGrpc as X};

/// Calls and results of a request, in order.
fn calls(request: &Request) -> Vec<(String, String)> {
    let blocks = request.messages.iter().flat_map(|message| &message.blocks);
    let told = blocks.filter_map(|block| match block {
        Block::ToolCall { id, name, .. } => Some((id.clone(), name.clone())),
        Block::ToolResult { id, content, .. } => Some((id.clone(), content.clone())),
        _ => None,
    });
    told.collect()
}

fn sent(to: Dialect, request: &Request) -> (Request, Vec<Loss>) {
    let written = wire(to).write_request("m", request, &able(to, request), false).unwrap();
    (surface(to).read_request(&written.body, &ASKING).unwrap().request, written.losses)
}

fn read(dialect: Dialect, body: &Value) -> Request {
    surface(dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap().request
}

/// Two turns that both count their calls from one.
fn counted_anew(ids: [&str; 2]) -> Value {
    let call = |id: &str, name: &str| {
        json!({ "role": "assistant", "tool_calls": [
        { "id": id, "type": "function", "function": { "name": name, "arguments": "{}" } }] })
    };
    let result = |id: &str, said: &str| json!({ "role": "tool", "tool_call_id": id, "content": said });
    let [one, two] = ids;
    json!({ "model": "m", "messages": [{ "role": "user", "content": "go" }, call(one, "look"), result(one, "seen"),
        call(two, "find"), result(two, "found"), { "role": "user", "content": "so?" }] })
}

#[test]
fn an_id_that_stands_for_two_calls_is_told_apart_together_with_its_result() {
    let request = read(C, &counted_anew(["call_1", "call_1"]));
    for to in [A, R, C, X] {
        let (back, losses) = sent(to, &request);
        let told = calls(&back);
        let ids: Vec<&str> = told.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["call_1", "call_1", "call_1_2", "call_1_2"], "{to:?}");
        assert_eq!(told.iter().map(|(_, said)| said.as_str()).collect::<Vec<_>>(), ["look", "seen", "find", "found"]);
        assert_eq!(losses, [], "{to:?}");
    }
    // Not where an earlier call is called so, and a later one gives way: what was sent stays while a conversation grows.
    let mut request = read(C, &counted_anew(["call_1", "call_1"]));
    request.messages.push(said(Role::Assistant, vec![Block::call("call_1_2", "look", "{}")]));
    request.messages.push(said(Role::User, vec![Block::result("call_1_2", "look", "third", false)]));
    let ids: Vec<String> = calls(&sent(A, &request).0).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["call_1", "call_1", "call_1_2", "call_1_2", "call_1_2_2", "call_1_2_2"]);
    request.messages.rotate_right(2);
    let ids: Vec<String> = calls(&sent(A, &request).0).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["call_1_2", "call_1_2", "call_1", "call_1", "call_1_3", "call_1_3"]);
    let ids: Vec<String> =
        calls(&sent(A, &read(C, &counted_anew(["a", "b"]))).0).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["a", "a", "b", "b"]);
}

#[test]
fn results_are_tied_to_the_nearest_call_of_their_id_whose_result_is_still_to_come() {
    // By name, where a dialect ties them so.
    let named = |request: &Request| {
        let blocks = request.messages.iter().flat_map(|message| &message.blocks);
        let told = blocks.filter_map(|block| match block {
            Block::ToolResult { name, content, .. } => Some(format!("{name} {content}")),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    for to in [G, O] {
        let (back, _) = sent(to, &read(C, &counted_anew(["call_1", "call_1"])));
        assert_eq!(named(&back), ["look seen", "find found"], "{to:?}");
    }
    // Two of one turn are answered in order.
    let call = |name: &str| json!({ "id": "x", "type": "function", "function": { "name": name, "arguments": "{}" } });
    let result = |said: &str| json!({ "role": "tool", "tool_call_id": "x", "content": said });
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "go" },
        { "role": "assistant", "tool_calls": [call("look"), call("find")] }, result("seen"), result("found")] });
    let request = read(C, &body);
    assert_eq!(named(&request), ["look seen", "find found"]);
    let told = calls(&sent(A, &request).0);
    let ids: Vec<&str> = told.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["x", "x_2", "x", "x_2"]);
    // Ollama's clients may send ids, and one that nobody answered does not take another's result.
    let call = |name: &str| {
        json!({ "role": "assistant", "content": "", "tool_calls": [
        { "id": "x", "function": { "name": name, "arguments": {} } }] })
    };
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "go" }, call("look"),
        { "role": "user", "content": "no" }, call("find"), { "role": "tool", "tool_call_id": "x", "content": "found" }] });
    assert_eq!(named(&read(O, &body)), ["find found"]);
}

#[test]
fn a_call_that_was_gone_on_from_without_a_result_is_answered_in_words_and_told() {
    let interrupted = Request {
        messages: vec![
            Message::user("2+2?"),
            said(Role::Assistant, vec![call("a", "{}"), call("b", "{}")]),
            said(Role::User, vec![result("a", "4", false), Block::Text("Never mind.".into())]),
        ],
        ..with_tools(ToolChoice::Auto)
    };
    for to in Dialect::ALL {
        let (back, losses) = sent(to, &interrupted);
        let said: Vec<String> = calls(&back).into_iter().map(|(_, said)| said).collect();
        assert_eq!(said, ["add", "add", "4", UNANSWERED], "{to:?}");
        assert_eq!(losses, [Loss::Unanswered], "{to:?}");
        let turn = &back.messages[back.messages.len() - 1];
        assert_eq!(turn.blocks.last(), Some(&Block::Text("Never mind.".into())), "{to:?}");
    }
    let body = body(A, &interrupted);
    let told = body["messages"][2]["content"].as_array().unwrap();
    let ids: Vec<&str> = told.iter().filter_map(|block| block["tool_use_id"].as_str()).collect();
    assert_eq!((ids, told.len()), (vec!["a", "b"], 3), "all results are in the one turn after the calls");
    // Whatever is said next.
    let mut instructed = interrupted.clone();
    instructed.messages[2] = said(Role::System, vec![Block::Text("Be brief.".into())]);
    instructed.messages.push(Message::user("so?"));
    for to in Dialect::ALL {
        let (back, losses) = sent(to, &instructed);
        assert_eq!(calls(&back).iter().filter(|(_, said)| said == UNANSWERED).count(), 2, "{to:?}");
        assert!(losses.contains(&Loss::Unanswered), "{to:?}");
    }
    // Calls that are still to be answered are none of these, nor are those whose results come a message later.
    let mut open = interrupted.clone();
    open.messages.truncate(2);
    let mut later = interrupted;
    later.messages[2] = said(Role::User, vec![Block::Text("Go on.".into())]);
    later.messages.push(said(Role::User, vec![result("a", "4", false), result("b", "5", false)]));
    for request in [open, later] {
        for to in Dialect::ALL {
            let (back, losses) = sent(to, &request);
            assert!(calls(&back).iter().all(|(_, said)| said != UNANSWERED), "{to:?}");
            assert!(!losses.contains(&Loss::Unanswered), "{to:?}");
        }
    }
}

#[test]
fn results_stand_in_the_order_of_their_calls() {
    // Gemini and Ollama tie those of one tool by it.
    let turn = |results: Vec<Block>| Request {
        messages: vec![
            Message::user("2+2?"),
            said(Role::Assistant, vec![call("a", "{}"), call("b", "{}"), call("c", "{}")]),
            said(Role::User, results),
        ],
        ..with_tools(ToolChoice::Auto)
    };
    let told = |to: Dialect, request: &Request| -> Vec<String> {
        calls(&sent(to, request).0).into_iter().map(|(_, said)| said).skip(3).collect()
    };
    let unanswered = turn(vec![result("c", "6", false), result("b", "5", false), Block::Text("so?".into())]);
    let astray = turn(vec![result("c", "6", false), result("a", "4", false), result("b", "5", false)]);
    for to in Dialect::ALL {
        assert_eq!(told(to, &unanswered), [UNANSWERED, "5", "6"], "{to:?}");
        assert_eq!(told(to, &astray), ["4", "5", "6"], "{to:?}");
    }
}

#[test]
fn a_result_that_names_another_tool_is_no_answer() {
    let nameless = |name: &str| Request {
        messages: vec![
            Message::user("2+2?"),
            said(Role::Assistant, vec![call("a", "{}"), Block::call("b", "find", "{}")]),
            said(Role::User, vec![Block::result("", name, "4", false)]),
        ],
        ..with_tools(ToolChoice::Auto)
    };
    let ids = |name: &str| -> Vec<(String, String)> {
        let request = nameless(name);
        let (spared, _) = spared(&request, C, &Quirks::default());
        calls(&spared).into_iter().skip(2).collect()
    };
    let told = |ids: [(&str, &str); 2]| ids.map(|(id, said)| (id.to_owned(), said.to_owned())).to_vec();
    assert_eq!(ids("find"), told([("a", UNANSWERED), ("b", "4")]));
    assert_eq!(ids(""), told([("a", "4"), ("b", UNANSWERED)]));
    let other = ids("other");
    assert_eq!(other.iter().filter(|(_, said)| said == UNANSWERED).count(), 2);
    assert_eq!(
        (other.len(), spared(&nameless("other"), C, &Quirks::default()).1),
        (2, vec![Loss::Unanswered, Loss::Orphan])
    );
}

#[test]
fn a_call_in_a_turn_of_the_user_s_is_not_completed() {
    let messages = vec![said(Role::User, vec![call("a", "{}")]), Message::user("so?")];
    let request = Request { messages, ..with_tools(ToolChoice::Auto) };
    for to in Dialect::ALL {
        assert_eq!(spared(&request, to, &Quirks::default()), (std::borrow::Cow::Borrowed(&request), Vec::new()));
    }
}

const MANY: usize = 20_000;

#[test]
fn a_conversation_of_many_calls_is_looked_through_at_once() {
    type Id = fn(usize) -> String;
    let calls = |id: Id| (0..MANY).map(|n| call(&id(n), "{}")).collect::<Vec<_>>();
    let results = |id: Id| (0..MANY).map(|n| result(&id(n), "4", false)).collect::<Vec<_>>();
    let with = |messages: Vec<Message>| Request { messages, ..with_tools(ToolChoice::Auto) };
    let (one, counted, none): (Id, Id, Id) = (|_| "x".to_owned(), |n| n.to_string(), |_| String::new());
    // One id for all of one turn, without an id, and one id in a turn each.
    for (id, said_id) in [(one, one), (counted, none)] {
        let request = with(vec![said(Role::Assistant, calls(id)), said(Role::User, results(said_id))]);
        let (spared, losses) = spared(&request, A, &Quirks::default());
        assert_eq!(losses, []);
        let ids: HashSet<String> = self::calls(&spared).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), MANY);
    }
    let turns =
        calls(one).into_iter().flat_map(|call| [said(Role::Assistant, vec![call]), said(Role::System, Vec::new())]);
    let request = with(turns.collect());
    assert_eq!(spared(&request, A, &Quirks::default()).0.messages.len(), 3 * MANY);
    // Tools of one name that are all different, and then all the same again.
    let mut request = with(Vec::new());
    request.tools = (0..MANY).map(|n| ToolSpec::new("add", n.to_string(), json!({ "type": "object" }))).collect();
    request.tools.extend_from_within(..);
    assert_eq!(spared(&request, A, &Quirks::default()).0.tools.len(), MANY);
}

#[test]
fn a_conversation_of_many_calls_is_read_at_once() {
    let call = json!({ "id": "x", "function": { "name": "look", "arguments": {} } });
    let turn = json!({ "role": "assistant", "tool_calls": vec![call; MANY] });
    let answers = (0..MANY).map(|_| json!({ "role": "tool", "tool_call_id": "x", "content": "seen" }));
    let messages: Vec<Value> = std::iter::once(turn).chain(answers).collect();
    let request = read(O, &json!({ "model": "m", "messages": messages }));
    assert_eq!(calls(&request).len(), 2 * MANY);
}

#[test]
fn a_result_without_an_id_answers_a_call_of_the_last_turn() {
    let call = |id: &str| json!({ "functionCall": { "id": id, "name": "look", "args": {} } });
    let seen = json!({ "functionResponse": { "name": "look", "response": { "output": "seen" } } });
    let turn = |role: &str, part: Value| json!({ "role": role, "parts": [part] });
    let gemini = json!({ "contents": [turn("model", call("a")), turn("user", json!({ "text": "no" })),
        turn("model", call("b")), turn("user", seen)] });
    let call = |id: &str| json!({ "role": "assistant", "tool_calls": [{ "id": id, "function": { "name": "look", "arguments": {} } }] });
    for name in ["", "look"] {
        let ollama = json!({ "model": "m", "messages": [call("a"), { "role": "user", "content": "no" }, call("b"),
            { "role": "tool", "tool_name": name, "content": "seen" }] });
        for (dialect, body) in [(G, &gemini), (O, &ollama)] {
            let told = calls(&read(dialect, body));
            assert_eq!(told.last(), Some(&("b".to_owned(), "seen".to_owned())), "{dialect:?}");
        }
    }
}

#[test]
fn a_tool_that_is_offered_twice_goes_once_and_of_two_that_differ_none_where_that_is_refused() {
    let mut request = with_tools(ToolChoice::Auto);
    request.tools.push(request.tools[0].clone());
    for to in Dialect::ALL {
        let (back, losses) = sent(to, &request);
        assert_eq!((back.tools.len(), losses), (1, Vec::new()), "{to:?}");
    }
    request.tools[1].description = "Joins.".into();
    let sentence = "it offers two different tools of one name";
    for to in Dialect::ALL {
        let told = wire(to).write_request("m", &request, &able(to, &request), false);
        match told {
            Ok(_) => assert!([C, R, O, X].contains(&to), "{to:?}"),
            Err(failure) => {
                assert!([A, G].contains(&to), "{to:?}");
                assert!(failure.message.ends_with(sentence), "{}", failure.message);
            }
        }
    }
    // One server of a dialect that takes them refuses them.
    let mut adapted = able(C, &request);
    adapted.quirks.unique_tools = true;
    let failure = wire(C).write_request("m", &request, &adapted, false).unwrap_err();
    assert!(failure.message.ends_with(sentence), "{}", failure.message);
}

#[test]
fn a_function_that_is_called_like_a_tool_of_the_provider_s_is_its_twin() {
    let hosted = json!({ "type": "web_search_20250305", "name": "web_search" });
    let function = json!({ "name": "web_search", "description": "Mine.", "input_schema": { "type": "object" } });
    let body = |tools: Value| json!({ "model": "m", "max_tokens": 9, "tools": tools, "messages": [{ "role": "user", "content": "go" }] });
    let twins = read(A, &body(json!([function, hosted])));
    let told = wire(A).write_request("m", &twins, &able(A, &twins), false);
    assert!(told.unwrap_err().message.ends_with("it offers two different tools of one name"));
    // Nobody else offers the provider's, and it may stand twice as it is.
    assert_eq!(sent(C, &twins).0.tools.len(), 1);
    let alone = read(A, &body(json!([hosted])));
    assert_eq!(sent(A, &alone).0.extras.len(), 1);
}

#[test]
fn a_result_whose_call_is_gone_is_told_as_a_text_of_the_user_in_its_place() {
    let lone = |failed| Block::ToolResult {
        id: "gone".into(),
        name: "add".into(),
        content: "4".into(),
        is_error: failed,
        parts: vec![Block::Text("more".into())],
    };
    for (failed, told) in [(false, "[result of add] 4"), (true, "[failed result of add] 4")] {
        let request = Request {
            messages: vec![
                said(Role::User, vec![lone(failed), Block::Text("so?".into())]),
                said(Role::Assistant, vec![call("a", "{}")]),
                said(Role::User, vec![result("a", "5", false)]),
            ],
            ..with_tools(ToolChoice::Auto)
        };
        for to in Dialect::ALL {
            let (back, losses) = sent(to, &request);
            assert_eq!(losses, [Loss::Orphan], "{to:?}");
            assert_eq!(calls(&back).len(), 2, "{to:?}");
            let texts = back.messages[0].blocks.iter().filter_map(|block| match block {
                Block::Text(text) => Some(text.as_str()),
                _ => None,
            });
            let texts: Vec<&str> = texts.collect();
            assert!(texts.concat().starts_with(told) && texts.concat().ends_with("so?"), "{to:?}: {texts:?}");
        }
    }
    let body = json!({ "model": "m", "messages": [{ "role": "tool", "tool_call_id": "x", "content": "4" }] });
    let request = read(C, &body);
    let told = body_of(R, &request);
    assert_eq!(told["input"][0]["content"][0]["text"], "[result] 4");
}

fn body_of(to: Dialect, request: &Request) -> Value {
    serde_json::from_slice(&wire(to).write_request("m", request, &able(to, request), false).unwrap().body).unwrap()
}

#[test]
fn results_come_before_what_the_user_says_in_the_same_turn() {
    let call = |id: &str| json!({ "type": "tool_use", "id": id, "name": "add", "input": {} });
    let answer = json!([
        { "type": "text", "text": "before" },
        { "type": "tool_result", "tool_use_id": "toolu_2", "content": "5" },
    ]);
    let body = json!({ "model": "m", "max_tokens": 99, "messages": [
        { "role": "user", "content": "go" },
        { "role": "assistant", "content": [call("toolu_1"), call("toolu_2")] },
        { "role": "user", "content": answer },
    ] });
    let request = read(A, &body);
    for to in Dialect::ALL {
        let (back, losses) = sent(to, &request);
        let told: Vec<String> = calls(&back).into_iter().map(|(_, said)| said).collect();
        assert_eq!(told, ["add", "add", UNANSWERED, "5"], "{to:?}");
        assert_eq!(losses, [Loss::Unanswered], "{to:?}");
        let last = back.messages.last().unwrap();
        assert_eq!(last.blocks.last(), Some(&Block::Text("before".into())), "{to:?}");
    }
}

#[test]
fn two_calls_of_one_answer_are_told_apart() {
    use crate::model::BlockKind;
    let begins = |index, id: &str| Event::BlockStart {
        index,
        kind: BlockKind::ToolCall { id: id.into(), name: "add".into(), custom: false },
    };
    let ids = |events: &[Event]| {
        let ids = events.iter().filter_map(|event| match event {
            Event::BlockStart { kind: BlockKind::ToolCall { id, .. }, .. } => Some(id.clone()),
            _ => None,
        });
        ids.collect::<Vec<_>>()
    };
    let request = with_tools(ToolChoice::Auto);
    let mut names = wire(C).write_request("m", &request, &able(C, &request), false).unwrap().names;
    // In pieces, as they come.
    let mut all = vec![begins(0, "c_1"), begins(1, "c_1")];
    names.back(&mut all);
    let mut more = vec![begins(2, "c_1"), begins(3, "c_2"), begins(4, "")];
    names.back(&mut more);
    assert_eq!([ids(&all), ids(&more)].concat(), ["c_1", "c_1_2", "c_1_3", "c_2", ""]);
    let mut own = vec![begins(0, "c_1"), begins(1, "c_1")];
    crate::wire::Names::default().back(&mut own);
    assert_eq!(ids(&own), ["c_1", "c_1"], "what goes on as it came keeps its ids");
}

#[test]
fn very_many_calls_of_one_id_are_told_apart_at_once() {
    use crate::model::BlockKind;
    // So many that whoever tries all numbers anew for each of them does not come to an end.
    const CALLS: usize = 200_000;
    let kind = || BlockKind::ToolCall { id: "a".into(), name: "add".into(), custom: false };
    let mut events: Vec<Event> = (0..CALLS).map(|index| Event::BlockStart { index, kind: kind() }).collect();
    let request = with_tools(ToolChoice::Auto);
    let mut names = wire(C).write_request("m", &request, &able(C, &request), false).unwrap().names;
    names.back(&mut events);
    let last = BlockKind::ToolCall { id: format!("a_{CALLS}"), name: "add".into(), custom: false };
    assert_eq!(events.last(), Some(&Event::BlockStart { index: CALLS - 1, kind: last }));
}

#[test]
fn what_is_lost_of_sampling_is_told_once() {
    use crate::model::Sampling;
    let lost = |sampling: Sampling, to| {
        let request = Request { sampling, ..with_tools(ToolChoice::Auto) };
        let adapted = Adapted { sampling: false, ..able(to, &request) };
        wire(to).write_request("m", &request, &adapted, false).unwrap().losses
    };
    let alone = Sampling { top_k: Some(5), ..Sampling::default() };
    assert_eq!(lost(alone, R), [Loss::TopK]);
    assert_eq!(lost(alone, A), [Loss::Sampling]);
    assert_eq!(lost(Sampling { temperature: Some(0.5), ..alone }, R), [Loss::Sampling, Loss::TopK]);
    assert_eq!(lost(Sampling { presence_penalty: Some(0.5), ..Sampling::default() }, R), [Loss::Penalties]);
}
