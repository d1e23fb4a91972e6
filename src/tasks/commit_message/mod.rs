//! A commit message: rules decide what they know, a model says the rest, a validator has the last word.

mod compose;
mod finish;
mod packages;
mod parts;
mod pictures;
mod request;
mod words;

use std::time::Duration;

use jiff::Timestamp;

pub use compose::retype;
use compose::{Refused, compose};
use parts::summarise;
pub use parts::{Asked, Unread};
pub use pictures::breaks as pictured;
use request::Plan;
pub use request::{requests, types};

use super::conventions::Conventions;
use super::fence::{fence, fold, object};
use super::offline;
use super::offline::classify::{Class, classify};
use super::offline::message::{Draft, Hints, Wanted};
use super::review::Veil;
use crate::client::{Call, CallError, Client, Listener, Route, Terms, conversation};
use crate::git::message::issue::{Key, Place};
use crate::git::message::{self, Problem, Rules};
use crate::git::{ChangeSet, Contents, Habits};
use crate::model::{Demand, Message, NanoUsd, Purpose, Request};

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
    /// What the repository declares about its messages.
    pub conventions: Conventions,
    /// How its people write.
    pub habits: Habits,
    /// The issue that the change is about, and where its key goes; `None` = nowhere.
    pub issue: Option<(Key, Place)>,
    /// Trailers of the commit that is amended: they stand in every message for it. Empty where there is none.
    pub trailers: String,
    /// The commit that is amended breaks its users by the `!` behind its type: so does every message for it.
    pub breaks: bool,
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
    /// Messages to choose from, 1 to [`MOST`].
    pub count: usize,
    /// Subjects that the author has seen and did not take.
    pub seen: Vec<String>,
    /// What stands for secrets in names.
    pub veil: Veil,
}

/// Most messages to choose from.
pub const MOST: usize = 5;

impl Wish<'_> {
    /// Types that may be chosen; empty = the usual ones. Those of the user come before those that are declared.
    fn types(&self) -> Vec<String> {
        both(&self.types, self.conventions.types())
    }

    /// Scopes that may be chosen; empty = any.
    fn scopes(&self) -> Vec<String> {
        both(&self.scopes, self.conventions.scopes())
    }

    /// What must hold of the message; a change breaks its users where the author declares it.
    fn rules(&self) -> Rules {
        Rules { breaking: self.rules.breaking || self.breaks || self.declares(), ..self.rules.clone() }
    }

    /// The author says that the change breaks its users.
    #[must_use]
    pub fn declares(&self) -> bool {
        self.intent.as_deref().is_some_and(breaking)
    }

    /// Of no file a line was read: a model would be shown names alone.
    #[must_use]
    pub fn unread(&self) -> bool {
        !self.change.is_empty() && self.change.files.iter().all(|file| file.unread.is_some())
    }

    /// The language, where it is not English: said, or history's own.
    fn language(&self) -> Option<&str> {
        self.language.as_deref().or(self.habits.language)
    }
}

/// The author declares it in the form that messages do: `BREAKING CHANGE`, `breaking: …`, `!` behind a type,
/// `+semver: major`. Whoever only speaks of it (`not a breaking change`) does not.
fn breaking(intent: &str) -> bool {
    let lower = intent.trim_start().to_lowercase();
    let opens = ["breaking:", "breaking change:", "breaking-change:", "!"].iter().any(|open| lower.starts_with(open));
    let bumps = ["+semver: major", "+semver: breaking", "+semver:major", "+semver:breaking"];
    let opens = opens || bumps.iter().any(|mark| lower.contains(mark));
    let marked = intent.split_once(": ").is_some_and(|(mark, _)| mark.ends_with('!') && !mark.contains(' '));
    intent.contains("BREAKING CHANGE") || intent.contains("BREAKING-CHANGE") || opens || marked
}

/// What the one and the other allow; where they have nothing in common, what the one does.
fn both(own: &[String], declared: Vec<String>) -> Vec<String> {
    if own.is_empty() || declared.is_empty() {
        return if own.is_empty() { declared } else { own.to_vec() };
    }
    let common: Vec<String> = own.iter().filter(|one| declared.contains(one)).cloned().collect();
    if common.is_empty() { own.to_vec() } else { common }
}

/// How a model is asked.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// By whom.
    pub client: &'a Client,
    /// Over which routes, the best first.
    pub routes: &'a [Route],
    /// How long a limit is waited out.
    pub patience: Duration,
    /// When the message has to be there; `None` = whenever.
    pub deadline: Option<Duration>,
}

impl<'a> Means<'a> {
    /// The end of the time for a message that is begun now.
    fn until(&self) -> Option<Timestamp> {
        self.deadline.and_then(|deadline| self.client.clock.now().checked_add(deadline).ok())
    }

    /// What is left of that time.
    fn left(&self, until: Option<Timestamp>) -> Option<Duration> {
        until.map(|until| until.duration_since(self.client.clock.now()).try_into().unwrap_or_default())
    }

