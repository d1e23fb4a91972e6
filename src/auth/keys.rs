//! Keys from the environment and the vault.

use std::path::Path;
use std::sync::Arc;

use crate::model::{ENV, Secret};
use crate::providers::{Auth, Upstream, all, provider};
use crate::vault::{Grant, Opened};
use crate::world::Env;

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// This variable. Such keys are never written anywhere.
    Env(String),
    /// The sealed file.
    Vault,
}

/// One key at one upstream.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The account's name; `env` where it comes from a variable.
    pub account: String,
    /// The upstream's name.
    pub upstream: String,
    /// The key.
    pub secret: Secret,
    /// Where it comes from.
    pub source: Source,
    /// It may be used; one that may not is still masked wherever it stands.
    pub enabled: bool,
    /// Higher is tried first.
    pub priority: i32,
    /// Its share of the requests among those of its upstream and priority that have one.
    pub weight: Option<u32>,
    /// How the secret, a token then, is renewed; `None` = a key.
    pub grant: Option<Grant>,
}

impl Credential {
    /// A key that stays as it is.
    #[must_use]
    pub fn key(account: &str, upstream: &str, secret: Secret, source: Source) -> Self {
        Self {
            account: account.to_owned(),
            upstream: upstream.to_owned(),
            secret,
            source,
            enabled: true,
            priority: 0,
            weight: None,
            grant: None,
        }
    }

    /// The upstream as a token of this grant has to be sent to it; as it is for a key.
    #[must_use]
    pub fn bearing(&self, upstream: &Upstream) -> Option<Upstream> {
        self.grant.as_ref().map(|grant| super::bearing(upstream, grant))
    }
}

/// Names of the variables that keys and passphrases are read from or by: the providers' own, those of the user's
/// settings, and ours. No process that monster runs for itself gets them.
#[must_use]
pub fn variables(settings: Option<&Path>) -> Vec<String> {
    let own = ["MONSTER_PASSPHRASE", "MONSTER_PASSPHRASE_FILE", "MONSTER_PASSPHRASE_FD"].map(str::to_owned);
    let providers = all().iter().flat_map(|p| p.sign_in().env).map(|name| (*name).to_owned());
    let own = own.into_iter().chain(super::workload::SECRET.map(str::to_owned));
    own.chain(providers).chain(settings.map(crate::config::key_names).unwrap_or_default()).collect()
}

/// Keys in the environment, under the names the providers' own SDKs read or the user's settings name.
#[must_use]
pub fn from_env(env: &Env, upstreams: &[Upstream]) -> Vec<Credential> {
    upstreams
        .iter()
        .filter(|u| u.auth != Some(Auth::None))
        .filter_map(|upstream| {
            let served = provider(&upstream.provider)?;
            // A provider's own variable belongs to its own entry; another entry of it must name a variable.
            let own = if upstream.name == upstream.provider { served.sign_in().env } else { &[] };
            let names = upstream.key_env.as_deref().into_iter().chain(own.iter().copied());
            let (name, value) =
                names.filter_map(|name| Some((name, env.get(name)?.trim()))).find(|(_, v)| !v.is_empty())?;
            let secret = Secret::new(value.to_owned());
            Some(Credential::key(ENV, &upstream.name, secret, Source::Env(name.to_owned())))
        })
        .collect()
}

/// The names of accounts, each once with the upstreams it belongs to: `work (openai), env (anthropic, openai)`.
#[must_use]
pub fn known(credentials: &[Arc<Credential>]) -> String {
    let mut names: Vec<(&str, Vec<&str>)> = Vec::new();
    for credential in credentials {
        match names.iter_mut().find(|(name, _)| *name == credential.account) {
            Some((_, upstreams)) => upstreams.push(&credential.upstream),
            None => names.push((&credential.account, vec![&credential.upstream])),
        }
    }
    let told = |(name, mut upstreams): (&str, Vec<&str>)| {
        upstreams.sort_unstable();
        upstreams.dedup();
        format!("{name} ({})", upstreams.join(", "))
    };
    names.into_iter().map(told).collect::<Vec<_>>().join(", ")
}

/// The keys of an opened vault, the disabled ones too.
#[must_use]
pub fn from_vault(opened: &Opened) -> Vec<Credential> {
    opened
        .accounts()
        .iter()
        .map(|account| Credential {
            enabled: account.enabled,
            priority: account.priority,
            weight: account.weight,
            grant: account.grant.clone(),
            ..Credential::key(&account.name, &account.upstream, account.secret.clone(), Source::Vault)
        })
        .collect()
}
