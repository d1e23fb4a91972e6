//! Several models answer one question in parallel; another reconciles what they said. Between the two they may read and
//! criticise each other (a debate), or rank their answers without names (a council).
//!
//! The reconciliation is checked, not believed: every quote must stand in the answer it is taken from.

mod alike;
mod cast;
mod council;
mod debate;
mod debias;
mod kept;
mod plan;
mod quote;
mod seat;
mod share;
mod synthesis;
mod talk;
mod told;

use std::time::Duration;

pub use cast::{Cast, CastError, Wish, cast};
pub use council::{Judge, Ranking};
pub use kept::{Kept, KeptSeat, Unreadable, swap};
pub use plan::{Estimate, estimate};
pub use seat::{MOST, Stage, Voice, key, letter};
pub use synthesis::{Claim, Quote, Rejected, Swapped, Synthesis};
pub use talk::{discuss, member_request, seated, synthesis_request};

use crate::client::{CallError, Notice, Reply};
use crate::model::Demand;
use crate::store::Ceiling;

/// How the voices work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Two answer, a third reconciles.
    Two,
    /// They read and criticise each other's answers, and answer again.
    Debate,
    /// Up to [`MOST`] answer and rank all answers without names.
    Council,
}

impl Mode {
    /// Its word in settings and flags.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Two => "two",
            Self::Debate => "debate",
            Self::Council => "council",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Two, Self::Debate, Self::Council].into_iter().find(|mode| mode.name() == name)
    }

    /// How many members there are where nobody says, and how few will do.
    #[must_use]
    pub const fn seats(self) -> (usize, usize) {
        match self {
            Self::Two | Self::Debate => (2, 2),
            Self::Council => (3, 2),
        }
    }

    /// Most members.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Debate | Self::Council => MOST,
        }
    }

    /// Rounds of criticism where nobody says how many.
    #[must_use]
    pub const fn rounds(self) -> u8 {
        match self {
            Self::Two | Self::Council => 0,
            Self::Debate => 1,
        }
    }
}

/// A mode with its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How the voices work together.
    pub mode: Mode,
    /// Rounds of criticism, at most two.
    pub rounds: u8,
    /// Reconcile a second time with the seats swapped.
    pub debias: bool,
}

impl Shape {
    /// Two members, no rounds, one reconciliation.
    pub const TWO: Self = Self { mode: Mode::Two, rounds: 0, debias: false };

    /// The most calls that so many members can take: a reconciliation whose quotes do not hold is asked for once more.
    #[must_use]
    pub const fn calls(self, members: usize) -> usize {
        let ranking = match self.mode {
            Mode::Council => members,
            Mode::Two | Mode::Debate => 0,
        };
        members * (1 + self.rounds as usize) + ranking + 2 * (1 + self.debias as usize)
    }
}

/// Sees the answers grow.
pub trait Watcher: Send {
    /// A piece of a member's visible answer, in a stage that is [`Stage::Answer`] or [`Stage::Round`].
    fn piece(&mut self, voice: Voice, text: &str);
    /// Something beside the answers.
    fn notice(&mut self, voice: Voice, notice: &Notice);
    /// A voice begins (`true`) or has ended what it does.
    fn turn(&mut self, voice: Voice, stage: Stage, begins: bool);
    /// What a member says is whole: its answer, or its criticism and its new answer.
    fn whole(&mut self, _voice: Voice, _text: &str) {}
    /// What a voice began to say broke off; its turn ends after that.
    fn broke(&mut self, _voice: Voice, _stage: Stage) {}
    /// A voice makes a call that is recorded under this id.
    fn call(&mut self, _voice: Voice, _id: &str) {}
}

/// What to discuss and how.
pub struct Question<'a> {
    /// The question, with its material, as one text.
    pub text: &'a str,
    /// How the voices work together.
    pub shape: Shape,
    /// Reasoning asked of everybody.
    pub effort: Demand,
    /// Waits for cooling routes, each voice.
    pub patience: Duration,
    /// Time of each voice.
    pub deadline: Option<Duration>,
    /// Who asks, for the ledger; `None` = the command.
    pub caller: Option<&'a str>,
    /// The id of the row that holds all calls, where whoever asks has told it already; `None` = one is drawn.
    pub id: Option<&'a str>,
    /// What the caller may spend, all voices together.
    pub ceilings: &'a [Ceiling],
    /// What was said in an earlier discussion and stands.
    pub given: Given,
    /// Days that the answers are kept, so that one seat can be given to another; 0 = not at all.
    pub keep: u64,
}

