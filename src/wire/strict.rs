//! What strict dialects refuse of a conversation and its tools, and every dialect can be spared: an id that stands for two
//! calls, a call that nobody answered, a tool that is offered twice.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{Block, Message, Request, Role, ToolSpec};

/// What stands in the place of a result that a call never had.
pub(super) const UNANSWERED: &str = "There is no result for this call.";

/// Longest part of an id that stays in the one made of it, in characters: ids of 64 are taken everywhere.
const HEAD: usize = 48;

/// A call of a tool.
struct Called<'r> {
    id: &'r str,
    name: &'r str,
    /// Its message and its place in it.
    at: (usize, usize),
    answered: bool,
}

/// Calls, and which of them each result answers.
#[derive(Default)]
struct Pairs<'r> {
    calls: Vec<Called<'r>>,
    /// Message and place of a result, and the number of its call.
    results: Vec<((usize, usize), usize)>,
}

impl<'r> Pairs<'r> {
    /// By id, of the nearest turn before that has it: programs count anew in every turn. Of calls with one id in one turn
    /// the first that has no result yet; a result without an id answers by its name, or in order.
    fn of(messages: &'r [Message]) -> Self {
        let mut pairs = Self::default();
        // Where the calls of the turn begin, and the numbers of the calls of an id in the last turn that has it.
        let (mut turn, mut open) = (0, HashMap::<&str, Vec<usize>>::new());
        let mut before = None;
        for (message, said) in messages.iter().enumerate() {
            if said.role == Role::Assistant && before != Some(Role::Assistant) {
                turn = pairs.calls.len();
            }
            before = Some(said.role);
            for (place, block) in said.blocks.iter().enumerate() {
                match block {
                    Block::ToolCall { id, name, .. } => {
                        let same = open.entry(id).or_default();
                        same.retain(|earlier| *earlier >= turn);
                        same.push(pairs.calls.len());
                        pairs.calls.push(Called { id, name, at: (message, place), answered: false });
                    }
                    Block::ToolResult { id, name, .. } => {
                        let known = open.get(id.as_str()).map_or(&[][..], Vec::as_slice);
                        if let Some(call) = pairs.answered(known, turn, id, name) {
                            pairs.results.push(((message, place), call));
                        }
                    }
                    _ => {}
                }
            }
        }
        pairs
    }

    /// The call that a result answers; `known` are those of its id.
    fn answered(&mut self, known: &[usize], turn: usize, id: &str, name: &str) -> Option<usize> {
        let free = |call: &usize| self.calls.get(*call).is_some_and(|call| !call.answered);
        let named = |call: &usize| self.calls.get(*call).is_some_and(|call| call.name == name);
        let last = || turn..self.calls.len();
        let call = match known {
            [] if id.is_empty() => last().find(|call| free(call) && named(call)).or_else(|| last().find(free)),
            known => known.iter().copied().find(free).or_else(|| known.last().copied()),
        };
        if let Some(call) = call.and_then(|call| self.calls.get_mut(call)) {
            call.answered = true;
        }
        call
    }

    /// New ids of calls whose own stands for another already, by number; they stay the same while a conversation grows.
    fn renamed(&self) -> HashMap<usize, String> {
        let mut seen = HashSet::new();
        let again: Vec<usize> = (0..self.calls.len())
            .filter(|call| self.calls.get(*call).is_some_and(|call| !seen.insert(call.id)))
            .collect();
        let mut made = HashMap::new();
        let mut taken = HashSet::new();
        for number in again {
            let Some(call) = self.calls.get(number) else { continue };
            let head: String = call.id.chars().take(HEAD).collect();
            let free = |id: &String| !seen.contains(id.as_str()) && !taken.contains(id);
            let id = (2_usize..).map(|n| format!("{head}_{n}")).find(free).unwrap_or_default();
            taken.insert(id.clone());
            made.insert(number, id);
        }
        made
    }
}

