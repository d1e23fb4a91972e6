//! Keys in the shape each provider gives out, put together at run time so that no scanner takes them for real ones.

/// The one key of a provider in these tests.
pub fn key(provider: &str) -> String {
    let words = |parts: &[&str]| parts.join("-");
    match provider {
        "openai" => words(&["sk", "proj", &letters(provider, 74)]),
        "anthropic" => words(&["sk", "ant", "api03", &format!("{}AA", letters(provider, 93))]),
        "gemini" => ["AI", "za", &letters(provider, 35)].concat(),
        "openrouter" => words(&["sk", "or", "v1", &hex(provider, 64)]),
        "openai admin" => words(&["sk", "admin", &letters(provider, 74)]),
        "anthropic admin" => words(&["sk", "ant", "admin01", &format!("{}AA", letters(provider, 93))]),
        "deepseek" => words(&["sk", &hex(provider, 32)]),
        // Its own SDK takes no others for itself.
        "huggingface" => ["hf", "_", &letters(provider, 34)].concat(),
        "xai" => words(&["xai", &letters(provider, 80)]),
        other => words(&["key", &letters(other, 32)]),
    }
}

fn letters(seed: &str, n: usize) -> String {
    drawn(seed, n, b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
}

fn hex(seed: &str, n: usize) -> String {
    drawn(seed, n, b"0123456789abcdef")
}

/// Always the same letters for the same seed.
fn drawn(seed: &str, n: usize, from: &[u8]) -> String {
    let mut state =
        seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default()
    };
    (0..n).map(|_| char::from(from[next() % from.len()])).collect()
}

/// A token in the shape GitHub gives out, without the check that real ones hold.
pub fn github(seed: &str) -> String {
    ["gh", "p_", &letters(seed, 36)].concat()
}

/// One whose check holds, as GitHub documents it: the last six characters are the CRC-32 of the rest in base 62.
pub fn real_github(seed: &str) -> String {
    let random = letters(seed, 30);
    let crc = !random.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    });
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let check: String = (0..6).rev().map(|n| char::from(digits[(crc / 62_u32.pow(n) % 62) as usize])).collect();
    ["gh", "p_", &random, &check].concat()
}

/// A password that nobody would choose and every parser should see.
pub fn password(seed: &str) -> String {
    format!("{}-{}", letters(seed, 9), hex(seed, 6))
}
