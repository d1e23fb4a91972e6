//! What requests of callers spell in more than one way.

use super::requests::ASKING;
use super::*;
use crate::model::Demand;

#[test]
fn a_number_of_thinking_tokens_is_read_as_one() {
    let budget = |dialect, body: Value| {
        surface(dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap().request.effort
    };
    let thinking = json!({ "type": "enabled", "budget_tokens": 9000 });
    let body = json!({ "messages": [], "max_tokens": 20_000, "thinking": thinking });
    assert_eq!(budget(Dialect::AnthropicMessages, body).budget, Some(9_000));
    let config = |n: i64| json!({ "contents": [{ "parts": [{ "text": "x" }] }], "generationConfig": { "thinkingConfig": { "thinkingBudget": n } } });
    assert_eq!(budget(Dialect::Gemini, config(512)).budget, Some(512));
    assert_eq!(budget(Dialect::Gemini, config(-1)), Demand::some(Effort::High));
    assert_eq!(budget(Dialect::Gemini, config(0)).level, Effort::None);
}

#[test]
fn gemini_is_read_in_either_spelling_and_its_older_schemas_become_json_schema() {
    let body = json!({
        "contents": [{ "role": "user", "parts": [{ "inline_data": { "mime_type": "image/png", "data": "AAAA" } }] }],
        "system_instruction": { "parts": [{ "text": "Be short." }] },
        "generation_config": { "max_output_tokens": 5, "response_mime_type": "application/json",
            "response_schema": { "type": "OBJECT", "properties": { "type": { "type": "STRING", "nullable": true } } } },
        "tools": [{ "function_declarations": [{ "name": "f", "parameters": { "type": "OBJECT" } }] }],
        "tool_config": { "function_calling_config": { "mode": "ANY", "allowed_function_names": ["f"] } },
    });
    let read = surface(Dialect::Gemini).read_request(body.to_string().as_bytes(), &ASKING).unwrap().request;
    assert_eq!(read.messages, [said(Role::User, vec![Block::image("image/png", "AAAA")])]);
    assert_eq!((read.system.as_str(), read.max_output, read.json), ("Be short.", Some(5), false));
    let schema = json!({ "type": "object", "properties": { "type": { "type": ["string", "null"] } } });
    assert_eq!(read.schema.unwrap().schema, schema);
    assert_eq!(read.tools[0].parameters, json!({ "type": "object" }));
    assert_eq!(read.tool_choice, ToolChoice::Named("f".to_owned()));
    assert_eq!(read.extras, []);
}
