//! One request whose caller was let in: what is wanted, who is asked, and what is answered.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use smol_str::SmolStr;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::api::Answer;
use super::board::Entry;
use super::body::Body;
use super::desk::Desk;
use super::discuss::{self, Came};
use super::flow::{Flow, Shared};
use super::front::Caller;
use super::house::{Busy, House};
use super::models;
use super::pass::barred;
use super::reject::{Out, failed, failure, flowing, response};
use super::teller::{Beside, Stream, Whole};
use crate::client::{
    self, CallError, Clean, HOLD, Listener, Origin, Reads, Received, Route, Taken, Task, Terms, conversation, kinds,
};
use crate::model::{Block, Dialect, Failure, Kind, ModelName, Request as Asked, Scope};
use crate::secrets::{Conversation, Hit, Restore};
use crate::wire::{self, Echo, Reply, Surface, surface};
use crate::world::heap;

/// Headers by which a client names its session (field notes, "Session affinity").
static SESSIONS: [HeaderName; 7] = [
    HeaderName::from_static("x-claude-code-session-id"),
    HeaderName::from_static("session-id"),
    HeaderName::from_static("session_id"),
    HeaderName::from_static("x-session-id"),
    HeaderName::from_static("x-session-affinity"),
    HeaderName::from_static("conversation-id"),
    HeaderName::from_static("conversation_id"),
];
/// Bytes before the message of a gRPC call: a flag and its length (xai.md, "gRPC").
const GRPC: usize = 5;
/// Headers that go on to an upstream of the caller's own dialect.
const ONWARD: [(Dialect, &[&str]); 3] = [
    (Dialect::AnthropicMessages, &["anthropic-version", "anthropic-beta"]),
    (Dialect::OpenAiChat, &["openai-beta"]),
    (Dialect::OpenAiResponses, &["openai-beta"]),
];
/// So long after its deadline an answer is ended that nobody reads.
const GRACE: Duration = Duration::from_millis(500);
/// A longer body is looked through beside the thread that carries others' answers (bytes).
const LONG: usize = 1 << 20;
/// As much of a text tells one conversation from another (bytes).
const LEAD: usize = 100;

/// A request whose body was read.
pub(super) struct Ask {
    pub(super) house: Arc<House>,
    pub(super) desk: Arc<Desk>,
    pub(super) caller: Caller,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) id: SmolStr,
    pub(super) busy: Busy,
}

impl Ask {
    fn talk(&self) -> Arc<Conversation> {
        self.desk.talk(&self.caller.key.mark(), &self.caller.redactor, self.caller.restore)
    }

    /// Masks and reads the body.
    fn take(&self, task: Task, answer: &Answer, body: &[u8], reads: Option<Reads>) -> Result<Taken, Failure> {
        let dialect = answer.dialect;
        let onward = ONWARD.iter().find(|(of, _)| *of == dialect).map_or(&[][..], |(_, names)| names);
        let headers: Vec<(String, String)> = onward.iter().filter_map(|name| self.header(name)).collect();
        let model = answer.model.as_deref();
        model.map(short).transpose()?;
        // Beside the body, where nothing is masked.
        let beside = headers.iter().map(|(name, value)| (format!("the header {name}"), value.as_str()));
        for (place, text) in beside.chain(model.map(|model| ("the model's name".to_owned(), model))) {
            let hits = self.caller.redactor.barred(text.as_bytes());
            if !hits.is_empty() {
                let what = format!("{place} holds {}, so the request is not sent", kinds(&hits));
                self.barred(hits);
                return Err(wrong(Kind::BadRequest, what));
            }
        }
        let received = Received { dialect, task, body, reads, model, stream: answer.stream, headers };
        let taken = aside(body.len(), || Clean::received(&self.talk(), received, self.desk.age()));
        let taken = taken.map_err(|unread| {
            self.barred(unread.hits());
            unread.failure()
        })?;
        let bound = self.caller.key.bound();
        if let Some(field) = taken.clean.origin().filter(|_| bound).and_then(Origin::further) {
            let what = format!(
                "{field}: this key has a list of models or a budget, so its requests may name one model alone, in model"
            );
            return Err(wrong(Kind::BadRequest, what));
        }
        short(&taken.clean.request().model.0)?;
        Ok(taken)
    }

