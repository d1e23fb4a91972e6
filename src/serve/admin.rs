//! What is asked of the house itself: over the socket of this machine, or with the token (`token.rs`).

use std::sync::Arc;

use http::header::{ACCEPT, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::access::{bearer, presented};
use super::api::Admin;
use super::body::Body;
use super::desk::Desk;
use super::feed::{EVENTS, LINES, feed};
use super::house::House;
use super::listen::Peer;
use super::reject::{Out, failed, json, response};
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
        Admin::Metrics => {
            response(200, "text/plain; version=0.0.4; charset=utf-8", Body::whole(house.board().metrics()))
        }
        Admin::Events => {
            let lines = lines(headers);
            let flow = feed(Arc::clone(house.board()), house.closes(), lines);
            response(200, if lines { LINES } else { EVENTS }, Body::Flow(Box::new(flow)))
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

/// The description of this interface.
fn document() -> Value {
    let schema = |kind: &str| match kind {
        "application/json" => json!({ "type": "object" }),
        _ => json!({ "type": "string" }),
    };
    let answer = |kinds: &[&str]| {
        let content: serde_json::Map<String, Value> =
            kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": schema(kind) }))).collect();
        json!({ "description": "What was asked for.", "content": content })
    };
    let open = |summary: &str| json!({ "get": { "summary": summary, "security": [], "responses": { "200": answer(&["text/plain"]) } } });
    let refused = |what: &str| json!({ "description": what });
    let get = |summary: &str, kinds: &[&str]| {
        json!({ "get": { "summary": summary, "responses": { "200": answer(kinds),
            "401": refused("There is no token, or another one."),
            "403": refused("It was called by a foreign name or page, with a caller's key, or in the clear from elsewhere.") } } })
    };
    let request = json!({ "type": "object", "required": ["id", "caller", "dialect", "model", "stream", "started_ms", "state"],
        "properties": {
            "id": { "type": "string" }, "caller": { "type": "string" }, "dialect": { "type": "string" },
            "model": { "type": "string" }, "route": { "type": "string" }, "account": { "type": "string" },
            "stream": { "type": "boolean" }, "started_ms": { "type": "integer" }, "failovers": { "type": "integer" },
            "state": { "enum": ["starting", "waiting", "parked", "answering", "finished"] },
            "placeholder_in_arguments": { "type": "boolean" }, "outcome": { "type": "string" }, "took_ms": { "type": "integer" }, "first_ms": { "type": "integer" },
            "parked": { "type": "object", "properties": { "wakes_ms": { "type": "integer" },
                "position": { "type": "integer" }, "waiting": { "type": "integer" } } } } });
    let event = json!({ "type": "object", "required": ["event", "seq"],
        "description": "\"now\" carries requests, all that is; the others carry one request. seq counts up by one; after \
                        \"now\" it goes on from there. Who reads too slowly gets another \"now\".",
        "properties": { "event": { "enum": ["now", "started", "trying", "failed_over", "parked", "answering", "finished"] },
            "seq": { "type": "integer" }, "request": { "$ref": "#/components/schemas/Request" },
            "requests": { "$ref": "#/components/schemas/Requests" } } });
    let requests = json!({ "type": "object", "properties": {
        "open": { "type": "array", "items": { "$ref": "#/components/schemas/Request" } },
        "finished": { "type": "array", "items": { "$ref": "#/components/schemas/Request" } } } });
    let mut live =
        get("What is, then news: server-sent events, or lines of JSON where they are accepted.", &[EVENTS, LINES]);
    for kind in [EVENTS, LINES] {
        live["get"]["responses"]["200"]["content"][kind]["schema"] = json!({ "$ref": "#/components/schemas/Event" });
    }
    let mut all = get("Requests under way and the last that were finished.", &["application/json"]);
    all["get"]["responses"]["200"]["content"]["application/json"]["schema"] =
        json!({ "$ref": "#/components/schemas/Requests" });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "monster serve", "version": env!("CARGO_PKG_VERSION"),
            "description": "What happens in a running monster serve. Over its socket in the state folder nothing is needed; \
                            over TCP the token that \"monster serve token\" prints, from this machine or over TLS." },
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer",
                "description": "What \"monster serve token\" prints. Keys of callers do not open this interface." } },
            "schemas": { "Request": request, "Requests": requests, "Event": event },
        },
        "security": [{ "token": [] }],
        "paths": {
            "/healthz": open("It runs."),
            "/readyz": open("It can serve."),
            "/metrics": get("Sums for Prometheus.", &["text/plain"]),
            "/monster/v1/status": get("Who serves, where, since when.", &["application/json"]),
            "/monster/v1/requests": all,
            "/monster/v1/events": live,
            "/monster/v1/openapi.json": get("This.", &["application/json"]),
            "/monster/v1/reload": { "post": { "summary": "Reads settings and accounts anew; open answers go on.",
                "responses": { "202": { "description": "It will be." }, "401": refused("There is no token, or another one.") } } },
        },
    })
}
