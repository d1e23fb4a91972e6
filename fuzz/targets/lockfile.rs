//! Lock files of every kind, before and after.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::tasks::offline::lockfile::changes;

const NAMES: [&str; 12] = [
    "Cargo.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "go.sum",
    "Gemfile.lock",
    "composer.lock",
    "Pipfile.lock",
    "bun.lock",
    "flake.lock",
];

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let (before, after) = text.split_once('\0').unwrap_or(("", &text));
    drop(changes(NAMES[usize::from(first) % NAMES.len()], Some(before), Some(after)));
});
