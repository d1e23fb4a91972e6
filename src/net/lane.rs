//! Straight to a server, nobody between: what most requests take. It does with the same parts what reqwest does, without
//! writing and reading each address twice.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::HEADS;
use super::road::Lost;

/// A connection that nobody used for so long is closed.
const IDLE: Duration = Duration::from_secs(90);
/// A silent connection is asked so often whether it still is one, so many times.
const ALIVE: (Duration, u32) = (Duration::from_secs(15), 3);
/// What was sent and is not taken note of within this goes nowhere any more.
#[cfg(target_os = "linux")]
const TAKEN: Duration = Duration::from_secs(30);

/// A request that a server did nothing with is sent to it again at once so many times.
const RESENDS: u32 = 2;

/// Connections of one way, kept for the next request.
#[derive(Debug)]
pub(super) struct Lane {
    client: Client<Dial, Full<Bytes>>,
    /// HTTP/2 may be spoken: only there does a server say that it did nothing.
    secure: bool,
}

impl Lane {
    /// Opens nothing yet; `patience` is for a connection, its TLS included.
    pub(super) fn new(tls: ClientConfig, secure: bool, patience: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Of several addresses each has its part of it.
        tcp.set_connect_timeout(Some(patience));
        tcp.set_keepalive(Some(ALIVE.0));
        tcp.set_keepalive_interval(Some(ALIVE.0));
        tcp.set_keepalive_retries(Some(ALIVE.1));
        #[cfg(target_os = "linux")]
        tcp.set_tcp_user_timeout(Some(TAKEN));
        let dial = Dial { line: HttpsConnector::from((tcp, tls)), patience };
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http2_max_header_list_size(HEADS)
            .build(dial);
        Self { client, secure }
    }

    /// Sends, and waits for the head of the answer.
    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Response<Incoming>, Lost> {
        let (mut next, mut left) = (request, RESENDS);
        loop {
            let spare = (self.secure && left > 0).then(|| next.clone());
            match (self.once(next).await, spare) {
                (Err(lost), Some(again)) if lost.untouched() => (next, left) = (again, left - 1),
                (outcome, _) => return outcome,
            }
        }
    }

    async fn once(&self, request: Request<Bytes>) -> Result<Response<Incoming>, Lost> {
        self.client.request(request.map(Full::new)).await.map_err(Lost::from)
    }
}

/// Connects.
#[derive(Debug, Clone)]
struct Dial {
    line: HttpsConnector<HttpConnector>,
    patience: Duration,
}

type Opened = Result<MaybeHttpsStream<TokioIo<TcpStream>>, Box<dyn Error + Send + Sync>>;

impl Service<Uri> for Dial {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Opened> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.line.poll_ready(cx)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.patience, self.line.call(to));
        Box::pin(async move {
            let late = |_| std::io::Error::new(std::io::ErrorKind::TimedOut, "operation timed out");
            connecting.await.map_err(late)?
        })
    }
}
