//! What a request is before it may leave.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::service::field;
use crate::client::clean::{Blocked, Clean};
use crate::model::{
    About, Block, Dialect, Extra, Message, Purpose, Request, Role, Schema, Source, ToolChoice, ToolSpec,
};
use crate::secrets::{Mode, Policy, Redactor};
use crate::wire::{Adapted, Asking, surface, wire};

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
    let call = |name: String, input: String| Block::call("1", name, input);
    let result = Block::result("1", token(3), token(4), true);
    let document = Block::document("application/pdf", String::new(), Some(token(5)));
    request.messages.push(Message::new(
        Role::Assistant,
        vec![call(token(3), format!("{{\"a\":\"{}\"}}", token(6))), result, document],
    ));
    request.tools.push(ToolSpec::new(
        token(3),
        token(7),
        json!({ token(8): { "enum": [token(9)], "default": [{ "x": token(0) }] } }),
    ));
    request.schema = Some(Schema::new("s", json!({ "required": [token(8)] })));
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

#[test]
fn what_is_no_plain_text_of_a_turn_goes_through_too() {
    let encoded = |n: usize| STANDARD.encode(format!("key,value\nKEY,{}\n", token(n)));
    let mut request = Request::text("m", Purpose::Ask, "see");
    request.messages.push(Message {
        about: About { name: Some(token(0)), ..About::default() },
        ..Message::new(
            Role::User,
            vec![
                Block::Document { source: Source::Text(token(1)), name: None },
                Block::document("text/csv", encoded(2), None),
                // Mislabelled, as files without a known suffix are.
                Block::document("application/octet-stream", encoded(3), None),
                Block::Image { source: Source::Url(format!("https://a.b/c?key={}", token(4))), detail: None },
                Block::image("image/svg+xml", STANDARD.encode(format!("<svg><text>{}</text></svg>", token(5)))),
                Block::ToolResult {
                    id: "1".to_owned(),
                    name: "read".to_owned(),
                    content: String::new(),
                    is_error: false,
                    parts: vec![Block::Text(token(6)), Block::document("text/plain", encoded(7), None)],
                },
                Block::Opaque {
                    dialect: Dialect::AnthropicMessages,
                    value: json!({ "type": "search_result", "content": [{ "type": "text", "text": token(8) }] }),
                    tag: None,
                },
            ],
        )
    });
    let own = Extra {
        dialect: Dialect::Gemini,
        name: "responseJsonSchema".to_owned(),
        value: json!({ "type": "object", "description": token(14) }),
    };
    request.tools = vec![ToolSpec { extras: vec![own], ..ToolSpec::new("read", "", serde_json::Value::Null) }];
    request.stop = vec![token(9)];
    request.user = Some(token(10));
    request.cache.key = Some(token(11));
    request.tool_choice = ToolChoice::Among { must: true, names: vec![token(12)] };
    request.extras =
        vec![Extra { dialect: Dialect::OpenAiChat, name: "metadata".to_owned(), value: json!({ "a": token(13) }) }];
    let clean = Clean::redact(&redactor(Policy::all(Mode::Redact)), request).unwrap();
    let text = serde_json::to_string(clean.request()).unwrap();
    for n in 0..15 {
        assert!(!text.contains(&token(n)), "{n}: {text}");
        assert!(!text.contains(&encoded(n)), "{n}: {text}");
    }
    // What was masked inside base64 is base64 of the same text, masked.
    let Block::Document { source: Source::Data { data, .. }, .. } = &clean.request().messages[1].blocks[1] else {
        panic!("no document")
    };
    let csv = String::from_utf8(STANDARD.decode(data).unwrap()).unwrap();
    assert!(csv.starts_with("key,value\nKEY,") && csv.ends_with('\n') && !csv.contains(&token(2)), "{csv}");
}

