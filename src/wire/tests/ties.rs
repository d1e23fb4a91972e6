//! Results find their calls, and stand where those are answered that sent them.

use prost::Message as _;

use super::requests::{ASKING, able};
use super::xai_grpc::called;
use super::xai_surface::{asks, turn, words};
use super::*;
use crate::wire::ids::tried;
use crate::wire::proto::xai::Message as Turn;
use crate::wire::strict::{ARRIVED, UNANSWERED};
use crate::wire::ties::{Ties, tied};
use crate::wire::{Loss, Quirks};

use Dialect::{AnthropicMessages as A, Gemini as G, Ollama as O, OpenAiChat as C, OpenAiResponses as R, XaiGrpc as X};

fn calls(calls: &[(&str, &str)]) -> Message {
    said(Role::Assistant, calls.iter().map(|(id, name)| Block::call(*id, *name, "{}")).collect())
}

fn results(results: &[(&str, &str)]) -> Message {
    said(Role::User, results.iter().map(|(id, name)| Block::result(*id, *name, "", false)).collect())
}

/// Ids and names of all results once they are tied; an id alone where no call is known.
fn tied_to(messages: &[Message]) -> Vec<String> {
    let mut messages = messages.to_vec();
    tied(&mut messages);
    let blocks = messages.iter().flat_map(|message| &message.blocks);
    let told = blocks.filter_map(|block| match block {
        Block::ToolResult { id, name, .. } => Some(format!("{id} {name}")),
        _ => None,
    });
    told.collect()
}

/// The conversation as somebody is told it: a word for each turn, and in it what it holds, in order.
fn read_as(to: Dialect, request: &Request) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut number = |id: &str| {
        let place = ids.iter().position(|known| known == id).unwrap_or_else(|| {
            ids.push(id.to_owned());
            ids.len() - 1
        });
        ["1st", "2nd", "3rd", "4th", "5th"][place]
    };
    let mut turns = Vec::new();
    for message in &request.messages {
        let held = message.blocks.iter().map(|block| match block {
            Block::ToolCall { id, name, .. } => format!("{name} ({})", number(id)),
            Block::ToolResult { id, content, .. } if content == UNANSWERED => format!("nothing ({})", number(id)),
            Block::ToolResult { id, content, is_error, .. } => {
                format!("{}{content} ({})", if *is_error { "failed: " } else { "" }, number(id))
            }
            Block::Text(text) => text.clone(),
            other => panic!("{to:?}: {other:?}"),
        });
        let who = if message.role == Role::Assistant { "model" } else { "user" };
        turns.push(format!("{who}: {}", held.collect::<Vec<_>>().join(", ")));
    }
    turns
}

fn sent(to: Dialect, request: &Request) -> (Vec<String>, Vec<Loss>) {
    let written = wire(to).write_request("m", request, &able(to, request), false).unwrap();
    let back = surface(to).read_request(&written.body, &ASKING).unwrap().request;
    (read_as(to, &back), written.losses)
}

