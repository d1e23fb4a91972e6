//! Checks that some vendors build into their tokens. A pass raises confidence; a failure excuses nothing,
//! since tokens with zero-padded or older checks are valid too.

use base64::Engine;
use sha2::{Digest, Sha256};

use super::digits::{STANDARD, URL_SAFE};
use crate::model::hex;

/// GitHub and npm: the last six characters are the CRC-32 of those between the first `_` and them, in base 62.
pub(super) fn crc_base62(token: &str) -> bool {
    let Some((_, body)) = token.split_once('_') else { return false };
    let Some((random, check)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    base62(crc32(random.as_bytes())) == check
}

fn crc32(bytes: &[u8]) -> u32 {
    !crc_over(u32::MAX, bytes)
}

fn crc_over(mut crc: u32, bytes: &[u8]) -> u32 {
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    crc
}

fn base62(number: u32) -> String {
    digits(number, 62, 6)
}

/// A number in so many digits of a base up to 62: 0-9, then A-Z, then a-z.
fn digits(mut number: u32, base: u32, width: usize) -> String {
    let mut out: Vec<char> = Vec::with_capacity(width);
    while out.len() < width {
        let n = number % base;
        let digit = char::from_digit(n % 36, 36).unwrap_or('0');
        out.push(if (10..36).contains(&n) && base > 36 { digit.to_ascii_uppercase() } else { digit_of(n, digit) });
        number /= base;
    }
    out.iter().rev().collect()
}

fn digit_of(n: u32, digit: char) -> char {
    if n < 36 { digit } else { char::from_digit(n - 26, 36).unwrap_or('0') }
}

/// A CRC-32 over what stands before it, written as the last six or eight characters. Vendors differ in what they
/// include and how they write it; a wrong one of a dozen ways passes once in some hundred million tokens.
pub(super) fn crc_tail(token: &str) -> bool {
    let split = |n: usize| token.len().checked_sub(n).and_then(|at| token.split_at_checked(at));
    let bodies = |body: &str| {
        let bare = body.strip_suffix(['_', '=', '-', '.']);
        let after = |text: &str| text.rsplit_once('_').map(|(_, rest)| rest.to_owned());
        let fixed = |text: &str| text.get(4..).map(str::to_owned);
        let mut all = vec![body.to_owned()];
        all.extend(bare.map(str::to_owned));
        for text in [Some(body), bare].into_iter().flatten() {
            all.extend(after(text));
            all.extend(fixed(text));
        }
        all
    };
    split(8).is_some_and(|(body, check)| {
        bodies(body).iter().map(|b| crc32(b.as_bytes())).any(|crc| {
            check.eq_ignore_ascii_case(&hex(&crc.to_be_bytes())) || check.eq_ignore_ascii_case(&hex(&crc.to_le_bytes()))
        })
    }) || split(6).is_some_and(|(body, check)| {
        bodies(body)
            .iter()
            .map(|b| crc32(b.as_bytes()))
            .any(|crc| check == base62(crc) || STANDARD.encode(crc.to_le_bytes()).trim_end_matches('=') == check)
    })
}

/// GitLab's routable tokens: the last seven characters are the CRC-32 of all before them, in base 36.
pub(super) fn routable(token: &str) -> bool {
    token
        .len()
        .checked_sub(7)
        .and_then(|at| token.split_at_checked(at))
        .is_some_and(|(body, check)| body.contains('.') && digits(crc32(body.as_bytes()), 36, 7) == check)
}

/// Grafana's service accounts: the last eight digits are the CRC-32 of what stands before the `_`, low byte first.
pub(super) fn grafana(token: &str) -> bool {
    token.rsplit_once('_').is_some_and(|(body, check)| {
        let crc: String = crc32(body.as_bytes()).to_le_bytes().iter().map(|b| format!("{b:02x}")).collect();
        check.eq_ignore_ascii_case(&crc)
    })
}

/// Grafana's cloud policies: JSON that names the organisation and carries the key.
pub(super) fn grafana_cloud(token: &str) -> bool {
    token.strip_prefix("glc_").is_some_and(|body| has_fields(body, &["o", "n", "k"]))
}

/// Grafana's older keys: JSON of a key, a name and an organisation's number.
pub(super) fn grafana_key(token: &str) -> bool {
    has_fields(token, &["k", "n", "id"])
}

/// 1Password's service accounts: JSON that says where to sign in.
pub(super) fn onepassword(token: &str) -> bool {
    token.strip_prefix("ops_").is_some_and(|body| has_fields(body, &["signInAddress"]))
}

fn has_fields(base64: &str, names: &[&str]) -> bool {
    STANDARD
        .decode(base64)
        .or_else(|_| URL_SAFE.decode(base64))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .is_some_and(|value| names.iter().all(|n| value.get(n).is_some()))
}

/// PyPI: a macaroon of version 2 whose location is the registry.
pub(super) fn pypi(token: &str) -> bool {
    token.strip_prefix("pypi-").and_then(|body| URL_SAFE.decode(body).ok()).is_some_and(|bytes| {
        matches!(bytes.as_slice(), [2, 1, n, rest @ ..] if rest.get(..usize::from(*n)).is_some_and(|l| l.ends_with(b"pypi.org")))
    })
}

/// Discord: the first part is a number in base64, the account's.
pub(super) fn discord(token: &str) -> bool {
    token
        .split('.')
        .next()
        .and_then(|id| URL_SAFE.decode(id).ok())
        .is_some_and(|id| (15..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit))
}

/// OpenAI: its mark stands in the middle.
pub(super) fn openai(token: &str) -> bool {
    token.split_once("T3BlbkFJ").is_some_and(|(before, after)| before.len() >= 20 && after.len() >= 20)
}

/// Bech32 and bech32m: what stands behind the last `1` ends with six characters that prove the rest.
pub(super) fn bech32(token: &str) -> bool {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = token.to_ascii_lowercase();
    let Some((part, data)) = lower.rsplit_once('1').filter(|(p, d)| !p.is_empty() && d.len() > 6) else { return false };
    let mut sum = 1u32;
    let mut feed = |value: u32| {
        let top = sum >> 25;
        sum = (sum & 0x01ff_ffff) << 5 ^ value;
        for (bit, generator) in
            [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].into_iter().enumerate()
        {
            if top >> bit & 1 == 1 {
                sum ^= generator;
            }
        }
    };
    part.bytes().for_each(|b| feed(u32::from(b >> 5)));
    feed(0);
    part.bytes().for_each(|b| feed(u32::from(b & 31)));
    for byte in data.bytes() {
        let Some(value) = ALPHABET.iter().position(|a| *a == byte).and_then(|p| u32::try_from(p).ok()) else {
            return false;
        };
        feed(value);
    }
    matches!(sum, 1 | 0x2bc8_30a3)
}

/// Base58 whose last four bytes are the first of the double SHA-256 of the others: Bitcoin's keys.
pub(super) fn base58check(token: &str) -> bool {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    if token.len() > 128 {
        return false;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for byte in token.bytes() {
        let Some(mut carry) = ALPHABET.iter().position(|a| *a == byte).and_then(|p| u32::try_from(p).ok()) else {
            return false;
        };
        for b in &mut bytes {
            carry += u32::from(*b) * 58;
            *b = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(carry.to_le_bytes()[0]);
            carry >>= 8;
        }
    }
    let zeros = token.bytes().take_while(|b| *b == b'1').count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    bytes.len().checked_sub(4).and_then(|at| bytes.split_at_checked(at)).is_some_and(|(body, check)| {
        !body.is_empty() && Sha256::digest(Sha256::digest(body)).as_slice().starts_with(check)
    })
}

/// Payment cards: the Luhn sum of the digits is a multiple of ten.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = u32::from(d.wrapping_sub(b'0'));
            if at % 2 == 0 { d } else { d * 2 - if d > 4 { 9 } else { 0 } }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Bank accounts: country and check moved to the end, letters as numbers, the remainder by 97 is one.
pub(super) fn iban(text: &[u8]) -> bool {
    let Some((head, rest)) = text.split_at_checked(4) else { return false };
    let left = rest.iter().chain(head).try_fold(0u32, |sum, b| {
        let value = char::from(*b).to_digit(36)?;
        Some((sum * if value > 9 { 100 } else { 10 } + value) % 97)
    });
    left == Some(1)
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
