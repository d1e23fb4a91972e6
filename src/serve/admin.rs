//! What is asked of the house itself: over the socket of this machine, or with a key that may.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::api::Admin;
use super::body::Body;
use super::flow::{Flow, Shared};
use super::house::House;
use super::reject::{Out, json, response};

/// A sign of life among news.
const PING: &[u8] = b": keep-alive\n\n";

/// Answers it.
pub(super) fn admin(house: &Arc<House>, what: Admin) -> Out {
    match what {
        Admin::Status => json(&house.status()),
        Admin::Requests => json(&house.board().now()),
        Admin::Metrics => {
            response(200, "text/plain; version=0.0.4; charset=utf-8", Body::whole(house.board().metrics()))
        }
        Admin::Events => events(house),
        Admin::Reload => {
            house.ask_reload();
            let mut out = json(&json!({ "reload": "asked for" }));
            *out.status_mut() = http::StatusCode::ACCEPTED;
            out
        }
        Admin::Document => json(&document()),
    }
}

/// First what is, then what happens.
fn events(house: &Arc<House>) -> Out {
    let (shared, board) = (Shared::default(), Arc::clone(house.board()));
    let mut news = board.follow();
    let first = json!({ "event": "now", "requests": board.now() }).to_string();
    let (pipe, mut closing) = (shared.clone(), house.closes());
    let put = |pipe: &Shared, text: &str| pipe.put(format!("data: {text}\n\n").into());
    put(&shared, &first);
    let work = async move {
        loop {
            let next = tokio::select! {
                next = news.recv() => next,
                _ = closing.wait_for(|closing| *closing) => return,
            };
            match next {
                Ok(text) => put(&pipe, &text),
                // Who is too slow is told all of it anew.
                Err(RecvError::Lagged(_)) => {
                    let now = json!({ "event": "now", "requests": board.now() }).to_string();
                    put(&pipe, &now);
                }
                Err(RecvError::Closed) => return,
            }
            while pipe.full() {
                tokio::task::yield_now().await;
            }
        }
    };
    let flow = Flow::new(Box::pin(work), shared, PING.to_vec());
    response(200, "text/event-stream", Body::Flow(Box::new(flow)))
}

/// The description of this interface.
fn document() -> Value {
    let get = |summary: &str, kind: &str| {
        json!({ "get": { "summary": summary, "responses": { "200": { "description": "What was asked for.",
            "content": { kind: { "schema": { "type": if kind == "application/json" { "object" } else { "string" } } } } },
            "401": { "description": "The key may not." } } } })
    };
    json!({
        "openapi": "3.1.0",
        "info": { "title": "monster serve", "version": env!("CARGO_PKG_VERSION"),
            "description": "What happens in a running monster serve. Over its socket nothing else is needed; elsewhere a key that may." },
        "components": { "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } } },
        "security": [{}, { "key": [] }],
        "paths": {
            "/healthz": get("It runs.", "text/plain"),
            "/readyz": get("It can serve.", "text/plain"),
            "/metrics": get("Sums for Prometheus.", "text/plain"),
            "/monster/v1/status": get("Who serves, where, since when.", "application/json"),
            "/monster/v1/requests": get("Requests under way and the last that were finished.", "application/json"),
            "/monster/v1/events": get("The same, then news as server-sent events.", "text/event-stream"),
            "/monster/v1/openapi.json": get("This.", "application/json"),
            "/monster/v1/reload": { "post": { "summary": "Reads settings and accounts anew; open answers go on.",
                "responses": { "202": { "description": "It will be." } } } },
        },
    })
}
