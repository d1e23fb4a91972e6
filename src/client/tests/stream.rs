//! Stories about answers that come in pieces: what is held back, when another route is taken, how an end is told from a
//! break, and that nobody goes on talking to a caller who has left.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;

use super::tape::{Piece, Seen, Take, Tape, at, call, client, clock, end, frame, price, role, routes, row, says, text};
use crate::client::frames::Item;
use crate::client::transport::{Incoming, Limits};
use crate::client::{CallError, HOLD, Notice, Purse};
use crate::config::Network;
use crate::model::{CostSource, Dialect, Event, FinishReason, Kind, NanoUsd, UsageSource};
use crate::net::Net;
use crate::net::road::pieces;
use crate::wire::Names;
use crate::world::Clock;

const fn s(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A kind of failure, and what the caller had seen when it happened.
fn broke(error: CallError) -> (Kind, Option<String>) {
    match error {
        CallError::Broken { tried, partial } => (tried.failure.kind, Some(partial)),
        other => (other.failure().unwrap_or_else(|| panic!("{other}")).kind, None),
    }
}

#[tokio::test(start_paused = true)]
async fn until_the_first_words_come_another_route_may_answer_and_the_caller_sees_one_answer_only() {
    let breaks = [
        ("a reset", vec![role(), Piece::Breaks]),
        ("an early end", vec![role()]),
        ("an error", vec![role(), frame(&json!({ "error": { "code": "server_error", "message": "boom" } }))]),
        ("garbage", vec![role(), Piece::Says("data: {\"id\":,,,\n\n".to_owned())]),
        ("silence", vec![role(), Piece::Waits(s(600))]),
        ("nothing at all", vec![]),
    ];
    for (what, pieces) in breaks {
        let tape = Arc::new(Tape::default());
        tape.put("east1", Take::stream(pieces)).put("west1", says("here"));
        let client = client(tape.clone(), &clock(), Vec::new());
        let mut seen = Seen::default();
        let reply = call(&client, &routes(&["east1", "west1"]), 0, None, &mut seen).await.unwrap();
        assert_eq!((reply.text.as_str(), reply.route.account()), ("here", "west1"), "{what}");
        assert_eq!(seen.text(), "here", "{what}");
        let starts = seen.events.iter().filter(|e| matches!(e, Event::Start { .. })).count();
        assert_eq!(starts, 1, "{what}: the other handshake was never given out: {:?}", seen.events);
        assert!(seen.notices.iter().any(|n| matches!(n, Notice::FailedOver { .. })), "{what}");
        assert_eq!(tape.open(), 0, "{what}: both answers are closed");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_cost_that_broke_off_is_gone_from_the_commands_money() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream([role(), text("one"), Piece::Breaks]));
    let mut client = client(tape.clone(), &clock(), Vec::new());
    client.max_cost = Some(NanoUsd(1_000_000_000));
    client.purse = Arc::new(Purse::together());
    let error = call(&client, &routes(&["east1"]), 0, None, &mut Seen::default()).await.unwrap_err();
    assert_eq!(broke(error).1.as_deref(), Some("one"));
    let (row, limit) = (row(&client), client.max_cost.unwrap());
    let cost = row.attempts[0].cost.unwrap().amount;
    assert!(cost.0 > 0, "what it began is billed");
    assert_eq!(client.left(), Some(NanoUsd(limit.0 - cost.0)));
}

#[tokio::test(start_paused = true)]
async fn an_error_that_trickles_is_an_error_all_the_same() {
    let tape = Arc::new(Tape::default());
    let blanks = (0..100_000).flat_map(|_| [Piece::Says(" ".to_owned()), Piece::Waits(s(1))]);
    let mut trickle = Take::error(500, "server_error", "broken");
    for piece in blanks {
        trickle = trickle.then(piece);
    }
    tape.put("east1", trickle).put("west1", says("here"));
    let client = client(tape.clone(), &clock(), Vec::new());
    let began = tokio::time::Instant::now();
    let reply = call(&client, &routes(&["east1", "west1"]), 0, None, &mut Seen::default()).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.route.account()), ("here", "west1"));
    assert!(began.elapsed() <= s(601), "ten times the idle time-out: {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_forwards_gets_a_head_after_ten_seconds_and_a_later_failure_inside_the_answer() {
    let late = [role(), Piece::Waits(s(30)), Piece::Breaks];
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream(late.clone())).put("west1", says("never"));
    let forwarding = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let error = call(&forwarding, &routes(&["east1", "west1"]), 60, Some(HOLD), &mut seen).await.unwrap_err();
    assert_eq!(broke(error), (Kind::Truncated, Some(String::new())));
    assert_eq!(seen.head, Some(HOLD), "not before, and not later");
    assert!(matches!(seen.events.as_slice(), [Event::Start { .. }]), "{:?}", seen.events);
    assert_eq!(tape.asked(), ["east1"], "no other answer is glued on");

    // Whoever forwards nothing but content still gets another route's answer.
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream(late)).put("west1", says("here"));
    let patient = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    assert_eq!(call(&patient, &routes(&["east1", "west1"]), 60, None, &mut seen).await.unwrap().text, "here");
    assert_eq!(tape.asked(), ["east1", "west1"]);
}

