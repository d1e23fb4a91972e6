//! Requests of foreign programs on their way to an upstream of their own dialect: what was JSON stays JSON, every member
//! that need not change is the same to the byte and in the same order, and a known secret never leaves.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use monster::client::{Clean, Received, Task};
use monster::model::{Dialect, Effort, Secret};
use monster::providers::Intent;
use monster::secrets::{Conversation, Known, Mode, Redactor, Restore, members};
use monster::wire::{Adapted, Fields, Thinking, wire};
use serde_json::Value;

static SECRET: LazyLock<String> = LazyLock::new(|| format!("{}{}", "kq7Zp2Vx9", "Lm4Tn8Rw3"));
static REDACTOR: LazyLock<Arc<Redactor>> = LazyLock::new(|| {
    Arc::new(Redactor::new(Mode::Redact, vec![Known::new("work", Secret::new(SECRET.clone()))], [7; 8]))
});

/// What each dialect cannot do without: the fuzzer's own members come behind it.
const LEAST: [(Dialect, &str); 5] = [
    (Dialect::OpenAiChat, r#""model":"m","messages":[{"role":"user","content":"hi"}]"#),
    (Dialect::OpenAiResponses, r#""model":"m","input":"hi""#),
    (Dialect::AnthropicMessages, r#""model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]"#),
    (Dialect::Gemini, r#""contents":[{"role":"user","parts":[{"text":"hi"}]}]"#),
    (Dialect::Ollama, r#""model":"m","messages":[{"role":"user","content":"hi"}]"#),
];

/// The members of the object at `at` that no path means, as they are written. Where a path goes deeper, what counts is the
/// last member of that name, and the rest of what it holds.
fn kept(text: &str, at: usize, paths: &[&[&str]]) -> Vec<String> {
    let members = members(text, at).unwrap_or_default();
    let mut out = Vec::new();
    for (n, member) in members.iter().enumerate() {
        let mine: Vec<&[&str]> = paths.iter().filter(|p| p[0] == member.name).map(|p| &p[1..]).collect();
        if mine.is_empty() {
            out.push(text[member.whole.clone()].to_owned());
        } else if mine.iter().all(|rest| !rest.is_empty()) && members[n + 1..].iter().all(|m| m.name != member.name) {
            out.extend(kept(text, member.value.start, &mine));
        }
    }
    out
}

/// What may change.
fn paths(fields: &Fields) -> Vec<&'static [&'static str]> {
    let own: [&[&str]; 3] = [&["model"], &["store"], &["stream_options", "include_usage"]];
    own.into_iter().chain([fields.effort, fields.limit, fields.sampling].into_iter().flatten().copied()).collect()
}

fn thinking(of: u8) -> (Thinking, Option<Effort>) {
    match of % 6 {
        0 => (Thinking::Unset, None),
        1 => (Thinking::Level(Effort::High), Some(Effort::High)),
        2 => (Thinking::Budget(2_048), Some(Effort::Medium)),
        3 => (Thinking::Adaptive(Some(Effort::Low)), Some(Effort::Low)),
        4 => (Thinking::Disabled, Some(Effort::None)),
        _ => (Thinking::Think(true), Some(Effort::High)),
    }
}

fn passed(dialect: Dialect, body: &str, how: u8, stream: bool) {
    let conversation = Conversation::new(Arc::clone(&REDACTOR), Restore::Tools);
    let received = Received {
        dialect,
        task: if how >= 240 { Task::Embed } else { Task::Answer },
        body: body.as_bytes(),
        reads: None,
        model: (dialect == Dialect::Gemini).then_some("m"),
        stream: Some(stream),
        headers: Vec::new(),
    };
    let Ok(taken) = Clean::received(&conversation, received, Duration::ZERO) else { return };
    let (clean, fields) = (taken.clean, wire(dialect).fields().expect("it is spelled in JSON"));
    let (request, origin) = (clean.request(), clean.origin().expect("it came from elsewhere"));
    let intent = Intent::of(request, clean.prompt_bytes());
    let (thinking, sent) = thinking(how);
    let sampling = how & 8 == 0;
    let max_output = request.max_output.or((how & 16 == 0).then_some(700));
    let adapted = Adapted { thinking, sent, sampling, max_output, ..Adapted::default() };
    // The same body, masked once more: what was masked before is masked alike.
    let masked = conversation.body(body.as_bytes(), Duration::ZERO).expect("it was masked before").body.into_owned();
    let paths = paths(fields);
    for model in ["m", "other"] {
        let Some(patched) = origin.patched(model, request, &intent, &adapted, request.stream) else { continue };
        let sent = String::from_utf8(patched.written.body).expect("text stays text");
        assert!(!sent.contains(SECRET.as_str()));
        // A body for vectors is not read further than to its members: what is wrong in it, the upstream says.
        let Ok(value) = serde_json::from_str::<Value>(&sent) else {
            assert!(serde_json::from_str::<Value>(body).is_err(), "what was JSON stays JSON");
            continue;
        };
        assert!(!value.to_string().contains(SECRET.as_str()));
        let start = |text: &str| text.find('{').expect("it is an object");
        assert_eq!(kept(&masked, start(&masked), &paths), kept(&sent, start(&sent), &paths));
        if fields.model {
            assert_eq!(value["model"], *model);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(([how, which], rest)) = data.split_first_chunk::<2>().map(|(head, rest)| (*head, rest)) else { return };
    // A mark in the input stands for the secret, so that it comes to lie anywhere.
    let text = String::from_utf8_lossy(rest).replace('\u{1}', &SECRET);
    let (dialect, least) = LEAST[usize::from(which) % LEAST.len()];
    let stream = which & 128 == 0;
    passed(dialect, &text, how, stream);
    passed(dialect, &format!("{{{least},{text}}}"), how, stream);
    passed(dialect, &format!("{{{text},{least}}}"), how, stream);
});
