//! What happens in the house, for whoever watches: requests under way and finished, and sums of them.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use smol_str::SmolStr;
use tokio::sync::broadcast;

use super::desk::Desk;
use super::journal::Journal;
use super::telemetry::{Telemetry, Trace};
use crate::client::{Notice, Reply};
use crate::model::{Event, Kind, Usage};
use crate::world::Clock;
use crate::world::clock::Stopwatch;

/// Finished requests that are remembered.
const FINISHED: usize = 256;
/// A watcher may be so many news behind before some are left out for it.
const BEHIND: usize = 1024;
/// Lines a minute about strangers who were refused: they shall not push out those of callers.
const STRANGERS: u32 = 60;
/// Routes that have sums of their own. Callers may name any model of an upstream, so there is no end to them.
const ROUTES: usize = 256;
/// What the sums of the routes beyond are called.
const REST: &str = "others";
/// Kinds of tokens; each is counted under one of them.
const TOKENS: [&str; 4] = ["input", "cache_read", "cache_write", "output"];
/// Upper bounds of the histograms (milliseconds).
const BOUNDS: [u64; 12] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000, 120_000];

/// What is watched.
pub struct Board {
    clock: Clock,
    inner: Mutex<Inner>,
    news: broadcast::Sender<Arc<str>>,
    journal: Journal,
    /// Where a collector wants to know.
    telemetry: Option<Arc<Telemetry>>,
}

#[derive(Default)]
struct Inner {
    /// Apart: what is put in between moves what stands behind it.
    open: BTreeMap<SmolStr, Box<Open>>,
    finished: VecDeque<Arc<Finished>>,
    sums: Sums,
    /// The minute, and how many strangers were refused in it.
    strangers: (i64, u32),
    /// News so far: whoever watches sees that none is missing.
    said: u64,
}

/// A request under way.
#[derive(Debug, Serialize)]
struct Open {
    id: SmolStr,
    caller: SmolStr,
    dialect: &'static str,
    model: SmolStr,
    stream: bool,
    started_ms: i64,
    state: &'static str,
    failovers: u64,
    #[serde(skip_serializing_if = "SmolStr::is_empty")]
    route: SmolStr,
    #[serde(skip_serializing_if = "Option::is_none")]
    parked: Option<Parked>,
}

/// One that waits.
#[derive(Debug, Serialize)]
struct Parked {
    /// When it wakes (Unix milliseconds).
    wakes_ms: i64,
    /// Its place, and how many wait.
    position: usize,
    waiting: usize,
}

/// A request that is over: what is written down of it, and shown where somebody looks.
#[derive(Debug, Serialize)]
struct Finished {
    #[serde(flatten)]
    open: Box<Open>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_ms: Option<u64>,
    #[serde(flatten)]
    answer: Option<Answered>,
    #[serde(flatten)]
    carried: Option<Carried>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder_in_arguments: Option<bool>,
    outcome: &'static str,
    took_ms: u64,
}

/// Who answered, and what it cost.
#[derive(Debug, Serialize)]
struct Answered {
    account: SmolStr,
    input_tokens: u64,
    output_tokens: u64,
    /// `None` = unpriced.
    cost_nano_usd: Option<u64>,
    redacted: usize,
}

/// Bytes of one that was passed on.
#[derive(Debug, Clone, Copy, Serialize)]
struct Carried {
    sent_bytes: u64,
    received_bytes: u64,
}

#[derive(Default)]
struct Sums {
    /// By dialect and outcome.
    requests: BTreeMap<(&'static str, &'static str), u64>,
    /// By route: tokens by kind, and nano-dollars, once a price was known.
    routes: BTreeMap<String, ([u64; TOKENS.len()], Option<u64>)>,
    took: Histogram,
    first: Histogram,
    failovers: u64,
    refused: BTreeMap<&'static str, u64>,
    /// Answers with a placeholder among a tool's arguments.
    leaks: u64,
}