#[test]
fn names_beside_names_are_no_values_and_numbers_are_masked_whole() {
    let mut request = Request::text("m", Purpose::Ask, "see");
    let names = json!(["username", "password", "twoFactorCode", "oauth2ClientId", "sshKeyPath", "enableSSL"]);
    let schema = json!({ "type": "object", "required": names, "properties": { "password": { "enum": names } } });
    request.tools = vec![ToolSpec::new("login", "", schema.clone())];
    request.schema = Some(Schema::new("s", schema.clone()));
    let number = 918_273_645_511_223_344_u64;
    let words = ["tulip", "Harbour", "9", "window"].concat();
    let held = json!({ "Authorization": number, "tags": names, "passwords": [words], "n": 7,
        "env": [{ "name": "DB_PASSWORD", "value": words }], "path": "C:\\a\\" });
    request.extras = vec![Extra { dialect: Dialect::OpenAiChat, name: "metadata".to_owned(), value: held.clone() }];
    let clean = Clean::redact(&redactor(Policy::all(Mode::Redact)), request).unwrap();
    assert_eq!(clean.request().tools[0].parameters, schema);
    assert_eq!(clean.request().schema.as_ref().unwrap().schema, schema);
    let value = &clean.request().extras[0].value;
    assert_eq!((&value["tags"], &value["n"], &value["path"]), (&held["tags"], &held["n"], &held["path"]));
    assert!(value["Authorization"].as_str().is_some_and(|text| text.starts_with("MSEC_")), "{value:#}");
    assert!(!value.to_string().contains(&words), "{value:#}");
    assert_eq!(value["env"][0]["name"], "DB_PASSWORD");
}

#[test]
fn a_name_says_something_of_the_value_beside_it_in_json_too() {
    // No rule knows the words by themselves.
    let words = ["tulip", "Harbour", "9", "window"].concat();
    let with = |policy: Policy| {
        let mut request = Request::text("m", Purpose::Ask, "see");
        let login = json!({ "user": "ada", "password": words, "n": 3, "more": [{ "a\n": "b \"quoted\"" }] });
        request.extras =
            vec![Extra { dialect: Dialect::OpenAiChat, name: "metadata".to_owned(), value: login.clone() }];
        request.messages.push(Message::new(
            Role::Assistant,
            vec![Block::Opaque { dialect: Dialect::Gemini, value: json!([login]), tag: None }],
        ));
        Clean::redact(&redactor(policy), request).unwrap()
    };
    let clean = with(Policy::all(Mode::Redact));
    assert!(!serde_json::to_string(clean.request()).unwrap().contains(&words), "{:?}", clean.request());
    let extra = &clean.request().extras[0].value;
    assert_eq!((extra["user"].as_str(), extra["n"].as_i64()), (Some("ada"), Some(3)), "{extra}");
    assert_eq!(extra["more"][0]["a\n"], "b \"quoted\"", "{extra}");
    // Told once for each place, and left as it is.
    let warned = with(Policy::all(Mode::Warn));
    assert_eq!(warned.masked().len(), 2, "{:?}", warned.masked());
    assert!(serde_json::to_string(warned.request()).unwrap().contains(&words));
    // What is kept is masked in every mode.
    let kept = Clean::hidden(warned.request(), &redactor(Policy::all(Mode::Warn)));
    assert!(!serde_json::to_string(&kept).unwrap().contains(&words), "{kept:?}");
}

#[test]
fn every_part_counts_toward_what_is_looked_through() {
    let half = "0 ".repeat(17 << 20);
    let mut request = Request::text("m", Purpose::Ask, half.clone());
    request.schema = Some(Schema { description: Some(half), ..Schema::new("answer", json!({})) });
    let refused = Clean::redact(&redactor(Policy::all(Mode::Redact)), request).unwrap_err();
    assert!(matches!(refused, Blocked::TooLarge(_)), "{refused}");
}

#[test]
fn a_file_that_is_said_to_be_text_and_is_none_is_not_sent_and_a_picture_is() {
    let ask = |block: Block| {
        let mut request = Request::text("m", Purpose::Ask, "see");
        request.messages.push(Message::new(Role::User, vec![block]));
        Clean::redact(&redactor(Policy::all(Mode::Redact)), request)
    };
    for data in ["no base64!", "/+8AAQ=="] {
        let refused = ask(Block::document("text/plain; charset=latin1", data, None)).unwrap_err();
        assert!(matches!(refused, Blocked::Unreadable("a document")), "{refused}");
    }
    let png = STANDARD.encode([0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2, 0xff]);
    assert!(ask(Block::image("image/png", png)).is_ok());
    let pdf = STANDARD.encode([b"%PDF-1.4\n".as_slice(), &[b' '; 300], &[0xe2, 0xe3, 0xcf]].concat());
    assert!(ask(Block::document("application/pdf", pdf, None)).is_ok());
}

