//! A request as spans: one for the call, and one below it for each attempt (OpenTelemetry, "Semantic conventions for
//! generative AI spans").

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::names::{Place, asked, attribute};
use super::told::{Leg, Told};
use crate::model::Kind;
use crate::world::random;

/// What stands where nobody said why an attempt failed.
const OTHER: &str = "_OTHER";

/// The spans of a request, the call's own first.
pub(super) fn spans(told: &Told, places: &HashMap<String, Place>) -> Vec<SpanData> {
    let trace = TraceId::from_bytes(random::bytes().unwrap_or([1; 16]));
    let call = id();
    let till = at(told.from_ms) + told.took;
    let mut out = vec![span(
        trace,
        call,
        SpanId::INVALID,
        (told.operation, &told.asked),
        (at(told.from_ms), till),
        of_call(told, places),
        status(told.end.as_ref().err().map(|kind| kind.name())),
    )];
    let last = told.legs.len().saturating_sub(1);
    for (n, leg) in told.legs.iter().enumerate() {
        let error = failed(leg, n == last && told.end.is_ok());
        let mut attributes = vec![KeyValue::new(attribute::OPERATION, told.operation)];
        attributes.extend(asked(&leg.route, places));
        attributes.extend(error.map(|word| KeyValue::new(attribute::ERROR_TYPE, word)));
        if n == last && told.end.is_ok() && !told.model.is_empty() {
            attributes.push(KeyValue::new(attribute::RESPONSE_MODEL, told.model.clone()));
        }
        let model = leg.route.split_once('/').map_or(leg.route.as_str(), |(_, model)| model);
        let span = span(
            trace,
            id(),
            call,
            (told.operation, model),
            (at(leg.from_ms), leg.till_ms.map_or(till, at)),
            attributes,
            status(error),
        );
        out.push(span);
    }
    out
}

/// Why an attempt failed, in one word.
fn failed(leg: &Leg, answered: bool) -> Option<&'static str> {
    match (leg.failed.map(Kind::name), answered) {
        (_, true) => None,
        (Some(word), false) => Some(word),
        (None, false) => Some(OTHER),
    }
}

fn of_call(told: &Told, places: &HashMap<String, Place>) -> Vec<KeyValue> {
    let mut out = vec![
        KeyValue::new(attribute::OPERATION, told.operation),
        KeyValue::new(attribute::REQUEST_STREAM, told.stream),
        KeyValue::new("monster.request.id", told.id.clone()),
    ];
    // Whoever was asked last is who answered, or who failed for good.
    let last = told.legs.last().map(|leg| asked(&leg.route, places)).unwrap_or_default();
    out.extend(last.into_iter().filter(|one| one.key.as_str() != attribute::REQUEST_MODEL));
    out.push(KeyValue::new(attribute::REQUEST_MODEL, told.asked.clone()));
    if !told.model.is_empty() {
        out.push(KeyValue::new(attribute::RESPONSE_MODEL, told.model.clone()));
    }
    match &told.end {
        Err(kind) => out.push(KeyValue::new(attribute::ERROR_TYPE, kind.name())),
        Ok(got) => {
            let usage = &got.usage;
            let count = |name: &'static str, n: u64| KeyValue::new(name, i64::try_from(n).unwrap_or(i64::MAX));
            // Cached ones are among them (the conventions; model::Usage::prompt).
            out.push(count(attribute::INPUT_TOKENS, usage.prompt()));
            out.push(count(attribute::OUTPUT_TOKENS, usage.output));
            if usage.cache_read > 0 {
                out.push(count(attribute::CACHE_READ, usage.cache_read));
            }
            let written = usage.cache_write_short.saturating_add(usage.cache_write_long);
            if written > 0 {
                out.push(count(attribute::CACHE_CREATION, written));
            }
            out.extend(usage.reasoning.map(|n| count(attribute::REASONING_TOKENS, n)));
            if let Some(finish) = &got.finish {
                let words = Value::Array(Array::String(vec![StringValue::from(finish.clone())]));
                out.push(KeyValue::new(attribute::FINISH_REASONS, words));
            }
            if let Some(first) = got.first.filter(|_| told.stream) {
                out.push(KeyValue::new(attribute::FIRST_CHUNK, first.as_secs_f64()));
            }
        }
    }
    out
}

fn status(error: Option<&'static str>) -> Status {
    error.map_or(Status::Unset, Status::error)
}

fn span(
    trace: TraceId,
    own: SpanId,
    parent: SpanId,
    (operation, model): (&str, &str),
    (start_time, end_time): (SystemTime, SystemTime),
    attributes: Vec<KeyValue>,
    status: Status,
) -> SpanData {
    SpanData {
        span_context: SpanContext::new(trace, own, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent_span_id: parent,
        parent_span_is_remote: false,
        span_kind: SpanKind::Client,
        name: format!("{operation} {model}").into(),
        start_time,
        end_time: end_time.max(start_time),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: InstrumentationScope::builder("monster").with_version(env!("CARGO_PKG_VERSION")).build(),
    }
}

fn id() -> SpanId {
    // No more than a name: should randomness fail, it is a poor one.
    SpanId::from_bytes(random::bytes().unwrap_or([1; 8]))
}

fn at(ms: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
