//! Events into a message.

use super::{Block, BlockKind, Event, Fold, tag};
use crate::model::{Cost, CostSource, FinishReason, NanoUsd, Usage};

fn folded(events: &[Event]) -> Fold {
    let mut fold = Fold::default();
    events.iter().for_each(|e| fold.push(e));
    fold
}

fn start(index: usize, kind: BlockKind) -> Event {
    Event::BlockStart { index, kind }
}

#[test]
fn interleaved_blocks_come_out_in_their_order_and_whole() {
    let call = |id: &str| BlockKind::ToolCall { id: id.into(), name: "add".into(), custom: false };
    let input = |index, json: &str| Event::ToolInput { index, json: json.into() };
    let fold = folded(&[
        start(0, BlockKind::Thought),
        Event::Thought { index: 0, text: "hm".into() },
        start(1, call("a")),
        start(2, call("b")),
        input(2, "{\"x\""),
        input(1, "{}"),
        input(2, ":1}"),
        Event::Sealed { index: 0, seal: "s".into() },
    ]);
    let made = |id: &str, input: &str| Block::call(id, "add", input);
    let thought = Block::Thought { text: "hm".into(), seal: Some("s".into()), tag: tag("a") };
    assert_eq!(fold.message(tag("a")).blocks, [thought, made("a", "{}"), made("b", "{\"x\":1}")]);
    assert_eq!(fold.bytes(), "hm{}{\"x\":1}".len());
    assert!(fold.thought() && fold.has_content());
}

#[test]
fn totals_replace_what_was_known() {
    let usage = |output| Usage { output, ..Usage::default() };
    let cost = |n| Cost { amount: NanoUsd(n), source: CostSource::Reported };
    let fold = folded(&[
        Event::Usage(usage(1)),
        Event::Usage(usage(7)),
        Event::Charged(cost(1)),
        Event::Charged(cost(2)),
        Event::Finish(FinishReason::Length),
    ]);
    assert_eq!((fold.usage, fold.charged, fold.finish), (Some(usage(7)), Some(cost(2)), Some(FinishReason::Length)));
}

#[test]
fn an_answer_in_two_pieces_used_and_cost_what_both_did() {
    let piece = |output, amount: u64| {
        let cost = Cost { amount: NanoUsd(amount), source: CostSource::Reported };
        folded(&[Event::Usage(Usage { output, ..Usage::default() }), Event::Charged(cost)])
    };
    let mut fold = piece(1, 10);
    fold.append(piece(2, 20));
    assert_eq!(fold.usage.map(|usage| usage.output), Some(3));
    assert_eq!(fold.charged, Some(Cost { amount: NanoUsd(30), source: CostSource::Reported }));
}

#[test]
fn thoughts_and_blank_text_are_no_answer_but_a_call_is() {
    let text = |t: &str| Event::Text { index: 0, text: t.into() };
    assert!(!folded(&[]).has_content());
    assert!(!folded(&[text(" \n")]).has_content());
    assert!(!folded(&[Event::Thought { index: 0, text: "hm".into() }]).has_content());
    assert!(folded(&[text("4")]).has_content());
    assert!(
        folded(&[start(0, BlockKind::ToolCall { id: "a".into(), name: "add".into(), custom: false })]).has_content()
    );
    assert!(!folded(&[start(0, BlockKind::Thought)]).thought(), "a thought that shows nothing confirms nothing");
    assert!(folded(&[Event::Sealed { index: 0, seal: "s".into() }]).thought());
}
