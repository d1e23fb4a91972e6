//! A scripted gRPC service on loopback. It speaks HTTP/2 and protobuf by hand, from the documents and not from our codec,
//! so that it may also say what no service should.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request, Response};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A field of a message: its number, and text, bytes or a message within.
pub(super) fn field(number: u8, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [&varint(u64::from(number) << 3 | 2)[..], &varint(value.len() as u64), value].concat()
}

/// A field that is a number.
pub(super) fn number(number: u8, value: u64) -> Vec<u8> {
    [varint(u64::from(number) << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
    out
}

/// A message behind its prefix.
pub(super) fn framed(message: &[u8]) -> Vec<u8> {
    [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

/// What the service does after its head.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Sends these bytes.
    Says(Vec<u8>),
    /// Goes on when it is told to.
    Until(Arc<Notify>),
    /// Breaks the call off; what was said right before may be lost with it.
    Resets(Reason),
    /// Says nothing more until the caller has hung up.
    Waits,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Take {
    pub status: u16,
    pub kind: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub acts: Vec<Act>,
    /// `None` = the stream ends without any.
    pub trailers: Option<Vec<(&'static str, String)>>,
}

impl Take {
    /// Messages, and that all is well.
    pub(super) fn says(messages: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let acts = messages.into_iter().map(|m| Act::Says(framed(&m))).collect();
        let trailers = Some(vec![("grpc-status", "0".to_owned())]);
        Self { status: 200, kind: "application/grpc", headers: Vec::new(), acts, trailers }
    }

    /// Nothing but a status; `before` = in the head, with no trailers to follow.
    pub(super) fn fails(code: &str, message: &str, before: bool) -> Self {
        let status = vec![("grpc-status", code.to_owned()), ("grpc-message", message.to_owned())];
        let (headers, trailers) = if before { (status, None) } else { (Vec::new(), Some(status)) };
        Self { headers, trailers, ..Self::says([]) }
    }

    /// Something that is no gRPC.
    pub(super) fn page(status: u16, kind: &'static str, body: &str) -> Self {
        Self { status, kind, acts: vec![Act::Says(body.as_bytes().to_vec())], trailers: None, ..Self::says([]) }
    }

    pub(super) fn then(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }

    /// Beside the status, wherever that stands.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.trailers.as_mut().unwrap_or(&mut self.headers).push((name, value.to_owned()));
        self
    }
}

/// What the service saw.
#[derive(Debug)]
pub(super) enum Saw {
    /// A call with its whole message.
    Call { path: String, headers: HeaderMap, message: Vec<u8> },
    /// It is silent now.
    Silent,
    /// The caller has hung up, and how.
    Gone(Option<Reason>),
}

/// The service.
pub(super) struct Service {
    pub base: String,
    pub saw: UnboundedReceiver<Saw>,
    takes: Arc<Mutex<VecDeque<Take>>>,
}

impl Service {
    /// The same answer to every call.
    pub(super) fn always(take: Take) -> Self {
        Self::start(std::iter::repeat_n(take, 8))
    }

    /// These answers, in turn.
    pub(super) fn start(takes: impl IntoIterator<Item = Take>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (told, saw) = unbounded_channel();
        let takes: Arc<Mutex<VecDeque<Take>>> = Arc::new(Mutex::new(takes.into_iter().collect()));
        let script = Arc::clone(&takes);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let mut all = tokio::task::JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    let (script, told) = (Arc::clone(&script), told.clone());
                    all.spawn(async move {
                        let mut calls = tokio::task::JoinSet::new();
                        let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                        while let Some(Ok((request, respond))) = connection.accept().await {
                            let take = script.lock().unwrap().pop_front();
                            calls.spawn(play(take, request, respond, told.clone()));
                        }
                    });
                }
            });
        });
        Self { base, saw, takes }
    }

    /// Answers that nobody has asked for yet.
    pub(super) fn left(&self) -> usize {
        self.takes.lock().unwrap().len()
    }

    /// The next call that came.
    pub(super) async fn call(&mut self) -> (String, HeaderMap, Vec<u8>) {
        match self.saw.recv().await {
            Some(Saw::Call { path, headers, message }) => (path, headers, message),
            other => panic!("no call: {other:?}"),
        }
    }
}

/// One call. A caller who hangs up in between is no failure of the script.
async fn play(
    take: Option<Take>,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    told: UnboundedSender<Saw>,
) {
    let (head, mut body) = request.into_parts();
    let mut message = Vec::new();
    while let Some(Ok(piece)) = body.data().await {
        drop(body.flow_control().release_capacity(piece.len()));
        message.extend_from_slice(&piece);
    }
    let _ = told.send(Saw::Call { path: head.uri.path().to_owned(), headers: head.headers, message });
    let take = take.unwrap_or_else(|| panic!("it was asked once too often"));
    let mut response = Response::builder().status(take.status).header("content-type", take.kind);
    for (name, value) in &take.headers {
        response = response.header(*name, value);
    }
    let bare = take.acts.is_empty() && take.trailers.is_none();
    let Ok(mut stream) = respond.send_response(response.body(()).unwrap(), bare) else { return };
    if bare {
        return;
    }
    for act in take.acts {
        match act {
            Act::Says(bytes) => drop(stream.send_data(bytes.into(), false)),
            Act::Until(told) => told.notified().await,
            Act::Resets(reason) => return stream.send_reset(reason),
            Act::Waits => {
                let _ = told.send(Saw::Silent);
                let gone = std::future::poll_fn(|cx| stream.poll_reset(cx)).await;
                let _ = told.send(Saw::Gone(gone.ok()));
                return;
            }
        }
    }
    match take.trailers {
        None => drop(stream.send_data(Bytes::new(), true)),
        Some(trailers) => {
            let trailers = trailers.into_iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
            drop(stream.send_trailers(trailers.collect::<HeaderMap>()));
        }
    }
}
