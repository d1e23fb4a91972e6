//! A morning of a busy team on paper: requests by the ten thousand over twenty accounts with limits, outages, bursts and
//! empty purses. The code is the program's own, from `Client::call` down to the store; only the clock is paused, the
//! dice are seeded, and the providers are scripted (`world.rs`).

mod memory;
mod rival;
mod world;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::LocalSet;

use self::memory::upstream;
use self::rival::rival;
use self::world::{INPUT, Ledger, OUTPUT, World, nano, sequence};
use crate::auth::{Credential, Source};
use crate::catalog::Catalog;
use crate::client::{Budgets, Call, CallError, Client, Eased, Keep, Limits, Listener, Notice, Route, Terms};
use crate::client::{Landscape, tests::card};
use crate::config::Budget;
use crate::model::{CostSource, Dialect, Kind, NanoUsd, Prices, Purpose, Request, Secret};
use crate::providers::{Upstream, provider};
use crate::secrets::{Mode, Redactor};
use crate::store::{HistoryFilter, Place, SpentBy, SpentFilter, Store};
use crate::world::random::scripted;
use crate::world::{Clock, Env};

const SEED: u64 = 20_261_126;

/// What the twenty accounts are like. `south` has windows of minutes, `west` of ten seconds.
fn accounts() -> Vec<(String, Ledger)> {
    let mut out = Vec::new();
    for n in 0..20 {
        let (upstream, window, most) = match n {
            0..8 => ("east", 60_000, 50 + n * 6),
            8..14 => ("west", 10_000, 8 + n / 2),
            _ => ("south", 300_000, 90 + n * 6),
        };
        // Two accounts are out of credit for a part of every ten minutes, one for good.
        let broke = match n {
            3 => (50_000, 400_000),
            9 => (0, 250_000),
            14 => (0, 600_000),
            _ => (0, 0),
        };
        out.push((format!("{upstream}{n}"), Ledger::new(most, window, broke)));
    }
    out
}

/// The routes over some of the accounts, in failover order.
fn routes(names: &[String]) -> Vec<Route> {
    names
        .iter()
        .map(|account| {
            let name = upstream(account);
            let mut upstream = Upstream::at(name, "openai", &format!("https://{name}.invalid/v1"));
            upstream.dialect = Some(Dialect::OpenAiChat);
            let mut card = card("openai", "m");
            card.prices = Some(Prices { input: Some(INPUT), output: Some(OUTPUT), ..Prices::default() });
            let secret = Secret::new(format!("key-{account}"));
            let credential = Some(Arc::new(Credential::key(account, name, secret, Source::Vault)));
            Route::new(Arc::new(upstream), provider("openai").unwrap(), card, credential)
        })
        .collect()
}

/// What became of one request.
#[derive(Debug, Clone, Default)]
struct Fate {
    /// Its class: requests of one class have the same routes and the same patience.
    class: usize,
    /// When it first stood in line, and when it was first tried after that, as running numbers.
    stood: Option<u64>,
    went: Option<u64>,
    /// `done`, or how it failed.
    end: &'static str,
    cost: Option<NanoUsd>,
    /// The last failure of one that failed.
    last: Option<Kind>,
    /// Everything it was told.
    story: Vec<String>,
}

/// Notes when a request begins to wait and when it goes.
#[derive(Default)]
struct Watcher(Fate);

impl Listener for Watcher {
    fn notice(&mut self, notice: &Notice) {
        self.0.story.push(format!("{} {notice:?}", sequence()));
        match notice {
            Notice::Parked { .. } if self.0.stood.is_none() => self.0.stood = Some(sequence()),
            Notice::Trying { .. } if self.0.stood.is_some() && self.0.went.is_none() => self.0.went = Some(sequence()),
            _ => {}
        }
    }
}

struct Run {
    fates: Vec<Fate>,
    world: World,
}

