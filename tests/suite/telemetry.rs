//! Traces and metrics for a collector: what it gets, and that nobody waits for it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::metrics::v1::HistogramDataPoint;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;

use crate::caller::{Came, House};
use crate::commit::connected;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

const MODEL: &str = "openai/gpt-4.1-mini";
const OTHER: &str = "anthropic/claude-haiku-4-5";
const PROMPT: &str = "Name the colour of the quietest sea.";
const ANSWER: &str = "A blue that nobody painted.";

/// What came: path, head, body.
type Got = Arc<Mutex<Vec<(String, String, Vec<u8>)>>>;

/// A collector on this machine.
struct Collector {
    base: String,
    got: Got,
}

impl Collector {
    /// One that answers with this status; none = it never answers.
    fn start(status: Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let got = Got::default();
        let all = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let all = Arc::clone(&all);
                std::thread::spawn(move || {
                    let mut line = BufReader::new(stream);
                    loop {
                        let mut head = String::new();
                        while !head.ends_with("\r\n\r\n") {
                            if line.read_line(&mut head).unwrap_or(0) == 0 {
                                return;
                            }
                        }
                        let head = head.to_ascii_lowercase();
                        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
                        let mut body = vec![0; length.unwrap_or(0)];
                        line.read_exact(&mut body).unwrap();
                        let path = head.split(' ').nth(1).unwrap().to_owned();
                        all.lock().unwrap().push((path, head, body));
                        match status {
                            Some(status) => {
                                write!(line.get_mut(), "HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n").unwrap()
                            }
                            None => std::thread::sleep(Duration::from_secs(600)),
                        }
                    }
                });
            }
        });
        Self { base, got }
    }

    fn bodies(&self, path: &str) -> Vec<Vec<u8>> {
        self.got.lock().unwrap().iter().filter(|(at, ..)| at == path).map(|(.., body)| body.clone()).collect()
    }

    fn spans(&self) -> Vec<Span> {
        let read = |body: Vec<u8>| ExportTraceServiceRequest::decode(&*body).unwrap();
        let all = self.bodies("/v1/traces").into_iter().map(read);
        all.flat_map(|one| one.resource_spans).flat_map(|one| one.scope_spans).flat_map(|one| one.spans).collect()
    }

    /// The last state of every histogram: name, unit and points.
    fn histograms(&self) -> BTreeMap<String, (String, Vec<HistogramDataPoint>)> {
        let read = |body: Vec<u8>| ExportMetricsServiceRequest::decode(&*body).unwrap();
        let all = self.bodies("/v1/metrics").into_iter().map(read);
        let metrics =
            all.flat_map(|one| one.resource_metrics).flat_map(|one| one.scope_metrics).flat_map(|one| one.metrics);
        metrics
            .map(|one| match one.data {
                Some(Data::Histogram(histogram)) => (one.name, (one.unit, histogram.data_points)),
                other => panic!("{} is no histogram: {other:?}", one.name),
            })
            .collect()
    }
}

fn said(attributes: &[KeyValue], name: &str) -> String {
    let value = attributes.iter().find(|one| one.key == name).and_then(|one| one.value.clone()?.value);
    match value {
        None => String::new(),
        Some(Any::StringValue(text)) => text,
        Some(Any::IntValue(n)) => n.to_string(),
        Some(Any::BoolValue(yes)) => yes.to_string(),
        Some(other) => format!("{other:?}"),
    }
}

fn world(settings: &str) -> (Upstream, Sandbox) {
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    sandbox.set("OTEL_BSP_SCHEDULE_DELAY", "50").set("OTEL_METRIC_EXPORT_INTERVAL", "100");
    sandbox.config(settings);
    (upstream, sandbox)
}

fn ask(house: &House, model: &str, stream: bool) -> Came {
    let body = json!({ "model": model, "stream": stream, "messages": [{ "role": "user", "content": PROMPT }] });
    house.post("/v1/chat/completions", &[], &body.to_string())
}