/// Results learn the names of their tools from the calls that they answer.
pub(super) fn name_results(messages: &mut [Message]) {
    let pairs = Pairs::of(messages);
    let name = |(at, call): &((usize, usize), usize)| Some((*at, pairs.calls.get(*call)?.name.to_owned()));
    let names: Vec<((usize, usize), String)> = pairs.results.iter().filter_map(name).collect();
    for ((message, place), known) in names {
        let block = messages.get_mut(message).and_then(|message| message.blocks.get_mut(place));
        if let Some(Block::ToolResult { name, .. }) = block.filter(|_| !known.is_empty())
            && name.is_empty()
        {
            *name = known;
        }
    }
}

/// Two tools of one name that are not the same: whoever calls it cannot say which.
pub(super) fn twins(tools: &[ToolSpec]) -> bool {
    let mut known: HashMap<&str, &ToolSpec> = HashMap::new();
    tools.iter().any(|tool| *known.entry(&tool.name).or_insert(tool) != tool)
}

/// The request with every id for one call, a result for every call that was gone on from, and each tool once; whether a
/// result was put in.
pub(super) fn spared(request: &Request) -> (Cow<'_, Request>, bool) {
    let pairs = Pairs::of(&request.messages);
    let ids = pairs.renamed();
    let last = request.messages.iter().rposition(|message| message.role != Role::Assistant).unwrap_or(0);
    let open = |call: &&Called<'_>| !call.answered && call.at.0 < last;
    let unanswered = pairs.calls.iter().any(|call| open(&call));
    let mut names = HashSet::new();
    let once = request.tools.iter().all(|tool| names.insert(tool.name.as_str()));
    // A result that names no call is given the id of its own.
    let said = |(message, place): (usize, usize)| request.messages.get(message)?.blocks.get(place);
    let nameless =
        |(at, _): &((usize, usize), usize)| matches!(said(*at), Some(Block::ToolResult { id, .. }) if id.is_empty());
    if ids.is_empty() && !unanswered && once && !pairs.results.iter().any(nameless) {
        return (Cow::Borrowed(request), false);
    }
    let mut out = request.clone();
    let id = |number: usize| {
        let own = pairs.calls.get(number).map(|call| call.id.to_owned());
        ids.get(&number).cloned().or(own).unwrap_or_default()
    };
    let calls = pairs.calls.iter().enumerate().map(|(number, call)| (call.at, number));
    for ((message, place), number) in calls.chain(pairs.results.iter().copied()) {
        let block = out.messages.get_mut(message).and_then(|message| message.blocks.get_mut(place));
        if let Some(Block::ToolCall { id: said, .. } | Block::ToolResult { id: said, .. }) = block {
            *said = id(number);
        }
    }
    let mut missing: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
    for (number, call) in pairs.calls.iter().enumerate().filter(|(_, call)| open(call)) {
        let after = request.messages.iter().skip(call.at.0);
        let next = call.at.0 + after.take_while(|message| message.role == Role::Assistant).count();
        missing.entry(next).or_default().push(Block::result(id(number), call.name, UNANSWERED, false));
    }
    // From behind, so that places before stay what they are.
    for (next, results) in missing.into_iter().rev() {
        match out.messages.get_mut(next).filter(|message| message.role == Role::User) {
            Some(message) => {
                let leads = |block: &&Block| matches!(block, Block::ToolResult { .. } | Block::Mark(_));
                let at = message.blocks.iter().take_while(leads).count();
                message.blocks.splice(at..at, results);
            }
            None => out.messages.insert(next, Message::new(Role::User, results)),
        }
    }
    let mut kept: Vec<ToolSpec> = Vec::new();
    for tool in std::mem::take(&mut out.tools) {
        if !kept.contains(&tool) {
            kept.push(tool);
        }
    }
    out.tools = kept;
    (Cow::Owned(out), unanswered)
}
