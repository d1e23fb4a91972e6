//! Where what was sealed came from is remembered, by caller and within limits.

use super::*;
use crate::client::Clean;
use crate::client::origin::{Received, Task};
use crate::model::Purpose;
use crate::providers::Intent;
use crate::secrets::{Conversation, Mode, Redactor, Restore};
use crate::wire::Loss;

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
    seals.keep(&ours, &tag("m"), &turn(told.clone()), false);
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
fn what_a_router_tells_at_the_end_of_a_turn_comes_back_before_its_last_call() {
    let (seals, ours, details) = (Seals::default(), whose("editor", "one"), r#"[{"type":"reasoning.encrypted"}]"#);
    let shown = Block::Thought { text: "about it".to_owned(), seal: None, tag: None };
    seals.keep(&ours, &tag("m"), &turn(vec![shown, call("a"), call("b"), thought(details, None)]), false);
    let back = |echo: Vec<Block>| {
        let echo = turn(echo);
        seals.turn(&ours, &tag("m"), &echo, std::slice::from_ref(&echo))
    };
    let whole = vec![call("a"), thought(details, Some(tag("m"))), call("b")];
    assert_eq!(back(vec![call("a"), call("b")]), Some(whole.clone()));
    assert_eq!(back(vec![call("a"), call("b"), thought(details, None)]), Some(whole));
    // Of others the place says what they led to.
    seals.keep(&ours, &tag("m"), &turn(vec![call("c"), thought("id\nsealed", None)]), false);
    assert_eq!(back(vec![call("c")]), None);
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
    seals.keep(&ours, &tag("m"), &turn(vec![sealed(None)]), false);
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
    let adapted = Adapted { tag: Some(tag("m")), ..Adapted::default() };
    let asked = |turns: Vec<Message>| {
        let mut request = Request::text("m", Purpose::Serve, "where?");
        request.messages.extend(turns);
        request
    };
    let is = |turns: Vec<Message>| bare(&asked(turns), Dialect::AnthropicMessages, &adapted, true);
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
    assert!(!bare(&open, Dialect::AnthropicMessages, &adapted, false) && !bare(&open, Dialect::Gemini, &adapted, true));
}

#[test]
fn a_refusal_of_what_was_sealed_is_told_from_others() {
    let says = |text: &str| Failure::new(Kind::BadRequest, crate::model::Scope::Request, text);
    for text in [
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        "Corrupted thought signature.",
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.",
        "Expected thinking but found tool_use",
        "The encrypted content for item rs_1 could not be verified.",
        "Item 'ws_1' of type 'web_search_call' was provided without its required 'reasoning' item: 'rs_1'.",
    ] {
        assert!(refused(&says(text)), "{text}");
    }
    assert!(!refused(&says("max_tokens: too many")));
}

/// A caller's own body, as it was read.
fn came(dialect: Dialect, body: &str) -> Clean {
    let talk = Conversation::new(Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8])), Restore::Off);
    let model = (dialect == Dialect::Gemini).then_some("m");
    let received = Received {
        dialect,
        task: Task::Answer,
        body: body.as_bytes(),
        reads: None,
        model,
        stream: None,
        headers: Vec::new(),
    };
    Clean::received(&talk, received, std::time::Duration::ZERO).map(|taken| taken.clean).unwrap()
}

/// What goes to `tag` of it; `None` = all of it.
fn goes(seals: &Seals, tag: &Tag, dialect: Dialect, body: &str) -> Option<String> {
    let clean = came(dialect, body);
    let adapted = Adapted { max_output: clean.request().max_output, sampling: true, ..Adapted::default() };
    let less = seals.less(&whose("editor", "one"), tag, &clean, &adapted, false)?;
    let (request, intent) = (less.request(), Intent::of(less.request(), less.prompt_bytes()));
    let foreign = |block: &Block| block.seal().is_some_and(|seal| seal.ends_with("gone"));
    assert!(!request.messages.iter().flat_map(|message| &message.blocks).any(foreign), "{request:#?}");
    let patched = less.origin().unwrap().patched("m", request, &intent, &adapted, request.stream).unwrap();
    assert_eq!(patched.written.losses, [Loss::Thoughts]);
    Some(String::from_utf8(patched.written.body).unwrap())
}

