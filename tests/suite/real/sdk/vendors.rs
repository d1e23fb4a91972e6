//! Vendors and clouds, each judged by an SDK: what the program sends must be what that SDK sends for the same request
//! and fit its types; what the scripted upstream answers must fit them too, and be read alike by both.
//!
//! Where a vendor has an SDK for the door that the program uses, it is that one. Some have none, and their documents
//! name OpenAI's; Cohere's own speaks another dialect, so there it is OpenAI's as well.

use std::path::PathBuf;

use monster::client::Reply;
use monster::model::{Block, Dialect, Effort, Message, Purpose, Request, Role, Sampling, Schema, ToolChoice, ToolSpec};
use monster::providers::{Upstream as Served, provider};
use serde_json::{Value, json};

use super::super::result;
use super::requests::{Difference, differing, worded};
use super::{direct, python, script};
use crate::key::key;
use crate::upstream::vendor;
use crate::upstream::{Answer, Call, Upstream, Usage};

/// A vendor's or a cloud's seat before an SDK.
pub struct Seat {
    /// The SDK, as `vendors.py` names it, and as its registry does.
    pub sdk: &'static str,
    pub package: &'static str,
    /// The program's provider.
    pub provider: &'static str,
    /// What it is called here, where that is something else.
    pub name: &'static str,
    /// A model that takes sampling, tools and schemas; "" = none.
    pub plain: &'static str,
    /// One that reasons, and what its user would pass for `--effort high`; "" = none.
    pub thinker: &'static str,
    pub high: fn() -> Value,
    /// One that sees; "" = none.
    pub seer: &'static str,
    /// What the program passes to every call in the SDK's own words, by what it asks, and why that is right.
    pub always: fn(&Asking) -> Value,
    /// A call can be demanded there (openai-compatible.md).
    pub forced: bool,
    /// It takes a JSON Schema.
    pub shaped: bool,
    /// What its documents refuse although the SDK has it.
    pub without: &'static [&'static str],
    /// What a cloud needs to know, for the program and for the SDK.
    pub place: fn(&mut Served),
    pub more: fn() -> Value,
    /// The field that thoughts go back in, where an SDK of OpenAI's does not know.
    pub thoughts: Option<&'static str>,
    /// Schemas are kept to the letter.
    pub strict: bool,
}

pub const PLAIN: Seat = Seat {
    sdk: "openai",
    package: "openai",
    provider: "",
    name: "",
    plain: "",
    thinker: "",
    high: || json!({}),
    seer: "",
    always: |_| json!({}),
    forced: true,
    shaped: true,
    without: &[],
    place: |_| {},
    more: || json!({}),
    thoughts: None,
    strict: false,
};

