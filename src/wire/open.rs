//! Calls that wait for their results, in dialects whose results may come without the id of their call.

use std::collections::{HashMap, VecDeque};

use crate::model::Role;

/// Numbers of calls by turn: the last turn is asked first, and in it the first call.
#[derive(Default)]
struct Queue(Vec<(usize, VecDeque<usize>)>);

impl Queue {
    fn put(&mut self, turn: usize, call: usize) {
        match self.0.last_mut() {
            Some((last, calls)) if *last == turn => calls.push_back(call),
            _ => self.0.push((turn, VecDeque::from([call]))),
        }
    }

    /// The next one; those that were answered by another queue are passed over.
    fn take(&mut self, open: impl Fn(usize) -> bool) -> Option<usize> {
        while let Some((_, calls)) = self.0.last_mut() {
            match calls.pop_front() {
                Some(call) if open(call) => return Some(call),
                Some(_) => {}
                None => drop(self.0.pop()),
            }
        }
        None
    }
}

/// Calls that no result has answered so far.
#[derive(Default)]
pub(super) struct Open {
    turn: usize,
    /// Whether the model spoke last: what it says in several messages is one turn.
    model: bool,
    /// Ids and names by number; `None` = answered.
    calls: Vec<Option<(String, String)>>,
    all: Queue,
    named: HashMap<String, Queue>,
    known: HashMap<String, Queue>,
}

impl Open {
    /// Who speaks from here on.
    pub(super) fn said(&mut self, role: Role) {
        let model = role == Role::Assistant;
        self.turn += usize::from(model && !self.model);
        self.model = model;
    }

    /// A call, and the id that it has from here on.
    pub(super) fn called(&mut self, id: &str, name: &str) -> String {
        let (turn, call) = (self.turn, self.calls.len());
        let id = if id.is_empty() { format!("call_{:024x}", call + 1) } else { id.to_owned() };
        self.all.put(turn, call);
        self.named.entry(name.to_owned()).or_default().put(turn, call);
        self.known.entry(id.clone()).or_default().put(turn, call);
        self.calls.push(Some((id.clone(), name.to_owned())));
        id
    }

    /// Id and name of the call that a result answers: by its id, else by its name, else in order.
    pub(super) fn answered(&mut self, id: &str, name: &str) -> Option<(String, String)> {
        let open = |call: usize| self.calls.get(call).is_some_and(Option::is_some);
        let call = match (id, name) {
            ("", "") => self.all.take(open),
            ("", name) => self.named.get_mut(name)?.take(open),
            (id, _) => self.known.get_mut(id)?.take(open),
        };
        self.calls.get_mut(call?)?.take()
    }
}
