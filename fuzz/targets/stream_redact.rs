//! Text in pieces cut at fuzzed places: what a stream gives is the same, its positions lie in the text, and a known
//! secret never leaves it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::model::Secret;
use monster::secrets::{Hit, Known, Mode, Redactor, Stream};

fn fed<'a>(redactor: &Redactor, pieces: impl Iterator<Item = &'a [u8]>) -> (String, Vec<Hit>) {
    let mut stream = Stream::new(redactor);
    let (mut out, mut hits) = (String::new(), Vec::new());
    for piece in pieces {
        let given = stream.feed_bytes(piece);
        assert!(stream.held() < 256 * 1024);
        out.push_str(&given.text);
        hits.extend(given.hits);
    }
    let last = stream.finish();
    out.push_str(&last.text);
    hits.extend(last.hits);
    (out, hits)
}

fuzz_target!(|data: &[u8]| {
    let Some((&cut, rest)) = data.split_first() else { return };
    // Short inputs become long ones: what is held and what is masked without holding it begins at kibibytes.
    let Some((&times, body)) = rest.split_first() else { return };
    let secret = format!("{}{}", "kq7Zp2Vx9", "Lm4Tn8Rw3");
    let redactor = Redactor::new(Mode::Redact, vec![Known::new("work", Secret::new(secret.clone()))], [7; 8]);
    let text = String::from_utf8_lossy(body).repeat(usize::from(times % 16) + 1);
    let planted = format!("{text} {secret} {text}");
    let whole = fed(&redactor, std::iter::once(planted.as_bytes()));
    let pieces = fed(&redactor, planted.as_bytes().chunks(usize::from(cut).max(1)));
    assert_eq!(whole, pieces);
    let mut end = 0;
    for hit in &whole.1 {
        assert!(hit.start >= end && hit.start < hit.end);
        end = hit.end;
    }
    assert!(!whole.0.contains(&secret));
});