fn seats() -> Vec<Seat> {
    let effort: fn() -> Value = || json!({ "reasoning_effort": "high" });
    vec![
        Seat {
            sdk: "mistralai",
            package: "mistralai",
            provider: "mistral",
            plain: "mistral-large-2512",
            thinker: "mistral-medium-3-5",
            high: effort,
            seer: "ministral-14b-2512",
            ..PLAIN
        },
        Seat {
            sdk: "groq",
            package: "groq",
            provider: "groq",
            plain: "llama-3.3-70b-versatile",
            thinker: "openai/gpt-oss-120b",
            high: effort,
            seer: "qwen/qwen3.8-27b",
            // Of a model that may reason: schemas and tools are refused beside thoughts in the text.
            always: |asking| {
                if asking.model == "qwen/qwen3.8-27b" { json!({ "reasoning_format": "parsed" }) } else { json!({}) }
            },
            ..PLAIN
        },
        Seat {
            sdk: "together",
            package: "together",
            provider: "together",
            plain: "Qwen/Qwen3.7-Plus",
            thinker: "openai/gpt-oss-120b",
            high: effort,
            seer: "Qwen/Qwen3.5-9B",
            ..PLAIN
        },
        Seat {
            sdk: "cerebras",
            package: "cerebras-cloud-sdk",
            provider: "cerebras",
            plain: "llama-3.3-70b",
            thinker: "gpt-oss-120b",
            high: effort,
            seer: "gemma-4-31b",
            ..PLAIN
        },
        Seat {
            sdk: "zai",
            package: "zai-sdk",
            provider: "zhipu",
            plain: "glm-4-plus",
            thinker: "glm-5.3",
            high: || json!({ "thinking": { "type": "enabled" }, "reasoning_effort": "high" }),
            seer: "glm-5.3-flash",
            forced: false,
            shaped: false,
            ..PLAIN
        },
        Seat {
            sdk: "dashscope",
            package: "dashscope",
            provider: "qwen",
            plain: "qwen3-next-80b-a3b-instruct",
            thinker: "qwen3.8-max",
            high: || json!({ "enable_thinking": true, "thinking_budget": 16_384 }),
            seer: "qwen3-vl-32b-instruct",
            forced: false,
            ..PLAIN
        },
        Seat {
            sdk: "huggingface",
            package: "huggingface_hub",
            provider: "huggingface",
            plain: "Qwen/Qwen2.5-7B-Instruct:together",
            seer: "Qwen/Qwen3-VL-8B-Instruct:together",
            ..PLAIN
        },
        Seat {
            sdk: "openrouter",
            package: "openrouter",
            provider: "openrouter",
            plain: "openai/gpt-4.1-mini",
            thinker: "openai/gpt-5-mini",
            high: || json!({ "reasoning": { "effort": "high" } }),
            seer: "openai/gpt-4.1-mini",
            strict: true,
            // Nothing that the answer depends on may be dropped in silence.
            always: |asking| {
                let depends = asking.request.schema.is_some()
                    || !asking.request.tools.is_empty()
                    || asking.request.effort.level > Effort::Low;
                if depends { json!({ "provider": { "require_parameters": true } }) } else { json!({}) }
            },
            ..PLAIN
        },
        // Its own SDK speaks its own dialect; this is the one that the documents of its compatible door name.
        Seat {
            provider: "cohere",
            plain: "command-a-03-2025",
            thinker: "command-a-plus-05-2026",
            high: effort,
            seer: "command-a-plus-05-2026",
            // What these documents take for a schema.
            always: |asking| match &asking.request.schema {
                Some(schema) => json!({ "response_format": { "type": "json_object", "schema": schema.schema } }),
                None => json!({}),
            },
            without: &["parallel_tool_calls"],
            ..PLAIN
        },
        Seat {
            provider: "moonshot",
            plain: "moonshot-v1-128k",
            thinker: "kimi-k3",
            high: effort,
            seer: "kimi-k3",
            forced: false,
            thoughts: Some("reasoning_content"),
            ..PLAIN
        },
        Seat {
            provider: "minimax",
            plain: "MiniMax-M2.7",
            seer: "MiniMax-M3",
            // Keeps thoughts out of the text.
            always: |_| json!({ "extra_body": { "reasoning_split": true } }),
            thoughts: Some("reasoning_details"),
            shaped: false,
            ..PLAIN
        },
        Seat { provider: "github", plain: "openai/gpt-4.1-mini", seer: "openai/gpt-4.1-mini", ..PLAIN },
    ]
}

impl Seat {
    /// What it is called here.
    fn called(&self) -> &'static str {
        if self.name.is_empty() { self.provider } else { self.name }
    }

    /// Where its SDK is told to go: it puts its own path behind, unless it is OpenAI's.
    fn base(&self, theirs: &Upstream) -> String {
        let root = theirs.base("azure");
        match self.sdk {
            "openai" if self.provider == "azure" => format!("{root}/openai/v1"),
            "openai" | "azure" | "foundry-claude" | "vertex-claude" | "vertex-gemini" => theirs.base(self.provider),
            _ => format!("{root}/{}", self.provider),
        }
    }
}

/// One canonical request to one seat.
pub struct Asking {
    seat: usize,
    what: String,
    model: &'static str,
    pub request: Request,
    /// What its SDK's user passes for the effort.
    wish: Value,
}

/// A difference that may be, and why it does no harm.
pub struct Differs {
    /// Where; everywhere when empty.
    pub provider: &'static str,
    pub place: fn(&str) -> bool,
    pub ours: Option<fn(&Value) -> bool>,
    pub theirs: Option<fn(&Value) -> bool>,
    pub why: &'static str,
}

