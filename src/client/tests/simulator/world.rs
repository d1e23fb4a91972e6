//! Providers that exist on paper: limits, outages, empty purses, hiccups, and a memory of every request they got.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::client::{Incoming, Limits, Line, Outgoing};
use crate::model::{Failure, Kind, NanoUsd, Scope};
use crate::store::Store;
use crate::world::Clock;
use crate::world::random::scripted;

/// Prices of the one model, nano-dollars per million tokens.
pub(super) const INPUT: u64 = 3_000_000_000;
pub(super) const OUTPUT: u64 = 15_000_000_000;

/// One account as its provider sees it.
#[derive(Clone)]
pub(super) struct Ledger {
    /// Requests a window takes.
    pub most: u32,
    /// Length of a window, ms.
    pub window: i64,
    /// The window that runs: when it began, and what it took.
    used: (i64, u32),
    /// Without credit between these (ms, of every ten minutes).
    pub broke: (i64, i64),
}

/// What the providers know.
pub(super) struct State {
    dice: u64,
    accounts: HashMap<String, Ledger>,
    /// Per upstream: out of order between these (ms, of every ten minutes).
    outages: HashMap<&'static str, Vec<(i64, i64)>>,
    began_ms: i64,
    /// Requests under way that try whether a cool-down is over, by key.
    probing: HashMap<String, u32>,
    /// What went wrong, in words.
    pub broken_rules: Vec<String>,
    /// What whole answers cost, by the prices above.
    pub billed: u128,
    /// How many answers were whole, and how many requests came at all.
    pub answered: u64,
    pub asked: u64,
    /// How often each kind of refusal was given.
    pub refused: HashMap<&'static str, u64>,
}

/// The providers.
pub(super) struct World {
    pub clock: Clock,
    pub store: Store,
    pub state: Arc<Mutex<State>>,
}

impl World {
    pub(super) fn new(clock: Clock, store: Store, seed: u64, accounts: &[(String, Ledger)]) -> Self {
        let began_ms = clock.millis();
        let outages = HashMap::from([
            ("east", vec![(100_000, 160_000), (400_000, 415_000)]),
            ("west", vec![(300_000, 330_000)]),
            ("south", vec![(390_000, 420_000)]),
        ]);
        let state = State {
            dice: seed,
            accounts: accounts.iter().cloned().collect(),
            outages,
            began_ms,
            probing: HashMap::new(),
            broken_rules: Vec::new(),
            billed: 0,
            answered: 0,
            asked: 0,
            refused: HashMap::new(),
        };
        Self { clock, store, state: Arc::new(Mutex::new(state)) }
    }

    /// No route that is known to cool gets a request, but for the one that tries whether it is over.
    fn inspect(&self, upstream: &str, account: &str) -> Vec<String> {
        let now = self.clock.millis();
        let keys = [
            format!("model:{upstream}/{account}/m"),
            format!("account:{upstream}/{account}"),
            format!("provider:{upstream}"),
        ];
        let mut state = self.state.lock().unwrap();
        let mut probes = Vec::new();
        for cool in self.store.cool_downs().unwrap().iter().filter(|c| keys.contains(&c.key)) {
            let tries = cool.probe_ms == Some(now) || (cool.set_ms == now);
            let running = *state.probing.get(&cool.key).unwrap_or(&0);
            if cool.until_ms > now && cool.waits && !tries {
                state
                    .broken_rules
                    .push(format!("{account} was asked at {now} while {} cools until {}", cool.key, cool.until_ms));
            }
            if cool.waits && running > 0 {
                state.broken_rules.push(format!("{account} was asked at {now} while another tries {cool:?}"));
            }
            *state.probing.entry(cool.key.clone()).or_default() += 1;
            probes.push(cool.key.clone());
        }
        probes
    }
}

/// A request under way; the keys it tries are free again with its end.
struct Under<'a>(&'a World, Vec<String>);

impl Drop for Under<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap();
        for key in &self.1 {
            *state.probing.get_mut(key).unwrap() -= 1;
        }
    }
}

impl Ledger {
    pub(super) fn new(most: u32, window: i64, broke: (i64, i64)) -> Self {
        Self { most, window, used: (0, 0), broke }
    }
}

/// What a provider does with a request.
enum Does {
    Answers { input: u64, output: u64, streamed: bool },
    Refuses(&'static str, u16, Vec<(&'static str, String)>, String),
    Empty,
    Cut,
    Hangs,
}

impl State {
    fn roll(&mut self, n: u64) -> u64 {
        scripted::next(&mut self.dice) % n
    }

