//! Providers that exist on paper: limits, outages, empty purses, hiccups, and a memory of every request they got.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::memory::{Arrival, Memory, keys, upstream};
use crate::client::{Incoming, Limits, Line, Outgoing};
use crate::model::{Failure, Kind, NanoUsd, Scope};
use crate::net::road::pieces;
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
    /// Per class of requests: the accounts it may use.
    classes: Vec<Vec<String>>,
    /// What was said, and who came all the same.
    pub memory: Memory,
    /// How often the rival was refused.
    pub refusals: u64,
    /// What went wrong for the rival, in words.
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
    pub(super) fn new(
        clock: Clock,
        store: Store,
        seed: u64,
        accounts: &[(String, Ledger)],
        classes: Vec<Vec<String>>,
    ) -> Self {
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
            classes,
            memory: Memory::default(),
            refusals: 0,
            broken_rules: Vec::new(),
            billed: 0,
            answered: 0,
            asked: 0,
            refused: HashMap::new(),
        };
        Self { clock, store, state: Arc::new(Mutex::new(state)) }
    }

    /// Looks at a request that arrives. Returns the cool-downs that it tries, and whether it does so before their end.
    fn inspect(&self, request: usize, class: usize, account: &str) -> (Vec<String>, bool) {
        let now = self.clock.millis();
        let cools = self.store.cool_downs().unwrap();
        let tickets = self.store.tickets().unwrap();
        let mut state = self.state.lock().unwrap();
        let choice = state.classes[class].clone();
        let arrival = Arrival { request, account, choice: &choice, now, cools: &cools, tickets: &tickets };
        let broken = state.memory.rules(&arrival);
        if let Some(rule) = broken.into_iter().next() {
            drop(state);
            panic!("{rule}");
        }
        let mine = keys(account);
        let tries: Vec<_> = cools.iter().filter(|c| mine.contains(&c.key)).collect();
        let early = tries.iter().any(|c| c.waits && c.until_ms > now && c.probe_ms == Some(now));
        tries.iter().for_each(|c| state.memory.begin(&c.key, now));
        (tries.into_iter().map(|c| c.key.clone()).collect(), early)
    }
}

/// A request under way since a moment; the keys it tries are free again with its end.
struct Under<'a>(&'a World, Vec<String>, i64);

impl Drop for Under<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap();
        self.1.iter().for_each(|key| state.memory.end(key, self.2));
    }
}

impl Ledger {
    pub(super) fn new(most: u32, window: i64, broke: (i64, i64)) -> Self {
        Self { most, window, used: (0, 0), broke }
    }
}

/// What a provider does with a request.
enum Does {
    Answers {
        input: u64,
        output: u64,
        streamed: bool,
    },
    Refuses(&'static str, u16, Vec<(&'static str, String)>, String),
    /// As that, because a window is full; until when (ms since 1970).
    Full(Vec<(&'static str, String)>, String, i64),
    Empty,
    Cut,
    Hangs,
}

impl State {
    /// A newcomer takes the try of a cool-down, for which so many wait.
    pub(super) fn takes(&mut self, key: &str, waited: usize, now: i64) {
        if waited > 0 {
            self.broken_rules.push(format!("a newcomer tries {key} at {now}, and {waited} have waited for that"));
        }
        if self.memory.tried(key, now) {
            self.broken_rules.push(format!("a newcomer tries {key} at {now} while another does"));
        }
        self.memory.begin(key, now);
    }

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
            return Does::Full(forms[at].clone(), error("rate_limit_exceeded", &words), now + left);
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

/// Which request this is, and of which class: its prompt says so.
fn numbers(outgoing: &Outgoing) -> [usize; 2] {
    let body = String::from_utf8_lossy(outgoing.body.as_deref().unwrap()).into_owned();
    ["request ", "class "].map(|word| {
        let said = body.split_once(word).unwrap().1;
        said.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
    })
}

fn answer(status: u16, headers: &[(&str, String)], body: String, limits: Limits) -> Incoming {
    let mut out = http::Response::builder().status(status);
    for (name, value) in headers {
        out = out.header(*name, value);
    }
    Incoming::of(out.body(body).unwrap().map(pieces), limits)
}

impl Line for World {
    fn send(
        &self,
        outgoing: Outgoing,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Incoming, Failure>> + Send + '_>> {
        let key = outgoing.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("authorization")).unwrap().1.clone();
        let account = key.rsplit("key-").next().unwrap().to_owned();
        let [request, class] = numbers(&outgoing);
        // What is decided is decided when the request arrives; nothing happens between our decision and that.
        let (probes, early) = self.inspect(request, class, &account);
        let began = self.clock.millis();
        let (does, latency) = {
            let mut state = self.state.lock().unwrap();
            let does = state.decide(upstream(&account), &account, began);
            // Who tries before the time has to wait for long now and then.
            let slow = if early && state.roll(2) == 0 { 25_000 } else { 0 };
            (does, slow + 40 + state.roll(400))
        };
        Box::pin(async move {
            let _under = Under(self, probes, began);
            tokio::time::sleep(Duration::from_millis(latency)).await;
            let now = self.clock.millis();
            let refused = |name| *self.state.lock().unwrap().refused.entry(name).or_default() += 1;
            let stream = [("content-type", "text/event-stream".to_owned())];
            match does {
                Does::Refuses(name, status, headers, body) => {
                    refused(name);
                    Ok(answer(status, &headers, body, limits))
                }
                Does::Full(headers, body, back) => {
                    refused("limit");
                    self.state.lock().unwrap().memory.tell(&account, began, now, back);
                    Ok(answer(429, &headers, body, limits))
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
                    state.memory.heal(&account, began, now);
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
