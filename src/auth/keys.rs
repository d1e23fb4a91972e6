//! Keys from the environment and the vault.

use crate::model::Secret;
use crate::providers::{Auth, Upstream, provider};
use crate::vault::Opened;
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
            Some(Credential {
                account: "env".to_owned(),
                upstream: upstream.name.clone(),
                secret: Secret::new(value.to_owned()),
                source: Source::Env(name.to_owned()),
                enabled: true,
            })
        })
        .collect()
}

/// The keys of an opened vault, the disabled ones too.
#[must_use]
pub fn from_vault(opened: &Opened) -> Vec<Credential> {
    opened
        .accounts()
        .iter()
        .map(|account| Credential {
            account: account.name.clone(),
            upstream: account.upstream.clone(),
            secret: account.secret.clone(),
            source: Source::Vault,
            enabled: account.enabled,
        })
        .collect()
}