const DIFFERS: &[Differs] = &[
    Differs {
        provider: "",
        place: |p| p == "/stream",
        ours: None,
        theirs: Some(|v| v == false),
        why: "some SDKs say also that they do not stream, which is what happens unsaid",
    },
    Differs {
        provider: "mistral",
        place: |p| p.ends_with("/prefix"),
        ours: None,
        theirs: Some(|v| v == false),
        why: "the SDK says also that a turn is no beginning to go on from",
    },
    Differs {
        provider: "mistral",
        place: |p| p.contains("/tool_calls/") && p.ends_with("/index"),
        ours: None,
        theirs: Some(|v| *v == 0.0),
        why: "the SDK fills in 0 for every call of a turn, so it tells nothing",
    },
    Differs {
        provider: "zhipu",
        place: |p| p == "content-type",
        ours: Some(|v| v == "application/json"),
        theirs: Some(|v| v == "application/json; charset=UTF-8"),
        why: "JSON is UTF-8",
    },
    Differs {
        provider: "zhipu",
        place: |p| p == "/response_format" || p == "/thinking",
        ours: None,
        theirs: Some(Value::is_null),
        why: "the SDK says null for what is not said",
    },
    Differs {
        provider: "qwen",
        place: |p| p == "/frequency_penalty",
        ours: Some(Value::is_number),
        theirs: None,
        why: "the SDK has no name for it and hands on what it has no name for",
    },
    Differs {
        provider: "huggingface",
        place: |p| p == "/tool_choice/type",
        ours: Some(|v| v == "function"),
        theirs: None,
        why: "the SDK's class leaves out what OpenAI's dialect needs, and the router hands on to those who speak that",
    },
    Differs {
        provider: "groq",
        place: |p| p == "/stream_options/include_usage",
        ours: Some(|v| v == true),
        theirs: None,
        why: "the SDK's requests have no such field, but its types of chunks say what it does; usage comes either way",
    },
    Differs {
        provider: "together",
        place: |p| p == "/stream_options/include_usage",
        ours: Some(|v| v == true),
        theirs: None,
        why: "the SDK's requests have no such field; other clients send it there, and no document says that usage comes unasked",
    },
];

const THOUGHTS: &str = "Let me see. It is größer than it looks.";
const USAGE: Usage = Usage { input: 100, cached: 40, output: 20 };

/// A black square.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

fn shape() -> Value {
    json!({ "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"], "additionalProperties": false })
}

/// The script: two calls at once where tools may be called, then an answer.
fn scripted(call: &Call) -> Answer {
    let turns = ["messages", "contents"].iter().find_map(|name| call.body[*name].as_array());
    let last = turns.and_then(|turns| turns.last()).map(Value::to_string).unwrap_or_default();
    let answered = ["\"tool\"", "tool_result", "functionResponse"].iter().any(|mark| last.contains(mark));
    let choice = &call.body["tool_choice"];
    let closed = *choice == "none" || choice["type"] == "none" || call.body.to_string().contains("\"NONE\"");
    let answer = match call.body["tools"].is_array() && !answered && !closed {
        true => Answer::text("Let me look.").tool("find", json!({ "path": "größe.rs" })).tool("list", json!({})),
        false => Answer::text("Straßen und Brücken:\n\n1. one\n2. two — \"three\" 🦀"),
    };
    answer.usage(USAGE).thinking(THOUGHTS, 7)
}

fn request(seat: &Seat, model: &str, words: &str) -> Request {
    let mut request = Request::text(format!("{}/{model}", seat.called()), Purpose::Ask, words);
    request.system = "Be short.".to_owned();
    request.max_output = Some(300);
    request
}

fn armed(mut request: Request, choice: ToolChoice) -> Request {
    request.tools = vec![
        ToolSpec::new("find", "Finds a line.", shape()),
        ToolSpec::new("list", "Lists files.", json!({ "type": "object", "properties": {} })),
    ];
    request.tool_choice = choice;
    request
}

