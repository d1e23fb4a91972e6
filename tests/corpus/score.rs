//! What a detector's findings are worth against the truth.

use std::collections::BTreeMap;

use crate::set::kinds::Class;
use crate::set::{Role, Sample};

/// What a detector says about one sample, in bytes of its text.
#[derive(Clone, Debug)]
pub struct Finding {
    /// First byte.
    pub start: usize,
    /// First byte behind it.
    pub end: usize,
    /// Its kind and rule, for the lists of false alarms.
    pub kind: String,
}

/// A share of something.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    /// How many did.
    pub good: usize,
    /// Of how many.
    pub all: usize,
}

impl Share {
    fn add(&mut self, good: bool) {
        self.good += usize::from(good);
        self.all += 1;
    }

    /// In per cent; 100 where there is nothing.
    pub fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { self.good as f64 * 100.0 / self.all as f64 }
    }
}

/// A sample a detector got wrong.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// Which one.
    pub sample: usize,
    /// What is wrong: the secret that stays, or the false finding.
    pub start: usize,
    /// Its end.
    pub end: usize,
    /// `missed`, or the finding's kind.
    pub what: String,
}

/// All figures of one run.
#[derive(Debug, Default)]
pub struct Score {
    /// Secrets that are covered.
    pub covered: Share,
    /// By class.
    pub classes: BTreeMap<Class, Share>,
    /// By kind.
    pub kinds: BTreeMap<String, Share>,
    /// By inner context.
    pub inner: BTreeMap<String, Share>,
    /// By outer context.
    pub outer: BTreeMap<String, Share>,
    /// Findings that touch a secret.
    pub precise: Share,
    /// Negatives without a finding.
    pub clean: Share,
    /// Negatives by look.
    pub looks: BTreeMap<String, Share>,
    /// Bytes masked outside of secrets.
    pub over: usize,
    /// Bytes of all texts.
    pub bytes: usize,
    /// Secrets that stay.
    pub missed: Vec<Wrong>,
    /// Findings that are none.
    pub false_alarms: Vec<Wrong>,
    /// Samples with bytes masked outside, worst first: sample and bytes.
    pub overreaching: Vec<(usize, usize)>,
}

impl Score {
    /// Kinds covered in at least nine of ten cases, in per cent of all kinds.
    pub fn kinds_covered(&self) -> f64 {
        let good = self.kinds.values().filter(|share| share.percent() >= 90.0).count();
        Share { good, all: self.kinds.len() }.percent()
    }

    /// Bytes masked outside of secrets per kB of text.
    pub fn overreach(&self) -> f64 {
        self.over as f64 * 1000.0 / self.bytes.max(1) as f64
    }
}

/// Measures findings (by sample id) against the truth.
pub fn measure(samples: &[Sample], findings: &BTreeMap<String, Vec<Finding>>) -> Score {
    let mut score = Score::default();
    let none = Vec::new();
    for (at, sample) in samples.iter().enumerate() {
        let found = findings.get(&sample.id).unwrap_or(&none);
        let mut masked = vec![false; sample.text.len()];
        for finding in found {
            let end = finding.end.min(masked.len());
            masked[finding.start.min(end)..end].fill(true);
        }
        score.bytes += sample.text.len();
        let mut allowed = vec![false; sample.text.len()];
        for secret in &sample.truth {
            let from = secret.start.saturating_sub(2);
            let to = (secret.end + 2).min(allowed.len());
            allowed[from..to].fill(true);
        }
        for (from, to) in &sample.neutral {
            allowed[*from..*to].fill(true);
        }
        let over = masked.iter().zip(&allowed).filter(|(masked, allowed)| **masked && !**allowed).count();
        score.over += over;
        if over > 0 {
            score.overreaching.push((at, over));
        }
        for finding in found {
            let touches = |from: usize, to: usize| finding.start < to && from < finding.end;
            let real = sample.truth.iter().any(|secret| touches(secret.start, secret.end));
            if !real && sample.neutral.iter().any(|(from, to)| touches(*from, *to)) {
                continue;
            }
            score.precise.add(real);
            if !real {
                let (start, end) = (finding.start, finding.end);
                score.false_alarms.push(Wrong { sample: at, start, end, what: finding.kind.clone() });
            }
        }
        match sample.role {
            Role::Negative | Role::Impersonal => {
                score.clean.add(found.is_empty());
                score.looks.entry(sample.kind.clone()).or_default().add(found.is_empty());
            }
            Role::Positive(_) | Role::Personal => {
                let (inner, outer) = sample.context.split_once(" / ").unwrap_or((&sample.context, "none"));
                let class = if let Role::Positive(class) = sample.role { Some(class) } else { None };
                for secret in &sample.truth {
                    let bytes = secret.parts.iter().flat_map(|(from, to)| *from..*to).skip(secret.public);
                    let good = bytes.filter(|byte| !masked[*byte]).count() <= 2;
                    score.covered.add(good);
                    if let Some(class) = class {
                        score.classes.entry(class).or_default().add(good);
                    }
                    score.kinds.entry(sample.kind.clone()).or_default().add(good);
                    score.inner.entry(inner.to_owned()).or_default().add(good);
                    score.outer.entry(outer.to_owned()).or_default().add(good);
                    if !good {
                        let (start, end) = (secret.start, secret.end);
                        score.missed.push(Wrong { sample: at, start, end, what: "missed".into() });
                    }
                }
            }
        }
    }
    score.overreaching.sort_by_key(|(_, over)| std::cmp::Reverse(*over));
    score
}