/// Sends `count` requests, twenty a second, half of them in bursts.
async fn morning(count: usize, seed: u64) -> Run {
    scripted::seed(seed);
    let clock = Clock::paused("2026-11-26T08:00:00Z".parse().unwrap());
    let store = Store::memory(&clock);
    let accounts = accounts();
    let names: Vec<String> = accounts.iter().map(|(name, _)| name.clone()).collect();
    // Classes that overlap: all, the first half, a pair, one account alone, a pair of which one is without credit, and
    // one account that never has any.
    let choices: Vec<(Vec<String>, u64)> = vec![
        (names.clone(), 60),
        (names[..10].to_vec(), 120),
        (names[6..9].to_vec(), 300),
        (names[19..].to_vec(), 300),
        (vec![names[9].clone(), names[13].clone()], 0),
        (vec![names[14].clone()], 60),
    ];
    let classes = choices.iter().map(|(names, _)| names.clone()).collect();
    let world = Arc::new(World::new(clock.clone(), store.clone(), seed, &accounts, classes));
    let client = Rc::new(Client {
        line: Arc::clone(&world) as Arc<dyn crate::client::Line>,
        store: store.clone(),
        catalog: Catalog::embedded(),
        redactor: Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8])),
        clock: clock.clone(),
        limits: Limits { first_byte: Duration::from_secs(60), idle: Duration::from_secs(60) },
        landscape: Landscape::default(),
        rules: Vec::new(),
        queue: 200,
        tokens: None,
        roles: Box::new(|_| Vec::new()),
        max_cost: None,
        purse: Arc::default(),
        fallback: true,
        budgets: Budgets { limits: Budget::default(), ledger: store.clone() },
        keep: Keep::default(),
        eased: Eased::default(),
        seals: Arc::default(),
        place: Place::default(),
    });
    let classes: Vec<(Vec<Route>, u64)> = choices.iter().map(|(names, s)| (routes(names), *s)).collect();
    let local = LocalSet::new();
    let mut dice = seed ^ 0xabcd;
    let mut tasks = Vec::new();
    let began = tokio::time::Instant::now();
    for n in 0..count {
        let class = match scripted::next(&mut dice) % 100 {
            0..68 => 0,
            68..88 => 1,
            88..91 => 2,
            91..95 => 3,
            95..98 => 4,
            _ => 5,
        };
        // Half of them come in bursts of the same second.
        let spread = u64::try_from(n).unwrap() * 50;
        let at = if scripted::next(&mut dice).is_multiple_of(2) { spread } else { spread / 30_000 * 30_000 };
        let (client, (routes, patience)) = (Rc::clone(&client), classes[class].clone());
        tasks.push(local.spawn_local(async move {
            tokio::time::sleep_until(began + Duration::from_millis(at)).await;
            let mut watcher = Watcher(Fate { class, ..Fate::default() });
            let mut request = Request::text("m", Purpose::Ask, format!("request {n} of class {class}"));
            request.stream = n % 2 == 0;
            let patience = Duration::from_secs(patience);
            let terms = Terms { patience, ..Terms::default() };
            let call = Call { terms, ..Call::new(&routes, request) };
            let outcome = client.call(call, &mut watcher).await;
            let mut fate = watcher.0;
            fate.end = match &outcome {
                Ok(_) => "done",
                Err(CallError::Exhausted(_)) => "exhausted",
                Err(CallError::Cooling { .. }) => "cooling",
                Err(CallError::Crowded { .. }) => "crowded",
                Err(other) => panic!("{other}"),
            };
            if let Err(CallError::Exhausted(tried) | CallError::Cooling { tried, .. }) = &outcome {
                fate.last = tried.last().map(|tried| tried.failure.kind);
            }
            fate.cost = outcome.ok().and_then(|reply| reply.used.cost).map(|cost| cost.amount);
            fate
        }));
    }
    let mut fates = Vec::new();
    local
        .run_until(async {
            let all = async {
                for task in tasks {
                    fates.push(task.await.unwrap());
                }
            };
            tokio::select! {
                () = rival(&world, seed) => unreachable!("it goes on for ever"),
                () = all => {}
            }
        })
        .await;
    drop(client);
    let world = Arc::into_inner(world).unwrap();
    Run { fates, world }
}

/// How often something happened.
fn tally(fates: &[Fate]) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for fate in fates {
        *counts.entry((fate.class, fate.end)).or_insert(0) += 1;
    }
    format!("{counts:?}")
}

/// How many requests; more with `MONSTER_SIMULATED`.
fn count() -> usize {
    Env::system().get("MONSTER_SIMULATED").and_then(|n| n.parse().ok()).unwrap_or(4_000)
}

/// What everything follows from; another with `MONSTER_SEED`.
fn seed() -> u64 {
    Env::system().get("MONSTER_SEED").and_then(|n| n.parse().ok()).unwrap_or(SEED)
}

