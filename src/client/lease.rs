//! Step: a key that is good now, for one attempt.

use std::sync::Arc;

use super::Client;
use super::route::Route;
use crate::model::{Failure, Secret};
use crate::providers::Upstream;
use crate::secrets::Known;

/// What an attempt signs with.
pub(super) struct Lease {
    /// The upstream as this credential has to be sent to it.
    pub upstream: Arc<Upstream>,
    /// The key or token; `None` where none is needed.
    pub key: Option<Secret>,
    /// What the user should know.
    pub note: Option<String>,
    /// Another token may be had if this one is refused.
    renewable: bool,
}

impl Lease {
    /// The key of a route, renewed before if it is a token whose time is up. `refused` is one that the provider did
    /// not take: another is got.
    pub(super) async fn take(client: &Client, route: &Route, refused: Option<&Secret>) -> Result<Self, Failure> {
        let plain = |key: Option<Secret>| Self { upstream: route.signed(), key, note: None, renewable: false };
        let Some(credential) = &route.credential else { return Ok(plain(None)) };
        if credential.grant.is_none() {
            return Ok(plain(Some(credential.secret.clone())));
        }
        let upstream = route.signed();
        let Some(tokens) = &client.tokens else {
            return Ok(Self { upstream, ..plain(Some(credential.secret.clone())) });
        };
        let fresh = match refused {
            None => Box::pin(tokens.fresh(&credential.account)).await?,
            Some(refused) => Box::pin(tokens.instead(&credential.account, refused)).await?,
        };
        // What the provider answers may repeat it.
        client.redactor.learn(Known::new(&credential.account, fresh.secret.clone()));
        Ok(Self { upstream, key: Some(fresh.secret), note: fresh.note, renewable: true })
    }

    /// The token to replace, if it can be.
    pub(super) fn token(&self) -> Option<&Secret> {
        self.key.as_ref().filter(|_| self.renewable)
    }
}
