//! Every dialect to every other, one thing at a time: documents, marks for the cache, why an answer ended.

use proptest::prelude::*;

use super::requests::{ASKING, able};
use super::*;
use crate::model::{FinishReason, Source, Ttl};
use crate::wire::{Loss, Refused, Reply};

use Dialect::{AnthropicMessages as A, Gemini as G, Ollama as O, OpenAiChat as C, OpenAiResponses as R, XaiGrpc as X};

fn read(dialect: Dialect, body: &[u8]) -> Request {
    surface(dialect).read_request(body, &ASKING).unwrap_or_else(|e| panic!("{dialect:?}: {e}")).request
}

/// A question of these parts, as the dialect's own client spells it.
fn question(dialect: Dialect, parts: &Value) -> Request {
    let body = match dialect {
        R => json!({ "model": "m", "input": [{ "role": "user", "content": parts }] }),
        G => json!({ "contents": [{ "role": "user", "parts": parts }] }),
        _ => json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": parts }] }),
    };
    read(dialect, body.to_string().as_bytes())
}

fn blocks(request: &Request) -> &[Block] {
    &request.messages[0].blocks
}

#[test]
fn a_document_arrives_whole_or_is_refused_and_its_name_is_told_where_it_is_lost() {
    let (pdf, data) = ("JVBERi0=", "data:application/pdf;base64,JVBERi0=");
    let inline = json!({ "mimeType": "application/pdf", "data": pdf, "displayName": "a.pdf" });
    let source = json!({ "type": "base64", "media_type": "application/pdf", "data": pdf });
    let file = json!({ "filename": "a.pdf", "file_data": data });
    let meant = Block::document("application/pdf", pdf, Some("a.pdf".into()));
    let chat = question(C, &json!([{ "type": "file", "file": file }]));
    let grpc = wire(X).write_request("m", &chat, &able(X, &chat), false).unwrap().body;
    let asked = [
        (C, chat),
        (R, question(R, &json!([{ "type": "input_file", "filename": "a.pdf", "file_data": data }]))),
        (A, question(A, &json!([{ "type": "document", "title": "a.pdf", "source": source }]))),
        (G, question(G, &json!([{ "inlineData": inline }]))),
        (X, read(X, &grpc)),
    ];
    for (from, request) in asked {
        assert_eq!(blocks(&request), std::slice::from_ref(&meant), "{from:?}");
        for to in Dialect::ALL {
            let written = match wire(to).write_request("m", &request, &able(to, &request), false) {
                Ok(written) => written,
                Err(failure) => {
                    assert_eq!(to, O, "{from:?}: {}", failure.message);
                    assert!(failure.message.ends_with(Refused::Document.sentence()), "{}", failure.message);
                    continue;
                }
            };
            let back = read(to, &written.body);
            let Block::Document { source, name } = &blocks(&back)[0] else { panic!("{from:?} -> {to:?}: {back:?}") };
            assert_eq!(*source, Source::data("application/pdf", pdf), "{from:?} -> {to:?}");
            assert_eq!(name.is_none(), written.losses.contains(&Loss::DocumentName), "{from:?} -> {to:?}: {name:?}");
            assert_eq!(name.is_none(), to == G, "{from:?} -> {to:?}");
        }
    }
}

/// Lifetimes that are wished.
pub(super) fn ttl() -> impl Strategy<Value = Ttl> {
    prop::sample::select(vec![Ttl::Short, Ttl::Five, Ttl::Half, Ttl::Hour, Ttl::Long])
}

/// Of which each provider has two.
pub(super) fn lives(dialect: Dialect, ttl: Ttl) -> Ttl {
    match (dialect, ttl) {
        (A, Ttl::Short | Ttl::Five) => ttl,
        (A, Ttl::Half) => Ttl::Five,
        (A, _) => Ttl::Hour,
        (_, Ttl::Long) => ttl,
        _ => Ttl::Half,
    }
}

