//! Checks that some vendors build into their tokens. A pass raises confidence; a failure excuses nothing,
//! since tokens with zero-padded or older checks are valid too.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// GitHub and npm: the last six characters are the CRC-32 of those between the first `_` and them, in base 62.
pub(super) fn crc_base62(token: &str) -> bool {
    let Some((_, body)) = token.split_once('_') else { return false };
    let Some((random, check)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    base62(crc32(random.as_bytes())) == check
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn base62(mut number: u32) -> String {
    let digit = |n: u32| char::from_digit(n % 36, 36).unwrap_or('0');
    let mut out: Vec<char> = Vec::with_capacity(6);
    while out.len() < 6 {
        let n = number % 62;
        // 0-9, then A-Z, then a-z.
        out.push(match n {
            0..=9 => digit(n),
            10..=35 => digit(n).to_ascii_uppercase(),
            _ => digit(n - 26),
        });
        number /= 62;
    }
    out.iter().rev().collect()
}

/// A JWT whose header decodes to a JSON object that names an algorithm.
pub(super) fn jwt(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    URL_SAFE
        .decode(header)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .is_some_and(|value| value.get("alg").is_some() || value.get("enc").is_some())
}

/// Base64 of `user:password`, as HTTP Basic and docker's config have it.
pub(super) fn basic(value: &str) -> bool {
    STANDARD.decode(value).is_ok_and(|bytes| {
        bytes.iter().position(|b| *b == b':').is_some_and(|at| at + 1 < bytes.len())
            && bytes.iter().all(|b| !b.is_ascii_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(base62(0), "000000");
        assert_eq!(base62(61), "00000z");
    }

    #[test]
    fn a_token_with_its_own_crc_passes_and_a_changed_one_fails() {
        let random = "a".repeat(30);
        let token = format!("gh{}{random}{}", "p_", base62(crc32(random.as_bytes())));
        assert!(crc_base62(&token));
        assert!(!crc_base62(&token.replace("aaa", "aab")));
        assert!(!crc_base62("short"));
    }

    #[test]
    fn basic_credentials_decode_and_words_do_not() {
        assert!(basic(&STANDARD.encode("ann:pa55")));
        assert!(!basic("authentication"));
        assert!(!basic("????"));
    }
}
