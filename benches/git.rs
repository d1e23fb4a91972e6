//! How long reading a staged change takes, and the rules beyond that: `benches/git/overhead.py` builds it and runs it
//! beside `git diff --cached`. `git REPOSITORY ROUNDS` prints one line of JSON for each round, in nanoseconds: `read`
//! (the change with its hunks), `history` (what the last commits say about style), `message` and `review` (the rules
//! alone, the review with its search for secrets). Every round opens the repository anew.

// A measurement prints, and stops where it cannot go on.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use monster::git::{ChangeSet, Repo, Source};
use monster::secrets::{Mode, Redactor};
use monster::tasks::offline::message::{self, Hints};
use monster::tasks::review::by_rules;
use monster::world::Env;

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let Some(folder) = words.next().map(PathBuf::from) else { return };
    let rounds: usize = words.next().and_then(|n| n.parse().ok()).unwrap_or(5);
    let env = Env::system();
    let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"measured");
    black_box(redactor.scan("a").len());
    for _ in 0..rounds {
        let repo = Repo::discover(&folder, &env).expect("a repository");
        let (read, change) = timed(|| repo.diff(&Source::Staged).expect("a staged change"));
        let contents = repo.contents(&Source::Staged).expect("whole files");
        let (history, learned) = timed(|| repo.style(&monster::git::Ours::default()));
        let hints = Hints {
            branch: repo.branch(),
            priors: learned.priors,
            scopes: learned.scopes,
            looks: learned.looks,
            ..Hints::default()
        };
        let (message, said) = timed(|| message::message(&change, contents.as_ref(), &hints));
        let (review, found) = timed(|| by_rules(&change, &ChangeSet::default(), contents.as_ref(), &redactor));
        black_box((said, found));
        println!(
            "{{\"files\": {}, \"read\": {}, \"history\": {}, \"message\": {}, \"review\": {}}}",
            change.files.len(),
            read.as_nanos(),
            history.as_nanos(),
            message.as_nanos(),
            review.as_nanos()
        );
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let out = work();
    (began.elapsed(), out)
}