fn worst(shares: &BTreeMap<String, Share>, count: usize, least: usize) -> Vec<(&String, Share)> {
    let mut list: Vec<_> = shares.iter().filter(|(_, share)| share.all >= least && share.good < share.all).collect();
    list.sort_by(|(_, a), (_, b)| a.percent().total_cmp(&b.percent()).then(b.all.cmp(&a.all)));
    list.into_iter().take(count).map(|(name, share)| (name, *share)).collect()
}

/// One line of figures.
pub fn line(title: &str, score: &Score) -> String {
    format!(
        "{title:<10} covered {:6.2} %  precision {:6.2} %  clean {:6.2} %  kinds >= 90 %: {:5.1} %  overreach {:.2} B/kB",
        score.covered.percent(),
        score.precise.percent(),
        score.clean.percent(),
        score.kinds_covered(),
        score.overreach()
    )
}

/// The figures as a table, with the worst kinds, contexts and looks.
pub fn table(title: &str, score: &Score) -> String {
    let mut out = line(title, score) + "\n";
    for (class, share) in &score.classes {
        out += &format!("  {:<16} {:6.2} %  ({} of {})\n", class.name(), share.percent(), share.good, share.all);
    }
    for (head, shares, least) in [
        ("worst kinds", &score.kinds, 1),
        ("worst contexts", &score.inner, 3),
        ("worst outer contexts", &score.outer, 3),
        ("worst negatives", &score.looks, 1),
    ] {
        let list = worst(shares, 25, least);
        if !list.is_empty() {
            out += &format!("  {head}:\n");
            for (name, share) in list {
                out += &format!("    {:6.1} %  {:>3}/{:<3} {name}\n", share.percent(), share.good, share.all);
            }
        }
    }
    out
}

/// The figures as JSON.
pub fn json(score: &Score) -> serde_json::Value {
    let shares = |map: &BTreeMap<String, Share>| -> serde_json::Value {
        map.iter()
            .map(|(name, share)| (name.clone(), serde_json::json!([share.good, share.all])))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let classes: BTreeMap<String, Share> =
        score.classes.iter().map(|(class, share)| (class.name().to_owned(), *share)).collect();
    serde_json::json!({
        "covered": score.covered.percent(),
        "precision": score.precise.percent(),
        "clean": score.clean.percent(),
        "kinds_covered": score.kinds_covered(),
        "overreach_per_kb": score.overreach(),
        "classes": shares(&classes),
        "kinds": shares(&score.kinds),
        "contexts": shares(&score.inner),
        "outer_contexts": shares(&score.outer),
        "negatives": shares(&score.looks),
    })
}

/// What went wrong, for whoever improves a detector: one block of text a sample.
pub fn mistakes(samples: &[Sample], score: &Score) -> String {
    let mut out = String::new();
    let mut block = |wrong: &Wrong, head: &str| {
        let sample = &samples[wrong.sample];
        let text = &sample.text;
        let part = text.get(wrong.start..wrong.end).unwrap_or("?");
        let mut from = wrong.start.saturating_sub(160);
        let mut to = (wrong.end + 80).min(text.len());
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to += 1;
        }
        out += &format!(
            "== {head} {} [{}] in [{}]\n-- {part:?}\n{}\n\n",
            sample.id,
            sample.kind,
            sample.context,
            &text[from..to]
        );
    };
    for wrong in &score.missed {
        block(wrong, "MISSED");
    }
    for wrong in &score.false_alarms {
        block(wrong, &format!("FALSE ({})", wrong.what));
    }
    for (at, over) in score.overreaching.iter().take(60) {
        let sample = &samples[*at];
        if sample.truth.is_empty() {
            continue;
        }
        out += &format!(
            "== OVERREACH {over} bytes {} [{}] in [{}]\n{}\n\n",
            sample.id, sample.kind, sample.context, sample.text
        );
    }
    out
}
