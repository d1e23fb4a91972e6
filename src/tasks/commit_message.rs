//! A commit message: rules decide what they know, a model says the rest, a validator has the last word.

use std::time::Duration;

use serde_json::json;

use super::fence::{fence, fold, object, unthink};
use super::offline::message::{Draft, Hints, Wanted, emoji};
use super::pack::{Lines, pack};
use super::{offline, room};
use crate::client::{Call, CallError, Client, Listener, Reply, Route, Terms, conversation};
use crate::git::message::{self, Rules};
use crate::git::{ChangeSet, Contents, Looks};
use crate::model::{Demand, Purpose, Request, Sampling, Schema};

const PROMPT: &str = include_str!("prompts/commit.md");
/// Types offered where the repository names none.
const TYPES: [&str; 11] =
    ["feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert"];

/// Whether a body is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Body {
    /// Where it says more than the subject.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a message is wanted for.
pub struct Wish<'a> {
    /// The staged change.
    pub change: &'a ChangeSet,
    /// Whole files.
    pub contents: &'a dyn Contents,
    /// Style, branch, priors: what history says.
    pub hints: Hints,
    /// Recent subjects of this repository, as examples.
    pub recent: Vec<String>,
    /// Types the repository allows; empty = the usual ones.
    pub types: Vec<String>,
    /// Scopes the repository allows; empty = any.
    pub scopes: Vec<String>,
    /// What must hold of the message.
    pub rules: Rules,
    /// Type, if the user fixed it.
    pub type_: Option<String>,
    /// Scope, if the user fixed it.
    pub scope: Option<String>,
    /// What the author says the change is for.
    pub intent: Option<String>,
    /// Language of the message; `None` = English.
    pub language: Option<String>,
    /// Body.
    pub body: Body,
    /// Most bytes of the request.
    pub max_bytes: usize,
    /// Reasoning.
    pub effort: Demand,
    /// By hand or from the hook.
    pub purpose: Purpose,
}

/// A message and where it comes from.
#[derive(Debug)]
pub struct Written {
    /// The whole message, without a final line feed.
    pub text: String,
    /// Calls that answered; empty when the rules wrote it.
    pub replies: Vec<Reply>,
    /// Types worth offering, when the rules were not sure.
    pub alternatives: Vec<String>,
}

/// Why no model's message could be used.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// No answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Answers that are no commit message.
    #[error("{model} gave no usable message: {why}")]
    Unusable {
        /// `upstream/model`.
        model: String,
        /// What was wrong with the last one.
        why: String,
        /// Calls that were made, for the cost line.
        replies: Vec<Reply>,
    },
}

/// The message that the rules alone write.
#[must_use]
pub fn by_rules(wish: &Wish<'_>) -> Written {
    let draft = draft(wish);
    let body = match wish.body {
        Body::Never => None,
        _ => draft.body.clone(),
    };
    let text = message::join(&draft.subject, body.as_deref());
    Written { text, replies: Vec::new(), alternatives: draft.alternatives }
}

