//! What is asked of a model for a message.

use serde_json::{Value, json};

use super::finish::Scoped;
use super::{Body, MOST, TYPES, Wish, draft, exact, finish};
use crate::client::{Client, Route};
use crate::config::worded;
use crate::git::Looks;
use crate::git::style::Tense;
use crate::model::{Purpose, Request, Sampling, Schema};
use crate::tasks::fence::fence;
use crate::tasks::offline::message::Draft;
use crate::tasks::pack::{Whole, whole};
use crate::tasks::{room, weak};

const PROMPT: &str = include_str!("../prompts/commit.md");
const SUBJECT: &str = include_str!("../prompts/subject.md");
const GROUP: &str = include_str!("../prompts/group.md");
/// A recent subject is an example up to so many characters.
const EXAMPLE: usize = 100;

/// What is asked of a model, and in how many requests.
pub(super) struct Plan {
    /// The change as it is told.
    whole: Whole,
    /// Asked for the subject alone: what a weak model can do.
    pub(super) weak: bool,
    /// All routes are servers here, which keep to the lengths in a schema as they write.
    bounded: bool,
    model: String,
}

impl Plan {
    /// Packs the change for the first of the routes.
    pub(super) fn new(wish: &Wish<'_>, client: &Client, routes: &[Route]) -> Self {
        let whole = whole(wish.change, wish.contents, room::bytes(routes, wish.max_bytes));
        let weak = routes.first().is_some_and(|route| weak::poor(client, route));
        let bounded = !routes.is_empty() && routes.iter().all(Route::local);
        Self { whole, weak, bounded, model: routes.first().map(Route::name).unwrap_or_default() }
    }

    /// With lengths that end a word, for servers here: small models come to no end by themselves, and room to think is
    /// then room to go on. Elsewhere such keywords are not taken everywhere.
    fn within(&self, mut schema: Schema) -> Schema {
        if self.bounded {
            shortened(&mut schema.schema);
        }
        schema
    }

    /// All that is told of the change.
    pub(super) fn told(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.whole.text.as_str()).chain(self.whole.parts.iter().map(String::as_str))
    }

    /// Requests for summaries of what has no room in the one for the message. None in the hook, where somebody waits.
    pub(super) fn parts(&self, wish: &Wish<'_>) -> Vec<Request> {
        if wish.purpose == Purpose::Hook {
            return Vec::new();
        }
        self.whole.parts.iter().map(|part| self.part(wish, part)).collect()
    }

    fn part(&self, wish: &Wish<'_>, part: &str) -> Request {
        let mut request = Request::text(&self.model, wish.purpose, fence("The part of the change", part));
        GROUP.clone_into(&mut request.system);
        request.schema = Some(self.within(Schema {
            name: "part_summary".to_owned(),
            schema: json!({ "type": "object", "additionalProperties": false, "required": ["summary"],
                "properties": { "summary": { "type": "string" } } }),
            ..Schema::default()
        }));
        request.sampling = Sampling { temperature: Some(0.2), habit: true, ..Sampling::default() };
        request.effort = wish.effort;
        request.max_output = Some(300);
        request
    }

    /// The request for the message.
    pub(super) fn request(&self, wish: &Wish<'_>, draft: &Draft, summaries: &[String], seen: &[String]) -> Request {
        let mut text = String::new();
        let lock = draft.rule == "lock";
        let examples: Vec<String> = wish
            .recent
            .iter()
            .take(if lock || self.weak { 4 } else { 8 })
            .map(|subject| subject.chars().take(EXAMPLE).collect())
            .collect();
        if !examples.is_empty() {
            text.push_str(&fence("Recent subjects of this repository, as examples of its style", &examples.join("\n")));
            text.push('\n');
        }
        if let Some(intent) = &wish.intent {
            text.push_str(&fence("What the author says the change is for", intent));
            text.push('\n');
        }
        text.push_str(&fence("The change", &self.whole.text));
        if !summaries.is_empty() {
            text.push('\n');
            text.push_str(&fence("Summaries of the parts of the change that are not shown", &summaries.join("\n")));
        } else if !self.whole.parts.is_empty() {
            text.push_str("\nThe change is larger than what is shown. Files that the table does not name are counted in it by their folders.\n");
        }
        if !seen.is_empty() {
            text.push('\n');
            text.push_str(&fence(
                "Subjects that the author has seen and not taken; say something else",
                &seen.join("\n"),
            ));
        }
        let mut request = Request::text(&self.model, wish.purpose, text);
        request.system = if self.weak { subject_alone(wish) } else { system(wish, draft) };
        request.schema = Some(self.within(match (self.weak, several(wish)) {
            (true, _) => subject_schema(),
            (false, None) => schema(wish, draft),
            (false, Some(count)) => messages_schema(wish, draft, count),
        }));
        request.sampling = Sampling { temperature: Some(0.2), habit: true, ..Sampling::default() };
        request.effort = wish.effort;
        request.max_output = Some(if self.weak { 120 } else { 600 * several(wish).unwrap_or(1) });
        request
    }
}

/// The requests for one message as they would be sent, the one for the message itself last: without the summaries that
/// it would hold. None where the rules know all there is to say.
#[must_use]
pub fn requests(wish: &Wish<'_>, client: &Client, routes: &[Route]) -> Vec<Request> {
    let draft = draft(wish);
    if exact(wish, &draft) {
        return Vec::new();
    }
    let plan = Plan::new(wish, client, routes);
    let mut all = plan.parts(wish);
    all.push(plan.request(wish, &draft, &[], &wish.seen));
    all
}

/// How many messages are wanted, where it is more than one.
fn several(wish: &Wish<'_>) -> Option<u32> {
    u32::try_from(wish.count.min(MOST)).ok().filter(|count| *count > 1)
}