    /// A call; `limit` bounds it beside the limit of the whole command.
    fn call(&self, request: Request, deadline: Option<Duration>, limit: Option<NanoUsd>) -> Call<'a> {
        // What is said again for every commit here: the rules and the examples, not the change.
        let repo = self.client.place.repo.as_deref().unwrap_or_default();
        let conversation = Some(conversation(&["commit", repo, &request.system]));
        let terms = Terms { conversation, patience: self.patience, deadline, limit, ..Terms::default() };
        Call { terms, ..Call::new(self.routes, request) }
    }
}

/// A message and where it comes from.
#[derive(Debug)]
pub struct Written {
    /// The whole message, without a final line feed.
    pub text: String,
    /// What was asked of models; no replies when the rules wrote it.
    pub asked: Asked,
    /// Types worth offering, when the rules were not sure.
    pub alternatives: Vec<String>,
    /// What is wrong with it, where a person is to mend it; empty everywhere else.
    pub problems: Vec<Problem>,
    /// Further messages to choose from, no two alike.
    pub others: Vec<String>,
}

/// Why no model's message could be used.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// No answer.
    #[error("{error}")]
    Call {
        /// Why.
        #[source]
        error: CallError,
        /// What was asked before, for the cost line.
        asked: Asked,
    },
    /// Answers that are no commit message.
    #[error("{model} gave no usable message: {why}")]
    Unusable {
        /// `upstream/model`.
        model: String,
        /// What was wrong with the last one.
        why: String,
        /// The last one, put together all the same, for a person to mend; `None` where it said nothing.
        text: Option<String>,
        /// What was wrong with it, for that person.
        problems: Vec<Problem>,
        /// What was asked, for the cost line.
        asked: Asked,
    },
}

impl WriteError {
    /// What was asked of models all the same.
    #[must_use]
    pub const fn asked(&self) -> &Asked {
        match self {
            Self::Call { asked, .. } | Self::Unusable { asked, .. } => asked,
        }
    }
}

/// The message that the rules alone write. What of the repository's own rules it breaks all the same is told with it.
#[must_use]
pub fn by_rules(wish: &Wish<'_>) -> Written {
    let draft = finish::typed(wish, draft(wish));
    let text = laid_out(wish, &draft);
    // What they are not sure of is the type.
    let types = draft.alternatives.iter().take(wish.count.saturating_sub(1));
    let others = types.map(|type_| laid_out(wish, &finish::typed(wish, draft_as(wish, Some(type_)))));
    let others = others.filter(|other| *other != text).collect();
    let problems = finish::broken(wish, &text);
    Written { text, asked: Asked::default(), alternatives: draft.alternatives, problems, others }
}

fn laid_out(wish: &Wish<'_>, draft: &Draft) -> String {
    let subjects = std::iter::once(&draft.subject).chain(&draft.shorter);
    let bodies = std::iter::once(&draft.body).chain(&draft.bodies).map(|body| body.as_deref());
    let subjects: Vec<(String, Option<&str>)> =
        subjects.map(|subject| finish::dressed(wish, subject)).zip(bodies).collect();
    // A file may be called as build servers are told to do nothing: what is committed says it in other words.
    let with = |bodies: bool| finish::keyed(wish, &message::unmarked(&finish::fitted(wish, &subjects, bodies)));
    if wish.body == Body::Never || subjects.iter().all(|(_, body)| body.is_none()) {
        return with(false);
    }
    let (whole, broken) = (with(true), |text: &str| finish::broken(wish, text).len());
    if wish.body == Body::Always || broken(&whole) == 0 {
        return whole;
    }
    // A list of files that the declared rules refuse is wanted by nobody.
    let bare = with(false);
    if broken(&bare) < broken(&whole) { bare } else { whole }
}

/// Asks a model; once more, with the reasons, when its message does not hold.
///
/// # Errors
/// [`WriteError`]; the caller decides whether the rules' message will do.
pub async fn write(wish: &Wish<'_>, means: &Means<'_>, listener: &mut dyn Listener) -> Result<Written, WriteError> {
    let draft = draft(wish);
    if exact(wish, &draft) {
        // Names and versions are known; a model could only get them wrong.
        return Ok(by_rules(wish));
    }
    ask(wish, &draft, means, listener).await
}