#[test]
fn a_mark_for_the_cache_arrives_where_there_are_marks_and_is_told_elsewhere() {
    let point = json!({ "mode": "explicit", "ttl": "12h" });
    let asked = [
        (C, question(C, &json!([{ "type": "text", "text": "Read:", "prompt_cache_breakpoint": point }]))),
        (R, question(R, &json!([{ "type": "input_text", "text": "Read:", "prompt_cache_breakpoint": point }]))),
        (
            A,
            question(
                A,
                &json!([{ "type": "text", "text": "Read:", "cache_control": { "type": "ephemeral", "ttl": "1h" } }]),
            ),
        ),
    ];
    for (from, request) in asked {
        let (wished, changed) = if from == A { (Ttl::Hour, Ttl::Half) } else { (Ttl::Long, Ttl::Hour) };
        let meant = |ttl| [Block::Text("Read:".into()), Block::Mark(ttl)];
        assert_eq!(blocks(&request), meant(wished), "{from:?}");
        for to in Dialect::ALL {
            let written = wire(to).write_request("m", &request, &able(to, &request), false).unwrap();
            let marked = matches!(to, C | R | A);
            let same = (from == A) == (to == A);
            let lives = meant(if same { wished } else { changed });
            assert_eq!(blocks(&read(to, &written.body)), &lives[..if marked { 2 } else { 1 }], "{from:?} -> {to:?}");
            assert_eq!(written.losses.contains(&Loss::CacheTime), marked && !same, "{from:?} -> {to:?}");
            assert_eq!(written.losses.contains(&Loss::CacheMarks), !marked, "{from:?} -> {to:?}");
        }
    }
}

#[test]
fn why_an_answer_ended_is_told_in_the_words_of_every_dialect() {
    let reply = Reply { id: "answer-1".into(), model: "m".into(), created: 1, usage: true, ..Reply::default() };
    let ended = |finish: FinishReason, called: bool| {
        let mut events = vec![Event::Start { id: "answer-1".into(), model: "m".into() }];
        if called {
            let kind = BlockKind::ToolCall { id: "call_1".into(), name: "add".into(), custom: false };
            events.extend([
                Event::BlockStart { index: 0, kind },
                Event::ToolInput { index: 0, json: "{\"a\":1}".into() },
                Event::BlockEnd { index: 0 },
            ]);
        } else {
            events.extend([
                Event::BlockStart { index: 0, kind: BlockKind::Text },
                Event::Text { index: 0, text: "4".into() },
                Event::BlockEnd { index: 0 },
            ]);
        }
        events.push(Event::Finish(finish));
        events
    };
    // What a caller of this dialect understands.
    let heard = |dialect: Dialect, events: &[Event]| {
        let mut writer = surface(dialect).writer(&reply);
        let mut bytes = Vec::new();
        events.iter().for_each(|event| writer.push(event, &mut bytes));
        writer.end(&mut bytes);
        let streamed = pieces(dialect, &bytes, &[usize::MAX]).fold().finish;
        let whole = wire(dialect).read_reply(&surface(dialect).write_reply(events, &reply)).unwrap();
        let whole = Told { events: whole, failure: None }.fold().finish;
        assert_eq!(streamed, whole, "{dialect:?}");
        whole.unwrap()
    };
    let stopped = FinishReason::StopSequence(Some("END".into()));
    for (finish, called) in [
        (FinishReason::Stop, false),
        (FinishReason::Length, false),
        (FinishReason::ToolCalls, true),
        (FinishReason::Refused, false),
        (stopped, false),
    ] {
        for from in Dialect::ALL {
            for to in Dialect::ALL {
                let first = heard(from, &ended(finish.clone(), called));
                let told = heard(to, &ended(first, called));
                // docs/TRANSLATION.md, "Answers".
                let lost = |d: Dialect| match &finish {
                    FinishReason::Refused => matches!(d, O | X),
                    FinishReason::StopSequence(_) => d != A,
                    _ => false,
                };
                let meant = if lost(from) || lost(to) { FinishReason::Stop } else { finish.clone() };
                assert_eq!(told, meant, "{from:?} -> {to:?}");
            }
        }
    }
}
