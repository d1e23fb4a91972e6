//! Stop sequences end an answer, whoever has to see to it, and what was made behind them is counted all the same.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::tape::{Piece, Seen, Take, Tape, at, client, clock, end, price, role, row, says, speaking, text};
use crate::client::{Call, CallError, Client, Reply, Route, Terms};
use crate::model::{Control, Dialect, Effort, Event, FinishReason, Kind, Purpose, Request, UsageSource};

async fn asks(client: &Client, route: Route, stream: bool, seen: &mut Seen) -> Result<Reply, CallError> {
    let mut request = Request::text("m", Purpose::Ask, "count");
    (request.stream, request.stop) = (stream, vec!["four".to_owned()]);
    client.call(Call::new(&[route], request), seen).await
}

/// A model that reasons, and takes no stop sequences.
fn thinker(route: &Route) -> Route {
    let mut card = (*route.card).clone();
    (card.reasoning.control, card.reasoning.efforts) = (Control::Effort, vec![Effort::Low, Effort::High]);
    Route::new(Arc::clone(&route.upstream), route.provider, card, route.credential.clone())
}

fn over(dialect: Dialect) -> Route {
    thinker(&speaking("east1", "https://upstream.invalid/v1", "openai", dialect))
}

#[tokio::test]
async fn a_model_that_refuses_them_is_not_told_and_its_answer_is_cut_here() {
    for (thinks, sent) in [(false, true), (true, false)] {
        let tape = Arc::new(Tape::default());
        tape.put("east1", says("one two three four five"));
        let plain = at("east1", "https://upstream.invalid/v1", "openai");
        let route = if thinks { thinker(&plain) } else { plain };
        let mut seen = Seen::default();
        let reply = asks(&client(tape.clone(), &clock(), Vec::new()), route, true, &mut seen).await.unwrap();
        let body = tape.bodies().pop().unwrap();
        assert_eq!(body.get("stop").is_some(), sent, "{body:#}");
        if thinks {
            assert_eq!((reply.text.as_str(), seen.text().as_str()), ("one two three ", "one two three "));
            assert_eq!(reply.finish, Some(FinishReason::StopSequence(Some("four".to_owned()))));
            assert_eq!(tape.open(), 0, "nobody listens any more");
        }
    }
}

#[tokio::test]
async fn what_was_made_behind_the_cut_is_paid_for_and_told() {
    let chat = json!({ "id": "a", "model": "m",
        "choices": [{ "index": 0, "message": { "content": "one four five" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 7, "completion_tokens": 5_000, "total_tokens": 5_007,
            "completion_tokens_details": { "reasoning_tokens": 4_800 } } });
    let responses = json!({ "id": "a", "model": "m", "status": "completed",
        "output": [{ "type": "message", "content": [{ "type": "output_text", "text": "one four five" }] }],
        "usage": { "input_tokens": 7, "output_tokens": 5_000, "total_tokens": 5_007,
            "output_tokens_details": { "reasoning_tokens": 4_800 } } });
    let usage = json!({ "id": "a", "choices": [], "usage": chat["usage"] });
    let stop =
        json!({ "id": "a", "choices": [{ "index": 0, "delta": { "content": " six" }, "finish_reason": "stop" }] });
    let rest = Piece::Says(format!("data: {stop}\n\ndata: {usage}\n\ndata: [DONE]\n\n"));
    for (what, dialect, stream, take) in [
        ("a whole answer", Dialect::OpenAiChat, false, Take::whole(200, chat.to_string())),
        ("a whole response", Dialect::OpenAiResponses, false, Take::whole(200, responses.to_string())),
        ("a stream", Dialect::OpenAiChat, true, Take::stream([role(), text("one fo"), text("ur five"), rest])),
    ] {
        let tape = Arc::new(Tape::default());
        tape.put("east1", take);
        let client = client(tape.clone(), &clock(), Vec::new());
        let mut seen = Seen::default();
        let reply = asks(&client, over(dialect), stream, &mut seen).await.unwrap();
        assert_eq!((reply.text.as_str(), seen.text().as_str()), ("one ", "one "), "{what}");
        assert_eq!(reply.finish, Some(FinishReason::StopSequence(Some("four".to_owned()))), "{what}");
        let attempt = &row(&client).attempts[0];
        let (used, source) = attempt.usage.unwrap();
        assert_eq!((used.input, used.output, used.reasoning), (7, 5_000, Some(4_800)), "{what}");
        assert_eq!(source, UsageSource::Reported, "{what}");
        assert_eq!(attempt.cost.unwrap().amount, price(7, 5_000), "{what}");
        let told = seen.events.iter().filter(|event| matches!(event, Event::Usage(told) if *told == used)).count();
        assert_eq!(told, 1, "{what}: the caller is told too: {:?}", seen.events);
        assert!(matches!(seen.events.last(), Some(Event::Finish(FinishReason::StopSequence(_)))), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_cut_is_whole_whatever_its_rest_does() {
    let counted = json!({ "id": "a", "choices": [], "usage":
        { "prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16 } });
    let counted = Piece::Says(format!("data: {counted}\n\n"));
    let minutes = Piece::Waits(Duration::from_secs(50));
    for (what, rest) in [
        ("it breaks", vec![text(" five"), Piece::Breaks]),
        ("it goes on for ever", (0..50).flat_map(|_| [minutes.clone(), text(" five")]).collect()),
        ("it states an error", vec![Piece::Says("data: {\"error\":{\"message\":\"boom\"}}\n\n".to_owned())]),
    ] {
        let tape = Arc::new(Tape::default());
        tape.put("east1", Take::stream([vec![role(), counted.clone(), text("one four")], rest].concat()));
        let client = client(tape.clone(), &clock(), Vec::new());
        let (mut seen, began) = (Seen::default(), tokio::time::Instant::now());
        let reply = asks(&client, over(Dialect::OpenAiChat), true, &mut seen).await.unwrap();
        assert_eq!(reply.text, "one ", "{what}");
        assert_eq!(reply.finish, Some(FinishReason::StopSequence(Some("four".to_owned()))), "{what}");
        assert!(began.elapsed() <= Duration::from_secs(61), "{what}: {:?}", began.elapsed());
        assert_eq!(tape.open(), 0, "{what}");
        let (_, source) = row(&client).attempts[0].usage.unwrap();
        assert_eq!(source, UsageSource::Estimated, "{what}: nobody knows what it came to");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_no_longer_than_so_gets_a_cut_answer_in_time() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream([role(), text("one four"), Piece::Waits(Duration::from_secs(30)), end()]));
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut request = Request::text("m", Purpose::Ask, "count");
    (request.stream, request.stop) = (true, vec!["four".to_owned()]);
    let routes = [over(Dialect::OpenAiChat)];
    let terms = Terms { deadline: Some(Duration::from_secs(10)), ..Terms::default() };
    let call = Call { terms, ..Call::new(&routes, request) };
    assert_eq!(client.call(call, &mut Seen::default()).await.unwrap().text, "one ");
}

#[tokio::test]
async fn what_was_held_back_of_a_stream_that_breaks_has_been_said() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", Take::stream([role(), text("one two fou"), Piece::Breaks]));
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut seen = Seen::default();
    let error = asks(&client, over(Dialect::OpenAiChat), true, &mut seen).await.unwrap_err();
    let CallError::Broken { tried, partial } = error else { panic!("{error}") };
    assert_eq!((tried.failure.kind, partial.as_str()), (Kind::Truncated, "one two fou"));
    assert_eq!(seen.text(), "one two fou");
}