    fn decide(&mut self, upstream: &str, account: &str, now: i64) -> Does {
        self.asked += 1;
        let gone = (now - self.began_ms) % 600_000;
        let inside = |(from, to): &(i64, i64)| gone >= *from && gone < *to;
        if self.outages.get(upstream).is_some_and(|all| all.iter().any(inside)) {
            let forms = [vec![], vec![("retry-after", "20".to_owned())]];
            let form = forms[usize::try_from(self.roll(2)).unwrap()].clone();
            return Does::Refuses("outage", 503, form, error("server_is_overloaded", "overloaded"));
        }
        let ledger = self.accounts.get(account).cloned().unwrap_or_else(|| panic!("nobody is called {account}"));
        if inside(&ledger.broke) {
            let body = error(
                "insufficient_quota",
                "You exceeded your current quota, please check your plan and billing details.",
            );
            return Does::Refuses("broke", 429, vec![], body);
        }
        let begins = now - now % ledger.window;
        let used = if ledger.used.0 == begins { ledger.used.1 } else { 0 };
        if used >= ledger.most {
            let left = begins + ledger.window - now;
            let seconds = (left + 999) / 1_000;
            let forms: [Vec<(&str, String)>; 6] = [
                vec![("retry-after", seconds.to_string())],
                vec![("retry-after-ms", left.to_string())],
                vec![("retry-after", date(now + seconds * 1_000 + 999))],
                vec![
                    ("x-ratelimit-remaining-requests", "0".to_owned()),
                    ("x-ratelimit-reset-requests", format!("{seconds}s")),
                ],
                vec![("x-ratelimit-reset", (now + left).to_string())],
                vec![],
            ];
            let at = usize::try_from(self.roll(6)).unwrap();
            let words = if at == 5 { format!("Please try again in {seconds}s.") } else { "slower, please".to_owned() };
            return Does::Refuses("limit", 429, forms[at].clone(), error("rate_limit_exceeded", &words));
        }
        self.accounts.get_mut(account).unwrap().used = (begins, used + 1);
        match self.roll(1_000) {
            0..10 => Does::Refuses("hiccup", 500, vec![], error("server_error", "boom")),
            10..14 => Does::Empty,
            14..18 => Does::Cut,
            18..20 => Does::Hangs,
            _ => {
                Does::Answers { input: 50 + self.roll(5_000), output: 1 + self.roll(900), streamed: self.roll(2) == 0 }
            }
        }
    }
}

fn error(code: &str, message: &str) -> String {
    serde_json::json!({ "error": { "type": code, "code": code, "message": message } }).to_string()
}

fn date(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap();
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
}

fn answer(status: u16, headers: &[(&str, String)], body: String, limits: Limits) -> Incoming {
    let mut out = http::Response::builder().status(status);
    for (name, value) in headers {
        out = out.header(*name, value);
    }
    Incoming::of(reqwest::Response::from(out.body(body).unwrap()), limits)
}

impl Line for World {
    fn send(
        &self,
        outgoing: Outgoing,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Incoming, Failure>> + Send + '_>> {
        let upstream = outgoing.url.split('/').nth(2).unwrap().split('.').next().unwrap().to_owned();
        let key = outgoing.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("authorization")).unwrap().1.clone();
        let account = key.rsplit("key-").next().unwrap().to_owned();
        // What is decided is decided when the request arrives; nothing happens between our decision and that.
        let probes = self.inspect(&upstream, &account);
        let now = self.clock.millis();
        let (does, latency) = {
            let mut state = self.state.lock().unwrap();
            (state.decide(&upstream, &account, now), 40 + state.roll(400))
        };
        Box::pin(async move {
            let _under = Under(self, probes);
            tokio::time::sleep(Duration::from_millis(latency)).await;
            let refused = |name| *self.state.lock().unwrap().refused.entry(name).or_default() += 1;
            let stream = [("content-type", "text/event-stream".to_owned())];
            match does {
                Does::Refuses(name, status, headers, body) => {
                    refused(name);
                    Ok(answer(status, &headers, body, limits))
                }
                Does::Hangs => {
                    refused("hang");
                    Err(Failure::new(Kind::Unreachable, Scope::Provider, "no connection"))
                }
                Does::Empty => {
                    refused("empty");
                    let body = "data: {\"id\":\"e\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
                    Ok(answer(200, &stream, body.to_owned(), limits))
                }
                Does::Cut => {
                    refused("cut");
                    let body =
                        "data: {\"id\":\"e\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
                    Ok(answer(200, &stream, body.to_owned(), limits))
                }
                Does::Answers { input, output, streamed } => {
                    let cost = u128::from(input) * u128::from(INPUT) + u128::from(output) * u128::from(OUTPUT);
                    let mut state = self.state.lock().unwrap();
                    state.billed += (cost + 500_000) / 1_000_000;
                    state.answered += 1;
                    let usage = format!(
                        "{{\"prompt_tokens\":{input},\"completion_tokens\":{output},\"total_tokens\":{}}}",
                        input + output
                    );
                    if streamed {
                        let body = format!(
                            "data: {{\"id\":\"a\",\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"well\"}}}}]}}\n\n\
                             data: {{\"id\":\"a\",\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n\
                             data: {{\"id\":\"a\",\"choices\":[],\"usage\":{usage}}}\n\ndata: [DONE]\n\n"
                        );
                        return Ok(answer(200, &stream, body, limits));
                    }
                    let body = format!(
                        "{{\"id\":\"a\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"well\"}},\"finish_reason\":\"stop\"}}],\"usage\":{usage}}}"
                    );
                    Ok(answer(200, &[("content-type", "application/json".to_owned())], body, limits))
                }
            }
        })
    }
}

/// A sum in nano-dollars.
pub(super) fn nano(amount: NanoUsd) -> u128 {
    u128::from(amount.0)
}

thread_local! {
    /// A running number for what happens, in its order.
    static SEQUENCE: RefCell<u64> = const { RefCell::new(0) };
}

pub(super) fn sequence() -> u64 {
    SEQUENCE.with_borrow_mut(|n| {
        *n += 1;
        *n
    })
}
