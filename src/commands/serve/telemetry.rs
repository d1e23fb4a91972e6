//! Where `monster serve` sends traces and metrics: the user's settings first, then the variables that every program with
//! OpenTelemetry reads. Off where neither names a collector.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::model::Secret;
use crate::net::Net;
use crate::net::export::Export;
use crate::serve::{Collector, Telemetry, Way};
use crate::world::{Env, files};

/// The word that keeps it off whatever the environment says.
const OFF: &str = "off";
/// A file with headers is no longer than this (bytes).
const LONGEST: u64 = 64 << 10;

/// One kind of telemetry, as the variables name it.
struct Kind {
    /// Between `OTEL_EXPORTER_OTLP_` and the rest.
    word: &'static str,
    /// Below the collector's address.
    path: &'static str,
    /// `none` here switches it off.
    switch: &'static str,
    /// How often it is sent (milliseconds): the variable and what holds without it.
    every: (&'static str, u64),
}

const TRACES: Kind = Kind {
    word: "TRACES",
    path: "/v1/traces",
    switch: "OTEL_TRACES_EXPORTER",
    every: ("OTEL_BSP_SCHEDULE_DELAY", 5_000),
};
const METRICS: Kind = Kind {
    word: "METRICS",
    path: "/v1/metrics",
    switch: "OTEL_METRICS_EXPORTER",
    every: ("OTEL_METRIC_EXPORT_INTERVAL", 60_000),
};

/// Begins to send, where somebody wants it; to be called where there is a runtime.
///
/// # Errors
/// Exit 1: an address, a header or a file that is of no use.
pub(super) fn open(context: &Context) -> Result<Option<Arc<Telemetry>>, CommandError> {
    let config = &context.config().serve;
    let env = &context.env;
    let own = config.telemetry.as_deref();
    if own == Some(OFF) || env.get("OTEL_SDK_DISABLED").is_some_and(|word| word.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let urls = [TRACES, METRICS].map(|kind| url(&kind, own, env).map(|url| (kind, url)));
    if urls.iter().all(Option::is_none) {
        return Ok(None);
    }
    if context.offline() {
        context.ui.warn("no telemetry is sent: this monster is offline");
        return Ok(None);
    }
    let within = Duration::from_millis(number(env, "OTEL_EXPORTER_OTLP_TIMEOUT").unwrap_or(10_000).max(1));
    let net = Arc::new(Net::new(context.config().net.clone()));
    let of_file = match config.telemetry_headers.as_deref() {
        Some(path) => headers(Path::new(path))?,
        None => Vec::new(),
    };
    let mut ways = Vec::new();
    for found in urls {
        let Some((kind, url)) = found else {
            ways.push(None);
            continue;
        };
        net.client_for(&url).map_err(|error| {
            CommandError::of(Exit::Failed, &error).hint("set serve.telemetry to the collector's address, or to: off")
        })?;
        if protocol(&kind, env).is_some_and(|word| word == "grpc") {
            let what = "the environment wants telemetry over gRPC, and monster sends it over HTTP (http/protobuf)";
            return Err(CommandError::new(Exit::Failed, what)
                .hint("name the collector's address for HTTP, usually port 4318, with: monster config set serve.telemetry URL"));
        }
        let mut all = of_file.clone();
        all.extend(of_env(&kind, env)?);
        let client = Arc::new(Export::new(Arc::clone(&net), all, within));
        let (name, usual) = kind.every;
        let every = Duration::from_millis(number(env, name).unwrap_or(usual).max(10));
        ways.push(Some(Way { url, client, every }));
    }
    let (metrics, traces) = (ways.pop().flatten(), ways.pop().flatten());
    let service = service(env).unwrap_or_else(|| "monster".to_owned());
    let collector = Collector { traces, metrics, within, service };
    Telemetry::open(collector).map(Some).map_err(|what| CommandError::new(Exit::Failed, what))
}

/// What the user calls this monster: its own variable goes before the list.
fn service(env: &Env) -> Option<String> {
    let own = env.get("OTEL_SERVICE_NAME").map(str::to_owned);
    let listed = || {
        let pairs = env.get("OTEL_RESOURCE_ATTRIBUTES")?.split(',');
        let value = pairs.filter_map(|pair| pair.split_once('=')).find(|(name, _)| name.trim() == "service.name")?.1;
        Some(unescaped(value))
    };
    own.filter(|name| !name.is_empty()).or_else(listed).filter(|name| !name.is_empty())
}

/// A value of such a list, which is written as in an address.
fn unescaped(value: &str) -> String {
    let whole = format!("v={}", value.trim().replace('+', "%2B"));
    url::form_urlencoded::parse(whole.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The whole address for one kind; `None` = nobody wants it.
fn url(kind: &Kind, own: Option<&str>, env: &Env) -> Option<String> {
    let said = |name: &str| env.get(name).filter(|text| !text.is_empty());
    if said(kind.switch).is_some_and(|word| word == "none") {
        return None;
    }
    let below = |base: &str| format!("{}{}", base.trim_end_matches('/'), kind.path);
    own.map(below)
        .or_else(|| said(&format!("OTEL_EXPORTER_OTLP_{}_ENDPOINT", kind.word)).map(str::to_owned))
        .or_else(|| said("OTEL_EXPORTER_OTLP_ENDPOINT").map(below))
}

fn protocol<'a>(kind: &Kind, env: &'a Env) -> Option<&'a str> {
    env.get(&format!("OTEL_EXPORTER_OTLP_{}_PROTOCOL", kind.word)).or_else(|| env.get("OTEL_EXPORTER_OTLP_PROTOCOL"))
}

fn number(env: &Env, name: &str) -> Option<u64> {
    env.get(name)?.trim().parse().ok()
}

/// Headers from the environment: `NAME=VALUE`, separated by commas, values as in an address.
fn of_env(kind: &Kind, env: &Env) -> Result<Vec<(HeaderName, Secret)>, CommandError> {
    let name = format!("OTEL_EXPORTER_OTLP_{}_HEADERS", kind.word);
    let (name, text) = match (env.get(&name), env.get("OTEL_EXPORTER_OTLP_HEADERS")) {
        (Some(text), _) => (name.as_str(), text),
        (None, Some(text)) => ("OTEL_EXPORTER_OTLP_HEADERS", text),
        (None, None) => return Ok(Vec::new()),
    };
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let one = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        header(key, unescaped(value))
    };
    pairs.map(|pair| one(pair).ok_or_else(|| wrong(name))).collect()
}

/// Headers from a private file.
fn headers(path: &Path) -> Result<Vec<(HeaderName, Secret)>, CommandError> {
    let place = path.display().to_string();
    let bytes = files::read_private(path, LONGEST)
        .map_err(|error| CommandError::new(Exit::Failed, format!("{place}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong(&place))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let one = |line: &str| {
        let (key, value) = line.split_once(':')?;
        header(key, value.trim().to_owned())
    };
    lines.map(|line| one(line).ok_or_else(|| wrong(&place))).collect()
}

fn header(name: &str, value: String) -> Option<(HeaderName, Secret)> {
    let name = HeaderName::from_bytes(name.trim().to_ascii_lowercase().as_bytes()).ok()?;
    http::HeaderValue::from_str(&value).ok()?;
    Some((name, Secret::new(value)))
}

/// What is said of it holds nothing of it: a value may be a key.
fn wrong(place: &str) -> CommandError {
    CommandError::new(Exit::Failed, format!("{place} holds something that is no header for the collector"))
}