/// The turn of an answer, and the results of its calls: one of them failed.
fn followed(mut request: Request, answer: &Reply) -> Request {
    let results = answer.message.blocks.iter().filter_map(|block| match block {
        Block::ToolCall { id, name, .. } => Some(Block::ToolResult {
            id: id.clone(),
            name: name.clone(),
            content: format!("what {name} found"),
            is_error: name == "list",
            parts: Vec::new(),
        }),
        _ => None,
    });
    let results = Message::new(Role::User, results.collect());
    request.messages.extend([answer.message.clone(), results]);
    request.tool_choice = ToolChoice::Auto;
    request
}

/// Everything that is asked of a seat, before anything is answered.
fn askings(number: usize, seat: &Seat) -> Vec<Asking> {
    let mut out = Vec::new();
    for stream in [false, true] {
        let mut ask = |what: &str, model: &'static str, mut request: Request, wish: Value| {
            request.stream = stream;
            out.push(Asking { seat: number, what: format!("{what}, stream {stream}"), model, request, wish });
        };
        let plain = |words: &str| request(seat, seat.plain, words);
        if !seat.plain.is_empty() {
            let mut sampled = plain("Which streets?");
            sampled.sampling = Sampling {
                temperature: Some(0.2),
                top_p: Some(0.9),
                seed: Some(7),
                presence_penalty: Some(0.1),
                frequency_penalty: Some(0.3),
                ..Sampling::default()
            };
            sampled.stop = vec!["END".to_owned(), "STOP".to_owned()];
            sampled.user = Some("user-1".to_owned());
            ask("sampling", seat.plain, sampled, json!({}));
            let choices = [ToolChoice::Auto, ToolChoice::Required, ToolChoice::Named("find".into()), ToolChoice::None];
            for choice in choices {
                let what = format!("tools {choice:?}");
                let mut request = armed(plain("Where is it?"), choice);
                request.parallel = Some(true);
                ask(&what, seat.plain, request, json!({}));
            }
            let mut shaped = plain("Where is it? Answer in JSON.");
            shaped.schema = Some(Schema::new("place", shape()));
            ask("schema", seat.plain, shaped, json!({}));
            let mut loose = plain("Where is it? Answer in JSON.");
            loose.json = true;
            ask("json", seat.plain, loose, json!({}));
        }
        if !seat.thinker.is_empty() {
            let mut request = armed(request(seat, seat.thinker, "Where is it?"), ToolChoice::Auto);
            request.effort = Effort::High.into();
            ask("thinking", seat.thinker, request, (seat.high)());
        }
        if !seat.seer.is_empty() {
            let mut request = request(seat, seat.seer, "What is it?");
            request.messages[0].blocks.push(Block::image("image/png", PICTURE));
            ask("image", seat.seer, request, json!({}));
        }
    }
    out
}

/// One call of the program, and what came of it.
struct Asked {
    asking: Asking,
    call: Call,
    reply: Reply,
}

/// Lets the program make them: every call to tools is followed by their results. Also what failed.
fn ours(upstream: &Upstream, served: Vec<Served>, askings: Vec<Asking>) -> (Vec<Asked>, Vec<String>) {
    let client = direct::client(served);
    let (mut out, mut failed) = (Vec::new(), Vec::new());
    let mut take = |asking: Asking| match direct::tried(&client, asking.request.clone()) {
        Ok(reply) => {
            let call = upstream.calls().pop().unwrap();
            out.push(Asked { asking, call, reply: reply.clone() });
            Some(reply)
        }
        Err(why) => {
            failed.push(format!("{}, {}: {why}", asking.request.model.0, asking.what));
            None
        }
    };
    for asking in askings {
        let (request, what) = (asking.request.clone(), asking.what.clone());
        let (seat, model, wish) = (asking.seat, asking.model, asking.wish.clone());
        let reply = take(asking);
        let called = matches!(request.tool_choice, ToolChoice::Auto) && !request.tools.is_empty();
        if let Some(reply) = reply.filter(|_| called) {
            let what = format!("{what}, results");
            take(Asking { seat, what, model, request: followed(request, &reply), wish });
        }
    }
    (out, failed)
}

