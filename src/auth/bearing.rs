//! How a token travels: as a bearer, with what goes with it, whatever the provider does with keys.

use crate::model::Dialect;
use crate::providers::{Auth, Upstream};
use crate::vault::Grant;

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