impl Sums {
    fn spend(&mut self, route: &str, usage: &Usage, cost: Option<u64>) {
        let route = if self.routes.len() < ROUTES || self.routes.contains_key(route) { route } else { REST };
        if !self.routes.contains_key(route) {
            self.routes.insert(route.to_owned(), Default::default());
        }
        let Some((tokens, spent)) = self.routes.get_mut(route) else { return };
        let written = usage.cache_write_short.saturating_add(usage.cache_write_long);
        let more = [usage.input, usage.cache_read, written, usage.output];
        tokens.iter_mut().zip(more).for_each(|(sum, more)| *sum = sum.saturating_add(more));
        if let Some(cost) = cost {
            *spent = Some(spent.unwrap_or(0).saturating_add(cost));
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[derive(Default)]
struct Histogram {
    counts: [u64; BOUNDS.len()],
    all: u64,
    sum_ms: u64,
}

impl Histogram {
    fn add(&mut self, span: Duration) {
        let ms = millis(span);
        BOUNDS.iter().zip(&mut self.counts).filter(|(bound, _)| ms <= **bound).for_each(|(_, count)| *count += 1);
        self.all += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
    }

    fn write(&self, name: &str, help: &str, out: &mut String) {
        head(out, name, "histogram", help);
        for (bound, count) in BOUNDS.iter().zip(&self.counts) {
            let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {count}", seconds(*bound));
        }
        let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {}", self.all);
        let _ = writeln!(out, "{name}_sum {}\n{name}_count {}", seconds(self.sum_ms), self.all);
    }
}

fn seconds(ms: u64) -> String {
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

impl Board {
    /// An empty one.
    #[must_use]
    pub fn new(clock: Clock, journal: Journal, telemetry: Option<Arc<Telemetry>>) -> Arc<Self> {
        Arc::new(Self { clock, inner: Mutex::default(), news: broadcast::Sender::new(BEHIND), journal, telemetry })
    }

    /// What is served with from now on.
    pub(super) fn learn(&self, desk: &Desk) {
        if let Some(telemetry) = &self.telemetry {
            telemetry.learn(desk);
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request begins.
    pub(super) fn open(
        self: &Arc<Self>,
        id: &str,
        caller: &str,
        dialect: &'static str,
        model: &str,
        stream: bool,
    ) -> Entry {
        let id = SmolStr::new(id);
        let open = Box::new(Open {
            id: id.clone(),
            caller: caller.into(),
            dialect,
            model: model.into(),
            stream,
            started_ms: self.clock.millis(),
            state: "starting",
            route: SmolStr::default(),
            parked: None,
            failovers: 0,
        });
        self.with(|inner| {
            self.tell(&mut inner.said, "started", &open);
            inner.open.insert(id.clone(), open);
        });
        Entry {
            board: Arc::clone(self),
            id,
            watch: Stopwatch::start(),
            first: None,
            done: false,
            leaked: false,
            bytes: None,
            trace: self.telemetry.as_ref().map(|_| Box::default()),
        }
    }

    /// Somebody was not let in, and why in one word.
    pub(super) fn refused(&self, why: &'static str) {
        self.with(|inner| *inner.sums.refused.entry(why).or_default() += 1);
    }

    /// A request was refused before anything was begun for it: by whom it was asked, where that is known, why in one word,
    /// and with which HTTP status. Nothing that it said is written down. Of strangers, so many lines a minute are enough.
    pub(super) fn turned(&self, id: &str, caller: Option<&str>, dialect: &'static str, why: &'static str, status: u16) {
        let now = self.clock.millis();
        let written = self.with(|inner| {
            *inner.sums.requests.entry((dialect, why)).or_default() += 1;
            let minute = now.div_euclid(60_000);
            if inner.strangers.0 != minute {
                inner.strangers = (minute, 0);
            }
            inner.strangers.1 += u32::from(caller.is_none());
            caller.is_some() || inner.strangers.1 <= STRANGERS
        });
        if written {
            self.journal.line(Arc::new(json!({ "id": id, "caller": caller.unwrap_or_default(), "dialect": dialect,
                "started_ms": now, "state": "refused", "outcome": why, "status": status })));
        }
    }

    /// Answers so far that had a placeholder among a tool's arguments.
    pub(super) fn leaks(&self) -> u64 {
        self.with(|inner| inner.sums.leaks)
    }

    /// Something happened to the house itself: the log has a line of it.
    pub fn note(&self, event: &str, message: &str) {
        self.journal.line(Arc::new(json!({ "event": event, "started_ms": self.clock.millis(), "message": message })));
    }

    /// Told while the board is held, so that news and what is follow each other without a gap.
    fn tell(&self, said: &mut u64, what: &str, request: &impl Serialize) {
        *said += 1;
        if self.news.receiver_count() > 0 {
            let news = json!({ "event": what, "seq": *said, "request": request });
            let _ = self.news.send(news.to_string().into());
        }
    }

    /// What is, and news from then on: one JSON object each.
    pub(super) fn follow(&self) -> (Arc<str>, broadcast::Receiver<Arc<str>>) {
        self.with(|inner| {
            let now = json!({ "event": "now", "seq": inner.said, "requests": now(inner) });
            (now.to_string().into(), self.news.subscribe())
        })
    }

    /// What is under way, and what was finished last, the newest first.
    pub(super) fn now(&self) -> Value {
        self.with(|inner| now(inner))
    }

    /// The sums, as Prometheus reads them, where the rows of so many requests lie nowhere on disk.
    pub(super) fn metrics(&self, adrift: usize) -> String {
        let mut out = String::new();
        self.with(|inner| {
            let parked = inner.open.values().filter(|open| open.state == "parked").count();
            let sums = &inner.sums;
            head(&mut out, "monster_requests_open", "gauge", "Requests that are being answered.");
            let _ = writeln!(out, "monster_requests_open {}", inner.open.len());
            head(&mut out, "monster_requests_parked", "gauge", "Requests that wait for a limit to end.");
            let _ = writeln!(out, "monster_requests_parked {parked}");
            head(&mut out, "monster_requests_total", "counter", "Requests by dialect and outcome.");
            for ((dialect, outcome), count) in &sums.requests {
                let _ = writeln!(out, "monster_requests_total{{dialect=\"{dialect}\",outcome=\"{outcome}\"}} {count}");
            }
            head(
                &mut out,
                "monster_refused_total",
                "counter",
                "Callers that were not let in, and requests that hold what is not sent (secret).",
            );
            for (why, count) in &sums.refused {
                let _ = writeln!(out, "monster_refused_total{{why=\"{why}\"}} {count}");
            }
            head(&mut out, "monster_failovers_total", "counter", "Routes that failed and were left for another.");
            let _ = writeln!(out, "monster_failovers_total {}", sums.failovers);
            let help = "Answers with a placeholder among the arguments of a tool: see serve.restore.";
            head(&mut out, "monster_placeholders_in_arguments_total", "counter", help);
            let _ = writeln!(out, "monster_placeholders_in_arguments_total {}", sums.leaks);
            let help = "Tokens of complete answers, by route and kind: each token has one kind.";
            head(&mut out, "monster_tokens_total", "counter", help);
            for (route, (tokens, _)) in &sums.routes {
                let route = label(route);
                for (kind, count) in TOKENS.iter().zip(tokens) {
                    let _ = writeln!(out, "monster_tokens_total{{route=\"{route}\",kind=\"{kind}\"}} {count}");
                }
            }
            let help = "Money for complete answers, by route, where prices are known.";
            head(&mut out, "monster_cost_dollars_total", "counter", help);
            for (route, nano) in sums.routes.iter().filter_map(|(route, (_, nano))| Some((route, (*nano)?))) {
                let (whole, part) = (nano / 1_000_000_000, nano % 1_000_000_000);
                let _ = writeln!(out, "monster_cost_dollars_total{{route=\"{}\"}} {whole}.{part:09}", label(route));
            }
            sums.took.write(
                "monster_request_seconds",
                "From when a request was read to the end of its answer.",
                &mut out,
            );
            sums.first.write(
                "monster_first_content_seconds",
                "From when a request was read to the first content; waiting is part of it.",
                &mut out,
            );
        });
        let help = "Requests whose rows lie nowhere on disk: a monster that is killed now loses them.";
        head(&mut out, "monster_requests_unwritten", "gauge", help);
        let _ = writeln!(out, "monster_requests_unwritten {adrift}");
        if let Some(telemetry) = &self.telemetry {
            telemetry.write(&mut out);
        }
        out
    }
}

fn now(inner: &Inner) -> Value {
    let open: Vec<&Open> = inner.open.values().map(|open| &**open).collect();
    let finished: Vec<&Finished> = inner.finished.iter().map(|finished| &**finished).collect();
    json!({ "schema": "monster.serve/1", "open": open, "finished": finished })
}

/// What stands before a metric's values.
pub(super) fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// A label's value: upstreams and models have names that people chose.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// A request that is watched; one that is dropped was left by its caller.
pub(super) struct Entry {
    board: Arc<Board>,
    id: SmolStr,
    watch: Stopwatch,
    first: Option<Duration>,
    done: bool,
    leaked: bool,
    /// Sent and received, where it was passed on.
    bytes: Option<(u64, u64)>,
    trace: Option<Box<Trace>>,
}

impl Entry {
    fn change(&self, what: &str, work: impl FnOnce(&mut Open)) {
        self.board.with(|Inner { open, said, .. }| {
            if let Some(open) = open.get_mut(&self.id) {
                work(open);
                self.board.tell(said, what, open);
            }
        });
    }

    /// Something happened to it.
    pub(super) fn hear(&mut self, notice: &Notice) {
        if let Some(trace) = &mut self.trace {
            trace.hear(notice, self.board.clock.millis());
        }
        match notice {
            Notice::Trying { model, .. } => self.change("trying", |open| {
                open.state = "waiting";
                open.parked = None;
                open.route = model.clone();
            }),
            Notice::FailedOver { .. } => {
                self.board.with(|inner| inner.sums.failovers += 1);
                self.change("failed_over", |open| open.failovers += 1);
            }
            Notice::Parked { wait, position, waiting, .. } => {
                let wakes =
                    self.board.clock.millis().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
                self.change("parked", |open| {
                    open.state = "parked";
                    open.parked = Some(Parked { wakes_ms: wakes, position: *position, waiting: *waiting });
                });
            }
            _ => {}
        }
    }

    /// It is another thing than a chat that is wanted.
    pub(super) fn wants(&mut self, operation: &'static str) {
        if let Some(trace) = &mut self.trace {
            trace.wants(operation);
        }
    }

    /// Whom it is passed on to.
    pub(super) fn routed(&self, route: &str) {
        self.change("trying", |open| {
            open.state = "waiting";
            open.route = route.into();
        });
    }

    /// It was passed on, and is over.
    pub(super) fn passed(mut self, outcome: Result<(), Kind>, bytes: Option<(u64, u64)>) {
        self.bytes = bytes;
        // It is no call to a model, as far as anybody knows.
        self.trace = None;
        self.close(outcome.map(|()| None));
    }

    /// The model that says it answers.
    pub(super) fn answers(&mut self, event: &Event) {
        if let (Some(trace), Event::Start { model, .. }) = (&mut self.trace, event) {
            trace.answers(model);
        }
    }

    /// Its answer begins.
    pub(super) fn begins(&mut self) {
        if self.first.is_none() {
            self.first = Some(self.watch.elapsed());
            self.change("answering", |open| open.state = "answering");
        }
    }

    /// It is over.
    pub(super) fn end(mut self, outcome: Result<&Reply, Kind>) {
        self.close(outcome.map(Some));
    }

    /// A placeholder went out among a tool's arguments: the caller may write it into a file (DESIGN.md §4).
    pub(super) const fn leaked(&mut self) {
        self.leaked = true;
    }

    fn close(&mut self, outcome: Result<Option<&Reply>, Kind>) {
        let (word, reply) = (outcome.err().map_or("done", Kind::name), outcome.ok().flatten());
        self.done = true;
        let took = self.watch.elapsed();
        let mut ended = None;
        let told = self.board.with(|inner| {
            let mut open = inner.open.remove(&self.id)?;
            // Nobody asks for it where no collector does.
            ended = self.trace.as_ref().map(|_| (open.model.clone(), open.stream, open.started_ms));
            let sums = &mut inner.sums;
            *sums.requests.entry((open.dialect, word)).or_default() += 1;
            sums.took.add(took);
            self.first.into_iter().for_each(|first| sums.first.add(first));
            open.state = "finished";
            let mut answer = None;
            if let Some(reply) = reply {
                let usage = &reply.used.usage;
                let cost = reply.used.cost.map(|cost| cost.amount.0);
                open.route = reply.route.named().into();
                sums.spend(&open.route, usage, cost);
                answer = Some(Answered {
                    account: reply.route.account().into(),
                    input_tokens: usage.prompt(),
                    output_tokens: usage.output,
                    cost_nano_usd: cost,
                    redacted: reply.masked,
                });
            }
            sums.leaks += u64::from(self.leaked);
            let told = Arc::new(Finished {
                open,
                first_ms: self.first.map(millis),
                answer,
                carried: self.bytes.map(|(sent_bytes, received_bytes)| Carried { sent_bytes, received_bytes }),
                placeholder_in_arguments: self.leaked.then_some(true),
                outcome: word,
                took_ms: millis(took),
            });
            inner.finished.push_front(Arc::clone(&told));
            inner.finished.truncate(FINISHED);
            self.board.tell(&mut inner.said, "finished", &*told);
            Some(told)
        });
        if let Some(told) = told {
            self.board.journal.line(told);
        }
        if let (Some(telemetry), Some(trace), Some((model, stream, from_ms)), Some(outcome)) =
            (&self.board.telemetry, self.trace.take(), ended, outcome.transpose())
        {
            telemetry.tell(trace.end((&self.id, &model, stream), from_ms, took, outcome));
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.done {
            self.close(Err(Kind::Cancelled));
        }
    }
}

#[cfg(test)]
#[path = "tests/board.rs"]
mod tests;