/// What stands from an earlier discussion.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// First answers by member; `None` = is asked. Empty = everybody is asked.
    pub members: Vec<Option<KeptSeat>>,
    /// The last word of everybody, and the ranking, stand too: only the reconciliation is made anew.
    pub settled: bool,
    /// The ranking of then.
    pub ranking: Option<Ranking>,
}

/// What became of a member.
#[derive(Debug)]
pub struct Member {
    /// `upstream/model` that answered, or that was to.
    pub model: String,
    /// Its maker.
    pub maker: String,
    /// Its answer that stands, or why there is none.
    pub said: Result<String, CallError>,
    /// Its answer before the others' were read, where that is another.
    pub first: Option<String>,
    /// What it said of the others, round by round.
    pub critiques: Vec<String>,
    /// Rounds that it did not come through, and why; its answer before stands.
    pub missed: Vec<(u8, String)>,
    /// The calls that it answered, oldest first.
    pub replies: Vec<Reply>,
    /// Its answer is from an earlier discussion.
    pub kept: bool,
}

/// What came out.
pub struct Verdict {
    /// The history id that holds all calls.
    pub id: String,
    /// What A, B and so on answered, or why not.
    pub members: Vec<Member>,
    /// How the members ranked the answers.
    pub ranking: Option<Ranking>,
    /// The calls of judges that were answered.
    pub judged: Vec<Reply>,
    /// What was made of it.
    pub outcome: Outcome,
}

/// What was made of the answers.
pub enum Outcome {
    /// Reconciled, every quote checked.
    Reconciled {
        /// The sections.
        synthesis: Box<Synthesis>,
        /// The call that made it.
        reply: Box<Reply>,
        /// Other calls for it: those whose quotes did not hold, and the second reading.
        others: Vec<Reply>,
    },
    /// All said the same; nobody had to reconcile.
    Equal,
    /// Only one member answered.
    SingleSource(Voice),
    /// Nobody answered.
    Nothing,
    /// Several answers, and no reconciliation that can be trusted.
    Unreconciled {
        /// Why, one sentence.
        why: String,
        /// The calls that were answered, oldest first.
        replies: Vec<Reply>,
    },
}

impl Verdict {
    /// Every call that answered, for the cost line.
    pub fn replies(&self) -> impl Iterator<Item = &Reply> {
        let synthesis: Vec<&Reply> = match &self.outcome {
            Outcome::Reconciled { reply, others, .. } => others.iter().chain([reply.as_ref()]).collect(),
            Outcome::Unreconciled { replies, .. } => replies.iter().collect(),
            _ => Vec::new(),
        };
        self.members.iter().flat_map(|m| &m.replies).chain(&self.judged).chain(synthesis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_says_its_most_calls() {
        let shape = |mode, rounds, debias| Shape { mode, rounds, debias };
        assert_eq!(Shape::TWO.calls(2), 4);
        assert_eq!(shape(Mode::Two, 0, true).calls(2), 6);
        assert_eq!(shape(Mode::Debate, 1, false).calls(2), 6);
        assert_eq!(shape(Mode::Debate, 2, false).calls(2), 8);
        assert_eq!(shape(Mode::Council, 0, false).calls(3), 8);
        assert_eq!(shape(Mode::Council, 1, true).calls(5), 19);
    }

    #[test]
    fn modes_go_both_ways() {
        for mode in [Mode::Two, Mode::Debate, Mode::Council] {
            assert_eq!(Mode::parse(mode.name()), Some(mode));
            assert!(mode.seats().0 <= mode.most() && mode.seats().1 <= mode.seats().0);
        }
        assert_eq!(Mode::parse("three"), None);
    }
}
