//! Tolerant reading of JSON: what is missing or of another type is empty, never an error.

use std::borrow::Cow;
use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::exact::{held, number_of};
use super::loss::{Loss, Losses};
use super::quick::Quick;
use super::think::ORDER;
use super::tree::{Look, Tree};
use super::wanted::{misfit, path};
use super::{Adapted, ErrorBody, bad};
use crate::model::{
    Action, Block, Cost, CostSource, Demand, Dialect, Event, Failure, Kind, NanoUsd, Request, Said, Scope, Service,
    meaning, random_id, short,
};
use crate::world::random;

/// A string, or empty.
pub(super) fn text<'v, L: Look>(value: &'v L, key: &str) -> &'v str {
    value.member(key).and_then(L::said).unwrap_or_default()
}

/// A count, or `None`. Negative and fractional counts are none.
pub(super) fn count<L: Look>(value: &L, key: &str) -> Option<u64> {
    value.member(key).and_then(L::whole)
}

/// The elements of an array, or none.
pub(super) fn items<'v, L: Look>(value: &'v L, key: &str) -> std::slice::Iter<'v, L> {
    value.member(key).map_or(&[][..], L::list).iter()
}

/// A JSON document.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Failure> {
    read(bytes)
}

/// As [`parse`], to be looked at.
pub(super) fn look(bytes: &[u8]) -> Result<Tree<'_>, Failure> {
    read(bytes)
}

fn read<'a, T: Quick<'a>>(bytes: &'a [u8]) -> Result<T, Failure> {
    // A byte order mark says nothing in UTF-8, and some servers send one.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    taken(bytes).map_err(|unread| match unread {
        Unread::Whole(place) => Failure::unread(format!(
            "the answer is JSON that cannot be read here ({place}): nested too deep, or too strange"
        )),
        Unread::Nothing(place) => Failure::broken(format!("the answer is no JSON ({place}): {}", described(bytes))),
    })
}

/// Bytes that are no value to our reader, and from where on.
enum Unread {
    /// JSON from one end to the other.
    Whole(String),
    /// No JSON.
    Nothing(String),
}

/// JSON may hold what a value cannot: half a code point (`\ud800`), which becomes U+FFFD as wherever text is UTF-8, and a
/// number that no 64 bits hold, which goes as it was spelled.
fn taken<'a, T: Quick<'a>>(bytes: &'a [u8]) -> Result<T, Unread> {
    decoded(bytes).or_else(|e| {
        let place = format!("line {}, column {}", e.line(), e.column());
        let text = String::from_utf8_lossy(bytes);
        if serde_json::from_str::<IgnoredAny>(&text).is_err() {
            return Err(Unread::Nothing(place));
        }
        serde_json::from_str::<Value>(&held(&paired(&text))).map(T::from).map_err(|_| Unread::Whole(place))
    })
}

