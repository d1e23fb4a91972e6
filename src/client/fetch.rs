//! A public file by its address: no key, no dialect, no more bytes than asked for.

use super::transport::{Limits, Outgoing, send};
use crate::model::{Failure, Kind, Scope};
use crate::net::Net;

/// Fetches `url`, at most `most` bytes of it.
///
/// # Errors
/// `Unreachable`, `Untrusted`, `TimedOut`; `NotFound` when the server has it not; `Broken` when it is larger.
pub async fn fetch(net: &Net, limits: Limits, url: &str, most: usize) -> Result<Vec<u8>, Failure> {
    let outgoing = Outgoing::get(url.to_owned(), Vec::new());
    let incoming = send(net, outgoing, limits).await?;
    match incoming.head.status {
        200 => incoming.at_most(most).await,
        // A redirect is not followed: what is trusted is the address that was named.
        status @ 300..=399 => {
            let to = incoming.head.get("location").unwrap_or("nowhere").to_owned();
            Err(Failure::new(Kind::Refused, Scope::Request, format!("the server sends on to {to} (HTTP {status})")))
        }
        status => Err(Failure::new(Kind::NotFound, Scope::Request, format!("the server answered with HTTP {status}"))),
    }
}
