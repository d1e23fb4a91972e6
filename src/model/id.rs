//! Names of things.

use serde::{Deserialize, Serialize};

/// Who made a model: "different families" means different makers, not different providers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Maker(pub String);

impl std::fmt::Display for Maker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The account of a key that a variable of the environment holds; no stored one may be called so.
pub const ENV: &str = "env";

/// A model as the user writes it: `upstream/model`, a bare `model`, or a role (`fast`, `balanced`, …).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelName(pub String);

impl ModelName {
    /// None in particular: whoever connects for it looks at everything there is, whatever roles and names mean.
    #[must_use]
    pub const fn any() -> Self {
        Self(String::new())
    }
}

impl std::fmt::Display for ModelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// `prefix` and 16 base32 letters from ten random bytes: an id for history, tool calls and boundaries.
#[must_use]
pub fn random_id(prefix: &str, random: [u8; 10]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut out = String::with_capacity(prefix.len() + 16);
    out.push_str(prefix);
    let mut acc: u32 = 0;
    let mut bits = 0;
    for byte in random {
        acc = (acc << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(LETTERS[((acc >> bits) & 31) as usize]));
        }
    }
    out
}
