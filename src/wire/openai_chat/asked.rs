//! Reads requests.

use serde_json::{Map, Value, json};

use super::SPOKEN;
use super::told::OWN;
use crate::model::{
    Block, Custom, Demand, Dialect, Effort, Extra, Failure, Message, Request, Role, Schema, Seal, Service, Source,
    ToolChoice, ToolSpec, Ttl, Verbosity,
};
use crate::wire::file::from_url;
use crate::wire::json::{beyond, demand, items, looked, number, one_of, signed, text, whole_number, within, words};
use crate::wire::loss::Loss;
use crate::wire::shape::misshapen;
use crate::wire::ties::tied;
use crate::wire::tree::{Look, Tree};
use crate::wire::turns::{add, head, result};
use crate::wire::wanted::{PLAIN, known, leads, one_answer, timeless};
use crate::wire::{Asked, Asking, bad};

/// Fields that have a place of their own.
const KNOWN: &[&str] = &[
    "model",
    "messages",
    "max_completion_tokens",
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "reasoning",
    "verbosity",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "stream",
    "stream_options",
    "store",
    "prompt_cache_key",
    "service_tier",
    "safety_identifier",
    "user",
    "functions",
    "function_call",
    "n",
];

pub(super) fn request(body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
    let body = looked(body)?;
    let value = |key: &str| body.member(key).unwrap_or(&Tree::Null);
    one_answer("n", number(value("n")))?;
    let mut asked = Asked::named(asking, value("model").said(), value("stream").flag())?;
    asked.usage = value("stream_options").member("include_usage").and_then(Tree::flag).unwrap_or(false);
    if value("store").flag() == Some(true) {
        asked.losses.push(Loss::extra("store"));
    }
    known("stream", "true or false", matches!(value("stream"), Tree::Null | Tree::Bool(_)))?;
    known("tools", "a list", matches!(value("tools"), Tree::Null | Tree::List(_)))?;
    // Most fields that there may be are not there.
    let others: Vec<&str> = body.members().map(|(name, _)| name).filter(|name| !PLAIN.contains(name)).collect();
    let there = |path: &str| others.iter().any(|name| leads(name, path));
    let at = |path: &str| if there(path) { within(path, value) } else { Value::Null };
    asked.misfits(Dialect::OpenAiChat, at);
    asked.request.extras.extend(misshapen(Dialect::OpenAiChat, value));
    let (request, losses) = (&mut asked.request, &mut asked.losses);
    let seed = value("seed");
    request.sampling.seed = signed(seed);
    losses.extend((request.sampling.seed.is_none() && seed.whole().is_some()).then_some(Loss::Seed));
    let Tree::List(said) = value("messages") else { return Err(bad("messages: a list is wanted")) };
    for message in said {
        self::message(message, request, losses)?;
    }
    tied(&mut request.messages);
    let limit = [value("max_completion_tokens"), value("max_tokens")].into_iter().find_map(whole_number);
    request.max_output = limit.and_then(|n| u32::try_from(n).ok());
    request.sampling.temperature = number(value("temperature"));
    request.sampling.top_p = number(value("top_p"));
    request.sampling.top_k = whole_number(value("top_k"));
    request.sampling.presence_penalty = number(value("presence_penalty"));
    request.sampling.frequency_penalty = number(value("frequency_penalty"));
    request.stop = words(value("stop"));
    request.effort = effort(value);
    request.verbosity = value("verbosity").said().and_then(Verbosity::parse);
    request.parallel = value("parallel_tool_calls").flag();
    request.user = [value("safety_identifier"), value("user")].into_iter().find_map(Tree::said).map(str::to_owned);
    request.cache.key = value("prompt_cache_key").said().map(str::to_owned);
    request.service = service(value("service_tier"));
    let format = value("response_format");
    request.json = text(format, "type") == "json_object";
    // Together's, Cohere's and llama.cpp's form stands beside the type.
    let shaped = request.json || text(format, "type") == "json_schema";
    let beside = format.member("schema").filter(|beside| shaped && beside.object());
    let beside = beside.map(|beside| Schema::new(UNNAMED, beside.kept()));
    request.schema = format.member("json_schema").map(schema).or(beside);
    for tool in value("tools").list() {
        self::tool(tool, request, losses);
    }
    // The old form of tools.
    for function in value("functions").list() {
        beyond("functions", function, one_of(&["name", "description", "parameters", "strict"]), losses);
        request.tools.push(self::function(function));
    }
    request.tool_choice = match value("tool_choice") {
        Tree::Null => choice(value("function_call")),
        stated => choice(stated),
    };
    asked.members(Dialect::OpenAiChat, at);
    let rest = match &body {
        Tree::Object(members) => members.iter().filter(|(name, _)| !KNOWN.contains(&&**name)),
        _ => return Ok(asked),
    };
    let rest = Map::from_iter(rest.map(|(name, value)| (name.clone().into_owned(), value.kept())));
    asked.rest(Dialect::OpenAiChat, rest, KNOWN);
    Ok(asked)
}

