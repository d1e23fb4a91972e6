//! Stories about text that comes in pieces.

use proptest::prelude::*;

use super::properties::text;
use super::{expand, redactor};
use crate::secrets::{Hit, Mode, Policy, Redactor, Stream};

/// Everything a stream gives, fed in these pieces, and the most it held.
fn fed<'a>(redactor: &Redactor, pieces: impl IntoIterator<Item = &'a [u8]>) -> (String, Vec<Hit>, usize) {
    let mut stream = Stream::new(redactor);
    let (mut out, mut hits, mut held) = (String::new(), Vec::new(), 0);
    for piece in pieces {
        let given = stream.feed_bytes(piece);
        out.push_str(&given.text);
        hits.extend(given.hits);
        held = held.max(stream.held());
    }
    let last = stream.finish();
    out.push_str(&last.text);
    hits.extend(last.hits);
    (out, hits, held)
}

fn whole(text: &str) -> (String, Vec<Hit>) {
    let (out, hits, _) = fed(&redactor(), [text.as_bytes()]);
    (out, hits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cuts_change_nothing(texts in prop::collection::vec(text(), 1..6), sizes in prop::collection::vec(1usize..200, 1..20)) {
        let text = texts.join("\n");
        let expected = whole(&text);
        let bytes = text.as_bytes();
        let (mut pieces, mut at) = (Vec::new(), 0);
        for size in sizes.iter().cycle() {
            if at >= bytes.len() {
                break;
            }
            let end = (at + size).min(bytes.len());
            pieces.push(&bytes[at..end]);
            at = end;
        }
        let (out, hits, _) = fed(&redactor(), pieces);
        prop_assert_eq!(&(out, hits), &expected);
        let (out, hits, _) = fed(&redactor(), bytes.chunks(1));
        prop_assert_eq!(&(out, hits), &expected);
    }

    #[test]
    fn a_text_that_fits_the_window_comes_out_as_from_the_redactor(text in text()) {
        prop_assume!(text.len() < 8000 && text.matches('\n').count() < 10);
        let redacted = redactor().redact(&text).text.into_owned();
        prop_assert_eq!(whole(&text).0, redacted);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..3000), size in 1usize..100) {
        let (out, hits, _) = fed(&redactor(), [bytes.as_slice()]);
        prop_assert_eq!((out, hits), { let (o, h, _) = fed(&redactor(), bytes.chunks(size)); (o, h) });
    }
}

/// Every rule's examples with other text between: what one look masks, the stream masks.
#[test]
fn rules_find_their_examples_in_a_stream() {
    let filler: String = (0..30).map(|n| format!("line {n} of an ordinary log, nothing to see\n")).collect();
    let mut missed = Vec::new();
    for rule in crate::secrets::engine::rules() {
        for example in rule.hits {
            let (text, secrets) = expand(example, 11);
            let alone = redactor().redact(&text).text.into_owned();
            let (out, _) = whole(&format!("{filler}{text}\n\n{filler}"));
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
fn lines_of_a_log_come_out_soon() {
    let redactor = redactor();
    let mut stream = Stream::new(&redactor);
    let mut given = 0;
    for n in 1..=200 {
        given += stream.feed(&format!("12:00:{n} GET /index 200 in {n} ms\n")).text.matches('\n').count();
        assert!(n - given < 10, "{given} of {n} lines were given");
    }
}

#[test]
fn a_value_found_once_stays_masked() {
    let (text, secrets) = expand("API_KEY=‹a30›\n", 1);
    let filler = "an ordinary line\n".repeat(500);
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
    for (line, lines) in [(64, 50), (64, 2000), (76, 900)] {
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
        assert!(out.ends_with("-----END PRIVATE KEY-----\\n\", \"b\": 1}\n"), "{}", &out[out.len() - 80..]);
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
        ("\n", 1 << 16),
        ("password=\"", 1 << 16),
        ("secret = 'unclosed ", 1 << 16),
        (token.as_str(), 1 << 16),
        (long.as_str(), 1 << 17),
        ("-----BEGIN PRIVATE KEY-----", 1 << 16),
        ("-----BEGIN PRIVATE KEY-----\n", 1 << 16),
        ("apiVersion: v1\n", 1 << 16),
        ("@@ -1 +1 @@\n", 1 << 16),
        ("+MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDXyzqwertyuiop\n", 1 << 17),
        ("kind: Secret\n", 1 << 12),
        ("eyJ", 1 << 16),
    ] {
        let text = piece(text, bytes);
        let (out, _, held) = fed(&redactor(), text.as_bytes().chunks(1 << 16));
        assert!(held < 128 * 1024, "{held} bytes were held of {}", &text[..30.min(text.len())]);
        assert!(!out.is_empty());
    }
}

#[test]
fn many_different_values_cost_no_more_memory() {
    let redactor = redactor();
    let mut stream = Stream::new(&redactor);
    for n in 0..1000u64 {
        stream.feed(&expand("ghp_‹a36›\n", n).0);
    }
    assert!(stream.held() < 128 * 1024);
}

#[test]
fn modes_mean_what_they_mean_for_a_whole_text() {
    let (text, secrets) = expand("token ghp_‹a36›\n", 9);
    let with = |mode| {
        let redactor = Redactor::new(mode, Vec::new(), [0; 8]);
        let (out, hits, _) = fed(&redactor, [text.as_bytes()]);
        (out.contains(&secrets[0]), hits.len())
    };
    assert_eq!(with(Mode::Off), (true, 0));
    assert_eq!(with(Mode::Warn), (true, 1));
    assert_eq!(with(Mode::Redact), (false, 1));
    assert_eq!(with(Mode::Block), (false, 1));
}

#[test]
fn each_kind_has_its_own_mode_in_a_stream_and_marks_count_for_nothing() {
    let (text, secrets) = expand("a ghp_‹a36› # monster:allow\nb npm_‹a36›\n", 9);
    let left = |mode, npm, floor| {
        let kinds = [("npm".to_owned(), npm)].into();
        let redactor = Redactor::with(Policy { kinds, floor, ..Policy::all(mode) }, Vec::new(), [0; 8]);
        let (out, hits, _) = fed(&redactor, [text.as_bytes()]);
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
    let filler = "some line or other\n".repeat(100);
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
