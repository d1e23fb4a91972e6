//! What holds for any text.

use proptest::prelude::*;

use super::{expand, redactor};
use crate::model::Secret;
use crate::secrets::gutter::lead;
use crate::secrets::{Known, Mode, Redactor, mask};

/// Texts full of what rules look for, whole and broken.
pub(super) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "\\PC{0,12}",
        2 => Just("\n".to_owned()),
        3 => (0usize..400, any::<u64>(), 0usize..60).prop_map(|(at, seed, cut)| {
            let all: Vec<&str> = crate::secrets::engine::rules().flat_map(|r| r.hits.iter().chain(r.misses)).copied().collect();
            let (text, _) = expand(all[at % all.len()], seed);
            text.chars().skip(cut.saturating_sub(30)).collect()
        }),
        3 => prop::sample::select(vec![
            "password", "=", ": ", "\"", "'", "\\\"", "\\n", "token", "API_KEY=", "secret: ", "://", "@", "Bearer ", "MSEC_", "MSEC_a_",
            "-----BEGIN PRIVATE KEY-----", "-----END", "Cookie: a=", ";", "+", "kind: Secret\ndata:\n  a: ", "AKIA", "<password>", "</",
            "curl -u a:", " --password ", "value=", "é", "密", ",", "|", "hunter2!", "Zx9-k2Lq8", "==",
            "\n    7 +", "\n      -", "\n   12  ", "@@ -1,3 +1,4 @@\n", "\n-----END RSA PRIVATE KEY-----",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn masking_masked_text_changes_nothing(text in text()) {
        let redactor = redactor();
        let once = redactor.redact(&text).text.into_owned();
        let twice = redactor.redact(&once);
        prop_assert!(twice.hits.is_empty(), "{:?}\n{}\n{}", twice.hits, once, twice.text);
        prop_assert_eq!(twice.text.as_ref(), once.as_str());
    }

    #[test]
    fn masking_a_long_masked_text_changes_nothing(
        texts in prop::collection::vec(text(), 1..5), lines in 0usize..80, words in 0usize..80,
    ) {
        // Only what stands near a placeholder is looked at again: all of it, wherever the next one is.
        let between = format!("{}{}", "an ordinary line\n".repeat(lines), "and ordinary words ".repeat(words));
        let redactor = redactor();
        let once = redactor.redact(&texts.join(&between)).text.into_owned();
        let twice = redactor.redact(&once);
        prop_assert!(twice.hits.is_empty(), "{:?}\n{}\n{}", twice.hits, once, twice.text);
    }

    #[test]
    fn what_is_not_a_hit_stays_as_it_was(text in text()) {
        let redactor = redactor();
        let redacted = redactor.redact(&text);
        let mut rest = redacted.text.as_ref();
        let mut at = 0;
        for hit in &redacted.hits {
            prop_assert!(hit.start < hit.end && hit.start >= at);
            let between = text.get(at..hit.start).expect("a char boundary");
            rest = rest.strip_prefix(between).expect("text between hits is kept");
            rest = rest.strip_prefix(hit.placeholder.as_str()).expect("the placeholder follows");
            // Line ends and a diff's marks and numbers are all that is left of a block. Whether they stay depends on the
            // line the block begins in; what stands behind the block is never taken for one.
            let block = text.get(hit.start..hit.end).expect("a char boundary");
            let line = text.get(..hit.start).expect("a char boundary").rfind('\n').map_or(0, |p| p + 1);
            let marked = !lead(text.get(line..).expect("a char boundary")).is_empty();
            for inner in block.split('\n').skip(1) {
                rest = rest.strip_prefix('\n').expect("lines stay lines");
                rest = rest.strip_prefix(if marked { lead(inner) } else { "" }).expect("marks stay marks");
            }
            at = hit.end;
        }
        prop_assert_eq!(rest, text.get(at..).expect("a char boundary"));
        prop_assert_eq!(redactor.scan(&text), redacted.hits);
    }

    #[test]
    fn no_line_is_lost(text in text()) {
        let redactor = redactor();
        prop_assert_eq!(redactor.redact(&text).text.matches('\n').count(), text.matches('\n').count());
    }

    #[test]
    fn a_planted_known_value_never_survives(before in text(), after in text(), value in "[!-~é]{6,40}") {
        let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(value.clone()))], [5; 8]);
        let text = format!("{before}{value}{after}");
        let masked = redactor.redact(&text).text.into_owned();
        prop_assume!(!"MSEC_known_".contains(&value));
        prop_assert!(!masked.contains(&value), "{}", masked);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let text = String::from_utf8_lossy(&bytes);
        let redacted = redactor().redact(&text);
        prop_assert!(mask(&text).len() + 1000 * redacted.hits.len() + 1 > redacted.text.len().min(text.len()) || text.is_empty());
    }
}

