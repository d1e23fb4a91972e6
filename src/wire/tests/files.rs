//! Files where a dialect takes none.

use super::*;
use crate::model::Source;
use crate::wire::{Loss, Refused};

fn pdf() -> Block {
    Block::document("application/pdf", "JVBERi0xLjQK", Some("a.pdf".into()))
}

fn note() -> Block {
    Block::Document { source: Source::Text("so".into()), name: Some("a.txt".into()) }
}

/// What is asked after the model showed this, or where it is to go on from there.
fn shown(file: Block, then: Option<&str>) -> Request {
    let answer = said(Role::Assistant, vec![Block::Text("Here:".into()), file]);
    let messages = [Message::user("draw"), answer].into_iter().chain(then.map(Message::user));
    Request { messages: messages.collect(), ..asked() }
}

#[test]
fn a_file_of_an_answer_follows_it_or_stays_in_it() {
    use Dialect::{AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses, XaiGrpc};
    let image = || Block::image("image/png", "iVBORw0KGgo=");
    for (file, bytes, apart, inside) in [
        (image(), "iVBORw0KGgo=", vec![OpenAiChat, OpenAiResponses, AnthropicMessages], vec![Gemini, Ollama]),
        (pdf(), "JVBERi0xLjQK", vec![OpenAiChat, OpenAiResponses, AnthropicMessages], vec![Gemini]),
        (note(), "so", vec![OpenAiResponses, AnthropicMessages], vec![OpenAiChat, Ollama, XaiGrpc]),
    ] {
        for then in [Some("bigger"), None] {
            for dialect in Dialect::ALL {
                let request = shown(file.clone(), then);
                let Ok(sent) = wire(dialect).write_request("m", &request, &Adapted::default(), false) else {
                    assert!(!apart.contains(&dialect) && !inside.contains(&dialect), "{dialect:?}: {file:?}");
                    continue;
                };
                assert_eq!(sent.losses.contains(&Loss::AnswerImage), apart.contains(&dialect), "{dialect:?}: {file:?}");
                if dialect == XaiGrpc {
                    assert!(wire(dialect).show(&sent.body).contains(bytes));
                    continue;
                }
                let body: Value = serde_json::from_slice(&sent.body).unwrap();
                let turns = ["messages", "input", "contents"].into_iter().find_map(|name| body[name].as_array());
                let held = |turn: &Value| {
                    let told = turn.to_string();
                    told.contains(bytes) || told.contains("c28=")
                };
                let holds = turns.unwrap().iter().find(|turn| held(turn));
                let role = holds.map(|turn| turn["role"].as_str().unwrap());
                let role = role.map(|role| if role == "model" { "assistant" } else { role });
                let wanted = if apart.contains(&dialect) { "user" } else { "assistant" };
                assert_eq!(role, Some(wanted), "{dialect:?}, then {then:?}: {body}");
            }
        }
    }
    let refused = wire(XaiGrpc).write_request("m", &shown(pdf(), None), &Adapted::default(), false).unwrap_err();
    assert!(refused.message.ends_with(Refused::Inside.sentence()), "{}", refused.message);
}

#[test]
fn anthropic_s_model_is_asked_to_go_on_where_a_file_of_its_answer_follows() {
    let sent = wire(Dialect::AnthropicMessages);
    let sent = sent.write_request("m", &shown(pdf(), None), &Adapted::default(), false).unwrap();
    assert_eq!(sent.losses, [Loss::AnswerImage, Loss::Prefill]);
    let told: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(told["messages"][1]["content"], json!([{ "type": "text", "text": "Here:" }]));
    let last = &told["messages"][2]["content"];
    assert_eq!((&last[0]["type"], &last[0]["title"]), (&json!("document"), &json!("a.pdf")));
    assert_eq!(last[1]["text"], "Go on from where you stopped.");
    // An answer that was a file alone leaves the turn to the user.
    let alone = Request { messages: vec![Message::user("draw"), said(Role::Assistant, vec![pdf()])], ..asked() };
    let sent = body(Dialect::AnthropicMessages, &alone);
    assert_eq!(sent["messages"].as_array().unwrap().len(), 1);
    assert_eq!(sent["messages"][0]["content"][1]["type"], "document");
}

#[test]
fn what_chat_takes_no_file_of_is_refused_there() {
    let asked = |kind: &str| {
        let held = json!({ "inlineData": { "mimeType": kind, "data": "AAAA" } });
        let body = json!({ "contents": [{ "parts": [{ "text": "what?" }, held] }] });
        let asked = surface(Dialect::Gemini).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap();
        wire(Dialect::OpenAiChat).write_request("m", &asked.request, &Adapted::default(), false)
    };
    for kind in ["video/mp4", "application/zip"] {
        let failure = asked(kind).unwrap_err();
        assert!(failure.message.ends_with(Refused::Document.sentence()), "{kind}: {}", failure.message);
        assert_eq!(failure.scope, crate::model::Scope::Model, "another route may take it");
    }
    for kind in ["application/pdf", "text/plain", "image/png"] {
        assert!(asked(kind).is_ok(), "{kind}");
    }
}
