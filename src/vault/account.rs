//! One account.

use serde::{Deserialize, Serialize};

use crate::model::Secret;
use crate::world::Clock;

/// One credential at one upstream, under the user's name for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// The user's name for it.
    pub name: String,
    /// The upstream's name.
    pub upstream: String,
    /// Provider id.
    pub provider: String,
    /// The key.
    #[serde(with = "plain")]
    pub secret: Secret,
    /// When it was stored, RFC 3339.
    pub created: String,
    /// It may be used.
    pub enabled: bool,
}

impl Account {
    /// An API key, stored now.
    #[must_use]
    pub fn api_key(name: &str, upstream: &str, provider: &str, secret: Secret, clock: &Clock) -> Self {
        Self {
            name: name.to_owned(),
            upstream: upstream.to_owned(),
            provider: provider.to_owned(),
            secret,
            created: clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            enabled: true,
        }
    }
}

/// The one place where a secret is written out: into the sealed payload.
mod plain {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }
}