    /// All lines of a header, as one (RFC 9110, 5.3).
    fn header(&self, name: &str) -> Option<(String, String)> {
        let lines: Vec<&str> = self.headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
        (!lines.is_empty()).then(|| (name.to_owned(), lines.join(",")))
    }

    fn barred(&self, hits: Vec<Hit>) {
        barred(&self.house, &self.desk, &self.caller, &self.id, hits);
    }

    /// The routes for a model that this caller may use; `None` = several models are to discuss it.
    fn routes(&self, model: &ModelName) -> Result<Option<Vec<Route>>, Failure> {
        models::routes(&self.desk, &self.caller.key, model)
    }

    /// The routes for what only one model can do; `why` says what several cannot, and what to do.
    fn lone(&self, model: &ModelName, why: &str) -> Result<Vec<Route>, Failure> {
        self.routes(model)?.ok_or_else(|| wrong(Kind::BadRequest, format!("{} cannot do that: {why}", model.0)))
    }

    fn terms(&self, request: &Asked) -> Terms {
        let session = SESSIONS.iter().find_map(|name| self.headers.get(name)?.to_str().ok());
        let thread = session.map_or_else(|| thread(request), |session| Some(session.to_owned()));
        let settings = &self.desk.settings;
        Terms {
            parent: None,
            conversation: thread.map(|thread| [&self.caller.name, "/", thread.as_str()].concat()),
            patience: settings.park,
            deadline: Some(settings.deadline),
            hold: request.stream.then_some(HOLD),
            caller: Some(self.caller.name.clone()),
            ceilings: self.house.access().ceilings(&self.caller.key),
            id: self.id.clone(),
            later: !request.stream,
            began_ms: Some(self.desk.client.clock.millis()),
            limit: None,
        }
    }

    pub(super) async fn answer(self, answer: Answer) -> Result<Out, Failure> {
        let dialect = answer.dialect;
        if dialect == Dialect::Ollama
            && let Some(loaded) =
                aside(self.body.len(), || super::plain::load(&self.body, self.desk.client.clock.now()))
        {
            // Of a model that nobody has, or that this caller may not use, nothing is loaded.
            self.routes(&ModelName(loaded["model"].as_str().unwrap_or_default().to_owned()))?;
            return Ok(super::reject::json(&loaded));
        }
        let body = if dialect.is_grpc() { message(&self.body)? } else { self.body.clone() };
        // Of an older call only what goes on as it came is answered in its upstream's own words.
        let turned = answer.plain && !aside(body.len(), || super::plain::prompted(&body));
        let Taken { clean, usage } = match answer.plain {
            true if !turned => self.take(Task::Generate, &answer, &body, Some(super::plain::chat))?,
            true => self.take(Task::Answer, &answer, &aside(body.len(), || super::plain::chat(&body))?, None)?,
            false => self.take(Task::Answer, &answer, &body, None)?,
        };
        let request = clean.request();
        let reply = Reply {
            id: called(dialect, &self.id),
            model: request.model.0.clone(),
            created: u64::try_from(self.desk.client.clock.now().as_second()).unwrap_or(0),
            usage,
            array: answer.array,
            unasked: dialect == Dialect::Gemini && request.show_thoughts != Some(true),
            asked: echoed(dialect, &clean),
        };
        let terms = self.terms(request);
        let routes = self.routes(&request.model)?;
        let restored = self.caller.restore != Restore::Off && !clean.masked().is_empty();
        let forwards = !turned && !restored;
        let stream = request.stream;
        let surface = surface(dialect);
        let shown = self.desk.client.shown(&request.model, routes.as_deref().unwrap_or_default());
        let entry = self.house.board().open(&self.id, &self.caller.name, dialect.name(), &shown, stream);
        let work = Asking { entry, ask: self, clean, terms, routes, reply, surface, forwards, plain: answer.plain };
        Ok(if stream { pin!(work.streamed()).await } else { pin!(work.whole()).await })
    }

