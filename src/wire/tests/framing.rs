//! Bytes into events and lines (WHATWG HTML, "Server-sent events"; `application/x-ndjson`).

use proptest::prelude::*;

use crate::wire::{Lines, Sse, SseEvent};

fn read(pieces: &[&[u8]]) -> Vec<SseEvent> {
    let (mut sse, mut out) = (Sse::default(), Vec::new());
    for piece in pieces {
        sse.feed(piece, &mut out).unwrap();
    }
    sse.end(&mut out);
    out
}

fn event(name: &str, data: &str) -> SseEvent {
    SseEvent { name: name.into(), data: data.into() }
}

#[test]
fn an_event_is_its_data_lines_joined_and_ends_at_a_blank_line() {
    let text = b"event: add\ndata: 73857293\n\ndata: YHOO\ndata: +2\ndata: 10\n\n";
    assert_eq!(read(&[text]), [event("add", "73857293"), event("", "YHOO\n+2\n10")]);
}

#[test]
fn lines_end_with_any_of_the_three_ends_even_mixed() {
    for text in [
        "data: a\n\ndata: b\n\n",
        "data: a\r\rdata: b\r\r",
        "data: a\r\n\r\ndata: b\r\n\r\n",
        "data: a\r\r\ndata: b\n\r",
    ] {
        assert_eq!(read(&[text.as_bytes()]), [event("", "a"), event("", "b")], "{text:?}");
    }
}

#[test]
fn a_carriage_return_and_its_line_feed_in_two_pieces_are_one_end() {
    assert_eq!(read(&[b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n"]), [event("", "a\nb")]);
}

#[test]
fn one_byte_order_mark_is_taken_off_and_only_at_the_very_beginning() {
    assert_eq!(read(&["\u{feff}data: a\n\n".as_bytes()]), [event("", "a")]);
    assert_eq!(read(&[b"\xef", b"\xbb", b"\xbfdata: a\n\n"]), [event("", "a")]);
    assert_eq!(read(&["\u{feff}\u{feff}data: a\n\n".as_bytes()]), [], "the second one belongs to a field nobody knows");
    assert_eq!(read(&["data: \u{feff}a\n\n\u{feff}data: b\n\n".as_bytes()]), [event("", "\u{feff}a")]);
}

#[test]
fn comments_and_unknown_fields_say_nothing() {
    let text = b": OPENROUTER PROCESSING\n\n: keep-alive\nid: 7\nretry: 10\ndata: a\nfoo: bar\nevent\n\n";
    assert_eq!(read(&[text]), [event("", "a")]);
}

#[test]
fn one_space_after_the_colon_is_no_part_of_the_value() {
    assert_eq!(
        read(&[b"data:a\n\ndata:  b\n\ndata\n\ndata: c:d\n\n"]),
        [event("", "a"), event("", " b"), event("", ""), event("", "c:d")]
    );
}

#[test]
fn a_name_without_data_is_forgotten() {
    assert_eq!(read(&[b"event: ping\n\ndata: a\n\n"]), [event("", "a")]);
}

#[test]
fn the_last_event_counts_without_its_blank_line_or_any_line_end() {
    assert_eq!(read(&[b"data: a\n"]), [event("", "a")]);
    assert_eq!(read(&[b"data: a\n\ndata: b"]), [event("", "a"), event("", "b")]);
    assert_eq!(read(&[b""]), []);
}

#[test]
fn bytes_that_are_no_text_do_not_stop_the_rest() {
    assert_eq!(read(&[b"data: \xff\n\ndata: a\n\n"]), [event("", "\u{fffd}"), event("", "a")]);
}

#[test]
fn an_event_beyond_all_reason_is_an_error_and_is_not_kept_growing() {
    let mega = vec![b'x'; 1 << 20];
    let mut one_line = Sse::default();
    let mut many_lines = Sse::default();
    let mut lines = Lines::default();
    let fed = |feed: &mut dyn FnMut() -> bool| (0..40).take_while(|_| feed()).count();
    let (mut events, mut out) = (Vec::new(), Vec::new());
    assert_eq!(fed(&mut || one_line.feed(&mega, &mut events).is_ok()), 32);
    let line = [b"data: ".as_slice(), &mega, b"\n"].concat();
    assert_eq!(fed(&mut || many_lines.feed(&line, &mut events).is_ok()), 31);
    assert_eq!(fed(&mut || lines.feed(&mega, &mut out).is_ok()), 32);
    assert!(events.is_empty() && out.is_empty());
}

#[test]
fn lines_are_trimmed_and_blank_ones_left_out() {
    let (mut lines, mut out) = (Lines::default(), Vec::new());
    lines.feed(b"{\"a\":1}\r\n\n  \n{\"b\":", &mut out).unwrap();
    lines.feed(b"2}", &mut out).unwrap();
    lines.end(&mut out);
    assert_eq!(out, ["{\"a\":1}", "{\"b\":2}"]);
}

/// Text full of what the rules look at.
fn framed() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static [u8]> = vec![
        b"data: ",
        b"data:",
        b"event: x",
        b":",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\xef\xbb\xbf",
        b"\xff",
        b"{\"a\":1}",
        b" ",
        "é".as_bytes(),
        b"id: 1",
        b"retry",
        b"\0",
    ];
    prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|w| w.concat())
}

fn chunks<'b>(bytes: &'b [u8], sizes: &[usize]) -> Vec<&'b [u8]> {
    let (mut out, mut rest) = (Vec::new(), bytes);
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        out.push(piece);
        rest = after;
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_chunking_gives_the_same_events(bytes in framed(), sizes in prop::collection::vec(1usize..7, 1..6)) {
        prop_assert_eq!(read(&chunks(&bytes, &sizes)), read(&[&bytes]));
    }

    #[test]
    fn any_chunking_gives_the_same_lines(bytes in framed(), sizes in prop::collection::vec(1usize..7, 1..6)) {
        let of = |pieces: &[&[u8]]| {
            let (mut lines, mut out) = (Lines::default(), Vec::new());
            pieces.iter().for_each(|p| lines.feed(p, &mut out).unwrap());
            lines.end(&mut out);
            out
        };
        prop_assert_eq!(of(&chunks(&bytes, &sizes)), of(&[&bytes]));
    }

    #[test]
    fn what_is_written_as_events_is_read_as_them(data in prop::collection::vec("[^\r\n]{0,20}", 1..6)) {
        let text: String = data.iter().map(|d| format!("data: {d}\r\n")).chain(["\r\n".to_owned()]).collect();
        prop_assert_eq!(read(&[text.as_bytes()]), [event("", &data.join("\n"))]);
    }
}
