//! Why a sign-in did not end in a token. No text here holds a secret.

use super::token::TokenError;

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Something has to be said first: a client, a tenant, an address.
    #[error("{what}")]
    Missing {
        /// A sentence.
        what: String,
        /// What helps.
        hint: String,
    },
    /// A setting that cannot be used.
    #[error("{0}")]
    Setting(String),
    /// The published endpoints cannot be used.
    #[error("{0}")]
    Discovery(String),
    /// The browser has nowhere to come back to.
    #[error("port {port} on this machine cannot be listened on: {}", heard(why))]
    Port {
        /// The port that the settings name; 0 = any.
        port: u16,
        /// The system's word.
        why: std::io::Error,
    },
    /// The browser came back with a no.
    #[error("{label} says no: {said}")]
    Refused {
        /// Who.
        label: String,
        /// Its words.
        said: String,
    },
    /// Nobody came back in time.
    #[error("nobody finished the sign-in within {0} minutes")]
    Late(u64),
    /// The device code ran out.
    #[error("the code has run out before it was entered")]
    Expired,
    /// The user said no on the other device.
    #[error("the sign-in was declined")]
    Declined,
    /// The user wants no more of it.
    #[error("interrupted")]
    Stopped,
    /// Who signed in cannot be believed.
    #[error("the answer does not prove who signed in: {0}")]
    Identity(String),
    /// An endpoint's no, or trouble with it.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// A file or program of somebody else is of no use.
    #[error("{what}")]
    Foreign {
        /// A sentence.
        what: String,
        /// What helps.
        hint: String,
    },
    /// The machine gives no random bytes.
    #[error("this machine gives no random bytes: {0}")]
    Random(std::io::Error),
}

impl SignInError {
    /// What helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { hint, .. } | Self::Foreign { hint, .. } => hint.clone(),
            Self::Port { port: 0, .. } | Self::Setting(_) | Self::Random(_) | Self::Stopped => return None,
            Self::Port { .. } => {
                "end the program that listens there, or set another port in the client's registration \
                and in upstreams.NAME.oauth.redirect"
                    .to_owned()
            }
            Self::Discovery(_) => {
                "is upstreams.NAME.oauth.issuer right? The addresses can also be named one by one there: \
                authorize_url, token_url, device_url"
                    .to_owned()
            }
            Self::Late(_) | Self::Expired => "begin again with the same command".to_owned(),
            Self::Refused { .. } | Self::Declined | Self::Identity(_) => {
                "nothing was stored; what was stored before still serves".to_owned()
            }
            Self::Token(error) => return token_hint(error),
        })
    }
}

/// The usual reason in words that are the same on every system.
fn heard(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
        _ => error.to_string(),
    }
}

fn token_hint(error: &TokenError) -> Option<String> {
    let text = match error.code()? {
        "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" => {
            "check the client id and its secret, and that this way of signing in is switched on for it"
        }
        "device_flow_disabled" => "switch the device flow on in the settings of your app",
        "invalid_scope" => "name the scopes that your client may ask for with --scope",
        "invalid_grant" => "the answer was used already or is too old: begin again",
        "redirect_uri_mismatch" => "register the address that monster listens on, or set upstreams.NAME.oauth.redirect",
        _ => return None,
    };
    Some(text.to_owned())
}