#[tokio::test(start_paused = true)]
async fn words_that_come_late_are_given_out_after_the_head_and_in_their_order() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream([role(), Piece::Waits(s(25)), text("late "), text("words"), end()]));
    let client = client(tape, &clock(), Vec::new());
    let mut seen = Seen::default();
    let reply = call(&client, &routes(&["east1"]), 0, Some(HOLD), &mut seen).await.unwrap();
    assert_eq!((reply.text.as_str(), seen.text().as_str()), ("late words", "late words"));
    assert_eq!(seen.head, Some(HOLD));
    assert_eq!(reply.used.first_content, Some(s(25)), "a head is no content");
    let starts = seen.events.iter().filter(|e| matches!(e, Event::Start { .. })).count();
    assert_eq!(starts, 1, "nothing is given out twice");
}

#[tokio::test(start_paused = true)]
async fn before_there_is_a_head_to_give_nobody_is_bound_to_this_route() {
    // Not one frame in twenty seconds, then an error: there was nothing to hold back, so nothing was promised.
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream([Piece::Waits(s(20)), Piece::Breaks])).put("west1", says("here"));
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let reply = call(&client, &routes(&["east1", "west1"]), 0, Some(HOLD), &mut seen).await.unwrap();
    assert_eq!(reply.route.account(), "west1");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_without_end_is_not_held_without_end_and_nothing_of_it_is_lost() {
    let count = json!({ "id": "a", "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": 0 } });
    let pieces = || std::iter::once(role()).chain((0..2_000).map(|_| frame(&count)));
    // Whoever forwards gets it as soon as it is more than a handshake can be.
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream(pieces().chain([Piece::Breaks]))).put("west1", says("never"));
    let forwarding = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let error = call(&forwarding, &routes(&["east1", "west1"]), 0, Some(HOLD), &mut seen).await.unwrap_err();
    assert!(matches!(error, CallError::Broken { .. }), "{error}");
    assert_eq!(seen.events.len(), 2_001);
    // Whoever forwards content alone gets a few of them at most, and may still get another's answer.
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream(pieces().chain([text("well"), end()])));
    let client = client(tape, &clock(), Vec::new());
    let mut seen = Seen::default();
    assert_eq!(call(&client, &routes(&["east1"]), 0, None, &mut seen).await.unwrap().text, "well");
    assert!(seen.events.len() < 300, "{} are kept", seen.events.len());
    assert_eq!(seen.text(), "well");
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_are_waited_behind_for_long_and_not_for_ever() {
    let ping = || Piece::Says(": still here\n\n".to_owned());
    let pings = |n: usize| (0..n).flat_map(|_| [Piece::Waits(s(50)), ping()]);
    // A model that thinks for nine minutes behind them.
    let thinks = [role()].into_iter().chain(pings(11)).chain([text("here"), end()]);
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream(thinks));
    let reply = call(&client(tape, &clock(), Vec::new()), &routes(&["east1"]), 0, None, &mut Seen::default()).await;
    assert_eq!(reply.unwrap().text, "here");

    // One that never says a word; and its words do not make up for it once they began.
    for (head, told) in [(vec![role()], None), (vec![role(), text("I")], Some("I".to_owned()))] {
        let tape = Arc::new(Tape::default());
        tape.put("east1", Take::stream(head.into_iter().chain(pings(1_000)))).put("west1", says("other"));
        let begun = tokio::time::Instant::now();
        let reply = call(
            &client(tape.clone(), &clock(), Vec::new()),
            &routes(&["east1", "west1"]),
            0,
            None,
            &mut Seen::default(),
        )
        .await;
        match (reply, told) {
            (Ok(reply), None) => assert_eq!(reply.text, "other"),
            (Err(error), told) => assert_eq!(broke(error), (Kind::TimedOut, told)),
            (Ok(reply), told) => panic!("{} instead of {told:?}", reply.text),
        }
        assert!(begun.elapsed() < s(3_600), "{:?}", begun.elapsed());
        assert_eq!(tape.open(), 0);
    }
}

