//! How one address is reached: straight, or over a client that knows proxies.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyDataStream, BodyExt as _, Empty, Full};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::lane::Lane;
use super::{AGENT, Net, NetError, Way};
use crate::model::Via;

/// The pieces of an answer.
pub type Pieces = BodyDataStream<UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>>;

/// How an address is reached.
#[derive(Debug, Clone)]
pub struct Road {
    line: Line,
    to: Uri,
}

#[derive(Debug, Clone)]
enum Line {
    Straight(Arc<Lane>),
    Around(reqwest::Client),
}

/// Nobody answered, or not to the end.
#[derive(Debug)]
pub struct Lost {
    /// There was no connection.
    pub unconnected: bool,
    cause: Box<dyn Error + Send + Sync>,
}

/// Headers of every request that are the program's own.
pub const OWN: usize = 4;

impl Road {
    /// Sends JSON, or asks for what is there, and waits for the head of the answer.
    ///
    /// # Errors
    /// [`Lost`].
    pub async fn send(&self, headers: HeaderMap, body: Option<Bytes>) -> Result<Response<Pieces>, Lost> {
        let mut request = Request::new(body.clone().unwrap_or_default());
        *request.uri_mut() = self.to.clone();
        *request.headers_mut() = headers;
        let all = request.headers_mut();
        if body.is_some() {
            all.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        all.entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        all.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        *request.method_mut() = if body.is_some() { Method::POST } else { Method::GET };
        match &self.line {
            Line::Straight(lane) => Ok(lane.send(request.map(Full::new)).await?.map(pieces)),
            Line::Around(client) => Ok(Response::from(client.execute(request.try_into()?).await?).map(pieces)),
        }
    }
}

impl Net {
    /// How an address of an upstream is reached from here.
    pub(super) fn laid(&self, address: &str, url: &Url, via: &Via, way: &Way) -> Result<Road, NetError> {
        let to: Uri = url.as_str().parse().map_err(|_| NetError::Url(address.to_owned()))?;
        // What stands before the host is a name and a password; a resolver of our own belongs to one client.
        let bare = url.username().is_empty() && url.password().is_none() && !way.public;
        let line = match bare && way.straight(&to) {
            true => Line::Straight(self.lane(way)?),
            false => Line::Around(self.client_via(address, via)?),
        };
        Ok(Road { line, to })
    }
}

impl Way {
    /// Nobody stands between.
    fn straight(&self, to: &Uri) -> bool {
        match self.proxy.as_deref() {
            None => !self.secure || Matcher::from_system().intercept(to).is_none(),
            Some(proxy) => proxy == Via::NONE,
        }
    }
}

impl Lost {
    /// What failed.
    #[must_use]
    pub fn cause(&self) -> &(dyn Error + 'static) {
        &*self.cause
    }

    /// The server says that it did nothing with the request: whoever sends it again asks once (RFC 9113, 6.8 and 8.7).
    #[must_use]
    pub fn untouched(&self) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self.cause());
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<h2::Error>() {
                let says = |reason| error.is_remote() && error.reason() == Some(reason);
                return (error.is_go_away() && says(h2::Reason::NO_ERROR))
                    || (error.is_reset() && says(h2::Reason::REFUSED_STREAM));
            }
            cause = error.source();
        }
        false
    }
}

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        Self { unconnected: error.is_connect(), cause: error.into() }
    }
}

impl From<hyper_util::client::legacy::Error> for Lost {
    fn from(error: hyper_util::client::legacy::Error) -> Self {
        Self { unconnected: error.is_connect(), cause: error.into() }
    }
}

/// A body as its pieces.
pub fn pieces<B>(body: B) -> Pieces
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    BodyDataStream::new(body.map_err(Into::into).boxed_unsync())
}

/// None.
pub fn nothing() -> Pieces {
    pieces(Empty::new())
}
