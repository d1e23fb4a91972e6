//! Two models of different makers answer one question in parallel; a third reconciles what they said.
//!
//! The reconciliation is checked, not believed: every quote must stand in the answer it is taken from.

mod cast;
mod synthesis;
mod told;

use std::sync::Mutex;
use std::time::Duration;

use sha2::{Digest, Sha256};

pub use cast::{Cast, CastError, Wish, cast};
pub use synthesis::{Agreed, Disagreed, Rejected, Single, Synthesis, Who};

use super::fence::{fence, fold};
use crate::client::{Call, CallError, Client, Listener, Notice, Reply, Route, Terms, Tried};
use crate::model::{Demand, Event, Failure, FinishReason, Kind, ModelName, Purpose, Request, Scope};
use crate::store::Ceiling;

const MEMBER: &str = include_str!("../prompts/member.md");
/// Visible tokens of an answer and of a reconciliation: a small model that never ends must not hold up the other two.
const ANSWER: u32 = 4_096;
const RECONCILIATION: u32 = 3_072;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The first member.
    A,
    /// The second member.
    B,
    /// Who reconciles.
    Synthesis,
}

/// Sees both answers grow.
pub trait Watcher: Send {
    /// A piece of a member's visible answer.
    fn piece(&mut self, voice: Voice, text: &str);
    /// Something beside the answers.
    fn notice(&mut self, voice: Voice, notice: &Notice);
    /// A voice begins (`true`) or has ended.
    fn turn(&mut self, voice: Voice, begins: bool);
}

/// What to discuss and how.
pub struct Question<'a> {
    /// The question, with its material, as one text.
    pub text: &'a str,
    /// Reasoning asked of everybody.
    pub effort: Demand,
    /// Waits for cooling routes, each voice.
    pub patience: Duration,
    /// Time of each voice.
    pub deadline: Option<Duration>,
    /// Who asks, for the ledger; `None` = the command.
    pub caller: Option<&'a str>,
    /// The id of the row that holds all calls, where whoever asks has told it already; `None` = one is drawn.
    pub id: Option<&'a str>,
    /// What the caller may spend, all voices together.
    pub ceilings: &'a [Ceiling],
}

/// What came out.
pub struct Verdict {
    /// The history id that holds the three calls.
    pub id: String,
    /// What A and B answered, or why not.
    pub members: [Result<Reply, CallError>; 2],
    /// What was made of it.
    pub outcome: Outcome,
}

/// What was made of two answers.
pub enum Outcome {
    /// Reconciled, every quote checked.
    Reconciled {
        /// The sections.
        synthesis: Synthesis,
        /// The call that made it.
        reply: Box<Reply>,
        /// A call before it, whose quotes did not hold.
        rejected: Option<Box<Reply>>,
    },
    /// Both said the same; nobody had to reconcile.
    Equal,
    /// Only one member answered.
    SingleSource(Voice),
    /// Nobody answered.
    Nothing,
    /// Two answers, and no reconciliation that can be trusted.
    Unreconciled {
        /// Why, one sentence.
        why: String,
        /// The calls that were answered, oldest first.
        replies: Vec<Reply>,
    },
}

impl Verdict {
    /// Every call that answered, for the cost line.
    pub fn replies(&self) -> impl Iterator<Item = &Reply> {
        let synthesis: Vec<&Reply> = match &self.outcome {
            Outcome::Reconciled { reply, rejected, .. } => {
                rejected.as_deref().into_iter().chain([reply.as_ref()]).collect()
            }
            Outcome::Unreconciled { replies, .. } => replies.iter().collect(),
            _ => Vec::new(),
        };
        self.members.iter().filter_map(|m| m.as_ref().ok()).chain(synthesis)
    }
}

/// Lets both members answer, then reconciles.
pub async fn discuss(client: &Client, cast: &Cast, question: &Question<'_>, watcher: &mut dyn Watcher) -> Verdict {
    let Question { effort, caller, id, .. } = *question;
    let mut parent = client.open_parent(Purpose::Ask, &ModelName(cast.name()), effort, caller, id).await;
    let id = parent.id().to_owned();
    let shared = Mutex::new(watcher);
    let (a, b) = tokio::join!(
        member(client, &cast.first, question, &id, Ear { voice: Voice::A, to: &shared }),
        member(client, &cast.second, question, &id, Ear { voice: Voice::B, to: &shared }),
    );
    let outcome = match (&a, &b) {
        (Ok(a), Ok(b)) if said(&a.text) == said(&b.text) => Outcome::Equal,
        (Ok(a), Ok(b)) => {
            let ear = Ear { voice: Voice::Synthesis, to: &shared };
            reconcile(client, &cast.synthesis, question, [&a.text, &b.text], &id, ear).await
        }
        (Ok(_), Err(_)) => Outcome::SingleSource(Voice::A),
        (Err(_), Ok(_)) => Outcome::SingleSource(Voice::B),
        (Err(_), Err(_)) => Outcome::Nothing,
    };
    let served = match (&outcome, &a, &b) {
        (Outcome::Reconciled { reply, .. }, ..) => Ok(&reply.route),
        (_, Ok(reply), _) | (_, Err(_), Ok(reply)) => Ok(&reply.route),
        (_, Err(error), Err(_)) => Err(error),
    };
    parent.close(served);
    Verdict { id, members: [a, b], outcome }
}

