//! What a browser, or anybody on this machine, sends to the listener of a sign-in: no panic, and never an answer without
//! the state.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::auth::callback::{Expected, pasted, request, whole};

const STATE: &str = "b3duLXN0YXRlLW9mLXRoaXMtc2lnbi1pbg";

fuzz_target!(|data: &[u8]| {
    let expected = Expected {
        path: "/callback".to_owned(),
        hosts: vec!["127.0.0.1:4711".to_owned()],
        state: Some(STATE.to_owned()),
        issuer: Some("https://id.example".to_owned()),
        named: data.first().is_some_and(|b| b & 1 == 1),
    };
    let _ = whole(data);
    let text = String::from_utf8_lossy(data);
    let framed = format!("GET /callback?{text} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n");
    for head in [data, framed.as_bytes()] {
        if request(head, &expected).is_ok() {
            // Percent signs can spell it in other letters.
            let head = String::from_utf8_lossy(head);
            assert!(head.contains(STATE) || head.contains('%'), "an answer of somebody else passed");
        }
    }
    let _ = pasted(&text, &expected);
});
