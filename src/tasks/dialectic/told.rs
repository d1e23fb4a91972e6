//! A discussion in words, for whoever reads it: people at a terminal, and programs that called a model of this name.

use super::{Outcome, Synthesis, Verdict, Voice, Who};
use crate::client::{CallError, Reply};

impl Verdict {
    /// What was made of it. Where there is no reconciliation, both answers stand before it if they are wanted: they are the
    /// result then.
    #[must_use]
    pub fn told(&self, answers: bool) -> String {
        let mut out = String::new();
        // Where there is no reconciliation, the answers are the result: who has not seen them grow sees them now.
        if answers && !matches!(self.outcome, Outcome::Reconciled { .. }) {
            for (name, member) in ["A", "B"].iter().zip(&self.members) {
                for line in member.iter().flat_map(|reply| reply.text.trim_end().lines()) {
                    out.push_str(&format!("{name}│ {line}\n"));
                }
            }
        }
        match &self.outcome {
            Outcome::Reconciled { synthesis, reply, .. } => {
                out.push_str(&who(self));
                out.push_str(&format!("reconciled by {}\n", reply.route.name()));
                sections(&mut out, synthesis);
            }
            Outcome::Equal => out.push_str("Both answers are the same; there is nothing to reconcile.\n"),
            Outcome::SingleSource(voice) => {
                let name = if *voice == Voice::A { "A" } else { "B" };
                out.push_str(&format!("SINGLE SOURCE: only {name} answered; nothing was compared.\n"));
            }
            Outcome::Unreconciled { why, .. } => {
                out.push_str(&who(self));
                out.push_str(&format!(
                    "NOT RECONCILED: {why}\nRead both answers; neither was checked against the other.\n"
                ));
            }
            Outcome::Nothing => {}
        }
        out
    }
}

impl Verdict {
    /// Who took part, in one line: `A UPSTREAM/MODEL, B UPSTREAM/MODEL, reconciled by UPSTREAM/MODEL`; who tried to
    /// and was not believed is `not reconciled by UPSTREAM/MODEL`.
    #[must_use]
    pub fn cast(&self) -> String {
        let name = |(letter, member): (&&str, &Result<Reply, CallError>)| {
            member.as_ref().ok().map(|reply| format!("{letter} {}", reply.route.name()))
        };
        let mut out: Vec<String> = ["A", "B"].iter().zip(&self.members).filter_map(name).collect();
        match &self.outcome {
            Outcome::Reconciled { reply, .. } => out.push(format!("reconciled by {}", reply.route.name())),
            Outcome::Unreconciled { replies, .. } => {
                out.extend(replies.last().map(|reply| format!("not reconciled by {}", reply.route.name())));
            }
            _ => {}
        }
        out.join(", ")
    }
}

/// Which model is which letter.
fn who(verdict: &Verdict) -> String {
    let name = |(letter, member): (&&str, &Result<Reply, CallError>)| {
        member.as_ref().map(|reply| format!("{letter} is {}\n", reply.route.name())).unwrap_or_default()
    };
    ["A", "B"].iter().zip(&verdict.members).map(name).collect()
}

fn sections(out: &mut String, synthesis: &Synthesis) {
    let mut list = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            out.push_str(&format!("\n{title}\n"));
            items.iter().for_each(|item| out.push_str(item));
        }
    };
    list(
        "Agreed",
        synthesis
            .agreed
            .iter()
            .map(|c| format!("  - {}\n      A: \"{}\"\n      B: \"{}\"\n", c.claim, c.a, c.b))
            .collect(),
    );
    list(
        "Disagreed",
        synthesis
            .disagreed
            .iter()
            .map(|c| format!("  - {}\n      A: \"{}\"\n      B: \"{}\"\n      => {}\n", c.claim, c.a, c.b, c.settle))
            .collect(),
    );
    list(
        "Only one said",
        synthesis
            .single
            .iter()
            .map(|c| {
                let who = if c.who == Who::A { "A" } else { "B" };
                format!("  - {}\n      {who}: \"{}\"\n", c.claim, c.quote)
            })
            .collect(),
    );
    out.push_str(&format!("\nAnswer\n{}\n\nConfidence: {}", synthesis.answer.trim(), synthesis.confidence));
    if !synthesis.reason.is_empty() {
        out.push_str(&format!(" ({})", synthesis.reason));
    }
    out.push('\n');
}
