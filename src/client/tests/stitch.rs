//! Stories about answers whose providers pause in the middle: the caller sees one answer.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::tape::{Piece, Seen, Take, Tape, call, client, clock, frame, price, row, speaking};
use crate::client::attempt::Served;
use crate::client::clean::Clean;
use crate::client::record::Used;
use crate::client::stitch::Stitch;
use crate::client::{Budgets, CallError, Client, Listener, Route};
use crate::config::Budget;
use crate::model::{
    BlockKind, Cost, CostSource, Dialect, Event, FinishReason, Kind, NanoUsd, Purpose, Request, Usage, UsageSource,
};
use crate::secrets::{Mode, Redactor};
use crate::store::Store;
use crate::wire::Fold;

fn claude() -> Vec<Route> {
    vec![speaking("east1", "https://upstream.invalid", "anthropic", Dialect::AnthropicMessages)]
}

fn gemini() -> Vec<Route> {
    vec![speaking("east1", "https://upstream.invalid", "gemini", Dialect::Gemini)]
}

fn event(value: &Value) -> Piece {
    Piece::Says(format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap()))
}

/// One of Anthropic's answers: a search of its own before the words.
fn piece(words: &str, stop: &str) -> Take {
    let search = json!({ "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {} });
    Take::stream([
        event(
            &json!({ "type": "message_start", "message": { "id": "msg_1", "model": "m", "usage": { "input_tokens": 10, "output_tokens": 1 } } }),
        ),
        event(&json!({ "type": "content_block_start", "index": 0, "content_block": search })),
        event(&json!({ "type": "content_block_stop", "index": 0 })),
        event(&json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "text", "text": "" } })),
        event(&json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "text_delta", "text": words } })),
        event(&json!({ "type": "content_block_stop", "index": 1 })),
        event(&json!({ "type": "message_delta", "delta": { "stop_reason": stop }, "usage": { "output_tokens": 5 } })),
        event(&json!({ "type": "message_stop" })),
    ])
}

fn part(words: &str, rest: &Value) -> Take {
    let mut candidate = json!({ "content": { "role": "model", "parts": [{ "text": words }] } });
    candidate.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let usage = json!({ "promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15 });
    Take::stream([frame(
        &json!({ "responseId": "r", "modelVersion": "m", "candidates": [candidate], "usageMetadata": usage }),
    )])
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_pauses_is_sent_back_and_the_caller_sees_one_answer() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", piece("first, ", "pause_turn"));
    tape.put("east1", piece("second, ", "pause_turn"));
    tape.put("east1", piece("third", "end_turn"));
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let reply = call(&client, &claude(), 0, None, &mut seen).await.unwrap();
    assert_eq!((reply.text.as_str(), seen.text().as_str()), ("first, second, third", "first, second, third"));
    assert_eq!(reply.finish, Some(FinishReason::Stop));
    // What was said goes back as it was, in one turn, also what only this dialect knows.
    let asked = tape.bodies();
    let turns = |n: usize| asked[n]["messages"].as_array().unwrap().clone();
    assert_eq!((turns(0).len(), turns(1).len(), turns(2).len()), (1, 2, 2));
    let said: Vec<Value> = turns(2)[1]["content"].as_array().unwrap().iter().map(|b| b["type"].clone()).collect();
    assert_eq!(said, ["server_tool_use", "text", "server_tool_use", "text"], "{:#}", asked[2]);
    // One handshake, one end, blocks numbered on, and tokens that add up.
    let count = |is: fn(&Event) -> bool| seen.events.iter().filter(|e| is(e)).count();
    assert_eq!(count(|e| matches!(e, Event::Start { .. })), 1);
    assert_eq!(count(|e| matches!(e, Event::Finish(_))), 1);
    let begun: Vec<usize> = seen
        .events
        .iter()
        .filter_map(|e| match e {
            Event::BlockStart { index, kind: BlockKind::Text | BlockKind::Opaque { .. } } => Some(*index),
            _ => None,
        })
        .collect();
    assert_eq!(begun, [0, 1, 2, 3, 4, 5]);
    let told = seen.events.iter().rev().find_map(|e| if let Event::Usage(u) = e { Some(*u) } else { None });
    let all = Usage { input: 30, output: 15, ..Usage::default() };
    assert_eq!((told, reply.used.usage), (Some(all), all));
    assert_eq!(reply.used.cost, Some(Cost { amount: price(30, 15), source: CostSource::Computed }));
    assert_eq!(reply.message.blocks.len(), 6);
    // The ledger has each of them.
    let row = row(&client);
    assert_eq!(row.attempts.len(), 3);
}

#[test]
fn what_the_pieces_were_charged_is_told_together() {
    let cost = |amount: u64| Cost { amount: NanoUsd(amount), source: CostSource::Reported };
    let redactor = Redactor::new(Mode::Redact, Vec::new(), [7; 8]);
    let clean = Clean::redact(&redactor, Request::text("m", Purpose::Ask, "is it?")).unwrap();
    let mut seen = Seen::default();
    let mut stitch = Stitch::new(&mut seen);
    for amount in [10, 20, 40] {
        let mut fold = Fold::default();
        let start = Event::BlockStart { index: 0, kind: BlockKind::Text };
        let said = Event::Text { index: 0, text: "so ".into() };
        for event in [start, said, Event::Charged(cost(amount)), Event::Finish(FinishReason::Pause(None))] {
            fold.push(&event);
            stitch.event(&event);
        }
        let used = Used {
            usage: Usage::default(),
            source: UsageSource::Reported,
            cost: Some(cost(amount)),
            confirmed: None,
            first_content: None,
            took: Duration::ZERO,
        };
        let mut served = Served { fold, used, sent: None, tag: None };
        assert!(stitch.next(Dialect::AnthropicMessages, &clean, &mut served, true).is_some());
    }
    let told = seen.events.iter().filter_map(|e| if let Event::Charged(told) = e { Some(*told) } else { None });
    assert_eq!(told.collect::<Vec<_>>(), [cost(10), cost(30), cost(70)]);
}

#[tokio::test(start_paused = true)]
async fn gemini_goes_on_with_its_token_and_the_same_request() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", part("one ", &json!({ "finishReason": "CONTINUATION", "continuationToken": "t-1" })));
    tape.put("east1", part("two ", &json!({ "finishReason": "CONTINUATION", "continuationToken": "t-2" })));
    tape.put("east1", part("three", &json!({ "finishReason": "STOP" })));
    let client = client(tape.clone(), &clock(), Vec::new());
    let reply = call(&client, &gemini(), 0, None, &mut Seen::default()).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("one two three", Some(FinishReason::Stop)));
    let asked = tape.bodies();
    let tokens: Vec<&Value> = asked.iter().map(|body| &body["continuationToken"]).collect();
    assert_eq!(tokens, [&Value::Null, &json!("t-1"), &json!("t-2")]);
    assert!(asked.iter().all(|body| body["contents"] == asked[0]["contents"]));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_nobody_can_go_on_from_is_the_end() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", part("one", &json!({ "finishReason": "CONTINUATION" })));
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let reply = call(&client, &gemini(), 0, None, &mut seen).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("one", Some(FinishReason::Pause(None))));
    assert!(seen.events.contains(&Event::Finish(FinishReason::Pause(None))), "{:?}", seen.events);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_after_a_pause_is_told_with_what_came() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", piece("half", "pause_turn")).put("east1", Take::error(529, "overloaded_error", "busy"));
    let mut routes = claude();
    routes.push(speaking("west1", "https://upstream.invalid", "anthropic", Dialect::AnthropicMessages));
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let error = call(&client, &routes, 0, None, &mut seen).await.unwrap_err();
    let CallError::Broken { tried, partial } = error else { panic!("{error}") };
    assert_eq!((tried.failure.kind, partial.as_str()), (Kind::Overloaded, "half"));
    assert_eq!(tape.asked(), ["east1", "east1"], "nobody else is asked: the caller has seen words");
}