#[tokio::test]
async fn a_stream_that_never_ends_is_cut_off_and_what_came_before_is_given_out() {
    let piece = r#"data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"again "}}]}"#;
    let body = format!("{piece}\n\n").repeat(1_000);
    let answer = http::Response::builder().header("content-type", "text/event-stream").body(body).unwrap();
    let limits = Limits { first_byte: s(1), idle: s(1) };
    let events = Incoming::of(answer.map(pieces), limits).events(Dialect::OpenAiChat, Names::default()).unwrap();
    let mut events = events.narrowed(piece.len() * 10);
    let mut words = 0;
    let failure = loop {
        match events.next().await {
            Some(Ok(event)) => words += usize::from(matches!(event, Event::Text { .. })),
            Some(Err(failure)) => break failure,
            None => panic!("it ended well"),
        }
    };
    assert_eq!(failure.kind, Kind::Broken, "{failure:?}");
    assert!(words > 0 && events.next().await.is_none());
    // One that comes whole has a limit too.
    let whole = || http::Response::builder().header("content-type", "application/json").body("[7]".repeat(9)).unwrap();
    let mut events =
        Incoming::of(whole().map(pieces), limits).events(Dialect::OpenAiChat, Names::default()).unwrap().narrowed(26);
    let Some(Err(failure)) = events.next().await else { panic!("it ended well") };
    assert!(failure.kind == Kind::Broken && failure.message.contains("larger than any"), "{failure:?}");
    let failure = Incoming::of(whole().map(pieces), limits).at_most(26).await.unwrap_err();
    assert!(failure.kind == Kind::Broken && failure.message.contains("larger than any"), "{failure:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_under_another_name_is_a_stream_and_comes_piece_by_piece() {
    for content in ["text/plain", "application/json", "application/octet-stream", ""] {
        let pieces = vec![": hello\n\n".to_owned(), role_text(), says_text("one "), says_text("two"), end_text()];
        assert_eq!(answered(content, pieces).await.unwrap(), ["one ", "two"], "{content}");
    }
    // What keeps it alive without a word does so no longer than in a stream that says its name.
    let pings = std::iter::repeat_n(": ping\n\n".to_owned(), 1_000).collect();
    assert_eq!(answered("application/json", pings).await.unwrap_err().kind, Kind::TimedOut);
    let blanks = std::iter::repeat_n("\n".to_owned(), 1_000).collect();
    assert_eq!(answered("application/json", blanks).await.unwrap_err().kind, Kind::TimedOut);
    // A few of them before a whole answer are what some servers send while they think.
    let body = json!({ "id": "1", "model": "m", "choices": [{ "index": 0, "message": { "role": "assistant",
        "content": "whole" }, "finish_reason": "stop" }] });
    let pieces = [vec!["\n".to_owned(); 5], vec![body.to_string()]].concat();
    assert_eq!(answered("application/json", pieces).await.unwrap(), ["whole"]);
    // And one that comes whole where a stream was announced is an answer.
    let body = body.to_string();
    let (head, tail) = body.split_at(40);
    let pieces = vec!["\n".to_owned(), head.to_owned(), tail.to_owned()];
    assert_eq!(answered("text/event-stream", pieces).await.unwrap(), ["whole"]);
}

fn role_text() -> String {
    piece_of(role())
}

fn says_text(words: &str) -> String {
    piece_of(text(words))
}

fn end_text() -> String {
    piece_of(end())
}

fn piece_of(piece: Piece) -> String {
    match piece {
        Piece::Says(text) => text,
        _ => panic!("it says something"),
    }
}

/// The texts of an answer whose pieces come half a minute apart under this content type.
async fn answered(content: &str, pieces: Vec<String>) -> Result<Vec<String>, crate::model::Failure> {
    let pieces = futures_util::stream::iter(pieces).then(|piece| async move {
        tokio::time::sleep(s(30)).await;
        Ok::<_, std::io::Error>(piece)
    });
    let answer = http::Response::builder().header("content-type", content);
    let answer = answer.body(reqwest::Body::wrap_stream(pieces)).unwrap();
    let limits = Limits { first_byte: s(60), idle: s(60) };
    let mut events =
        Incoming::of(answer.map(crate::net::road::pieces), limits).events(Dialect::OpenAiChat, Names::default())?;
    let mut out = Vec::new();
    while let Some(event) = events.next().await {
        if let Event::Text { text, .. } = event? {
            out.push(text);
        }
    }
    Ok(out)
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_ends_cleanly_without_a_word_has_failed() {
    let stop = frame(&json!({ "id": "a", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] }));
    let done = || Piece::Says("data: [DONE]\n\n".to_owned());
    let whole = json!({ "id": "a", "choices": [{ "index": 0, "message": { "role": "assistant", "content": "" }, "finish_reason": "stop" }] });
    let empty = [
        ("a stream", Take::stream([role(), stop.clone(), done()])),
        (
            "a stream with white space in the frames",
            Take::stream([Piece::Says(": ping\n\n".to_owned()), role(), stop, done()]),
        ),
        ("an end mark alone", Take::stream([done()])),
        ("a whole answer", Take::whole(200, whole.to_string())),
        ("no body", Take::whole(200, "")),
    ];
    for (what, take) in empty {
        let tape = Arc::new(Tape::default());
        tape.put("east1", take.clone()).put("west1", says("here"));
        let spare = client(tape, &clock(), Vec::new());
        let mut seen = Seen::default();
        assert_eq!(
            call(&spare, &routes(&["east1", "west1"]), 0, None, &mut seen).await.unwrap().text,
            "here",
            "{what}"
        );
        let first = &row(&spare).attempts[0];
        let (kind, ..) = first.failure.clone().unwrap();
        assert!(["broken", "truncated"].contains(&kind.as_str()), "{what}: {kind}");

        // Alone it is tried three times at most, and then said to be empty; nobody waits for it.
        let tape = Arc::new(Tape::default());
        tape.put("east1", take.clone()).put("east1", take.clone()).put("east1", take);
        let alone = client(tape.clone(), &clock(), Vec::new());
        let error = call(&alone, &routes(&["east1"]), 0, None, &mut Seen::default()).await.unwrap_err();
        assert!(matches!(broke(error), (Kind::Broken | Kind::Truncated, None)), "{what}");
        assert!((2..=3).contains(&tape.asked().len()), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_is_the_servers_fault_wherever_it_falls_and_never_the_requests() {
    let whole = json!({ "id": "a", "choices": [{ "index": 0, "message": { "role": "assistant", "content": "well" }, "finish_reason": "stop" }] }).to_string();
    let reset = Take::whole(200, &whole[..whole.len() / 2]).then(Piece::Breaks);
    let cuts = [
        ("before any frame", Take::stream([Piece::Breaks])),
        ("in the handshake", Take::stream([role(), Piece::Breaks])),
        ("in the middle of a frame", Take::stream([role(), Piece::Says("data: {\"id\":\"a\",\"cho".to_owned())])),
        ("a whole answer, by a reset", reset),
    ];
    for (what, take) in cuts {
        let tape = Arc::new(Tape::default());
        tape.put("east1", take.clone()).put("east1", take);
        let client = client(tape.clone(), &clock(), Vec::new());
        let error = call(&client, &routes(&["east1"]), 0, None, &mut Seen::default()).await.unwrap_err();
        assert_eq!(broke(error), (Kind::Truncated, None), "{what}");
        assert_eq!(tape.asked().len(), 2, "{what}: it is tried again, for the request is not to blame");
        for attempt in &row(&client).attempts {
            // The prompt was taken; nobody says what it counted, so it is a guess, and said to be one.
            let (usage, source) = attempt.usage.unwrap();
            assert_eq!((usage.output, source), (0, UsageSource::Estimated), "{what}");
            assert_eq!(attempt.cost.unwrap().source, CostSource::Estimated, "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_first_words_what_came_is_kept_and_nothing_is_glued_on() {
    let cuts = [
        ("a reset", vec![Piece::Breaks], Kind::Truncated),
        ("an early end", vec![], Kind::Truncated),
        ("silence", vec![Piece::Waits(s(600))], Kind::TimedOut),
        ("an error", vec![frame(&json!({ "error": { "code": "server_error", "message": "boom" } }))], Kind::Broken),
        (
            "a limit",
            vec![frame(&json!({ "error": { "code": "rate_limit_exceeded", "message": "slower" } }))],
            Kind::RateLimited,
        ),
    ];
    for (what, rest, kind) in cuts {
        let tape = Arc::new(Tape::default());
        let pieces = [role(), text("one two "), text("three four")].into_iter().chain(rest);
        tape.put("east1", Take::stream(pieces)).put("west1", says("never"));
        let client = client(tape.clone(), &clock(), Vec::new());
        let mut seen = Seen::default();
        let error = call(&client, &routes(&["east1", "west1"]), 60, None, &mut seen).await.unwrap_err();
        assert_eq!(broke(error), (kind, Some("one two three four".to_owned())), "{what}");
        assert_eq!(seen.text(), "one two three four", "{what}");
        assert_eq!(tape.asked(), ["east1"], "{what}");
        let row = row(&client);
        let (usage, source) = row.attempts[0].usage.unwrap();
        assert_eq!((row.attempts.len(), row.outcome.as_str()), (1, kind.name()), "{what}");
        assert_eq!((usage.output, source), (5, UsageSource::Estimated), "{what}: eighteen bytes, four a token");
        assert_eq!(row.attempts[0].cost.unwrap().amount, price(usage.input, usage.output), "{what}: it was paid for");
    }
}

#[tokio::test(start_paused = true)]
async fn usage_that_came_before_the_cut_is_a_beginning_and_not_the_whole() {
    let early = frame(&json!({ "id": "a", "choices": [], "usage": { "prompt_tokens": 900, "completion_tokens": 1 } }));
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream([role(), early, text(&"word ".repeat(80)), Piece::Breaks]));
    let client = client(tape, &clock(), Vec::new());
    call(&client, &routes(&["east1"]), 0, None, &mut Seen::default()).await.unwrap_err();
    let (usage, source) = row(&client).attempts[0].usage.unwrap();
    assert_eq!((usage.input, usage.output, source), (900, 100, UsageSource::Estimated));
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_a_stream_means_what_its_own_status_would() {
    let limit = json!({ "code": "rate_limit_exceeded", "message": "Rate limit reached. Please try again in 20s." });
    let money = json!({ "code": "insufficient_quota", "message": "You exceeded your current quota." });
    let load = json!({ "type": "overloaded_error", "message": "Overloaded" });
    let fault = json!({ "type": "invalid_request_error", "message": "messages: at least one is required" });
    let stream = |error: &serde_json::Value| Take::stream([role(), frame(&json!({ "error": error }))]);

    // A limit parks, for as long as it says, and then the same route answers.
    let (tape, clock) = (Arc::new(Tape::default()), clock());
    tape.put("east1", stream(&limit)).put("east1", says("here"));
    let limited = client(tape.clone(), &clock, Vec::new());
    let mut seen = Seen::default();
    let began = tokio::time::Instant::now();
    assert_eq!(call(&limited, &routes(&["east1"]), 60, None, &mut seen).await.unwrap().text, "here");
    assert!(began.elapsed() >= s(20) && began.elapsed() < s(24), "{:?}", began.elapsed());
    assert!(seen.notices.iter().any(|n| matches!(n, Notice::Parked { .. })), "{:?}", seen.notices);

    // Money that is gone: another account answers, the empty one rests for everybody, and no wait is tried.
    let tape = Arc::new(Tape::default());
    tape.put("east1", stream(&money)).put("east2", says("here"));
    let broke = client(tape, &clock, Vec::new());
    assert_eq!(call(&broke, &routes(&["east1", "east2"]), 60, None, &mut Seen::default()).await.unwrap().text, "here");
    let cool = broke.store.cooling().unwrap();
    assert_eq!(cool.iter().map(|c| (c.key.as_str(), c.waits)).collect::<Vec<_>>(), [("account:east/east1", false)]);

    // Too much to do: the whole provider cools down, and another one answers.
    let tape = Arc::new(Tape::default());
    tape.put("east1", stream(&load)).put("west1", says("here"));
    let busy = client(tape.clone(), &clock, Vec::new());
    let all = routes(&["east1", "east2", "west1"]);
    assert_eq!(call(&busy, &all, 0, None, &mut Seen::default()).await.unwrap().text, "here");
    assert_eq!(tape.asked(), ["east1", "west1"], "the second account is at the same provider");

    // The request's own fault ends it.
    let tape = Arc::new(Tape::default());
    tape.put("east1", stream(&fault));
    let wrong = client(tape.clone(), &clock, Vec::new());
    let error = call(&wrong, &routes(&["east1", "west1"]), 60, None, &mut Seen::default()).await.unwrap_err();
    assert_eq!(self::broke(error), (Kind::BadRequest, None));
    assert_eq!(tape.asked(), ["east1"]);
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_has_a_row_with_what_was_used_so_far_and_nobody_reads_on() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream([role(), text("one two three four"), Piece::Waits(s(30)), text("five"), end()]));
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let left = tokio::time::timeout(s(5), call(&client, &routes(&["east1"]), 0, None, &mut seen)).await;
    assert!(left.is_err(), "it was under way");
    assert_eq!(tape.open(), 0, "the answer was closed at once");
    let row = row(&client);
    assert_eq!((row.outcome.as_str(), row.ended_ms.is_some()), ("cancelled", true));
    let attempt = &row.attempts[0];
    assert_eq!(attempt.failure.as_ref().unwrap().0, "cancelled");
    assert_eq!(attempt.ended_ms.unwrap() - attempt.started_ms, 5_000);
    let (usage, source) = attempt.usage.unwrap();
    assert_eq!((usage.output, source), (5, UsageSource::Estimated));
    assert!(client.store.cooling().unwrap().is_empty(), "a caller who leaves condemns nobody");
}

/// How far a real server answers before it falls silent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Until {
    /// Not a byte.
    Asked,
    /// The head, and the handshake.
    Handshake,
    /// A word.
    Word,
}

/// A server on loopback that answers so far, says so, and then says when the caller has hung up.
fn server(until: Until) -> (String, tokio::sync::mpsc::UnboundedReceiver<&'static str>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let (told, hears) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        // The body is one JSON object, and nothing follows it.
        while !request.ends_with(b"}") {
            let n = stream.read(&mut buffer).unwrap();
            assert_ne!(n, 0, "it hung up before it had asked");
            request.extend_from_slice(&buffer[..n]);
        }
        if until != Until::Asked {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).unwrap();
            for piece in [role(), text("one two three four")].into_iter().take(if until == Until::Word { 2 } else { 1 })
            {
                let Piece::Says(bytes) = piece else { unreachable!() };
                stream.write_all(format!("{:x}\r\n{bytes}\r\n", bytes.len()).as_bytes()).unwrap();
            }
        }
        told.send("silent").unwrap();
        // Whoever waits for an answer says nothing more: what can be read is the end.
        let gone = matches!(stream.read(&mut buffer), Ok(0) | Err(_));
        let _ = told.send(if gone { "hung up" } else { "spoke" });
    });
    (base, hears)
}

#[tokio::test]
async fn a_caller_who_hangs_up_closes_the_real_connection_wherever_the_answer_stands() {
    for until in [Until::Asked, Until::Handshake, Until::Word] {
        let (base, mut hears) = server(until);
        let settings = Network::within(60);
        let client = client(Arc::new(Net::new(settings)), &Clock::system(), Vec::new());
        let routes = [at("east1", &base, "openai")];
        let (first, saw) = tokio::sync::oneshot::channel();
        let mut seen = Seen::telling(first);
        {
            let call = call(&client, &routes, 0, None, &mut seen);
            let silent = async {
                assert_eq!(hears.recv().await, Some("silent"), "{until:?}");
                if until == Until::Word {
                    saw.await.unwrap();
                }
            };
            tokio::select! {
                outcome = call => panic!("{until:?}: it ended by itself: {outcome:?}"),
                () = silent => {}
            }
        }
        // Nobody waits for more than a moment here; the cap is for a machine that is very busy.
        let end = tokio::time::timeout(s(60), hears.recv()).await;
        assert_eq!(end, Ok(Some("hung up")), "{until:?}");
        let row = row(&client);
        assert_eq!(row.outcome, "cancelled", "{until:?}");
        assert_eq!(row.attempts.len(), 1, "{until:?}");
        assert!(row.attempts.iter().all(|a| a.ended_ms.is_some() && !a.interrupted), "{until:?}");
        // What was asked counts, wherever the caller left.
        let (usage, source) = row.attempts[0].usage.unwrap();
        assert_eq!((usage.input > 0, source), (true, UsageSource::Estimated), "{until:?}");
        assert_eq!(usage.output, if until == Until::Word { 5 } else { 0 }, "{until:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_its_end_mark_is_whole_however_its_connection_ends_and_nobody_waits_for_that() {
    let anthropic = [
        json!({ "type": "message_start", "message": { "id": "a", "model": "m", "usage": { "input_tokens": 7 } } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "well" } }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 3 } }),
        json!({ "type": "message_stop" }),
    ];
    let responses = [
        json!({ "type": "response.output_text.delta", "output_index": 0, "delta": "well" }),
        json!({ "type": "response.completed", "response": { "status": "completed" } }),
    ];
    let ollama = [json!({ "message": { "content": "well" } }), json!({ "message": {}, "done": true })];
    let framed = |values: &[serde_json::Value]| values.iter().map(|value| piece_of(frame(value))).collect();
    let answers: [(Dialect, String); 4] = [
        (Dialect::OpenAiChat, [role_text(), says_text("well"), end_text()].concat()),
        (Dialect::AnthropicMessages, framed(&anthropic)),
        (Dialect::OpenAiResponses, framed(&responses)),
        (Dialect::Ollama, ollama.iter().map(|value| format!("{value}\n")).collect()),
    ];
    let endings = [
        ("it breaks", vec![Piece::Breaks]),
        ("it stays open", vec![Piece::Waits(s(600))]),
        ("half a frame", vec![Piece::Says("data: {".to_owned()), Piece::Waits(s(600))]),
    ];
    for (dialect, said) in answers {
        for (what, ending) in &endings {
            // Its type says what it is, or its first bytes do; it is read alone, or given on as it came.
            for (content, forwarded) in [("text/event-stream", false), ("text/event-stream", true), ("", false)] {
                let told = format!("{dialect:?}, {what}, {content:?}, {forwarded}");
                if content.is_empty() && dialect == Dialect::Ollama {
                    continue;
                }
                let pieces = futures_util::stream::iter([Piece::Says(said.clone())].into_iter().chain(ending.clone()));
                let pieces = pieces.filter_map(|piece| async move {
                    match piece {
                        Piece::Says(bytes) => Some(Ok(bytes)),
                        Piece::Waits(span) => {
                            tokio::time::sleep(span).await;
                            None
                        }
                        Piece::Breaks => Some(Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))),
                    }
                });
                let answer = http::Response::builder().header("content-type", content);
                let answer = answer.body(reqwest::Body::wrap_stream(pieces)).unwrap();
                let limits = Limits { first_byte: s(60), idle: s(60) };
                let mut events = Incoming::of(answer.map(crate::net::road::pieces), limits)
                    .events(dialect, Names::default())
                    .unwrap();
                assert_eq!(forwarded && events.forwarded(true, dialect, false), forwarded, "{told}");
                let began = tokio::time::Instant::now();
                let (mut words, mut bytes, mut finish) = (String::new(), String::new(), None);
                while let Some(item) = events.item().await {
                    match item.unwrap_or_else(|failure| panic!("{told}: {failure:?}")) {
                        Item::Event(Event::Text { text, .. }) => words.push_str(&text),
                        Item::Event(Event::Finish(reason)) => finish = Some(reason),
                        Item::Event(_) | Item::Anew => {}
                        Item::Raw(raw) => bytes.push_str(std::str::from_utf8(&raw).unwrap()),
                    }
                }
                assert_eq!((words.as_str(), finish), ("well", Some(FinishReason::Stop)), "{told}");
                assert_eq!(bytes, if forwarded { said.as_str() } else { "" }, "{told}");
                assert!(began.elapsed() < Duration::from_millis(50), "{told}: {:?}", began.elapsed());
            }
        }
    }
}
