//! How much letters sound like words: from pairs of letters, as data.

/// For each first letter and each second one how usual the pair is inside words of English, code and documents: 0 for
/// never, 9 for nearly always; steps of one bit.
const PAIRS: [&[u8; 26]; 26] = [
    b"05650340503756050667442240",
    b"62327200630730610542700040",
    b"61416306505510710646500030",
    b"52258242710412610452522030",
    b"52564431300557143775043520",
    b"62327640700530700534600040",
    b"50108146600426510653600010",
    b"70018000700231610426501020",
    b"44655440002558640456040304",
    b"62318011502213720152712010",
    b"50238520700315321163402020",
    b"61157310700701630145521060",
    b"74118030600440670052520000",
    b"50666370503313520167432030",
    b"23552230323567450755655100",
    b"60237123501710660756501030",
    b"10131000000411100310902000",
    b"61448340604244610455522050",
    b"50407115602332550267621041",
    b"60337207700420540655502050",
    b"45545340500657150676000100",
    b"70109040700010500000100100",
    b"70116007700205610651005002",
    b"72526204600030280018210220",
    b"44325121501456770376103001",
    b"63339211601221430231530044",
];

/// How usual it is that the letter `second` follows the letter `first`, from 0 to 9.
pub(super) fn pair(first: u8, second: u8) -> Option<u32> {
    let row = |b: u8| b.is_ascii_alphabetic().then(|| usize::from(b.to_ascii_lowercase() - b'a'));
    let usual = PAIRS.get(row(first)?)?.get(row(second)?)?;
    Some(u32::from(usual - b'0'))
}

/// How usual the pairs of letters of `text` are on average, and how many there are. Words lie above 4.5, random
/// letters below 4.2.
pub(in crate::secrets) fn speech(text: &[u8]) -> (f64, usize) {
    let (mut sum, mut count) = (0u32, 0usize);
    for pair in text.windows(2) {
        let [first, second] = *pair else { continue };
        if let Some(usual) = self::pair(first, second) {
            sum += usual;
            count += 1;
        }
    }
    let pairs = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    (f64::from(sum) / f64::from(pairs), count)
}

/// Made of words, with at most a short number: `db-credentials-v2`, `Login2Screen`.
pub(in crate::secrets) fn wordy(value: &str) -> bool {
    let bytes = value.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or_default();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let (mut good, mut letters, mut start) = (0usize, 0usize, 0usize);
    for i in 0..=bytes.len() {
        let hump = at(i).is_ascii_uppercase()
            && i > start
            && (at(i - 1).is_ascii_lowercase() || (at(i - 1).is_ascii_uppercase() && at(i + 1).is_ascii_lowercase()));
        if at(i).is_ascii_alphabetic() && !hump {
            continue;
        }
        let piece = bytes.get(start..i).unwrap_or_default();
        let alone = !at(start.wrapping_sub(1)).is_ascii_alphanumeric() && !at(i).is_ascii_alphanumeric();
        if piece.len() >= 3 && speech(piece).0 >= 4.0 {
            good += piece.len();
            letters += piece.len();
        } else if !(alone && piece.len() <= 4) {
            // Short words between marks are names of their own: `aws`, `tls`, `db`.
            letters += piece.len();
        }
        start = if hump { i } else { i + 1 };
    }
    // Digits among all the letters: no numbered name.
    let groups =
        bytes.windows(2).filter(|w| matches!(w, [a, b] if a.is_ascii_alphabetic() && b.is_ascii_digit())).count();
    (groups < 3 || good * 10 >= letters * 9)
        && good >= 3
        && good * 10 >= letters * 7
        && (digits <= 4 || digits * 2 <= letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_sound_and_random_letters_do_not() {
        for word in ["correcthorsebatterystaple", "getElementById", "wachtwoord", "sunshine"] {
            assert!(speech(word.as_bytes()).0 > 4.5, "{word}");
        }
        for word in ["xkcdqwrtzvbn", "QxzvKjwpRtgm", ""] {
            assert!(speech(word.as_bytes()).0 < 3.0, "{word}");
        }
    }

    #[test]
    fn names_are_wordy_and_tokens_are_not() {
        for name in ["db-credentials-v2", "Login2Screen", "tls-cert-2024", "production_database_1"] {
            assert!(wordy(name), "{name}");
        }
        for token in ["x7Kq9Lm2Pv4Rt8Ws", "9f86d081884c7d65", "", "a1b2c3d4", "QmFzZTY0IGlzIGZ1bg"] {
            assert!(!wordy(token), "{token}");
        }
    }
}