/// How hard a model is to think, in all the words that servers of this dialect have for it (openai-compatible.md,
/// openrouter.md, deepseek.md).
fn effort<'t>(value: impl Fn(&str) -> &'t Tree<'t>) -> Demand {
    let (reasoning, thinking) = (value("reasoning"), value("thinking"));
    let switched = match thinking.member("type").and_then(Tree::said) {
        Some("enabled" | "adaptive") => Some(true),
        Some("disabled") => Some(false),
        _ => None,
    };
    let switches = [
        (switched, Effort::High),
        (value("enable_thinking").flag(), Effort::High),
        // OpenRouter's is about that much.
        (reasoning.flag().or_else(|| reasoning.member("enabled")?.flag()), Effort::Medium),
    ];
    if switches.iter().any(|(on, _)| *on == Some(false)) {
        return Effort::None.into();
    }
    let level = value("reasoning_effort").said().or_else(|| reasoning.member("effort")?.said());
    let tokens = [reasoning.member("max_tokens"), thinking.member("budget_tokens"), thinking.member("token_budget")];
    let tokens = tokens.into_iter().flatten().chain([value("thinking_budget")]).find_map(whole_number);
    let on = switches.into_iter().find(|(on, _)| *on == Some(true));
    let level = level.and_then(Effort::parse).filter(|level| *level != Effort::Auto).map(Demand::from);
    let budget = tokens.and_then(|n| u32::try_from(n).ok()).map(demand);
    level.or(budget).or(on.map(|(_, about)| Demand::some(about))).unwrap_or_default()
}

/// Fields of messages that are read, or mean nothing to anybody else.
const SAID: &[&str] = &[
    "role",
    "content",
    "name",
    "tool_call_id",
    "tool_calls",
    "function_call",
    "refusal",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "images",
    "annotations",
    SPOKEN,
];

/// `auto` leaves it to the account.
pub(in crate::wire) fn service<L: Look>(value: &L) -> Option<Service> {
    value.said().filter(|tier| *tier != "auto").map(Service::parse)
}

/// What a schema is called that has no name.
const UNNAMED: &str = "answer";

/// A schema with what is said about it. A name is wanted here, although some servers want none.
pub(in crate::wire) fn schema<L: Look>(value: &L) -> Schema {
    let name = Some(text(value, "name")).filter(|name| !name.is_empty()).unwrap_or(UNNAMED);
    Schema {
        description: value.member("description").and_then(L::said).map(str::to_owned),
        strict: value.member("strict").and_then(L::flag),
        ..Schema::new(name, value.member("schema").map(L::kept).unwrap_or_default())
    }
}

fn function(function: &Tree<'_>) -> ToolSpec {
    let parameters = function.member("parameters").map(Tree::kept).unwrap_or_default();
    ToolSpec {
        strict: function.member("strict").and_then(Tree::flag),
        ..ToolSpec::new(text(function, "name"), text(function, "description"), parameters)
    }
}

/// What a tool of plain text takes.
pub(in crate::wire) fn custom<L: Look>(format: &L) -> Custom {
    let grammar = format.member("grammar").unwrap_or(format);
    match text(format, "type") {
        "grammar" => Custom::Grammar {
            syntax: text(grammar, "syntax").to_owned(),
            definition: text(grammar, "definition").to_owned(),
        },
        _ => Custom::Text,
    }
}