fn read(dialect: Dialect, body: &Value) -> Request {
    surface(dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap().request
}

#[test]
fn a_result_is_tied_in_the_last_turn_that_has_a_call_of_its_kind() {
    let two = [
        calls(&[("a", "look")]),
        // In several messages it is one turn all the same.
        calls(&[("b", "find")]),
        said(Role::User, vec![Block::Text("no".into())]),
        calls(&[("c", "look")]),
        calls(&[("d", "find")]),
    ];
    let told = |asked: &[(&str, &str)]| tied_to(&[&two[..], &[results(asked)]].concat());
    assert_eq!(told(&[("", "find"), ("", "")]), ["d find", "c look"]);
    assert_eq!(told(&[("z", "find"), ("y", "")]), ["d find", "y "], "an id that nobody gave is none of theirs");
    assert_eq!(told(&[("a", "")]), ["a look"], "one that somebody gave says it all");
    // What is too much answers nobody who was interrupted.
    assert_eq!(told(&[("", "look"), ("", "look"), ("", ""), ("", "")]), ["c look", " look", "d find", " "]);
    // Another tool's is no answer, and those that name their call have it first.
    assert_eq!(told(&[("", "other")]), [" other"]);
    assert_eq!(told(&[("", ""), ("", "look"), ("d", "")]), [" ", "c look", "d find"]);
    // The model said something since.
    let later = [&two[..], &[results(&[("d", "")]), Message::assistant("so"), results(&[("", "")])]].concat();
    assert_eq!(tied_to(&later), ["d find", "c look"]);
}

#[test]
fn an_id_that_comes_again_is_answered_where_it_came_last_and_by_the_tool_that_it_names() {
    let turns = [calls(&[("x", "look")]), Message::user("no"), calls(&[("x", "find")])];
    let told = |asked: &[(&str, &str)]| tied_to(&[&turns[..], &[results(asked)]].concat());
    assert_eq!(told(&[("x", "")]), ["x find"]);
    assert_eq!(told(&[("x", "look"), ("x", "")]), ["x look", "x find"]);
    // A second one of the same call.
    assert_eq!(told(&[("x", ""), ("x", "")]), ["x find", "x find"]);
}

#[test]
fn a_call_without_an_id_has_one_and_so_has_its_result() {
    let messages = [calls(&[("", "look"), ("b", "find")]), results(&[("", "look"), ("b", "")])];
    assert_eq!(tied_to(&messages), ["call_000000000000000000000001 look", "b find"]);
    let call = |name: &str| json!({ "type": "function", "function": { "name": name, "arguments": "{}" } });
    let chat = json!({ "model": "m", "messages": [{ "role": "user", "content": "go" },
        { "role": "assistant", "tool_calls": [call("look"), call("find")] },
        { "role": "tool", "content": "seen" }, { "role": "tool", "name": "find", "content": "found" }] });
    for to in Dialect::ALL {
        let (told, losses) = sent(to, &read(C, &chat));
        assert_eq!(told[1..], ["model: look (1st), find (2nd)", "user: seen (1st), found (2nd)"], "{to:?}");
        assert_eq!(losses, [], "{to:?}");
    }
}

#[test]
fn a_result_whose_id_no_call_has_is_the_answer_to_its_tool_s_call_and_nothing_else_is_said() {
    let call = json!({ "functionCall": { "name": "look", "args": {} } });
    let response =
        json!({ "functionResponse": { "id": "look-1730-ab12", "name": "look", "response": { "output": "seen" } } });
    let turn = |role: &str, part: Value| json!({ "role": role, "parts": [part] });
    let gemini = json!({ "contents": [turn("user", json!({ "text": "go" })), turn("model", call),
        turn("user", response)] });
    let call = json!({ "id": "c", "type": "function", "function": { "name": "look", "arguments": "{}" } });
    let chat = |result: Value| {
        json!({ "model": "m", "messages": [{ "role": "user", "content": "go" },
            { "role": "assistant", "tool_calls": [call] }, result] })
    };
    let named = chat(json!({ "role": "tool", "name": "look", "content": "seen" }));
    let strange = chat(json!({ "role": "tool", "tool_call_id": "z", "name": "look", "content": "seen" }));
    for (from, body) in [(G, &gemini), (C, &named), (C, &strange)] {
        for to in Dialect::ALL {
            let (told, losses) = sent(to, &read(from, body));
            assert_eq!(told, ["user: go", "model: look (1st)", "user: seen (1st)"], "{from:?} to {to:?}");
            assert_eq!(losses, [], "{from:?} to {to:?}");
        }
    }
}

#[test]
fn a_result_whose_id_no_call_has_is_not_the_answer_to_another_that_was_cancelled() {
    let call = json!({ "id": "c", "type": "function", "function": { "name": "look", "arguments": "{}" } });
    let chat = json!({ "model": "m", "messages": [{ "role": "user", "content": "go" },
        { "role": "assistant", "tool_calls": [call] },
        { "role": "tool", "tool_call_id": "z", "content": "seen" }] });
    let used = json!({ "type": "tool_use", "id": "c", "name": "look", "input": {} });
    let anthropic = json!({ "model": "m", "max_tokens": 99, "messages": [{ "role": "user", "content": "go" },
        { "role": "assistant", "content": [used] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "z", "content": "seen" }] }] });
    let responses = json!({ "model": "m", "input": [{ "role": "user", "content": "go" },
        { "type": "function_call", "call_id": "c", "name": "look", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "z", "output": "seen" }] });
    for (from, body) in [(C, &chat), (A, &anthropic), (R, &responses)] {
        for to in Dialect::ALL {
            let (told, losses) = sent(to, &read(from, body));
            let last = "user: nothing (1st), [result] seen";
            assert_eq!(told, ["user: go", "model: look (1st)", last], "{from:?} to {to:?}");
            assert_eq!(losses, [Loss::Orphan, Loss::Unanswered], "{from:?} to {to:?}");
        }
    }
}

#[test]
fn a_result_without_an_id_is_told_as_what_it_is() {
    // The user spoke before it in the same turn.
    let messages = vec![
        Message::user("go"),
        calls(&[("a", "look")]),
        said(Role::User, vec![Block::Text("hurry".into()), Block::result("", "look", "seen", false)]),
    ];
    for to in Dialect::ALL {
        let (_, losses) = sent(to, &Request { messages: messages.clone(), ..asked() });
        assert_eq!(losses, [], "{to:?}: it has a call");
    }
}

