//! How fast secrets are found: `cargo bench --bench redact [-- FOLDER…]`, by default over this repository's sources.
//!
//! Prints the time until the first text is looked at, megabytes a second on one thread over ordinary source beside a floor
//! of the same run (one search for five prefixes, which finds next to nothing), a prompt of 200 kB as JSON for the first
//! time and again, a stream, and nanoseconds a byte over texts made to be slow. Judge by the ratios: absolute times move
//! with the machine.

// A measurement prints, and stops where it cannot go on.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use monster::secrets::{Conversation, Mode, Redactor, Restore, Stream};

const ROUNDS: usize = 7;
const PROMPTS: usize = 300;
const PROMPT: usize = 200_000;

fn main() {
    let begin = Instant::now();
    let redactor = redactor();
    black_box(redactor.scan("a"));
    println!("ready after {:.1} ms", ms(begin.elapsed()));

    let folders: Vec<PathBuf> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).map(PathBuf::from).collect();
    let mut texts = Vec::new();
    for folder in if folders.is_empty() { vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")] } else { folders } {
        read(&folder, &mut texts);
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    let floor = regex::Regex::new("ghp_|sk-ant-|AKIA|xoxb-|-----BEGIN RSA").expect("a pattern");
    let (mut ours, mut plain, mut hits) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        hits = texts.iter().map(|t| redactor.scan(t).len()).sum::<usize>();
        ours.push(begin.elapsed());
        let begin = Instant::now();
        black_box(texts.iter().map(|t| floor.find_iter(t).count()).sum::<usize>());
        plain.push(begin.elapsed());
    }
    let (ours, plain) = (least(&ours), least(&plain));
    println!(
        "{} files, {:.1} MB, {hits} findings: {:.0} MB/s (best of {ROUNDS}); floor {:.0} MB/s, ratio {:.1}",
        texts.len(),
        mega(bytes),
        mega(bytes) / ours.as_secs_f64(),
        mega(bytes) / plain.as_secs_f64(),
        ours.as_secs_f64() / plain.as_secs_f64()
    );
    prompts(&texts);
    stream(&texts, &redactor);
    hostile(&redactor);
}

fn redactor() -> Redactor {
    Redactor::new(Mode::Redact, Vec::new(), *b"measured")
}

/// Every text in a folder.
fn read(folder: &Path, texts: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(&path, texts);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            texts.push(text);
        }
    }
}

/// Prompts of source as an agent sends them: one message after another, each for the first time, then once more.
fn prompts(texts: &[String]) {
    let all = texts.concat();
    let (mut first, mut again) = (Vec::new(), Vec::new());
    let mut at = 0;
    for _ in 0..PROMPTS {
        let from = all.ceil_char_boundary(at % all.len().saturating_sub(PROMPT).max(1));
        let to = all.ceil_char_boundary((from + PROMPT).min(all.len()));
        at += PROMPT / 3;
        let text = serde_json::to_string(all.get(from..to).unwrap_or_default()).expect("a string");
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{text}}}]}}"#);
        let conversation = Conversation::new(Arc::new(redactor()), Restore::Off);
        for times in [&mut first, &mut again] {
            let begin = Instant::now();
            black_box(conversation.body(body.as_bytes(), Duration::ZERO).is_ok());
            times.push(begin.elapsed());
        }
    }
    for (name, times) in [("new", &mut first), ("sent again", &mut again)] {
        times.sort();
        let part = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        println!("a prompt of 200 kB, {name}: median {:.2} ms, p99 {:.2} ms", ms(part(50)), ms(part(99)));
    }
}

fn stream(texts: &[String], redactor: &Redactor) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let begin = Instant::now();
    let mut stream = Stream::new(redactor);
    for text in texts {
        black_box(stream.feed(text).hits.len());
    }
    black_box(stream.finish().hits.len());
    println!("as a stream: {:.0} MB/s", mega(bytes) / begin.elapsed().as_secs_f64());
}

/// Texts of nothing but what rules look for.
fn hostile(redactor: &Redactor) {
    let pieces = [
        "sk-",
        "eyJ",
        "password=",
        "://a:",
        "-----BEGIN PRIVATE KEY-----",
        "\n-----END PRIVATE KEY-----",
        "@@ -1 +1 @@\n",
        "AKIA",
        "Cookie: ",
        "kind: Secret\n",
        "PuTTY-User-Key-File-",
        "\"a\" + ",
        "\"kind\":\"secret\" ",
        "\\\n",
        "secret%3D",
        "%3A%2F%2F",
        "token\\u003d",
        "token=\u{1b}[31m",
        "cGFzc3dvcmQ9",
        "70617373776f72643d",
        "    1 +token\n",
        "|password|",
        "secret,",
        "api_key\t",
        "\"kty\"",
        "key: |\n  ",
        "<password>",
        "--password ",
    ];
    let mut times: Vec<(f64, f64, &str)> = pieces
        .iter()
        .map(|piece| {
            let of = |size: usize| {
                let text = piece.repeat(size / piece.len());
                let begin = Instant::now();
                black_box(redactor.redact(&text).hits.len());
                begin.elapsed().as_secs_f64() * 1e9 / mega(text.len()) / 1e6
            };
            (of(200_000), of(800_000), *piece)
        })
        .collect();
    times.sort_by(|a, b| b.1.total_cmp(&a.1));
    println!("the slowest texts, nanoseconds a byte at 200 kB and at 800 kB:");
    for (small, large, piece) in times.iter().take(6) {
        println!("  {small:.0} and {large:.0}: {piece:?} over and over");
    }
}

fn least(times: &[Duration]) -> Duration {
    times.iter().copied().min().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn mega(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::MAX, f64::from) / 1e6
}
