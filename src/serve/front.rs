//! One request at the door: who comes, and what is answered without asking anybody.

use std::sync::Arc;

use http::header::CONTENT_ENCODING;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request};
use hyper::body::Incoming;

use super::access::{self, Granted};
use super::api::{Target, target};
use super::board::Board;
use super::body::{Body, Unread, read};
use super::call::{Ask, wrong};
use super::desk::Desk;
use super::house::House;
use super::listen::Peer;
use super::models;
use super::reject::{Out, failed, response};
use crate::model::{Dialect, Failure, Kind, timed_id};
use crate::secrets::{Redactor, Restore};
use crate::world::{heap, random};

/// Who calls, and what is counted for him while he does.
pub(super) struct Caller {
    /// As the ledger has it.
    pub name: String,
    pub restore: Restore,
    /// What finds secrets in his requests.
    pub(super) redactor: Arc<Redactor>,
    pub(super) key: access::Caller,
    _granted: Granted,
}

/// Answers a request.
pub(super) async fn call(house: &Arc<House>, peer: Peer, request: Request<Incoming>) -> Out {
    let (head, body) = request.into_parts();
    let target = target(&head.method, &head.uri, &head.headers);
    let dialect = target.dialect();
    let desk = house.desk();
    let page = page(house, &desk, peer, &head);
    if let Some(page) = page.as_ref().filter(|_| head.method == Method::OPTIONS) {
        return welcome(response(204, "text/plain", Body::whole("")), page);
    }
    let out = match target {
        Target::Health => return response(200, "text/plain", Body::whole("monster is running\n")),
        Target::Ready => return ready(house, &desk),
        Target::Admin(what) => heap::pinned(|| super::admin::asked(house, &desk, peer, &head, what)).await,
        target => {
            let id = timed_id("r", desk.client.clock.millis(), random::name().unwrap_or_default());
            let came = Came { house, desk: &desk, peer, id: &id };
            let mut out = match came.asked(head, body, target).await {
                Ok(out) => out,
                Err(refused) => refused.told(house.board(), &id, dialect),
            };
            if let Ok(id) = HeaderValue::from_str(&id) {
                // The one that the dialect's own SDKs show, too.
                out.headers_mut().extend(shown(dialect).map(|name| (HeaderName::from_static(name), id.clone())));
                out.headers_mut().insert("x-monster-request-id", id);
            }
            out
        }
    };
    match page {
        Some(page) => welcome(out, &page),
        None => out,
    }
}

/// A request that was answered by a refusal, before anything was begun for it.
struct Refused {
    failure: Failure,
    /// The status, where the dialect's own would say less.
    status: Option<u16>,
    /// Why, in one word.
    why: &'static str,
    /// Who was refused, where he was known.
    caller: Option<String>,
    /// What stands beside it.
    header: Option<(HeaderName, &'static str)>,
}

impl Refused {
    fn of(failure: Failure, caller: Option<&str>) -> Self {
        Self { why: failure.kind.name(), failure, status: None, caller: caller.map(str::to_owned), header: None }
    }

    /// As its caller gets it; the log has a line of it.
    fn told(self, board: &Board, id: &str, dialect: Dialect) -> Out {
        let mut out = failed(dialect, &self.failure, self.status);
        if let Some((name, value)) = self.header {
            out.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        board.turned(id, self.caller.as_deref(), dialect.name(), self.why, out.status().as_u16());
        out
    }
}

/// A request at the door.
struct Came<'a> {
    house: &'a Arc<House>,
    desk: &'a Arc<Desk>,
    peer: Peer,
    id: &'a str,
}

impl Came<'_> {
    async fn asked(&self, head: Parts, body: Incoming, target: Target) -> Result<Out, Refused> {
        let &Self { house, desk, id, .. } = self;
        if let Target::Method(_, how) = target {
            // Whoever asks: what there is stands in the documents.
            let what = format!("{} is called with {how}", head.uri.path());
            let header = Some((http::header::ALLOW, how));
            return Err(Refused { status: Some(405), header, ..Refused::of(wrong(Kind::BadRequest, what), None) });
        }
        let caller = self.admitted(&head, matters(&target)).await?;
        let name = caller.name.clone();
        let refuse = |failure: Failure| Refused::of(failure, Some(&name));
        match target {
            Target::Absent(_, what) => Err(refuse(wrong(Kind::NotFound, what))),
            Target::Unknown(_) => {
                Err(refuse(wrong(Kind::NotFound, format!("there is nothing at {}", head.uri.path()))))
            }
            Target::Upgrade(_) => {
                let what = "answers are streamed over HTTP here: there is no WebSocket";
                let header = Some((http::header::UPGRADE, "HTTP/1.1"));
                Err(Refused { status: Some(426), header, ..refuse(wrong(Kind::BadRequest, what)) })
            }
            Target::Models(list) => Ok(models::list(desk, &caller.key, list)),
            Target::Model(list, model) => models::one(desk, &caller.key, list, &model).map_err(refuse),
            Target::Version => Ok(models::version()),
            Target::Pass => {
                heap::pinned(|| super::pass::pass(house, desk, caller, head, body, id)).await.map_err(refuse)
            }
            target => {
                if head.headers.get(CONTENT_ENCODING).is_some_and(|how| how != "identity") {
                    let what = "a body is read here as it is: send it without content-encoding";
                    return Err(Refused { status: Some(415), ..refuse(wrong(Kind::BadRequest, what)) });
                }
                let busy = house.enter();
                let body = read(body, desk.settings.body, house.reading()).await;
                let body =
                    body.map_err(|Unread { status, failure }| Refused { status: Some(status), ..refuse(failure) })?;
                let (house, desk) = (Arc::clone(house), Arc::clone(desk));
                let ask = Ask { house, desk, caller, headers: head.headers, body, id: id.into(), busy };
                let outcome = match target {
                    // Each on the heap, and in its place from the start.
                    Target::Answer(answer) => heap::pinned(|| ask.answer(answer)).await,
                    Target::Count { dialect, model } => heap::pinned(|| ask.count(dialect, model.as_deref())).await,
                    Target::Embed => heap::pinned(|| ask.embed()).await,
                    _ => models::show(&ask.desk, &ask.caller.key, &ask.body),
                };
                outcome.map_err(refuse)
            }
        }
    }