/// A request in nobody's dialect.
fn told(request: &Request) -> Value {
    let block = |block: &Block| match block {
        Block::Text(text) => json!({ "text": text }),
        Block::Image { source: monster::model::Source::Data { media_type, data }, .. } => {
            json!({ "image": format!("data:{media_type};base64,{data}") })
        }
        Block::Thought { text, seal, .. } => json!({ "thought": text, "seal": seal }),
        Block::ToolCall { id, name, input, seal, .. } => {
            json!({ "call": name, "id": id, "input": input, "seal": seal.as_ref().map(|seal| &seal.text) })
        }
        Block::ToolResult { id, content, is_error, .. } => json!({ "result": content, "id": id, "failed": is_error }),
        other => panic!("{other:?} is not told here"),
    };
    let turn = |message: &Message| {
        let results = message.blocks.iter().any(|b| matches!(b, Block::ToolResult { .. }));
        let role = match message.role {
            Role::Assistant => "assistant",
            _ if results => "tool",
            _ => "user",
        };
        json!({ "role": role, "blocks": message.blocks.iter().map(block).collect::<Vec<_>>() })
    };
    let tool =
        |tool: &ToolSpec| json!({ "name": tool.name, "description": tool.description, "parameters": tool.parameters });
    let choice = match &request.tool_choice {
        _ if request.tools.is_empty() => Value::Null,
        ToolChoice::Auto | ToolChoice::Among { .. } => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({ "name": name }),
    };
    let sampling = &request.sampling;
    json!({
        "system": request.system, "turns": request.messages.iter().map(turn).collect::<Vec<_>>(),
        "tools": request.tools.iter().map(tool).collect::<Vec<_>>(), "choice": choice, "parallel": request.parallel,
        "schema": request.schema.as_ref().map(|s| json!({ "name": s.name, "schema": s.schema })), "json": request.json,
        "temperature": sampling.temperature, "top_p": sampling.top_p, "seed": sampling.seed,
        "presence_penalty": sampling.presence_penalty, "frequency_penalty": sampling.frequency_penalty,
        "stop": if request.stop.is_empty() { Value::Null } else { json!(request.stop) }, "user": request.user,
    })
}

fn merged(mut left: Value, right: &Value) -> Value {
    left.as_object_mut().unwrap().extend(right.as_object().unwrap().clone());
    left
}

/// The same call for the SDK.
fn case(seat: &Seat, asked: &Asked, base: &str) -> Value {
    let (asking, call) = (&asked.asking, &asked.call);
    let mut case = told(&asking.request);
    let wish = merged((seat.always)(asking), &asking.wish);
    let limits = ["/max_tokens", "/max_completion_tokens", "/generationConfig/maxOutputTokens"];
    let limit = limits.iter().find_map(|place| call.body.pointer(place)).and_then(Value::as_u64);
    let more = json!({ "sdk": seat.sdk, "base": base, "key": key(seat.provider), "model": asking.model,
        "stream": call.stream, "wish": wish, "max": limit, "thoughts": seat.thoughts });
    case = merged(merged(case, &more), &(seat.more)());
    if seat.strict && asking.request.schema.is_some() {
        case["schema"]["strict"] = json!(true);
    }
    for name in seat.without {
        let name = if *name == "parallel_tool_calls" { "parallel" } else { name };
        case[name] = Value::Null;
    }
    if !seat.forced && !matches!(asking.request.tool_choice, ToolChoice::None) && !asking.request.tools.is_empty() {
        case["choice"] = json!("auto");
    }
    if !seat.shaped && asking.request.schema.is_some() {
        case["schema"] = Value::Null;
    }
    let worded = (!seat.shaped && asking.request.schema.is_some()) || asking.request.json;
    if worded {
        // Where the dialect or the model has no place for it, it is said in words, which are the program's own.
        case["system"] = json!(call.system());
    }
    // The dialect has no mark for a failure: it is said in the text (translation.md).
    for block in case["turns"].as_array_mut().unwrap().iter_mut().flat_map(|t| t["blocks"].as_array_mut().unwrap()) {
        if block["failed"] == true && call.dialect == "openai-chat" {
            block["result"] = json!(format!("error: {}", block["result"].as_str().unwrap()));
        }
    }
    case
}