#[test]
fn the_service_of_xai_takes_results_without_ids() {
    let result =
        |id: Option<&str>, said: &str| Turn { tool_call_id: id.map(str::to_owned), ..turn(5, vec![words(said)]) };
    let body = asks(vec![
        turn(1, vec![words("go")]),
        Turn { tool_calls: vec![called("a", 1, "{}"), called("b", 1, "{}")], ..turn(2, vec![words("")]) },
        turn(1, vec![words("no")]),
        Turn { tool_calls: vec![called("", 1, "{}"), called("d", 1, "{}")], ..turn(2, vec![words("")]) },
        result(None, "5"),
        result(Some("z"), "6"),
        result(None, "7"),
    ]);
    let request = surface(X).read_request(&body.encode_to_vec(), &ASKING).unwrap().request;
    let told = read_as(X, &request);
    assert_eq!(told[..3], ["user: go", "model: add (1st), add (2nd)", "user: no"]);
    assert_eq!(told[3..], ["model: add (3rd), add (4th)", "user: 5 (3rd), 6 (5th), 7 (4th)"]);
}

#[test]
fn a_result_that_comes_turns_after_its_call_is_brought_up_to_it_and_that_is_told() {
    let seen = |id: &str, content: &str| Block::result(id, "look", content, false);
    let call = |id: &str| calls(&[(id, "look")]);
    let hurried = vec![
        Message::user("go"),
        call("a"),
        Message::user("hurry"),
        Message::assistant("ok"),
        said(Role::User, vec![seen("a", "seen")]),
    ];
    let brought = ["user: go", "model: look (1st)", "user: seen (1st), hurry", "model: ok"];
    let arrived = format!("user: {ARRIVED}");
    let twice = vec![
        Message::user("go"),
        call("a"),
        Message::user("and?"),
        call("b"),
        said(Role::User, vec![seen("a", "one"), seen("b", "two"), Block::Text("so?".into())]),
    ];
    let apart = ["user: go", "model: look (1st)", "user: one (1st), and?", "model: look (2nd)", "user: two (2nd), so?"];
    for to in Dialect::ALL {
        let with = |messages: &[Message]| sent(to, &Request { messages: messages.to_vec(), ..asked() });
        let (told, losses) = with(&hurried);
        assert_eq!(told, [&brought[..], &[arrived.as_str()]].concat(), "{to:?}: the model has the next word");
        assert_eq!(losses, [Loss::LateResult], "{to:?}");
        // Where something else was said with it, or since, nothing has to be put there.
        let mut more = hurried.clone();
        more[4].blocks.push(Block::Text("so?".into()));
        assert_eq!(with(&more).0, [&brought[..], &["user: so?"]].concat(), "{to:?}");
        more[4].blocks.pop();
        more.extend([Message::assistant("."), Message::user("so?")]);
        let (told, _) = with(&more);
        assert_eq!((told[..3].join("\n"), told.last().unwrap().as_str()), (brought[..3].join("\n"), "user: so?"));
        assert_eq!(with(&twice), (apart.map(str::to_owned).to_vec(), vec![Loss::LateResult]), "{to:?}");
        // One that nobody answered has still its words.
        let mut one = twice.clone();
        one[4].blocks.remove(1);
        let (told, losses) = with(&one);
        assert_eq!(told[4], "user: nothing (2nd), so?", "{to:?}");
        assert_eq!(losses, [Loss::LateResult, Loss::Unanswered], "{to:?}");
    }
}

#[test]
fn a_mark_goes_with_the_result_that_it_stands_behind() {
    let messages = vec![
        Message::user("go"),
        calls(&[("a", "look")]),
        Message::user("hurry"),
        Message::assistant("ok"),
        said(Role::User, vec![Block::result("a", "look", "seen", false), Block::Mark(crate::model::Ttl::Short)]),
    ];
    let body = body(A, &Request { messages, ..asked() });
    assert_eq!(body["messages"][2]["content"][0]["cache_control"], json!({ "type": "ephemeral" }), "{body:#}");
}

#[test]
fn what_has_the_id_of_a_result_before_it_is_another_of_the_same_call() {
    let made_up = [calls(&[("a", "look")]), results(&[("q", "look"), ("q", "look")])];
    assert_eq!(tied_to(&made_up), ["a look", "a look"]);
    let two = [calls(&[("a", "look"), ("b", "look")]), results(&[("q", "look"), ("q", "look"), ("q", "look")])];
    assert_eq!(tied_to(&two), ["a look", "b look", "b look"]);
    assert_eq!(tied_to(&[calls(&[("a", "look")]), results(&[("q", "look"), ("r", "look")])]), ["a look", "r look"]);
}