fn subject_alone(wish: &Wish<'_>) -> String {
    let language = wish.language().map(|l| format!("Write it in {l}.\n")).unwrap_or_default();
    SUBJECT.replace("{subject_max}", &room(wish).min(60).to_string()).replace("{language}", &language)
}

/// The longest that each word of an answer may be (characters): far beyond what is used of it.
const LONGEST: [(&str, u32); 4] = [("scope", 40), ("subject", 200), ("summary", 600), ("body", 1_500)];

fn shortened(schema: &mut Value) {
    for (name, most) in LONGEST {
        if let Some(word) = schema.pointer_mut(&format!("/properties/{name}")) {
            word["maxLength"] = json!(most);
        }
    }
    if let Some(items) = schema.pointer_mut("/properties/messages/items") {
        shortened(items);
    }
}

fn subject_schema() -> Schema {
    Schema {
        name: "commit_subject".to_owned(),
        schema: json!({ "type": "object", "additionalProperties": false, "required": ["subject"],
            "properties": { "subject": { "type": "string" } } }),
        ..Schema::default()
    }
}

fn system(wish: &Wish<'_>, draft: &Draft) -> String {
    let mut rules = String::new();
    // Subjects that begin with the part of the project have no type.
    let typed = !draft.guessed && wish.hints.looks != Looks::Subsystem;
    if let Some(type_) = draft.type_.as_ref().filter(|_| typed) {
        rules.push_str(&format!("- The type is \"{type_}\"; it was decided by rule.\n"));
    }
    match finish::scoped(wish, draft) {
        Scoped::Never => rules.push_str("- The scope is empty.\n"),
        // One that is found in history or paths is told where it is words, and no text that speaks to the model.
        Scoped::Fixed(scope) if wish.scope.is_none() && !worded(&scope) => {}
        Scoped::Fixed(scope) => rules.push_str(&format!("- The scope is \"{scope}\"; it was decided by rule.\n")),
        Scoped::Free { of, needed } => {
            let or = if needed { "" } else { ", or empty" };
            if !of.is_empty() {
                rules.push_str(&format!("- The scope is one of {}{or}.\n", of.join(", ")));
            } else if needed {
                rules.push_str("- The scope is not empty: one word for the part of the project that changes.\n");
            }
        }
    }
    for line in wish.conventions.told() {
        rules.push_str(&format!("- A rule of this repository: {line}.\n"));
    }
    match wish.habits.tense {
        Tense::Imperative => {}
        Tense::Past => {
            rules.push_str("- This repository says what was done, in the past tense: \"added\", \"fixed\".\n")
        }
        Tense::Present => rules.push_str("- This repository writes in the third person: \"adds\", \"fixes\".\n"),
    }
    match wish.body {
        Body::Auto => {}
        Body::Always => rules.push_str("- The body is not empty: it says why the change is made.\n"),
        Body::Never => rules.push_str("- The body is empty.\n"),
    }
    if let Some(language) = wish.language() {
        rules.push_str(&format!("- Subject and body are written in {language}.\n"));
    }
    if let Some(count) = several(wish) {
        rules.push_str(&format!(
            "- The author chooses among {count} messages. Answer with {{\"messages\": […]}}, {count} such objects, the best \
             first, each with another thought in its subject.\n"
        ));
    }
    PROMPT
        .replace("{subject_max}", &room(wish).to_string())
        .replace("{types}", &offered(wish, draft).join(", "))
        .replace("{rules}", &rules)
}

/// Shorter habits than this are no reason to be told a shorter length (characters).
const SHORT: usize = 50;

/// How long a subject is asked for: what fits, and what is usual here.
fn room(wish: &Wish<'_>) -> usize {
    let usual = wish.habits.long.map_or(usize::MAX, |long| long.max(SHORT));
    finish::room(wish).min(usual)
}

/// Types that a message may have here.
#[must_use]
pub fn types(wish: &Wish<'_>) -> Vec<String> {
    let types = wish.types();
    if types.is_empty() { TYPES.map(str::to_owned).to_vec() } else { types }
}

/// Those that a model may say: that a change takes another one back, git's own history or the author says, and no model.
pub(super) fn offered(wish: &Wish<'_>, draft: &Draft) -> Vec<String> {
    let of = |type_: &Option<String>| type_.as_deref() == Some(REVERT);
    let said = wish.intent.as_deref().is_some_and(|intent| intent.to_lowercase().contains(REVERT));
    let back = wish.hints.undone.is_some() || of(&draft.type_) || of(&wish.type_) || said;
    let mut types = types(wish);
    // Where nothing else is allowed it says nothing.
    if !back && types.iter().any(|type_| type_ != REVERT) {
        types.retain(|type_| type_ != REVERT);
    }
    types
}

/// The type of a change that takes another one back.
const REVERT: &str = "revert";

fn schema(wish: &Wish<'_>, draft: &Draft) -> Schema {
    Schema { name: "commit_message".to_owned(), schema: message_schema(wish, draft), ..Schema::default() }
}

/// Several messages in one answer.
fn messages_schema(wish: &Wish<'_>, draft: &Draft, count: u32) -> Schema {
    Schema {
        name: "commit_messages".to_owned(),
        schema: json!({
            "type": "object", "additionalProperties": false, "required": ["messages"],
            "properties": { "messages": { "type": "array", "description": format!("{count} messages, the best first"),
                "items": message_schema(wish, draft) } },
        }),
        ..Schema::default()
    }
}

fn message_schema(wish: &Wish<'_>, draft: &Draft) -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object", "additionalProperties": false, "required": ["type", "scope", "subject", "body"],
        "properties": { "type": { "type": "string", "enum": offered(wish, draft) }, "scope": text, "subject": text, "body": text },
    })
}