/// Asks a model; once more, with the reasons, when its message does not hold.
///
/// # Errors
/// [`WriteError`]; the caller decides whether the rules' message will do.
pub async fn write(
    wish: &Wish<'_>,
    client: &Client,
    routes: &[Route],
    patience: Duration,
    deadline: Option<Duration>,
    listener: &mut dyn Listener,
) -> Result<Written, WriteError> {
    let draft = draft(wish);
    let mut request = request(wish, routes);
    let mut replies: Vec<Reply> = Vec::new();
    let mut why = String::new();
    let started = client.clock.now();
    for _ in 0..2 {
        let left = deadline.map(|d| d.saturating_sub(since(started, client)));
        // What is said again for every commit here: the rules and the examples, not the change.
        let repo = client.place.repo.as_deref().unwrap_or_default();
        let conversation = Some(conversation(&["commit", repo, &request.system]));
        let terms = Terms { conversation, patience, deadline: left, ..Terms::default() };
        let call = Call { terms, ..Call::new(routes, request.clone()) };
        let reply = match client.call(call, listener).await {
            Ok(reply) => reply,
            // A second try that fails must not hide what was wrong with the first.
            Err(error) if replies.is_empty() => return Err(error.into()),
            Err(error) => {
                why = format!("{why}; asking again: {error}");
                break;
            }
        };
        let composed = compose(wish, &draft, &reply.text);
        replies.push(reply);
        match composed {
            Ok(text) => return Ok(Written { text, replies, alternatives: Vec::new() }),
            Err(wrong) => {
                request.messages.push(crate::model::Message::user(format!(
                    "Your last answer cannot be used: {wrong}. Answer with the JSON object again."
                )));
                why = wrong;
            }
        }
    }
    let model = replies.last().map(|r| r.route.name()).unwrap_or_default();
    Err(WriteError::Unusable { model, why, replies })
}

fn since(started: jiff::Timestamp, client: &Client) -> Duration {
    client.clock.now().duration_since(started).try_into().unwrap_or_default()
}

/// The request as it would be sent.
#[must_use]
pub fn request(wish: &Wish<'_>, routes: &[Route]) -> Request {
    let draft = draft(wish);
    let packed = pack(wish.change, wish.contents, room::bytes(routes, wish.max_bytes), Lines::Plain);
    let mut text = String::new();
    if !wish.recent.is_empty() {
        text.push_str(&fence("Recent subjects of this repository, as examples of its style", &wish.recent.join("\n")));
        text.push('\n');
    }
    if let Some(intent) = &wish.intent {
        text.push_str(&fence("What the author says the change is for", intent));
        text.push('\n');
    }
    text.push_str(&fence("The change", &packed.text));
    let model = routes.first().map(Route::name).unwrap_or_default();
    let mut request = Request::text(model, wish.purpose, text);
    request.system = system(wish, &draft);
    request.schema = Some(schema(wish));
    request.sampling = Sampling { temperature: Some(0.2), habit: true, ..Sampling::default() };
    request.effort = wish.effort;
    request.max_output = Some(600);
    request
}

fn system(wish: &Wish<'_>, draft: &Draft) -> String {
    let mut rules = String::new();
    if let Some(type_) = &draft.type_ {
        rules.push_str(&format!("- The type is \"{type_}\"; it was decided by rule.\n"));
    }
    if let Some(scope) = &draft.scope {
        rules.push_str(&format!("- The scope is \"{scope}\"; it was decided by rule.\n"));
    } else if !wish.scopes.is_empty() {
        rules.push_str(&format!("- The scope is one of {}, or empty.\n", wish.scopes.join(", ")));
    }
    match wish.body {
        Body::Auto => {}
        Body::Always => rules.push_str("- The body is not empty: it says why the change is made.\n"),
        Body::Never => rules.push_str("- The body is empty.\n"),
    }
    if let Some(language) = &wish.language {
        rules.push_str(&format!("- Subject and body are written in {language}.\n"));
    }
    PROMPT
        .replace("{subject_max}", &wish.rules.subject_max.to_string())
        .replace("{types}", &types(wish).join(", "))
        .replace("{rules}", &rules)
}

fn types(wish: &Wish<'_>) -> Vec<String> {
    if wish.types.is_empty() { TYPES.map(str::to_owned).to_vec() } else { wish.types.clone() }
}

fn schema(wish: &Wish<'_>) -> Schema {
    let text = json!({ "type": "string" });
    Schema {
        name: "commit_message".to_owned(),
        schema: json!({
            "type": "object", "additionalProperties": false, "required": ["type", "scope", "subject", "body"],
            "properties": { "type": { "type": "string", "enum": types(wish) }, "scope": text, "subject": text, "body": text },
        }),
        ..Schema::default()
    }
}