#[tokio::test(start_paused = true)]
async fn who_never_comes_to_an_end_is_asked_eight_times() {
    let tape = Arc::new(Tape::default());
    for _ in 0..8 {
        tape.put("east1", piece("more ", "pause_turn"));
    }
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let reply = call(&client, &claude(), 0, None, &mut seen).await.unwrap();
    assert_eq!((reply.text, reply.finish), ("more ".repeat(8), Some(FinishReason::Pause(None))));
    assert_eq!(seen.events.iter().filter(|e| matches!(e, Event::Finish(FinishReason::Pause(_)))).count(), 1);
    assert_eq!(tape.asked().len(), 8);
}

#[tokio::test]
async fn who_pauses_again_and_again_is_asked_to_go_on_within_the_budget_alone() {
    let ask = async |day: u64| {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        let tape = Arc::new(Tape::default());
        for _ in 0..8 {
            tape.put("east1", piece("more ", "pause_turn"));
        }
        let ledger = Store::at(dir.path(), &clock).unwrap();
        let limits = Budget { day: Some(NanoUsd(day)), stop: true, ..Budget::default() };
        let client = Client {
            store: ledger.clone(),
            budgets: Budgets { limits, ledger },
            ..client(tape.clone(), &clock, Vec::new())
        };
        let outcome = call(&client, &claude(), 0, None, &mut Seen::default()).await;
        // What is only counted is no answer.
        (outcome, tape.bodies().iter().filter(|body| body.get("max_tokens").is_some()).count())
    };
    let (outcome, asked) = ask(1).await;
    let Err(CallError::Budget { estimate, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(asked, 0);
    // Eight pieces cost eight times as little as one may cost at most.
    let (reply, asked) = ask(estimate.0 * 2).await;
    let eight = reply.unwrap().used.cost.unwrap().amount.0;
    assert!(asked == 8 && eight < estimate.0, "{asked} {eight} {estimate}");
    let (reply, asked) = ask(estimate.0 + eight / 2).await;
    let reply = reply.unwrap();
    assert!((1..8).contains(&asked), "{asked}");
    assert_eq!(reply.finish, Some(FinishReason::Pause(None)), "what there is then is the answer");
}
