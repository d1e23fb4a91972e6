//! Passwords in the styles people and their managers choose.

use crate::set::draw::{PEOPLE, Rng, WORDS, alphabet};
use crate::set::template::{capital, draw};

/// A password without blanks, quotes and other scripts: it fits every context.
pub fn plain(rng: &mut Rng) -> String {
    let style = rng.below(14);
    match style {
        0 | 1 => {
            let n = rng.between(12, 28);
            let mut text = rng.chars(alphabet('p').unwrap_or("a"), n - 2);
            // A generator that promises all classes keeps its promise.
            text.insert_str(rng.below(n - 2), rng.pick(&["7", "4", "9"]));
            text.insert_str(0, rng.pick(&["K", "w", "T", "z"]));
            text
        }
        2 => {
            let n = rng.between(10, 32);
            rng.chars(alphabet('a').unwrap_or("a"), n)
        }
        3 => leet(rng),
        4 => format!(
            "{}{}{}",
            capital(rng.pick(WORDS)),
            rng.between(1980, 2026),
            rng.pick(&["!", "#", "?", "$", "!!", "."])
        ),
        5 => {
            let glue = rng.pick(&["-", "_", ".", ""]);
            let words: Vec<String> = (0..rng.between(4, 5)).map(|_| rng.pick(WORDS).to_owned()).collect();
            if glue.is_empty() { words.iter().map(|word| capital(word)).collect() } else { words.join(glue) }
        }
        6 => {
            let row = rng.pick(&["1qaz2wsx", "qwertz", "asdfgh", "zaq12wsx", "qwerty", "yxcvbn"]);
            format!("{}{}{}", row, rng.pick(&["#EDC4rfv", "!Q2w3e", "UIOP098"]), rng.between(1, 99))
        }
        7 => (0..3).map(|_| rng.chars(alphabet('a').unwrap_or("a"), 6)).collect::<Vec<_>>().join("-"),
        8 => {
            let n = rng.pick(&["h16", "h32", "h40", "h64"]);
            draw(rng, n)
        }
        9 => {
            let n = rng.pick(&["b64:16", "b64:24", "b64:32", "u64:32", "b64:48"]);
            draw(rng, n)
        }
        10 => (0..4)
            .map(|_| rng.pick(&["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu", "Gha", "Pho", "2", "7"]))
            .chain(["9", "Xe"])
            .collect(),
        11 => format!("{}@{}{}", capital(rng.pick(PEOPLE)), rng.between(10, 9999), rng.pick(&["xY", "Qz", "!k", "Lp"])),
        12 => {
            let n = rng.between(12, 18);
            rng.chars(alphabet('l').unwrap_or("a"), n)
        }
        _ => {
            let n = rng.between(8, 10);
            format!("{}{}", rng.chars(alphabet('p').unwrap_or("a"), n - 3), draw(rng, "n3"))
        }
    }
}

/// A password of any style: with blanks, quotes, other scripts too.
pub fn any(rng: &mut Rng) -> String {
    match rng.below(16) {
        0 => (0..rng.between(4, 6)).map(|_| rng.pick(WORDS)).collect::<Vec<_>>().join(" "),
        1 => format!(
            "{}{}{}{}",
            rng.pick(&["Größe", "Tür", "Käse", "Straße"]),
            rng.between(10, 99),
            rng.pick(&["§", "€", "ü!"]),
            rng.pick(WORDS)
        ),
        2 => format!("{}{}!", rng.pick(&["Пароль", "Медведь", "Снегопад"]), rng.between(1000, 9999)),
        3 => format!("{}{}@{}", rng.pick(&["龙腾", "北京", "小熊猫"]), rng.pick(PEOPLE), rng.between(1000, 99999)),
        4 => format!(
            "{}ñ{}{}",
            rng.pick(&["contrase", "ma", "espa"]),
            rng.pick(&["a", "ola", "ita"]),
            rng.between(1000, 99999)
        ),
        5 => format!("{}'{}\"{}", draw(rng, "a5"), draw(rng, "a4"), draw(rng, "a5")),
        6 => format!("{}\\{}&<{}", draw(rng, "a5"), draw(rng, "a5"), draw(rng, "a5")),
        _ => plain(rng),
    }
}

fn leet(rng: &mut Rng) -> String {
    let word = format!("{}{}", rng.pick(WORDS), rng.pick(WORDS));
    let mut text: String = word
        .chars()
        .map(|c| match c {
            'a' => '4',
            'e' => '3',
            'i' => '1',
            'o' => '0',
            's' => '$',
            't' => '7',
            c => c,
        })
        .collect();
    if text.chars().all(|c| c.is_ascii_lowercase()) {
        text.push_str("99");
    }
    capital(&text) + rng.pick(&["!", "!1", "#", "_x", "?"])
}
