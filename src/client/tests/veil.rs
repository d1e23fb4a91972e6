//! Who did not ask for thoughts reads his text first, and what a tool loop needs stands before the call.

use super::*;
use crate::model::FinishReason;
use crate::wire::Fold;

fn thought(index: usize, text: &str, seal: &str) -> Vec<Event> {
    let sealed = (!seal.is_empty()).then(|| Event::Sealed { index, seal: seal.to_owned() });
    let begun =
        [Event::BlockStart { index, kind: BlockKind::Thought }, Event::Thought { index, text: text.to_owned() }];
    begun.into_iter().chain(sealed).chain([Event::BlockEnd { index }]).collect()
}

fn text(index: usize, text: &str) -> Vec<Event> {
    let begun = Event::BlockStart { index, kind: BlockKind::Text };
    vec![begun, Event::Text { index, text: text.to_owned() }, Event::BlockEnd { index }]
}

fn call(index: usize) -> Vec<Event> {
    let kind = BlockKind::ToolCall { id: format!("c{index}"), name: "find".to_owned(), custom: false };
    let input = Event::ToolInput { index, json: "{}".to_owned() };
    vec![Event::BlockStart { index, kind }, input, Event::BlockEnd { index }]
}

/// What is left of an answer, one word for each block.
fn told(words: bool, events: &[Vec<Event>]) -> Vec<String> {
    use crate::model::Block;
    let (mut veil, mut fold, mut numbers) = (Veil { words, ..Veil::default() }, Fold::default(), Vec::new());
    for event in events.iter().flatten().chain([&Event::Finish(FinishReason::Stop)]) {
        veil.hear(event, |event| {
            fold.push(event);
            if let Event::BlockStart { index, .. } = event {
                numbers.push(*index);
            }
        });
    }
    assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>(), "in the order in which they are told");
    assert_eq!(fold.finish, Some(FinishReason::Stop));
    let word = |block: &Block| match block {
        Block::Text(text) => text.clone(),
        Block::Thought { text, seal, .. } => format!("[{text}{}]", seal.as_deref().unwrap_or_default()),
        Block::ToolCall { id, .. } => id.clone(),
        other => format!("{other:?}"),
    };
    fold.message(None).blocks.iter().map(word).collect()
}

#[test]
fn thoughts_go_and_their_seals_stand_before_the_call_that_they_led_to() {
    let (t, s) = (|n| thought(n, "hm", "s1"), |n| thought(n, "and", "s2"));
    assert_eq!(told(false, &[t(0), text(1, "hi"), s(2)]), ["hi"]);
    assert_eq!(told(false, &[t(0), text(1, "hi"), call(2), call(3)]), ["hi", "[s1]", "c2", "c3"]);
    assert_eq!(told(false, &[t(0), call(1), s(2), call(3), text(4, "hi")]), ["[s1]", "c1", "[s2]", "c3", "hi"]);
    assert_eq!(told(false, &[t(0), s(1), text(2, "hi"), call(3)]), ["hi", "[s1]", "[s2]", "c3"]);
    // A router's come at the end, and find their way back by the call.
    assert_eq!(told(false, &[thought(0, "hm", ""), call(1), s(2)]), ["c1"]);
    // What nobody sealed comes back only to whoever wants to be told it in words.
    assert_eq!(told(false, &[thought(0, "hm", ""), text(1, "hi"), call(2)]), ["hi", "c2"]);
    assert_eq!(told(true, &[thought(0, "hm", ""), text(1, "hi"), call(2)]), ["hi", "[hm]", "c2"]);
    assert_eq!(told(true, &[thought(0, "hm", ""), text(1, "hi")]), ["hi"]);
}