/// JSON in which no half of a code point is left.
fn paired(text: &str) -> Cow<'_, str> {
    let half = |at: usize| {
        let digits = text.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let (mut out, mut from, mut at) = (String::new(), 0, 0);
    while let Some(step) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        let here = at + step;
        at = match (half(here), half(here + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => here + 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str(&text[from..here]);
                out.push_str("\\ufffd");
                from = here + 6;
                from
            }
            // The next may be escaped by it.
            _ => here + 2,
        };
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// Known as text as a whole it need not be checked string by string.
fn decoded<'a, T: Quick<'a>>(bytes: &'a [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(bytes) {
        Ok(text) => T::quick(text).map_or_else(|| serde_json::from_str(text), Ok),
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// What is not what it should be. Never its text: what is said here is kept in the ledger, and this may be a part of an
/// answer.
pub(super) fn described(bytes: &[u8]) -> String {
    let what = match bytes.trim_ascii_start() {
        [] => "nothing",
        [b'<', ..] => "it begins like a web page",
        [b'{' | b'[', ..] => "it begins like JSON",
        [byte, ..] if byte.is_ascii_control() => "it begins like binary data",
        _ => "it begins like text",
    };
    format!("{} bytes, {what}", bytes.len())
}

/// A tool call id where the dialect has none: `call_` and 16 letters.
pub(super) fn call_id() -> String {
    random_id("call_", random::bytes().unwrap_or_default())
}

/// Arguments as an object, with numbers that are [`held`]; what is none is wrapped, so that nothing a model said is lost (translation.md, "Tools").
pub(super) fn arguments(input: &str) -> Value {
    if input.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str::<Value>(&held(input)) {
        Ok(value) if value.is_object() => value,
        _ => json!({ "_raw": input }),
    }
}

/// The same in a request, whose caller is told what was wrapped.
pub(super) fn given(input: &str, losses: &mut Losses) -> Value {
    let value = arguments(input);
    losses.when(value.get("_raw").and_then(Value::as_str) == Some(input), Loss::RawInput);
    value
}

/// What stands at the end of a path, whose names lead into objects by points, of lists in each of them; null for nothing.
pub(super) fn within<'v, L: Look + 'v>(path: &str, outer: impl Fn(&str) -> &'v L) -> Value {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    led(outer(first), rest)
}

fn led<L: Look>(value: &L, path: Option<&str>) -> Value {
    let Some(path) = path else { return value.kept() };
    if !value.list().is_empty() {
        return value.list().iter().map(|one| led(one, Some(path))).collect();
    }
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    value.member(name).map(|inner| led(inner, rest)).unwrap_or_default()
}

/// What else a piece (`of`) of a request says beside the fields that are `known`. Programs send back whatever they were
/// given: what says nothing is not told.
pub(super) fn beyond<L: Look>(of: &str, said: &L, known: impl Fn(&str) -> bool, losses: &mut Vec<Loss>) {
    let unknown = said.members().filter(|(name, value)| !known(name) && !value.nothing());
    losses.extend(unknown.map(|(name, _)| Loss::extra(&format!("{of}.{name}"))));
}

/// These are the fields that are known.
pub(super) fn one_of(known: &[&str]) -> impl Fn(&str) -> bool {
    move |name| known.contains(&name)
}

/// Arguments as text for dialects that have them so: none are an empty object.
pub(super) fn spelled(input: &str) -> &str {
    if input.trim().is_empty() { "{}" } else { input }
}

/// The way back: what a model said that was no JSON was wrapped.
pub(super) fn unwrapped(args: &Map<String, Value>) -> String {
    match args.get("_raw").filter(|_| args.len() == 1) {
        Some(Value::String(raw)) => raw.clone(),
        _ => json!(args).to_string(),
    }
}

/// The system text, with what is stated in words where the dialect or model does not take it natively: that it is to
/// think first, and the schema.
pub(super) fn system(request: &Request, adapted: &Adapted) -> String {
    let order = adapted.coax.then(|| ORDER.to_owned());
    let schema = request.schema.as_ref().filter(|_| !adapted.structured).map(|schema| {
        let json = &schema.schema;
        format!("Answer with one JSON object and nothing else. It must follow this JSON Schema:\n{json}")
    });
    let said = Some(request.system.clone()).filter(|text| !text.is_empty());
    said.into_iter().chain(order).chain(schema).collect::<Vec<_>>().join("\n\n")
}

/// What says in words that the answer is JSON.
pub(super) const ONE: &str = "Answer with one JSON object and nothing else.";

/// JSON of whatever shape is asked for, and none of these texts nor what was said has the word. OpenAI refuses that, and
/// others of its dialects (deepseek.md).
pub(super) fn unnamed(request: &Request, beside: &str) -> bool {
    let says = |text: &str| text.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"json"));
    let mut blocks = request.messages.iter().flat_map(|message| &message.blocks);
    request.json
        && request.schema.is_none()
        && !says(beside)
        && !blocks.any(|block| matches!(block, Block::Text(text) if says(text)))
}

/// As [`system`], for dialects that have no JSON mode: it is stated in words.
pub(super) fn worded(request: &Request, adapted: &Adapted) -> String {
    let said = system(request, adapted);
    if !request.json || request.schema.is_some() {
        return said;
    }
    format!("{said}\n\n{ONE}").trim_start().to_owned()
}

/// What a stream or a body states as its failure: what comes with a success status means the same as with a status of
/// its own (rate-limits.md, "By status").
pub(super) fn stated(error: &ErrorBody) -> Failure {
    let code = format!("{} {}", error.code, error.class).to_ascii_lowercase();
    let status = error.code.parse().ok().filter(|status| (400..600).contains(status));
    let message = error.message.to_ascii_lowercase();
    let rule = meaning(&Said { by: "", status, code: &code, message: &message });
    let (kind, mut scope, action) =
        rule.map_or((Kind::Broken, Scope::Provider, Action::Retry), |rule| (rule.kind, rule.scope, rule.action));
    if error.behind && scope == Scope::Provider {
        scope = Scope::Model;
    }
    let message = if error.message.is_empty() {
        "the provider reported an error without saying which".to_owned()
    } else {
        short(&error.message)
    };
    let mut failure = Failure::new(kind, scope, message);
    failure.action = action;
    failure.retry_after = error.retry_after;
    let mut said = [&error.code, &error.class].into_iter().filter(|c| !c.is_empty()).cloned();
    (failure.upstream.code, failure.upstream.class) = (said.next(), said.next());
    failure
}

