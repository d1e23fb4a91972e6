//! How a token that does not last is renewed.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::account::plain;
use crate::model::Secret;

/// What an access token came from, and what it takes to get the next one (sign-in.md, "Generic OAuth 2 rules").
#[derive(Clone, Serialize, Deserialize)]
pub struct Grant {
    /// How the next token is got.
    pub by: By,
    /// How the user signed in: `browser`, `device`, `client`, `adc`, `az`, `profile`, `managed`, `federation`.
    pub method: String,
    /// Where tokens are asked for; empty for [`By::Azure`] and [`By::Anthropic`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token_url: String,
    /// Where tokens are given back (RFC 7009).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke_url: Option<String>,
    /// The OAuth client that the user signed in through; never another vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The client's secret, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "plain::maybe")]
    pub client_secret: Option<Secret>,
    /// The client's secret travels in an `Authorization: Basic` header instead of the form.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub basic: bool,
    /// The refresh token; replaced whenever the endpoint gives a new one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "plain::maybe")]
    pub refresh: Option<Secret>,
    /// Scopes, separated by blanks, as the endpoint granted them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// More parameters of token calls, for example `resource`; never secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<(String, String)>,
    /// Headers that requests with such a token need, for example `x-goog-user-project`; never secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The file that another program owns; it is read and never written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// When the access token was received, seconds since 1970.
    #[serde(default)]
    pub obtained: i64,
    /// When it expires, seconds since 1970; `None` = it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// Seconds before that at which it is renewed; `None` = what the registry has for the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<u32>,
    /// Why it can no longer be renewed: the user has to sign in again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

/// How the next access token is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// With the refresh token.
    Refresh,
    /// With the client's own id and secret (client credentials).
    Client,
    /// From Google's application default credentials in `file`.
    Google,
    /// From `az account get-access-token`; the token belongs to the Azure CLI and is never stored.
    Azure,
    /// From a profile file of Anthropic's own programs; never refreshed, never stored.
    Anthropic,
    /// From the managed identity of the machine of Azure's that this runs on.
    Machine,
    /// With an identity token in `file` or the environment, exchanged at Anthropic with `params`.
    Federation,
    /// Not at all: it lasts until it is refused.
    Never,
}

impl By {
    /// The token belongs to another program: it is read when needed and kept in memory only.
    #[must_use]
    pub const fn foreign(self) -> bool {
        matches!(self, Self::Azure | Self::Anthropic)
    }
}

impl By {
    /// What gives the next token may be good again by tomorrow without our knowing: a refusal does not end the account.
    #[must_use]
    pub const fn lasting(self) -> bool {
        matches!(self, Self::Google | Self::Machine | Self::Federation)
    }
}

impl Grant {
    /// A grant of which nothing but its kind is known.
    #[must_use]
    pub fn new(by: By, method: &str) -> Self {
        Self {
            by,
            method: method.to_owned(),
            token_url: String::new(),
            revoke_url: None,
            client_id: None,
            client_secret: None,
            basic: false,
            refresh: None,
            scope: String::new(),
            params: Vec::new(),
            headers: Vec::new(),
            file: None,
            obtained: 0,
            expires: None,
            lead: None,
            ended: None,
        }
    }
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant({:?} by {}, expires {:?}, ended {:?})", self.by, self.method, self.expires, self.ended)
    }
}