#[test]
fn several_results_of_one_call_arrive_as_one() {
    let with = |results: Vec<Block>| Request {
        messages: vec![Message::user("go"), calls(&[("a", "look"), ("b", "find")]), said(Role::User, results)],
        ..asked()
    };
    let look = |content: &str, failed| Block::result("a", "look", content, failed);
    let found = Block::result("b", "find", "found", false);
    let several = with(vec![look("one", false), found.clone(), look("two", true), look("two", true)]);
    let again = with(vec![look("one", false), look("one", false), found]);
    let files = with(vec![
        Block::ToolResult {
            id: "a".into(),
            name: "look".into(),
            content: String::new(),
            is_error: false,
            parts: vec![Block::image("image/png", "iVBORw0KGgo=")],
        },
        look("one", false),
        Block::result("b", "find", "found", false),
    ]);
    for to in Dialect::ALL {
        let (told, losses) = sent(to, &several);
        let failed = matches!(to, A | G);
        let one = if failed { "failed: one\n\ntwo (1st)" } else { "error: one\n\ntwo (1st)" };
        assert_eq!(told.last().unwrap(), &format!("user: {one}, found (2nd)"), "{to:?}");
        assert!(losses.contains(&Loss::Results), "{to:?}: {losses:?}");
        // The same again says nothing new.
        let (told, losses) = sent(to, &again);
        assert_eq!((told.last().unwrap().as_str(), losses), ("user: one (1st), found (2nd)", vec![]), "{to:?}");
    }
    let told = body(A, &files)["messages"][2]["content"].clone();
    assert_eq!(told.as_array().unwrap().len(), 2, "{told:#}");
    assert_eq!(told[0]["content"][1], json!({ "type": "text", "text": "one" }), "{told:#}");
}

/// Ids of calls and of results as they are sent, in order.
fn ids(to: Dialect, request: &Request) -> Vec<String> {
    let quirks = Quirks { bounded_ids: true, ..Quirks::default() };
    let body = wire(to).write_request("m", request, &Adapted { quirks, ..Adapted::default() }, false).unwrap().body;
    let back = surface(to).read_request(&body, &ASKING).unwrap().request;
    let blocks = back.messages.iter().flat_map(|message| &message.blocks);
    let ids = blocks.filter_map(|block| match block {
        Block::ToolCall { id, .. } | Block::ToolResult { id, .. } => Some(id.clone()),
        _ => None,
    });
    ids.collect()
}

#[test]
fn an_id_that_is_too_long_for_whom_is_asked_is_shortened_the_same_in_every_request() {
    let long = |length: usize, end: &str| format!("{}{end}", "x".repeat(length - end.len()));
    for (to, most) in [(C, 40), (R, 64), (A, 64)] {
        let [fits, one, two] = [long(most, "a"), long(most + 1, "a"), long(most + 1, "b")];
        let with = |all: &[&String]| {
            let asked_for: Vec<(&str, &str)> = all.iter().map(|id| (id.as_str(), "look")).collect();
            Request { messages: vec![Message::user("go"), calls(&asked_for), results(&asked_for)], ..asked() }
        };
        let sent = ids(to, &with(&[&fits, &one, &two, &one]));
        assert_eq!(sent[..4], sent[4..], "{to:?}: a call and its result");
        assert_eq!(sent[0], fits, "{to:?}");
        let apart: std::collections::HashSet<&String> = sent.iter().collect();
        assert!(apart.len() == 4 && sent.iter().all(|id| id.len() <= most), "{to:?}: {sent:?}");
        assert_eq!(ids(to, &with(&[&fits, &one, &two]))[..3], sent[..3], "{to:?}: it stays while a conversation grows");
        // What was replaced in it makes it no longer.
        let sent = ids(to, &with(&[&long(most, "."), &long(most, ":")]));
        assert!(sent[0] != sent[1] && sent.iter().all(|id| id.len() <= most), "{to:?}: {sent:?}");
        // And what is told apart fits everywhere.
        let sent = ids(to, &with(&[&fits, &fits]));
        assert!(sent[0] != sent[1] && sent.iter().all(|id| id.len() <= most), "{to:?}: {sent:?}");
    }
    // No limit is known elsewhere.
    let long = long(200, "a");
    let request = Request {
        messages: vec![Message::user("go"), calls(&[(&long, "look")]), results(&[(&long, "look")])],
        ..asked()
    };
    for to in [G, X] {
        assert_eq!(ids(to, &request), [long.as_str(), long.as_str()], "{to:?}");
    }
    assert_eq!(ids(O, &request).len(), 2);
}

