//! What would be chosen now, and what would not and why: the same names, order and cool-downs as for a request, and
//! nothing is moved, taken or sent.

use super::able::{Lack, lack};
use super::budget::Verdict;
use super::clean::Clean;
use super::cool::{Stands, stands};
use super::error::CallError;
use super::route::{Route, drained, shut_by};
use super::{Client, Meaning, Thread, meter};
use crate::auth::Why;
use crate::model::{Count, Demand, ModelName, NanoUsd, Purpose, Request};
use crate::providers::Intent;
use crate::store::{CoolDown, TicketRow};

/// What a request for a name would meet now.
#[derive(Debug)]
pub struct Explained {
    /// What names were taken for, in the order they were met.
    pub steps: Vec<Meaning>,
    /// Routes in the order they would be tried.
    pub choices: Vec<Choice>,
    /// What does not even become a route: (name or account, why).
    pub left_out: Vec<(String, String)>,
    /// What budgets would have said, one sentence each, where they only warn or cannot be watched.
    pub warnings: Vec<String>,
    /// How many requests, of all processes, stand in line for one of these routes.
    pub in_line: usize,
}

/// A route and how it stands.
#[derive(Debug)]
pub struct Choice {
    /// Which.
    pub route: Route,
    /// The level that would be sent; `None` = the model's own.
    pub effort: Option<String>,
    /// Most that the request may cost there; `None` = unpriced.
    pub most: Option<NanoUsd>,
    /// Whether it would be tried.
    pub state: State,
    /// Conversations that are bound to it.
    pub bound: usize,
}

/// How a route stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It may be used.
    Ready,
    /// It cooled down, and this request would try whether that is over.
    Try(CoolDown),
    /// It cools down.
    Cooling {
        /// Why, and since when.
        cool: CoolDown,
        /// When something may be tried next, milliseconds since 1970.
        until_ms: i64,
    },
    /// The prompt does not fit its window of so many tokens.
    TooSmall(u64),
    /// It lacks something else that the request needs.
    Lacks(String),
    /// It may cost more than the user allows.
    TooDear(NanoUsd),
    /// It could go beyond a budget, in words.
    OverBudget(String),
    /// Its price is not known, and the user has set a limit.
    Unpriced(NanoUsd),
    /// It takes no new conversations; what helps.
    Drained(String),
    /// Its sign-in has ended; how to sign in again.
    SignedOut(String),
    /// It would be asked only when another route of its call could not be, and the user wants no other.
    NoFallback,
}

impl State {
    /// A request would go there.
    #[must_use]
    pub const fn open(&self) -> bool {
        matches!(self, Self::Ready | Self::Try(_))
    }

    /// A request would go there when nothing else is left: waiting does not help.
    #[must_use]
    pub const fn last(&self) -> bool {
        matches!(self, Self::Cooling { cool, .. } if !cool.waits)
    }
}

impl Explained {
    /// The place of the route that would be asked now.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        let waits = |c: &Choice| matches!(&c.state, State::Cooling { cool, .. } if cool.waits);
        // What waiting does not help is asked where there is nothing to wait for.
        let last =
            || if self.choices.iter().any(waits) { None } else { self.choices.iter().position(|c| c.state.last()) };
        self.choices.iter().position(|c| c.state.open()).or_else(last)
    }
}

impl Client {
    /// What a request for `asked` would meet now. `tokens` is the prompt's size; `conversation` is that of
    /// [`super::Terms::conversation`].
    ///
    /// # Errors
    /// As [`Self::routes`].
    pub fn explain(
        &self,
        asked: &ModelName,
        effort: Demand,
        tokens: u64,
        conversation: Option<&str>,
    ) -> Result<Explained, CallError> {
        let found = self.landscape.explained(asked, self.catalog, &*self.roles)?;
        let thread = Thread::find(&self.store, conversation);
        // Those that are drained are told too, behind those that are not.
        let mut routes = thread.lead(&found.routes).unwrap_or_default();
        routes.extend(found.routes.iter().filter(|r| r.draining()).cloned());
        let mut request = Request::text(asked.0.clone(), Purpose::Ask, String::new());
        request.effort = effort;
        request.max_output = self.bounded().then_some(meter::UNSAID_OUTPUT);
        let bytes = Count::bytes(tokens);
        let intent = Intent::of(&request, bytes);
        let cools = self.store.cool_downs().unwrap_or_default();
        let bindings = self.store.bindings().unwrap_or_default();
        let first = routes.first().map(Route::name).zip(routes.first().map(|r| r.account().to_owned()));
        let mut choices: Vec<Choice> = routes
            .into_iter()
            .map(|route| {
                let asked = intent;
                let intent = route.intent(&intent);
                let signed = route.signed();
                let dialect = route.provider.dialect(&signed, &route.card, &intent);
                let sent = route.provider.adapt(&signed, dialect, &route.card, &intent).said();
                let most = self.estimate(&route, &intent);
                let mut state = self.state(&route, &asked, most, &cools);
                let is_first =
                    first.as_ref().is_some_and(|(name, account)| *name == route.name() && account == route.account());
                if !self.fallback && !is_first && state.open() {
                    state = State::NoFallback;
                }
                let mine = bindings.iter().filter(|b| {
                    b.upstream == route.upstream.name && b.model == route.card.id && b.account == route.account()
                });
                Choice { effort: sent, most, state, bound: mine.count(), route }
            })
            .collect();
        let warnings = self.watch(&mut choices);
        let mut left_out: Vec<(String, String)> = found.missing.iter().map(|n| (n.clone(), self.gone(n))).collect();
        let mut heads: Vec<&str> = found.routes.iter().map(|r| r.upstream.name.as_str()).collect();
        heads.dedup();
        let off = self.landscape.disabled.iter().filter(|(_, at)| heads.contains(&at.as_str()));
        left_out.extend(off.map(|(account, at)| (account.clone(), shut_by(account, at))));
        if let Some(locked) = &self.landscape.locked {
            left_out.push(("stored accounts".to_owned(), locked.why.clone()));
        }
        let wants =
            |t: &TicketRow| choices.iter().any(|c| c.route.shared_keys().iter().any(|key| t.keys.contains(key)));
        let tickets = self.store.tickets().unwrap_or_default();
        let in_line = tickets.iter().filter(|t| !t.running && wants(t)).count();
        Ok(Explained { steps: found.steps, choices, left_out, warnings, in_line })
    }

