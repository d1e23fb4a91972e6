//! Stories about bytes that are passed on: whole frames, all of them, whatever the network cuts.

use proptest::prelude::*;

use super::*;
use crate::model::Dialect;
use crate::wire::wire;

const CHAT: &str = concat!(
    "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"He\"}}]}\n\n",
    ": a comment\n\n",
    "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"llo\"}}],\"x_new\":[1,2]}\r\n\r\n",
    "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n",
    "data: [DONE]\n\n",
);

/// What comes out when the answer comes in these pieces.
fn cut(text: &str, dialect: Dialect, quiet: bool, cuts: &[usize]) -> (Vec<Event>, Vec<u8>, Result<(), Failure>) {
    let mut reader = wire(dialect).reader();
    let mut frames = Frames::new(dialect == Dialect::Ollama, quiet);
    let (mut events, mut raw) = (Vec::new(), Vec::new());
    let mut at = 0;
    let mut ends: Vec<usize> = cuts.iter().map(|c| c % (text.len() + 1)).collect();
    ends.push(text.len());
    ends.sort_unstable();
    let mut outcome = Ok(());
    for end in ends {
        let piece = Bytes::copy_from_slice(&text.as_bytes()[at..end]);
        outcome = outcome.and_then(|()| frames.feed(piece, &mut *reader, &mut events, &mut raw));
        at = end;
    }
    let outcome = outcome.and_then(|()| frames.end(&mut *reader, &mut events, &mut raw));
    let outcome = outcome.and_then(|()| reader.end(&mut events));
    (events, raw.concat(), outcome)
}

proptest! {
    #[test]
    fn every_byte_comes_and_says_the_same_wherever_it_is_cut(cuts in prop::collection::vec(0_usize..2_000, 0..12)) {
        let whole = cut(CHAT, Dialect::OpenAiChat, false, &[]);
        let pieces = cut(CHAT, Dialect::OpenAiChat, false, &cuts);
        prop_assert_eq!(&pieces.1, CHAT.as_bytes());
        prop_assert_eq!(&pieces.0, &whole.0);
        prop_assert!(pieces.2.is_ok());
    }

    #[test]
    fn counts_that_nobody_asked_for_are_heard_and_not_passed_on(cuts in prop::collection::vec(0_usize..2_000, 0..12)) {
        let (events, raw, outcome) = cut(CHAT, Dialect::OpenAiChat, true, &cuts);
        let text = String::from_utf8(raw).unwrap();
        prop_assert!(outcome.is_ok());
        let usage = events.iter().any(|e| matches!(e, Event::Usage(usage) if usage.output == 2));
        prop_assert!(usage, "it was counted: {:?}", events);
        prop_assert!(!text.contains("prompt_tokens"), "{}", text);
        prop_assert!(text.ends_with("data: [DONE]\n\n") && text.contains("x_new") && text.contains(": a comment"));
    }
}

#[test]
fn an_error_inside_is_not_passed_on_and_what_came_before_it_is() {
    let good = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"He\"}}]}\n\n";
    let text = format!("{good}data: {{\"error\":{{\"message\":\"no more\",\"type\":\"server_error\"}}}}\n\n");
    let (_, raw, outcome) = cut(&text, Dialect::OpenAiChat, false, &[]);
    assert!(outcome.is_err());
    assert_eq!(String::from_utf8(raw).unwrap(), good);
}

#[test]
fn lines_are_frames_of_their_own_at_ollama() {
    let text = "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true,\"eval_count\":1}\n";
    let (events, raw, outcome) = cut(text, Dialect::Ollama, false, &[10, 20, 45]);
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(String::from_utf8(raw).unwrap(), text);
    assert!(events.iter().any(|e| matches!(e, Event::Text { text, .. } if text == "a")));
}

#[test]
fn the_last_line_need_not_end_and_need_not_be_read_whole() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let text = format!(
        "{{\"message\":{{\"content\":\"a\"}},\"done\":false}}\n{{\"message\":{{\"content\":\"\"}},\"x\":{deep},\"done\":true}}"
    );
    let (_, raw, outcome) = cut(&text, Dialect::Ollama, false, &[10, 20, 45]);
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(String::from_utf8(raw).unwrap(), text);
}

#[test]
fn a_frame_in_many_pieces_is_put_together_once() {
    // Two megabytes in one frame, in pieces of sixteen bytes: looking at all of it for each piece would take minutes.
    let long = "x".repeat(2 << 20);
    let text =
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{long}\"}}}}]}}\n\ndata: [DONE]\n\n");
    let cuts: Vec<usize> = (0..text.len()).step_by(16).collect();
    let (_, raw, outcome) = cut(&text, Dialect::OpenAiChat, false, &cuts);
    assert!(outcome.is_ok() || outcome.unwrap_err().message.contains("finish"), "it ends as it may");
    assert_eq!(raw, text.as_bytes());
}
