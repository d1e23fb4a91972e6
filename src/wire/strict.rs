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

/// Calls of one id or name in the last turn that has such.
#[derive(Default)]
struct Group {
    /// Where the calls of the turn begin.
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
    fn free(&mut self, all: &[Called<'_>]) -> Option<usize> {
        while let Some(call) = self.calls.get(self.passed) {
            if all.get(*call).is_some_and(|call| !call.answered) {
                return Some(*call);
            }
            self.passed += 1;
        }
        None
    }
}

/// Calls of the turn that is being read, and those of each id in the last turn that has it.
#[derive(Default)]
struct Groups<'r> {
    turn: usize,
    ids: HashMap<&'r str, Group>,
    names: HashMap<&'r str, Group>,
    all: Group,
}

impl<'r> Groups<'r> {
    fn put(&mut self, call: usize, id: &'r str, name: &'r str) {
        let of = [self.ids.entry(id).or_default(), self.names.entry(name).or_default(), &mut self.all];
        of.into_iter().for_each(|group| group.put(self.turn, call));
    }

    /// The call that a result answers.
    fn answered(&mut self, all: &[Called<'_>], id: &str, name: &str) -> Option<usize> {
        let known = self.ids.get_mut(id);
        if !id.is_empty() {
            return known.and_then(|group| group.free(all).or_else(|| group.calls.last().copied()));
        }
        let group = if name.is_empty() { Some(&mut self.all) } else { self.names.get_mut(name) };
        group.filter(|group| group.turn == self.turn)?.free(all)
    }
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
    /// the first that has no result yet; a result without an id answers by its name, or in order where it has none.
    fn of(messages: &'r [Message]) -> Self {
        let (mut pairs, mut groups) = (Self::default(), Groups::default());
        let mut before = None;
        for (message, said) in messages.iter().enumerate() {
            if said.role == Role::Assistant && before != Some(Role::Assistant) {
                groups.turn = pairs.calls.len();
            }
            before = Some(said.role);
            for (place, block) in said.blocks.iter().enumerate() {
                match block {
                    Block::ToolCall { id, name, .. } => {
                        groups.put(pairs.calls.len(), id, name);
                        pairs.calls.push(Called { id, name, at: (message, place), answered: false });
                    }
                    Block::ToolResult { id, name, .. } => {
                        if let Some(number) = groups.answered(&pairs.calls, id, name) {
                            pairs.results.push(((message, place), number));
                            pairs.calls.get_mut(number).into_iter().for_each(|call| call.answered = true);
                        }
                    }
                    _ => {}
                }
            }
        }
        pairs
    }

    /// New ids of calls whose own stands for another already, by number. Each is made of what was said before it alone:
    /// what a provider keeps of a conversation stays the same while it grows.
    fn renamed(&self) -> HashMap<usize, String> {
        let mut taken: HashSet<Cow<'_, str>> = HashSet::new();
        let mut next: HashMap<String, usize> = HashMap::new();
        let mut made = HashMap::new();
        for (number, call) in self.calls.iter().enumerate() {
            if taken.insert(Cow::Borrowed(call.id)) {
                continue;
            }
            let head: String = call.id.chars().take(HEAD).collect();
            let next = next.entry(head.clone()).or_insert(2);
            let id = loop {
                let id = format!("{head}_{next}");
                *next += 1;
                if taken.insert(Cow::Owned(id.clone())) {
                    break id;
                }
            };
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

/// Of each message the end of the turn that it belongs to.
fn ends(messages: &[Message]) -> Vec<usize> {
    let mut ends = Vec::with_capacity(messages.len());
    for turn in messages.chunk_by(|a, b| (a.role == Role::Assistant) == (b.role == Role::Assistant)) {
        let end = ends.len() + turn.len();
        ends.resize(end, end);
    }
    ends
}

/// Results of each turn in the order of their calls: some dialects tie them by name and order.
fn order(messages: &mut [Message], ranks: &HashMap<String, usize>) {
    for turn in messages.chunk_by_mut(|a, b| (a.role == Role::Assistant) == (b.role == Role::Assistant)) {
        let rank = |block: &Block| match block {
            Block::ToolResult { id, .. } => ranks.get(id).copied(),
            _ => None,
        };
        let blocks = turn.iter_mut().flat_map(|message| &mut message.blocks);
        let mut results: Vec<(usize, &mut Block)> =
            blocks.filter_map(|block| rank(block).map(|rank| (rank, block))).collect();
        if results.is_sorted_by_key(|(rank, _)| *rank) {
            continue;
        }
        let take =
            |(rank, block): &mut (usize, &mut Block)| (*rank, std::mem::replace(*block, Block::Text(String::new())));
        let mut sorted: Vec<(usize, Block)> = results.iter_mut().map(take).collect();
        sorted.sort_by_key(|(rank, _)| *rank);
        results.into_iter().zip(sorted).for_each(|((_, place), (_, result))| *place = result);
    }
}

/// The request with every id for one call, a result for every call of the model's that was gone on from, results in the
/// order of their calls, and each tool once; whether a result was put in.
pub(super) fn spared(request: &Request) -> (Cow<'_, Request>, bool) {
    let pairs = Pairs::of(&request.messages);
    let ids = pairs.renamed();
    let ends = ends(&request.messages);
    let last = request.messages.iter().rposition(|message| message.role != Role::Assistant).unwrap_or(0);
    // What stands as a call in a turn of the user's is nobody's to complete.
    let model = |at: usize| request.messages.get(at).is_some_and(|message| message.role == Role::Assistant);
    let open = |call: &&Called<'_>| !call.answered && call.at.0 < last && model(call.at.0);
    let unanswered = pairs.calls.iter().any(|call| open(&call));
    let mut names = HashSet::new();
    let once = request.tools.iter().all(|tool| names.insert(tool.name.as_str()));
    // A result that names no call is given the id of its own.
    let said = |(message, place): (usize, usize)| request.messages.get(message)?.blocks.get(place);
    let nameless =
        |(at, _): &((usize, usize), usize)| matches!(said(*at), Some(Block::ToolResult { id, .. }) if id.is_empty());
    let astray = pairs.results.windows(2).any(|pair| match pair {
        [(one, call), (two, after)] => call > after && ends.get(one.0) == ends.get(two.0),
        _ => false,
    });
    if ids.is_empty() && !unanswered && once && !astray && !pairs.results.iter().any(nameless) {
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
        let next = ends.get(call.at.0).copied().unwrap_or(last);
        missing.entry(next).or_default().push(Block::result(id(number), call.name, UNANSWERED, false));
    }
    if unanswered {
        for (place, mut message) in std::mem::take(&mut out.messages).into_iter().enumerate() {
            match missing.remove(&place) {
                Some(results) if message.role == Role::User => {
                    let leads = |block: &&Block| matches!(block, Block::ToolResult { .. } | Block::Mark(_));
                    let at = message.blocks.iter().take_while(leads).count();
                    message.blocks.splice(at..at, results);
                }
                Some(results) => out.messages.push(Message::new(Role::User, results)),
                None => {}
            }
            out.messages.push(message);
        }
    }
    if unanswered || astray {
        order(&mut out.messages, &(0..pairs.calls.len()).map(|number| (id(number), number)).collect());
    }
    if !once {
        let mut known: HashSet<&ToolSpec> = HashSet::new();
        out.tools = request.tools.iter().filter(|tool| known.insert(tool)).cloned().collect();
    }
    (Cow::Owned(out), unanswered)
}
