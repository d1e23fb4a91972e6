//! The discussion itself: who is asked what, and what happens when somebody does not answer.

use std::sync::Mutex;

use futures_util::future::join_all;

use super::alike::bare;
use super::council::{self, Judge, Ranking};
use super::seat::{label, order};
use super::share::Shares;
use super::synthesis::{self, Swapped, Synthesis};
use super::{Cast, KeptSeat, Member, Mode, Outcome, Question, Stage, Verdict, Voice, Watcher, debate, debias, kept};
use crate::client::{Call, CallError, Client, Listener, Notice, Reply, Route, Terms};
use crate::model::{Demand, Event, Message, ModelName, Purpose, Request, random_id};
use crate::tasks::fence::fence;
use crate::world::random;

const MEMBER: &str = include_str!("../prompts/member.md");
/// Visible tokens of an answer and of a reconciliation: a small model that never ends must not hold up the others.
pub(super) const ANSWER: u32 = 4_096;
pub(super) const RECONCILIATION: u32 = 3_072;
pub(super) const RANKING: u32 = 512;

/// Lets the members answer, then reconciles.
pub async fn discuss(client: &Client, cast: &Cast, question: &Question<'_>, watcher: &mut dyn Watcher) -> Verdict {
    let Question { effort, caller, id, .. } = *question;
    let mut parent = client.open_parent(Purpose::Ask, &ModelName(cast.name()), effort, caller, id).await;
    let id = parent.id().to_owned();
    let talk = Talk { client, cast, question, parent: &id, shared: Mutex::new(watcher), shares: Shares::default() };
    let mut members = talk.answers().await;
    // Whoever stops what follows has these answers all the same; what is kept at the end takes their place.
    let keep = |members: &[Member]| kept::keep(client, cast, question, &id, members, question.given.ranking.as_ref());
    keep(&members);
    let settled = question.given.settled;
    for round in (1..=question.shape.rounds).take_while(|_| !settled) {
        let live = live(&members);
        if live.len() < 2 || equal(&members) {
            break;
        }
        talk.round(round, &mut members, &live).await;
        keep(&members);
    }
    let (mut ranking, mut judged) = (question.given.ranking.clone().filter(|_| settled), Vec::new());
    let live = live(&members);
    let outcome = match live.as_slice() {
        [] => Outcome::Nothing,
        [only] => Outcome::SingleSource(Voice::Member(*only)),
        _ if equal(&members) => Outcome::Equal,
        live => {
            if question.shape.mode == Mode::Council && ranking.is_none() {
                let (judges, replies) = talk.ranking(&members, live).await;
                (ranking, judged) = (Some(judges), replies);
            }
            talk.reconcile(&members, live, ranking.as_ref()).await
        }
    };
    let replied = members.iter().find_map(|m| m.said.is_ok().then(|| m.replies.last()).flatten());
    let served = match (&outcome, replied) {
        (Outcome::Reconciled { reply, .. }, _) => Some(Ok(&reply.route)),
        (_, Some(reply)) => Some(Ok(&reply.route)),
        (_, None) => members.iter().find_map(|m| m.said.as_ref().err()).map(Err),
    };
    if let Some(served) = served {
        parent.close(served);
    }
    kept::keep(client, cast, question, &id, &members, ranking.as_ref());
    Verdict { id, members, ranking, judged, outcome }
}

/// Those that gave an answer.
fn live(members: &[Member]) -> Vec<usize> {
    (0..).zip(members).filter(|(_, m)| m.said.is_ok()).map(|(at, _)| at).collect()
}

/// All that answered say the same.
fn equal(members: &[Member]) -> bool {
    let mut said = members.iter().filter_map(|m| m.said.as_ref().ok()).map(|text| bare(text));
    let first = said.next();
    said.all(|other| Some(&other) == first.as_ref())
}

/// What a member is asked.
#[must_use]
pub fn member_request(routes: &[Route], question: &str, effort: Demand) -> Request {
    request(routes, Purpose::Member, MEMBER, question, ANSWER, effort)
}

/// What a member is told beside the question, for estimates.
pub(super) const fn instructions() -> &'static str {
    MEMBER
}

/// One call's request.
pub(super) fn request(
    routes: &[Route],
    purpose: Purpose,
    system: &str,
    text: &str,
    most: u32,
    effort: Demand,
) -> Request {
    let name = routes.first().map(Route::name).unwrap_or_default();
    let mut request = Request::text(name, purpose, text);
    request.system = system.to_owned();
    request.max_output = Some(most);
    request.effort = effort;
    request.stream = purpose == Purpose::Member;
    request
}

