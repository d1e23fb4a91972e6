//! How much of a text is looked at again, in bytes: what is decoded or put together costs a share of the text, never a
//! multiple of it.

use std::cell::Cell;

use crate::secrets::engine::{find_near, find_with};

/// Bytes of a text and of all views of it that are looked at.
fn looked(text: &str) -> usize {
    let bytes = Cell::new(0);
    find_with(text, &|seen, _| bytes.set(bytes.get() + seen.len()));
    bytes.get()
}

#[test]
fn neighbouring_literals_are_looked_at_once_more_at_most_twice() {
    for piece in [
        "\"kind\":\"secret\" ",
        "\"secret\" ",
        "'a' . 'b' . ",
        "\"token\", \"key\" \"key\"; ",
        "[\"pass\", \"word\"].join(\"\"); ",
        "x = \"pass\" + \"word\", ",
        "k + \"cd\" ",
        "<b>token</b><b>x</b>",
        "`a${\"cd\"}` ",
        "    \"ghp_\",\n    \"token\"\n",
    ] {
        let text = piece.repeat(20_000 / piece.len());
        let bytes = looked(&text);
        assert!(bytes >= text.len() && bytes <= 3 * text.len(), "{piece}: {bytes} of {}", text.len());
        // A longer text of the same is no more work for each byte.
        assert!(looked(&text.repeat(4)) <= 4 * bytes + text.len() / 10, "{piece}");
    }
}

#[test]
fn far_from_a_change_nothing_is_put_together_again() {
    let text = "x = \"pass\" + \"word\";\n".repeat(5_000);
    let bytes = Cell::new(0);
    let place = text.len() / 2..text.len() / 2 + 20;
    find_near(&text, &[place], &|seen, _| bytes.set(bytes.get() + seen.len()));
    assert!((text.len()..text.len() + 8 * 1024).contains(&bytes.get()), "{} of {}", bytes.get(), text.len());
}

#[test]
fn only_what_stands_near_its_numbers_is_looked_at_again_without_them() {
    let text = format!("{}1: one\n2: two\n{}", "an ordinary line\n".repeat(5_000), "an ordinary line\n".repeat(5_000));
    // The view without numbers is handed on whole, for what the user named; its lines are not put together again.
    assert!(looked(&text) <= 2 * text.len());
    let joined = "x = \"pass\" + \"word\";\n".repeat(2_000);
    let once = looked(&joined) - joined.len();
    let twice = looked(&format!("{joined}1: one\n2: two\n{joined}"));
    assert!(twice <= 2 * (2 * joined.len() + 20) + 2 * once + 8 * 1024, "{twice}");
}
