//! Messages of a gRPC service, behind good prefixes and cut anywhere: the same events as in one piece; statuses with any
//! details, lists and whole answers. Never a panic, and no wait longer than any wait may be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::model::{Dialect, Event};
use monster::wire::{models, prefix, stated, status, wire};

const GRPC: Dialect = Dialect::XaiGrpc;

fn read(pieces: &[&[u8]]) -> (Vec<String>, bool) {
    let (mut reader, mut out) = (wire(GRPC).reader(), Vec::new());
    let fed = pieces.iter().all(|piece| reader.feed(piece, &mut out).is_ok());
    let ended = fed && reader.end(&mut out).is_ok();
    // Ids that a call lacks are made up at random.
    let told = out.iter().filter(|e| !matches!(e, Event::BlockStart { .. })).map(|e| format!("{e:?}")).collect();
    (told, ended)
}

fuzz_target!(|data: &[u8]| {
    let Some(([size, cut, code], body)) = data.split_first_chunk::<3>().map(|(head, body)| (*head, body)) else {
        return;
    };
    let messages = body.chunks(usize::from(size).max(1));
    let framed: Vec<u8> = messages.flat_map(|m| [&prefix(m.len())[..], m].concat()).collect();
    let pieces: Vec<&[u8]> = framed.chunks(usize::from(cut).max(1)).collect();
    assert_eq!(read(&[&framed]), read(&pieces));
    drop(wire(GRPC).read_reply(body));
    drop(wire(GRPC).show(body));
    drop(models(body));
    let (http, status) = status(i32::from(code) - 3, "no", body);
    assert!((400..600).contains(&http));
    let failure = stated(GRPC, &status);
    assert!(failure.retry_after.is_none_or(|wait| wait.as_secs() <= 31 * 86_400));
});
