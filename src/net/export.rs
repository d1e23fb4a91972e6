//! Carries telemetry to the collector that the user named: the same TLS, proxies and time-outs as everything else, and the
//! headers that the collector wants, which may be secrets.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;

use super::Net;
use crate::model::Secret;

/// An answer of a collector says no more (bytes).
const LARGEST: usize = 1 << 20;

/// A way to a collector.
#[derive(Debug)]
pub struct Export {
    net: Arc<Net>,
    headers: Vec<(HeaderName, Secret)>,
    within: Duration,
    /// The SDK calls from threads of its own.
    runtime: Handle,
}

impl Export {
    /// With these headers, and so much time for each exchange; to be called where there is a runtime.
    #[must_use]
    pub fn new(net: Arc<Net>, headers: Vec<(HeaderName, Secret)>, within: Duration) -> Self {
        Self { net, headers, within, runtime: Handle::current() }
    }

    fn request(&self, request: Request<Bytes>) -> Result<reqwest::RequestBuilder, HttpError> {
        let url = request.uri().to_string();
        let client = self.net.client_for(&url)?;
        let (head, body) = request.into_parts();
        let mut out = client.post(url).timeout(self.within).body(body);
        // What the SDK read of the environment by itself is left out: it was read through our own door.
        for name in [CONTENT_TYPE, CONTENT_ENCODING] {
            if let Some(value) = head.headers.get(&name) {
                out = out.header(name, value);
            }
        }
        for (name, secret) in &self.headers {
            let mut value = HeaderValue::from_str(secret.expose())?;
            value.set_sensitive(true);
            out = out.header(name, value);
        }
        Ok(out)
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Response<Bytes>, HttpError> {
    let mut came = request.send().await?;
    let mut out = Response::builder().status(came.status());
    if let Some(value) = came.headers().get(http::header::RETRY_AFTER) {
        out = out.header(http::header::RETRY_AFTER, value);
    }
    let mut body = Vec::new();
    while let Some(piece) = came.chunk().await? {
        if body.len() + piece.len() > LARGEST {
            return Err("the collector's answer is larger than any should be".into());
        }
        body.extend_from_slice(&piece);
    }
    Ok(out.body(body.into())?)
}

impl HttpClient for Export {
    fn send_bytes<'one, 'all>(
        &'one self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'all>>
    where
        'one: 'all,
        Self: 'all,
    {
        let request = self.request(request);
        let runtime = self.runtime.clone();
        Box::pin(async move {
            let work = answer(request?);
            match runtime.spawn(work).await {
                Ok(came) => came,
                Err(_) => Err("monster is being stopped".into()),
            }
        })
    }
}