    pub(super) async fn count(self, dialect: Dialect, model: Option<&str>) -> Result<Out, Failure> {
        let answer =
            Answer { dialect, model: model.map(str::to_owned), stream: Some(false), array: false, plain: false };
        let reads = (dialect == Dialect::Gemini).then_some(super::count::prompt as Reads);
        let Taken { clean, .. } = self.take(Task::Answer, &answer, &self.body, reads)?;
        let alone =
            "it is several models, and each counts in its own way: count for one of them, such as monster/reasoning";
        let routes = self.lone(&clean.request().model, alone)?;
        let count = self.desk.client.measure(&routes, &clean).await.map_err(|error| failure(&error))?;
        Ok(super::count::told(dialect, &count))
    }

    pub(super) async fn embed(self) -> Result<Out, Failure> {
        let answer = Answer { stream: Some(false), ..super::api::of(Dialect::OpenAiChat) };
        let Taken { clean, .. } = self.take(Task::Embed, &answer, &self.body, None)?;
        let terms = self.terms(clean.request());
        let alone = "it answers in words and makes no vectors: name a model that does, such as text-embedding-3-small";
        let named = &clean.request().model;
        let routes = self.lone(named, alone).map_err(|failure| match failure.kind {
            Kind::NotFound if !named.0.contains('/') => {
                let way =
                    format!("one that makes vectors is asked for with its upstream before it, as openai/{}", named.0);
                Failure { message: format!("{}; {way}", failure.message), ..failure }
            }
            _ => failure,
        })?;
        let model = self.desk.client.shown(&clean.request().model, &routes);
        let mut entry = self.house.board().open(&self.id, &self.caller.name, Dialect::OpenAiChat.name(), &model, false);
        entry.wants("embeddings");
        let mut whole = Whole { forwards: true, ..Whole::new(entry) };
        let outcome =
            pin!(ask_all(&self.house, &self.desk, &self.caller, Some(&routes), clean, terms, &mut whole)).await;
        self.desk.client.sure(&self.id, self.house.busy() == 1).await;
        self.house.finished(whole.entry.take(), &outcome);
        match outcome {
            Ok(_) => {
                let said = whole.raw.unwrap_or_default();
                Ok(beside(response(200, "application/json", Body::whole(said)), &whole.beside))
            }
            // It was begun, and stands on the board.
            Err(error) => Ok(failed(Dialect::OpenAiChat, &error.failure, None)),
        }
    }
}

/// A request that is about to be answered.
struct Asking {
    entry: Entry,
    ask: Ask,
    clean: Clean,
    terms: Terms,
    /// `None` = several models are to discuss it.
    routes: Option<Vec<Route>>,
    reply: Reply,
    surface: &'static dyn Surface,
    forwards: bool,
    plain: bool,
}

impl Asking {
    async fn whole(self) -> Out {
        let Self { entry, ask, clean, terms, routes, reply, surface, forwards, plain } = self;
        let dialect = surface.dialect();
        let mut whole = Whole { forwards, restore: restoring(&ask, &clean), ..Whole::new(entry) };
        let outcome =
            pin!(ask_all(&ask.house, &ask.desk, &ask.caller, routes.as_deref(), clean, terms, &mut whole)).await;
        ask.desk.client.sure(&ask.id, ask.house.busy() == 1).await;
        let told = whole.told();
        ask.house.finished(whole.entry.take(), &outcome);
        if let Err(error) = outcome {
            return beside(failed(dialect, &error.failure, None), &whole.beside);
        }
        let said = match whole.raw.take() {
            Some(raw) => raw,
            None if plain => super::plain::whole(&surface.write_reply(&told, &reply)).into(),
            None => surface.write_reply(&told, &reply).into(),
        };
        let out = if dialect.is_grpc() {
            let shared = Shared::default();
            shared.put(Bytes::copy_from_slice(&wire::prefix(said.len())));
            shared.put(said);
            shared.trail(wire::trailers(None));
            let flow = Flow::new(Box::pin(std::future::ready(())), shared, Vec::new());
            response(200, "application/grpc", Body::Flow(Box::new(flow)))
        } else {
            response(200, "application/json", Body::whole(said))
        };
        beside(out, &whole.beside)
    }

