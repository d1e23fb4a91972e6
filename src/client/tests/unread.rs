//! Stories about answers that came whole, were paid for, and are hard or impossible to read.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::tape::{Seen, Take, Tape, call, client, clock, routes, row, says};
use crate::client::frames::{Frames, Item};
use crate::client::transport::{Incoming, Limits};
use crate::client::{CallError, Route};
use crate::model::{Dialect, Event, Kind};
use crate::net::road::pieces;
use crate::wire::{Names, wire};

/// An answer with this in a member that nobody knows.
fn holding(strange: &str) -> String {
    let known = json!({ "id": "a", "choices": [{ "index": 0, "finish_reason": "stop",
        "message": { "role": "assistant", "content": "well" } }] })
    .to_string();
    format!("{},\"strange\":{strange}}}", &known[..known.len() - 1])
}

fn deep() -> String {
    holding(&format!("{}{}", "[".repeat(200), "]".repeat(200)))
}

/// How it ended, and how often each route was asked.
async fn asked(accounts: &[&str], take: &Take) -> (Result<String, Kind>, usize) {
    let tape = Arc::new(Tape::default());
    for account in accounts {
        tape.put(account, take.clone()).put(account, take.clone()).put(account, take.clone());
    }
    let client = client(tape.clone(), &clock(), Vec::new());
    let routes: Vec<Route> = routes(accounts);
    let told = match call(&client, &routes, 0, None, &mut Seen::default()).await {
        Ok(reply) => Ok(reply.text),
        Err(CallError::Broken { tried, .. }) => Err(tried.failure.kind),
        Err(other) => Err(other.failure().unwrap_or_else(|| panic!("{other}")).kind),
    };
    for attempt in &row(&client).attempts {
        assert!(attempt.cost.is_some(), "it was paid for");
    }
    (told, tape.asked().len())
}

#[tokio::test(start_paused = true)]
async fn what_json_may_hold_and_a_value_cannot_is_no_reason_to_pay_twice() {
    for strange in ["1e400", "-1e400", r#""\ud800""#, r#"["\udc00\ud800x", "\\ud800", "\ud83e\udd80"]"#] {
        let take = Take::whole(200, holding(strange));
        assert_eq!(asked(&["east1"], &take).await, (Ok("well".to_owned()), 1), "{strange}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_byte_order_mark_says_nothing() {
    let take = Take::whole(200, format!("\u{feff}{}", holding("1")));
    assert_eq!(asked(&["east1"], &take).await, (Ok("well".to_owned()), 1));
}

#[tokio::test(start_paused = true)]
async fn what_came_whole_and_cannot_be_read_is_asked_of_one_more_route_and_no_more() {
    let take = Take::whole(200, deep());
    assert_eq!(asked(&["east1"], &take).await, (Err(Kind::Broken), 1));
    assert_eq!(asked(&["east1", "west1"], &take).await, (Err(Kind::Broken), 2));
    assert_eq!(asked(&["east1", "west1", "north1"], &take).await, (Err(Kind::Broken), 2));
    for nothing in ["{}", "[]", "null", r#"{"detail":"try later"}"#] {
        assert_eq!(asked(&["east1"], &Take::whole(200, nothing)).await, (Err(Kind::Broken), 1), "{nothing}");
    }
    // Another may say it otherwise.
    let tape = Arc::new(Tape::default());
    tape.put("east1", take).put("west1", says("here"));
    let client = client(tape, &clock(), Vec::new());
    let reply = call(&client, &routes(&["east1", "west1"]), 0, None, &mut Seen::default()).await.unwrap();
    assert_eq!(reply.text, "here");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_in_its_middle_is_asked_for_once_more() {
    let whole = holding("1");
    for at in [1, whole.len() / 2, whole.len() - 1] {
        let take = Take::whole(200, &whole[..at]);
        assert_eq!(asked(&["east1"], &take).await, (Err(Kind::Truncated), 2), "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_goes_on_as_it_came_need_not_be_read_whole() {
    for body in [deep(), holding("1e400"), holding(r#""\ud800""#)] {
        let answer = http::Response::builder().header("content-type", "application/json");
        let answer = answer.body(reqwest::Body::from(body.clone())).unwrap();
        let limits = Limits { first_byte: Duration::from_secs(60), idle: Duration::from_secs(60) };
        let incoming = Incoming::of(answer.map(pieces), limits);
        let mut events = incoming.events(Dialect::OpenAiChat, Names::default()).unwrap();
        assert!(events.forwarded(false, Dialect::OpenAiChat, false));
        let (mut text, mut raw) = (String::new(), Vec::new());
        while let Some(item) = events.item().await {
            match item.unwrap() {
                Item::Raw(bytes) => raw.extend_from_slice(&bytes),
                Item::Event(Event::Text { text: piece, .. }) => text.push_str(&piece),
                Item::Event(_) | Item::Anew => {}
            }
        }
        assert_eq!((text.as_str(), raw), ("well", body.into_bytes()));
    }
}

#[test]
fn a_frame_that_goes_on_as_it_came_need_not_be_read_whole_either() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let chunk = |more: &str, finish: &str| {
        format!(
            "{{\"id\":\"a\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"we\"{more}}},\"finish_reason\":{finish}}}]}}"
        )
    };
    let text = format!(
        "data: {}\n\ndata: {}\n\ndata: [DONE]\n\n",
        chunk(&format!(",\"strange\":{deep}"), "null"),
        chunk("", "\"stop\"")
    );
    let mut reader = wire(Dialect::OpenAiChat).reader();
    let (mut frames, mut events, mut raw) = (Frames::new(false, false), Vec::new(), Vec::new());
    frames.feed(text.clone().into(), &mut *reader, &mut events, &mut raw).unwrap();
    frames.end(&mut *reader, &mut events, &mut raw).unwrap();
    reader.end(&mut events).unwrap();
    assert_eq!(raw.concat(), text.as_bytes());
    let said: String =
        events.iter().filter_map(|e| if let Event::Text { text, .. } = e { Some(&**text) } else { None }).collect();
    assert_eq!(said, "wewe");
    // Elsewhere it fails, once.
    let failure = wire(Dialect::OpenAiChat).reader().feed(text.as_bytes(), &mut Vec::new()).unwrap_err();
    assert!(failure.is_unread(), "{failure}");
}