#[test]
fn only_who_takes_no_long_ids_in_chat_is_given_shorter_ones() {
    // Kimi's models are told the tool's name by it.
    let id = format!("functions.{}:0", "mcp__github__".repeat(4));
    let asked_for = [(id.as_str(), "look")];
    let request = Request { messages: vec![Message::user("go"), calls(&asked_for), results(&asked_for)], ..asked() };
    let plain = wire(C).write_request("m", &request, &Adapted::default(), false).unwrap().body;
    let plain: Value = serde_json::from_slice(&plain).unwrap();
    let told = [&plain["messages"][2]["tool_calls"][0]["id"], &plain["messages"][3]["tool_call_id"]];
    assert_eq!(told, [&json!(id), &json!(id)]);
    assert!(ids(C, &request).iter().all(|sent| sent.len() <= 40));
}

#[test]
fn an_id_that_comes_again_keeps_all_of_it_where_that_fits() {
    let id = "x".repeat(36);
    let twice = [(id.as_str(), "look"), (id.as_str(), "look")];
    let request = Request { messages: vec![Message::user("go"), calls(&twice), results(&twice)], ..asked() };
    for to in [C, R, A] {
        assert_eq!(ids(to, &request)[..2], [id.clone(), format!("{id}_2")], "{to:?}");
    }
}

#[test]
fn very_many_long_ids_that_begin_alike_and_come_again_are_told_apart_at_once() {
    const MANY: usize = 1_000;
    const TIMES: usize = 4;
    let ids: Vec<String> = (0..MANY).map(|n| format!("{}{n:030}", "x".repeat(32))).collect();
    let called: Vec<(&str, &str)> = (0..TIMES).flat_map(|_| ids.iter().map(|id| (id.as_str(), "look"))).collect();
    let messages = [calls(&called)];
    let (sent, tries) = tried(&Ties::of(&messages).calls, R, &Quirks::default());
    let apart: std::collections::HashSet<&str> = sent.iter().map(|id| &**id).collect();
    assert!((sent.len(), apart.len()) == (MANY * TIMES, MANY * TIMES) && sent.iter().all(|id| id.len() <= 64));
    // One for each that another has: none tries what those of the others took.
    assert!(tries <= MANY * TIMES, "{tries}");
}

#[test]
fn a_call_without_an_id_is_sent_with_one() {
    let request =
        Request { messages: vec![Message::user("go"), calls(&[("", "look")]), results(&[("", "look")])], ..asked() };
    for to in Dialect::ALL {
        let sent = ids(to, &request);
        assert_eq!(sent, ["call_000000000000000000000001"; 2], "{to:?}");
    }
}

#[test]
fn a_conversation_of_very_many_calls_is_tied_at_once() {
    // So many that whoever looks at all of them for each of them does not come to an end.
    const MANY: usize = 300_000;
    for (id, asked) in [("x", ("x", "")), ("", ("", "look")), ("x", ("y", "look"))] {
        let mut messages = [calls(&vec![(id, "look"); MANY]), results(&vec![asked; MANY])];
        tied(&mut messages);
        let named = |block: &&Block| matches!(block, Block::ToolResult { name, .. } if name == "look");
        assert_eq!(messages[1].blocks.iter().filter(named).count(), MANY);
    }
}

#[test]
fn an_id_of_a_user_that_is_too_long_goes_as_its_sum() {
    // As Claude Code spells it.
    let session = r#"{"device_id":"0f0e0d0c0b0a09080706050403020100","account_uuid":"00000000-0000-4000-8000-000000000000","session_id":"11111111-1111-4111-8111-111111111111"}"#;
    let sent = |to: Dialect, user: &str, newest: bool| {
        let request = Request { user: Some(user.to_owned()), ..asked() };
        let mut adapted = able(to, &request);
        adapted.quirks.newest = newest;
        let body = written(to, &request, &adapted, false);
        body[if newest { "safety_identifier" } else { "user" }].as_str().unwrap().to_owned()
    };
    for to in [C, R] {
        for newest in [true, false] {
            let sum = sent(to, session, newest);
            assert!(sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()), "{to:?}: {sum}");
            assert_eq!(sum, sent(C, session, true), "the same in every request");
            assert_ne!(sum, sent(to, &session.replace("1111", "2222"), newest));
            let longest = "é".repeat(128);
            assert_eq!(sent(to, &longest, newest), longest);
        }
    }
}