#[tokio::test(start_paused = true)]
async fn a_busy_morning_loses_nothing_and_asks_nobody_who_cools_down() {
    let seed = seed();
    println!("MONSTER_SEED={seed} MONSTER_SIMULATED={} makes this morning again", count());
    let Run { fates, world } = morning(count(), seed).await;
    let state = world.state.lock().unwrap();
    println!(
        "{} requests, {} sent, {} answered, {} tries before the time, {} last resorts, rival refused {} times; {}; refusals {:?}",
        fates.len(),
        state.asked,
        state.answered,
        state.memory.early,
        state.memory.resorts,
        state.refusals,
        tally(&fates),
        state.refused
    );
    assert_eq!(state.broken_rules.first(), None, "of {}", state.broken_rules.len());

    // Nothing is lost: every request has a fate, and a row with the same one.
    let rows = world.store.history(&HistoryFilter { limit: usize::MAX, ..HistoryFilter::default() }).unwrap();
    assert_eq!(rows.len(), fates.len());
    let done = fates.iter().filter(|f| f.end == "done").count();
    assert_eq!(rows.iter().filter(|r| r.outcome == "done").count(), done);
    assert!(rows.iter().all(|r| r.ended_ms.is_some() && r.attempts.iter().all(|a| a.ended_ms.is_some())));
    assert_eq!(rows.iter().map(|r| r.attempts.len() as u64).sum::<u64>(), state.asked, "every request sent has a row");
    assert!(world.store.tickets().unwrap().is_empty(), "nobody waits any more");

    // Money: what the providers bill, what the callers were told, the rows and their sum are one number.
    let told: u128 = fates.iter().filter_map(|f| f.cost).map(nano).sum();
    // What was cut before it said anything is guessed on our side, and stands apart.
    let costs = rows.iter().flat_map(|r| &r.attempts).filter_map(|a| a.cost);
    let each: u128 = costs.filter(|c| c.source != CostSource::Estimated).map(|c| nano(c.amount)).sum();
    let filter = SpentFilter { since_ms: 0, repo: None, account: None, model: None, zone: jiff::tz::TimeZone::UTC };
    let spent = world.store.spent(&filter, SpentBy::Account).unwrap();
    let groups: u128 = spent.rows.iter().map(|row| nano(row.sum.exact_cost)).sum();
    let sum = nano(spent.total.exact_cost);
    assert_eq!((told, each, groups, sum), (state.billed, state.billed, state.billed, state.billed));
    assert_eq!((spent.total.unpriced, spent.total.exact), (0, state.answered));
    assert_eq!(Some(&spent.total.guessed), state.refused.get("cut"), "a prompt that was taken counts");
    assert!(spent.total.guessed_cost > NanoUsd(0));

    // What was found to be of no use is not tried again by the same request, and a hiccup only after a pause.
    for row in &rows {
        let failed =
            |kind: &'static str| row.attempts.iter().filter(move |a| a.failure.as_ref().is_some_and(|f| f.0 == kind));
        let mut spent: Vec<&str> = failed("quota_spent").map(|a| a.account.as_str()).collect();
        spent.sort_unstable();
        assert!(spent.windows(2).all(|two| two[0] != two[1]), "{spent:?}");
        for broken in failed("broken") {
            let next = row.attempts.iter().find(|a| a.number > broken.number && a.account == broken.account);
            let pause = next.map(|next| next.started_ms - broken.ended_ms.unwrap());
            assert!(pause.is_none_or(|ms| ms >= 50), "{} again after {pause:?} ms", broken.account);
        }
    }

    // Order: of those who wait for the same, who stood first goes first. Not so in the class that never has credit: there
    // everybody goes as a last resort, for which nobody stands in line.
    for class in 0..5 {
        let mut waited: Vec<_> =
            fates.iter().filter(|f| f.class == class).filter_map(|f| Some((f.stood?, f.went?))).collect();
        waited.sort_unstable();
        let early = waited.windows(2).find(|two| two[0].1 > two[1].1);
        let story = |stood: u64| fates.iter().find(|f| f.stood == Some(stood)).map(|f| f.story.join("\n"));
        if let Some(two) = early {
            println!("{}\n\n{}", story(two[0].0).unwrap(), story(two[1].0).unwrap());
        }
        assert_eq!(early, None, "in class {class}, of {} who waited, two changed places", waited.len());
    }
    let waited = |class: usize| fates.iter().filter(|f| f.class == class && f.went.is_some()).count();
    let waited = [0, 1, 2, 3].map(waited);
    assert!(waited.iter().sum::<usize>() > fates.len() / 20, "the queues were really used: {waited:?}");
    assert!(waited.iter().all(|n| *n > 0), "the queues were really used: {waited:?}");
    assert!(state.memory.early > 0 && state.memory.resorts > 0 && state.refusals > 0, "and so were the rules");

    // Money that is gone is waited for by nobody: who has no other account is told at once.
    let poor: Vec<_> = fates.iter().filter(|f| f.class == 5 && f.last == Some(Kind::QuotaSpent)).collect();
    assert!(!poor.is_empty());
    assert_eq!(poor.iter().find(|f| f.end != "exhausted").map(|f| &f.story), None);

    // Most of the traffic is served: what a careful client asks in vain is little.
    let vain: u64 = state.refused.iter().filter(|(name, _)| **name == "limit").map(|(_, n)| n).sum();
    assert!(vain < state.answered, "{vain} refusals for {} answers", state.answered);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_makes_the_same_morning() {
    let end = |run: &Run| {
        let fates: Vec<_> = run.fates.iter().map(|f| (f.end, f.cost, f.stood.is_some())).collect();
        (fates, run.world.state.lock().unwrap().asked)
    };
    let (one, two, other) = (morning(600, 1).await, morning(600, 1).await, morning(600, 2).await);
    assert_eq!(end(&one), end(&two));
    assert_ne!(end(&one), end(&other), "another seed makes another one");
}