/// The dialect's own end was not seen: the server's fault.
pub(super) fn truncated() -> Failure {
    Failure::new(Kind::Truncated, Scope::Provider, "the answer ended before its end mark")
}

/// It begins like JSON and ends in the middle of it.
pub(super) fn broke_off(body: &[u8]) -> bool {
    let begun = matches!(body.trim_ascii_start(), [b'{' | b'[', ..]);
    begun && serde_json::from_slice::<IgnoredAny>(body).is_err_and(|e| e.is_eof())
}

/// What stood at the very end and was never ended: JSON that was cut there is no garbage, the answer broke off.
pub(super) fn whole(data: &str) -> bool {
    data.trim() == "[DONE]" || serde_json::from_str::<IgnoredAny>(data).is_ok()
}

/// An error body in any spelling we know.
pub(super) fn error_body(body: &[u8]) -> ErrorBody {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return ErrorBody::default() };
    error_value(&value)
}

/// A member's place or a code is no longer than this (bytes).
const BLAMED: usize = 200;

/// As [`error_body`], of a parsed document. One reader for all dialects, because doors of one dialect pass on the
/// errors of another: OpenAI's `code` and `type`, Anthropic's `details.error_code`, Google's `status` and `details[]`
/// (also in a list of one), OpenRouter's `metadata`, a bare string.
pub(super) fn error_value(value: &Value) -> ErrorBody {
    let value = value.as_array().and_then(|a| a.first()).unwrap_or(value);
    let error = value.get("error").filter(|e| !e.is_null()).unwrap_or(value);
    let retry_after = retry_info(error).or_else(|| value.get("estimated_time").and_then(Value::as_f64)).and_then(wait);
    if let Some(message) = error.as_str() {
        let code = text(value, "code").to_owned();
        return ErrorBody { message: message.to_owned(), code, retry_after, ..ErrorBody::default() };
    }
    let status = text(error, "status");
    let number = error.get("code").and_then(Value::as_u64).map(|n| n.to_string()).unwrap_or_default();
    let at = |path: &str| error.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let quota = google(error, "QuotaFailure").and_then(|d| items(d, "violations").next());
    let code = [
        text(error, "code"),
        at("/details/error_code"),
        quota.map_or("", |v| text(v, "quotaId")),
        google(error, "ErrorInfo").map_or("", |d| text(d, "reason")),
        at("/metadata/error_type"),
        status,
        &number,
    ];
    let behind = at("/metadata/provider_name");
    let mut message = [text(error, "message"), text(value, "message"), text(value, "detail"), at("/detail/0/msg")]
        .into_iter()
        .find(|m| !m.is_empty())
        .unwrap_or_default()
        .to_owned();
    if !at("/metadata/raw").is_empty() {
        // "Provider returned error" alone tells nothing.
        message = format!("{message} ({behind}: {})", short(at("/metadata/raw")));
    }
    let message = tame(&message);
    ErrorBody {
        code: code.into_iter().find(|c| !c.is_empty()).unwrap_or_default().to_owned(),
        class: [text(error, "type"), status].into_iter().find(|c| !c.is_empty()).unwrap_or_default().to_owned(),
        message,
        retry_after,
        behind: !behind.is_empty(),
        blamed: (blamed(error, "param"), blamed(error, "code")),
    }
}

/// People read it in a terminal, which a server must not steer.
pub(super) fn tame(message: &str) -> String {
    message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A word about the request, where it is a short one.
fn blamed(error: &Value, name: &str) -> Option<String> {
    let word = text(error, name);
    (!word.is_empty() && word.len() <= BLAMED).then(|| tame(word))
}

/// One of Google's error details.
fn google<'v>(error: &'v Value, kind: &str) -> Option<&'v Value> {
    items(error, "details").find(|d| text(*d, "@type").ends_with(kind))
}

fn retry_info(error: &Value) -> Option<f64> {
    text(google(error, "RetryInfo")?, "retryDelay").strip_suffix('s')?.parse().ok()
}

/// A stated wait; none that is negative, no number, or longer than 31 days (rate-limits.md, "General algorithm").
pub(super) fn wait(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|d| *d <= Duration::from_secs(31 * 86_400))
}

