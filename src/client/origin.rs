//! What a program sent to the proxy, masked: where the upstream speaks the same dialect it goes there as it came, and only
//! what must change is changed in it (DESIGN.md §4).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::clean::{Blocked, Clean};
use super::edits::{Edits, means, struck};
use super::tuned::{alike, unforced, unthinking};
use crate::model::{Block, Demand, Dialect, Failure, Kind, ModelName, Purpose, Request, Role, Scope};
use crate::providers::Intent;
use crate::secrets::{BodyError, Conversation, Hit, Member, Mode, members};
use crate::wire::{Adapted, Asked, Asking, Foreign, Loss, STORE, Strike, Written, strange, strikes, surface, wire};

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// An answer of a model.
    Answer,
    /// The same by Ollama's older call: a prompt in the place of messages.
    Generate,
    /// Vectors for texts: passed on as it is, to upstreams that have such a call.
    Embed,
}

/// Fields with which routers take further models, or a way to find them (openrouter.md): what they name is looked at by
/// nobody here.
const FURTHER: [&str; 4] = ["models", "route", "fallbacks", "preset"];

/// How a call beside the usual one would say the same as that.
pub type Reads = fn(&[u8]) -> Result<Vec<u8>, Failure>;

/// A request as it came in.
#[derive(Debug)]
pub struct Received<'a> {
    /// How it is spelled.
    pub dialect: Dialect,
    /// What it asks for.
    pub task: Task,
    /// Its body.
    pub body: &'a [u8],
    /// How it is read, where it is not as the dialect's usual call has it.
    pub reads: Option<Reads>,
    /// The model, where the address names it (Gemini).
    pub model: Option<&'a str>,
    /// Whether a stream is wanted, where the address says it.
    pub stream: Option<bool>,
    /// Headers that go on to an upstream of the same dialect, names in lower case; never a credential.
    pub headers: Vec<(String, String)>,
}

/// What came in, masked.
#[derive(Debug, Clone)]
pub struct Origin {
    /// How it is spelled.
    pub dialect: Dialect,
    /// What it asks for.
    pub task: Task,
    body: String,
    /// The members of the object that it is, where they were told when it was read.
    members: Option<Arc<[Member]>>,
    headers: Vec<(String, String)>,
    /// What others sealed was struck.
    struck: bool,
    /// Without that, the model cannot be asked to think.
    mute: bool,
    /// What went with that.
    lost: Vec<Loss>,
}

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It cannot be read, or asks what cannot be done; in words for the caller.
    #[error("{}", .0.message)]
    Wrong(Failure),
    /// It holds what is not to be sent.
    #[error(transparent)]
    Body(BodyError),
    /// The same, of a request that is no JSON.
    #[error(transparent)]
    Blocked(Blocked),
}

impl Unread {
    /// The secrets that it is not taken for.
    #[must_use]
    pub fn hits(&self) -> Vec<Hit> {
        match self {
            Self::Body(error) => error.hits(),
            Self::Blocked(Blocked::Secrets { hits, .. }) => hits.clone(),
            Self::Wrong(_) | Self::Blocked(_) => Vec::new(),
        }
    }

    /// As the caller is told.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Wrong(failure) => failure.clone(),
            other => Failure::new(Kind::BadRequest, Scope::Request, other.to_string()),
        }
    }
}

/// A request that was read and masked.
pub struct Taken {
    /// What may be sent.
    pub clean: Clean,
    /// Token counts are wanted in a stream.
    pub usage: bool,
}

impl Clean {
    /// As [`Self::origin`], for whoever looks at it later.
    #[must_use]
    pub fn kept(&self) -> Option<Arc<Origin>> {
        self.origin.clone()
    }

    /// Masks what came in and reads it. `now` is the time since any fixed moment, the same for all of a conversation.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn received(
        conversation: &Conversation,
        received: Received<'_>,
        now: std::time::Duration,
    ) -> Result<Taken, Unread> {
        let Received { dialect, task, body, reads, model, stream, headers } = received;
        let asking = Asking { model, stream, purpose: Purpose::Serve };
        if dialect.is_grpc() {
            let asked = surface(dialect).read_request(body, &asking).map_err(Unread::Wrong)?;
            let clean = Self::redact_in(conversation, asked.request, now).map_err(Unread::Blocked)?;
            return Ok(Taken { clean: clean.without(asked.losses), usage: asked.usage });
        }
        let masked = conversation.body(body, now).map_err(Unread::Body)?;
        let hits = masked.hits.iter().filter(|placed| placed.masked || placed.hit.mode < Mode::Redact);
        let hits = hits.map(|placed| placed.hit.clone()).collect();
        let members = masked.members.map(Arc::from);
        let body = masked.body.into_owned();
        let Asked { request, usage, losses } = match task {
            Task::Embed => embed(&body)?,
            Task::Answer | Task::Generate => {
                let usual = reads.map(|reads| reads(body.as_bytes())).transpose().map_err(Unread::Wrong)?;
                let said = usual.as_deref().unwrap_or(body.as_bytes());
                surface(dialect).read_request(said, &asking).map_err(Unread::Wrong)?
            }
        };
        let origin = Origin { dialect, task, body, members, headers, struck: false, mute: false, lost: Vec::new() };
        Ok(Taken { clean: Self::with_origin(request, hits, origin).without(losses), usage })
    }
}