/// A body in which what goes stands in `<<these>>`, with what stands there then behind `||`: before and after.
fn marked(text: &str) -> (String, String) {
    let (mut before, mut after) = (String::new(), String::new());
    for (n, piece) in text.split("<<").enumerate() {
        let (gone, stays) = piece.split_once(">>").filter(|_| n > 0).unwrap_or(("", piece));
        let (old, new) = gone.split_once("||").unwrap_or((gone, ""));
        before.extend([old, stays]);
        after.extend([new, stays]);
    }
    (before, after)
}

/// "gone" was sealed by `n`, "kept" by `m`, for whoever speaks their own dialect.
fn both_sealed() -> Seals {
    let seals = Seals::default();
    for (seal, model) in [("gone", "n"), ("kept", "m")] {
        seals.keep(&whose("editor", "one"), &tag(model), &turn(vec![thought(seal, None)]), true);
    }
    seals
}

const CLAUDE: &str = r#"{ "model":"m", "max_tokens" : 9, "messages":[ {"role":"user","content":"hi"},
 {"role":"assistant", "content":[<<{"type":"thinking","thinking":"t","signature":"gone"}, >>{"type" : "server_tool_use",
  "id":"srvtoolu_1","name":"web_search","input":{"query":"x"},"new":[1, 2.50]}, {"type":"web_search_tool_result",
  "tool_use_id":"srvtoolu_1","content":[],"cache_control":{"type":"ephemeral"}}, {"type":"thinking","thinking":"",
  "signature":"nobody"},{"type":"thinking","thinking":"","signature":"kept"}<<, {"type":"redacted_thinking","data":"gone"}>>,
  {"type":"text","text":"There."}]}, {"role":"user","content":"on"}<<,{"role":"assistant","content":[{"type":"thinking",
  "thinking":"","signature":"gone"} ]}>>, {"role":"user","content":"on"}] }"#;

const CODEX: &str = r#"{"store":false, "model":"m","input":[ {"type":"compaction","id":"cmp_1","encrypted_content":"whole"},
 {"role":"user","content":"hi"}<<,  {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gone"}>>,
 {"type":"web_search_call"<<,"id":"ws_1">>,"status":"completed","action":{"type":"search"}}, {"type":"function_call"<<,"id":"fc_1">>,
 "call_id":"c","name":"f","arguments":"{}"}, {"type":"function_call_output","call_id":"c","output":"o"}, {"type":"function_call"<<,
 "id":"fc_2">>,"call_id":"d","name":"f","arguments":"{}"}, {"type":"function_call_output","call_id":"d","output":"o"},
 {"type":"reasoning","summary":[],"encrypted_content":"kept"}, {"type":"message","id":"msg_1","role":"assistant",
 "status":"completed","content":[{"type":"output_text","text":"x","annotations":[]}]}, {"role":"user","content":"and"}<<,
 {"type":"reasoning","summary":[],"encrypted_content":"gone"}>>, {<<"id":"msg_2",>>"type":"message","role":"assistant"<<,
 "status":"completed">>,"content":[{"type":"output_text","text":"y","annotations":[]}]}, {"role":"user","content":"on"} ]}"#;

const GEMINI: &str = r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}, {"role":"model","parts":[<<{"text":"t",
 "thought":true,"thoughtSignature":"gone"},>>{"executableCode":{"language":"PYTHON","code":"1"}}, {"codeExecutionResult":
 {"outcome":"OUTCOME_OK","output":"1"}}, {"text":"so"<<,"thought_signature":"gone">>}, {"functionCall":{"name":"f","args":{}},
 "thoughtSignature": <<"gone"||"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=">>}<<, {"text":"","thoughtSignature":"gone"}>>,
 {"functionCall":{"name":"g"},"thoughtSignature":"kept"}]}, {"role":"user","parts":[{"functionResponse":{"name":"f",
 "response":{}}},{"functionResponse":{"name":"g","response":{}}}]}<<, {"role":"model","parts":[{"text":"",
 "thoughtSignature":"gone"}]}>>, {"role":"user","parts":[{"text":"on"}]}]}"#;