/// What the reconciler is asked about answers in this order, each with the member that gave it.
#[must_use]
pub fn synthesis_request(
    routes: &[Route],
    question: &str,
    answers: &[(usize, &str)],
    ranking: Option<&Ranking>,
    effort: Demand,
) -> Request {
    let mut text = nameless(question, answers);
    if let Some(ranking) = ranking.filter(|ranking| ranking.counts()) {
        let of = |at: usize| ranking.points.iter().find(|(who, _)| *who == at).map_or(0, |(_, points)| *points);
        let points: Vec<String> =
            answers.iter().enumerate().map(|(place, (at, _))| format!("{} {}", label(place), of(*at))).collect();
        text.push_str(&format!("\nThe authors ranked all answers without names; points: {}.\n", points.join(", ")));
    }
    let system = synthesis::prompt(answers.len());
    let mut request = request(routes, Purpose::Synthesis, &system, &text, RECONCILIATION, effort);
    request.schema = Some(synthesis::schema(answers.len()));
    request
}

/// The order in which the reconciler of this question sees these members.
#[must_use]
pub fn seated(question: &str, members: &[usize]) -> Vec<usize> {
    order(question, Voice::Synthesis.name(), members)
}

/// What these members say in the end.
fn said<'m>(members: &'m [Member], shown: &[usize]) -> Vec<(usize, &'m str)> {
    shown.iter().filter_map(|at| Some((*at, members.get(*at)?.said.as_deref().ok()?))).collect()
}

/// The question and the answers, without names.
fn nameless(question: &str, answers: &[(usize, &str)]) -> String {
    let mut text = fence("The question", question);
    for (place, (_, said)) in answers.iter().enumerate() {
        text.push('\n');
        text.push_str(&fence(&format!("Answer {}", label(place)), said));
    }
    text
}

/// One discussion while it goes on.
struct Talk<'a, 'w> {
    client: &'a Client,
    cast: &'a Cast,
    question: &'a Question<'a>,
    parent: &'a str,
    shared: Mutex<&'w mut dyn Watcher>,
    shares: Shares,
}

impl Talk<'_, '_> {
    fn routes(&self, member: usize) -> &[Route] {
        self.cast.members.get(member).map_or(&[], Vec::as_slice)
    }

    /// One call of one voice.
    async fn ask(&self, voice: Voice, stage: Stage, routes: &[Route], request: Request) -> Result<Reply, CallError> {
        let mut ear = Ear { voice, stage, to: &self.shared };
        ear.turn(true);
        let Question { patience, deadline, caller, ceilings, .. } = *self.question;
        let share = self.shares.take(self.client, routes, patience, &mut ear).await;
        let id = random_id("r", random::bytes().unwrap_or_default());
        ear.call(&id);
        let parent = Some(self.parent.to_owned());
        // The parts of one discussion say the same again; who was sent elsewhere is not led back.
        let conversation = parent.clone().filter(|_| !share.moved());
        let (caller, ceilings) = (caller.map(str::to_owned), ceilings.to_vec());
        let terms =
            Terms { parent, conversation, patience, deadline, caller, ceilings, id: id.into(), ..Terms::default() };
        let reply = self.client.call(Call { routes: share.routes(), request, terms }, &mut ear).await;
        drop(share);
        // Before its turn ends: what has come of it is shown then.
        if reply.as_ref().map_or(true, |reply| reply.refused().is_some()) {
            ear.broke();
        }
        ear.turn(false);
        reply
    }

    /// A member's words; what a filter left of an answer is no view.
    async fn view(&self, member: usize, stage: Stage, request: Request) -> Result<Reply, CallError> {
        let reply = self.ask(Voice::Member(member), stage, self.routes(member), request).await?;
        match reply.refusal() {
            Some(refusal) => Err(refusal),
            None => {
                if let Ok(mut to) = self.shared.lock() {
                    to.whole(Voice::Member(member), &reply.text);
                }
                Ok(reply)
            }
        }
    }

    /// First answers, in parallel; nobody sees another's.
    async fn answers(&self) -> Vec<Member> {
        let seats = self.cast.members.len().max(self.question.given.members.len());
        join_all((0..seats).map(|at| async move {
            match self.question.given.members.get(at).and_then(Option::as_ref) {
                Some(seat) => self.given(seat),
                None => self.answer(at).await,
            }
        }))
        .await
    }