/// What is known of a call for vectors: its model. What it holds is nobody's to read.
fn embed(body: &str) -> Result<Asked, Unread> {
    let wrong = |what: &str| Unread::Wrong(Failure::new(Kind::BadRequest, Scope::Request, what));
    let members = members(body, 0).ok_or_else(|| wrong("the body is no JSON object"))?;
    let mut models = members.iter().filter(|m| m.name == "model");
    let model = models.next().filter(|_| models.next().is_none());
    let model = model.and_then(|m| serde_json::from_str::<String>(body.get(m.value.clone())?).ok());
    let model = model.filter(|m| !m.is_empty()).ok_or_else(|| wrong("model: a name is wanted"))?;
    let mut request = Request::text(model.clone(), Purpose::Serve, body);
    request.model = ModelName(model);
    Ok(Asked { request, usage: false, losses: Vec::new() })
}

/// A body of the caller's own, as it is sent.
pub struct Patched {
    /// The body.
    pub written: Written,
    /// The caller did not ask for token counts in the stream: what holds nothing else is kept from him.
    pub quiet: bool,
}

impl Origin {
    /// The members of the object that the body is; `None` = it is none.
    fn members(&self) -> Option<Cow<'_, [Member]>> {
        let told = self.members.as_deref().map(Cow::Borrowed);
        told.or_else(|| members(&self.body, 0).map(Cow::Owned))
    }

    /// The body has a member of this name, in whichever spelling of its dialect.
    pub(super) fn says(&self, name: &str) -> bool {
        let snake = self.dialect == Dialect::Gemini;
        self.members().is_some_and(|all| all.iter().any(|member| means(snake, member, name)))
    }

    /// To change members of the body; `None` = it is no object, or says something twice.
    pub(super) fn edits(&self) -> Option<Edits<'_>> {
        Edits::of(&self.body, self.members()?, self.dialect == Dialect::Gemini)
    }

    /// It goes to a model of this name as it came: what that refuses is the caller's to hear.
    pub(super) fn faithful(
        &self,
        dialect: Dialect,
        model: &str,
        request: &Request,
        intent: &Intent,
        adapted: &Adapted,
    ) -> bool {
        self.dialect == dialect && !self.mute && names(&request.model.0, model) && kept(request, intent, adapted)
    }

    /// It asks for thought within a budget (Anthropic), as it came: Claude 4.6 takes that, and is told a level where it is
    /// spelled here.
    pub(super) fn budgeted(&self) -> bool {
        if self.members.as_ref().is_some_and(|members| members.iter().all(|member| member.name != "thinking")) {
            return false;
        }
        let edits = self.edits();
        edits.and_then(|edits| edits.value(&["thinking", "type"])).is_some_and(|said| said == "enabled")
    }

    /// What is to go from it, by its places.
    pub(super) fn strikes(&self, foreign: &Foreign<'_>) -> Vec<Strike> {
        strikes(self.dialect, &serde_json::from_str(&self.body).unwrap_or_default(), foreign)
    }

    /// The same without these, which are thoughts where it is `less`; and not asked to think, where it is to be `mute`.
    pub(super) fn without(&self, strikes: &[Strike], less: bool, mute: bool) -> Self {
        let body = struck(&self.body, strikes, self.dialect == Dialect::Gemini);
        let (struck, mute) = (self.struck || less, self.mute || mute);
        let news = strikes.iter().filter_map(|strike| strike.lost.as_deref()).map(Loss::extra);
        let lost = self.lost.iter().cloned().chain(news).collect();
        Self { body, members: None, headers: self.headers.clone(), struck, mute, lost, ..*self }
    }

    /// Something in it may be spelled as we tell seals of OpenAI's.
    pub(super) fn wrapped(&self) -> bool {
        self.dialect == Dialect::OpenAiResponses && self.body.contains("\"monster:")
    }

    /// It is not asked to think within a budget any more: a thought before a call is missing.
    pub(super) const fn muted(&self) -> bool {
        self.mute
    }

    /// Thoughts were struck from it.
    pub(super) const fn less(&self) -> bool {
        self.struck
    }

    /// The first field by which the caller names models beside the one that he asks for.
    #[must_use]
    pub fn further(&self) -> Option<&'static str> {
        let all = self.members().unwrap_or_default();
        let said = |member: &Member| {
            let raw = self.body.get(member.value.clone()).unwrap_or_default();
            !["null", "[]", "\"\""].contains(&raw)
        };
        FURTHER.into_iter().find(|field| all.iter().any(|member| member.name == *field && said(member)))
    }

    /// These members of the body, as an object: each as it was said.
    #[must_use]
    pub fn said(&self, names: &[&str]) -> String {
        let all = self.members().unwrap_or_default();
        let said = all.iter().filter_map(|member| {
            let name = names.iter().find(|name| member.name == **name)?;
            Some(format!("\"{name}\":{}", self.body.get(member.value.clone())?))
        });
        format!("{{{}}}", said.collect::<Vec<_>>().join(","))
    }

    /// The largest output limit that the caller states, wherever his dialect takes one: which of several an upstream
    /// believes is not known.
    ///
    /// # Errors
    /// The one that is no number of tokens, in words for the caller.
    pub(super) fn stated(&self) -> Result<Option<u32>, String> {
        let Some(fields) = wire(self.dialect).fields().filter(|_| self.task != Task::Embed) else { return Ok(None) };
        let snake = self.dialect == Dialect::Gemini;
        let within = |start: usize, name: &str| -> Vec<Range<usize>> {
            let all = if start == 0 { self.members() } else { members(&self.body, start).map(Cow::Owned) };
            let all = all.unwrap_or_default();
            all.iter().filter(|member| means(snake, member, name)).map(|member| member.value.clone()).collect()
        };
        let mut most = None;
        for path in fields.limit {
            let mut spans: Vec<Range<usize>> = std::iter::once(0..0).collect();
            for name in *path {
                spans = spans.into_iter().flat_map(|span| within(span.start, name)).collect();
            }
            for span in spans {
                let value = self.body.get(span).and_then(|raw| serde_json::from_str::<Value>(raw).ok());
                let Some(value) = value.filter(|value| !value.is_null()) else { continue };
                // 100.0 is read as 100 everywhere.
                let whole = value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n));
                let tokens = whole.and_then(|n| format!("{n}").parse::<u32>().ok());
                let tokens = tokens.ok_or_else(|| {
                    let path = path.join(".");
                    format!("{path}: where a budget limits what is spent, a whole number up to {} is wanted", u32::MAX)
                })?;
                most = most.max(Some(tokens));
            }
        }
        Ok(most)
    }

    /// Headers that go on.
    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The version of the API that the caller speaks (Anthropic).
    fn version(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == "anthropic-version").map(|(_, version)| version.as_str())
    }

    /// The body for a model of the same dialect. `request` is what was read of it, `intent` what is wished of this route.
    /// `None` = it has to be spelled anew.
    #[must_use]
    pub fn patched(
        &self,
        model: &str,
        request: &Request,
        intent: &Intent,
        adapted: &Adapted,
        stream: bool,
    ) -> Option<Patched> {
        let fields = wire(self.dialect).fields()?;
        // Who takes one version of the API, named in the body (Vertex), takes of another what both take.
        let other = adapted.versioned.is_some_and(|version| self.version() != Some(version));
        if (other && dated(request)) || (stream != request.stream && self.task != Task::Embed) {
            return None;
        }
        let mut edits = self.edits()?;
        let faithful = self.faithful(self.dialect, model, request, intent, adapted);
        if adapted.coax && !faithful {
            // It has to be asked in words to think.
            return None;
        }
        if let Some(version) = adapted.versioned {
            // The model stands in the address.
            edits.set(&["anthropic_version"], Some(&Value::from(version)));
            edits.set(&["model"], None);
        } else if fields.model && edits.value(&["model"]).is_none_or(|said| said != model) {
            edits.set(&["model"], Some(&Value::from(model)));
        }
        let (mut quiet, mut losses) = (false, Vec::new());
        losses.extend(self.struck.then_some(Loss::Thoughts));
        losses.extend(self.lost.iter().cloned());
        if self.task != Task::Embed {
            if stream && fields.counts && adapted.quirks.stream_usage {
                quiet = edits.value(&["stream_options", "include_usage"]) != Some(Value::Bool(true));
                if quiet {
                    edits.set(&["stream_options", "include_usage"], Some(&Value::Bool(true)));
                }
            }
            // Chat keeps an answer where it is asked to, Responses where it is not told otherwise.
            let store = edits.value(&["store"]);
            if store == Some(Value::Bool(true)) || (fields.store && store != Some(Value::Bool(false))) {
                edits.set(&["store"], Some(&Value::Bool(false)));
                // Who says that it is to be kept is told that it is not.
                losses.extend((store == Some(Value::Bool(true))).then(|| Loss::extra(STORE)));
            }
            let own = edits.limit(fields);
            let most = request.max_output.map(Value::from);
            if faithful {
                // What the caller said to this very model stands; money alone sets a limit where he set none.
                if let (None, Some(most), Some(path)) = (own, &most, fields.limit.first()) {
                    edits.set(path, Some(most));
                }
                if other && !adapted.sampling {
                    fields.sampling.iter().for_each(|path| edits.set(path, None));
                    losses.extend(request.sampling.wished().then_some(Loss::Sampling));
                }
            } else {
                let (spelled, low) = self.spelled(model, request, adapted, stream)?;
                losses.extend(low);
                for path in fields.effort {
                    let new = at(&spelled, path);
                    if !alike(new, edits.value(path).as_ref()) {
                        edits.set(path, new);
                    }
                }
                if adapted.unforced && intent.forced {
                    unforced(self.dialect, &mut edits);
                }
                losses.extend(unthinking(self.dialect, &mut edits, &spelled));
                for path in fields.limit {
                    edits.set(path, at(&spelled, path));
                }
                if !adapted.sampling {
                    fields.sampling.iter().for_each(|path| edits.set(path, None));
                    losses.extend(request.sampling.wished().then_some(Loss::Sampling));
                } else if adapted.single {
                    let (wish, lost) = request.sampling.single();
                    let gone = [("temperature", wish.temperature), ("top_p", wish.top_p)];
                    gone.iter().filter(|(_, kept)| kept.is_none()).for_each(|(name, _)| edits.set(&[name], None));
                    losses.extend(lost.then_some(Loss::TopP));
                }
            }
        }
        let names = crate::wire::Names::default();
        let body = edits.done().into_bytes();
        Some(Patched { written: Written { body, losses, names }, quiet })
    }

    /// How this dialect spells what was adapted, beside a prompt that says nothing, and that the limit is below its least.
    fn spelled(
        &self,
        model: &str,
        request: &Request,
        adapted: &Adapted,
        stream: bool,
    ) -> Option<(Value, Option<Loss>)> {
        let mut plain = Request::text(model, request.purpose, "-");
        (plain.show_thoughts, plain.summary, plain.effort) = (request.show_thoughts, request.summary, request.effort);
        // A wish for thought may stand behind the name.
        plain.model = request.model.clone();
        plain.max_output = request.max_output;
        // A level that nobody knows here is the provider's to judge, where nobody wished for another.
        plain.extras = request.extras.iter().filter(|extra| strange(extra).is_some()).cloned().collect();
        let adapted = Adapted { structured: false, ..adapted.clone() };
        let written = wire(self.dialect).write_request(model, &plain, &adapted, stream).ok()?;
        let low = written.losses.into_iter().find(|loss| *loss == Loss::LeastOutput);
        Some((serde_json::from_slice(&written.body).ok()?, low))
    }
}

