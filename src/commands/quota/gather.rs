//! What there is to judge: accounts from environment and sealed file, what was learned from the store, and what
//! documented endpoints say when they are asked.

use std::time::Duration;

use super::view::{FRESH, Facts, Known, Stands, age};
use crate::auth::{self, Source};
use crate::client::{Limits, Told, ask, endpoints, upstreams};
use crate::commands::accounts::{Asking, open, vault};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::model::{ENV, Secret};
use crate::net::Net;
use crate::providers::{Auth, Upstream};
use crate::store::{Store, TicketRow, VendorRow};

/// How long an endpoint has for each phase of an answer.
const LIMITS: Limits = Limits { first_byte: Duration::from_secs(10), idle: Duration::from_secs(10) };

/// A key that opens endpoints.
struct Keyed {
    upstream: Upstream,
    account: String,
    key: Secret,
}

/// Who is asked about, found once.
pub(super) struct Gather {
    known: Vec<Known>,
    keyed: Vec<Keyed>,
    /// Why the sealed file could not be opened, and what helps.
    pub locked: Option<(String, Option<String>)>,
    /// Only this account or upstream.
    only: Option<String>,
}

impl Gather {
    /// Finds the accounts; the sealed file is opened for their standing and their keys.
    pub(super) fn new(context: &Context, store: &Store, only: Option<String>) -> Result<Self, CommandError> {
        let all = upstreams(context.config(), &context.env);
        let mut out = Self { known: Vec::new(), keyed: Vec::new(), locked: None, only };
        for credential in auth::from_env(&context.env, &all) {
            if let Source::Env(_) = &credential.source {
                let upstream = all.iter().find(|u| u.name == credential.upstream);
                let admin = upstream.is_some_and(|u| auth::admin(&u.provider, &credential.secret));
                out.add(
                    upstream,
                    &credential.upstream,
                    &credential.account,
                    credential.secret,
                    if admin { Stands::Admin } else { Stands::Ready },
                );
            }
        }
        match vault(context)
            .filter(|vault| vault.exists())
            .map(|vault| open(context, &vault, &Asking { ui: &context.ui, allowed: true }))
        {
            None => {}
            Some(Err(error)) => out.locked = Some((error.to_string(), error.hint())),
            Some(Ok(opened)) => {
                for account in opened.accounts() {
                    let upstream = all.iter().find(|u| u.name == account.upstream);
                    let stands = match &account.grant {
                        _ if !account.enabled => Stands::Disabled,
                        Some(grant) if grant.ended.is_some() => Stands::SignedOut,
                        _ if auth::admin(&account.provider, &account.secret) => Stands::Admin,
                        _ => Stands::Ready,
                    };
                    // Endpoints are documented for keys, not for the tokens of sign-ins.
                    let upstream_of_key = upstream.filter(|_| account.grant.is_none());
                    out.add(upstream_of_key, &account.upstream, &account.name, account.secret.clone(), stands);
                }
            }
        }
        out.unnamed(store, &all)?;
        if let Some(only) = &out.only {
            let (only, known) = (only.clone(), out.known.clone());
            let fits = |upstream: &str, account: &str| {
                upstream == only || account == only || format!("{upstream}/{account}") == only
            };
            out.known.retain(|k| fits(&k.upstream, &k.account));
            out.keyed.retain(|k| fits(&k.upstream.name, &k.account));
            if out.known.is_empty() {
                return Err(nobody(&only, &known, out.locked.as_ref()));
            }
        }
        Ok(out)
    }

    fn add(&mut self, upstream: Option<&Upstream>, name: &str, account: &str, key: Secret, stands: Stands) {
        if let Some(upstream) = upstream.filter(|_| matches!(stands, Stands::Ready | Stands::Admin)) {
            self.keyed.push(Keyed { upstream: upstream.clone().over(account), account: account.to_owned(), key });
        }
        self.known.push(Known { upstream: name.to_owned(), account: account.to_owned(), stands });
    }