/// What else the form of a tool's text says.
pub(in crate::wire) fn formed<L: Look>(tool: &L, losses: &mut Vec<Loss>) {
    let known = ["type", "grammar", "syntax", "definition"];
    for form in [tool.member("format"), tool.member("format").and_then(|form| form.member("grammar"))] {
        form.into_iter().for_each(|form| beyond("format", form, one_of(&known), losses));
    }
}

/// Fields of a tool that have a place of their own.
const TOOL: &[&str] = &["type", "function", "custom", "name", "description", "parameters", "strict", "format"];

fn tool(tool: &Tree<'_>, request: &mut Request, losses: &mut Vec<Loss>) {
    if let Some(inner) = tool.member("function").or_else(|| tool.member("custom")) {
        beyond("tools", tool, one_of(TOOL), losses);
        beyond("tools", inner, one_of(TOOL), losses);
        formed(inner, losses);
    }
    match (tool.member("function"), tool.member("custom")) {
        (Some(inner), _) => request.tools.push(function(inner)),
        (None, Some(inner)) => request
            .tools
            .push(ToolSpec { custom: Some(custom(inner.member("format").unwrap_or(&Tree::Null))), ..function(inner) }),
        (None, None) => {
            let value = tool.kept();
            request.extras.push(Extra { dialect: Dialect::OpenAiChat, name: "tools".to_owned(), value });
        }
    }
}

fn choice(value: &Tree<'_>) -> ToolChoice {
    let name = |tool: &Tree<'_>| {
        let inner = tool.member("function").or_else(|| tool.member("custom")).unwrap_or(tool);
        text(inner, "name").to_owned()
    };
    match (value.said(), text(value, "type")) {
        (Some("none"), _) | (None, "none") => ToolChoice::None,
        (Some("required" | "any"), _) | (None, "required" | "any") => ToolChoice::Required,
        (None, "auto") => ToolChoice::Auto,
        (_, "allowed_tools") => {
            let allowed = value.member("allowed_tools").unwrap_or(value);
            ToolChoice::Among {
                must: text(allowed, "mode") == "required",
                names: items(allowed, "tools").map(name).collect(),
            }
        }
        (None, _) if value.object() => ToolChoice::Named(name(value)),
        _ => ToolChoice::Auto,
    }
}

fn message(message: &Tree<'_>, request: &mut Request, losses: &mut Vec<Loss>) -> Result<(), Failure> {
    let role = match text(message, "role") {
        "system" | "developer" => Role::System,
        "user" | "tool" | "function" => Role::User,
        "assistant" => Role::Assistant,
        other => return Err(bad(format!("messages: there is no role {other:?}"))),
    };
    let mut blocks = Vec::new();
    if role == Role::Assistant {
        thoughts(message, &mut blocks);
    }
    content(message.member("content").unwrap_or(&Tree::Null), &mut blocks, losses);
    if matches!(text(message, "role"), "tool" | "function") {
        // In the old form of tools the name is all that there is.
        let (id, name) = (text(message, "tool_call_id"), text(message, "name"));
        blocks = vec![result(if id.is_empty() { name } else { id }, name, blocks, false)];
    }
    if role == Role::Assistant {
        let refusal = text(message, "refusal");
        blocks.extend((!refusal.is_empty()).then(|| Block::Refusal(refusal.to_owned())));
        // What was spoken is named by its id, which nobody else knows.
        if let Some(audio) = message.member("audio").filter(|audio| audio.object()) {
            blocks.push(Block::Opaque {
                dialect: Dialect::OpenAiChat,
                value: json!({ SPOKEN: audio.kept() }),
                tag: None,
            });
        }
        for image in items(message, "images") {
            beyond("images", image, one_of(&["type", "index", "image_url"]), losses);
            beyond("images", image.member("image_url").unwrap_or(&Tree::Null), one_of(&["url", "detail"]), losses);
        }
        let drawn = items(message, "images").filter_map(|image| image.member("image_url"));
        let drawn = drawn.map(|image| text(image, "url")).filter(|url| !url.is_empty());
        blocks.extend(drawn.map(|url| Block::Image { source: from_url(url), detail: None }));
        losses.extend(items(message, "annotations").next().map(|_| Loss::Citations));
        blocks.extend(items(message, "tool_calls").map(|call| self::call(call, losses)));
        if let Some(old) = message.member("function_call").filter(|f| f.object()) {
            beyond("function_call", old, one_of(&["name", "arguments"]), losses);
            blocks.push(Block::call(text(old, "name"), text(old, "name"), text(old, "arguments")));
        }
    }
    beyond("messages", message, one_of(SAID), losses);
    let mut turn = Message::new(role, blocks);
    if !matches!(text(message, "role"), "tool" | "function") {
        turn.about.name = Some(text(message, "name")).filter(|n| !n.is_empty()).map(str::to_owned);
    }
    if role == Role::System && request.messages.is_empty() {
        head(&turn, request, losses);
    } else {
        add(&mut request.messages, turn);
    }
    Ok(())
}

