//! Stories about what goes to a collector: what a request becomes, and that a collector which does not answer is nobody's
//! loss but its own.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError};

use super::names::{Place, asked};
use super::span::spans;
use super::*;
use crate::client::Notice;
use crate::model::{Failure, Kind, Scope};

/// A collector that takes everything, or nothing and for ever.
#[derive(Debug, Default)]
struct Paper {
    got: Mutex<Vec<(String, usize)>>,
    silent: bool,
}

impl HttpClient for Paper {
    fn send_bytes<'one, 'all>(
        &'one self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'all>>
    where
        'one: 'all,
        Self: 'all,
    {
        Box::pin(async move {
            if self.silent {
                std::future::pending::<()>().await;
            }
            self.got.lock().unwrap().push((request.uri().path().to_owned(), request.body().len()));
            Ok(Response::new(Bytes::new()))
        })
    }
}

fn collector(paper: &Arc<Paper>) -> Collector {
    let client: Arc<dyn HttpClient> = Arc::clone(paper) as _;
    let every = Duration::from_secs(3_600);
    let traces = Way { url: "http://127.0.0.1:4318/v1/traces".to_owned(), client, every };
    Collector { traces: Some(traces), metrics: None, within: Duration::from_secs(1), service: "here".to_owned() }
}

fn trying(route: &str) -> Notice {
    Notice::Trying { model: route.into(), account: "work".into() }
}

/// Asked of one, which is overloaded, then of another.
fn told(end: Kind) -> Told {
    let mut trace = Trace::default();
    trace.hear(&trying("work/gpt-4.1-mini"), 1_000);
    let failure = Failure::new(Kind::Overloaded, Scope::Model, "busy");
    let (from, to) = ("work/gpt-4.1-mini".to_owned(), "claude/claude-haiku-4-5".to_owned());
    trace.hear(&Notice::FailedOver { from, to, failure }, 1_200);
    trace.hear(&trying("claude/claude-haiku-4-5"), 1_200);
    trace.answers("claude-haiku-4-5-20251001");
    trace.end(("r-1", "fast", true), 990, Duration::from_millis(500), Err(end))
}

fn places() -> HashMap<String, Place> {
    HashMap::from([
        ("work".to_owned(), Place::of("openai", "https://api.openai.com/v1")),
        ("claude".to_owned(), Place::of("anthropic", "https://api.anthropic.com")),
    ])
}

fn value(attributes: &[KeyValue], name: &str) -> String {
    attributes.iter().find(|one| one.key.as_str() == name).map(|one| one.value.to_string()).unwrap_or_default()
}

#[test]
fn a_call_is_a_span_and_each_attempt_one_below_it() {
    let made = spans(&told(Kind::TimedOut), &places());
    let names: Vec<&str> = made.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["chat fast", "chat gpt-4.1-mini", "chat claude-haiku-4-5"]);
    let call = &made[0];
    assert_eq!(call.parent_span_id, opentelemetry::trace::SpanId::INVALID);
    assert!(made[1..].iter().all(|span| span.parent_span_id == call.span_context.span_id()));
    assert!(made.iter().all(|span| span.span_context.trace_id() == call.span_context.trace_id()));
    let long = |at: usize| made[at].end_time.duration_since(made[at].start_time).unwrap().as_millis();
    assert_eq!([long(0), long(1), long(2)], [500, 200, 290]);
    let errors: Vec<String> = made.iter().map(|span| value(&span.attributes, "error.type")).collect();
    assert_eq!(errors, ["timed_out", "overloaded", "timed_out"]);
    assert_eq!(value(&call.attributes, "gen_ai.request.model"), "fast");
    assert_eq!(value(&call.attributes, "gen_ai.provider.name"), "anthropic");
    assert_eq!(value(&call.attributes, "gen_ai.response.model"), "claude-haiku-4-5-20251001");
    assert_eq!(value(&made[1].attributes, "server.address"), "api.openai.com");
    assert_eq!(value(&made[1].attributes, "server.port"), "443");
}

#[test]
fn an_attempt_that_only_had_to_wait_failed_for_a_reason_that_nobody_told() {
    let mut trace = Trace::default();
    trace.hear(&trying("work/gpt-4.1-mini"), 0);
    let parked = Notice::Parked { model: String::new(), wait: Duration::from_secs(9), position: 1, waiting: 1 };
    trace.hear(&parked, 40);
    let made = spans(&trace.end(("r-1", "fast", false), 0, Duration::from_secs(9), Err(Kind::Cancelled)), &places());
    // It ended where the waiting began, and its caller left.
    assert_eq!(made[1].end_time.duration_since(made[1].start_time).unwrap().as_millis(), 40);
    assert_eq!(value(&made[1].attributes, "error.type"), "cancelled");
}

#[test]
fn who_is_not_in_the_conventions_keeps_his_own_name() {
    for (ours, theirs) in [("openai", "openai"), ("gemini", "gcp.gemini"), ("xai", "x_ai"), ("generic", "generic")] {
        let places = HashMap::from([("here".to_owned(), Place::of(ours, "http://127.0.0.1:8080/v1"))]);
        let attributes = asked("here/qwen/coder", &places);
        assert_eq!(value(&attributes, "gen_ai.provider.name"), theirs);
        assert_eq!(value(&attributes, "gen_ai.request.model"), "qwen/coder");
        assert_eq!(value(&attributes, "server.port"), "8080");
    }
    assert_eq!(value(&asked("gone/model", &HashMap::new()), "gen_ai.provider.name"), "gone");
}

#[tokio::test]
async fn what_was_told_is_sent_at_the_end_at_the_latest() {
    let paper = Arc::new(Paper::default());
    let telemetry = Telemetry::open(collector(&paper)).unwrap();
    for _ in 0..3 {
        telemetry.tell(told(Kind::Cancelled));
    }
    assert!(telemetry.close(Duration::from_secs(5)).await);
    let got = paper.got.lock().unwrap().clone();
    assert!(!got.is_empty() && got.iter().all(|(path, size)| path == "/v1/traces" && *size > 100), "{got:?}");
    let mut out = String::new();
    telemetry.write(&mut out);
    assert!(out.contains("monster_telemetry_sent_total 9\n") && out.contains("monster_telemetry_dropped_total 0\n"));
}

#[tokio::test]
async fn a_collector_that_never_answers_costs_a_bounded_queue_and_what_is_lost_is_counted() {
    let paper = Arc::new(Paper { silent: true, ..Paper::default() });
    let telemetry = Telemetry::open(collector(&paper)).unwrap();
    for _ in 0..MOST + 500 {
        // Nobody takes anything out in between: this returns all the same.
        telemetry.tell(told(Kind::Cancelled));
    }
    let dropped = || telemetry.counts.dropped.load(Ordering::Relaxed);
    assert_eq!(dropped(), 1_500, "three spans for each of the 500 that found no room");
    // What is taken out does not pile up either.
    while telemetry.queue.capacity() < MOST {
        tokio::task::yield_now().await;
    }
    assert!(dropped() > 1_500);
    let began = tokio::time::Instant::now();
    assert!(!telemetry.close(Duration::from_millis(50)).await);
    assert!(began.elapsed() < Duration::from_secs(2));
}
