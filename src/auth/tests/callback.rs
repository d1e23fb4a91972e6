//! What a browser brings back, and what else may come.

use proptest::prelude::*;

use crate::auth::callback::{Answer, Away, Expected, pasted, request, whole};

fn expected() -> Expected {
    Expected {
        path: "/callback".to_owned(),
        hosts: vec!["127.0.0.1:4711".to_owned()],
        state: Some("the-state".to_owned()),
        issuer: Some("https://id.example".to_owned()),
        named: false,
    }
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nAccept: */*\r\n\r\n")
}

fn away(head: &str) -> Away {
    request(head.as_bytes(), &expected()).unwrap_err()
}

fn code(answer: Answer) -> String {
    let Answer::Code { code, .. } = answer else { panic!("{answer:?}") };
    code.expose().to_owned()
}

#[test]
fn the_right_request_gives_the_code() {
    let head = get("/callback?code=a%2Fb+c&state=the-state&iss=https%3A%2F%2Fid.example");
    assert_eq!(code(request(head.as_bytes(), &expected()).unwrap()), "a/b c");
    let lazy = head.replace("\r\n", "\n").replace("Host", "hOST");
    assert_eq!(code(request(lazy.as_bytes(), &expected()).unwrap()), "a/b c");
}

#[test]
fn a_no_is_read_and_only_with_the_right_state() {
    let head = get("/callback?error=access_denied&error_description=no+way&state=the-state");
    let Ok(Answer::No { code, said }) = request(head.as_bytes(), &expected()) else { panic!("it is a no") };
    assert_eq!((code.as_str(), said.as_str()), ("access_denied", "no way"));
    assert_eq!(away(&get("/callback?error=access_denied")), Away::State, "anybody could end the sign-in");
}

#[test]
fn everything_else_is_turned_away_with_its_reason() {
    let good = "/callback?code=c&state=the-state";
    for (head, reason) in [
        (get("/callback?code=c&state=the-statf"), Away::State),
        (get("/callback?code=c&state=the-stat"), Away::State),
        (get("/callback?code=c"), Away::State),
        (get("/callback?state=the-state"), Away::Empty),
        (get("/callback?code=&state=the-state"), Away::Empty),
        (get("/callback?code=c&code=d&state=the-state"), Away::Broken),
        (get("/callback?code=c&state=x&state=the-state"), Away::Broken),
        (get("/callback/?code=c&state=the-state"), Away::Path),
        (get("/?code=c&state=the-state"), Away::Path),
        (get("http://127.0.0.1:4711/callback?code=c&state=the-state"), Away::Path),
        (get("/callback?code=c&state=the-state&iss=https%3A%2F%2Fevil.example"), Away::Issuer),
        (get(good).replace("GET", "POST"), Away::Method),
        (get(good).replace("GET", "HEAD"), Away::Method),
        (get(good).replace("127.0.0.1:4711", "evil.example:4711"), Away::Host),
        (get(good).replace("127.0.0.1:4711", "127.0.0.1"), Away::Host),
        (get(good).replace("Accept: */*", "Host: 127.0.0.1:4711"), Away::Broken),
        (get(good).replace("Host", "Guest"), Away::Broken),
        (get(good).replace("HTTP/1.1", "HTTP/2"), Away::Broken),
        (get(good).replace("Accept: */*", "no colon"), Away::Broken),
        ("\r\n\r\n".to_owned(), Away::Broken),
    ] {
        assert_eq!(away(&head), reason, "{head}");
    }
    assert_eq!(request(b"GET /\xff HTTP/1.1\r\n\r\n", &expected()).unwrap_err(), Away::Broken);
}

#[test]
fn a_server_that_names_itself_always_does() {
    let strict = Expected { named: true, ..expected() };
    let silent = get("/callback?code=c&state=the-state");
    assert_eq!(request(silent.as_bytes(), &strict).unwrap_err(), Away::Issuer);
}

#[test]
fn without_a_state_the_path_is_the_secret() {
    let expected = Expected { path: "/cb/word".to_owned(), state: None, issuer: None, ..expected() };
    assert_eq!(code(request(get("/cb/word?code=c").as_bytes(), &expected).unwrap()), "c");
    assert_eq!(request(get("/cb/wore?code=c").as_bytes(), &expected).unwrap_err(), Away::Path);
}

#[test]
fn a_pasted_address_is_read_with_what_terminals_and_mails_put_around_it() {
    let good = "http://127.0.0.1:4711/callback?code=c&state=the-state";
    for text in [
        good.to_owned(),
        format!("  {good}\r\n"),
        format!("<{good}>"),
        format!("'{good}'"),
        format!("\u{1b}[200~{good}\u{1b}[201~"),
        format!("{good}#fragment"),
    ] {
        assert_eq!(code(pasted(&text, &expected()).unwrap()), "c", "{text:?}");
    }
    for (text, reason) in [
        ("c", Away::Broken),
        ("https://127.0.0.1:4711/callback?code=c&state=the-state", Away::Broken),
        ("http://127.0.0.1:4711/callback", Away::Empty),
        ("http://127.0.0.1:4712/callback?code=c&state=the-state", Away::Host),
        ("http://127.0.0.1:4711/other?code=c&state=the-state", Away::Path),
        ("http://127.0.0.1:4711/callback?code=c&state=other", Away::State),
    ] {
        assert_eq!(pasted(text, &expected()).unwrap_err(), reason, "{text}");
    }
    let bare = Expected { path: "/".to_owned(), ..expected() };
    assert_eq!(code(pasted("http://127.0.0.1:4711?code=c&state=the-state", &bare).unwrap()), "c");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_or_pass_without_the_state(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        for head in [bytes.clone(), get(&text).into_bytes(), get(&format!("/callback?{text}")).into_bytes()] {
            let _ = whole(&head);
            let read = request(&head, &expected());
            prop_assert!(read.is_err() || String::from_utf8_lossy(&head).contains("the-state"));
        }
        prop_assert!(pasted(&text, &expected()).is_err() || text.contains("the-state"));
    }
}