    fn given(&self, seat: &KeptSeat) -> Member {
        let settled = self.question.given.settled;
        let (said, first, critiques) = match settled {
            true => (seat.last.clone(), Some(seat.first.clone()), seat.critiques.clone()),
            false => (seat.first.clone(), None, Vec::new()),
        };
        let first = first.filter(|first| *first != said);
        let (model, maker) = (seat.model.clone(), seat.maker.clone());
        Member { model, maker, said: Ok(said), first, critiques, missed: Vec::new(), replies: Vec::new(), kept: true }
    }

    async fn answer(&self, at: usize) -> Member {
        let routes = self.routes(at);
        let request = member_request(routes, self.question.text, self.question.effort);
        let reply = self.view(at, Stage::Answer, request).await;
        let route = reply.as_ref().ok().map(|reply| &reply.route).or(routes.first());
        let (model, maker) = route.map(|r| (r.name(), r.card.maker.0.clone())).unwrap_or_default();
        let (said, replies) = match reply {
            Ok(reply) => (Ok(reply.text.clone()), vec![reply]),
            Err(error) => (Err(error), Vec::new()),
        };
        Member { model, maker, said, first: None, critiques: Vec::new(), missed: Vec::new(), replies, kept: false }
    }

    /// Everybody reads the others and answers again, in parallel; whoever does not come through keeps the answer before.
    async fn round(&self, round: u8, members: &mut [Member], live: &[usize]) {
        let said: Vec<(usize, String)> =
            said(members, live).into_iter().map(|(at, text)| (at, text.to_owned())).collect();
        let said = &said;
        let heard = join_all(said.iter().map(|(at, own)| async move {
            let mut text = fence("The question", self.question.text);
            text.push_str(&fence("Your answer", own));
            // Without names, in an order of each reader's own.
            let others: Vec<usize> = said.iter().map(|(other, _)| *other).filter(|other| other != at).collect();
            for (place, other) in order(self.question.text, Voice::Member(*at).name(), &others).iter().enumerate() {
                if let Some((_, theirs)) = said.iter().find(|(who, _)| who == other) {
                    let name = match others.len() {
                        1 => "The other answer".to_owned(),
                        _ => format!("Answer {}", label(place)),
                    };
                    text.push_str(&fence(&name, theirs));
                }
            }
            let (routes, effort) = (self.routes(*at), self.question.effort);
            let request = request(routes, Purpose::Member, debate::prompt(), &text, ANSWER, effort);
            (*at, self.view(*at, Stage::Round(round), request).await)
        }))
        .await;
        for (at, reply) in heard {
            let Some(member) = members.get_mut(at) else { continue };
            match reply {
                Ok(reply) => {
                    let (critique, answer) = debate::read(&reply.text);
                    member.critiques.push(critique);
                    member.replies.push(reply);
                    match answer {
                        Some(answer) => {
                            let before = std::mem::replace(&mut member.said, Ok(answer));
                            member.first = member.first.take().or(before.ok());
                        }
                        None => member.missed.push((round, "it gave no new answer".to_owned())),
                    }
                }
                Err(error) => member.missed.push((round, error.to_string())),
            }
        }
    }

    /// Everybody ranks all answers, in parallel; whoever does not rank them properly has no voice in it.
    async fn ranking(&self, members: &[Member], live: &[usize]) -> (Ranking, Vec<Reply>) {
        let heard = join_all(live.iter().map(|judge| async move {
            let shown = order(self.question.text, Voice::Member(*judge).name(), live);
            let text = nameless(self.question.text, &said(members, &shown));
            let (routes, effort) = (self.routes(*judge), self.question.effort);
            let mut request =
                request(routes, Purpose::Synthesis, &council::prompt(shown.len()), &text, RANKING, effort);
            request.schema = Some(council::schema(shown.len()));
            let reply = self.ask(Voice::Member(*judge), Stage::Ranking, routes, request).await;
            (*judge, shown, reply)
        }))
        .await;
        let (mut judges, mut replies) = (Vec::new(), Vec::new());
        for (who, shown, reply) in heard {
            let ranked = match &reply {
                Ok(reply) => match reply.refused() {
                    Some(why) => Err(why.to_owned()),
                    None => council::read(&reply.text, &shown),
                },
                Err(error) => Err(error.to_string()),
            };
            judges.push(match ranked {
                Ok((order, why)) => Judge { who, order, why },
                Err(why) => Judge { who, order: Vec::new(), why: format!("does not count: {why}") },
            });
            replies.extend(reply.ok());
        }
        (Ranking::of(judges, live), replies)
    }