const CHAT: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}, {"role":"assistant","content":"x"<<,
 "reasoning_content":"t">>,"reasoning_details":[<<{"type":"reasoning.text","text":"t","signature":"gone","format":"monster",
 "index":0}, >>{"type":"reasoning.text","text":"u","signature":"nobody","format":"monster","index":1}],"audio":{"id":"a"},
 "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}<<,"extra_content":{"google":
 {"thought_signature":"gone"}}>>}]}, {"role":"tool","tool_call_id":"c","content":"o"}, {"role":"assistant","content":[<<{"type":
 "thinking","thinking":[{"type":"text","text":"t"}],"signature":"gone"}, >>{"type":"text","text":"y"}]}, {"role":"user",
 "content":"on"}]}"#;

#[test]
fn of_a_callers_own_dialect_what_another_sealed_goes_and_every_other_byte_stays() {
    let seals = both_sealed();
    for (dialect, text) in [
        (Dialect::AnthropicMessages, CLAUDE),
        (Dialect::OpenAiResponses, CODEX),
        (Dialect::Gemini, GEMINI),
        (Dialect::OpenAiChat, CHAT),
    ] {
        let (before, after) = marked(text);
        assert_eq!(goes(&seals, &tag("m"), dialect, &before).as_deref(), Some(&*after), "{dialect:?}");
        // What is left is nobody else's, or nobody knows whose it is.
        assert_eq!(goes(&seals, &tag("m"), dialect, &after), None, "{dialect:?}");
        assert_eq!(goes(&Seals::default(), &tag("m"), dialect, &before), None, "{dialect:?}");
    }
}

#[test]
fn what_openai_s_own_tools_did_after_a_thought_goes_with_it_where_its_id_must_stand() {
    let text = r#"{"store":false,"model":"m","input":[{"role":"user","content":"hi"}<<, {"type":"reasoning","summary":[],
 "encrypted_content":"gone"}, {"type":"code_interpreter_call","id":"ci_1","code":"1","container_id":"c","status":"completed",
 "outputs":[]}, {"type":"computer_call","id":"cu_1","call_id":"u","status":"completed"}>>, {"type":"shell_call"<<,"id":"sh_1">>,
 "call_id":"s"}, {"type":"shell_call_output","call_id":"s","output":[]}, {"type":"file_search_call","queries":[]}<<, {"type":"computer_call_output","call_id":"u",
 "output":{}}, {"type":"image_generation_call","id":"ig_1","status":"completed","result":"iVBORw0K"}, {"type":"mcp_approval_request",
 "id":"mcpr_1","name":"f","arguments":"{}","server_label":"s"}, {"type":"mcp_approval_response","approve":true,
 "approval_request_id":"mcpr_1"}>>, {"type":"computer_call_output","call_id":"v","output":{}}, {"role":"user","content":"and"},
 {"type":"code_interpreter_call","id":"ci_2","code":"1","container_id":"c","status":"completed","outputs":[]},
 {"role":"user","content":"on"}]}"#;
    let (before, after) = marked(text);
    let clean = came(Dialect::OpenAiResponses, &before);
    let adapted = Adapted { sampling: true, ..Adapted::default() };
    let less = both_sealed().less(&whose("editor", "one"), &tag("m"), &clean, &adapted, false).unwrap();
    let (request, intent) = (less.request(), Intent::of(less.request(), less.prompt_bytes()));
    let written = less.origin().unwrap().patched("m", request, &intent, &adapted, false).unwrap().written;
    assert_eq!(String::from_utf8(written.body).unwrap(), after);
    let told: Vec<&str> = written.losses.iter().map(Loss::name).collect();
    let wanted = ["thoughts", "output.code_interpreter_call", "output.computer_call", "output.image_generation_call"];
    assert_eq!(told, [wanted.to_vec(), vec!["output.mcp_approval_request"]].concat());
    assert!(written.losses[1].sentence().contains("after a thought"), "{}", written.losses[1].sentence());
}