fn call(call: &Tree<'_>, losses: &mut Vec<Loss>) -> Block {
    beyond("tool_calls", call, one_of(&["id", "type", "index", "function", "custom", "extra_content"]), losses);
    let custom = call.member("function").is_none() && call.member("custom").is_some();
    let inner = call.member("function").or_else(|| call.member("custom")).unwrap_or(&Tree::Null);
    beyond("tool_calls", inner, one_of(&["name", "arguments", "input"]), losses);
    let input = match inner.member("arguments").or_else(|| inner.member("input")) {
        Some(Tree::Text(input)) => input.clone().into_owned(),
        Some(object @ Tree::Object(_)) => object.kept().to_string(),
        _ => String::new(),
    };
    let extra = call.member("extra_content").unwrap_or(&Tree::Null);
    beyond("extra_content", extra, one_of(&["google"]), losses);
    let google = extra.member("google");
    google.into_iter().for_each(|google| beyond("extra_content", google, one_of(&["thought_signature"]), losses));
    let seal = google.and_then(|google| google.member("thought_signature")?.said());
    Block::ToolCall {
        id: text(call, "id").to_owned(),
        name: text(inner, "name").to_owned(),
        input,
        custom,
        seal: seal.map(|seal| Seal { text: seal.to_owned(), tag: None }),
    }
}

/// Thoughts that the caller brings back: ours with their seals, others as the router's details or as text.
fn thoughts(message: &Tree<'_>, out: &mut Vec<Block>) {
    let shown = ["reasoning_content", "reasoning"].map(|field| text(message, field));
    let shown = shown.into_iter().find(|piece| !piece.trim().is_empty()).unwrap_or_default();
    let details: Vec<&Tree<'_>> = items(message, "reasoning_details").collect();
    let (own, others): (Vec<_>, Vec<_>) = details.into_iter().partition(|d| text(*d, "format") == OWN);
    for detail in own.iter().copied() {
        let seal = Some(text(detail, "signature")).filter(|s| !s.is_empty()).map(str::to_owned);
        out.push(Block::Thought { text: text(detail, "text").to_owned(), seal, tag: None });
    }
    if !own.is_empty() {
        return;
    }
    let seal = (!others.is_empty()).then(|| Value::Array(others.into_iter().map(Tree::kept).collect()).to_string());
    if !shown.is_empty() || seal.is_some() {
        out.push(Block::Thought { text: shown.to_owned(), seal, tag: None });
    }
}

/// What the details of a message are sealed with, by their places; `None` = all of them together.
pub(in crate::wire) fn seals(message: &Value) -> Vec<(Option<usize>, String)> {
    let details = items(message, "reasoning_details").enumerate();
    let own: Vec<usize> = details.filter(|(_, detail)| text(*detail, "format") == OWN).map(|(at, _)| at).collect();
    let said: Map<String, Value> = message
        .get("reasoning_details")
        .cloned()
        .map(|all| ("reasoning_details".to_owned(), all))
        .into_iter()
        .collect();
    let mut out = Vec::new();
    thoughts(&Tree::from(Value::Object(said)), &mut out);
    let places = own.into_iter().map(Some).chain([None]);
    out.iter().zip(places).filter_map(|(block, at)| Some((at, block.seal()?.to_owned()))).collect()
}

