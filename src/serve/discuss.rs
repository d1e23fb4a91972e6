//! A dialectic under a model's name: two models answer, a third reconciles, and the caller gets it as one answer.

use super::desk::Desk;
use super::front::Caller;
use super::models::{DIALECTIC, untagged};
use crate::client::{CallError, Clean, Listener, Notice, Reply, Terms};
use crate::model::{
    Block, BlockKind, Demand, Event, Failure, FinishReason, Kind, Message, ModelName, Request, Role, Scope, Usage,
};
use crate::tasks::dialectic::{
    Cast, CastError, Given, Outcome, Question, Shape, Stage, Verdict, Voice, Watcher, Wish, cast, discuss as ask,
};

/// Whether a discussion is asked for; how hard may stand in parentheses behind its name.
pub(super) fn wanted(model: &ModelName) -> bool {
    let name = untagged(&model.0);
    untagged(Demand::suffix(name).map_or(name, |(base, _)| base)) == DIALECTIC
}

/// How hard its voices are to think: what the request says, and what stands behind the name.
fn effort(request: &Request) -> Demand {
    request.effort.with(Demand::suffix(untagged(&request.model.0)).map(|(_, wish)| wish))
}

/// What came of it: the answer that stands for all, or why there is none.
pub(super) enum Came {
    Answer(Box<Reply>),
    Error(CallError),
    Failure(Failure),
}

/// Who would take part.
///
/// # Errors
/// [`CastError`]: there are no two makers.
pub(super) fn seats(desk: &Desk) -> Result<Cast, CastError> {
    let pool = ModelName("reasoning".to_owned());
    let wish = Wish { members: vec![None, None], least: 2, synthesis: None, same_family: false, pool };
    cast(&desk.client, &wish)
}

/// Discusses what was asked, and tells it as one answer.
pub(super) async fn discuss(
    desk: &Desk,
    clean: &Clean,
    caller: &Caller,
    terms: &Terms,
    listener: &mut dyn Listener,
) -> Came {
    let request = clean.request();
    // Those who are asked see what is masked already: they find nothing any more.
    desk.client.audited(&terms.id, &caller.name, clean.masked());
    let refuse = |what: &str| Came::Failure(Failure::new(Kind::BadRequest, Scope::Request, what));
    if !request.tools.is_empty() || request.schema.is_some() {
        return refuse("a dialectic takes no tools and no form of the answer; ask one model for that");
    }
    let Some(text) = question(request) else { return refuse("a dialectic takes text alone") };
    let cast = match seats(desk) {
        Ok(cast) => cast,
        Err(CastError::Call(error)) => return Came::Error(error),
        Err(error) => {
            // Flags are the command line's; here another account is the way out.
            let what = format!("{error}; connect an account with models of another maker: monster login");
            return Came::Failure(Failure::new(Kind::NotFound, Scope::Model, what));
        }
    };
    // A head that goes out before the end names those who were asked.
    listener.notice(&Notice::Took { who: cast.planned() });
    let settings = &desk.settings;
    let question = Question {
        text: &text,
        shape: Shape::TWO,
        effort: effort(request),
        patience: settings.park,
        deadline: Some(settings.deadline),
        caller: Some(&caller.name),
        id: Some(&terms.id),
        ceilings: &terms.ceilings,
        given: Given::default(),
        // What comes in over the wire is the caller's to keep.
        keep: 0,
    };
    let verdict = ask(&desk.client, &cast, &question, &mut Ear(listener)).await;
    tell(verdict, listener)
}

/// All that was said, as one text; `None` where there is more than text.
fn question(request: &Request) -> Option<String> {
    let said = |message: &Message| -> Option<String> {
        let texts = message.blocks.iter().map(|block| match block {
            Block::Text(text) | Block::Refusal(text) => Some(text.as_str()),
            Block::Mark(_) | Block::Thought { .. } => Some(""),
            _ => None,
        });
        texts.collect::<Option<Vec<_>>>().map(|texts| texts.concat())
    };
    let turns = request.messages.iter().map(said).collect::<Option<Vec<_>>>()?;
    let mut out = String::new();
    if !request.system.is_empty() {
        out = format!("{}\n\n", request.system);
    }
    if let [only] = turns.as_slice() {
        return Some(out + only);
    }
    for (message, text) in request.messages.iter().zip(&turns) {
        let who = if message.role == Role::Assistant { "Assistant" } else { "User" };
        out += &format!("{who}: {text}\n\n");
    }
    Some(out.trim_end().to_owned())
}

fn tell(verdict: Verdict, listener: &mut dyn Listener) -> Came {
    let text = verdict.told(true);
    listener.notice(&Notice::Took { who: verdict.cast() });
    let (mut usage, mut reasoning) = (Usage::default(), None::<u64>);
    for reply in verdict.replies() {
        usage = usage.plus(&reply.used.usage);
        reasoning = reply.used.usage.reasoning.map(|n| n + reasoning.unwrap_or(0)).or(reasoning);
    }
    usage.reasoning = reasoning;
    let Verdict { id, members, outcome, .. } = verdict;
    let mut error = None;
    let mut answered = None;
    for mut member in members {
        match member.said {
            Ok(_) => answered = answered.or_else(|| member.replies.pop()),
            Err(why) => error = error.or(Some(why)),
        }
    }
    let reply = match (outcome, answered, error) {
        (Outcome::Reconciled { reply, .. }, ..) => *reply,
        (_, Some(reply), _) => reply,
        (_, None, Some(error)) => return Came::Error(error),
        (_, None, None) => return Came::Error(CallError::NoRoute { notes: Vec::new() }),
    };
    let events = [
        Event::Start { id, model: DIALECTIC.to_owned() },
        Event::BlockStart { index: 0, kind: BlockKind::Text },
        Event::Text { index: 0, text },
        Event::BlockEnd { index: 0 },
        Event::Usage(usage),
        Event::Finish(FinishReason::Stop),
    ];
    events.iter().for_each(|event| listener.event(event));
    Came::Answer(Box::new(reply))
}

/// Hears notices; the members' words come when all is said.
struct Ear<'a>(&'a mut dyn Listener);

impl Watcher for Ear<'_> {
    fn piece(&mut self, _: Voice, _: &str) {}

    fn notice(&mut self, _: Voice, notice: &Notice) {
        self.0.notice(notice);
    }

    fn turn(&mut self, _: Voice, _: Stage, _: bool) {}
}