/// It holds what the versions of Anthropic's API may differ in (anthropic-messages.md, "Version 2026-10-21").
fn dated(request: &Request) -> bool {
    let differs = |role: Role, block: &Block| match block {
        Block::Document { .. } => role == Role::Assistant,
        Block::Cited(_) | Block::Opaque { .. } => role != Role::Assistant,
        Block::ToolResult { parts, .. } => {
            parts.iter().any(|part| matches!(part, Block::Cited(_) | Block::Opaque { .. }))
        }
        _ => false,
    };
    request.messages.iter().any(|message| message.blocks.iter().any(|block| differs(message.role, block)))
}

/// Nobody but the caller has a word about how hard the model thinks, or what he says is within it.
fn kept(request: &Request, intent: &Intent, adapted: &Adapted) -> bool {
    let (asked, wished) = (request.effort, intent.effort);
    let same = wished.level == asked.level && wished.budget == asked.budget && wished.some == asked.some;
    // A level that is for the answer alone is another wish than the same one for thought.
    same && wished.still == asked.still && (adapted.content || (wished.least.is_none() && wished.most.is_none()))
}

/// The name a caller used means this model itself, not an alias or a role: with the upstream before it or without, and
/// whatever level stands behind it in parentheses.
///
/// Of several names the first is what he chose: what his body says of the others' controls is for that one.
fn names(asked: &str, model: &str) -> bool {
    let asked = asked.split(',').map(str::trim).find(|name| !name.is_empty()).unwrap_or_default();
    let base = Demand::suffix(asked).map_or(asked, |(base, _)| base);
    base.strip_suffix(model).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| value.get(*name))
}

#[cfg(test)]
#[path = "tests/origin.rs"]
mod tests;
