//! A discussion as programs see it, and what each voice of it cost.

use serde_json::{Map, Value, json};

use super::panes::Heard;
use crate::client::{CallError, NO_KEY};
use crate::commands::error::Exit;
use crate::commands::show::{self, Spend, spend_line};
use crate::model::{CostSource, UsageSource};
use crate::store::{HistoryFilter, Store};
use crate::tasks::ask::Sent;
use crate::tasks::dialectic::{Member, Outcome as Made, Shape, Verdict, Voice, key, letter};

/// What voices used, by the ledger.
pub(super) struct Spending {
    /// Those that made a call, members first.
    pub voices: Vec<(Voice, Spent)>,
}

/// What one voice used.
#[derive(Default)]
pub(super) struct Spent {
    /// Attempts that were made.
    requests: usize,
    /// Those of them that used something.
    spends: Vec<Spend>,
}

impl Spending {
    /// Reads the calls of a discussion.
    pub(super) fn read(store: &Store, parent: &str, calls: &[(Voice, String)]) -> Self {
        let filter = HistoryFilter { limit: 1_000, parent: Some(parent.to_owned()), ..HistoryFilter::default() };
        let rows = store.history(&filter).unwrap_or_default();
        let mut voices: Vec<(Voice, Spent)> = Vec::new();
        for (voice, id) in calls {
            if !voices.iter().any(|(known, _)| known == voice) {
                voices.push((*voice, Spent::default()));
            }
            let attempts = rows.iter().filter(|row| row.id == *id).flat_map(|row| &row.attempts);
            let Some((_, spent)) = voices.iter_mut().find(|(known, _)| known == voice) else { continue };
            for attempt in attempts {
                spent.requests += 1;
                spent.spends.extend(attempt.usage.map(|(usage, source)| Spend {
                    usage,
                    source,
                    cost: attempt.cost,
                    account: Some(attempt.account.clone()).filter(|account| account != NO_KEY),
                }));
            }
        }
        voices.sort_by_key(|(voice, _)| match voice {
            Voice::Member(at) => *at,
            Voice::Synthesis => usize::MAX,
        });
        Self { voices }
    }

    /// All of them together.
    pub(super) fn all(&self) -> Spent {
        let copy = |spend: &Spend| Spend { account: spend.account.clone(), ..*spend };
        Spent {
            requests: self.voices.iter().map(|(_, spent)| spent.requests).sum(),
            spends: self.voices.iter().flat_map(|(_, spent)| &spent.spends).map(copy).collect(),
        }
    }

    fn of(&self, voice: Voice) -> Value {
        self.voices.iter().find(|(known, _)| *known == voice).map_or(Value::Null, |(_, spent)| spent.json())
    }
}

impl Spent {
    /// For people.
    pub(super) fn line(&self) -> String {
        spend_line(self.requests, &self.spends)
    }

    fn json(&self) -> Value {
        let sum = |of: fn(&Spend) -> u64| self.spends.iter().fold(0_u64, |sum, spend| sum.saturating_add(of(spend)));
        let nano = sum(|spend| spend.cost.map_or(0, |cost| cost.amount.0));
        let local = self.spends.iter().all(|spend| spend.cost.is_some_and(|cost| cost.source == CostSource::Local));
        json!({ "requests": self.requests, "input": sum(|spend| spend.usage.prompt()),
            "output": sum(|spend| spend.usage.output), "nano_usd": nano,
            "usd": crate::model::NanoUsd(nano).dollars(),
            "estimated": self.spends.iter().any(|spend| spend.source == UsageSource::Estimated),
            "unpriced": self.spends.iter().any(|spend| spend.cost.is_none()),
            "local": !self.spends.is_empty() && local })
    }
}

