//! What providers list to the user's accounts: all are asked at once, and none waits for another.

use std::time::Duration;

use super::Client;
use super::check::cards;
use super::transport::Limits;
use crate::model::{Failure, Kind, Listed};
use crate::net::Net;
use crate::providers::provider;

/// How long a provider has for each phase of its listing.
const LIMITS: Limits = Limits { first_byte: Duration::from_secs(15), idle: Duration::from_secs(15) };
/// More models than this are no listing of one provider.
const MOST: usize = 5_000;

/// What an account was told.
#[derive(Debug)]
pub struct Said {
    /// The user's name for the upstream.
    pub upstream: String,
    /// The account's name.
    pub account: String,
    /// Provider id.
    pub provider: String,
    /// The models, or why there are none.
    pub models: Result<Vec<Listed>, Failure>,
}

impl Client {
    /// Asks every connected account of a hosted provider what its models can do and cost. Servers on this machine are
    /// asked whenever they are looked at, and of endpoints that only the settings describe nobody else knows a model.
    pub async fn listings(&self, net: &Net) -> Vec<Said> {
        let now = self.clock.now().as_second();
        let asked = self.landscape.credentials.iter().filter_map(|credential| {
            let upstream = self.landscape.upstreams.iter().find(|u| u.name == credential.upstream)?;
            let served = provider(&upstream.provider)?;
            let upstream = upstream.as_ref().clone().over(&credential.account);
            // What another server offers in the provider's dialect is not what the provider does.
            let own = upstream.name == served.id() || upstream.base_url == served.base_url();
            let known = !served.local() && !served.base_url().is_empty() && own;
            known.then_some(async move {
                let models = match (&self.tokens, credential.bearing(&upstream)) {
                    (Some(tokens), Some(bearing)) => match tokens.fresh(&credential.account).await {
                        Ok(fresh) => cards(net, LIMITS, &bearing, Some(&fresh.secret), now).await,
                        Err(failure) => Err(failure),
                    },
                    _ => cards(net, LIMITS, &upstream, Some(&credential.secret), now).await,
                };
                let models = models.and_then(|mut models| {
                    models.truncate(MOST);
                    let none = || Failure::new(Kind::Broken, crate::model::Scope::Provider, "it lists no models");
                    if models.is_empty() { Err(none()) } else { Ok(models) }
                });
                let (upstream, account) = (upstream.name.clone(), credential.account.clone());
                Said { upstream, account, provider: served.id().to_owned(), models }
            })
        });
        futures_util::future::join_all(asked).await
    }
}
