//! The official SDKs against `monster serve` in front of a real model server (llama.cpp), in each dialect that it speaks.
//! What a model this small says is no matter: that it comes, is counted, ends with its caller, and is refused in his words.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{call, python};
use crate::caller::House;
use crate::real::model::Server;
use crate::real::{result, skip};
use crate::sandbox::Sandbox;

const MODEL: &str = "smol";
/// One that calls tools.
const ABLE: &str = "coder-0.5b";
/// The most tokens it may say: enough for a call, and soon over.
const FEW: u64 = 24;
const DIALECTS: [&str; 5] =
    ["openai-chat", "openai-responses", "anthropic-messages", "gemini-generate-content", "ollama-chat"];
/// The server's own, by the names that the upstreams have here.
const SPOKEN: [(&str, &str, &str); 3] =
    [("chat", "openai-chat", "/v1"), ("responses", "openai-responses", "/v1"), ("messages", "anthropic-messages", "")];

/// How many of its slots are busy.
fn busy(address: &str) -> usize {
    let done = std::process::Command::new("curl").args(["-s", &format!("{address}/slots")]).output().unwrap();
    let slots: Value = serde_json::from_slice(&done.stdout).unwrap();
    slots.as_array().unwrap().iter().filter(|slot| slot["is_processing"] == true).count()
}

#[test]
fn the_sdks_are_answered_by_a_real_model() {
    let Some(python) = python() else { return };
    let Some(server) = Server::start(&[MODEL, ABLE]) else {
        return skip("local", "no model server is installed");
    };
    let began = Instant::now();
    let mut sandbox = Sandbox::new();
    sandbox.live();
    // Where a request is translated, a model of which nothing is known gets room to think: this one is known. The last is
    // not.
    let chat = |name| (name, "openai-chat", "/v1");
    let rows = [SPOKEN[0], SPOKEN[1], SPOKEN[2], chat("able"), chat("free")].map(|(name, dialect, path)| {
        let model = if name == "able" { ABLE } else { MODEL };
        let known = format!("[[upstreams.{name}.models]]\nid = \"{model}\"\nmax_output = {FEW}\n");
        let known = if name == "free" { String::new() } else { known };
        format!(
            "[upstreams.{name}]\nprovider = \"generic\"\nbase_url = \"{}{path}\"\ndialect = \"{dialect}\"\nauth = \"none\"\nlocal = true\n{known}",
            server.at(model)
        )
    });
    sandbox.config(&format!("[net]\nfirst_byte_timeout = 300\n{}", rows.concat()));
    let key = sandbox.monster(&["serve", "key", "add", "sdk"]).done().ok().raw.trim().to_owned();
    let house = House::open(&sandbox, &[]);
    let case = |dialect: &str, upstream: &str, more: Value| {
        let base = format!("http://{}{}", house.address, if dialect.starts_with("openai") { "/v1" } else { "" });
        let mut case = json!({ "dialect": dialect, "base": base, "key": key, "model": format!("{upstream}/{MODEL}"),
            // It says the same every time, and something.
            "user": "Say yes.", "stream": false, "temperature": 0.0, "max": 8, "again": dialect == "anthropic-messages" });
        // Ollama's SDK has them among the options.
        case["options"] = json!({ "num_predict": 8, "temperature": 0.0 });
        case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        case
    };
    let mut cases = Vec::new();
    for dialect in DIALECTS {
        // Its own where the server speaks it, and one that is translated.
        let own = SPOKEN.iter().find(|(_, spoken, _)| *spoken == dialect);
        let other = if dialect == "openai-chat" { SPOKEN[2] } else { SPOKEN[0] };
        for (upstream, spoken, _) in own.into_iter().chain([&other]) {
            // What goes on as it came fits no type better than this server makes it.
            let ask = |mut more: Value| {
                more["lenient"] = json!(*spoken == dialect);
                case(dialect, upstream, more)
            };
            cases.push(ask(json!({})));
            cases.push(ask(json!({ "stream": true })));
        }
        // A model that calls tools is slower: whole for one dialect of its server's and one that is translated.
        if !["openai-chat", "gemini-generate-content"].contains(&dialect) {
            continue;
        }
        let tool = json!({ "name": "find", "description": "Finds a file by its name.",
            "parameters": { "type": "object", "properties": { "name": { "type": "string" } },
                "required": ["name"], "additionalProperties": false } });
        cases.push(case(
            dialect,
            "chat",
            json!({ "model": format!("able/{ABLE}"), "tools": [tool], "max": FEW,
                "options": { "num_predict": FEW, "temperature": 0.0 }, "user": "Find the file notes.txt.",
                "lenient": true }),
        ));
    }
    for (case, told) in cases.iter().zip(call(&python, &cases)) {
        let what = format!("{case}: {told:#}");
        assert!(told["error"].is_null() && told["invalid"].is_null(), "{what}");
        let calls = told["tools"].as_array().unwrap();
        if case.get("tools").is_some() {
            assert_eq!(told["tools"], json!([["find", { "name": "notes.txt" }]]), "{what}");
            continue;
        }
        assert!(!told["text"].as_str().unwrap().is_empty() && calls.is_empty(), "{what}");
        // Chat counts in a stream only if it is asked to.
        if case["dialect"] != "openai-chat" || case["stream"] == false {
            assert!((1..=FEW).contains(&told["usage"][2].as_u64().unwrap()), "{what}");
        }
    }

    // One that would go on for long, but its caller leaves after the first word.
    let long = json!({ "stream": true, "cancel": true, "max": 6_000, "options": { "num_predict": 6_000 },
        "user": "Count to a thousand, one number a line.", "extra": { "ignore_eos": true } });
    let leaving: Vec<Value> = DIALECTS.iter().map(|dialect| case(dialect, "free", long.clone())).collect();
    for (case, told) in leaving.iter().zip(call(&python, &leaving)) {
        assert_eq!(told["left"], true, "{case}: {told:#}");
    }
    let left = Instant::now();
    while busy(server.at(MODEL)) > 0 {
        assert!(left.elapsed() < Duration::from_secs(5), "it goes on for nobody");
        std::thread::sleep(Duration::from_millis(50));
    }

    // A megabyte is too much for its window, and that is what the caller hears.
    let large = json!({ "user": "mega byte ".repeat(100_000) });
    let large: Vec<Value> = DIALECTS.iter().map(|dialect| case(dialect, "free", large.clone())).collect();
    for (case, told) in large.iter().zip(call(&python, &large)) {
        let error = &told["error"];
        let class = match case["dialect"].as_str().unwrap() {
            "gemini-generate-content" => "ClientError",
            "ollama-chat" => "ResponseError",
            _ => "BadRequestError",
        };
        assert_eq!((&error["class"], &error["status"]), (&json!(class), &json!(400)), "{}: {told:#}", case["dialect"]);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("context size"), "{message}");
    }
    house.close(&sandbox).ok();
    result(
        "local",
        "openai, anthropic, google-genai and ollama before a real model over three dialects",
        &format!("{} calls hold, in {:.0} s", cases.len() + leaving.len() + large.len(), began.elapsed().as_secs_f32()),
    );
}