fn member(member: &Member, spending: &Spending, at: usize) -> Value {
    let mut out = match member.replies.last() {
        Some(reply) => show::reply_json(reply),
        None => json!({ "model": member.model, "maker": member.maker }),
    };
    match &member.said {
        Ok(answer) => out["answer"] = json!(answer),
        Err(error) => {
            out["error"] = json!(error.to_string());
            if let CallError::Broken { partial, .. } = error {
                out["partial"] = json!(partial);
            }
        }
    }
    if let Some(first) = &member.first {
        out["first"] = json!(first);
    }
    if !member.critiques.is_empty() {
        out["critiques"] = json!(member.critiques);
    }
    if !member.missed.is_empty() {
        let missed = member.missed.iter().map(|(round, why)| json!({ "round": round, "why": why }));
        out["missed"] = missed.collect();
    }
    out["kept"] = json!(member.kept);
    out["spent"] = spending.of(Voice::Member(at));
    out
}

/// What came out.
pub(super) fn as_json(
    verdict: &Verdict,
    shape: Shape,
    exit: Exit,
    spending: &Spending,
    (materials, replay_of): (&[Sent], Option<&str>),
) -> Value {
    let (state, synthesis, by, why) = match &verdict.outcome {
        Made::Reconciled { synthesis, reply, .. } => ("reconciled", synthesis.json(), show::reply_json(reply), None),
        Made::Equal => ("equal", json!(null), json!(null), None),
        Made::SingleSource(_) => ("single_source", json!(null), json!(null), None),
        Made::Unreconciled { why, replies } => {
            ("unreconciled", json!(null), json!(replies.last().map(show::reply_json)), Some(why.clone()))
        }
        Made::Nothing => ("nothing", json!(null), json!(null), None),
    };
    let mut out = head(&verdict.id, state, shape, exit, spending, replay_of);
    out.insert("material".to_owned(), json!(materials));
    out.insert("why".to_owned(), json!(why));
    for (at, of) in verdict.members.iter().enumerate() {
        out.insert(key(at).to_owned(), member(of, spending, at));
    }
    out.insert("ranking".to_owned(), json!(verdict.ranking.as_ref().map(crate::tasks::dialectic::Ranking::json)));
    out.insert("synthesis".to_owned(), synthesis);
    out.insert("synthesis_by".to_owned(), by);
    Value::Object(out)
}

/// What there is of one that was stopped.
pub(super) fn interrupted(
    id: &str,
    shape: Shape,
    names: &[String],
    heard: &Heard,
    spending: &Spending,
    replay_of: Option<&str>,
) -> Value {
    let mut out = head(id, "interrupted", shape, Exit::Interrupted, spending, replay_of);
    for (at, said) in heard.said.iter().enumerate() {
        let partial = Some(&said.piece).filter(|piece| !piece.is_empty());
        let of = json!({ "model": names.get(at), "answer": said.whole, "partial": partial,
            "spent": spending.of(Voice::Member(at)) });
        out.insert(key(at).to_owned(), of);
    }
    Value::Object(out)
}

fn head(
    id: &str,
    state: &str,
    shape: Shape,
    exit: Exit,
    spending: &Spending,
    replay_of: Option<&str>,
) -> Map<String, Value> {
    let mut out = Map::new();
    let mut set = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    set("schema", json!("monster.dialectic/1"));
    set("id", json!(id));
    set("state", json!(state));
    set("mode", json!(shape.mode.name()));
    set("rounds", json!(shape.rounds));
    set("exit", json!(exit as u8));
    let voices = spending.voices.iter().map(|(voice, spent)| {
        let name = match voice {
            Voice::Member(at) => letter(*at).to_ascii_lowercase(),
            Voice::Synthesis => voice.name().to_owned(),
        };
        (name, spent.json())
    });
    let mut spent: Map<String, Value> = voices.collect();
    spent.insert("total".to_owned(), spending.all().json());
    set("spent", Value::Object(spent));
    if let Some(original) = replay_of {
        set("replay_of", json!(original));
    }
    out
}
