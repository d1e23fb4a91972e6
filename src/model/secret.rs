//! A value that must not be shown.

use secrecy::{ExposeSecret, SecretString};

/// A credential. No `Display`, hidden `Debug`, wiped on drop; `expose` marks every place that reads it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a credential in.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(SecretString::from(value))
    }

    /// There is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// It is one word of visible ASCII without quotes, as keys are.
    #[must_use]
    pub fn is_word(&self) -> bool {
        let word = |b: u8| b.is_ascii_graphic() && !b"\"'`\\".contains(&b);
        !self.is_empty() && self.0.expose_secret().bytes().all(word)
    }

    /// The plain value: for request headers, the vault and the redactor's known values only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl PartialEq for Secret {
    /// Compares in time that depends on the lengths alone.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.expose().as_bytes(), other.expose().as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y)) == 0
    }
}
