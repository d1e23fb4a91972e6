//! Where what was sealed came from is remembered, by caller and within limits.

use super::*;
use crate::client::Clean;
use crate::model::Purpose;
use crate::secrets::{Mode, Redactor};

fn tag(model: &str) -> Tag {
    Tag { upstream: "anthropic".to_owned(), model: model.to_owned(), account: "work".to_owned() }
}

fn whose(caller: &str, conversation: &str) -> Whose {
    Whose { caller: caller.to_owned(), conversation: Some(conversation.to_owned()) }
}

fn thought(seal: &str, tag: Option<Tag>) -> Block {
    Block::Thought { text: format!("about {seal}"), seal: Some(seal.to_owned()), tag }
}

fn turn(blocks: Vec<Block>) -> Message {
    Message::new(Role::Assistant, blocks)
}

fn call(id: &str) -> Block {
    Block::call(id, "find", "{}")
}

fn answered() -> Message {
    let result = |id: &str| Block::ToolResult {
        id: id.to_owned(),
        name: String::new(),
        content: "found".to_owned(),
        is_error: false,
        parts: Vec::new(),
    };
    Message::new(Role::User, vec![result("a"), result("b")])
}

#[test]
fn what_was_used_last_stays_and_the_rest_is_bounded() {
    let mut memory = Memory::default();
    memory.put("first".to_owned(), Known::of(&tag("m")));
    for n in 0..MOST + 100 {
        assert!(memory.get("first").is_some(), "{n}");
        memory.put(n.to_string(), Known::of(&tag("m")));
    }
    assert_eq!((memory.known.len(), memory.order.len()), (MOST, MOST));
    assert!(memory.get("0").is_none() && memory.get("first").is_some());
    let long = |bytes: usize| Known { seal: Some("s".repeat(bytes)), ..Known::of(&tag("m")) };
    for n in 0..8 {
        memory.put(format!("long {n}"), long(BYTES / 4));
        assert!(memory.bytes <= BYTES);
    }
    assert!(memory.get("long 7").is_some() && memory.get("long 0").is_none());
    // The same again counts once, and what is larger than all is not kept at all.
    memory.put("long 7".to_owned(), long(1));
    memory.put("whale".to_owned(), long(BYTES));
    assert!(memory.known.is_empty() && memory.order.is_empty() && memory.bytes == 0);
}

#[test]
fn thoughts_come_back_before_the_calls_they_led_to_and_for_nobody_else() {
    let (seals, ours) = (Seals::default(), whose("editor", "one"));
    let told = vec![thought("s1", None), call("a"), thought("s2", None), call("b")];
    seals.keep(&ours, &tag("m"), &turn(told.clone()));
    let back = |whose: &Whose, tag: &Tag, echo: Vec<Block>| {
        let echo = turn(echo);
        seals.turn(whose, tag, &echo, std::slice::from_ref(&echo))
    };
    let m = Some(tag("m"));
    let whole = vec![thought("s1", m.clone()), call("a"), thought("s2", m), call("b")];
    let shown = Block::Thought { text: "about it".to_owned(), seal: None, tag: None };
    for echo in [
        told.clone(),
        vec![call("a"), call("b")],
        vec![thought("s1", None), thought("s2", None), call("a"), call("b")],
        vec![shown, call("a"), call("b")],
        vec![call("a"), thought("s2", None), call("b")],
    ] {
        assert_eq!(back(&ours, &tag("m"), echo.clone()), Some(whole.clone()), "{echo:?}");
    }
    // A mark stays with its call.
    let marked = vec![call("a"), Block::Mark(crate::model::Ttl::Short), call("b")];
    let led = vec![whole[0].clone(), marked[0].clone(), marked[1].clone(), whole[2].clone(), marked[2].clone()];
    assert_eq!(back(&ours, &tag("m"), marked), Some(led));
    // Another model is told whose they are and gets none; another conversation, tool or caller has no such call.
    assert_eq!(back(&ours, &tag("n"), told.clone()), Some(whole));
    assert_eq!(back(&ours, &tag("n"), vec![call("a")]), None);
    assert_eq!(back(&whose("editor", "two"), &tag("m"), vec![call("a")]), None);
    assert_eq!(back(&whose("agent", "one"), &tag("m"), told), None);
    assert_eq!(back(&ours, &tag("m"), vec![Block::call("a", "other", "{}")]), None);
    // What a neighbour says is not said twice.
    let run = [turn(vec![thought("s1", None)]), turn(vec![call("a")])];
    assert_eq!(seals.turn(&ours, &tag("m"), &run[1], &run), None);
}

