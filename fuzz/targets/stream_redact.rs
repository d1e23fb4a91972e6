//! Text in pieces cut at fuzzed places: what a stream gives is the same, its positions lie in the text, and a known
//! secret never leaves it, also where every piece is followed by a pause.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use monster::model::Secret;
use monster::secrets::{Hit, Known, Mode, Redactor, Stream};

static SECRET: LazyLock<String> = LazyLock::new(|| format!("{}{}", "kq7Zp2Vx9", "Lm4Tn8Rw3"));
static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(Mode::Redact, vec![Known::new("work", Secret::new(SECRET.clone()))], [7; 8]));

fn fed(redactor: &Redactor, text: &str, size: usize, paused: bool) -> (String, Vec<Hit>) {
    let mut stream = Stream::new(redactor);
    let (mut out, mut hits, mut rest) = (String::new(), Vec::new(), text);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(size));
        rest = after;
        for given in [Some(stream.feed(piece)), paused.then(|| stream.pause())].into_iter().flatten() {
            out.push_str(&given.text);
            hits.extend(given.hits);
        }
        assert!(stream.held() < 256 * 1024);
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
    let (redactor, secret) = (&*REDACTOR, SECRET.as_str());
    let text = String::from_utf8_lossy(body).repeat(usize::from(times % 64) + 1);
    let planted = format!("{text} {secret} {text}");
    let size = usize::from(cut).max(1);
    let whole = fed(redactor, &planted, planted.len(), false);
    assert_eq!(whole, fed(redactor, &planted, size, false));
    // A pause looks at every line anew.
    let followed =
        planted.get(planted.floor_char_boundary(planted.len().saturating_sub(8 * 1024))..).unwrap_or_default();
    assert!(!fed(redactor, followed, size.max(64), true).0.contains(secret));
    let mut end = 0;
    for hit in &whole.1 {
        assert!(hit.start >= end && hit.start < hit.end);
        end = hit.end;
    }
    assert!(!whole.0.contains(secret));
});
