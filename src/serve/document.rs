//! What can be asked of the house, for programs: an OpenAPI document. Every member that is answered is in it.

use serde_json::{Map, Value, json};

use super::feed::{EVENTS, LINES};

/// Plain text.
const TEXT: &str = "text/plain";
/// JSON.
const JSON: &str = "application/json";

/// The document.
pub(super) fn document() -> Value {
    let mut live = get("What is, then news: server-sent events, or lines of JSON where they are accepted.", "Event");
    let event = json!({ "schema": named("Event") });
    live["get"]["responses"]["200"]["content"] = json!({ EVENTS: event, LINES: event });
    let mut metrics = get("Sums for Prometheus.", "Text");
    metrics["get"]["responses"]["200"]["content"] = json!({ TEXT: { "schema": named("Text") } });
    let mut ready = open("It can serve.");
    ready["get"]["responses"]["503"] = said("It is being stopped, or nothing is connected.", TEXT, "Text");
    let mut reload = guarded();
    reload.insert("202".to_owned(), said("It will be.", JSON, "Reload"));
    json!({
        "openapi": "3.1.0",
        "info": { "title": "monster serve", "version": env!("CARGO_PKG_VERSION"),
            "description": "What happens in a running monster serve. Over its socket in the state folder nothing is needed; \
                            over TCP the token that \"monster serve token\" prints, from this machine or over TLS." },
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer",
                "description": "What \"monster serve token\" prints. Keys of callers do not open this interface." } },
            "schemas": schemas(),
        },
        "security": [{ "token": [] }],
        "paths": {
            "/healthz": open("It runs."),
            "/readyz": ready,
            "/metrics": metrics,
            "/monster/v1/status": get("Who serves, where, since when.", "Status"),
            "/monster/v1/requests": get("Requests under way and the last that were finished.", "Requests"),
            "/monster/v1/events": live,
            "/monster/v1/openapi.json": get("This.", "Document"),
            "/monster/v1/reload": { "post": { "summary": "Reads settings and accounts anew; open answers go on.",
                "responses": reload } },
        },
    })
}

/// A schema of the document, by its name.
fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn said(what: &str, kind: &str, schema: &str) -> Value {
    json!({ "description": what, "content": { kind: { "schema": named(schema) } } })
}

/// What somebody hears who may not.
fn guarded() -> Map<String, Value> {
    let foreign = "It was called by a foreign name or page, with a caller's key, or in the clear from elsewhere.";
    let mut none = said("There is no token, or another one.", JSON, "Failure");
    none["headers"] = json!({ "www-authenticate": { "schema": { "const": "Bearer" } } });
    Map::from_iter([("401".to_owned(), none), ("403".to_owned(), said(foreign, JSON, "Failure"))])
}

/// A call for whoever may look.
fn get(summary: &str, schema: &str) -> Value {
    let mut responses = guarded();
    responses.insert("200".to_owned(), said("What was asked for.", JSON, schema));
    json!({ "get": { "summary": summary, "responses": responses } })
}

/// A call for everybody.
fn open(summary: &str) -> Value {
    json!({ "get": { "summary": summary, "security": [], "responses": { "200": said("Yes.", TEXT, "Text") } } })
}

fn schemas() -> Value {
    let (text, count, yes) =
        (json!({ "type": "string" }), json!({ "type": "integer", "minimum": 0 }), json!({ "type": "boolean" }));
    let at = json!({ "type": "integer", "description": "Unix milliseconds." });
    let list = |of: Value| json!({ "type": "array", "items": of });
    let request = json!({ "type": "object",
        "required": ["id", "caller", "dialect", "model", "stream", "started_ms", "state", "failovers"],
        "properties": {
            "id": { "type": "string", "description": "As in x-monster-request-id." },
            "caller": text, "dialect": text, "model": text, "stream": yes, "started_ms": at,
            "state": { "enum": ["starting", "waiting", "parked", "answering", "finished"] },
            "failovers": count,
            "route": { "type": "string", "description": "UPSTREAM/MODEL, once somebody is asked." },
            "parked": { "type": "object", "required": ["wakes_ms", "position", "waiting"],
                "properties": { "wakes_ms": at, "position": count, "waiting": count } },
            "first_ms": { "type": "integer", "minimum": 0, "description": "Until the first content." },
            "outcome": { "type": "string", "description": "done, or in one word why not; once it is finished." },
            "took_ms": count, "account": text,
            "input_tokens": { "type": "integer", "minimum": 0, "description": "Cached ones are among them." },
            "output_tokens": count,
            "cost_nano_usd": { "type": ["integer", "null"], "description": "null = its price is not known." },
            "redacted": { "type": "integer", "minimum": 0, "description": "Secrets that were masked." },
            "sent_bytes": count, "received_bytes": count, "placeholder_in_arguments": yes } });
    let event = json!({ "type": "object", "required": ["event"],
        "anyOf": [{ "required": ["seq"] }, { "properties": { "event": { "const": "alive" } } }],
        "description": "\"now\" carries requests, all that is; the others carry one request. seq counts up by one; after \
                        \"now\" it goes on from there. Who reads too slowly gets another \"now\". Among lines of JSON, \
                        \"alive\" says from time to time that nothing happened, and carries nothing.",
        "properties": {
            "event": { "enum": ["now", "started", "trying", "failed_over", "parked", "answering", "finished", "alive"] },
            "seq": count, "request": named("Request"), "requests": named("Requests") } });
    let status = json!({ "type": "object",
        "required": ["schema", "version", "pid", "started_ms", "listen", "busy", "closing", "upstreams",
            "placeholders_in_arguments", "restore"],
        "properties": {
            "schema": { "const": "monster.serve.house/1" }, "version": text, "pid": count, "started_ms": at,
            "listen": list(text.clone()), "busy": count, "closing": yes, "upstreams": list(text.clone()),
            "placeholders_in_arguments": count, "restore": { "enum": ["off", "text", "tools"] } } });
    json!({
        "Text": text,
        "Request": request,
        "Requests": { "type": "object", "required": ["schema", "open", "finished"], "properties": {
            "schema": { "const": "monster.serve/1" },
            "open": list(named("Request")), "finished": list(named("Request")) } },
        "Event": event,
        "Status": status,
        "Reload": { "type": "object", "required": ["reload"], "properties": { "reload": { "const": "asked for" } } },
        "Document": { "type": "object", "required": ["openapi", "paths"],
            "properties": { "openapi": text, "paths": { "type": "object" } } },
        "Failure": { "type": "object", "required": ["error"], "properties": {
            "error": { "type": "object", "required": ["message"], "properties": { "message": text } } } },
    })
}