    /// Lets somebody in, or says why not.
    async fn admitted(&self, head: &Parts, matters: bool) -> Result<Caller, Refused> {
        let &Self { house, desk, peer, .. } = self;
        let refuse = |why: &'static str, failure: Failure| {
            house.board().refused(why);
            Refused { why, ..Refused::of(failure, None) }
        };
        let access = house.access();
        let key = match peer {
            // Nobody else can reach it; who shows a key that is known is held to it all the same.
            Peer::Own => match access::presented(&head.headers, head.uri.query()) {
                none if none.is_empty() => access::Caller::owner(),
                shown => access.recognise(&shown).await.unwrap_or_else(|_| access::Caller::owner()),
            },
            Peer::Ip { at, .. } => {
                house.names(desk).check(&head.headers, &head.uri).map_err(|failure| refuse("host", failure))?;
                let known = access.recognise(&access::presented(&head.headers, head.uri.query())).await;
                match known {
                    Err(_) if desk.settings.open && at.to_canonical().is_loopback() => access::Caller::owner(),
                    known => known.map_err(|failure| refuse("key", failure))?,
                }
            }
        };
        let granted = access.admit(&key, matters).await;
        let granted = granted.map_err(|failure| Refused { caller: Some(key.name()), ..refuse("limit", failure) })?;
        Ok(Caller {
            name: key.name(),
            restore: key.restore().unwrap_or(desk.settings.restore),
            redactor: desk.redactor(key.secrets()),
            key,
            _granted: granted,
        })
    }
}

/// Where clients of a dialect look for a request's id.
const fn shown(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => Some("x-request-id"),
        Dialect::AnthropicMessages => Some("request-id"),
        Dialect::Gemini | Dialect::Ollama | Dialect::XaiGrpc => None,
    }
}

/// What is wanted may cost money.
const fn matters(target: &Target) -> bool {
    matches!(target, Target::Answer(_) | Target::Embed | Target::Pass)
}

/// The page that makes the request, where its kind may; a browser asks for it before it sends a key.
fn page(house: &House, desk: &Desk, peer: Peer, head: &Parts) -> Option<HeaderValue> {
    let origin = head.headers.get(http::header::ORIGIN)?;
    let ours = peer == Peer::Own || house.names(desk).check(&head.headers, &head.uri).is_ok();
    ours.then(|| origin.clone())
}

/// Says to a browser that this page may read the answer.
fn welcome(mut out: Out, page: &HeaderValue) -> Out {
    let headers = out.headers_mut();
    headers.insert("access-control-allow-origin", page.clone());
    headers.insert("vary", HeaderValue::from_static("origin"));
    headers.insert("access-control-allow-methods", HeaderValue::from_static("GET, POST"));
    let names = "authorization, content-type, x-api-key, x-goog-api-key, api-key, anthropic-version, anthropic-beta, \
                 openai-beta, anthropic-dangerous-direct-browser-access, x-stainless-os, x-stainless-lang, \
                 x-stainless-arch, x-stainless-runtime, x-stainless-runtime-version, x-stainless-package-version, \
                 x-stainless-retry-count, x-stainless-timeout, x-stainless-helper-method, x-goog-api-client";
    headers.insert("access-control-allow-headers", HeaderValue::from_static(names));
    let told = HeaderValue::from_static(
        "x-monster-request-id, x-request-id, request-id, x-monster-route, x-monster-note, retry-after",
    );
    headers.insert("access-control-expose-headers", told);
    out
}

/// It serves as long as it is not being stopped and there is somebody to ask.
fn ready(house: &House, desk: &Desk) -> Out {
    let why = if house.closing() {
        Some("it is being stopped")
    } else if desk.upstreams().is_empty() {
        Some("nothing is connected")
    } else {
        None
    };
    match why {
        // What is asked is answered all the same. Who asks may be anybody: he is not told why.
        None if desk.client.store.adrift().is_some() => {
            response(200, "text/plain", Body::whole("ready, but rows of requests lie nowhere on disk\n"))
        }
        None => response(200, "text/plain", Body::whole("ready\n")),
        Some(why) => response(503, "text/plain", Body::whole(format!("not ready: {why}\n"))),
    }
}
