//! Streams of every dialect told in every other: what is written is read without an error, whatever came.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::model::Dialect;
use monster::wire::{Reply, surface, wire};

fuzz_target!(|data: &[u8]| {
    let Some((&first, body)) = data.split_first() else { return };
    let from = Dialect::ALL[usize::from(first) % Dialect::ALL.len()];
    let (mut reader, mut events) = (wire(from).reader(), Vec::new());
    let fed = reader.feed(body, &mut events).and_then(|()| reader.end(&mut events));
    let reply = Reply { id: "r".into(), model: "m".into(), created: 0, usage: true, ..Reply::default() };
    for to in Dialect::ALL {
        let (mut writer, mut out) = (surface(to).writer(&reply), Vec::new());
        events.iter().for_each(|event| writer.push(event, &mut out));
        match &fed {
            Ok(()) => {
                writer.end(&mut out);
                let (mut reader, mut told) = (wire(to).reader(), Vec::new());
                assert!(reader.feed(&out, &mut told).is_ok() && reader.end(&mut told).is_ok());
                assert!(wire(to).read_reply(&surface(to).write_reply(&events, &reply)).is_ok());
            }
            Err(failure) => writer.fail(failure, &mut out),
        }
    }
});
