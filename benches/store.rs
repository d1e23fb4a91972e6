//! What opening the store adds to a command: `cargo bench --bench store`.
//!
//! Opens a store that is there, reads one fact and closes it, as a command does; beside it, in the same round, a floor: the
//! same file opened by SQLite alone for one statement. Then the rows of a proxy's requests until the database has them;
//! beside them the same rows by SQLite alone, a statement for each. Judge by the ratio: absolute times move with the machine.

// A measurement prints, and stops where it cannot go on.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use monster::model::{Cost, CostSource, Effort, NanoUsd, Purpose, Usage, UsageSource};
use monster::store::{AttemptEnd, FILE, NewAttempt, NewRequest, Outcome, Place, RequestEnd, Store};
use monster::world::Clock;

const ROUNDS: usize = 300;
/// Requests of a round of rows.
const REQUESTS: usize = 5_000;

fn main() {
    openings();
    rows();
}

fn openings() {
    let dir = tempfile::tempdir().expect("a folder");
    let clock = Clock::system();
    let keeper = Store::at(dir.path(), &clock).expect("a store");
    keeper.remember("a", "fact").expect("written");
    drop(keeper);
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let store = Store::at(dir.path(), &clock).expect("the store");
        black_box(store.recall("a").expect("read"));
        ours.push(begin.elapsed());
        drop(store);
        let begin = Instant::now();
        let plain = rusqlite::Connection::open(dir.path().join(FILE)).expect("the file");
        black_box(plain.query_row("SELECT value FROM fact", [], |r| r.get::<_, String>(0)).expect("read"));
        floor.push(begin.elapsed());
    }
    for (name, times) in [("open and read", &mut ours), ("SQLite alone", &mut floor)] {
        times.sort();
        let part = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        println!("{name}: median {:.2} ms, p95 {:.2} ms, least {:.2} ms", ms(part(50)), ms(part(95)), ms(part(0)));
    }
}

fn rows() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (dir, clock) = (tempfile::tempdir().expect("a folder"), Clock::system());
    let store = Store::at(dir.path(), &clock).expect("a store");
    let plain = rusqlite::Connection::open(dir.path().join(FILE)).expect("the file");
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for round in 0..9 {
        let begin = Instant::now();
        runtime.block_on(async {
            for n in 0..REQUESTS {
                let id = format!("r{round}-{n}");
                store.note_request(request(&id, &clock));
                let mut slot = store.note_attempt(attempt(&id, &clock)).await.expect("taken");
                slot.finish(ended(&clock));
                store.note_end(&id, done(&clock));
            }
        });
        assert!(store.flush(Duration::from_secs(60)), "written");
        ours.push(begin.elapsed());
        let begin = Instant::now();
        alone(&plain, round, clock.millis()).expect("written");
        floor.push(begin.elapsed());
    }
    for (name, times) in [("a request's rows", &mut ours), ("SQLite alone, a statement for each", &mut floor)] {
        times.sort();
        let part = |at: usize| times.get(at).map_or(0.0, |time| ms(*time) * 1000.0 / REQUESTS as f64);
        println!("{name}: median {:.1} µs, least {:.1} µs", part(times.len() / 2), part(0));
    }
}

/// The same rows, as plainly as may be: no begin before the end, nothing in a file before.
fn alone(c: &rusqlite::Connection, round: usize, now: i64) -> rusqlite::Result<()> {
    let mut left = REQUESTS;
    while left > 0 {
        c.execute_batch("BEGIN IMMEDIATE")?;
        for n in 0..left.min(256) {
            let id = format!("f{round}-{}", left - n);
            c.prepare_cached(
                "INSERT INTO request (id, started_ms, purpose, asked_model, asked_effort, redacted, stream, caller, ended_ms,
                 outcome, upstream, account, model) VALUES (?1, ?2, 'serve', 'm', 'auto', 0, 0, 'bench', ?2, 'done',
                 'openai', 'work', 'm')",
            )?
            .execute((&id, now))?;
            c.prepare_cached(
                "INSERT INTO attempt (request_id, number, started_ms, provider, upstream, account, model, maker, dialect,
                 ended_ms, status, input, cache_read, cache_write_short, cache_write_long, output, usage_source, cost_nano,
                 cost_source, finish) VALUES (?1, 1, ?2, 'openai', 'openai', 'work', 'm', 'openai', 'openai-chat', ?2, 200,
                 100, 0, 0, 0, 20, 'reported', 7, 'computed', 'stop')",
            )?
            .execute((&id, now))?;
        }
        c.execute_batch("COMMIT")?;
        left = left.saturating_sub(256);
    }
    Ok(())
}

fn request(id: &str, clock: &Clock) -> NewRequest {
    NewRequest {
        id: id.into(),
        parent: None,
        started_ms: clock.millis(),
        purpose: Purpose::Serve,
        caller: "bench".to_owned(),
        place: Place::default(),
        asked_model: "m".to_owned(),
        asked_effort: Effort::Auto.into(),
        redacted: 0,
        stream: false,
    }
}

fn attempt(id: &str, clock: &Clock) -> NewAttempt {
    NewAttempt {
        request_id: id.into(),
        number: 1,
        started_ms: clock.millis(),
        provider: "openai".into(),
        upstream: "openai".into(),
        account: "work".into(),
        model: "m".into(),
        maker: "openai".into(),
        dialect: "openai-chat".into(),
    }
}

fn ended(clock: &Clock) -> AttemptEnd {
    let usage = Usage { input: 100, output: 20, ..Usage::default() };
    AttemptEnd {
        ended_ms: clock.millis(),
        status: Some(200),
        usage: Some((usage, UsageSource::Reported)),
        cost: Some(Cost { amount: NanoUsd(7), source: CostSource::Computed }),
        finish: Some("stop".into()),
        ..AttemptEnd::default()
    }
}

fn done(clock: &Clock) -> RequestEnd {
    let served_by = Some(("openai".into(), "work".into(), "m".into()));
    RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