#[test]
fn many_candidates_cost_linear_time() {
    for piece in [
        "sk-",
        "eyJ",
        "password=",
        "://a:",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "\n-----END PRIVATE KEY-----",
        "MIIE\n-----END PRIVATE KEY-----",
        "@@ -1 +1 @@\n",
        "\n    7 +",
        "AKIA",
        "Cookie: ",
        "kind: Secret\n",
        "machine a login ",
        "curl -",
        "secret_",
        "PuTTY-User-Key-File-",
        "\"a\" + ",
        "\"kind\":\"secret\" ",
        "\" \"",
        "'\n",
        "\\\n",
        "secret%3D",
        "%3A%2F%2F",
        "token\\u003d",
        "\u{1b}[31m",
        "token=\u{1b}[31m",
        "cGFzc3dvcmQ9",
        "cGFzc3dvcmQ9IngiCg",
        "70617373776f72643d",
        "    1 +token\n",
        "password: \"",
        "|password|",
        "secret,",
        "api_key\t",
        "_pat=",
        "key\n",
        "key: |\n  ",
        "token is ",
        "<password>",
        "--password ",
        "\"kty\"",
        "password=r#\"",
        "<token><![CDATA[",
        "password=<<EOT\n",
        "secret,a\nb,token\n",
        "authorization=",
        "sk-ant-api03-",
        "curl mysql ",
        ".login(",
        "$6$",
        ":5432:",
        "@tcp(",
        "eyJhdXRocyI6",
        "<Modulus>",
        "{\"sensitive\": true",
        "cookie=a;",
        "\"random_password\"",
        "where name = 'password' set ",
        "identified by ",
        "enable secret ",
        " *\n",
    ] {
        let text = piece.repeat(16_000 / piece.len());
        // Quadratic work even on 16 kB takes many seconds unoptimised: whoever brings it in sees this test hang.
        let hits = redactor().redact(&text).hits;
        assert!(hits.len() <= text.len() / piece.len(), "{piece} was found more often than it stands there");
    }
}

#[test]
fn many_different_values_cost_linear_time() {
    for head in ["qzj~", "sk-ant-api03-", "glpat-"] {
        let line = |n: u64| expand(&format!("password={head}‹a18›\n"), n).0;
        let count = 100_000 / (head.len() + 28);
        let text: String = (0..u64::try_from(count).unwrap()).map(line).collect();
        // A few of them look like words.
        let hits = redactor().redact(&text).hits.len();
        assert!(hits <= count && hits + count / 100 >= count, "{hits} of {count}: {}", &head[..4]);
    }
}

#[test]
fn every_repetition_of_many_values_is_found() {
    let values: Vec<String> = (0..40).map(|n| expand("‹a24›7", n).0).collect();
    // One that another begins with, and one inside of another.
    let first = values[0].clone();
    let values: Vec<String> = values.into_iter().chain([format!("{first}Zq7"), format!("Zq7{first}x9")]).collect();
    let assigned: String = values.iter().map(|v| format!("password={v}\n")).collect();
    let bare: String = values.iter().rev().map(|v| format!("{v} é/")).collect();
    let masked = redactor().redact(&format!("{assigned}{bare}")).text.into_owned();
    for value in &values {
        assert!(!masked.contains(value.as_str()), "{masked}");
    }
}
