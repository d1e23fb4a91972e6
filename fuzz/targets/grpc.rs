//! Messages of a gRPC service, behind good prefixes and cut anywhere: the same events as in one piece; statuses with any
//! details, lists and whole answers. Requests of its callers: what was read and written again is read as the same. Never a
//! panic, and no wait longer than any wait may be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::model::{Dialect, Event, Failure, Kind, Purpose, Scope};
use monster::wire::{Adapted, Asking, Quirks, Reply, models, prefix, stated, status, surface, trailers, wire};

const GRPC: Dialect = Dialect::XaiGrpc;

fn read(pieces: &[&[u8]]) -> (Vec<String>, bool) {
    let (mut reader, mut out) = (wire(GRPC).reader(), Vec::new());
    let fed = pieces.iter().all(|piece| reader.feed(piece, &mut out).is_ok());
    let ended = fed && reader.end(&mut out).is_ok();
    // Ids that a call lacks are made up at random.
    let told = out.iter().filter(|e| !matches!(e, Event::BlockStart { .. })).map(|e| format!("{e:?}")).collect();
    (told, ended)
}

/// A request, and what a caller is told, whatever it is.
fn asked(body: &[u8]) {
    let asking = Asking { model: Some("m"), stream: Some(true), purpose: Purpose::Ask };
    let asked = match surface(GRPC).read_request(body, &asking) {
        Ok(asked) => asked.request,
        Err(failure) => return assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, Scope::Request)),
    };
    let quirks = Quirks { strict: true, ..Quirks::default() };
    let adapted =
        Adapted { max_output: asked.max_output, structured: true, sampling: true, quirks, ..Adapted::default() };
    let Ok(first) = wire(GRPC).write_request("m", &asked, &adapted, true) else { return };
    let again = |body: &[u8]| surface(GRPC).read_request(body, &asking).unwrap().request;
    let read = again(&first.body);
    assert_eq!(asked.extras, read.extras);
    // Turns that say nothing are left out, and those beside them become one; from then on it stays as it is.
    let second = wire(GRPC).write_request("m", &read, &adapted, true).unwrap().body;
    assert_eq!(second, wire(GRPC).write_request("m", &again(&second), &adapted, true).unwrap().body);
}

fuzz_target!(|data: &[u8]| {
    let Some(([size, cut, code], body)) = data.split_first_chunk::<3>().map(|(head, body)| (*head, body)) else {
        return;
    };
    let messages = body.chunks(usize::from(size).max(1));
    let framed: Vec<u8> = messages.flat_map(|m| [&prefix(m.len())[..], m].concat()).collect();
    let pieces: Vec<&[u8]> = framed.chunks(usize::from(cut).max(1)).collect();
    assert_eq!(read(&[&framed]), read(&pieces));
    asked(body);
    if let Ok(events) = wire(GRPC).read_reply(body) {
        let reply = Reply { id: "r".into(), model: "m".into(), created: 0, usage: true, ..Reply::default() };
        assert!(wire(GRPC).read_reply(&surface(GRPC).write_reply(&events, &reply)).is_ok());
    }
    drop(wire(GRPC).show(body));
    drop(models(body));
    let (http, status) = status(i32::from(code) - 3, "no", body);
    assert!((400..600).contains(&http));
    let failure = stated(GRPC, &status);
    assert!(failure.retry_after.is_none_or(|wait| wait.as_secs() <= 31 * 86_400));
    let said = Failure { message: String::from_utf8_lossy(body).into_owned(), ..failure };
    assert!(trailers(Some(&said)).iter().all(|(_, value)| value.bytes().all(|byte| matches!(byte, b' '..=b'~'))));
});
