//! Streamed answers of every dialect, cut at fuzzed places: the same events as in one piece, and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::model::{Dialect, Event};
use monster::wire::wire;

fn read(dialect: Dialect, pieces: &[&[u8]]) -> (Vec<Event>, bool) {
    let (mut reader, mut out) = (wire(dialect).reader(), Vec::new());
    let fed = pieces.iter().all(|piece| reader.feed(piece, &mut out).is_ok());
    let ended = fed && reader.end(&mut out).is_ok();
    (out, ended)
}

/// Call ids that a dialect lacks are made up at random: they say nothing.
fn without_ids(events: &[Event]) -> Vec<String> {
    events.iter().filter(|e| !matches!(e, Event::BlockStart { .. })).map(|e| format!("{e:?}")).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let Some((&cut, body)) = rest.split_first() else { return };
    let dialect = Dialect::ALL[usize::from(first) % Dialect::ALL.len()];
    let whole = read(dialect, &[body]);
    let pieces: Vec<&[u8]> = body.chunks(usize::from(cut).max(1)).collect();
    let cut = read(dialect, &pieces);
    assert_eq!(whole.1, cut.1);
    if whole.1 {
        assert_eq!(without_ids(&whole.0), without_ids(&cut.0));
    }
});
