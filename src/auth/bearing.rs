//! How a token travels: as a bearer, with what goes with it, whatever the provider does with keys.

use crate::model::Dialect;
use crate::providers::{Auth, Upstream};
use crate::vault::{Account, Grant};

/// The scope of `ChatGPT` plans, which serve one endpoint alone (sign-in.md).
const PLAN: &str = "chatgpt.tokens.use.direct";

/// The upstream as it is asked with a token of this grant.
#[must_use]
pub fn bearing(upstream: &Upstream, grant: &Grant) -> Upstream {
    let mut out = upstream.clone();
    out.auth = Some(Auth::Bearer);
    for (name, value) in &grant.headers {
        out.headers.retain(|(there, _)| !there.eq_ignore_ascii_case(name));
        out.headers.push((name.clone(), value.clone()));
    }
    if grant.scope.split(' ').any(|scope| scope == PLAN) {
        out.dialect = Some(Dialect::OpenAiResponses);
    }
    out
}

/// The upstream that an account is signed in to, as it is asked for that account; of one that the settings no longer
/// name nothing is known but its name.
#[must_use]
pub fn home(upstreams: &[Upstream], account: &Account) -> Upstream {
    let known = upstreams.iter().find(|upstream| upstream.name == account.upstream).cloned();
    known.unwrap_or_else(|| Upstream::at(&account.upstream, &account.provider, "")).over(&account.name)
}
