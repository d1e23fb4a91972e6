//! No secret leaves: the built binary against a corpus that is drawn afresh in every run.
//!
//! The seed is printed; `MONSTER_CORPUS_SEED` repeats a run, `MONSTER_CORPUS` sets the number of samples (6,000 if
//! unset), `MONSTER_CORPUS_EXPORT` names a folder that gets `corpus.jsonl` and `truth.jsonl` for other detectors,
//! `MONSTER_CORPUS_BINARY` another binary that speaks the same protocol. What went wrong in a run stands in
//! `target/tmp/corpus/`. Floors to hold stand in [`FLOORS`].
//!
//! The generator under `set/` is written from vendors' public documents, without sight of `src/secrets`: a rule that is
//! added for a miss here proves itself only on a later draw.

// Tests start processes, write files and read the clock: the doors of src/world are for the program.
#![allow(clippy::disallowed_methods)]
// A test that cannot go on says so by panicking, in its helpers too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// A drawn number is cut to size on purpose.
#![allow(clippy::cast_possible_truncation)]
// `pub` here means "for the other files of this binary"; figures are printed for whoever reads the run.
#![allow(unreachable_pub, clippy::print_stdout)]

mod run;
mod score;
mod set;
mod truth;

use std::sync::OnceLock;

use score::Score;

/// What a run must reach, in per cent (overreach: bytes masked beside secrets per 1,000 bytes of text).
struct Floor {
    covered: f64,
    precision: f64,
    clean: f64,
    overreach: f64,
}

/// The floors in one place. What is to be reached is more (covered 97, precision 99.5, clean 99.5, overreach 0.5; strict
/// 99.97 and 100; personal data 99 and 97): they are raised when the engine holds that on fresh draws.
const FLOORS: [(&str, Floor); 3] = [
    ("default", Floor { covered: 97.0, precision: 99.5, clean: 99.5, overreach: 0.7 }),
    ("strict", Floor { covered: 80.0, precision: 99.9, clean: 99.9, overreach: 0.5 }),
    ("pii", Floor { covered: 95.0, precision: 97.0, clean: 97.0, overreach: 5.0 }),
];

fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| {
        let given = std::env::var("MONSTER_CORPUS_SEED").ok().and_then(|text| text.parse().ok());
        given.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            now.as_nanos() as u64
        })
    })
}

fn size() -> usize {
    std::env::var("MONSTER_CORPUS").ok().and_then(|text| text.parse().ok()).unwrap_or(6000)
}

/// Three standard errors below the floor are chance, not regress.
fn holds(share: score::Share, floor: f64) -> bool {
    let p = floor / 100.0;
    let slack = 3.0 * (p * (1.0 - p) / share.all.max(1) as f64).sqrt() * 100.0;
    share.percent() + slack >= floor
}

fn check(mode: &str, score: &Score) {
    println!("seed {}\n{}", seed(), score::table(mode, score));
    let (_, floor) = FLOORS.iter().find(|(name, _)| *name == mode).unwrap();
    let again = format!("MONSTER_CORPUS_SEED={} repeats it", seed());
    assert!(holds(score.covered, floor.covered), "{}; {again}", score::line(mode, score));
    assert!(holds(score.precise, floor.precision), "{}; {again}", score::line(mode, score));
    assert!(holds(score.clean, floor.clean), "{}; {again}", score::line(mode, score));
    assert!(score.overreach() <= floor.overreach * 1.5, "{}; {again}", score::line(mode, score));
}

#[test]
fn no_secret_leaves_and_little_else_is_masked() {
    let samples = set::corpus(seed(), size());
    let score = run::scored("default", &[], &samples);
    check("default", &score);
}

#[test]
fn strict_mode_masks_only_what_is_certain() {
    let samples = set::corpus(seed().wrapping_add(1), size());
    let score = run::scored("strict", &["--strict"], &samples);
    check("strict", &score);
}

#[test]
fn personal_data_is_found_where_it_is_asked_for() {
    let samples = set::personal(seed(), size() / 3);
    let score = run::scored("pii", &["--pii"], &samples);
    check("pii", &score);
}

#[test]
fn personal_data_stays_where_nobody_asked() {
    let samples = set::personal(seed().wrapping_add(1), size() / 6);
    let score = run::scored("unasked", &[], &samples);
    assert!(score.precise.all * 100 <= samples.len(), "seed {}: {} findings without --pii", seed(), score.precise.all);
}

#[test]
fn a_corpus_can_be_written_for_other_detectors() {
    let samples = set::corpus(seed(), size());
    let folder = run::export(&samples);
    let corpus = std::fs::read_to_string(folder.join("corpus.jsonl")).unwrap();
    let truth = std::fs::read_to_string(folder.join("truth.jsonl")).unwrap();
    assert_eq!(corpus.lines().count(), samples.len());
    assert_eq!(truth.lines().count(), samples.len());
}