#[test]
fn a_turn_over_chat_that_says_nothing_any_more_goes_whole() {
    let thought = r#"{"type":"thinking","thinking":[{"type":"text","text":"t"}],"signature":"gone"}"#;
    let details = r#"[{"type":"reasoning.text","text":"t","signature":"gone","format":"monster","index":0}]"#;
    let call = r#"{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}"#;
    let text = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}<<, {{"role":"assistant","content":[{thought}]}}>>,
 {{"role":"user","content":"on"}}<<, {{"role":"assistant","content":null,"tool_calls":[],"reasoning":"t","reasoning_details":{details}}}>>,
 {{"role":"user","content":"on"}}, {{"role":"assistant","content":null<<,"reasoning_details":{details}>>,"tool_calls":[{call}]}},
 {{"role":"tool","tool_call_id":"c","content":"o"}}, {{"role":"assistant","content":<<[{thought}]||"">>,"refusal":"no"}},
 {{"role":"assistant","content":""}}, {{"role":"user","content":"draw"}}, {{"role":"assistant","content":null<<,"reasoning_details":{details}>>,
 "images":[{{"type":"image_url","image_url":{{"url":"https://a.example/b.png"}}}}]}}, {{"role":"user","content":"on"}}]}}"#
    );
    let (before, after) = marked(&text);
    assert_eq!(goes(&both_sealed(), &tag("m"), Dialect::OpenAiChat, &before), Some(after));
}

#[test]
fn a_part_of_gemini_s_that_stands_in_a_list_s_place_is_looked_at_as_one() {
    let (seals, dialect) = (both_sealed(), Dialect::Gemini);
    let text = r#"{"contents":[{"role":"user","parts":{"text":"hi"}}<<, {"role":"model","parts":{"text":"t","thought":true,
 "thoughtSignature":"gone"}}>>, {"role":"user","parts":{"text":"on"}}, {"role":"model","parts":{"functionCall":{"name":"f",
 "args":{}},"thoughtSignature":<<"gone"||"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=">>}}, {"role":"user","parts":
 {"functionResponse":{"name":"f","response":{}}}}]}"#;
    let (before, after) = marked(text);
    assert_eq!(goes(&seals, &tag("m"), dialect, &before).as_deref(), Some(&*after));
    assert_eq!(goes(&seals, &tag("m"), dialect, &after), None);
    let (before, after) =
        marked(r#"{"contents": {"role":"model","parts":{"text":"so"<<,"thoughtSignature":"gone">>}}}"#);
    assert_eq!(goes(&seals, &tag("m"), dialect, &before), Some(after));
    // A call that nobody signed is signed there, too.
    let (before, after) = marked(
        r#"{"contents":[{"parts":{"text":"hi"}}, {"role":"model","parts":{<<||"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",>>"functionCall":
 {"name":"f"}}}, {"parts":{"functionResponse":{"name":"f","response":{}}}}]}"#,
    );
    assert_eq!(sealed_goes(&Seals::default(), dialect, &before), Some((after, Vec::new())));
}

#[test]
fn another_account_is_another_sealer_in_every_dialect() {
    let seals = both_sealed();
    let other = Tag { account: "home".to_owned(), ..tag("m") };
    let (before, _) = marked(CODEX);
    let gone = goes(&seals, &other, Dialect::OpenAiResponses, &before).unwrap();
    assert!(!gone.contains("gone") && !gone.contains("kept"), "{gone}");
}

