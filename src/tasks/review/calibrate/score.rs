//! Figures of a calibration, and what they say.

use serde::{Deserialize, Serialize};

use super::Side;
use crate::model::NanoUsd;

/// A result that chance gives this often is none.
const CHANCE: f64 = 0.05;
/// Clean changes with a finding, in percent: more is noise, whatever else is found.
const FALSE_ALARMS: usize = 20;

/// After so many answers in a row that are no review nobody pays for more of them.
const MUTE: usize = 5;

/// What the figures say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Findings are better than chance, and clean changes are mostly left alone.
    Beats,
    /// Findings are no better than chance.
    Chance,
    /// Too many clean changes had findings.
    Noise,
}

/// What calibrating one model showed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// `upstream/model`.
    pub model: String,
    /// Version of the prompt.
    pub prompt: String,
    /// Milliseconds since 1970.
    pub made_ms: i64,
    /// Pairs there are.
    pub of: usize,
    /// Pairs that were asked about; fewer where the result could not change any more.
    pub pairs: usize,
    /// Planted defects that were found where they are.
    pub found: usize,
    /// Clean changes with a finding that would be shown.
    pub false_alarms: usize,
    /// Pairs with a finding at the place in the planted change alone.
    pub only_planted: usize,
    /// Pairs with a finding at the place in the clean change alone.
    pub only_clean: usize,
    /// Answers that were no review.
    pub unreadable: usize,
    /// Calls.
    pub requests: usize,
    /// What the priced ones cost.
    pub cost: NanoUsd,
    /// Calls without a known price.
    pub unpriced: usize,
    /// The model runs on this machine.
    pub local: bool,
    /// How long it took.
    pub seconds: u64,
    /// The last so many answers were no review.
    #[serde(skip)]
    unread: usize,
}

impl Calibration {
    /// Nothing asked yet.
    #[must_use]
    pub(super) fn of(model: &str, prompt: &str, made_ms: i64, of: usize) -> Self {
        Self { model: model.to_owned(), prompt: prompt.to_owned(), made_ms, of, ..Self::default() }
    }

    /// One more answer: what of it was no review, and how much was found in it all the same, as in one that was cut off.
    pub(super) const fn read(&mut self, unreadable: usize, findings: usize) {
        self.unreadable += unreadable;
        // What was mute stays so.
        self.unread = match (self.mute(), unreadable > 0 && findings == 0) {
            (false, false) => 0,
            (_, _) => self.unread + 1,
        };
    }

    /// One answer after the other was no review: that measures nothing.
    #[must_use]
    pub const fn mute(&self) -> bool {
        self.unread >= MUTE
    }

    /// One more pair.
    pub(super) fn count(&mut self, planted: Side, clean: Side) {
        self.pairs += 1;
        self.found += usize::from(planted.there);
        self.false_alarms += usize::from(clean.shown);
        self.only_planted += usize::from(planted.there && !clean.there);
        self.only_clean += usize::from(clean.there && !planted.there);
    }

    /// How often chance gives so good a result or a better one: a one-sided sign test on the pairs whose sides differ.
    #[must_use]
    pub fn chance(&self) -> f64 {
        sign(self.only_planted, self.only_planted + self.only_clean)
    }

    /// What the figures say.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.noisy(self.pairs) {
            Verdict::Noise
        } else if self.chance() < CHANCE {
            Verdict::Beats
        } else {
            Verdict::Chance
        }
    }

    /// False alarms are too many of so many pairs.
    const fn noisy(&self, pairs: usize) -> bool {
        self.false_alarms * 100 > pairs * FALSE_ALARMS
    }

    /// No answer to what is left could make it pass.
    #[must_use]
    pub(super) fn settled(&self) -> bool {
        let left = self.of.saturating_sub(self.pairs);
        let best = self.only_planted + left;
        self.noisy(self.of) || sign(best, best + self.only_clean) >= CHANCE
    }

    /// Half a sentence, of one that did not pass.
    #[must_use]
    pub fn failing(&self) -> String {
        match self.verdict() {
            Verdict::Noise => {
                format!(
                    "found something in {} of {} clean changes when it was calibrated",
                    self.false_alarms, self.pairs
                )
            }
            _ => format!("did not beat chance when it was calibrated (p = {:.2})", self.chance()),
        }
    }
}

/// The probability of at least `wins` heads in `of` throws.
fn sign(wins: usize, of: usize) -> f64 {
    // Of at most a few dozen: exact enough in floating point.
    let half = 0.5_f64.powi(i32::try_from(of).unwrap_or(i32::MAX));
    let (mut sum, mut ways) = (0.0, 1.0);
    for n in 0..=of {
        if n >= wins {
            sum += ways * half;
        }
        #[allow(clippy::cast_precision_loss)] // small
        let step = (of - n) as f64 / (n + 1) as f64;
        ways *= step;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_test_is_the_one_in_books() {
        for (wins, of, p) in [(5, 5, 0.031_25), (4, 5, 0.187_5), (8, 9, 0.019_531_25), (10, 12, 0.019_287), (0, 0, 1.0)]
        {
            assert!((sign(wins, of) - p).abs() < 1e-5, "{wins} of {of}: {}", sign(wins, of));
        }
    }

    #[test]
    fn what_gives_five_answers_in_a_row_that_are_no_review_is_mute() {
        let mut of = Calibration::default();
        [1, 1, 1, 1, 0, 1, 1, 1, 1].into_iter().for_each(|n| of.read(n, 0));
        assert!(!of.mute());
        of.read(1, 0);
        of.read(0, 1);
        assert_eq!((of.mute(), of.unreadable), (true, 9));
        let mut cut = Calibration::default();
        (0..9).for_each(|_| cut.read(1, 1));
        assert!(!cut.mute(), "what was cut off is read as far as it goes");
    }

    fn after(pairs: &[(bool, bool, bool)]) -> Calibration {
        let mut out = Calibration::of("m", "p", 0, 24);
        for (planted, clean, alarm) in pairs {
            let side = |there, shown| Side { there, shown };
            out.count(side(*planted, *planted), side(*clean, *clean || *alarm));
        }
        out
    }

    #[test]
    fn five_of_five_beat_chance_and_four_do_not() {
        let quiet = |n: usize| vec![(false, false, false); n];
        let with = |hits: usize| [vec![(true, false, false); hits], quiet(24 - hits)].concat();
        assert_eq!(after(&with(5)).verdict(), Verdict::Beats);
        assert_eq!(after(&with(4)).verdict(), Verdict::Chance);
    }

    #[test]
    fn one_that_finds_something_everywhere_is_noise_and_is_stopped_early() {
        let mut pairs = vec![(true, true, true); 4];
        assert!(!after(&pairs).settled(), "four alarms of 24 may still be few enough");
        pairs.push((true, true, true));
        assert!(after(&pairs).settled());
        assert_eq!(after(&pairs).verdict(), Verdict::Noise);
    }

    #[test]
    fn one_that_finds_nothing_is_stopped_when_too_few_pairs_are_left() {
        assert!(!after(&[(false, false, false); 19]).settled());
        let silent = after(&[(false, false, false); 20]);
        assert!(silent.settled(), "four hits would not be enough");
        assert_eq!(silent.verdict(), Verdict::Chance);
    }

    #[test]
    fn a_perfect_one_is_asked_about_all() {
        assert!(!after(&[(true, false, false); 20]).settled());
    }
}
