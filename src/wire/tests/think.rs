//! Thoughts between tags at the head of an answer.

use proptest::prelude::*;

use super::*;
use crate::model::{About, Block, FinishReason, Usage};
use crate::wire::{Fold, Think};

/// Thoughts and text of an answer whose text comes in these pieces, and whether a call follows.
fn passed(pieces: &[&str], call: bool) -> (Vec<Event>, Fold) {
    let mut events =
        vec![Event::Start { id: "a".into(), model: "m".into() }, Event::BlockStart { index: 0, kind: BlockKind::Text }];
    events.extend(pieces.iter().map(|text| Event::Text { index: 0, text: (*text).to_owned() }));
    events.push(Event::BlockEnd { index: 0 });
    if call {
        let kind = BlockKind::ToolCall { id: "c".into(), name: "look".into(), custom: false };
        events.push(Event::BlockStart { index: 1, kind });
        events.push(Event::ToolInput { index: 1, json: "{}".into() });
        events.push(Event::BlockEnd { index: 1 });
    }
    events.push(Event::Usage(Usage::default()));
    events.push(Event::Finish(FinishReason::Stop));
    let mut think = Think::default();
    let (mut out, mut fold) = (Vec::new(), Fold::default());
    for event in events {
        think.push(event);
        while let Some(event) = think.pull() {
            fold.push(&event);
            out.push(event);
        }
    }
    think.cut();
    assert_eq!(think.pull(), None, "nothing is left behind");
    (out, fold)
}

fn told(pieces: &[&str]) -> (Option<String>, String) {
    let (_, fold) = passed(pieces, false);
    let blocks = fold.message(None).blocks;
    let thought =
        blocks.iter().find_map(|b| if let Block::Thought { text, .. } = b { Some(text.clone()) } else { None });
    (thought, fold.text())
}

#[test]
fn thoughts_between_tags_are_no_part_of_the_answer() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(told(&["<think>\nwell\n</think>\n\nfix: it"]), (some("\nwell\n"), "fix: it".to_owned()));
    assert_eq!(told(&["\n <thi", "nk>we", "ll</", "thi", "nk>", "\n", "yes"]), (some("well"), "yes".to_owned()));
    assert_eq!(told(&["<thinking>a</think>b</thinking>c"]), (some("a</think>b"), "c".to_owned()));
    assert_eq!(told(&["<think></think>yes"]), (some(""), "yes".to_owned()), "some think of nothing");
    assert_eq!(told(&["<think>cut off"]), (some("cut off"), String::new()));
    assert_eq!(told(&["<think>cut off</thi"]), (some("cut off</thi"), String::new()));
}

#[test]
fn text_that_only_speaks_of_tags_stays_as_it_is() {
    for text in ["use <think>", "<thin", "<thinker> is a word", "  <", "", "a </think> b", "<b>bold</b>"] {
        assert_eq!(told(&[text]), (None, text.to_owned()));
    }
}

#[test]
fn what_follows_has_a_number_of_its_own() {
    let (events, fold) = passed(&["<think>a</think>b"], true);
    let starts: Vec<(usize, bool)> = events
        .iter()
        .filter_map(|e| match e {
            Event::BlockStart { index, kind } => Some((*index, *kind == BlockKind::Thought)),
            _ => None,
        })
        .collect();
    assert_eq!(starts, [(0, true), (1, false), (2, false)]);
    let blocks = fold.message(None).blocks;
    assert!(
        matches!(&blocks[..], [Block::Thought { .. }, Block::Text(text), Block::ToolCall { .. }] if text == "b"),
        "{blocks:?}"
    );
}

#[test]
fn what_is_told_of_a_text_before_its_first_word_stays_with_it() {
    let about = |index| Event::About { index, about: About { id: Some("m1".into()), ..About::default() } };
    for (text, at) in [("<think>a</think>b", 1), ("b", 0)] {
        let mut think = Think::default();
        for event in [
            Event::BlockStart { index: 0, kind: BlockKind::Text },
            about(0),
            Event::Text { index: 0, text: text.to_owned() },
            Event::BlockEnd { index: 0 },
        ] {
            think.push(event);
        }
        let events: Vec<Event> = std::iter::from_fn(|| think.pull()).collect();
        let start = events.iter().position(|e| *e == Event::BlockStart { index: at, kind: BlockKind::Text });
        assert_eq!(events.get(start.unwrap() + 1), Some(&about(at)), "{events:?}");
        let said = Event::Text { index: at, text: "b".to_owned() };
        assert!(events.contains(&said), "{events:?}");
    }
}

#[test]
fn white_space_without_end_is_not_waited_for() {
    let mut think = Think::default();
    think.push(Event::BlockStart { index: 0, kind: BlockKind::Text });
    for _ in 0..5_000 {
        think.push(Event::Text { index: 0, text: " ".to_owned() });
    }
    assert!(think.pull().is_some());
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_and_blocks_open_and_close_in_pairs(
        text in "(<think>|</think>|<thinking>|<thi|</|[a-z \n]){0,12}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        call in any::<bool>(),
    ) {
        let whole = passed(&[&text], call);
        let mut places: Vec<usize> = cuts.iter().map(|c| c.index(text.len() + 1)).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let pieces: Vec<&str> = places.windows(2).map(|w| &text[w[0]..w[1]]).collect();
        let cut = passed(&pieces, call);
        prop_assert_eq!(whole.1.message(None), cut.1.message(None));
        let mut open = Vec::new();
        for event in &cut.0 {
            match event {
                Event::BlockStart { index, .. } => { prop_assert!(!open.contains(index)); open.push(*index); }
                Event::BlockEnd { index } => { prop_assert!(open.contains(index)); open.retain(|n| n != index); }
                Event::Text { index, .. } | Event::Thought { index, .. } => prop_assert!(open.contains(index)),
                _ => {}
            }
        }
        prop_assert!(open.is_empty());
    }
}
