//! Stories about gRPC calls to xAI's service (xai.md, "gRPC"): what is called and how, what each status means, what a
//! service that misbehaves does, and that a caller who hangs up ends the call.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use h2::Reason;

use super::card;
use super::service::{Act, Saw, Service, Take, field, framed, number};
use super::tape::{Seen, client, row};
use crate::auth::{Credential, Source};
use crate::client::{Call, CallError, Client, Limits, Notice, Reply, Route, Terms, check};
use crate::config::Network;
use crate::model::{
    Block, CostSource, Dialect, Effort, Failure, FinishReason, Kind, NanoUsd, Purpose, Request, Scope, Secret,
    UsageSource,
};
use crate::net::Net;
use crate::providers::{Upstream, provider};
use crate::world::Clock;

const fn s(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn net() -> Net {
    Net::new(Network::within(60))
}

fn caller() -> Client {
    client(Arc::new(net()), &Clock::system(), Vec::new())
}

fn upstream(base: &str) -> Upstream {
    // The version of the REST address does no harm.
    let mut upstream = Upstream::at("xai", "xai", &format!("{base}/v1"));
    upstream.dialect = Some(Dialect::XaiGrpc);
    upstream
}

fn routes(services: &[&Service]) -> Vec<Route> {
    let route = |(place, service): (usize, &&Service)| {
        let account = format!("a{place}");
        let mut card = card("xai", "grok-4.5");
        card.reasoning.control = crate::model::Control::Effort;
        let credential = Credential::key(&account, "xai", Secret::new(format!("key-{account}")), Source::Vault);
        let upstream = Arc::new(upstream(&service.base));
        Route::new(upstream, provider("xai").unwrap(), card, Some(Arc::new(credential)))
    };
    services.iter().enumerate().map(route).collect()
}

fn request(stream: bool) -> Request {
    Request { stream, effort: Effort::High.into(), ..Request::text("grok-4.5", Purpose::Ask, "is it?") }
}

async fn ask(client: &Client, routes: &[Route], stream: bool, seen: &mut Seen) -> Result<Reply, CallError> {
    client.call(Call::new(routes, request(stream)), seen).await
}

/// A piece of an answer; `finish` is a reason to stop, 0 = none yet.
fn piece(text: &str, finish: u64) -> Vec<u8> {
    let delta = [field(1, text), number(2, 2)].concat();
    let output = [field(1, delta), number(3, finish), number(4, 0)].concat();
    [field(1, "r1"), field(2, output), field(4, "grok-4.5-0709")].concat()
}

fn usage() -> Vec<u8> {
    [number(1, 3), number(2, 100), number(3, 110), number(6, 7), number(7, 40), number(11, 5_000_000)].concat()
}

/// A good answer in pieces.
fn pieces(words: &[&str]) -> Take {
    let mut all: Vec<Vec<u8>> = words.iter().map(|word| piece(word, 0)).collect();
    all.push([piece("", 3), field(6, usage())].concat());
    Take::says(all)
}

/// A good answer in one.
fn whole(text: &str) -> Take {
    let output = [number(1, 3), field(3, [field(1, text), number(2, 2)].concat())].concat();
    Take::says([[field(1, "r1"), field(2, output), field(6, "grok-4.5-0709"), field(9, usage())].concat()])
}

async fn fails(take: Take, stream: bool) -> Failure {
    let service = Service::always(take);
    let client = caller();
    let routes = routes(&[&service]);
    let error = ask(&client, &routes, stream, &mut Seen::default()).await.unwrap_err();
    match error {
        CallError::Broken { tried, .. } => tried.failure,
        other => other.failure().unwrap_or_else(|| panic!("{other}")).clone(),
    }
}

#[tokio::test]
async fn an_answer_is_asked_for_and_read_in_pieces_and_whole_with_what_it_really_cost() {
    for stream in [true, false] {
        let take = if stream { pieces(&["it ", "is ", "größer"]) } else { whole("it is größer") };
        let mut service = Service::start([take]);
        let client = caller();
        let mut seen = Seen::default();
        let reply = ask(&client, &routes(&[&service]), stream, &mut seen).await.unwrap();
        assert_eq!((reply.text.as_str(), seen.text().as_str()), ("it is größer", "it is größer"));
        assert_eq!(reply.finish, Some(FinishReason::Stop));
        let row = row(&client);
        let attempt = row.attempts.first().unwrap();
        let (used, _) = attempt.usage.unwrap();
        assert_eq!((used.input, used.cache_read, used.output, used.reasoning), (60, 40, 10, Some(7)));
        let cost = attempt.cost.unwrap();
        assert_eq!((cost.amount, cost.source), (NanoUsd(500_000), CostSource::Reported), "5,000,000 ticks");
        assert_eq!(attempt.dialect, "xai-grpc");

        let (path, headers, message) = service.call().await;
        let method = if stream { "GetCompletionChunk" } else { "GetCompletion" };
        assert_eq!(path, format!("/xai_api.Chat/{method}"));
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!((header("content-type"), header("te")), ("application/grpc".into(), "trailers".into()));
        assert_eq!(header("authorization"), "Bearer key-a0");
        assert_eq!(header("accept-encoding"), "", "what is compressed is a message, not a body");
        assert!(header("user-agent").starts_with("monster/"));
        // A role, the text, the model, high effort, reasoning that travels: by the numbers of the document.
        let said = [field(1, field(1, "is it?")), number(2, 1)].concat();
        assert_eq!(
            message,
            framed(&[field(1, said), field(2, "grok-4.5"), varint_pair(19, 3), varint_pair(24, 1)].concat())
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_here_is_counted_and_charged_to_its_end() {
    let counted =
        |tokens, ticks| [number(1, tokens), number(2, 100), number(3, 100 + tokens), number(11, ticks)].concat();
    let stream = Take::says([
        [piece("one fo", 0), field(6, counted(2, 10_000))].concat(),
        [piece("ur five", 0), field(6, counted(4, 20_000))].concat(),
        [piece(" six", 3), field(6, counted(900, 5_000_000))].concat(),
    ]);
    let output = [number(1, 3), field(3, [field(1, "one four five six"), number(2, 2)].concat())].concat();
    let whole = Take::says([[field(1, "r1"), field(2, output), field(9, counted(900, 5_000_000))].concat()]);
    for (streamed, take) in [(true, stream), (false, whole)] {
        let service = Service::start([take]);
        let (client, mut seen) = (caller(), Seen::default());
        let request = Request { stop: vec!["four".into()], ..request(streamed) };
        let reply = client.call(Call::new(&routes(&[&service]), request), &mut seen).await.unwrap();
        assert_eq!((reply.text.as_str(), seen.text().as_str()), ("one ", "one "));
        assert_eq!(reply.finish, Some(FinishReason::StopSequence(Some("four".into()))));
        let attempt = &row(&client).attempts[0];
        let (used, source) = attempt.usage.unwrap();
        assert_eq!((used.output, source), (900, UsageSource::Reported), "streamed: {streamed}");
        let cost = attempt.cost.unwrap();
        assert_eq!((cost.amount, cost.source), (NanoUsd(500_000), CostSource::Reported), "streamed: {streamed}");
    }
}

/// A number in a field above 15.
fn varint_pair(field: u16, value: u8) -> Vec<u8> {
    let tag = field << 3;
    vec![u8::try_from(tag & 0x7f).unwrap() | 0x80, u8::try_from(tag >> 7).unwrap(), value]
}

#[tokio::test]
async fn the_server_is_told_how_long_anybody_waits() {
    let told = |headers: &http::HeaderMap| {
        let text = headers["grpc-timeout"].to_str().unwrap().to_owned();
        let (count, unit) = text.split_at(text.len() - 1);
        let unit = match unit {
            "u" => 1e-6,
            "m" => 1e-3,
            "S" => 1.0,
            other => panic!("{other}"),
        };
        count.parse::<f64>().unwrap() * unit
    };
    let mut service = Service::start([pieces(&["yes"]), pieces(&["yes"])]);
    let client = caller();
    let routes = routes(&[&service]);
    ask(&client, &routes, true, &mut Seen::default()).await.unwrap();
    let usual = told(&service.call().await.1);
    assert!((1_600.0..=1_620.0).contains(&usual), "27 minutes, as its own client says: {usual}");
    let terms = Terms { deadline: Some(s(50)), ..Terms::default() };
    let call = Call { terms, ..Call::new(&routes, request(true)) };
    client.call(call, &mut Seen::default()).await.unwrap();
    let short = told(&service.call().await.1);
    assert!((1.0..=50.0).contains(&short), "what is left of the caller's own time: {short}");
    assert_eq!(service.left(), 0);
}

#[tokio::test]
async fn each_status_is_the_failure_that_it_is_elsewhere_wherever_it_stands() {
    for (code, kind, scope, name) in [
        ("16", Kind::Unauthorized, Scope::Account, "UNAUTHENTICATED"),
        ("7", Kind::Forbidden, Scope::Model, "PERMISSION_DENIED"),
        ("8", Kind::RateLimited, Scope::Model, "RESOURCE_EXHAUSTED"),
        ("3", Kind::BadRequest, Scope::Request, "INVALID_ARGUMENT"),
        ("5", Kind::NotFound, Scope::Model, "NOT_FOUND"),
        ("12", Kind::NotFound, Scope::Model, "UNIMPLEMENTED"),
        ("14", Kind::Overloaded, Scope::Provider, "UNAVAILABLE"),
        ("4", Kind::TimedOut, Scope::Model, "DEADLINE_EXCEEDED"),
        ("13", Kind::Broken, Scope::Model, "INTERNAL"),
        ("2", Kind::Broken, Scope::Model, "UNKNOWN"),
        // A code that nobody knows is UNKNOWN.
        ("99", Kind::Broken, Scope::Model, "UNKNOWN"),
    ] {
        for before in [true, false] {
            for stream in [true, false] {
                let failure = fails(Take::fails(code, "no%20way", before), stream).await;
                assert_eq!((failure.kind, failure.scope), (kind, scope), "{name} {before} {stream}: {failure}");
                assert_eq!(failure.message, format!("xAI answered {name}: no way"));
                assert_eq!(failure.upstream.code.as_deref(), Some(name));
            }
        }
    }
}

#[tokio::test]
async fn money_that_is_gone_is_told_from_a_rate_although_both_have_one_code() {
    let words = "Your team has either used all available credits or reached its monthly spending limit.";
    let failure = fails(Take::fails("8", &words.replace(' ', "%20"), false), true).await;
    assert_eq!((failure.kind, failure.scope), (Kind::QuotaSpent, Scope::Account));
}

#[tokio::test]
async fn when_to_come_back_is_read_from_details_and_from_metadata() {
    let delay = [number(1, 7), number(2, 500_000_000)].concat();
    let any = [field(1, "type.googleapis.com/google.rpc.RetryInfo"), field(2, field(1, delay))].concat();
    let details = STANDARD_NO_PAD.encode([number(1, 8), field(2, "slow"), field(3, any)].concat());
    for before in [true, false] {
        let limited = || Take::fails("8", "slow", before);
        let failure = fails(limited().with("grpc-status-details-bin", &details), true).await;
        assert_eq!(failure.retry_after, Some(Duration::from_millis(7_500)), "{before}");
        let failure = fails(limited().with("retry-after", "9"), true).await;
        assert_eq!(failure.retry_after, Some(s(9)), "{before}");
        assert_eq!(fails(limited(), true).await.retry_after, None);
    }
}

#[tokio::test]
async fn another_route_answers_until_the_first_words_have_come_and_none_after() {
    let limited = Service::start([Take::fails("8", "slow", false)]);
    let good = Service::start([pieces(&["here"])]);
    let client = caller();
    let mut seen = Seen::default();
    let reply = ask(&client, &routes(&[&limited, &good]), true, &mut seen).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.route.account()), ("here", "a1"));
    assert!(seen.notices.iter().any(|n| matches!(n, Notice::FailedOver { .. })));

    let mut late = pieces(&["one ", "two"]);
    late.acts.pop();
    late.trailers = Some(vec![("grpc-status", "14".to_owned()), ("grpc-message", "going down".to_owned())]);
    let (late, never) = (Service::start([late]), Service::start([]));
    let error = ask(&caller(), &routes(&[&late, &never]), true, &mut Seen::default()).await.unwrap_err();
    let CallError::Broken { tried, partial } = error else { panic!("{error}") };
    assert_eq!((tried.failure.kind, partial.as_str()), (Kind::Overloaded, "one two"));
}

#[tokio::test]
async fn a_service_that_misbehaves_is_a_failure_with_a_name() {
    let says = |bytes: Vec<u8>| Take { acts: vec![Act::Says(bytes)], ..Take::says([]) };
    let mut endless = pieces(&["one"]);
    endless.acts.pop();
    let wide = [&[0][..], &u32::MAX.to_be_bytes(), b"abc"].concat();
    let cut = framed(&piece("one", 0))[..9].to_vec();
    let two = Take { acts: [whole("a").acts, whole("b").acts].concat(), ..whole("a") };
    let no_text = field(2, [field(1, field(1, [0xff, 0xfe])), number(3, 3)].concat());
    for (what, take, stream, kind) in [
        ("a message of no kind", says(b"\x07\0\0\0\x01a".to_vec()), true, Kind::Broken),
        ("a compressed message", says(b"\x01\0\0\0\x01a".to_vec()), true, Kind::Broken),
        ("a message of 4 GB", says(wide), true, Kind::Broken),
        ("no protobuf", Take::says([b"<html>".to_vec()]), true, Kind::Broken),
        ("no protobuf, whole", Take::says([b"<html>".to_vec()]), false, Kind::Broken),
        ("text that is none", Take::says([no_text]), true, Kind::Broken),
        ("two answers to one question", two, false, Kind::Broken),
        ("a message that is cut", says(cut), true, Kind::Truncated),
        ("an end without a reason", endless, true, Kind::Truncated),
        ("nothing at all, and that all is well", Take::says([]), true, Kind::Truncated),
        ("nothing at all, and that all is well, whole", Take::says([]), false, Kind::Truncated),
        ("a web page", Take::page(200, "text/html", "<html>hello"), true, Kind::Broken),
        ("JSON", Take::page(200, "application/json", "{}"), true, Kind::Broken),
        ("a proxy's page", Take::page(502, "text/html", "<html>bad gateway"), true, Kind::Broken),
        ("a proxy's refusal", Take::page(403, "application/json", r#"{"error":"blocked"}"#), true, Kind::Forbidden),
        (
            "details that are no base64",
            Take::fails("14", "x", true).with("grpc-status-details-bin", "?"),
            true,
            Kind::Overloaded,
        ),
        (
            "the same at the end",
            Take::fails("14", "x", false).with("grpc-status-details-bin", "?"),
            true,
            Kind::Overloaded,
        ),
        ("a reset", Take::says([]).then(Act::Resets(Reason::INTERNAL_ERROR)), true, Kind::Unreachable),
    ] {
        let failure = fails(take, stream).await;
        assert_eq!(failure.kind, kind, "{what}: {failure}");
        assert!(failure.message.len() < 200, "{what}: {failure}");
    }
}

#[tokio::test]
async fn a_call_that_is_reset_after_its_first_words_is_told_with_them() {
    let go = Arc::new(tokio::sync::Notify::new());
    let mut take = pieces(&["one"]);
    take.acts.pop();
    let service = Service::start([take.then(Act::Until(Arc::clone(&go))).then(Act::Resets(Reason::INTERNAL_ERROR))]);
    let (first, saw) = tokio::sync::oneshot::channel();
    let (client, routes, mut seen) = (caller(), routes(&[&service]), Seen::telling(first));
    let heard = async {
        saw.await.unwrap();
        go.notify_one();
    };
    let (outcome, ()) = tokio::join!(ask(&client, &routes, true, &mut seen), heard);
    let CallError::Broken { tried, partial } = outcome.unwrap_err() else { panic!("nothing had come") };
    assert_eq!((tried.failure.kind, partial.as_str()), (Kind::Truncated, "one"));
}

#[tokio::test]
async fn nobody_there_and_nobody_who_speaks_it_are_told_apart_from_a_service_that_fails() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let mut service = Service::start([]);
    service.base = closed;
    let error = ask(&caller(), &routes(&[&service]), true, &mut Seen::default()).await.unwrap_err();
    assert_eq!(error.failure().map(|f| f.kind), Some(Kind::Unreachable));
    service.base = "http://models.example.com".to_owned();
    let error = ask(&caller(), &routes(&[&service]), true, &mut Seen::default()).await.unwrap_err();
    assert_eq!(error.failure().map(|f| f.kind), Some(Kind::BadRequest), "keys travel in no clear text: {error}");
}

#[tokio::test]
async fn silence_ends_at_the_users_limit() {
    let mut client = caller();
    client.limits = Limits { first_byte: Duration::from_millis(200), idle: Duration::from_millis(200) };
    for take in [pieces(&[]), pieces(&["one"])] {
        let words = take.acts.len() > 1;
        let mut take = take;
        take.acts.pop();
        let service = Service::always(take.then(Act::Waits));
        let error = ask(&client, &routes(&[&service]), true, &mut Seen::default()).await.unwrap_err();
        let kind = match &error {
            CallError::Broken { tried, partial } => {
                assert_eq!(partial, "one");
                tried.failure.kind
            }
            other => other.failure().unwrap().kind,
        };
        assert_eq!((kind, matches!(error, CallError::Broken { .. })), (Kind::TimedOut, words));
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_ends_the_call_wherever_it_stands() {
    for words in [false, true] {
        let mut take = pieces(if words { &["one two three four"] } else { &[] });
        take.acts.pop();
        let mut service = Service::start([take.then(Act::Waits)]);
        let client = caller();
        let routes = routes(&[&service]);
        let (first, saw) = tokio::sync::oneshot::channel();
        let mut seen = Seen::telling(first);
        {
            let call = ask(&client, &routes, true, &mut seen);
            let silent = async {
                service.call().await;
                assert!(matches!(service.saw.recv().await, Some(Saw::Silent)));
                if words {
                    saw.await.unwrap();
                }
            };
            tokio::select! {
                outcome = call => panic!("it ended by itself: {outcome:?}"),
                () = silent => {}
            }
        }
        // Nobody waits for more than a moment here; the cap is for a machine that is very busy.
        let end = tokio::time::timeout(s(60), service.saw.recv()).await;
        assert!(matches!(end, Ok(Some(Saw::Gone(Some(Reason::CANCEL))))), "{end:?}");
        assert_eq!(row(&client).outcome, "cancelled");
    }
}

#[tokio::test]
async fn a_key_is_checked_by_asking_the_service_itself_for_its_models() {
    let model = |name: &str| field(1, [field(1, name), number(9, 500_000)].concat());
    let mut service = Service::start([
        Take::says([[model("grok-4.5"), model("grok-4.6")].concat()]),
        Take::fails("16", "no key-wrong here", true),
    ]);
    let limits = Limits { first_byte: s(60), idle: s(60) };
    let (net, upstream) = (net(), upstream(&service.base));
    let listed = check(&net, limits, &upstream, Some(&Secret::new("key-good".to_owned())), 0).await.unwrap();
    assert_eq!(listed, ["grok-4.5", "grok-4.6"]);
    let (path, headers, message) = service.call().await;
    assert_eq!((path.as_str(), message), ("/xai_api.Models/ListLanguageModels", framed(b"")));
    assert_eq!(headers["authorization"], "Bearer key-good");
    let failure = check(&net, limits, &upstream, Some(&Secret::new("key-wrong".to_owned())), 0).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Unauthorized);
    assert!(!failure.message.contains("key-wrong"), "{failure}");
}

#[tokio::test]
async fn only_what_was_redacted_is_called_with() {
    let mut service = Service::start([pieces(&["fine"])]);
    let client = caller();
    let secret = format!("AKIA{}", "Q3EGRIT7WBLZ5Y2M");
    let mut request = request(true);
    request.messages[0].blocks.push(Block::Text(format!("aws_access_key_id = {secret}")));
    client.call(Call::new(&routes(&[&service]), request), &mut Seen::default()).await.unwrap();
    let (_, _, message) = service.call().await;
    let sent = String::from_utf8_lossy(&message).into_owned();
    assert!(!sent.contains(&secret) && sent.contains("aws_access_key_id"), "{sent}");
}
