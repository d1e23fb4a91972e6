//! What a discussion will cost, told before it begins: prompts by their length, answers by what is usual, at the prices
//! of the catalogue.

use super::talk::{ANSWER, RANKING, RECONCILIATION, instructions, request};
use super::{Cast, Mode, Question, council, debate, synthesis};
use crate::catalog::{When, price};
use crate::client::{Client, Route, tokens};
use crate::model::{Control, Cost, CostSource, Count, NanoUsd, Purpose, Usage};

/// Visible tokens that are usual, where the limits are [`ANSWER`], [`RANKING`] and [`RECONCILIATION`].
const USUAL_ANSWER: u32 = 500;
const USUAL_ROUND: u32 = 800;
const USUAL_RANKING: u32 = 120;
const USUAL_RECONCILIATION: u32 = 800;
/// Of the room that a level of reasoning is given, one part in so many is usual.
const THOUGHT: u32 = 8;

/// What it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The most calls.
    pub calls: usize,
    /// What each call that is sure to be made usually costs; `None` = nobody knows the price.
    pub usual: Vec<Option<Cost>>,
    /// The most that those can cost which begin together, as far as their prices are known.
    pub begin: NanoUsd,
    /// The most all calls can cost, a second reconciliation among them; `None` = a price is not known.
    pub most: Option<NanoUsd>,
}

/// One kind of call: how many, to whom, and how long.
struct Planned<'a> {
    routes: &'a [Route],
    system: String,
    /// Bytes that are sent beside the instructions, as is usual, and at most.
    bytes: (usize, usize),
    usual: u32,
    most: u32,
    purpose: Purpose,
    /// Calls that are sure, and those that may follow.
    calls: (u64, u64),
}

/// Looks ahead.
#[must_use]
pub fn estimate(client: &Client, cast: &Cast, question: &Question<'_>) -> Estimate {
    let members = cast.members.len().max(question.given.members.len());
    let shape = question.shape;
    let text = question.text.len();
    let answers = |tokens: u32, of: usize| Count::bytes(u64::from(tokens)).saturating_mul(of);
    let with = |of: usize| (text + answers(USUAL_ANSWER, of), text + answers(ANSWER, of));
    let member = |routes, system: &str, bytes, usual, calls| Planned {
        routes,
        system: system.to_owned(),
        bytes,
        usual,
        most: ANSWER,
        purpose: Purpose::Member,
        calls: (calls, 0),
    };
    let mut plan: Vec<Planned<'_>> = Vec::new();
    let (mut calls, mut begin) = (0, NanoUsd(0));
    for (at, routes) in cast.members.iter().enumerate() {
        if question.given.members.get(at).is_none_or(Option::is_none) {
            let first = member(routes, instructions(), (text, text), USUAL_ANSWER, 1);
            let most = first.most(client, question).map_or(0, |(most, _)| most.0);
            begin = NanoUsd(begin.0.saturating_add(most));
            plan.push(first);
            calls += 1;
        }
        if question.given.settled {
            continue;
        }
        let rounds = u64::from(shape.rounds);
        if rounds > 0 {
            plan.push(member(routes, debate::prompt(), with(members), USUAL_ROUND, rounds));
            calls += usize::from(shape.rounds);
        }
        if shape.mode == Mode::Council {
            let system = council::prompt(members);
            let (bytes, purpose) = (with(members), Purpose::Synthesis);
            plan.push(Planned { routes, system, bytes, usual: USUAL_RANKING, most: RANKING, purpose, calls: (1, 0) });
            calls += 1;
        }
    }
    let readings = 1 + u64::from(shape.debias);
    plan.push(Planned {
        routes: &cast.synthesis,
        system: synthesis::prompt(members) + &synthesis::schema(members).schema.to_string(),
        bytes: with(members),
        usual: USUAL_RECONCILIATION,
        most: RECONCILIATION,
        purpose: Purpose::Synthesis,
        calls: (readings, readings),
    });
    calls += 2 * (1 + usize::from(shape.debias));
    let now = When::plainly(client.clock.now());
    let usual = plan.iter().filter_map(|planned| planned.usual(question, &now)).flatten().collect();
    let most = plan.iter().map(|planned| planned.most(client, question)).try_fold(0_u64, |sum, most| {
        let (most, (sure, more)) = most?;
        Some(sum.saturating_add(most.0.saturating_mul(sure + more)))
    });
    Estimate { calls, usual, begin, most: most.map(NanoUsd) }
}

impl Planned<'_> {
    /// What each sure call usually costs.
    fn usual(&self, question: &Question<'_>, now: &When) -> Option<Vec<Option<Cost>>> {
        let route = self.routes.first()?;
        let cost = if route.local() {
            Some(Cost { amount: NanoUsd(0), source: CostSource::Local })
        } else {
            let thinks = route.card.reasoning.control != Control::None;
            let level = question.effort.aim(None).filter(|_| thinks);
            let thought = level.map_or(0, |level| level.headroom() / THOUGHT);
            let usage = Usage {
                input: tokens(self.system.len() + self.bytes.0),
                output: u64::from(self.usual + thought),
                ..Usage::default()
            };
            price(&route.card, &usage, now).map(|amount| Cost { amount, source: CostSource::Estimated })
        };
        Some(vec![cost; usize::try_from(self.calls.0).unwrap_or(1)])
    }

    /// The most one call can cost, over whichever of its routes, and how many there may be.
    fn most(&self, client: &Client, question: &Question<'_>) -> Option<(NanoUsd, (u64, u64))> {
        let request = request(self.routes, self.purpose, &self.system, "", self.most, question.effort);
        let bytes = self.system.len() + self.bytes.1;
        let each = self.routes.iter().map(|route| client.most(route, &request, bytes));
        Some((each.collect::<Option<Vec<_>>>()?.into_iter().max()?, self.calls))
    }
}