fn allowed(seat: &Seat, (place, ours, theirs): &Difference) -> Option<&'static str> {
    let fits = |want: Option<fn(&Value) -> bool>, have: &Option<Value>| match (want, have) {
        (Some(want), Some(have)) => want(have),
        (None, None) => true,
        _ => false,
    };
    let listed = |d: &&Differs| {
        [seat.called(), ""].contains(&d.provider) && (d.place)(place) && fits(d.ours, ours) && fits(d.theirs, theirs)
    };
    DIFFERS.iter().chain(super::clouds::DIFFERS).find(listed).map(|d| d.why)
}

/// What an answer says, as the program read it.
fn read(reply: &Reply) -> Value {
    let blocks = &reply.message.blocks;
    let thoughts: String = blocks
        .iter()
        .filter_map(|b| if let Block::Thought { text, .. } = b { Some(text.as_str()) } else { None })
        .collect();
    let calls: Vec<Value> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::ToolCall { name, input, .. } => Some(json!([name, serde_json::from_str::<Value>(input).unwrap()])),
            _ => None,
        })
        .collect();
    let usage = &reply.used.usage;
    let prompt = usage.input + usage.cache_read;
    json!({ "text": reply.text, "thinking": thoughts, "tools": calls,
        "usage": [prompt, usage.cache_read, usage.output, usage.reasoning] })
}

/// The SDK counts less than the program where its types name less.
fn agree(ours: &Value, theirs: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for name in ["text", "thinking", "tools"] {
        if ours[name] != theirs[name] {
            out.push(format!("{name}: ours {}, the SDK's {}", ours[name], theirs[name]));
        }
    }
    for (n, what) in ["prompt", "cached", "output", "reasoning"].iter().enumerate() {
        let (a, b) = (&ours["usage"][n], &theirs["usage"][n]);
        if a != b && !(b.is_null() && (a.is_null() || *a == 0)) {
            out.push(format!("{what} tokens: ours {a}, the SDK's {b}"));
        }
    }
    out
}

/// What came of a session of judges.
pub struct Verdict {
    /// Everything that is not as it should be.
    pub found: Vec<String>,
    /// How many requests were judged, by seat.
    pub counted: Vec<usize>,
    /// Where each SDK goes by itself, by seat; null where it has nowhere of its own.
    pub homes: Vec<Value>,
}

/// Lets each seat's SDK judge what the program asks of it.
pub fn judged(python: &PathBuf, seats: &[Seat]) -> Verdict {
    let (mine, theirs) = (Upstream::start(), Upstream::start());
    for upstream in [&mine, &theirs] {
        upstream.always(scripted);
    }
    let served = |seat: &Seat| {
        let mut served = Served::at(seat.called(), seat.provider, &mine.base(seat.provider));
        (seat.place)(&mut served);
        served
    };
    let served = seats.iter().map(served).collect();
    // What is refused is found below, with all the rest.
    mine.may_refuse();
    theirs.may_refuse();
    let (asked, mut found) =
        ours(&mine, served, seats.iter().enumerate().flat_map(|(n, seat)| askings(n, seat)).collect());
    let mut cases = Vec::new();
    for one in &asked {
        let seat = &seats[one.asking.seat];
        cases.push(case(seat, one, &seat.base(&theirs)));
        cases.push(json!({ "sdk": seat.sdk, "stream": one.call.stream, "body": one.call.body }));
        // DashScope's types are of what it makes of an answer.
        let raw = if seat.sdk == "dashscope" { Vec::new() } else { Upstream::raw(&one.call, &scripted(&one.call)) };
        cases.push(json!({ "sdk": seat.sdk, "stream": one.call.stream, "raw": raw }));
    }
    cases.extend(seats.iter().map(|seat| json!({ "sdk": seat.sdk })));
    let mut results = script(python, "vendors.py", &cases);
    let homes = results.split_off(results.len() - seats.len());
    let calls = theirs.calls();
    let mut counted = vec![0; seats.len()];
    let mut sent = calls.iter().peekable();
    found.extend(theirs.refusals().into_iter().map(|why| format!("an SDK was refused: {why}")));
    for (one, results) in asked.iter().zip(results.chunks(3)) {
        let seat = &seats[one.asking.seat];
        counted[one.asking.seat] += 1;
        let mut find =
            |line: String| found.push(format!("{} by {}, {}: {line}", seat.called(), seat.sdk, one.asking.what));
        if !results[0]["error"].is_null() {
            find(format!("refused: {}", results[0]["error"]));
            // It may have been refused before it was sent.
            sent.next_if(|call| call.model == one.call.model && call.stream == one.call.stream);
            continue;
        }
        let Some(theirs) = sent.next() else { panic!("a call of {} is missing", seat.sdk) };
        let differences = differing(&one.call, theirs);
        differences.iter().filter(|d| allowed(seat, d).is_none()).for_each(|d| find(worded(d)));
        agree(&read(&one.reply), &results[0]).into_iter().for_each(|line| find(format!("answer: {line}")));
        let complaints = |n: usize| results[n]["complaints"].as_array().cloned().unwrap_or_default();
        complaints(1).iter().filter(|line| !tolerated(seat, line)).for_each(|line| find(format!("request: {line}")));
        complaints(2).iter().filter(|line| !tolerated(seat, line)).for_each(|line| find(format!("scripted: {line}")));
    }
    let homes = homes.into_iter().map(|mut told| told["home"].take()).collect();
    Verdict { found, counted, homes }
}

