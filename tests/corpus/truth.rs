//! Is the truth true? What the generator promises about its own samples.

use std::collections::BTreeSet;

use base64::Engine;

use crate::set::draw::Rng;
use crate::set::{Role, kinds, mark, sums, template};

#[test]
fn the_same_seed_gives_the_same_corpus() {
    let texts = |seed| crate::set::corpus(seed, 400).into_iter().map(|sample| sample.text).collect::<Vec<_>>();
    assert_eq!(texts(7), texts(7));
    assert_ne!(texts(7), texts(8));
}

#[test]
fn every_kind_is_called_once_and_there_are_more_than_two_hundred_and_fifty() {
    let all = kinds::all();
    let names: BTreeSet<_> = all.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), all.len());
    assert!(all.len() >= 250, "{}", all.len());
    for class in kinds::Class::ALL {
        assert!(all.iter().filter(|kind| kind.class == class).count() >= 40, "{}", class.name());
    }
}

#[test]
fn secrets_lie_in_their_text_and_negatives_have_none() {
    for sample in crate::set::corpus(crate::seed(), 4000) {
        assert!(!sample.text.contains(mark::is_mark), "{}: a mark stays", sample.id);
        match sample.role {
            Role::Positive(_) => assert!(!sample.truth.is_empty(), "{} {}: no secret", sample.id, sample.kind),
            _ => assert!(sample.truth.is_empty(), "{} {}: a secret", sample.id, sample.kind),
        }
        for secret in &sample.truth {
            let all: usize = secret.parts.iter().map(|(from, to)| to - from).sum();
            assert!(all > secret.public + 3, "{} {}: nothing secret about it", sample.id, sample.kind);
            for (from, to) in &secret.parts {
                assert!(sample.text.get(*from..*to).is_some(), "{} {}: off a character", sample.id, sample.kind);
                assert!(secret.start <= *from && *to <= secret.end);
            }
        }
    }
}

#[test]
fn marks_keep_their_place_through_every_escaping() {
    let value = "a\"b&ü/c";
    let text = format!("x = {}\n", mark::secret(value));
    for (marked, shown) in [
        (mark::json(&text), "a\\\"b&ü/c"),
        (mark::json_ascii(&text), "a\\\"b&\\u00fc/c"),
        (mark::xml(&text), "a&quot;b&amp;ü/c"),
        (mark::percent(&text), "a%22b%26%C3%BC%2Fc"),
        (mark::properties(&text), "a\"b&\\u00FC/c"),
        (mark::doubled(&text, '"'), "a\"\"b&ü/c"),
    ] {
        let (text, secrets, _) = mark::strip(&marked);
        assert_eq!(&text[secrets[0].start..secrets[0].end], shown);
    }
}

#[test]
fn a_secret_in_base64_is_found_again_by_decoding() {
    let mut rng = Rng::new(crate::seed());
    for _ in 0..200 {
        let before = rng.below(9);
        let text = format!("{}{} end", rng.chars("abc ", before), mark::secret(&rng.chars("0123456789", 20)));
        let (encoded, secrets, _) = mark::strip(&mark::base64(&text, 0));
        let from = secrets[0].start / 4 * 4;
        let to = secrets[0].end.div_ceil(4) * 4;
        let bytes = base64::engine::general_purpose::STANDARD.decode(&encoded[from..to.min(encoded.len())]).unwrap();
        let (plain, truth, _) = mark::strip(&text);
        let secret = &plain[truth[0].start..truth[0].end];
        assert!(String::from_utf8(bytes).unwrap().contains(secret));
    }
}

#[test]
fn line_prefixes_within_a_secret_are_no_part_of_it() {
    let marked = mark::prefixed(&mark::secret("one\ntwo"), |at| format!("{at} + "));
    let (text, secrets, _) = mark::strip(&marked);
    let parts: Vec<&str> = secrets[0].parts.iter().map(|(from, to)| &text[*from..*to]).collect();
    assert_eq!((text.as_str(), parts), ("0 + one\n1 + two", vec!["one", "two"]));
}

#[test]
fn checksums_are_what_the_vendors_publish() {
    // Check values of the catalogue of CRCs, of BIP 173, of ISO 13616 and of ISO 7812.
    assert_eq!(sums::crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(sums::crc24(b"123456789"), 0x0021_cf02);
    assert_eq!(sums::iban("GB", "WEST12345698765432"), "GB82WEST12345698765432");
    assert!(sums::luhn("4111111111111111") && !sums::luhn("4111111111111112"));
    assert_eq!(sums::base58(b"Hello World!"), "2NEpo7TZRRrLZSi2U");
    let mut rng = Rng::new(1);
    let wif = template::draw(&mut rng, "wif");
    assert!(wif.starts_with(['5', 'K', 'L']), "{wif}");
    let token = template::jwt(&mut rng);
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&head).unwrap()["alg"].is_string());
}
