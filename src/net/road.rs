//! How one address is reached: straight, or over a client that knows proxies.

use std::error::Error;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use http::{Method, Request, Response, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyDataStream, BodyExt as _, Empty};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::lane::Lane;
use super::{AGENT, Net, NetError, Way, packed, proxy, without_query};
use crate::model::Via;

/// Whatever failed below.
pub type BoxError = Box<dyn Error + Send + Sync>;
/// The pieces of an answer.
pub type Pieces = BodyDataStream<UnsyncBoxBody<Bytes, BoxError>>;

/// How an address is reached.
#[derive(Debug, Clone)]
pub struct Road {
    by: By,
    to: Uri,
    /// The name and the password that stood in the address.
    login: Option<HeaderValue>,
}

#[derive(Debug, Clone)]
enum By {
    Straight(Arc<Lane>),
    Client(reqwest::Client),
}

/// Nobody answered, or not to the end.
#[derive(Debug)]
pub struct Lost {
    /// There was no connection.
    pub unconnected: bool,
    cause: BoxError,
}

/// Headers of every request that are the program's own.
pub const OWN: usize = 6;

impl Road {
    /// Sends JSON, or asks for what is there, and waits for the head of the answer.
    ///
    /// # Errors
    /// [`Lost`].
    pub async fn send(&self, headers: HeaderMap, body: Option<Bytes>) -> Result<Response<Pieces>, Lost> {
        let (method, json) = if body.is_some() { (Method::POST, JSON) } else { (Method::GET, None) };
        let mut request = Request::new(body.unwrap_or_default());
        *request.method_mut() = method;
        *request.uri_mut() = self.to.clone();
        *request.headers_mut() = headers;
        let own = [(CONTENT_TYPE, json), (USER_AGENT, Some(AGENT)), (ACCEPT, Some("*/*")), TAKES];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_static(value?))));
        let all = request.headers_mut();
        all.reserve(OWN);
        for (name, value) in own.chain(self.login.clone().map(|login| (AUTHORIZATION, login))) {
            all.entry(name).or_insert(value);
        }
        let answer = match &self.by {
            By::Straight(lane) => lane.send(request).await?.map(pieces),
            By::Client(client) => Response::from(client.execute(request.try_into()?).await?).map(pieces),
        };
        let (mut head, body) = answer.into_parts();
        let body = packed::unpacked(&mut head.headers, body);
        Ok(Response::from_parts(head, body))
    }
}

/// How answers may be packed.
const TAKES: (HeaderName, Option<&str>) = (ACCEPT_ENCODING, Some(packed::TAKES));
/// What bodies are.
const JSON: Option<&str> = Some("application/json");

impl Net {
    /// How an address of an upstream is reached from here.
    pub(super) fn road(&self, mut url: Url, way: Way) -> Result<Road, NetError> {
        let wrong = NetError::Url(without_query(&url));
        let login = login(&url);
        // Neither is ever refused for what has a host.
        let _ = (url.set_username(""), url.set_password(None));
        let Ok(to) = url.as_str().parse::<Uri>() else { return Err(wrong) };
        let straight = match way.proxy.as_deref() {
            None => !way.secure || self.system.get_or_init(Matcher::from_system).intercept(&to).is_none(),
            Some(proxy) => proxy == Via::NONE,
        };
        // Who resolves names in his own way is one client's.
        let by = match straight && !way.public {
            true => By::Straight(self.lane(Way { proxy: None, ..way })?),
            false => By::Client(self.client(way)?),
        };
        Ok(Road { by, to, login })
    }
}

/// The name and the password of an address, as a header has them.
fn login(url: &Url) -> Option<HeaderValue> {
    let (user, password) = proxy::login(url)?;
    let word = STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::try_from(format!("Basic {word}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Lost {
    /// What failed.
    #[must_use]
    pub fn cause(&self) -> &(dyn Error + 'static) {
        &*self.cause
    }

    /// The server says that it did nothing with the request: whoever sends it again asks once (RFC 9113, 6.8 and 8.7).
    #[must_use]
    pub(super) fn untouched(&self) -> bool {
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
    B::Error: Into<BoxError>,
{
    BodyDataStream::new(body.map_err(Into::into).boxed_unsync())
}

/// None.
pub fn nothing() -> Pieces {
    pieces(Empty::new())
}