/// What an SDK's types say otherwise than the SDK and its service do: whose, what its types find, and why it is no matter.
const TOLERATED: &[Tolerated] = &[
    ("groq", |l| l == ".stream_options: not known", "as above"),
    ("together", |l| l == ".stream_options: not known", "as above"),
    ("together", |l| l.starts_with(".tool_choice: "), "the type of a choice is that of a call, by mistake"),
    ("qwen", |l| l == ".frequency_penalty: not known", "as above"),
    ("huggingface", |l| l == ".tool_choice.type: not known", "as above"),
    ("huggingface", |l| l == ".object: not known", "the router answers as OpenAI does; the types leave this out"),
    ("cohere", |l| l == ".response_format.schema: not known", "its documents have it so; OpenAI's types are OpenAI's"),
    ("zhipu", |l| l == ".extra_json: missing", "a member of the class that no answer has"),
    ("openrouter", |l| l == ".provider: not known", "who served it is told and in no type (openrouter.md)"),
    ("moonshot", |l| l.ends_with(".reasoning_content: not known"), "OpenAI's types are OpenAI's"),
    ("minimax", |l| l.ends_with("reasoning_details: not known"), "OpenAI's types are OpenAI's"),
    ("minimax", |l| l == ".reasoning_split: not known", "OpenAI's types are OpenAI's"),
];

/// Whose, which finding, and why it is no matter.
pub type Tolerated = (&'static str, fn(&str) -> bool, &'static str);

fn tolerated(seat: &Seat, line: &Value) -> bool {
    let line = line.as_str().unwrap_or_default();
    let all = TOLERATED.iter().chain(super::clouds::TOLERATED);
    all.into_iter().any(|(provider, is, _)| *provider == seat.called() && is(line))
}

/// The host of a URL.
pub fn host(url: &str) -> Option<&str> {
    url.split('/').nth(2)
}

#[test]
fn every_vendor_is_sent_what_an_sdk_sends_where_it_sends_it_and_read_as_it_reads() {
    let Some(python) = python() else { return };
    let seats = seats();
    let Verdict { found, counted, homes } = judged(&python, &seats);
    assert!(found.is_empty(), "{} findings\n{}", found.len(), found.join("\n"));
    for ((seat, count), home) in seats.iter().zip(counted).zip(homes) {
        let by = provider(seat.provider).unwrap();
        assert!(count >= 14, "{}: {count}", seat.provider);
        // Paths are held by the calls; here, that the scripted ones stand where the real ones do, and who is called.
        let called =
            by.endpoint(&Served::at(seat.provider, seat.provider, by.base_url()), Dialect::OpenAiChat, "m", true);
        if let Some(home) = home.as_str() {
            assert_eq!(host(&called), host(home), "{}", seat.provider);
        }
        if let Some(vendor) = vendor::of(seat.provider) {
            assert!(called.ends_with(&format!("/{}/chat/completions", vendor.path)), "{called}");
        }
        let by_whom = format!("{}, judged by {}", by.label(), seat.package);
        result("sdk", &by_whom, &format!("{count} requests and answers agree"));
    }
}
