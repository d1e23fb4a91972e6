//! One account.

use serde::{Deserialize, Serialize};

use super::grant::Grant;
use crate::model::Secret;
use crate::world::Clock;

/// One credential at one upstream, under the user's name for it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Account {
    /// The user's name for it.
    pub name: String,
    /// The upstream's name.
    pub upstream: String,
    /// Provider id.
    pub provider: String,
    /// The key, or the access token that [`Self::grant`] renews; empty while none was fetched yet.
    #[serde(with = "plain")]
    pub secret: Secret,
    /// When it was stored, RFC 3339.
    pub created: String,
    /// It may be used.
    pub enabled: bool,
    /// Higher is tried first; 0 unless the user said otherwise.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub priority: i32,
    /// Its share of the requests among accounts of the same upstream and priority that have one; `None` = in turn
    /// behind those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// How the secret is renewed; `None` = a key that stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// What a newer `monster` wrote and this one does not know: kept as it is.
    #[serde(flatten)]
    pub(super) other: serde_json::Map<String, serde_json::Value>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Unknown fields may be secrets.
        write!(f, "Account({} at {}, {})", self.name, self.upstream, if self.enabled { "enabled" } else { "disabled" })
    }
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
            priority: 0,
            weight: None,
            grant: None,
            other: serde_json::Map::new(),
        }
    }

    /// Every secret of it, for masking.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let grant = self.grant.iter().flat_map(|g| g.refresh.iter().chain(&g.client_secret));
        std::iter::once(&self.secret).chain(grant).filter(|s| !s.is_empty())
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // what serde asks for
const fn is_zero(n: &i32) -> bool {
    *n == 0
}

/// The one place where a secret is written out: into the sealed payload.
pub(super) mod plain {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::Secret;

    pub(in crate::vault) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose())
    }

    pub(in crate::vault) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }

    /// The same for a secret that may be missing.
    pub(in crate::vault) mod maybe {
        use serde::{Deserialize, Deserializer, Serializer};

        use crate::model::Secret;

        pub(in crate::vault) fn serialize<S: Serializer>(secret: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
            match secret {
                Some(secret) => to.serialize_some(secret.expose()),
                None => to.serialize_none(),
            }
        }

        pub(in crate::vault) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
            Ok(Option::<String>::deserialize(from)?.map(Secret::new))
        }
    }
}
