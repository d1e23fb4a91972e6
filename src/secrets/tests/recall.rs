//! Realistic lines with a secret and without one: `found.txt` and `left.txt`, a case a line, `⏎` for a line's end.

use super::{expand, redactor};

/// Values drawn for each case; one in so many may look like a word by chance.
const DRAWS: u64 = 30;

/// The cases of a file; literal secrets stand in `⟦⟧`.
fn cases(file: &str) -> impl Iterator<Item = String> {
    file.lines().filter(|l| !l.is_empty()).map(|l| l.replace('⏎', "\n"))
}

#[test]
fn nearly_every_short_secret_in_a_realistic_line_is_masked() {
    let mut lost = Vec::new();
    let (mut drawn, mut leaked) = (0, 0);
    for case in cases(include_str!("found.txt")) {
        let mut missed = 0;
        for seed in 0..DRAWS {
            let (text, secrets) = expand(&case.replace(['⟦', '⟧'], ""), seed);
            let masked = redactor().redact(&text).text.into_owned();
            let words = case.split('⟦').skip(1).filter_map(|w| w.split_once('⟧')).map(|(w, _)| w.to_owned());
            let left = secrets.iter().cloned().chain(words).any(|s| masked.contains(&s));
            missed += u64::from(left);
        }
        drawn += DRAWS;
        leaked += missed;
        if missed * 3 > DRAWS {
            lost.push(format!("{missed} of {DRAWS}: {case}"));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(leaked * 20 < drawn, "{leaked} of {drawn}");
}

#[test]
fn realistic_lines_without_a_secret_are_left_alone() {
    let mut taken = Vec::new();
    for case in cases(include_str!("left.txt")) {
        for seed in 0..4 {
            let (text, _) = expand(&case, seed);
            let masked = redactor().redact(&text).text.into_owned();
            if masked != text {
                taken.push(format!("{text} -> {masked}"));
            }
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}