    /// Takes out what budgets would take out. Returns what they would have said beside that.
    fn watch(&self, choices: &mut [Choice]) -> Vec<String> {
        let stop = self.budgets.limits.stop;
        let ways: Vec<(&Route, Option<NanoUsd>)> = choices.iter().map(|c| (&c.route, c.most)).collect();
        let verdicts = match self.verdicts(&ways) {
            Ok(verdicts) => verdicts,
            Err(why) if stop => {
                // Not even what costs nothing: it may cost something when another route answers in its place.
                let shut = |c: &mut Choice| c.state = State::OverBudget(format!("the budget cannot be kept: {why}"));
                choices.iter_mut().filter(|c| c.state.open()).for_each(shut);
                return Vec::new();
            }
            Err(why) => return vec![format!("the budget cannot be watched: {why}")],
        };
        let mut out = Vec::new();
        for (choice, verdict) in choices.iter_mut().zip(verdicts) {
            let open = choice.state.open() || matches!(choice.state, State::Cooling { .. });
            match verdict {
                Verdict::Fits => {}
                _ if !open => {}
                Verdict::Beyond(what) if stop => choice.state = State::OverBudget(what),
                Verdict::Unpriced(limit) if stop => choice.state = State::Unpriced(limit),
                Verdict::Beyond(what) => out.push(what),
                Verdict::Unpriced(_) => out.push(format!(
                    "the price of {} is not known, so the budget cannot be watched for it",
                    choice.route.name()
                )),
            }
        }
        out.sort();
        out.dedup();
        out
    }

    /// How many tokens a request has, about, and the most that its answer may cost at this route; `None` = unpriced.
    /// Nothing is sent.
    ///
    /// # Errors
    /// `Blocked`, where it could not be sent.
    pub fn foresee(&self, route: &Route, request: Request) -> Result<(u64, Option<NanoUsd>), CallError> {
        let clean = Clean::redact(&self.redactor, request)?;
        let bytes = clean.prompt_bytes();
        Ok((meter::tokens(bytes), self.estimate(route, &Intent::of(clean.request(), bytes))))
    }

    fn state(&self, route: &Route, intent: &Intent, most: Option<NanoUsd>, cools: &[CoolDown]) -> State {
        if route.draining() {
            return State::Drained(drained(route));
        }
        if let Some(credential) = route.credential.as_ref().filter(|_| route.rank.why == Why::SignedOut) {
            let (upstream, account) = (&credential.upstream, &credential.account);
            return State::SignedOut(crate::auth::again(upstream, account, credential.grant.as_ref()));
        }
        match lack(route, intent) {
            Some(Lack::Window(window)) => return State::TooSmall(window),
            Some(lack) => return State::Lacks(lack.why()),
            None => {}
        }
        match (self.max_cost, most) {
            (Some(limit), None) => return State::Unpriced(limit),
            (Some(limit), Some(most)) if most > limit => return State::TooDear(most),
            _ => {}
        }
        let now_ms = self.clock.millis();
        let keys = route.shared_keys();
        let mut state = State::Ready;
        for cool in cools.iter().filter(|c| keys.contains(&c.key)) {
            match (stands(cool, now_ms), &state) {
                (Stands::Holds(until_ms), State::Cooling { until_ms: known, .. }) if until_ms <= *known => {}
                (Stands::Holds(until_ms), _) => state = State::Cooling { cool: cool.clone(), until_ms },
                (Stands::Probe, State::Ready) => state = State::Try(cool.clone()),
                (Stands::Probe, _) => {}
            }
        }
        state
    }

    /// Why a name in a chain leads nowhere.
    fn gone(&self, name: &str) -> String {
        let base = crate::config::bare(name);
        if let Some(word) = Demand::misspelt(name) {
            return format!("\"{word}\" is no effort");
        }
        match self.landscape.shut(base) {
            Some(CallError::NoRoute { notes }) => notes.join("; "),
            _ if self.landscape.names.contains_key(base) || crate::catalog::Role::parse(base).is_some() => {
                "it leads back to itself".to_owned()
            }
            _ => match self.landscape.near(base, self.catalog) {
                near if near.is_empty() => "nobody that is connected serves it".to_owned(),
                near => format!("nobody that is connected serves it; did you mean {}?", near.join(", ")),
            },
        }
    }
}
