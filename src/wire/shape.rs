//! What the pieces of a conversation hold. One with something else in it than its dialect takes is nothing that could be told:
//! dropping it would change what was said. It goes home as it came, and is refused wherever the request is spelled anew.

use serde_json::Value;

use super::json::text;
use super::tree::Look;
use crate::model::Dialect::{self, AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
use crate::model::{Extra, Failure, Kind, Scope};

/// What may stand in a place. Nothing may wherever it says nothing.
enum Fits {
    Text,
    Texts,
    /// A text, or a list of parts.
    Parts,
    /// A list of objects.
    Objects,
    /// As [`Fits::Objects`], or one of them.
    Few,
    Object,
    /// Arguments of a call.
    Input,
    /// A text or an object's `url`, and it says something.
    Address,
    /// An object where one of these texts says something.
    One(&'static [&'static str]),
    /// A text that says something.
    Said,
}

/// A member of a piece.
struct Place {
    /// Nothing: the piece itself.
    name: &'static str,
    /// Types of pieces that have it; none = all.
    kinds: &'static [&'static str],
    fits: Fits,
    wanted: &'static str,
    /// What stands within it, or within each of its list.
    inside: &'static [Self],
}

const fn place(name: &'static str, kinds: &'static [&'static str], fits: Fits, wanted: &'static str) -> Place {
    Place { name, kinds, fits, wanted, inside: &[] }
}

const fn of(name: &'static str, kinds: &'static [&'static str], inside: &'static [Place]) -> Place {
    Place { inside, ..place(name, kinds, Fits::Parts, "a text or a list of parts") }
}

const fn objects(name: &'static str, inside: &'static [Place]) -> Place {
    Place { inside, ..place(name, &[], Fits::Objects, "a list of objects") }
}

const fn object(name: &'static str, kinds: &'static [&'static str], inside: &'static [Place]) -> Place {
    Place { inside, ..place(name, kinds, Fits::Object, "an object") }
}

const fn words(name: &'static str, kinds: &'static [&'static str]) -> Place {
    place(name, kinds, Fits::Text, "a text")
}

const INPUT: Place = place("arguments", &[], Fits::Input, "a text or an object");

const CHAT: &[Place] = &[
    objects(
        "messages",
        &[
            of(
                "content",
                &[],
                &[
                    words("text", &["text"]),
                    words("refusal", &["refusal"]),
                    place("image_url", &["image_url"], Fits::Address, "an image's address"),
                    place("input_audio", &["input_audio"], Fits::One(&["data"]), "an object with data"),
                    place("file", &["file"], Fits::One(&["file_id", "file_data"]), "an object with a file"),
                ],
            ),
            words("name", &[]),
            words("tool_call_id", &[]),
            words("refusal", &[]),
            objects(
                "tool_calls",
                &[object("function", &[], &[words("name", &[]), INPUT]), object("custom", &[], &[words("input", &[])])],
            ),
            object("function_call", &[], &[INPUT]),
        ],
    ),
    objects(
        "tools",
        &[
            place("function", &["function"], Fits::One(&["name"]), "an object with a name"),
            place("custom", &["custom"], Fits::One(&["name"]), "an object with a name"),
        ],
    ),
];

const ITEM: &[Place] = &[
    words("text", &["input_text", "output_text", "text"]),
    words("refusal", &["refusal"]),
    place("", &["input_image"], Fits::One(&["image_url", "file_id"]), "an image's address or its id"),
    place("", &["input_file"], Fits::One(&["file_id", "file_url", "file_data"]), "a file's address, data or id"),
];

const RESULTS: &[&str] = &["function_call_output", "custom_tool_call_output"];

const RESPONSES: &[Place] = &[
    of(
        "input",
        &[],
        &[
            of("content", &["", "message"], ITEM),
            of("output", RESULTS, ITEM),
            words("call_id", &["function_call", "custom_tool_call"]),
            words("call_id", RESULTS),
            words("name", &["function_call", "custom_tool_call"]),
            words("arguments", &["function_call"]),
            words("input", &["custom_tool_call"]),
            place("summary", &["reasoning"], Fits::Objects, "a list of texts"),
            words("encrypted_content", &["reasoning"]),
        ],
    ),
    objects("tools", &[place("name", &["function", "custom"], Fits::Said, "a name")]),
];

const SOURCE: Place = object(
    "source",
    &["image", "document"],
    &[
        place("data", &["base64"], Fits::Said, "data"),
        words("data", &["text"]),
        place("url", &["url"], Fits::Said, "an address"),
        place("file_id", &["file"], Fits::Said, "an id"),
    ],
);

const ANTHROPIC: &[Place] = &[
    of("system", &[], &[words("text", &["", "text"])]),
    objects(
        "messages",
        &[of(
            "content",
            &[],
            &[
                words("text", &["", "text"]),
                words("thinking", &["thinking"]),
                words("signature", &["thinking"]),
                words("data", &["redacted_thinking"]),
                words("id", &["tool_use"]),
                words("name", &["tool_use"]),
                words("tool_use_id", &["tool_result"]),
                of("content", &["tool_result"], &[words("text", &["", "text"]), SOURCE]),
                SOURCE,
            ],
        )],
    ),
    objects("tools", &[place("name", &["", "custom"], Fits::Said, "a name")]),
];

const ARGS: &[Place] = &[object("args", &[], &[])];

const BYTES: &[Place] = &[place("data", &[], Fits::Said, "data")];

const PARTS: Place = Place {
    inside: &[
        object("functionCall", &[], ARGS),
        object("function_call", &[], ARGS),
        object("inlineData", &[], BYTES),
        object("inline_data", &[], BYTES),
    ],
    ..place("parts", &[], Fits::Few, "a list of parts")
};

const GEMINI: &[Place] = &[objects("contents", &[PARTS])];

const OLLAMA: &[Place] = &[objects(
    "messages",
    &[
        words("content", &[]),
        words("thinking", &[]),
        place("images", &[], Fits::Texts, "a list of texts"),
        words("tool_name", &[]),
        words("tool_call_id", &[]),
        objects("tool_calls", &[object("function", &[], &[words("name", &[]), INPUT])]),
    ],
)];

const fn places(dialect: Dialect) -> &'static [Place] {
    match dialect {
        OpenAiChat => CHAT,
        OpenAiResponses => RESPONSES,
        AnthropicMessages => ANTHROPIC,
        Gemini => GEMINI,
        Ollama => OLLAMA,
        // Protocol buffers have no other shape.
        Dialect::XaiGrpc => &[],
    }
}

impl Fits {
    fn hold<L: Look>(&self, held: Option<&L>) -> bool {
        let says = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
        match (self, held) {
            (Self::Said, held) => says(held.and_then(L::said)),
            (Self::One(names), Some(held)) => names.iter().any(|name| says(held.member(name).and_then(L::said))),
            (Self::Address, Some(held)) => says(held.said().or_else(|| held.member("url")?.said())),
            (Self::One(_) | Self::Address, None) => false,
            (_, None) => true,
            (Self::Text, Some(held)) => held.said().is_some(),
            (Self::Texts, Some(held)) => listed(held, |one| one.said().is_some()),
            (Self::Parts, Some(held)) => held.said().is_some() || listed(held, L::object),
            (Self::Objects, Some(held)) => listed(held, L::object),
            (Self::Few, Some(held)) => held.object() || listed(held, L::object),
            (Self::Object, Some(held)) => held.object(),
            (Self::Input, Some(held)) => held.said().is_some() || held.object(),
        }
    }
}

fn listed<L: Look>(held: &L, fits: impl Fn(&L) -> bool) -> bool {
    // What is empty is read as one, whatever it is.
    match held.list() {
        [] => held.nothing() && !held.object() && held.said().is_none() && held.flag().is_none(),
        all => all.iter().all(fits),
    }
}

/// The first place that holds what it cannot: the names that lead there, the last of them first, and what is wanted.
fn unfit<'v, L: Look + 'v>(places: &[Place], kind: &str, at: &dyn Fn(&str) -> Option<&'v L>) -> Option<Unfit> {
    let own = places.iter().filter(|place| place.kinds.is_empty() || place.kinds.contains(&kind));
    for place in own {
        let held = at(place.name).filter(|held| !held.null());
        if !place.fits.hold(held) {
            return Some((vec![place.name], place.wanted));
        }
        let Some(held) = held.filter(|_| !place.inside.is_empty()) else { continue };
        let all = if held.object() { std::slice::from_ref(held) } else { held.list() };
        let inner = all.iter().find_map(|one| {
            unfit(place.inside, text(one, "type"), &|name: &str| {
                if name.is_empty() { Some(one) } else { one.member(name) }
            })
        });
        if let Some((mut names, wanted)) = inner {
            names.push(place.name);
            return Some((names, wanted));
        }
    }
    None
}

type Unfit = (Vec<&'static str>, &'static str);

/// The first piece of a request that holds what it cannot, and what is wanted there; `at` gives a field.
pub(super) fn misshapen<'v, L: Look + 'v>(dialect: Dialect, at: impl Fn(&str) -> &'v L) -> Option<Extra> {
    let (names, wanted) = unfit(places(dialect), "", &|name: &str| Some(at(name)))?;
    let names: Vec<&str> = names.into_iter().rev().filter(|name| !name.is_empty()).collect();
    Some(Extra { dialect, name: names.join("."), value: Value::from(wanted) })
}

/// The name leads to a piece that is looked at here.
pub(super) fn known(dialect: Dialect, name: &str) -> bool {
    let mut within: Vec<&[Place]> = vec![places(dialect)];
    for name in name.split('.') {
        let found = within.iter().flat_map(|places| places.iter()).filter(|place| place.name == name);
        let found: Vec<&[Place]> = found.map(|place| place.inside).collect();
        if found.is_empty() {
            return false;
        }
        within = found;
    }
    true
}

/// Why it is told to nobody who gets the request spelled anew.
pub(super) fn refused(extra: &Extra) -> Option<Failure> {
    let wanted = extra.value.as_str().filter(|_| known(extra.dialect, &extra.name))?;
    // Whoever takes the body as it came may know better.
    Some(Failure::new(Kind::BadRequest, Scope::Model, format!("{}: {wanted} is wanted", extra.name)))
}
