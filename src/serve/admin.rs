//! What is asked of the house itself: over the socket of this machine, or with the token (`token.rs`).

use std::sync::Arc;

use http::header::{ACCEPT, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::access::{bearer, presented};
use super::api::Admin;
use super::body::Body;
use super::desk::Desk;
use super::document::document;
use super::feed::{EVENTS, LINES, feed};
use super::house::House;
use super::listen::Peer;
use super::reject::{Out, failed, flowing, json, response};
use crate::model::{Dialect, Failure, Kind, Scope};

/// Answers whoever may ask.
pub(super) async fn asked(house: &Arc<House>, desk: &Desk, peer: Peer, head: &Parts, what: Admin) -> Out {
    let refusal = match peer {
        // Nobody else can reach it.
        Peer::Own => None,
        Peer::Ip { at, encrypted } => {
            let near = encrypted || at.to_canonical().is_loopback();
            refusal(house, desk, near, head).await
        }
    };
    match refusal {
        None => admin(house, what, &head.headers),
        Some((why, failure)) => {
            house.board().refused(why);
            let mut out = failed(Dialect::OpenAiChat, &failure, None);
            if failure.kind == Kind::Unauthorized {
                out.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            out
        }
    }
}

/// Why somebody at an address may not, in one word and as he is told.
async fn refusal(house: &Arc<House>, desk: &Desk, near: bool, head: &Parts) -> Option<(&'static str, Failure)> {
    let told = |kind: Kind, what: &str| Failure::new(kind, Scope::Request, what);
    if let Err(failure) = house.names(desk).check(&head.headers, &head.uri) {
        return Some(("host", failure));
    }
    if !near {
        let what = "the token would be read on the way: the house is looked into over TLS, or from this machine";
        return Some(("plain", told(Kind::Forbidden, what)));
    }
    let Some(sent) = bearer(&head.headers) else {
        let what = "a token is needed, as Bearer; the owner of this monster sees it with: monster serve token";
        return Some(("token", told(Kind::Unauthorized, what)));
    };
    let token = house.token().clone();
    let known = tokio::task::spawn_blocking(move || token.read()).await;
    if let Ok(Ok(token)) = known
        && token == sent
    {
        return None;
    }
    if house.access().recognise(&presented(&head.headers, None)).await.is_ok() {
        let what = "this key asks models and does not look into the house; what does: monster serve token";
        return Some(("token", told(Kind::Forbidden, what)));
    }
    let what = "this token is not known here; the owner of this monster sees it with: monster serve token";
    Some(("token", told(Kind::Unauthorized, what)))
}

fn admin(house: &Arc<House>, what: Admin, headers: &HeaderMap) -> Out {
    match what {
        Admin::Status => json(&house.status()),
        Admin::Requests => json(&house.board().now()),
        Admin::Metrics => response(200, "text/plain; version=0.0.4; charset=utf-8", Body::whole(house.metrics())),
        Admin::Events => {
            let lines = lines(headers);
            let flow = feed(Arc::clone(house.board()), house.closes(), lines);
            flowing(if lines { LINES } else { EVENTS }, flow)
        }
        Admin::Reload => {
            house.ask_reload();
            let mut out = json(&json!({ "reload": "asked for" }));
            *out.status_mut() = http::StatusCode::ACCEPTED;
            out
        }
        Admin::Document => json(&document()),
    }
}

/// Lines of JSON are wanted in the place of events.
fn lines(headers: &HeaderMap) -> bool {
    let wanted =
        |value: &HeaderValue| value.to_str().is_ok_and(|v| v.contains(LINES) || v.contains("application/jsonl"));
    headers.get_all(ACCEPT).iter().any(wanted)
}
