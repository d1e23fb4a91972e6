//! What opening the store adds to a command: `cargo bench --bench store`.
//!
//! Opens a store that is there, reads one fact and closes it, as a command does; beside it, in the same round, a floor: the
//! same file opened by SQLite alone for one statement. Judge by the ratio: absolute times move with the machine.

// A measurement prints, and stops where it cannot go on.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use monster::store::{FILE, Store};
use monster::world::Clock;

const ROUNDS: usize = 300;

fn main() {
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

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
