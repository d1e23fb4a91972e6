//! A council ranks its answers, anonymous and in an order of each judge's own; Borda's count is made here, not by a model.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::seat::{key, label, letter, listed, place};
use crate::model::Schema;
use crate::tasks::fence::object;

const PROMPT: &str = include_str!("../prompts/rank.md");

/// What a judge is told about so many answers.
pub(super) fn prompt(answers: usize) -> String {
    PROMPT.replace("{names}", &listed(answers))
}

/// The schema of a ranking of so many answers.
pub(super) fn schema(answers: usize) -> Schema {
    let names: Vec<&str> = (0..answers).map(label).collect();
    Schema::new(
        "ranking",
        json!({ "type": "object", "additionalProperties": false, "required": ["ranking", "why"], "properties": {
            "ranking": { "type": "array", "items": { "type": "string", "enum": names } },
            "why": { "type": "string" } } }),
    )
}

/// One judge's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judge {
    /// The member, 0 is A.
    pub who: usize,
    /// Members, the best first; empty where there is no ranking that counts.
    pub order: Vec<usize>,
    /// Why the best is the best, or why this ranking does not count; one sentence.
    pub why: String,
}

/// All judges' words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// Every judge.
    pub judges: Vec<Judge>,
    /// Borda's count of each ranked member, the best first: of n answers the first of a ranking gets n-1 points, the
    /// last none.
    pub points: Vec<(usize, usize)>,
}

impl Ranking {
    /// Counts.
    pub(super) fn of(judges: Vec<Judge>, members: &[usize]) -> Self {
        let of = |member: usize| -> usize {
            let from = |judge: &Judge| {
                let at = judge.order.iter().position(|ranked| *ranked == member)?;
                judge.order.len().checked_sub(at + 1)
            };
            judges.iter().filter_map(from).sum()
        };
        let mut points: Vec<(usize, usize)> = members.iter().map(|member| (*member, of(*member))).collect();
        points.sort_by(|(a, one), (b, other)| other.cmp(one).then(a.cmp(b)));
        Self { judges, points }
    }

    /// Somebody's ranking counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.judges.iter().any(|judge| !judge.order.is_empty())
    }

    /// As programs see it.
    #[must_use]
    pub fn json(&self) -> Value {
        let judge = |judge: &Judge| {
            let order: Vec<&str> = judge.order.iter().map(|member| letter(*member)).collect();
            json!({ "judge": letter(judge.who), "order": order, "why": judge.why })
        };
        let points: serde_json::Map<String, Value> =
            self.points.iter().map(|(member, points)| (key(*member).to_owned(), json!(points))).collect();
        let order: Vec<&str> = self.points.iter().map(|(member, _)| letter(*member)).collect();
        json!({ "judges": self.judges.iter().map(judge).collect::<Vec<_>>(), "borda": points, "order": order })
    }
}

#[derive(Deserialize)]
struct Raw {
    ranking: Vec<String>,
    #[serde(default)]
    why: String,
}

/// Reads a ranking of members that were shown in this order.
///
/// # Errors
/// Half a sentence why it does not count.
pub(super) fn read(text: &str, shown: &[usize]) -> Result<(Vec<usize>, String), String> {
    let value = object(text).ok_or("it is no JSON object")?;
    let raw: Raw = serde_json::from_value(value).map_err(|e| format!("it is not what was asked for ({e})"))?;
    let ranked: Option<Vec<usize>> =
        raw.ranking.iter().map(|name| place(name, shown.len()).and_then(|at| shown.get(at)).copied()).collect();
    let ranked = ranked.ok_or("it ranks an answer that there is not")?;
    let each = shown.iter().all(|member| ranked.iter().filter(|r| *r == member).count() == 1);
    if !each || ranked.len() != shown.len() {
        return Err("it does not rank each answer once".to_owned());
    }
    Ok((ranked, raw.why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_names_every_answer_once_or_does_not_count() {
        let shown = [2, 0, 1];
        let (order, why) = read(r#"{"ranking":["Y","Z","X"],"why":"it is exact"}"#, &shown).unwrap();
        assert_eq!((order, why.as_str()), (vec![0, 1, 2], "it is exact"));
        for wrong in [
            "Y is best",
            r#"{"ranking":["Y","Y","X"],"why":""}"#,
            r#"{"ranking":["Y","X"],"why":""}"#,
            r#"{"ranking":["Y","X","Z","Y"],"why":""}"#,
            r#"{"ranking":["A","B","C"],"why":""}"#,
            r#"{"ranking":"Y","why":""}"#,
        ] {
            assert!(read(wrong, &shown).is_err(), "{wrong}");
        }
    }

    #[test]
    fn points_are_counted_and_a_judge_without_a_ranking_gives_none() {
        let judge = |who, order: &[usize]| Judge { who, order: order.to_vec(), why: String::new() };
        let made = Ranking::of(vec![judge(0, &[1, 0, 2]), judge(1, &[1, 2, 0]), judge(2, &[])], &[0, 1, 2]);
        assert_eq!(made.points, [(1, 4), (0, 1), (2, 1)]);
        assert_eq!(made.json()["borda"], json!({ "a": 1, "b": 4, "c": 1 }));
        assert!(made.counts() && !Ranking::of(vec![judge(0, &[])], &[0, 1]).counts());
    }
}