/// An answer without the differences that mean nothing.
fn said(text: &str) -> String {
    let letters: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    fold(&letters).to_lowercase()
}

/// What a member is asked.
#[must_use]
pub fn member_request(routes: &[Route], question: &str, effort: Demand) -> Request {
    let name = routes.first().map(Route::name).unwrap_or_default();
    let mut request = Request::text(name, Purpose::Member, question);
    request.system = MEMBER.to_owned();
    request.max_output = Some(ANSWER);
    request.effort = effort;
    request.stream = true;
    request
}

async fn member(
    client: &Client,
    routes: &[Route],
    question: &Question<'_>,
    parent: &str,
    mut ear: Ear<'_, '_>,
) -> Result<Reply, CallError> {
    let request = member_request(routes, question.text, question.effort);
    ear.turn(true);
    let reply = client.call(call(routes, request, question, parent), &mut ear).await;
    ear.turn(false);
    reply.and_then(|reply| match reply.finish {
        // What a filter left of an answer is no view.
        Some(FinishReason::Refused) => {
            let failure =
                Failure::new(Kind::Refused, Scope::Request, "a filter, or the model itself, ended the answer");
            let tried = Tried { account: reply.route.account().to_owned(), model: reply.route.name(), failure };
            Err(CallError::Broken { tried: Box::new(tried), partial: reply.text })
        }
        _ => Ok(reply),
    })
}

/// Asks for a reconciliation, and once more when its quotes do not hold.
async fn reconcile(
    client: &Client,
    routes: &[Route],
    question: &Question<'_>,
    answers: [&str; 2],
    parent: &str,
    mut ear: Ear<'_, '_>,
) -> Outcome {
    // Who is X is decided by the question, not by who answered first: no model has the better seat by habit.
    let swapped = Sha256::digest(question.text.as_bytes())[0] & 1 == 1;
    let [x, y] = if swapped { [answers[1], answers[0]] } else { answers };
    let mut text =
        format!("{}\n{}\n{}", fence("The question", question.text), fence("Answer X", x), fence("Answer Y", y));
    let name = routes.first().map(Route::name).unwrap_or_default();
    let (mut replies, mut why) = (Vec::new(), String::new());
    ear.turn(true);
    for _ in 0..2 {
        let mut request = Request::text(name.clone(), Purpose::Synthesis, text.clone());
        request.system = synthesis::PROMPT.to_owned();
        request.schema = Some(synthesis::schema());
        request.max_output = Some(RECONCILIATION);
        request.effort = question.effort;
        let reply = match client.call(call(routes, request, question, parent), &mut ear).await {
            Ok(reply) => reply,
            Err(error) => {
                ear.turn(false);
                return Outcome::Unreconciled { why: error.to_string(), replies };
            }
        };
        match synthesis::read(&reply.text, x, y, swapped) {
            Ok(synthesis) => {
                ear.turn(false);
                return Outcome::Reconciled {
                    synthesis,
                    reply: Box::new(reply),
                    rejected: replies.pop().map(Box::new),
                };
            }
            Err(rejected) => {
                why = format!("{} was rejected: {rejected}", reply.route.name());
                text = format!(
                    "{text}\nYour last reconciliation was rejected: {rejected}. Quote exactly, or leave the claim out.\n"
                );
                replies.push(reply);
            }
        }
    }
    ear.turn(false);
    Outcome::Unreconciled { why, replies }
}

fn call<'a>(routes: &'a [Route], request: Request, question: &Question<'_>, parent: &str) -> Call<'a> {
    let parent = Some(parent.to_owned());
    // The parts of one discussion say the same again.
    let conversation = parent.clone();
    let (patience, deadline) = (question.patience, question.deadline);
    let caller = question.caller.map(str::to_owned);
    let ceilings = question.ceilings.to_vec();
    let terms = Terms { parent, conversation, patience, deadline, caller, ceilings, ..Terms::default() };
    Call { routes, request, terms }
}

/// Listens to one voice and tells the watcher whose it is.
struct Ear<'a, 'w> {
    voice: Voice,
    to: &'a Mutex<&'w mut dyn Watcher>,
}

impl Ear<'_, '_> {
    fn turn(&self, begins: bool) {
        if let Ok(mut to) = self.to.lock() {
            to.turn(self.voice, begins);
        }
    }
}

impl Listener for Ear<'_, '_> {
    fn event(&mut self, event: &Event) {
        if let (Event::Text { text, .. }, Ok(mut to)) = (event, self.to.lock()) {
            to.piece(self.voice, text);
        }
    }

    fn notice(&mut self, notice: &Notice) {
        if let Ok(mut to) = self.to.lock() {
            to.notice(self.voice, notice);
        }
    }
}