async fn ask(
    wish: &Wish<'_>,
    draft: &Draft,
    means: &Means<'_>,
    listener: &mut dyn Listener,
) -> Result<Written, WriteError> {
    let Means { client, routes, .. } = *means;
    let plan = Plan::new(wish, client, routes);
    let mut last = Refused { text: None, problems: Vec::new() };
    let mut why = String::new();
    let until = means.until();
    let first = plan.request(wish, draft, &[], &wish.seen);
    let (summaries, mut asked) = summarise(means, plan.parts(wish), &first, until).await;
    let mut request = plan.request(wish, draft, &summaries, &wish.seen);
    for _ in 0..2 {
        let reply = match client.call(means.call(request.clone(), means.left(until), None), listener).await {
            Ok(reply) => reply,
            Err(error) => {
                asked.fail(&error);
                // A second try that fails must not hide what was wrong with the first.
                if why.is_empty() {
                    return Err(WriteError::Call { error, asked });
                }
                why = format!("{why}; asking again: {error}");
                break;
            }
        };
        let refusal = reply.refusal();
        let composed = several(wish, draft, &plan, &reply.text);
        asked.replies.push(reply);
        // Its words would be no message, and to be asked again changes no mind.
        if let Some(error) = refusal {
            return Err(WriteError::Call { error, asked });
        }
        match composed {
            Ok(mut texts) => {
                while plan.weak && texts.len() < wish.count && asked.replies.len() < REQUESTS {
                    let seen: Vec<String> = wish.seen.iter().chain(&texts).map(|t| subject(t).to_owned()).collect();
                    let call = means.call(plan.request(wish, draft, &summaries, &seen), means.left(until), None);
                    let reply = match client.call(call, listener).await {
                        Ok(reply) => reply,
                        Err(error) => {
                            asked.fail(&error);
                            break;
                        }
                    };
                    let refused = reply.refused().is_some();
                    let more = compose(wish, draft, &plan, &reply.text);
                    asked.replies.push(reply);
                    let Some(text) = more.ok().filter(|_| !refused) else { break };
                    // Who repeats themselves has nothing more to say.
                    if texts.iter().any(|t| alike(t, &text)) {
                        break;
                    }
                    texts.push(text);
                }
                let text = texts.remove(0);
                // What the user's own flags break is told, and is theirs to want.
                let (alternatives, problems) = (Vec::new(), finish::broken(wish, &text));
                return Ok(Written { text, asked, alternatives, problems, others: texts });
            }
            Err(refused) => {
                why = worded(&refused.problems);
                // In it stand words of the answer, and what the repository declares.
                let reasons = fence("Your last answer cannot be used. What is wrong with it", &why);
                request.messages.push(Message::user(format!("{reasons}Answer with the JSON object again.")));
                last = refused;
            }
        }
    }
    let model = asked.replies.last().map(|r| r.route.name()).unwrap_or_default();
    Err(WriteError::Unusable { model, why, text: last.text, problems: last.problems, asked })
}

/// Most requests for one message, or for some to choose from.
const REQUESTS: usize = 8;

/// The messages in an answer that hold, no two alike: one, or as many as were asked for.
fn several(wish: &Wish<'_>, draft: &Draft, plan: &Plan, answer: &str) -> Result<Vec<String>, Refused> {
    let listed = object(answer).filter(|_| wish.count > 1 && !plan.weak);
    let listed = listed.and_then(|value| value.get("messages")?.as_array().cloned()).unwrap_or_default();
    if listed.is_empty() {
        // Asked for several, some give one.
        return compose(wish, draft, plan, answer).map(|text| vec![text]);
    }
    let (mut texts, mut first): (Vec<String>, Option<Refused>) = (Vec::new(), None);
    for one in listed.iter().take(MOST) {
        match compose(wish, draft, plan, &one.to_string()) {
            Ok(text) if texts.iter().any(|t| alike(t, &text)) => {}
            Ok(text) => texts.push(text),
            Err(refused) => drop(first.get_or_insert(refused)),
        }
    }
    texts.truncate(wish.count);
    match first {
        Some(refused) if texts.is_empty() => Err(refused),
        _ => Ok(texts),
    }
}

/// The first line.
fn subject(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Two messages say the same in their subjects, whatever type they give it.
fn alike(a: &str, b: &str) -> bool {
    let words = |text: &str| {
        let subject = subject(text);
        fold(subject.split_once(": ").map_or(subject, |(_, rest)| rest)).to_lowercase()
    };
    words(a) == words(b)
}

/// The rules know all there is to say, and nobody asked for more words: locked versions alone, a change that another
/// one undoes, or one of which nobody read a line.
fn exact(wish: &Wish<'_>, draft: &Draft) -> bool {
    let asked = wish.intent.is_some() || wish.language.is_some() || wish.body == Body::Always;
    (wish.hints.undone.is_some() || locked(wish, draft) || wish.unread()) && !asked
}

/// Nothing but what is locked has changed.
fn locked(wish: &Wish<'_>, draft: &Draft) -> bool {
    draft.rule == "lock" && wish.change.files.iter().all(|file| classify(file) == Class::Lock)
}

fn worded(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn draft(wish: &Wish<'_>) -> Draft {
    draft_as(wish, wish.type_.as_deref())
}

fn draft_as(wish: &Wish<'_>, type_: Option<&str>) -> Draft {
    let (types, scopes) = (wish.types(), wish.scopes());
    let wanted = Wanted {
        type_,
        scope: wish.scope.as_deref(),
        types: &types,
        scopes: &scopes,
        body: wish.body == Body::Always || wish.conventions.body() == Some(true),
        veil: Some(&wish.veil),
    };
    let hints = Hints { subject_max: finish::room(wish), ..wish.hints.clone() };
    offline::message::message_as(wish.change, wish.contents, &hints, &wanted)
}
