//! Requests of callers in every dialect: an error or a request, never a panic; and what was read can be written in every
//! dialect, and is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::model::{Dialect, Kind, Purpose};
use monster::wire::{Adapted, Asking, surface, wire};

fuzz_target!(|data: &[u8]| {
    let asking = Asking { model: Some("m"), stream: Some(true), purpose: Purpose::Ask };
    for from in Dialect::ALL {
        let asked = match surface(from).read_request(data, &asking) {
            Ok(asked) => asked,
            Err(failure) => {
                assert_eq!(failure.kind, Kind::BadRequest);
                continue;
            }
        };
        let adapted =
            Adapted { max_output: asked.request.max_output, structured: true, sampling: true, ..Adapted::default() };
        for to in Dialect::ALL {
            match wire(to).write_request("m", &asked.request, &adapted, true) {
                Ok(written) => match surface(to).read_request(&written.body, &asking) {
                    Ok(_) => {}
                    // What asks nothing is a message to some and none to others.
                    Err(failure) => assert_eq!(failure.kind, Kind::BadRequest),
                },
                Err(failure) => assert_eq!(failure.kind, Kind::BadRequest),
            }
        }
    }
});
