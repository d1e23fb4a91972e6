//! Answers on tape: each account plays its own, piece by piece and pause by pause, with the clock paused.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream;
use serde_json::json;

use super::card;
use crate::auth::{Credential, Source};
use crate::catalog::Catalog;
use crate::client::{
    Budgets, Call, CallError, Client, Eased, Incoming, Keep, Landscape, Limits, Line, Listener, Notice, Outgoing,
    Reply, Route, Terms,
};
use crate::config::{Budget, RuleRow};
use crate::model::{Dialect, Event, Failure, NanoUsd, Prices, Purpose, Request, Secret};
use crate::net::road::pieces;
use crate::providers::{Auth, Upstream, provider};
use crate::secrets::{Mode, Redactor};
use crate::store::{HistoryFilter, HistoryRow, Place, Store};
use crate::world::Clock;

/// When all of these stories begin.
pub(super) const BEGIN: &str = "2026-11-26T08:00:00Z";

/// A piece of a body.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// These bytes.
    Says(String),
    /// Silence.
    Waits(Duration),
    /// The connection breaks.
    Breaks,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Take {
    status: u16,
    headers: Vec<(String, String)>,
    pieces: Vec<Piece>,
}

impl Take {
    /// A stream that began well.
    pub(super) fn stream(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
        Self { status: 200, headers, pieces: pieces.into_iter().collect() }
    }

    /// A body in one piece.
    pub(super) fn whole(status: u16, body: impl Into<String>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, pieces: vec![Piece::Says(body.into())] }
    }

    /// An error in the words of OpenAI.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::whole(status, json!({ "error": { "code": code, "type": code, "message": message } }).to_string())
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn then(mut self, piece: Piece) -> Self {
        self.pieces.push(piece);
        self
    }
}

/// A frame of OpenAI's chat streams.
pub(super) fn frame(value: &serde_json::Value) -> Piece {
    Piece::Says(format!("data: {value}\n\n"))
}

/// The handshake.
pub(super) fn role() -> Piece {
    frame(&json!({ "id": "a", "model": "m", "choices": [{ "index": 0, "delta": { "role": "assistant" } }] }))
}

/// Some text.
pub(super) fn text(words: &str) -> Piece {
    frame(&json!({ "id": "a", "choices": [{ "index": 0, "delta": { "content": words } }] }))
}