/// What a provider says it charged: dollars (OpenRouter), or ticks of 1e-10 dollars (xAI, xai.md).
///
/// With a key of the user's own behind it ("byok"), a router charges its fee alone; what the provider behind it
/// charges stands beside it, and both are paid.
pub(super) fn charged<L: Look>(usage: &L) -> Option<Cost> {
    let amount = match count(usage, "cost_in_usd_ticks") {
        Some(ticks) => return Some(ticked(ticks)),
        None => {
            // Where the body had to be mended, numbers are texts.
            let dollars = |said: &L| said.number().or_else(|| number_of(said.said()?));
            let fee = NanoUsd::from_dollars(dollars(usage.member("cost")?)?)?;
            let behind = usage.member("cost_details").and_then(|d| dollars(d.member("upstream_inference_cost")?));
            let own_key = usage.member("is_byok").and_then(L::flag) == Some(true);
            match behind.filter(|_| own_key) {
                Some(dollars) => NanoUsd(fee.0.checked_add(NanoUsd::from_dollars(dollars)?.0)?),
                None => fee,
            }
        }
    };
    Some(Cost { amount, source: CostSource::Reported })
}

/// An amount of ticks of 1e-10 dollars, rounded half up (xai.md).
pub(super) const fn ticked(ticks: u64) -> Cost {
    Cost { amount: NanoUsd(ticks / 10 + (ticks % 10 >= 5) as u64), source: CostSource::Reported }
}

/// The service tier that an object names under `key`; nothing when it names none.
pub(super) fn served<L: Look>(value: &L, key: &str) -> Option<Event> {
    let word = value.member(key).and_then(L::said).filter(|w| !w.is_empty())?;
    Some(Event::Served(Service::parse(word)))
}

/// A number, or none.
pub(super) fn number<L: Look>(value: &L) -> Option<f64> {
    value.number()
}

/// A count, whole even where it is written with a point.
pub(super) fn whole_number<L: Look>(value: &L) -> Option<u64> {
    value.whole().or_else(|| {
        value
            .number()
            .filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n))
            .map(|n| format!("{n}").parse().unwrap_or_default())
    })
}

/// A number of either sign, whole even where it is written with a point.
pub(super) fn signed<L: Look>(value: &L) -> Option<i64> {
    let whole = value.number().filter(|n| n.fract() == 0.0 && n.abs() < 9e15);
    value.kept().as_i64().or_else(|| whole.and_then(|n| format!("{n}").parse().ok()))
}

/// A wish for so many thinking tokens; 0 = none.
pub(super) fn demand(tokens: u32) -> Demand {
    Demand::parse(&tokens.to_string()).unwrap_or_default()
}

/// One word, or a list of them.
pub(super) fn words<L: Look>(value: &L) -> Vec<String> {
    match value.said() {
        Some(word) => vec![word.to_owned()],
        None => value.list().iter().filter_map(L::said).map(str::to_owned).collect(),
    }
}

/// A request body.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    match asked(body)? {
        Value::Object(body) => Ok(body),
        _ => Err(no_object()),
    }
}

/// As [`object`], to be looked at.
pub(super) fn looked(body: &[u8]) -> Result<Tree<'_>, Failure> {
    let body: Tree<'_> = asked(body)?;
    if body.object() { Ok(body) } else { Err(no_object()) }
}

fn asked<'a, T: Quick<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    // Never its text: it may be a part of a prompt.
    taken(body).map_err(|unread| match unread {
        Unread::Whole(place) => bad(format!("the body is nested deeper than is read here: 127 levels ({place})")),
        Unread::Nothing(place) => bad(format!("the body is no JSON ({place})")),
    })
}

fn no_object() -> Failure {
    bad("the body is no JSON object".to_owned())
}

/// What only this dialect knows goes where it came from.
pub(super) fn extend(body: &mut Map<String, Value>, request: &Request, dialect: Dialect) {
    for extra in request.extras.iter().filter(|extra| extra.dialect == dialect && extra.name != "tools") {
        let mut names = path(extra);
        let last = names.pop().unwrap_or_default();
        let within = names
            .into_iter()
            .try_fold(&mut *body, |within, name| within.entry(name).or_insert_with(|| json!({})).as_object_mut());
        // It stands in the place of what we say ourselves.
        let strange = misfit(extra).is_some();
        if let Some(within) = within.filter(|within| strange || !within.contains_key(last)) {
            within.insert(last.to_owned(), extra.value.clone());
        }
    }
}