#[test]
fn the_signature_over_a_call_comes_back_with_it() {
    let (seals, ours) = (Seals::default(), whose("editor", "one"));
    let sealed = |tag: Option<Tag>| match call("a") {
        Block::ToolCall { id, name, input, custom, .. } => {
            let seal = Some(Seal { text: "s".to_owned(), tag });
            Block::ToolCall { id, name, input, custom, seal }
        }
        other => other,
    };
    seals.keep(&ours, &tag("m"), &turn(vec![sealed(None)]));
    let mut request = Request::text("m", Purpose::Serve, "where?");
    request.messages.extend([turn(vec![call("a")]), answered(), turn(vec![sealed(None)]), answered()]);
    let redactor = Redactor::new(Mode::Redact, Vec::new(), [7; 8]);
    let clean = Clean::redact(&redactor, request).unwrap();
    let back = seals.back(&ours, &tag("m"), &clean).unwrap();
    let [first, second] = [1, 3].map(|n| back.request().messages[n].blocks[0].clone());
    assert_eq!((first, second), (sealed(Some(tag("m"))), sealed(Some(tag("m")))));
    assert!(seals.back(&whose("agent", "one"), &tag("m"), &clean).is_none());
}

#[test]
fn a_budget_alone_wants_the_thought_that_led_to_a_call() {
    let budget = Adapted { thinking: Thinking::Budget(2_000), tag: Some(tag("m")), ..Adapted::default() };
    let adaptive = Adapted { thinking: Thinking::Adaptive(None), ..budget.clone() };
    let asked = |turns: Vec<Message>| {
        let mut request = Request::text("m", Purpose::Serve, "where?");
        request.messages.extend(turns);
        request
    };
    let is = |turns: Vec<Message>| bare(&asked(turns), Dialect::AnthropicMessages, &budget);
    assert!(is(vec![turn(vec![call("a")]), answered()]));
    assert!(is(vec![turn(vec![thought("s", None), call("a")]), answered()]), "somebody else's is not sent");
    assert!(is(vec![turn(vec![Block::Text("I look.".to_owned()), call("a")]), answered()]));
    assert!(!is(vec![turn(vec![thought("s", Some(tag("m"))), call("a")]), answered()]));
    assert!(!is(Vec::new()), "nothing was said");
    // Gone on from without a result, it is sent with one.
    assert!(is(vec![turn(vec![call("a")]), Message::user("and now?")]));
    assert!(!is(vec![turn(vec![thought("s", Some(tag("m"))), call("a")]), Message::user("and now?")]));
    let over = vec![turn(vec![call("a")]), answered(), turn(vec![Block::Text("There.".to_owned())])];
    assert!(!is([over.clone(), vec![Message::user("and now?")]].concat()), "the loop is over");
    assert!(!is(over));
    let open = asked(vec![turn(vec![call("a")]), answered()]);
    assert!(!bare(&open, Dialect::AnthropicMessages, &adaptive) && !bare(&open, Dialect::Gemini, &budget));
}

#[test]
fn a_refusal_of_what_was_sealed_is_told_from_others() {
    let says = |text: &str| Failure::new(Kind::BadRequest, crate::model::Scope::Request, text);
    for text in [
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        "Corrupted thought signature.",
        "The encrypted content for item rs_1 could not be verified.",
    ] {
        assert!(refused(&says(text)), "{text}");
    }
    assert!(!refused(&says("max_tokens: too many")));
}
