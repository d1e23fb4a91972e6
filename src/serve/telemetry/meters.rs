//! Requests as histograms, with the bounds that the conventions give (OpenTelemetry, "Semantic conventions for generative AI
//! metrics").

use std::collections::HashMap;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use super::names::{Place, asked, attribute, metric};
use super::told::Told;

/// Bounds of `gen_ai.client.token.usage`.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Bounds of `gen_ai.client.operation.duration` (seconds).
const DURATION: [f64; 14] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Bounds of `gen_ai.server.time_to_first_token` (seconds).
const FIRST: [f64; 16] = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The histograms.
pub(super) struct Meters {
    tokens: Histogram<u64>,
    duration: Histogram<f64>,
    first: Histogram<f64>,
}

impl Meters {
    pub(super) fn of(provider: &SdkMeterProvider) -> Self {
        let meter = provider.meter("monster");
        let seconds = |name: &'static str, what: &'static str, bounds: &[f64]| {
            meter.f64_histogram(name).with_unit("s").with_description(what).with_boundaries(bounds.to_vec()).build()
        };
        Self {
            tokens: meter
                .u64_histogram(metric::TOKENS)
                .with_unit("{token}")
                .with_description("Number of input and output tokens used.")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            duration: seconds(metric::DURATION, "GenAI operation duration.", &DURATION),
            first: seconds(metric::FIRST_TOKEN, "Time to generate first token.", &FIRST),
        }
    }

    /// Counts a request under whoever was asked last. The model is the one that was asked, not the word of the caller. Where
    /// callers name ever new ones of an upstream, the SDK counts all beyond 2,000 together.
    pub(super) fn count(&self, told: &Told, places: &HashMap<String, Place>) {
        let mut common = vec![KeyValue::new(attribute::OPERATION, told.operation)];
        common.extend(told.legs.last().map(|leg| asked(&leg.route, places)).unwrap_or_default());
        if !told.model.is_empty() {
            common.push(KeyValue::new(attribute::RESPONSE_MODEL, told.model.clone()));
        }
        let with = |more: Option<KeyValue>| common.iter().cloned().chain(more).collect::<Vec<_>>();
        let error = told.end.as_ref().err().map(|kind| KeyValue::new(attribute::ERROR_TYPE, kind.name()));
        self.duration.record(told.took.as_secs_f64(), &with(error));
        let Ok(got) = &told.end else { return };
        for (kind, count) in [("input", got.usage.prompt()), ("output", got.usage.output)] {
            self.tokens.record(count, &with(Some(KeyValue::new(attribute::TOKEN_TYPE, kind))));
        }
        if let Some(first) = got.first.filter(|_| told.stream) {
            self.first.record(first.as_secs_f64(), &common);
        }
    }
}
