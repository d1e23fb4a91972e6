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

/// As [`random_id`], and those of neighbouring milliseconds stand beside each other in an index: where thousands come in a
/// second, each would dirty a page of its own. What was drawn tells a trillion of one millisecond apart.
#[must_use]
pub fn timed_id(prefix: &str, now_ms: i64, random: [u8; 5]) -> String {
    let [_, _, _, a, b, c, d, e] = now_ms.to_be_bytes();
    let [f, g, h, i, j] = random;
    random_id(prefix, [a, b, c, d, e, f, g, h, i, j])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_time_stand_together_and_are_not_the_same() {
        let now = 1_764_460_800_000;
        let (one, other, later) =
            (timed_id("r", now, [0; 5]), timed_id("r", now, [255; 5]), timed_id("r", now + 20, [0; 5]));
        assert_eq!((one.len(), &one[..9]), (17, &other[..9]));
        assert!(one != other && one[..8] == later[..8] && one[..9] != later[..9], "{one} {other} {later}");
    }
}
