//! Who takes part where several models work together: what `ask` and `review` share.

use clap::Args;

use super::context::Context;
use super::error::{CommandError, Exit};
use crate::model::ModelName;
use crate::tasks::dialectic::Wish;

/// Flags about the seats.
#[derive(Debug, Default, Args)]
pub(super) struct Seats {
    /// The members, separated by commas: two, in a debate or council of ask up to five.
    #[arg(long, value_name = "A,B", requires = "dialectic", value_delimiter = ',', num_args = 1)]
    models: Vec<String>,
    /// Who has the last word: reconciles the answers, or decides about the findings.
    #[arg(long, value_name = "MODEL", requires = "dialectic")]
    synth: Option<String>,
    /// Allow models of one maker.
    #[arg(long, requires = "dialectic")]
    same_family: bool,
    /// A single source, when the other members fail, is an error.
    #[arg(long, requires = "dialectic")]
    pub(super) strict: bool,
}

impl Seats {
    /// Members that are named.
    pub(super) fn named(&self) -> usize {
        self.models.len()
    }

    /// What was named.
    pub(super) fn told(&self) -> (Vec<String>, Option<String>, bool) {
        (self.models.clone(), self.synth.clone(), self.same_family)
    }

    /// Names the same again.
    pub(super) fn recall(&mut self, models: Vec<String>, synth: Option<String>, same_family: bool) {
        (self.models, self.synth, self.same_family) = (models, synth, same_family);
    }

    /// Two are named or none.
    ///
    /// # Errors
    /// Exit 2.
    pub(super) fn two(&self) -> Result<(), CommandError> {
        match self.named() {
            0 | 2 => Ok(()),
            n => Err(CommandError::new(Exit::Usage, format!("--models takes two names, not {n}"))
                .hint("for example: --models anthropic/claude-sonnet-4-5,openai/gpt-5")),
        }
    }

    /// Whom the user wants for so many seats: by flags, else by settings; open seats are filled from `pool`.
    pub(super) fn wish(&self, context: &Context, (seats, least): (usize, usize), pool: ModelName) -> Wish {
        let ask = &context.config().ask;
        let mut members: Vec<Option<String>> = self.models.iter().map(|name| Some(name.trim().to_owned())).collect();
        if members.is_empty() {
            let set = [ask.first.clone(), ask.second.clone()].into_iter();
            members = set.chain(std::iter::repeat(None)).take(seats).collect();
        }
        let synthesis = self.synth.clone().or_else(|| ask.synthesis.clone());
        Wish { members, least, synthesis, same_family: self.same_family, pool }
    }
}

/// What must be looked for: every seat by its name, or the pool that open ones are filled from.
pub(super) fn survey(wish: &Wish) -> ModelName {
    let named: Option<Vec<String>> = wish.members.iter().chain([&wish.synthesis]).cloned().collect();
    ModelName(named.map_or_else(|| "reasoning".to_owned(), |names| names.join(",")))
}