fn draft(wish: &Wish<'_>) -> Draft {
    let wanted = Wanted {
        type_: wish.type_.as_deref(),
        scope: wish.scope.as_deref(),
        types: &wish.types,
        scopes: &wish.scopes,
        body: wish.body == Body::Always,
    };
    offline::message::message_as(wish.change, wish.contents, &wish.hints, &wanted)
}

/// Puts a message together from the model's words and what rule and user decided.
fn compose(wish: &Wish<'_>, draft: &Draft, answer: &str) -> Result<String, String> {
    let said = Said::read(answer).ok_or("it holds no subject")?;
    let allowed = types(wish);
    let of_model = said.type_.filter(|t| allowed.contains(t));
    let type_ = draft.type_.clone().or(of_model);
    let of_model = said.scope.filter(|s| wish.scopes.is_empty() || wish.scopes.contains(s));
    let scope = draft.scope.clone().or(of_model);
    let subject = message::sanitise(&said.subject);
    let subject = bare(&subject);
    // A type of this repository's own stands in front as well.
    let subject = match subject.split_once(": ") {
        Some((mark, rest)) if allowed.iter().any(|t| mark.split('(').next() == Some(t.as_str())) => rest.trim(),
        _ => subject,
    };
    if subject.is_empty() {
        return Err("it holds no subject".to_owned());
    }
    // Small models answer with the name of the first thing they see. Scripts without spaces have no single words.
    if subject.is_ascii() && !subject.contains(' ') {
        return Err(format!("its subject \"{subject}\" is a name, not a sentence that says what the change does"));
    }
    let head = match wish.hints.looks {
        Looks::Conventional => {
            let type_ = type_.ok_or_else(|| format!("its type is none of {}", allowed.join(", ")))?;
            match scope.filter(|s| plain_scope(s)) {
                Some(scope) => format!("{type_}({scope}): {}", lower_first(subject)),
                None => format!("{type_}: {}", lower_first(subject)),
            }
        }
        Looks::Subsystem => match scope.filter(|s| plain_scope(s)) {
            Some(scope) => format!("{scope}: {}", lower_first(subject)),
            None => subject.to_owned(),
        },
        Looks::Gitmoji => {
            let own = unpictured(subject);
            type_.map_or_else(|| upper_first(own), |type_| format!("{} {}", emoji(&type_), lower_first(own)))
        }
        Looks::Plain => upper_first(subject),
    };
    let body = match wish.body {
        Body::Never => None,
        _ => said.body.map(|b| message::sanitise(&b)).filter(|b| !b.trim().is_empty() && fold(b) != fold(subject)),
    };
    if wish.body == Body::Always && body.is_none() {
        return Err("its body is empty".to_owned());
    }
    let text = message::join(&head, body.as_deref());
    let text = message::repair(&text, &wish.rules);
    message::validate(&text, &wish.rules)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    Ok(text)
}

/// What a model said, before it is trusted.
struct Said {
    type_: Option<String>,
    scope: Option<String>,
    subject: String,
    body: Option<String>,
}

impl Said {
    /// From the object asked for, or from a plain message: small models forget the form but know the words.
    fn read(answer: &str) -> Option<Self> {
        let Some(value) = object(answer) else {
            let text = message::sanitise(unthink(answer));
            let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
            let (type_, scope, subject) = conventional(head);
            let body = Some(body.trim().to_owned()).filter(|b| !b.is_empty());
            return Some(Self { type_, scope, subject: subject.to_owned(), body })
                .filter(|s| !s.subject.trim().is_empty());
        };
        let text = |key: &str| {
            value
                .get(key)
                .and_then(serde_json::Value::as_str)
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
        };
        let subject = text("subject")?;
        let (type_, scope, _) = conventional(&subject);
        Some(Self { type_: text("type").or(type_), scope: text("scope").or(scope), subject, body: text("body") })
    }
}

