//! The checksums and encodings vendors put into their tokens.

use crate::set::draw::{Rng, alphabet};
use sha2::{Digest, Sha256};

/// CRC-32 (IEEE), as GitHub, npm and Grafana use it.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
        crc
    })
}

/// CRC-24 of OpenPGP's armour.
pub fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce_u32, |mut crc, byte| {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
        crc & 0x00ff_ffff
    })
}

/// Writes a number in a base, with at least `width` digits.
pub fn digits(mut number: u64, alphabet: &str, width: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut out = Vec::new();
    while number > 0 || out.len() < width {
        out.push(letters[(number % letters.len() as u64) as usize]);
        number /= letters.len() as u64;
    }
    out.iter().rev().collect()
}

/// `n` letters and digits and their CRC-32 in six base-62 digits: GitHub's and npm's tail.
pub fn checked(rng: &mut Rng, n: usize) -> String {
    const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let body = rng.chars(BASE62, n);
    let sum = digits(u64::from(crc32(body.as_bytes())), BASE62, 6);
    body + &sum
}

/// GitLab's routable tail: payload, its length and a CRC-32 in base 36.
pub fn routable(rng: &mut Rng, prefix: &str) -> String {
    const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
    let n = rng.between(27, 50);
    let payload = rng.chars(alphabet('w').unwrap_or("a"), n);
    let length = digits(n as u64, BASE36, 2);
    let body = format!("{payload}.{length}");
    let sum = digits(u64::from(crc32(format!("{prefix}{body}").as_bytes())), BASE36, 7);
    format!("{payload}.{length}.{sum}")
}

/// Says whether digits pass Luhn's test.
pub fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .filter(u8::is_ascii_digit)
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            match (at % 2, digit) {
                (0, digit) => digit,
                (_, digit) if digit > 4 => digit * 2 - 9,
                (_, digit) => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A payment card's number of `n` digits that begins with `head`.
pub fn card(rng: &mut Rng, head: &str, n: usize) -> String {
    let body = format!("{head}{}", rng.chars("0123456789", n - 1 - head.len()));
    (0..10).map(|digit| format!("{body}{digit}")).find(|number| luhn(number)).unwrap_or(body)
}

/// An account number of a country with its two check digits.
pub fn iban(country: &str, body: &str) -> String {
    let text = format!("{body}{country}00");
    let rest = text.chars().fold(0u64, |rest, c| {
        let value = u64::from(c.to_digit(36).unwrap_or(0));
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    });
    format!("{country}{:02}{body}", 98 - rest)
}

/// Base 58 with the four check bytes of Bitcoin.
pub fn base58check(payload: &[u8]) -> String {
    let mut bytes = payload.to_vec();
    bytes.extend_from_slice(&Sha256::digest(Sha256::digest(payload))[..4]);
    base58(&bytes)
}

/// Base 58 as Bitcoin and Solana write it.
pub fn base58(bytes: &[u8]) -> String {
    let letters = alphabet('x').unwrap_or("1").as_bytes();
    let mut number = bytes.to_vec();
    let mut out = Vec::new();
    while number.iter().any(|byte| *byte != 0) {
        let mut rest = 0u32;
        for byte in &mut number {
            rest = rest * 256 + u32::from(*byte);
            *byte = (rest / 58) as u8;
            rest %= 58;
        }
        out.push(letters[rest as usize] as char);
    }
    out.extend(bytes.iter().take_while(|byte| **byte == 0).map(|_| '1'));
    out.iter().rev().collect()
}

/// Bech32 with its six check characters (age, Nostr, Sui, Cardano).
pub fn bech32(head: &str, bytes: &[u8]) -> String {
    let letters: Vec<char> = alphabet('q').unwrap_or("q").chars().collect();
    let mut words = Vec::new();
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            words.push(((held >> bits) & 31) as u8);
        }
    }
    if bits > 0 {
        words.push(((held << (5 - bits)) & 31) as u8);
    }
    let mut all: Vec<u8> = head.bytes().map(|byte| byte >> 5).collect();
    all.push(0);
    all.extend(head.bytes().map(|byte| byte & 31));
    all.extend(&words);
    all.extend([0; 6]);
    let sum = all.iter().fold(1u32, |sum, word| {
        let top = sum >> 25;
        let mut next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(*word);
        for (at, poly) in [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].iter().enumerate() {
            if (top >> at) & 1 == 1 {
                next ^= poly;
            }
        }
        next
    }) ^ 1;
    words.extend((0..6).map(|at| ((sum >> (5 * (5 - at))) & 31) as u8));
    format!("{head}1{}", words.iter().map(|word| letters[*word as usize]).collect::<String>())
}