#[test]
fn bytes_that_hold_a_secret_and_are_no_whole_text_are_refused() {
    let redactor = redactor(Policy::all(Mode::Redact));
    let ask = |bytes: &[u8]| {
        let block = Block::document("application/octet-stream", STANDARD.encode(bytes), None);
        let mut request = Request::text("m", Purpose::Ask, "see");
        request.messages.push(Message::new(Role::User, vec![block]));
        Clean::redact(&redactor, request)
    };
    let long = "# nothing to see\n".repeat(20);
    let latin = |secret: &str| [long.as_bytes(), secret.as_bytes(), b" # caf\xe9\n"].concat();
    let refused = ask(&latin(&format!("GITHUB_TOKEN={}", token(1)))).unwrap_err();
    assert!(matches!(refused, Blocked::Unreadable { .. }), "{refused}");
    assert!(ask(&latin("nothing")).is_ok());
}

#[test]
fn thoughts_names_and_addresses_are_looked_through_too() {
    let sealed = |n: usize| Block::Thought { text: token(n), seal: Some("sealed".to_owned()), tag: None };
    let open = Block::Thought { text: token(2), seal: None, tag: None };
    let stored =
        Source::File { media_type: None, dialect: Dialect::Gemini, id: format!("https://u:{}@host/x.pdf", token(3)) };
    let mut request = Request::text("m", Purpose::Ask, "see");
    request.messages.push(Message::new(Role::Assistant, vec![sealed(1), open]));
    request.messages.push(Message::new(Role::User, vec![Block::Document { source: stored, name: None }]));
    request.extras = vec![Extra { dialect: Dialect::OpenAiChat, name: token(4), value: json!(1) }];
    let clean = Clean::redact(&redactor(Policy::all(Mode::Redact)), request).unwrap();
    let text = serde_json::to_string(clean.request()).unwrap();
    for n in 1..5 {
        assert!(!text.contains(&token(n)), "{n}: {text}");
    }
    assert!(!text.contains("\"sealed\""), "a thought that was changed has lost its seal: {text}");
}

#[test]
fn what_only_grpc_knows_is_looked_through_and_goes_on_masked() {
    // A tool that the provider runs, with an address and a header, and an option of the future, inside one another.
    let header = field(6, [field(1, "x-note\n"), field(2, token(2))].concat());
    let remote = field(7, [field(3, format!("https://a.b/?k={}", token(1))), header].concat());
    let strange = [field(17, remote), field(41, field(2, [field(1, token(3)), field(2, [0xff, 0xfe])].concat()))];
    let body = [field(2, "m"), strange.concat()].concat();
    let asking = Asking { model: None, stream: None, purpose: Purpose::Ask };
    let asked = surface(Dialect::XaiGrpc).read_request(&body, &asking).unwrap().request;
    let clean = Clean::redact(&redactor(Policy::all(Mode::Redact)), asked).unwrap();
    assert_eq!(clean.masked().len(), 3, "{:?}", clean.masked());
    let sent = wire(Dialect::XaiGrpc).write_request("m", clean.request(), &Adapted::default(), false).unwrap().body;
    let holds = |text: &str| sent.windows(text.len()).any(|window| window == text.as_bytes());
    for n in 1..4 {
        assert!(!holds(&token(n)), "{n}: {sent:?}");
    }
    assert!(holds("https://a.b/?k=") && holds("x-note\n") && sent.windows(2).any(|bytes| bytes == [0xff, 0xfe]));
    // Lengths fit what was masked: it is still a message.
    let again = surface(Dialect::XaiGrpc).read_request(&sent, &asking).unwrap().request;
    assert_eq!(again.extras, clean.request().extras);
}

#[test]
fn what_an_argument_may_be_is_a_value_of_its_name() {
    let words = ["kX9vQ2", "mZ7pLw4", "tR8"].concat();
    let mut request = Request::text("m", Purpose::Ask, "go");
    let schema = json!({ "type": "object", "properties": {
        "password": { "type": "string", "description": "the password", "default": words },
        "passwords": { "type": "array", "items": { "examples": [format!("{words}2")] } },
        "nested": { "properties": { "api_key": { "const": format!("{words}3"), "type": "string" } } },
        "colour": { "type": "string", "default": "blue-green-grey", "enum": ["blue-green-grey", "red"] },
    }, "required": ["password"] });
    request.tools.push(ToolSpec::new("login", "Logs in.", schema.clone()));
    request.extras.push(Extra {
        dialect: Dialect::OpenAiChat,
        name: "password".into(),
        value: json!(format!("{words}4")),
    });
    let clean = Clean::redact(&redactor(Policy::all(Mode::Redact)), request).unwrap();
    let text = serde_json::to_string(clean.request()).unwrap();
    assert!(!text.contains(&words), "{text}");
    let kept = &clean.request().tools[0].parameters;
    assert_eq!(kept["properties"]["colour"], schema["properties"]["colour"], "what is none stays");
    assert_eq!(kept["required"], schema["required"]);
}