/// Why it stopped, what it used, and the end mark.
pub(super) fn end() -> Piece {
    let stop = json!({ "id": "a", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let usage = json!({ "id": "a", "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 } });
    Piece::Says(format!("data: {stop}\n\ndata: {usage}\n\ndata: [DONE]\n\n"))
}

/// A good answer.
pub(super) fn says(words: &str) -> Take {
    Take::stream([role(), text(words), end()])
}

/// Counts its own end.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The line: what each account answers, in turn.
#[derive(Default)]
pub(super) struct Tape {
    takes: Mutex<HashMap<String, VecDeque<Take>>>,
    /// Accounts, in the order they were asked.
    asked: Mutex<Vec<String>>,
    /// What was asked, in the same order.
    pub(super) bodies: Mutex<Vec<serde_json::Value>>,
    /// Bodies that somebody still reads.
    open: Arc<AtomicUsize>,
}

impl Tape {
    pub(super) fn put(&self, account: &str, take: Take) -> &Self {
        self.takes.lock().unwrap().entry(account.to_owned()).or_default().push_back(take);
        self
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn bodies(&self) -> Vec<serde_json::Value> {
        self.bodies.lock().unwrap().clone()
    }

    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl Line for Tape {
    fn send(
        &self,
        outgoing: Outgoing,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Incoming, Failure>> + Send + '_>> {
        // Who is asked without a key is called by its address.
        let key = outgoing.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("authorization"));
        let account = key.map_or(outgoing.url.as_str(), |(_, key)| key.rsplit("key-").next().unwrap()).to_owned();
        let take = self.takes.lock().unwrap().get_mut(&account).and_then(VecDeque::pop_front);
        let take = take.unwrap_or_else(|| panic!("{account} was asked once too often"));
        self.asked.lock().unwrap().push(account);
        let body = outgoing.body.as_deref().unwrap_or_default();
        self.bodies.lock().unwrap().push(serde_json::from_slice(body).unwrap_or_default());
        self.open.fetch_add(1, Ordering::SeqCst);
        let state = (Open(Arc::clone(&self.open)), VecDeque::from(take.pieces));
        let body = stream::unfold(state, |(open, mut pieces)| async move {
            loop {
                match pieces.pop_front()? {
                    Piece::Says(bytes) => return Some((Ok(bytes), (open, pieces))),
                    Piece::Waits(span) => tokio::time::sleep(span).await,
                    Piece::Breaks => {
                        let error = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "reset by the story");
                        return Some((Err(error), (open, pieces)));
                    }
                }
            }
        });
        let mut out = http::Response::builder().status(take.status);
        for (name, value) in &take.headers {
            out = out.header(name, value);
        }
        let response = out.body(reqwest::Body::wrap_stream(body)).unwrap().map(pieces);
        Box::pin(async move { Ok(Incoming::of(response, limits)) })
    }
}

/// The routes over these accounts, in failover order; `east1` is an account at `east`.
pub(super) fn routes(accounts: &[&str]) -> Vec<Route> {
    accounts.iter().map(|account| at(account, "https://upstream.invalid/v1", "openai")).collect()
}

/// A route over this account at an address.
pub(super) fn at(account: &str, base: &str, id: &str) -> Route {
    speaking(account, base, id, Dialect::OpenAiChat)
}

/// As [`at`], in a dialect.
pub(super) fn speaking(account: &str, base: &str, id: &str, dialect: Dialect) -> Route {
    let name = account.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut upstream = Upstream::at(name, id, base);
    (upstream.dialect, upstream.auth) = (Some(dialect), Some(Auth::Bearer));
    let mut card = card(id, "m");
    card.prices = Some(Prices { input: Some(3_000_000_000), output: Some(15_000_000_000), ..Prices::default() });
    let secret = Secret::new(format!("key-{account}"));
    let credential = Some(Arc::new(Credential::key(account, name, secret, Source::Vault)));
    Route::new(Arc::new(upstream), provider(id).unwrap(), card, credential)
}

/// A client over a line, with a store in memory.
pub(super) fn client(line: Arc<dyn Line>, clock: &Clock, rules: Vec<RuleRow>) -> Client {
    let store = Store::memory(clock);
    Client {
        line,
        store: store.clone(),
        catalog: Catalog::embedded(),
        redactor: Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8])),
        clock: clock.clone(),
        limits: Limits { first_byte: Duration::from_secs(60), idle: Duration::from_secs(60) },
        landscape: Landscape::default(),
        rules,
        queue: 64,
        tokens: None,
        roles: Box::new(|_| Vec::new()),
        max_cost: None,
        purse: Arc::default(),
        fallback: true,
        budgets: Budgets { limits: Budget::default(), ledger: store },
        keep: Keep::default(),
        eased: Eased::default(),
        seals: Arc::default(),
        place: Place::default(),
    }
}

/// The clock of these stories; it goes as tokio's does.
pub(super) fn clock() -> Clock {
    Clock::paused(BEGIN.parse().unwrap())
}

/// What a forwarder sees.
#[derive(Default)]
pub(super) struct Seen {
    pub events: Vec<Event>,
    pub notices: Vec<Notice>,
    /// Told at the first text.
    first: Option<tokio::sync::oneshot::Sender<()>>,
    /// When the first event came, from the beginning.
    pub head: Option<Duration>,
    began: Option<tokio::time::Instant>,
}

impl Seen {
    /// Tells of the first text.
    pub(super) fn telling(first: tokio::sync::oneshot::Sender<()>) -> Self {
        Self { first: Some(first), ..Self::default() }
    }

    pub(super) fn text(&self) -> String {
        let text = |event: &Event| match event {
            Event::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }
}

impl Listener for Seen {
    fn event(&mut self, event: &Event) {
        if self.events.is_empty() {
            self.head = self.began.map(|began| began.elapsed());
        }
        self.events.push(event.clone());
        if matches!(event, Event::Text { .. })
            && let Some(first) = self.first.take()
        {
            let _ = first.send(());
        }
    }

    fn notice(&mut self, notice: &Notice) {
        self.notices.push(notice.clone());
    }
}

/// One call over these routes.
pub(super) async fn call(
    client: &Client,
    routes: &[Route],
    patience: u64,
    hold: Option<Duration>,
    seen: &mut Seen,
) -> Result<Reply, CallError> {
    seen.began = Some(tokio::time::Instant::now());
    let mut request = Request::text("m", Purpose::Ask, "is it?");
    request.stream = true;
    let patience = Duration::from_secs(patience);
    let terms = Terms { patience, hold, ..Terms::default() };
    client.call(Call { routes, request, terms }, seen).await
}

/// The one request in the ledger.
pub(super) fn row(client: &Client) -> HistoryRow {
    let mut rows = client.store.history(&HistoryFilter { limit: 10, ..HistoryFilter::default() }).unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// Nano-dollars by the prices above.
pub(super) fn price(input: u64, output: u64) -> NanoUsd {
    NanoUsd(input * 3_000 + output * 15_000)
}