    async fn streamed(self) -> Out {
        let Self { entry, ask, clean, terms, routes, reply, surface, forwards, plain } = self;
        let dialect = surface.dialect();
        let shared = Shared::default();
        let writer = surface.writer(&reply);
        let writer = if plain { super::plain::writer(writer) } else { writer };
        let (media_type, mut ping) = (writer.media_type(), Vec::new());
        writer.ping(&mut ping);
        let restore = restoring(&ask, &clean);
        let mut teller = Stream::new(writer, shared.clone(), forwards, restore, entry);
        let early: Arc<Mutex<Option<Failure>>> = Arc::default();
        let (late, pipe) = (Arc::clone(&early), shared.clone());
        let (house, deadline) = (Arc::clone(&ask.house), ask.desk.settings.deadline);
        let work = heap::pinned(|| async move {
            let Ask { house, desk, caller, busy, .. } = ask;
            let outcome = pin!(ask_all(&house, &desk, &caller, routes.as_deref(), clean, terms, &mut teller)).await;
            house.finished(teller.entry.take(), &outcome);
            match outcome {
                Ok(_) => teller.end(),
                // Nothing was written: the head can still say it, unless its dialect says it in the answer.
                Err(error) if !pipe.begun() && by_head(surface, &error.failure) => {
                    *late.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.failure);
                }
                Err(error) => teller.fail(&error.failure),
            }
            drop(busy);
        });
        let mut flow = Flow::new(work, shared.clone(), ping);
        house.ends(flow.call(), deadline + GRACE);
        flow.begin(HOLD).await;
        let failed_early = early.lock().unwrap_or_else(PoisonError::into_inner).take();
        let told = shared.beside();
        let out = match failed_early {
            Some(failure) => failed(dialect, &failure, None),
            None => {
                shared.begin();
                flowing(media_type, flow)
            }
        };
        beside(out, &told)
    }
}

/// A head can tell it.
fn by_head(surface: &dyn Surface, failure: &Failure) -> bool {
    failure.refusal(surface.dialect()).is_some() || surface.write_failure(failure).status != 200
}

/// Asks, one model or several, until the house ends what is open: then the call and its upstream are let go.
async fn ask_all(
    house: &House,
    desk: &Desk,
    caller: &Caller,
    routes: Option<&[Route]>,
    clean: Clean,
    terms: Terms,
    listener: &mut dyn Listener,
) -> Result<Box<client::Reply>, Failed> {
    let asking = pin!(ask(desk, caller, routes, clean, terms, listener));
    tokio::select! {
        biased;
        outcome = asking => outcome,
        () = house.over() => Err(Failed { failure: stopped(), word: Kind::Cancelled }),
    }
}

/// What whoever reads an answer is told when the house ends it.
pub(super) fn stopped() -> Failure {
    wrong(Kind::Unreachable, "monster serve is being stopped before the answer was complete; ask again when it runs")
}

async fn ask(
    desk: &Desk,
    caller: &Caller,
    routes: Option<&[Route]>,
    clean: Clean,
    terms: Terms,
    listener: &mut dyn Listener,
) -> Result<Box<client::Reply>, Failed> {
    match routes {
        Some(routes) => {
            let outcome = pin!(desk.client.relay(routes, clean, terms, listener)).await;
            outcome.map(Box::new).map_err(|error| Failed::of(&error))
        }
        // Three calls in one: no other request has room for them.
        None => match heap::pinned(|| discuss::discuss(desk, &clean, caller, &terms, listener)).await {
            Came::Answer(reply) => Ok(reply),
            Came::Error(error) => Err(Failed::of(&error)),
            Came::Failure(failure) => Err(Failed { failure, word: Kind::BadRequest }),
        },
    }
}

/// Why there is no answer.
pub(super) struct Failed {
    /// As the caller is told.
    pub failure: Failure,
    /// As it is counted.
    pub word: Kind,
}

impl Failed {
    fn of(error: &CallError) -> Self {
        let failure = failure(error);
        Self { word: error.failure().map_or(failure.kind, |last| last.kind), failure }
    }
}

/// What puts a caller's own secrets back into what he is told.
fn restoring(ask: &Ask, clean: &Clean) -> Option<super::teller::Restoring> {
    let on = ask.caller.restore != Restore::Off && !clean.masked().is_empty();
    on.then(|| super::teller::Restoring::new(ask.talk(), ask.desk.age()))
}