#[test]
fn a_router_s_details_go_with_what_they_show_unless_the_model_wants_it() {
    let seals = Seals::default();
    let details = r#"[{"type":"reasoning.encrypted","data":"gone"}]"#;
    seals.keep(&whose("editor", "one"), &tag("n"), &turn(vec![thought(details, None)]), true);
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}},{{"role":"assistant","content":"x","reasoning":"t","reasoning_details":{details}}},{{"role":"user","content":"on"}}]}}"#
    );
    let clean = came(Dialect::OpenAiChat, &body);
    for (shown, left) in [(false, ""), (true, r#","reasoning":"t""#)] {
        let mut adapted = Adapted { sampling: true, ..Adapted::default() };
        adapted.quirks.return_reasoning = shown;
        let less = seals.less(&whose("editor", "one"), &tag("m"), &clean, &adapted, false).unwrap();
        let (request, intent) = (less.request(), Intent::of(less.request(), less.prompt_bytes()));
        let patched = less.origin().unwrap().patched("m", request, &intent, &adapted, false).unwrap();
        let sent = String::from_utf8(patched.written.body).unwrap();
        assert!(sent.contains(&format!(r#""content":"x"{left}}}"#)), "{sent}");
        let thought = Block::Thought { text: "t".to_owned(), seal: None, tag: None };
        assert_eq!(request.messages[1].blocks.contains(&thought), shown);
    }
}

#[test]
fn a_seal_is_known_without_the_id_of_its_item() {
    let seals = Seals::default();
    seals.keep(&whose("editor", "one"), &tag("n"), &turn(vec![thought("rs_1\ngone", None)]), true);
    let (before, after) = marked(
        r#"{"store":false,"model":"m","input":[{"role":"user","content":"hi"}<<,{"type":"reasoning","summary":[],"encrypted_content":"gone"}>>,{"role":"user","content":"on"}]}"#,
    );
    assert_eq!(goes(&seals, &tag("m"), Dialect::OpenAiResponses, &before), Some(after));
}

#[test]
fn of_an_answer_in_the_callers_own_dialect_nothing_is_kept_but_whose_seal_it_is() {
    let seals = Seals::default();
    let long = Block::Thought { text: "t".repeat(1 << 20), seal: Some("s".repeat(1 << 20)), tag: None };
    seals.keep(&whose("editor", "one"), &tag("n"), &turn(vec![long, call("a")]), true);
    let held = seals.with(|memory| (memory.known.len(), memory.bytes < 2 * AROUND));
    assert_eq!(held, (1, true));
}

/// As [`goes`], to a model that takes only what it sealed itself.
fn sealed_goes(seals: &Seals, dialect: Dialect, body: &str) -> Option<(String, Vec<Loss>)> {
    let clean = came(dialect, body);
    let max_output = clean.request().max_output;
    let adapted = Adapted { max_output, sampling: true, sealed: true, signed: true, ..Adapted::default() };
    let less = seals.less(&whose("editor", "one"), &tag("m"), &clean, &adapted, false)?;
    let (request, intent) = (less.request(), Intent::of(less.request(), less.prompt_bytes()));
    let patched = less.origin().unwrap().patched("m", request, &intent, &adapted, request.stream).unwrap();
    Some((String::from_utf8(patched.written.body).unwrap(), patched.written.losses))
}

#[test]
fn what_nobody_sealed_or_another_visibly_did_goes_where_seals_are_wanted() {
    let claude = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[
 <<{"type":"thinking","thinking":"t","signature":""}, {"type":"thinking","thinking":"t"}, >>{"type":"thinking","thinking":"",
 "signature":"EqQB"}<<, {"type":"thinking","thinking":"t","signature":"rs_9\nENCR9"}, {"type":"thinking","thinking":"",
 "signature":"[{\"type\":\"reasoning.encrypted\"}]"}, {"type":"thinking","thinking":"","signature":"alone\nc2ln"}>>,
 {"type":"redacted_thinking","data":"EmwK"}, {"type":"text","text":"y"}]},{"role":"user","content":"on"}]}"#;
    let codex = r#"{"store":false,"model":"m","input":[{"role":"user","content":"hi"}, <<{"type":"reasoning","id":"rs_1",
 "summary":[{"type":"summary_text","text":"t"}]}, {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":null},
 {"type":"reasoning","id":"rs_3","summary":[],"encrypted_content":"monster:SIGA36=="}, >>{"type":"function_call"<<,"id":"fc_1">>,
 "call_id":"c","name":"f","arguments":"{}"}, {"type":"function_call_output","call_id":"c","output":"o"},
 {"type":"reasoning","id":"rs_4","summary":[],"encrypted_content":"gAAA"}, {"role":"user","content":"on"}]}"#;
    let gemini = r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}, {"role":"model","parts":[{"text":"t","thought":true}<<,
 {"text":"t","thought":true,"thoughtSignature":"bW9uc3Rlcjpyc185CkVOQ1I5"}>>, {"text":"x","thoughtSignature":"c2ln"}]},
 {"role":"user","parts":[{"text":"on"}]}]}"#;
    for (dialect, text) in
        [(Dialect::AnthropicMessages, claude), (Dialect::OpenAiResponses, codex), (Dialect::Gemini, gemini)]
    {
        let (before, after) = marked(text);
        let went = sealed_goes(&Seals::default(), dialect, &before);
        assert_eq!(went, Some((after.clone(), vec![Loss::Thoughts])), "{dialect:?}");
        assert_eq!(sealed_goes(&Seals::default(), dialect, &after), None, "{dialect:?}");
        // Others take what they are told.
        assert_eq!(goes(&Seals::default(), &tag("m"), dialect, &before), None, "{dialect:?}");
    }
    // What this very model was heard to seal so is its own: it may be another door like ours.
    let seals = Seals::default();
    seals.keep(&whose("editor", "one"), &tag("m"), &turn(vec![thought("rs_9\nENCR9", None)]), true);
    let body = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"rs_9\nENCR9"},{"type":"text","text":"y"}]},{"role":"user","content":"on"}]}"#;
    assert_eq!(sealed_goes(&seals, Dialect::AnthropicMessages, body), None);
}

