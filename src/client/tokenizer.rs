//! The tokenizer of OpenAI's models, in builds that carry its tables.

use bpe_openai::o200k_base;

use crate::model::{Block, Request};

/// Tokens around each turn and in front of the answer (openai-chat.md has no number; OpenAI's own cookbook has these `[K]`).
const TURN: usize = 3;

/// Tokens of a request of `model`; `None` where its tables are other ones, or the request holds more than can be counted
/// here: files, sounds, and what only a dialect knows.
pub(super) fn count(model: &str, request: &Request) -> Option<u64> {
    // What came before gpt-4o has the tables before these.
    let older = model.starts_with("gpt-3") || model == "gpt-4" || model.starts_with("gpt-4-");
    let plain = request.extras.is_empty() && request.tools.iter().all(|tool| tool.custom.is_none());
    let counted = request.messages.iter().flat_map(|turn| &turn.blocks).all(text);
    (!older && plain && counted).then(|| tokens(request))
}

/// All of it is text.
fn text(block: &Block) -> bool {
    match block {
        Block::Text(_) | Block::Refusal(_) | Block::Thought { .. } | Block::ToolCall { .. } | Block::Mark(_) => true,
        Block::ToolResult { parts, .. } => parts.iter().all(text),
        Block::Image { .. } | Block::Document { .. } | Block::Audio { .. } | Block::Cited(_) | Block::Opaque { .. } => {
            false
        }
    }
}

/// Tokens of all texts.
fn tokens(request: &Request) -> u64 {
    let coder = o200k_base();
    let count = |text: &str| coder.count(text);
    let json = |value: &serde_json::Value| if value.is_null() { 0 } else { count(&value.to_string()) };
    let tools = request.tools.iter().map(|tool| count(&tool.name) + count(&tool.description) + json(&tool.parameters));
    let schema = request.schema.as_ref().map_or(0, |schema| json(&schema.schema));
    let turns = request
        .messages
        .iter()
        .map(|turn| TURN + turn.blocks.iter().map(|block| block_of(block, &count)).sum::<usize>());
    let all = count(&request.system) + 2 * TURN + tools.sum::<usize>() + schema + turns.sum::<usize>();
    all as u64
}

fn block_of(block: &Block, count: &impl Fn(&str) -> usize) -> usize {
    match block {
        Block::Text(text) | Block::Refusal(text) | Block::Thought { text, .. } => count(text),
        Block::ToolCall { name, input, .. } => count(name) + count(input),
        Block::ToolResult { content, parts, .. } => {
            count(content) + parts.iter().map(|part| block_of(part, count)).sum::<usize>()
        }
        Block::Image { .. } | Block::Document { .. } | Block::Audio { .. } => 0,
        Block::Cited(_) | Block::Mark(_) | Block::Opaque { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Message, Purpose};

    #[test]
    fn what_cannot_be_counted_is_not_counted_as_nothing() {
        let mut request = Request::text("m", Purpose::Ask, "see");
        assert!(count("gpt-5.2", &request).is_some());
        assert_eq!((count("gpt-4-turbo", &request), count("gpt-3.5-turbo", &request)), (None, None));
        request.messages[0].blocks.push(Block::document("text/plain", "bG9uZw==", None));
        assert_eq!(count("gpt-5.2", &request), None);
    }

    #[test]
    fn words_are_counted_as_the_published_tokenizer_does() {
        // The examples of OpenAI's cookbook, "How to count tokens with tiktoken", for o200k_base.
        let one = |text: &str| tokens(&Request::text("m", Purpose::Ask, text));
        let of = |text: &str| one(text) - one("");
        assert_eq!((of("antidisestablishmentarianism"), of("2 + 2 = 4"), of("お誕生日おめでとう")), (6, 7, 8));
        let mut long = Request::text("m", Purpose::Ask, "a".repeat(1 << 20));
        long.messages.push(Message::assistant("fn main() { println!(\"{}\", 42); }"));
        assert!(tokens(&long) > 10_000, "a long run of one letter takes no longer than a text");
    }
}