/// Works through a body of so many bytes: others' answers go on meanwhile.
fn aside<T>(length: usize, work: impl FnOnce() -> T) -> T {
    let beside = length > LONG && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    if beside { tokio::task::block_in_place(work) } else { work() }
}

/// What is wrong with a request.
pub(super) fn wrong(kind: Kind, what: impl Into<String>) -> Failure {
    Failure::new(kind, Scope::Request, what)
}

/// A model's name is no longer than names are: it stands in every list and every row.
fn short(model: &str) -> Result<(), Failure> {
    match model.len() {
        ..=models::LONGEST => Ok(()),
        length => {
            let what = format!("the model's name has {length} bytes, and none has more than {}", models::LONGEST);
            Err(wrong(Kind::BadRequest, what))
        }
    }
}

/// The one message of a gRPC call (xai.md, "gRPC").
fn message(body: &Bytes) -> Result<Bytes, Failure> {
    // How large it may be is said of the whole body (`serve.body`).
    let rest = body.len().saturating_sub(GRPC);
    match body.first_chunk::<GRPC>() {
        Some([0, a, b, c, d]) if usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])) == Ok(rest) => {
            Ok(body.slice(GRPC..))
        }
        _ => Err(wrong(Kind::BadRequest, "one message is wanted, uncompressed")),
    }
}

/// What an answer says again of the request. Masked: no secret goes where its dialect needs none.
fn echoed(dialect: Dialect, clean: &Clean) -> Echo {
    let origin = clean.kept().filter(|_| dialect == Dialect::OpenAiResponses);
    origin.map(|origin| Echo::new(move || origin.said(&Reply::ECHOED))).unwrap_or_default()
}

/// An answer's id as its dialect's clients know them.
fn called(dialect: Dialect, id: &str) -> String {
    let drawn = id.trim_start_matches("r-").replace('-', "");
    match dialect {
        Dialect::OpenAiChat => ["chatcmpl-", &drawn].concat(),
        Dialect::OpenAiResponses => ["resp_", &drawn].concat(),
        Dialect::AnthropicMessages => ["msg_", &drawn].concat(),
        Dialect::Gemini | Dialect::Ollama | Dialect::XaiGrpc => drawn,
    }
}

/// What is said again in every request of a conversation, where no session is named.
fn thread(request: &Asked) -> Option<String> {
    if let Some(key) = request.cache.key.as_deref().or(request.user.as_deref()) {
        return Some(key.to_owned());
    }
    let first = request.messages.first()?.blocks.iter().find_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    })?;
    let lead = |text: &str| text.get(..text.floor_char_boundary(LEAD)).unwrap_or_default().to_owned();
    Some(conversation(&[&lead(&request.system), &lead(first)]))
}

/// What is told beside an answer.
fn beside(mut out: Out, told: &Beside) -> Out {
    let notes = told.notes.join("; ");
    let plain = |byte: u8| (b' '..=b'~').contains(&byte);
    let clean = |text: &str| match text.bytes().all(plain) {
        true => HeaderValue::from_str(text),
        false => HeaderValue::from_bytes(&text.bytes().filter(|byte| plain(*byte)).collect::<Vec<u8>>()),
    };
    for (name, value) in [("x-monster-route", clean(&told.route)), ("x-monster-note", clean(&notes))] {
        if let Some(value) = value.ok().filter(|value| !value.is_empty()) {
            out.headers_mut().insert(name, value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_whole_however_large_its_body_may_be() {
        let framed = |length: usize, flag: u8| {
            let mut bytes = wire::prefix(length).to_vec();
            bytes[0] = flag;
            bytes.resize(bytes.len() + length, b'x');
            bytes
        };
        // Larger than what is taken of an upstream's answer.
        for length in [0, 1, wire::LARGEST + 1] {
            assert_eq!(message(&framed(length, 0).into()).map(|message| message.len()), Ok(length));
        }
        let two = [framed(1, 0), framed(1, 0)].concat();
        let short = framed(9, 0)[..10].to_vec();
        for wrong in [framed(1, 1), two, short, Vec::new(), vec![0; 4]] {
            let failure = message(&wrong.into()).unwrap_err();
            assert_eq!((failure.kind, failure.message.contains("one message")), (Kind::BadRequest, true));
        }
    }
}
