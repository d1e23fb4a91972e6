//! A discussion in words, for whoever reads it: people at a terminal, and programs that called a model of this name.

use super::{Claim, Member, Outcome, Ranking, Swapped, Synthesis, Verdict, letter};

impl Verdict {
    /// What was made of it. Where there is no reconciliation, the answers stand before it if they are wanted: they are
    /// the result then.
    #[must_use]
    pub fn told(&self, answers: bool) -> String {
        let mut out = String::new();
        // Where there is no reconciliation, the answers are the result: who has not seen them grow sees them now.
        if answers && !matches!(self.outcome, Outcome::Reconciled { .. }) {
            out.push_str(&self.answers());
        }
        match &self.outcome {
            Outcome::Reconciled { synthesis, reply, .. } => {
                out.push_str(&self.who());
                out.push_str(&format!("reconciled by {}\n", reply.route.name()));
                self.ranked(&mut out);
                sections(&mut out, synthesis);
            }
            Outcome::Equal => {
                let all = if self.members.len() == 2 { "Both" } else { "All" };
                out.push_str(&format!("{all} answers are the same; there is nothing to reconcile.\n"));
            }
            Outcome::SingleSource(voice) => {
                out.push_str(&format!("SINGLE SOURCE: only {} answered; nothing was compared.\n", voice.name()));
            }
            Outcome::Unreconciled { why, .. } => {
                out.push_str(&self.who());
                self.ranked(&mut out);
                let read = match self.live() {
                    2 => "both answers; neither was checked against the other",
                    _ => "all answers; none was checked against the others",
                };
                out.push_str(&format!("NOT RECONCILED: {why}\nRead {read}.\n"));
            }
            Outcome::Nothing => {}
        }
        out
    }

    /// The answers that stand in the end, each line with whose it is.
    #[must_use]
    pub fn answers(&self) -> String {
        let lines = |(at, member): (usize, &Member)| -> String {
            let said = member.said.as_deref().unwrap_or_default();
            said.trim_end().lines().map(|line| format!("{}│ {line}\n", letter(at))).collect()
        };
        self.members.iter().enumerate().map(lines).collect()
    }

    fn live(&self) -> usize {
        self.members.iter().filter(|member| member.said.is_ok()).count()
    }

    /// Who took part, in one line: `A UPSTREAM/MODEL, B UPSTREAM/MODEL, reconciled by UPSTREAM/MODEL`; who tried to
    /// and was not believed is `not reconciled by UPSTREAM/MODEL`.
    #[must_use]
    pub fn cast(&self) -> String {
        let name =
            |(at, member): (usize, &Member)| member.said.is_ok().then(|| format!("{} {}", letter(at), member.model));
        let mut out: Vec<String> = self.members.iter().enumerate().filter_map(name).collect();
        match &self.outcome {
            Outcome::Reconciled { reply, .. } => out.push(format!("reconciled by {}", reply.route.name())),
            Outcome::Unreconciled { replies, .. } => {
                out.extend(replies.last().map(|reply| format!("not reconciled by {}", reply.route.name())));
            }
            _ => {}
        }
        out.join(", ")
    }

    /// Which model is which letter.
    fn who(&self) -> String {
        let name = |(at, member): (usize, &Member)| {
            let kept = if member.kept { ", as it answered before" } else { "" };
            match member.said.is_ok() {
                true => format!("{} is {}{kept}\n", letter(at), member.model),
                false => String::new(),
            }
        };
        self.members.iter().enumerate().map(name).collect()
    }

    fn ranked(&self, out: &mut String) {
        if let Some(ranking) = &self.ranking {
            out.push('\n');
            out.push_str(&board(ranking));
        }
    }
}

/// The ranking: points, and each judge's order.
fn board(ranking: &Ranking) -> String {
    let mut out = "Ranking (Borda)\n".to_owned();
    for (member, points) in &ranking.points {
        out.push_str(&format!("  {} {points}\n", letter(*member)));
    }
    for judge in &ranking.judges {
        let order: Vec<&str> = judge.order.iter().map(|member| letter(*member)).collect();
        let said = if order.is_empty() { judge.why.clone() } else { format!("{}: {}", order.join(" > "), judge.why) };
        out.push_str(&format!("  - {} says {said}\n", letter(judge.who)));
    }
    out
}

fn sections(out: &mut String, synthesis: &Synthesis) {
    for (title, claims) in
        [("Agreed", &synthesis.agreed), ("Disagreed", &synthesis.disagreed), ("Only one said", &synthesis.single)]
    {
        if !claims.is_empty() {
            out.push_str(&format!("\n{title}\n"));
            claims.iter().for_each(|claim| item(out, claim));
        }
    }
    out.push_str(&format!("\nAnswer\n{}\n", synthesis.answer.trim()));
    let other = match &synthesis.swapped {
        Some(Swapped::Stable(answer) | Swapped::Differs { answer, .. }) => answer.as_ref(),
        _ => None,
    };
    if let Some(other) = other {
        out.push_str(&format!("\nAnswer with the seats swapped\n{}\n", other.trim()));
    }
    out.push_str(&format!("\nConfidence: {}", synthesis.confidence));
    if !synthesis.reason.is_empty() {
        out.push_str(&format!(" ({})", synthesis.reason));
    }
    out.push('\n');
    match &synthesis.swapped {
        None => {}
        Some(Swapped::Stable(_)) => out.push_str("With the seats swapped the sections are the same.\n"),
        Some(Swapped::Differs { first, second, .. }) => {
            let confidence =
                if first == second { String::new() } else { format!("; confidence {first}, swapped {second}") };
            out.push_str(&format!("UNSTABLE: with the seats swapped the reconciler found other things{confidence}.\n"));
        }
        Some(Swapped::Missing(why)) => {
            out.push_str(&format!("NOT CHECKED with the seats swapped: {why}\n"));
        }
    }
}

fn item(out: &mut String, claim: &Claim) {
    let unstable = if claim.unstable { " (unstable: in one of two readings)" } else { "" };
    out.push_str(&format!("  - {}{unstable}\n", claim.claim));
    for quote in &claim.quotes {
        out.push_str(&format!("      {}: \"{}\"\n", letter(quote.who), quote.text));
    }
    if let Some(settle) = &claim.settle {
        out.push_str(&format!("      => {settle}\n"));
    }
}
