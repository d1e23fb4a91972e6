//! Stories about whoever watches: one who keeps up, one who does not, one who comes again.

use std::task::Poll;

use serde_json::Value;

use super::*;
use crate::model::Kind;
use crate::serve::journal::Journal;
use crate::world::Clock;

struct Watcher {
    flow: Flow,
    lines: bool,
}

impl Watcher {
    fn of(board: &Arc<Board>, house: &watch::Sender<bool>, lines: bool) -> Self {
        Self { flow: feed(Arc::clone(board), house.subscribe(), lines), lines }
    }

    /// All that is ready, each as it was told.
    async fn read(&mut self) -> Vec<Value> {
        let mut bytes = Vec::new();
        for _ in 0..10_000 {
            let ready = std::future::poll_fn(|cx| match self.flow.poll(cx) {
                Poll::Ready(frame) => Poll::Ready(frame),
                Poll::Pending => Poll::Ready(None),
            });
            match ready.await {
                Some(frame) => bytes.extend_from_slice(&frame.into_data().unwrap()),
                None => break,
            }
        }
        let text = String::from_utf8(bytes).unwrap();
        let prefix = if self.lines { "" } else { "data: " };
        let told = text.lines().filter(|line| !line.is_empty()).map(|line| line.strip_prefix(prefix).unwrap());
        told.map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn asked(board: &Arc<Board>, n: usize) {
    let mut entry = board.open(&format!("r-{n}"), "serve/editor", "openai-chat", "gpt-4.1-mini", true);
    entry.begins();
    entry.end(Err(Kind::Overloaded));
}

fn seqs(news: &[Value]) -> Vec<u64> {
    news.iter().map(|one| one["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn who_keeps_up_misses_nothing_in_either_form() {
    let (board, house) = (Board::new(Clock::system(), Journal::at(None), None), watch::Sender::new(false));
    for lines in [false, true] {
        asked(&board, 0);
        let mut watcher = Watcher::of(&board, &house, lines);
        for n in 1..20 {
            asked(&board, n);
        }
        let told = watcher.read().await;
        let from = told[0]["seq"].as_u64().unwrap();
        assert_eq!(told[0]["event"], "now");
        assert_eq!(seqs(&told), (from..from + 58).collect::<Vec<_>>());
        let words: Vec<&str> = told[1..4].iter().map(|one| one["event"].as_str().unwrap()).collect();
        assert_eq!(words, ["started", "answering", "finished"]);
        assert_eq!(told[3]["request"]["outcome"], "overloaded");
    }
}

#[tokio::test]
async fn who_does_not_read_holds_nobody_up_and_is_told_anew_what_is() {
    let (board, house) = (Board::new(Clock::system(), Journal::at(None), None), watch::Sender::new(false));
    let mut slow = Watcher::of(&board, &house, true);
    let stays = board.open("r-stays", "serve/agent", "gemini", "fast", false);
    for n in 0..4_000 {
        asked(&board, n);
    }
    let told = slow.read().await;
    // What it was, and what it is: nothing of what lay between was kept for him.
    let last = told.iter().rposition(|one| one["event"] == "now").unwrap();
    assert!(last > 0 && told.len() < 1_100, "{last} of {}", told.len());
    let now = &told[last]["requests"];
    assert_eq!((now["open"].as_array().unwrap().len(), &now["open"][0]["id"]), (1, &Value::from("r-stays")));
    assert_eq!(now["finished"][0]["id"], "r-3999");
    assert_eq!(told[last]["seq"], 12_001);
    // From there on it goes without a gap.
    drop(stays);
    asked(&board, 4_000);
    assert_eq!(seqs(&slow.read().await), [12_002, 12_003, 12_004, 12_005]);
}

#[tokio::test]
async fn who_comes_again_gets_what_is_and_goes_on_from_there() {
    let (board, house) = (Board::new(Clock::system(), Journal::at(None), None), watch::Sender::new(false));
    let mut first = Watcher::of(&board, &house, false);
    let entry = board.open("r-1", "serve/editor", "openai-chat", "gpt-4.1-mini", true);
    assert_eq!(first.read().await.len(), 2);
    drop(first);
    let mut again = Watcher::of(&board, &house, false);
    entry.end(Err(Kind::TimedOut));
    let told = again.read().await;
    assert_eq!((&told[0]["event"], &told[0]["requests"]["open"][0]["id"]), (&"now".into(), &"r-1".into()));
    assert_eq!((&told[1]["event"], &told[1]["request"]["outcome"]), (&"finished".into(), &"timed_out".into()));
    assert_eq!(seqs(&told), [1, 2]);
    // It ends with the house.
    house.send_replace(true);
    assert!(again.read().await.is_empty());
    assert!(std::future::poll_fn(|cx| again.flow.poll(cx)).await.is_none());
}

#[test]
fn each_line_is_json_that_the_document_has_also_where_nothing_happens() {
    let [event, line] = PINGS;
    assert!(event.starts_with(b":") && event.ends_with(b"\n\n"), "a comment among events");
    let alive: Value = serde_json::from_slice(line).unwrap();
    let document = crate::serve::document::document();
    let schema = &document["components"]["schemas"]["Event"];
    assert!(
        line.ends_with(b"\n") && schema["properties"]["event"]["enum"].as_array().unwrap().contains(&alive["event"])
    );
    assert_eq!((&schema["required"], alive.as_object().unwrap().len()), (&serde_json::json!(["event"]), 1));
}
