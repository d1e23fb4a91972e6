//! What a request is before it may leave.

use std::collections::BTreeMap;

use serde_json::json;

use crate::client::clean::{Blocked, Clean};
use crate::model::{Block, Message, Purpose, Request, Role, Schema, ToolSpec};
use crate::secrets::{Mode, Policy, Redactor};

fn token(n: usize) -> String {
    format!("gh{}{}", "p_", format!("aB{n}dE5gH1").repeat(5).chars().take(36).collect::<String>())
}

fn redactor(policy: Policy) -> Redactor {
    Redactor::with(policy, Vec::new(), [5; 8])
}

#[test]
fn every_part_of_a_request_goes_through() {
    let mut request = Request::text("m", Purpose::Ask, token(1));
    request.system = format!("be kind to {}", token(2));
    let call = |name: String, input: String| Block::ToolCall { id: "1".to_owned(), name, input };
    let result = Block::ToolResult { id: "1".to_owned(), name: token(3), content: token(4), is_error: true };
    let document =
        Block::Document { media_type: "application/pdf".to_owned(), data: String::new(), name: Some(token(5)) };
    request.messages.push(Message {
        role: Role::Assistant,
        blocks: vec![call(token(3), format!("{{\"a\":\"{}\"}}", token(6))), result, document],
    });
    request.tools.push(ToolSpec {
        name: token(3),
        description: token(7),
        parameters: json!({ token(8): { "enum": [token(9)], "default": [{ "x": token(0) }] } }),
    });
    request.schema = Some(Schema { name: "s".to_owned(), schema: json!({ "required": [token(8)] }) });
    let clean = Clean::redact(&redactor(Policy::all(Mode::Redact)), request).unwrap();
    let text = serde_json::to_string(clean.request()).unwrap();
    for n in 0..10 {
        assert!(!text.contains(&token(n)), "{n}: {text}");
    }
    assert!(clean.masked().len() >= 12, "{}", clean.masked().len());
}

#[test]
fn a_kind_that_blocks_stops_the_request_and_the_others_do_not() {
    let kinds = BTreeMap::from([("github".to_owned(), Mode::Block), ("password".to_owned(), Mode::Warn)]);
    let redactor = redactor(Policy { kinds, ..Policy::all(Mode::Redact) });
    let ask = |text: &str| Clean::redact(&redactor, Request::text("m", Purpose::Ask, text));
    let blocked = ask(&format!("{} and password = \"aB3-kangaroo\"", token(1))).unwrap_err();
    assert_eq!(blocked.to_string(), "the request holds 1 × GitHub token and redact.mode is \"block\" for that");
    let told = ask("password = \"aB3-kangaroo\"").unwrap();
    assert_eq!(told.masked().len(), 1);
    assert!(serde_json::to_string(told.request()).unwrap().contains("aB3-kangaroo"));
    assert!(
        !serde_json::to_string(&Clean::hidden(told.request(), &redactor)).unwrap().contains("kangaroo"),
        "kept it is masked"
    );
}

#[test]
fn more_text_than_is_looked_through_is_refused() {
    let text = "0 ".repeat((32 << 20) + 1);
    let request = || Request::text("m", Purpose::Ask, text.clone());
    let refused = Clean::redact(&redactor(Policy::all(Mode::Redact)), request()).unwrap_err();
    assert!(matches!(refused, Blocked::TooLarge(_)), "{refused}");
    assert!(Clean::redact(&redactor(Policy::all(Mode::Off)), request()).is_ok(), "off looks for nothing");
}
