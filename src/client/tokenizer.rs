//! The tokenizer of OpenAI's models, in builds that carry its tables.

use bpe_openai::o200k_base;

use crate::model::{Block, Request};

/// Tokens around each turn and in front of the answer (openai-chat.md has no number; OpenAI's own cookbook has these `[K]`).
const TURN: usize = 3;

/// Tokens of all texts of a request; images and documents are not counted.
pub(super) fn tokens(request: &Request) -> u64 {
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
        Block::Text(text) | Block::Thought { text, .. } => count(text),
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