/// Type, scope and rest of a conventional subject; no type when it is none.
fn conventional(head: &str) -> (Option<String>, Option<String>, &str) {
    let Some((mark, rest)) = head.split_once(": ") else { return (None, None, head) };
    let mark = mark.trim_end_matches('!');
    let (type_, scope) = match mark.split_once('(') {
        Some((type_, scope)) => (type_, Some(scope.trim_end_matches(')').to_owned())),
        None => (mark, None),
    };
    if TYPES.contains(&type_) { (Some(type_.to_owned()), scope, rest) } else { (None, None, head) }
}

/// A subject without type prefix, surrounding quotes and final full stop.
fn bare(subject: &str) -> &str {
    let line = subject.lines().next().unwrap_or("").trim();
    let (_, _, rest) = conventional(line);
    unquoted(rest.trim()).trim_end_matches(['.', '。']).trim()
}

/// Without the picture, or its `:name:`, that a model put before a subject.
fn unpictured(subject: &str) -> &str {
    let named = subject.strip_prefix(':').and_then(|t| t.split_once(": ")).filter(|(name, _)| !name.contains(' '));
    let rest = named.map_or(subject, |(_, rest)| rest);
    let bare = rest.trim_start_matches(|c: char| !c.is_ascii() && !c.is_alphanumeric()).trim_start();
    if bare.is_empty() { subject } else { bare }
}

/// Without quotes round the whole; a quoted name at the end keeps its own.
fn unquoted(text: &str) -> &str {
    ['"', '`', '\'']
        .into_iter()
        .find_map(|mark| text.strip_prefix(mark)?.strip_suffix(mark).filter(|inner| !inner.contains(mark)))
        .unwrap_or(text)
}

fn plain_scope(scope: &str) -> bool {
    !scope.is_empty() && scope.len() <= 24 && scope.chars().all(|c| c.is_alphanumeric() || "-_/.".contains(c))
}

/// `Add x` becomes `add x`, but `HTTP stays` stays.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conventional_head_is_taken_apart() {
        assert_eq!(conventional("fix(pager): count"), (Some("fix".into()), Some("pager".into()), "count"));
        assert_eq!(conventional("feat!: drop"), (Some("feat".into()), None, "drop"));
        assert_eq!(conventional("note: this"), (None, None, "note: this"), "note is no type");
    }

    #[test]
    fn a_subject_is_bared_of_what_models_put_around_it() {
        assert_eq!(bare("\"feat: add paging.\""), "feat: add paging");
        assert_eq!(bare("fix(x): Add `foo` to bar."), "Add `foo` to bar");
        assert_eq!(bare("add `foo` to `Bar`"), "add `foo` to `Bar`", "names keep their own quotes");
        assert_eq!(bare("`foo` and `bar`"), "`foo` and `bar`");
    }

    #[test]
    fn case_is_mended_without_breaking_names() {
        assert_eq!(lower_first("Add paging"), "add paging");
        assert_eq!(lower_first("HTTP stays"), "HTTP stays");
        assert_eq!(upper_first("änder das"), "Änder das");
    }

    #[test]
    fn a_picture_of_the_models_own_is_taken_off() {
        assert_eq!(unpictured("✨ Add paging"), "Add paging");
        assert_eq!(unpictured("♻️ tidy up"), "tidy up");
        assert_eq!(unpictured(":bug: count"), "count");
        assert_eq!(unpictured("ändere das"), "ändere das");
        assert_eq!(unpictured(": odd"), ": odd");
    }

    #[test]
    fn a_plain_answer_is_read_too() {
        let said = Said::read("<think>hm</think>\nfix(io): close the file\n\nIt leaked.").unwrap();
        assert_eq!((said.type_.as_deref(), said.subject.as_str()), (Some("fix"), "close the file"));
        assert_eq!(said.body.as_deref(), Some("It leaked."));
        assert!(Said::read("{\"type\": \"fix\"}").is_none(), "an object without a subject is no message");
    }
}