    /// A reconciliation, and a second one with the seats swapped where that is wanted.
    async fn reconcile(&self, members: &[Member], live: &[usize], ranking: Option<&Ranking>) -> Outcome {
        let shown = seated(self.question.text, live);
        if !self.question.shape.debias {
            return match self.reading(members, &shown, ranking).await {
                (Ok((synthesis, reply)), others) => {
                    Outcome::Reconciled { synthesis: Box::new(synthesis), reply: Box::new(reply), others }
                }
                (Err(why), replies) => Outcome::Unreconciled { why, replies },
            };
        }
        let swapped: Vec<usize> = shown.iter().rev().copied().collect();
        let (first, second) =
            tokio::join!(self.reading(members, &shown, ranking), self.reading(members, &swapped, ranking));
        let (first, mut others) = first;
        let (second, more) = second;
        others.extend(more);
        let missing = |(mut synthesis, reply): (Synthesis, Reply), why: String, others| {
            synthesis.swapped = Some(Swapped::Missing(why));
            Outcome::Reconciled { synthesis: Box::new(synthesis), reply: Box::new(reply), others }
        };
        match (first, second) {
            (Ok((first, reply)), Ok((second, other))) => {
                others.push(other);
                let synthesis = debias::compared(first, second, &said(members, live));
                Outcome::Reconciled { synthesis: Box::new(synthesis), reply: Box::new(reply), others }
            }
            (Ok(made), Err(why)) | (Err(why), Ok(made)) => missing(made, why, others),
            (Err(why), Err(_)) => Outcome::Unreconciled { why, replies: others },
        }
    }

    /// Asks for a reconciliation of the answers in this order, and once more when its quotes do not hold. Beside it the
    /// calls whose answers were thrown away.
    async fn reading(
        &self,
        members: &[Member],
        shown: &[usize],
        ranking: Option<&Ranking>,
    ) -> (Result<(Synthesis, Reply), String>, Vec<Reply>) {
        let answers = said(members, shown);
        let (routes, effort) = (&self.cast.synthesis, self.question.effort);
        let mut next = synthesis_request(routes, self.question.text, &answers, ranking, effort);
        let (mut replies, mut why) = (Vec::new(), String::new());
        for _ in 0..2 {
            let reply = match self.ask(Voice::Synthesis, Stage::Synthesis, routes, next.clone()).await {
                Ok(reply) => reply,
                Err(error) => return (Err(error.to_string()), replies),
            };
            if let Some(refusal) = reply.refusal() {
                replies.push(reply);
                return (Err(refusal.to_string()), replies);
            }
            match synthesis::read(&reply.text, &answers) {
                Ok(synthesis) => return (Ok((synthesis, reply)), replies),
                Err(rejected) => {
                    why = format!("{} was rejected: {}", reply.route.name(), rejected.told(shown));
                    next.messages.push(Message::assistant(reply.text.clone()));
                    next.messages.push(Message::user(format!(
                        "Your last reconciliation was rejected: {rejected}. Quote exactly, or leave the claim out."
                    )));
                    replies.push(reply);
                }
            }
        }
        (Err(why), replies)
    }
}

/// Listens to one voice and tells the watcher whose it is.
pub(super) struct Ear<'a, 'w> {
    voice: Voice,
    stage: Stage,
    to: &'a Mutex<&'w mut dyn Watcher>,
}

impl Ear<'_, '_> {
    fn turn(&self, begins: bool) {
        if let Ok(mut to) = self.to.lock() {
            to.turn(self.voice, self.stage, begins);
        }
    }

    fn broke(&self) {
        if let Ok(mut to) = self.to.lock() {
            to.broke(self.voice, self.stage);
        }
    }

    fn call(&self, id: &str) {
        if let Ok(mut to) = self.to.lock() {
            to.call(self.voice, id);
        }
    }
}

impl Listener for Ear<'_, '_> {
    fn event(&mut self, event: &Event) {
        if !matches!(self.stage, Stage::Answer | Stage::Round(_)) {
            return;
        }
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