#[test]
fn a_collector_gets_what_the_conventions_say_of_a_call_and_none_of_its_words() {
    let collector = Collector::start(Some(200));
    let (upstream, mut sandbox) = world("");
    let word = ["collector", "word", "of", "honour"].concat();
    let file = sandbox.home().join("headers");
    std::fs::write(&file, format!("# for the collector\nx-collector-key: {word}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    sandbox.config(&format!(
        "[serve]\ntelemetry = \"{}\"\ntelemetry_headers = \"{}\"\n",
        collector.base,
        file.display()
    ));
    sandbox.set("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=the-lab,service.name=monster%2Dat-home");
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.next(Answer::status(503, "overloaded_error", "come back later"));
    upstream.next(Answer::text(ANSWER));
    let came = ask(&house, &format!("{MODEL},{OTHER}"), true).ok();
    let id = came.header("x-monster-request-id").unwrap().to_owned();
    assert_eq!(came.header("x-monster-route"), Some(OTHER));
    upstream.may_refuse();
    upstream.next(Answer::status(400, "invalid_request_error", "not so"));
    assert_eq!(ask(&house, MODEL, false).status, 400);
    house.close(&sandbox).ok();

    let spans = collector.spans();
    let call = spans.iter().find(|span| said(&span.attributes, "monster.request.id") == id).expect("the call");
    assert_eq!(call.name, format!("chat {MODEL},{OTHER}"));
    for (name, value) in [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "anthropic"),
        ("gen_ai.request.stream", "true"),
        ("server.address", "127.0.0.1"),
        ("error.type", ""),
    ] {
        assert_eq!(said(&call.attributes, name), value, "{name}");
    }
    let tokens = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"]
        .map(|name| said(&call.attributes, name).parse::<u64>().unwrap());
    assert!(tokens.iter().all(|n| *n > 0), "{tokens:?}");
    assert!(!said(&call.attributes, "gen_ai.response.model").is_empty());
    assert!(call.parent_span_id.is_empty() && call.end_time_unix_nano > call.start_time_unix_nano);
    let mut legs: Vec<&Span> = spans.iter().filter(|span| span.parent_span_id == call.span_id).collect();
    legs.sort_by_key(|span| (span.start_time_unix_nano, span.end_time_unix_nano));
    let told: Vec<(&str, String, String)> = legs
        .iter()
        .map(|leg| {
            let value = |name: &str| said(&leg.attributes, name);
            (leg.name.as_str(), value("gen_ai.provider.name"), value("error.type"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("chat gpt-4.1-mini", "openai".to_owned(), "overloaded".to_owned()),
            ("chat claude-haiku-4-5", "anthropic".to_owned(), String::new()),
        ]
    );
    assert!(legs.iter().all(|leg| leg.trace_id == call.trace_id));
    let wrong = spans.iter().find(|span| span.name == format!("chat {MODEL}")).expect("the call that failed");
    assert_eq!(said(&wrong.attributes, "error.type"), "bad_request");

    let histograms = collector.histograms();
    let names: Vec<&str> = histograms.keys().map(String::as_str).collect();
    let wanted = ["gen_ai.client.operation.duration", "gen_ai.client.token.usage", "gen_ai.server.time_to_first_token"];
    assert_eq!(names, wanted);
    let (unit, points) = &histograms["gen_ai.client.token.usage"];
    assert_eq!(unit, "{token}");
    for (kind, count) in [("input", tokens[0]), ("output", tokens[1])] {
        let point = points.iter().find(|one| said(&one.attributes, "gen_ai.token.type") == kind).unwrap();
        assert_eq!((point.count, point.sum), (1, Some(count as f64)), "{kind}");
        assert_eq!(point.explicit_bounds.first().zip(point.explicit_bounds.last()), Some((&1.0, &67_108_864.0)));
        assert_eq!(said(&point.attributes, "gen_ai.request.model"), "claude-haiku-4-5");
    }
    let (unit, points) = &histograms["gen_ai.client.operation.duration"];
    assert_eq!(unit, "s");
    let mut ends: Vec<String> = points.iter().map(|one| said(&one.attributes, "error.type")).collect();
    ends.sort();
    assert_eq!(ends, ["", "bad_request"]);
    assert!(points.iter().all(|one| one.explicit_bounds.len() == 14 && one.explicit_bounds[0] == 0.01));
    let (_, points) = &histograms["gen_ai.server.time_to_first_token"];
    assert!(points.len() == 1 && points[0].explicit_bounds.len() == 16 && points[0].explicit_bounds[0] == 0.001);

    for (path, head, body) in collector.got.lock().unwrap().iter() {
        assert!(head.contains(&format!("x-collector-key: {word}")), "{path}: {head}");
        assert!(
            head.contains("content-type: application/x-protobuf") && head.contains("user-agent: monster/"),
            "{head}"
        );
        let text = String::from_utf8_lossy(body);
        assert!(text.contains("monster-at-home") && text.contains("the-lab"), "{path}");
        for word in ["quietest sea", "nobody painted", "come back later", "not so"] {
            assert!(!text.contains(word), "{path} holds: {word}");
        }
    }
}

#[test]
fn nobody_waits_for_a_collector_and_what_it_did_not_take_is_counted() {
    for status in [None, Some(503), Some(400)] {
        let collector = Collector::start(status);
        let (upstream, mut sandbox) = world("[serve]\ndrain = 2\n");
        sandbox.set("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.base).set("OTEL_EXPORTER_OTLP_TIMEOUT", "300");
        upstream.always(|_| Answer::text(ANSWER));
        let house = House::open(&sandbox, &["--no-auth"]);
        let began = Instant::now();
        let mut quickest = Duration::MAX;
        let dropped = loop {
            let asked = Instant::now();
            ask(&house, MODEL, false).ok();
            quickest = quickest.min(asked.elapsed());
            let metrics = house.look("GET", "/metrics").ok().text();
            let count = metrics.lines().find_map(|line| line.strip_prefix("monster_telemetry_dropped_total "));
            match count.expect("it is counted").parse::<u64>().unwrap() {
                0 => assert!(began.elapsed() < Duration::from_secs(30), "{status:?}: nothing was ever given up"),
                count => break count,
            }
        };
        assert!(dropped >= 2, "{status:?}");
        assert!(quickest < Duration::from_millis(300), "{status:?}: every request waited for the collector");
        let began = Instant::now();
        let done = house.close(&sandbox);
        assert!(done.ok().stderr.contains("the collector did not take all telemetry"), "{status:?}: {}", done.all());
        assert!(began.elapsed() < Duration::from_secs(10), "{status:?}: {:?}", began.elapsed());
    }
}

#[test]
fn whoever_ends_it_waits_for_a_collector_that_hangs_no_longer_than_he_said() {
    for (drain, twice, most) in [(1, false, 3), (30, true, 3)] {
        let collector = Collector::start(None);
        let (upstream, mut sandbox) = world(&format!("[serve]\ndrain = {drain}\n"));
        sandbox.set("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.base);
        upstream.always(|_| Answer::text(ANSWER));
        let house = House::open(&sandbox, &["--no-auth"]);
        ask(&house, MODEL, false).ok();
        let began = Instant::now();
        if twice {
            house.running.signal("TERM");
            std::thread::sleep(Duration::from_millis(500));
        }
        let done = house.close(&sandbox);
        assert!(done.ok().stderr.contains("the collector did not take all telemetry"), "{}", done.all());
        assert!(began.elapsed() < Duration::from_secs(most), "{drain} s, {twice}: {:?}", began.elapsed());
    }
}

#[test]
fn nothing_is_sent_where_nobody_named_a_collector_or_the_user_says_off() {
    let collector = Collector::start(Some(200));
    for (settings, variables, flags) in [
        ("", vec![], &["--no-auth"][..]),
        (
            "[serve]\ntelemetry = \"off\"\n",
            vec![("OTEL_EXPORTER_OTLP_ENDPOINT", collector.base.as_str())],
            &["--no-auth"],
        ),
        ("", vec![("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.base), ("OTEL_SDK_DISABLED", "true")], &["--no-auth"]),
    ] {
        let (upstream, mut sandbox) = world(settings);
        for (name, value) in variables {
            sandbox.set(name, value);
        }
        upstream.always(|_| Answer::text(ANSWER));
        let house = House::open(&sandbox, flags);
        ask(&house, MODEL, true).ok();
        assert!(!house.look("GET", "/metrics").ok().text().contains("monster_telemetry"), "{settings}");
        house.close(&sandbox).ok();
    }
    assert_eq!(collector.got.lock().unwrap().len(), 0);
}

#[test]
fn a_collector_that_cannot_be_told_is_named_before_anything_is_served() {
    let word = ["collector", "word"].concat();
    let (_upstream, mut sandbox) = world("");
    let open = sandbox.home().join("open");
    std::fs::write(&open, format!("x-key: {word}\n")).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let bad = sandbox.home().join("bad");
    std::fs::write(&bad, format!("{word}\n")).unwrap();
    std::fs::set_permissions(&bad, std::fs::Permissions::from_mode(0o600)).unwrap();
    let here = "telemetry = \"http://127.0.0.1:9\"\n";
    for (settings, protocol, what) in [
        ("telemetry = \"http://collector.example:4318\"\n".to_owned(), "", "is not encrypted"),
        ("telemetry = \"nonsense\"\n".to_owned(), "", "is no address"),
        (here.to_owned(), "grpc", "over gRPC"),
        (format!("{here}telemetry_headers = \"{}\"\n", open.display()), "", "open"),
        (format!("{here}telemetry_headers = \"{}\"\n", bad.display()), "", "no header for the collector"),
        (format!("{here}telemetry_headers = \"/no/such/file\"\n"), "", "/no/such/file"),
    ] {
        sandbox.config(&format!("[serve]\n{settings}"));
        sandbox.set("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
        let done = sandbox.monster(&["serve", "--no-auth", "--listen", "127.0.0.1:0"]).done();
        assert!(done.exits(1).stderr.contains(what), "{settings}: {}", done.all());
        assert!(!done.all().contains(&word) && !done.all().contains("listening"), "{settings}: {}", done.all());
    }
}
