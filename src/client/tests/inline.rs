//! Stories about files at addresses: who cannot take the address gets the bytes, and nobody is led astray.

use std::sync::Arc;

use serde_json::json;

use super::tape::client as client_over;
use super::tape::{Seen, Take, Tape, at, clock, says, speaking};
use crate::client::{Call, CallError, Reply, Route};
use crate::model::{Block, Dialect, Message, Purpose, Request, Role, Source};

const PICTURE: &str = "https://pictures.example/a.png?token=hush";

fn gemini() -> Route {
    speaking("east1", "https://upstream.invalid", "gemini", Dialect::Gemini)
}

fn answer() -> Take {
    let candidate = json!({ "content": { "role": "model", "parts": [{ "text": "a cat" }] }, "finishReason": "STOP" });
    Take::whole(200, json!({ "candidates": [candidate] }).to_string())
}

fn picture(kind: &str) -> Take {
    Take::whole(200, "PNG").header("content-type", kind)
}

async fn ask(tape: &Arc<Tape>, route: Route, blocks: Vec<Block>) -> Result<Reply, CallError> {
    let client = client_over(tape.clone(), &clock(), Vec::new());
    let mut request = Request::text("m", Purpose::Ask, "what is it?");
    request.messages.push(Message::new(Role::User, blocks));
    client.call(Call::new(&[route], request), &mut Seen::default()).await
}

fn image(url: &str) -> Vec<Block> {
    vec![Block::Image { source: Source::Url(url.to_owned()), detail: None }]
}

#[tokio::test]
async fn a_picture_at_an_address_arrives_as_bytes_where_addresses_are_not_taken() {
    let tape = Arc::new(Tape::default());
    let there = Take::whole(302, "").header("location", "/b.png");
    tape.put(PICTURE, there).put("https://pictures.example/b.png", picture("image/png; x=1")).put("east1", answer());
    // Named twice, fetched once.
    let twice = [image(PICTURE), image(PICTURE)].concat();
    let reply = ask(&tape, gemini(), twice).await.unwrap();
    assert_eq!(reply.text, "a cat");
    assert_eq!(tape.asked(), [PICTURE, "https://pictures.example/b.png", "east1"]);
    let body = tape.bodies().pop().unwrap();
    let parts = body["contents"].as_array().unwrap().last().unwrap()["parts"].clone();
    let sent = json!({ "inlineData": { "mimeType": "image/png", "data": "UE5H" } });
    assert!(parts.as_array().unwrap().ends_with(&[sent.clone(), sent]), "{parts:#}");
}

#[tokio::test]
async fn who_takes_addresses_gets_them_and_google_gets_its_own() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", says("a cat")).put("east1", answer());
    ask(&tape, at("east1", "https://upstream.invalid/v1", "openai"), image(PICTURE)).await.unwrap();
    assert!(tape.bodies()[0].to_string().contains("https://pictures.example/a.png"), "{:#}", tape.bodies()[0]);
    ask(&tape, gemini(), image("gs://shelf/a.png")).await.unwrap();
    assert!(tape.bodies()[1].to_string().contains(r#"{"fileData":{"fileUri":"gs://shelf/a.png"}}"#));
    assert_eq!(tape.asked(), ["east1", "east1"]);
}

#[tokio::test]
async fn what_cannot_be_fetched_or_is_no_picture_is_told_without_its_query() {
    let on = || Take::whole(302, "").header("location", PICTURE);
    for (takes, why) in [
        (vec![picture("text/html")], "it is \"text/html\": only pictures and PDFs are taken"),
        (vec![Take::whole(404, "no")], "the server answered with HTTP 404"),
        (
            vec![Take::whole(302, "").header("location", "http://127.0.0.1/a")],
            "only https addresses without a password",
        ),
        (vec![on(), on(), on(), on()], "it is sent on too often"),
    ] {
        let tape = Arc::new(Tape::default());
        for take in takes {
            tape.put(PICTURE, take);
        }
        let error = ask(&tape, gemini(), image(PICTURE)).await.unwrap_err();
        let told = error.failure().unwrap().message.clone();
        assert!(told.contains(why) && told.contains("pictures.example/a.png") && !told.contains("hush"), "{told}");
        assert!(!tape.asked().contains(&"east1".to_owned()), "nothing was sent");
    }
    let tape = Arc::new(Tape::default());
    let error = ask(&tape, gemini(), image("http://pictures.example/a.png")).await.unwrap_err();
    assert!(error.failure().unwrap().message.contains("only https"), "{error}");
    assert_eq!(tape.asked(), [""; 0]);
}