    /// Accounts that only the store knows: those of a locked file, and servers that need no key.
    fn unnamed(&mut self, store: &Store, all: &[Upstream]) -> Result<(), CommandError> {
        let pairs = store.limits()?.into_iter().map(|r| (r.upstream, r.account));
        let pairs = pairs.chain(store.vendors()?.into_iter().map(|r| (r.upstream, r.account)));
        let cools = store.cooling()?.into_iter().filter_map(|c| {
            let (_, rest) = c.key.split_once(':').filter(|(kind, _)| matches!(*kind, "model" | "account"))?;
            let mut parts = rest.splitn(3, '/');
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        });
        for (upstream, account) in pairs.chain(cools) {
            let open = all.iter().find(|u| u.name == upstream).is_none_or(|u| u.auth == Some(Auth::None));
            let keyless = account == NO_KEY && open;
            if self.known.iter().any(|k| k.upstream == upstream && k.account == account)
                || !(keyless || (self.locked.is_some() && account != NO_KEY && account != ENV))
            {
                continue;
            }
            let stands = if keyless { Stands::Ready } else { Stands::Locked };
            self.known.push(Known { upstream, account, stands });
        }
        Ok(())
    }

    /// Nobody is there.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Asks the documented endpoints of every account, those that were asked lately only with `again`; what they say
    /// is kept. All are asked at once, and none waits for another.
    pub(super) async fn ask(&self, context: &Context, store: &Store, again: bool) -> Result<(), CommandError> {
        let (now_ms, asked) = (context.clock.millis(), store.vendors()?);
        let fresh = |keyed: &&Keyed| {
            let lately = asked.iter().any(|r| {
                let mine = r.upstream == keyed.upstream.name && r.account == keyed.account;
                mine && age(now_ms, r.asked_ms).is_some_and(|age| age < FRESH)
            });
            (again || !lately) && !endpoints(&keyed.upstream, &keyed.key).is_empty()
        };
        let net = &Net::new(context.config().net.clone());
        let now = context.clock.now().as_second();
        let calls = self
            .keyed
            .iter()
            .filter(fresh)
            .map(|keyed| async move { (keyed, ask(net, LIMITS, &keyed.upstream, &keyed.key, now).await) });
        for (keyed, told) in futures_util::future::join_all(calls).await {
            for Told { source, said } in told {
                let (failure, said) = match said {
                    Ok(readings) => (None, serde_json::to_string(&readings).ok().map(|said| (said, now_ms))),
                    Err(failure) => (Some(failure.message), None),
                };
                let (upstream, account) = (keyed.upstream.name.clone(), keyed.account.clone());
                store.asked(VendorRow {
                    upstream,
                    account,
                    source: source.to_owned(),
                    asked_ms: now_ms,
                    failure,
                    said,
                });
            }
        }
        Ok(())
    }

    /// What is known now.
    pub(super) fn facts(&self, context: &Context, store: &Store) -> Result<Facts, CommandError> {
        Ok(Facts {
            read_ms: context.clock.millis(),
            accounts: self.known.clone(),
            limits: store.limits()?,
            cools: store.cooling()?,
            // That somebody is still there is no news.
            tickets: store.tickets()?.into_iter().map(|t| TicketRow { beat_ms: 0, ..t }).collect(),
            vendors: store.vendors()?,
            purses: store.purses(context.clock.day_start().as_millisecond())?,
            organizations: store.organizations()?,
        })
    }
}

/// What stands in an account's place where none is needed.
const NO_KEY: &str = "no key";

fn nobody(only: &str, known: &[Known], locked: Option<&(String, Option<String>)>) -> CommandError {
    let what = format!("there is no account or upstream \"{only}\"");
    let error = CommandError::new(Exit::Failed, what);
    if let Some((why, hint)) = locked {
        return error.hint(format!("the sealed file may hold it: {why}")).hints(hint.clone());
    }
    let names: Vec<String> = known.iter().map(|k| format!("{}/{}", k.upstream, k.account)).collect();
    error.hint(if names.is_empty() {
        "make one with: monster login".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    })
}
