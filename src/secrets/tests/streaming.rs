//! Stories about text that comes in pieces.

use proptest::prelude::*;

use super::properties::text;
use super::{expand, redactor};
use crate::secrets::stream::Sizes;
use crate::secrets::{Hit, Mode, Policy, Redactor, Stream};

/// Windows small enough for a text of a test to need many.
const SMALL: Sizes = Sizes { reach: 400, bulk: 600, hold: 3000 };

/// Everything a stream gives, fed in these pieces, and the most it held.
fn fed<'a>(mut stream: Stream<'_>, pieces: impl IntoIterator<Item = &'a str>) -> (String, Vec<Hit>, usize) {
    let (mut out, mut hits, mut held) = (String::new(), Vec::new(), 0);
    for piece in pieces {
        let given = stream.feed(piece);
        out.push_str(&given.text);
        hits.extend(given.hits);
        held = held.max(stream.held());
    }
    let last = stream.finish();
    out.push_str(&last.text);
    hits.extend(last.hits);
    (out, hits, held)
}

/// The text in pieces of so many bytes, a little more where a character would be cut.
fn pieces<'a>(text: &'a str, sizes: &'a [usize]) -> impl Iterator<Item = &'a str> {
    let (mut rest, mut sizes) = (text, sizes.iter().cycle());
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(*sizes.next()?));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn whole(text: &str) -> (String, Vec<Hit>) {
    let (out, hits, _) = fed(Stream::new(&redactor()), [text]);
    (out, hits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cuts_change_nothing(texts in prop::collection::vec(text(), 1..6), sizes in prop::collection::vec(1usize..200, 1..20)) {
        let text = texts.join("\n");
        for windows in [SMALL, Sizes { reach: 40, bulk: 40, hold: 200 }] {
            let cut = |sizes: &[usize]| {
                let (out, hits, _) = fed(Stream::sized(&redactor(), windows), pieces(&text, sizes));
                (out, hits)
            };
            let expected = cut(&[text.len()]);
            prop_assert_eq!(&cut(&sizes), &expected);
            prop_assert_eq!(&cut(&[1]), &expected);
        }
    }

    #[test]
    fn a_text_that_fits_the_window_comes_out_as_from_the_redactor(text in text()) {
        prop_assume!(text.len() < 60_000);
        let redacted = redactor().redact(&text).text.into_owned();
        prop_assert_eq!(whole(&text).0, redacted);
    }

    #[test]
    fn a_pause_loses_nothing_and_says_nothing_twice(texts in prop::collection::vec(text(), 1..6), size in 1usize..200) {
        let text = texts.join("\n");
        let warned = Redactor::new(Mode::Warn, Vec::new(), [1; 8]);
        let mut stream = Stream::sized(&warned, SMALL);
        let mut out = String::new();
        for piece in pieces(&text, &[size]) {
            out.push_str(&stream.feed(piece).text);
            out.push_str(&stream.pause().text);
        }
        out.push_str(&stream.finish().text);
        prop_assert_eq!(out, text);
    }
}

/// Every rule's examples with other text between: what one look masks, the stream masks.
#[test]
fn rules_find_their_examples_in_a_stream() {
    let filler: String = (0..5).map(|n| format!("line {n} of an ordinary log, nothing to see\n")).collect();
    let mut missed = Vec::new();
    for rule in crate::secrets::engine::rules() {
        for example in rule.hits {
            let (text, secrets) = expand(example, 11);
            let alone = redactor().redact(&text).text.into_owned();
            let text = format!("{filler}{text}\n\n{filler}");
            let (out, ..) = fed(Stream::sized(&redactor(), Sizes { hold: 20_000, ..SMALL }), [text.as_str()]);
            for secret in secrets.iter().filter(|s| s.len() >= 8 && !alone.contains(s.as_str())) {
                if out.contains(secret.as_str()) {
                    missed.push((rule.name, *example));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// The same, line by line with a pause behind every one. What only a later line tells cannot be known by then.
#[test]
fn rules_find_their_examples_in_a_log_that_is_followed() {
    let filler: String = (0..5).map(|n| format!("line {n} of an ordinary log, nothing to see\n")).collect();
    let redactor = redactor();
    let mut missed = Vec::new();
    for rule in crate::secrets::engine::rules().filter(|r| r.name != "terraform-sensitive") {
        for example in rule.hits {
            let (text, secrets) = expand(example, 11);
            let alone = redactor.redact(&text).text.into_owned();
            let mut stream = Stream::new(&redactor);
            let mut out = String::new();
            for line in format!("{filler}{text}\n\n{filler}").split_inclusive('\n') {
                out.push_str(&stream.feed(line).text);
                out.push_str(&stream.pause().text);
            }
            out.push_str(&stream.finish().text);
            for secret in secrets.iter().filter(|s| s.len() >= 8 && !alone.contains(s.as_str())) {
                if out.contains(secret.as_str()) {
                    missed.push((rule.name, *example));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn lines_of_a_log_come_out_at_a_pause() {
    let redactor = redactor();
    let mut stream = Stream::new(&redactor);
    for n in 1..=200 {
        let line = format!("12:00:{n} GET /index 200 in {n} ms\n");
        assert!(stream.feed(&line).text.is_empty() && stream.waits());
        assert_eq!(stream.pause().text, line);
        assert!(!stream.waits());
    }
    let (text, secrets) = expand("token ghp_‹a36›", 5);
    stream.feed("half a line, ");
    assert_eq!(stream.pause().text, "", "a secret may go on");
    stream.feed(&text);
    assert!(stream.pause().text.is_empty());
    stream.feed("\n");
    let line = stream.pause().text.into_owned();
    assert!(line.starts_with("half a line, token MSEC_github_") && !line.contains(&secrets[0]), "{line}");
}

#[test]
fn a_key_that_comes_line_by_line_is_one_word() {
    let redactor = redactor();
    let mut stream = Stream::new(&redactor);
    let body: String = (0..20).map(|n| expand("‹b64›\n", n).0).collect();
    let text = format!("before\n-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\nafter\n");
    let (mut out, mut hits) = (String::new(), 0);
    for line in text.split_inclusive('\n') {
        for given in [stream.feed(line), stream.pause()] {
            out.push_str(&given.text);
            hits += given.hits.len();
        }
    }
    assert!(!stream.waits() && hits == 1, "{hits}: {out}");
    assert_eq!(out, redactor.redact(&text).text);
}

#[test]
fn a_value_found_once_stays_masked() {
    let (text, secrets) = expand("API_KEY=‹a30›\n", 1);
    let filler = "an ordinary line\n".repeat(8000);
    let (out, hits) = whole(&format!("{text}{filler}then {} again\n", secrets[0]));
    assert!(!out.contains(&secrets[0]));
    assert_eq!(hits.len(), 2);
    assert_eq!(hits[0].placeholder, hits[1].placeholder);
}

#[test]
fn a_manifest_may_say_its_kind_last() {
    let (text, secrets) = expand("apiVersion: v1\ndata:\n  a: ‹b24›\n  b: ‹b24›\n", 3);
    let more: String = (0..20).map(|n| format!("  c{n}: e30=\n")).collect();
    let (out, _) = whole(&format!("{text}{more}kind: Secret\nmetadata:\n  name: x\n"));
    assert!(secrets.iter().all(|s| !out.contains(s.as_str())), "{out}");
}

#[test]
fn a_key_is_masked_to_its_end_however_long_it_is() {
    for (line, lines) in [(64, 50), (64, 4000), (76, 3000)] {
        let body: String = (0..lines).map(|n| expand(&format!("‹b{line}›\n"), n).0).collect();
        for (begin, end) in [("", ""), ("\n", "\n"), ("before\n", "\nafter that\n")] {
            let text = format!("{begin}-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----{end}");
            let (out, hits) = whole(&text);
            assert!(body.lines().all(|l| !out.contains(l)), "{lines} lines");
            assert_eq!(out.matches('\n').count(), text.matches('\n').count());
            assert!(out.starts_with(begin) && out.ends_with(&format!("\n-----END RSA PRIVATE KEY-----{end}")), "{out}");
            assert_eq!(hits.len(), 1);
            assert!(hits[0].end - hits[0].start + 1 >= body.len());
        }
        // Half a block at the end of a stream.
        let text = format!("-----BEGIN RSA PRIVATE KEY-----\n{body}");
        let (out, _) = whole(&text[..text.len() - 30]);
        assert!(body.lines().all(|l| !out.contains(&l[..30])));
        // In one line of JSON.
        let text = format!(
            "{{\"key\": \"-----BEGIN PRIVATE KEY-----\\n{}-----END PRIVATE KEY-----\\n\", \"b\": 1}}\n",
            body.replace('\n', "\\n")
        );
        let (out, _) = whole(&text);
        assert!(body.lines().all(|l| !out.contains(l)), "{lines} lines in one");
        assert!(out.ends_with("\", \"b\": 1}\n"), "{}", &out[out.len().saturating_sub(80)..]);
    }
}

#[test]
fn a_narrow_key_is_masked_to_its_end_too() {
    let body: String = (0..2500).map(|n| expand("‹b14›\n", n).0).collect();
    let text = format!("-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\nafter\n");
    let (out, _) = whole(&text);
    let left: Vec<&str> = body.lines().filter(|l| out.contains(l)).collect();
    assert!(left.is_empty(), "{} of 2500 lines", left.len());
    assert!(out.ends_with("-----END RSA PRIVATE KEY-----\nafter\n"));
}

#[test]
fn what_follows_a_key_without_an_end_is_text() {
    let body: String = (0..400).map(|n| expand("‹b64›\n", n).0).collect();
    // Lines of one word alone could be data, and go with the key.
    for line in ["接続しました。再試行します\n", "… … …\n", "OK then, that was it\n"] {
        let text = format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{body}\n{}", line.repeat(2000));
        let (out, _) = whole(&text);
        assert!(body.lines().all(|l| !out.contains(l)));
        // A word may be a key's last line.
        assert!(out.matches(line).count() >= 1999, "{} of {line}", out.matches(line).count());
    }
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let piece = |text: &str, bytes: usize| text.repeat(bytes.div_ceil(text.len()));
    let (token, _) = expand("ghp_‹a36› ", 1);
    let (long, _) = expand("Authorization: Bearer ‹a5000›", 1);
    for (text, bytes) in [
        ("x", 1 << 20),
        ("é", 1 << 19),
        ("\n", 1 << 18),
        ("password=\"", 1 << 18),
        ("secret = 'unclosed ", 1 << 18),
        (token.as_str(), 1 << 18),
        (long.as_str(), 1 << 18),
        ("-----BEGIN PRIVATE KEY-----", 1 << 18),
        ("-----BEGIN PRIVATE KEY-----\n", 1 << 18),
        ("apiVersion: v1\n", 1 << 18),
        ("@@ -1 +1 @@\n", 1 << 18),
        ("+MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDXyzqwertyuiop\n", 1 << 18),
        ("kind: Secret\n", 1 << 18),
        ("eyJ", 1 << 18),
    ] {
        let text = piece(text, bytes);
        let (out, _, held) = fed(Stream::new(&redactor()), pieces(&text, &[1 << 16]));
        assert!(held < 512 * 1024, "{held} bytes were held of {}", &text[..30.min(text.len())]);
        assert!(!out.is_empty());
    }
}

#[test]
fn many_different_values_cost_no_more_memory() {
    let redactor = redactor();
    let mut stream = Stream::new(&redactor);
    for n in 0..5000u64 {
        stream.feed(&expand("ghp_‹a36›\n", n).0);
    }
    assert!(stream.held() < 512 * 1024);
}

#[test]
fn modes_mean_what_they_mean_for_a_whole_text() {
    let (text, secrets) = expand("token ghp_‹a36›\n", 9);
    let with = |mode| {
        let redactor = Redactor::new(mode, Vec::new(), [0; 8]);
        let (out, hits, _) = fed(Stream::new(&redactor), [text.as_str()]);
        (out.contains(&secrets[0]), hits.len())
    };
    assert_eq!(with(Mode::Off), (true, 0));
    assert_eq!(with(Mode::Warn), (true, 1));
    assert_eq!(with(Mode::Redact), (false, 1));
    assert_eq!(with(Mode::Block), (false, 1));
}

#[test]
fn each_kind_has_its_own_mode_in_a_stream_too() {
    let (text, secrets) = expand("token ghp_‹a36›\nexport DB_PASSWORD=‹a20›\nurl postgres://ann:‹a18›@db/x\n", 9);
    let kinds = [("github".to_owned(), Mode::Warn), ("assignment".to_owned(), Mode::Off)].into();
    let redactor = Redactor::with(Policy { kinds, ..Policy::all(Mode::Redact) }, Vec::new(), [0; 8]);
    let (out, hits, _) = fed(Stream::new(&redactor), [text.as_str()]);
    assert_eq!(out, redactor.redact(&text).text);
    assert!(out.contains(&secrets[0]) && out.contains(&secrets[1]) && !out.contains(&secrets[2]), "{out}");
    assert_eq!(hits.len(), 2, "what is off is not even found");
}

#[test]
fn each_kind_has_its_own_mode_in_a_stream_and_marks_count_for_nothing() {
    let (text, secrets) = expand("a ghp_‹a36› # monster:allow\nb npm_‹a36›\n", 9);
    let left = |mode, npm, floor| {
        let kinds = [("npm".to_owned(), npm)].into();
        let redactor = Redactor::with(Policy { kinds, floor, ..Policy::all(mode) }, Vec::new(), [0; 8]);
        let (out, hits, _) = fed(Stream::new(&redactor), [text.as_str()]);
        ([0, 1].map(|at: usize| out.contains(&secrets[at])), hits.len())
    };
    assert_eq!(left(Mode::Redact, Mode::Redact, Mode::Off), ([false, false], 2));
    assert_eq!(left(Mode::Redact, Mode::Warn, Mode::Off), ([false, true], 2));
    assert_eq!(left(Mode::Redact, Mode::Off, Mode::Off), ([false, true], 1));
    assert_eq!(left(Mode::Off, Mode::Block, Mode::Off), ([true, false], 1));
    assert_eq!(left(Mode::Warn, Mode::Redact, Mode::Off), ([true, false], 2));
    assert_eq!(left(Mode::Off, Mode::Off, Mode::Redact), ([false, false], 2));
}

#[test]
fn hits_say_where_they_are_in_the_whole_text() {
    let filler = "some line or other\n".repeat(2000);
    let (text, secrets) = expand(&format!("{filler}a ghp_‹a36› é\n{filler}b = ghp_‹a36›\n{filler}"), 4);
    let (out, hits) = whole(&text);
    assert_eq!(hits.len(), 2);
    let mut expected = text.clone();
    for hit in hits.iter().rev() {
        expected.replace_range(hit.start..hit.end, &hit.placeholder);
    }
    assert_eq!(out, expected);
    for (hit, secret) in hits.iter().zip(&secrets) {
        assert!(text[hit.start..hit.end].ends_with(secret.as_str()));
    }
}