#[test]
fn the_first_call_of_each_step_of_this_turn_is_signed_as_one_from_elsewhere() {
    let sign = r#"<<||"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",>>"#;
    let called = r#""functionCall":{"name":"f","args":{}}"#;
    let answered = r#"{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}"#;
    let text = format!(
        r#"{{"contents":[{{"role":"user","parts":[{{"text":"hi"}}]}}, {{"role":"model","parts":[{{{called}}}]}}, {answered},
 {{"role":"model","parts":[{{"text":"y"}}]}}, {{"parts":[{{"text":"on"}}]}}, {{"role":"model","parts":[{{"text":"I look."}},
 {{{sign}{called}}}, {{{called}}}]}}, {answered}, {{"role":"model","parts":[{{{called},"thoughtSignature":"c2ln"}}, {{{called}}}]}},
 {answered}, {{"role":"model","parts":[{{ {called},"thought_signature":<<""||"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=">>}}]}},
 {answered}]}}"#
    );
    let (before, after) = marked(&text);
    assert_eq!(sealed_goes(&Seals::default(), Dialect::Gemini, &before), Some((after.clone(), Vec::new())));
    assert_eq!(sealed_goes(&Seals::default(), Dialect::Gemini, &after), None);
    assert_eq!(goes(&Seals::default(), &tag("m"), Dialect::Gemini, &before), None);
}

#[test]
fn a_seal_of_openai_s_own_that_was_told_here_goes_back_as_it_came() {
    let text = r#"{"store":false,"model":"m","input":[{"role":"user","content":"hi"}, {"type":"reasoning","id":<<"rs_told"||"rs_1">>,
 "summary":[],"encrypted_content":<<"monster:rs_1\nENC"||"ENC">>}, {<<||"id":"rs_2",>>"type":"reasoning","summary":[],
 "encrypted_content":<<"monster:rs_2\nENC"||"ENC">>}, {"role":"user","content":"monster: on"}]}"#;
    let (before, after) = marked(text);
    let went = sealed_goes(&Seals::default(), Dialect::OpenAiResponses, &before);
    assert_eq!(went, Some((after.clone(), Vec::new())));
    assert_eq!(sealed_goes(&Seals::default(), Dialect::OpenAiResponses, &after), None);
}