/// What a call or a part is sealed with.
pub(in crate::wire) fn seal(value: &Value) -> Option<String> {
    let (tree, mut out) = (Tree::from(value.clone()), Vec::new());
    match text(value, "type") {
        "thinking" => part(&tree, &mut out, &mut Vec::new()),
        _ if value.get("extra_content").is_some() => out.push(call(&tree, &mut Vec::new())),
        _ => {}
    }
    out.first()?.seal().map(str::to_owned)
}

/// A string, or parts.
fn content(value: &Tree<'_>, out: &mut Vec<Block>, losses: &mut Vec<Loss>) {
    match value {
        Tree::Text(said) if !said.is_empty() => out.push(Block::Text(said.clone().into_owned())),
        Tree::List(parts) => parts.iter().for_each(|p| part(p, out, losses)),
        _ => {}
    }
}

/// Fields of a part that have a place of their own; the name of its type is one, too.
const PART: &[&str] = &["type", "signature", "closed", "prompt_cache_breakpoint", "cache_control"];

fn part(part: &Tree<'_>, out: &mut Vec<Block>, losses: &mut Vec<Loss>) {
    let inner = |key: &str| part.member(key).unwrap_or(&Tree::Null);
    let kind = text(part, "type");
    let inside: &[&str] = match kind {
        "image_url" => &["url", "detail"],
        "input_audio" => &["data", "format"],
        "file" => &["file_id", "file_data", "filename"],
        _ => &[],
    };
    if matches!(kind, "text" | "refusal" | "image_url" | "input_audio" | "file" | "thinking") {
        beyond(kind, part, |name| name == kind || PART.contains(&name), losses);
    }
    if !inside.is_empty() {
        beyond(kind, inner(kind), one_of(inside), losses);
    }
    match kind {
        "text" => out.push(Block::Text(text(part, "text").to_owned())),
        "refusal" => out.push(Block::Refusal(text(part, "refusal").to_owned())),
        "image_url" => {
            let image = inner("image_url");
            let url = image.said().unwrap_or_else(|| text(image, "url"));
            let detail = image.member("detail").and_then(Tree::said).map(str::to_owned);
            out.push(Block::Image { source: from_url(url), detail });
        }
        "input_audio" => {
            let sound = inner("input_audio");
            let kind = if text(sound, "format") == "mp3" { "mpeg" } else { text(sound, "format") };
            out.push(Block::Audio { source: Source::data(format!("audio/{kind}"), text(sound, "data")) });
        }
        "file" => {
            let file = inner("file");
            let source = match text(file, "file_id") {
                "" => from_url(text(file, "file_data")),
                id => Source::File { dialect: Dialect::OpenAiChat, id: id.to_owned(), media_type: None },
            };
            out.push(Block::Document { source, name: filename(file) });
        }
        // Mistral's.
        "thinking" => {
            items(part, "thinking").for_each(|t| beyond("thinking", t, one_of(&["type", "text"]), losses));
            let said: String = items(part, "thinking").map(|t| text(t, "text")).collect();
            let seal = Some(text(part, "signature")).filter(|s| !s.is_empty()).map(str::to_owned);
            out.push(Block::Thought { text: said, seal, tag: None });
        }
        _ => out.push(Block::Opaque { dialect: Dialect::OpenAiChat, value: part.kept(), tag: None }),
    }
    out.extend(mark(part, losses).map(Block::Mark));
}

/// The name of a file, unless it is the one that stands for none.
pub(in crate::wire) fn filename<L: Look>(file: &L) -> Option<String> {
    Some(text(file, "filename")).filter(|n| !n.is_empty() && *n != "document").map(str::to_owned)
}

/// A part worth caching up to: OpenAI's mark, or the one that routers take over from Anthropic.
pub(in crate::wire) fn mark<L: Look>(part: &L, losses: &mut Vec<Loss>) -> Option<Ttl> {
    let found = |name: &&str| part.member(name).is_some();
    let name = ["prompt_cache_breakpoint", "cache_control"].into_iter().find(found)?;
    let mark = part.member(name)?;
    beyond(name, mark, one_of(&["type", "mode", "ttl"]), losses);
    let word = if name == "cache_control" { "cache_control.ttl" } else { "prompt_cache_breakpoint.ttl" };
    losses.extend(timeless(mark).then_some(Loss::Word(word)));
    mark.object().then(|| Ttl::parse(text(mark, "ttl")).unwrap_or(Ttl::Short))
}
