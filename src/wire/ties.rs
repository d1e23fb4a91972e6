//! Which call each result of a conversation answers. It is found in this one place, where a conversation is read and where
//! it is written, because ids are missing, made up or used again in many of them (docs/TRANSLATION.md).

use std::collections::HashMap;
use std::hash::Hash;

use crate::model::{Block, Message, Role};

/// A message, and a place in it.
pub(super) type At = (usize, usize);

/// A call of a tool.
pub(super) struct Call<'r> {
    pub id: &'r str,
    pub name: &'r str,
    pub at: At,
    /// Its turn of the model's, counted from 1.
    turn: usize,
    /// Some result is its own.
    pub answered: bool,
}

/// A result of a tool.
pub(super) struct Told<'r> {
    pub id: &'r str,
    name: &'r str,
    pub at: At,
    /// The number of the call that it answers; `None` = nobody asked for it.
    pub call: Option<usize>,
}

/// What comes next in a conversation: the number of a call or of a result.
enum Step {
    Call(usize),
    Told(usize),
}

/// Calls of one kind in the last turn that has such.
#[derive(Default)]
struct Group {
    turn: usize,
    calls: Vec<usize>,
    /// How many of them are known to have a result.
    passed: usize,
}

impl Group {
    fn put(&mut self, turn: usize, call: usize) {
        if self.turn != turn {
            *self = Self { turn, ..Self::default() };
        }
        self.calls.push(call);
    }

    /// The first that has no result yet.
    fn free(&mut self, all: &[Call<'_>]) -> Option<usize> {
        while let Some(call) = self.calls.get(self.passed) {
            if all.get(*call).is_some_and(|call| !call.answered) {
                return Some(*call);
            }
            self.passed += 1;
        }
        None
    }
}

/// All calls and results of a conversation, in order, tied together.
#[derive(Default)]
pub(super) struct Ties<'r> {
    pub calls: Vec<Call<'r>>,
    pub results: Vec<Told<'r>>,
}

impl<'r> Ties<'r> {
    /// A result is looked for in the nearest turn before it that has a call of its kind, and answers the first there that
    /// has no result yet. Its kind is its id; where no call has that, its tool's name; where it has neither, any call: an id
    /// that is no call's is another's that was cut off. Those that name their call are tied first, so that no other takes
    /// it from them.
    pub(super) fn of(messages: &'r [Message]) -> Self {
        let (mut ties, mut steps) = (Self::default(), Vec::new());
        let (mut turn, mut model) = (0, false);
        for (message, said) in messages.iter().enumerate() {
            // What the model says in several messages is one turn.
            turn += usize::from(said.role == Role::Assistant && !model);
            model = said.role == Role::Assistant;
            for (place, block) in said.blocks.iter().enumerate() {
                let at = (message, place);
                match block {
                    Block::ToolCall { id, name, .. } => {
                        steps.push(Step::Call(ties.calls.len()));
                        ties.calls.push(Call { id, name, at, turn, answered: false });
                    }
                    Block::ToolResult { id, name, .. } => {
                        steps.push(Step::Told(ties.results.len()));
                        ties.results.push(Told { id, name, at, call: None });
                    }
                    _ => {}
                }
            }
        }
        // A second result of a call is one all the same where it says so by the id.
        ties.tie(&steps, |id, name| (id, name), |id, name| !id.is_empty() && !name.is_empty(), true);
        ties.tie(&steps, |id, _| id, |id, _| !id.is_empty(), true);
        ties.tie(&steps, |_, name| name, |_, name| !name.is_empty(), false);
        ties.tie(&steps, |_, _| (), |id, name| id.is_empty() && name.is_empty(), false);
        ties.again();
        ties
    }

    /// What has the id of a result before it, if no call's, is another result of that one's call.
    fn again(&mut self) {
        let mut known: HashMap<&str, usize> = HashMap::new();
        for told in self.results.iter_mut().filter(|told| !told.id.is_empty()) {
            told.call = told.call.or_else(|| known.get(told.id).copied());
            known.extend(told.call.map(|call| (told.id, call)));
        }
    }

    /// Ties results that are still loose and say enough for it, each within the calls of its kind.
    fn tie<K: Eq + Hash>(
        &mut self,
        steps: &[Step],
        kind: impl Fn(&'r str, &'r str) -> K,
        says: impl Fn(&str, &str) -> bool,
        again: bool,
    ) {
        let loose = |told: &Told<'_>| told.call.is_none() && says(told.id, told.name);
        if !self.results.iter().any(loose) {
            return;
        }
        let mut groups: HashMap<K, Group> = HashMap::new();
        for step in steps {
            match step {
                Step::Call(number) => {
                    if let Some(call) = self.calls.get(*number) {
                        groups.entry(kind(call.id, call.name)).or_default().put(call.turn, *number);
                    }
                }
                Step::Told(number) => {
                    let Some(told) = self.results.get_mut(*number).filter(|told| loose(told)) else { continue };
                    let Some(group) = groups.get_mut(&kind(told.id, told.name)) else { continue };
                    let last = group.calls.last().copied().filter(|_| again);
                    told.call = group.free(&self.calls).or(last);
                    if let Some(call) = told.call.and_then(|call| self.calls.get_mut(call)) {
                        call.answered = true;
                    }
                }
            }
        }
    }
}

/// The id of a call that came without one, by its number.
pub(super) fn made(number: usize) -> String {
    format!("call_{:024x}", number + 1)
}

/// Every call has an id, and results have the id and the name of the call that they answer.
pub(super) fn tied(messages: &mut [Message]) {
    let ties = Ties::of(messages);
    let id = |number: usize, id: &str| if id.is_empty() { made(number) } else { id.to_owned() };
    let mut known: Vec<(At, String, String)> = Vec::new();
    for (number, call) in ties.calls.iter().enumerate().filter(|(_, call)| call.id.is_empty()) {
        known.push((call.at, made(number), String::new()));
    }
    for told in &ties.results {
        if let Some((number, call)) = told.call.and_then(|number| Some((number, ties.calls.get(number)?)))
            && (told.id.is_empty() || told.id != call.id || told.name != call.name)
        {
            known.push((told.at, id(number, call.id), call.name.to_owned()));
        }
    }
    for ((message, place), own, tool) in known {
        match messages.get_mut(message).and_then(|message| message.blocks.get_mut(place)) {
            Some(Block::ToolCall { id, .. }) => *id = own,
            Some(Block::ToolResult { id, name, .. }) => {
                *id = own;
                if !tool.is_empty() {
                    *name = tool;
                }
            }
            _ => {}
        }
    }
}
