//! How long a routing decision takes at 50 routes: a chain of ten models over five accounts each, turns taken, and every
//! key looked up among cool-downs: `cargo bench --bench route`.
//!
//! Prints nanoseconds for one decision (the median of 200 rounds) and its ratio to a floor of the same run: the look-ups
//! alone. Judge by the ratio: absolute times move with the machine.

// A measurement prints, and stops where it cannot go on.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use monster::auth::{Credential, Source};
use monster::catalog::Catalog;
use monster::client::{Landscape, Lots, Strategies};
use monster::config::{Config, Inputs};
use monster::model::{ModelName, Secret};
use monster::providers::Upstream;
use monster::world::Env;

const MODELS: usize = 10;
const ACCOUNTS: usize = 5;
const ROUNDS: usize = 200;
const DECISIONS: u32 = 100;

/// Counters of this process.
struct Counters(u64);

impl Lots for Counters {
    fn turn(&mut self, _: &str) -> u64 {
        self.0 += 1;
        self.0
    }

    fn dice(&mut self, n: u64) -> u64 {
        self.0 % n.max(1)
    }
}

fn main() {
    let flags = vec![("accounts.strategy".to_owned(), "round-robin".to_owned())];
    let env = Env::fixed([("HOME", "/nowhere")], std::path::Path::new("/"));
    let inputs = Inputs {
        user_file: None,
        repo_file: None,
        git_global: Vec::new(),
        git_local: Vec::new(),
        git_command: Vec::new(),
        env: &env,
        flags,
    };
    let config = Config::load(inputs).config;
    let mut land = Landscape { strategies: Strategies::of(&config), ..Landscape::default() };
    let mut names = Vec::new();
    for model in 0..MODELS {
        let upstream = format!("upstream{model}");
        land.upstreams.push(Arc::new(Upstream::at(&upstream, "openai", "https://llm.example/v1")));
        for account in 0..ACCOUNTS {
            let secret = Secret::new("none".to_owned());
            let key = Credential::key(&format!("account{account}"), &upstream, secret, Source::Vault);
            land.credentials.push(Arc::new(key));
        }
        names.push(format!("{upstream}/gpt-5.5(high)"));
    }
    let (asked, catalog) = (ModelName(names.join(",")), Catalog::embedded());
    let none = |_| Vec::new();
    let mut lots = Counters(0);
    let routes = land.drawn(&asked, catalog, &none, &mut lots).expect("everything is connected");
    assert_eq!(routes.len(), MODELS * ACCOUNTS);
    // Every route's model cools down: nothing ends the search early.
    let cold: HashMap<String, i64> = routes.iter().map(|r| (r.shared_keys()[0].clone(), 1)).collect();
    let asleep = |routes: &[monster::client::Route]| {
        routes.iter().filter(|r| r.shared_keys().iter().any(|key| cold.contains_key(key))).count()
    };
    let floor = median(|| asleep(black_box(&routes)));
    let choice = median(|| land.drawn(black_box(&asked), catalog, &none, &mut lots).map_or(0, |routes| routes.len()));
    let whole = median(|| land.drawn(black_box(&asked), catalog, &none, &mut lots).map_or(0, |routes| asleep(&routes)));
    println!("{} routes: names, order and turns {choice} ns; with all cool-downs {whole} ns", routes.len());
    println!("floor (the look-ups alone) {floor} ns, ratio {:.1}", ratio(whole, floor));
}

/// Nanoseconds for one run of `work`.
fn median(mut work: impl FnMut() -> usize) -> u128 {
    let mut rounds: Vec<u128> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            for _ in 0..DECISIONS {
                black_box(work());
            }
            begin.elapsed().as_nanos() / u128::from(DECISIONS)
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

#[allow(clippy::cast_precision_loss)] // nanoseconds of a moment
fn ratio(whole: u128, floor: u128) -> f64 {
    whole as f64 / floor.max(1) as f64
}
