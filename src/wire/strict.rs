//! What strict dialects refuse of a conversation and its tools, and every dialect can be spared: an id that stands for two
//! calls, a call that nobody answered, a result far from its call, two of one call, a tool that is offered twice.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::Quirks;
use super::ids::apart;
use super::loss::Loss;
use super::ties::{At, Call, Ties, Told};
use crate::model::{Block, Dialect, Message, Request, Role, ToolSpec};

/// What stands in the place of a result that a call never had.
pub(super) const UNANSWERED: &str = "There is no result for this call.";

/// What the user says where a result stood that was brought up to its call, so that the model still has the next word.
pub(super) const ARRIVED: &str = "The result of an earlier call has arrived. It stands behind that call.";

/// Two tools of one name that are not the same, those among them that the dialect's own provider runs: whoever calls it
/// cannot say which.
pub(super) fn twins(request: &Request, dialect: Dialect) -> bool {
    let mut known: HashMap<&str, &ToolSpec> = HashMap::new();
    let mut hosted: HashMap<&str, &Value> = HashMap::new();
    let own = request.extras.iter().filter(|extra| extra.dialect == dialect && extra.name == "tools");
    let mut own = own.filter_map(|extra| Some((extra.value.get("name")?.as_str()?, &extra.value)));
    request.tools.iter().any(|tool| *known.entry(&tool.name).or_insert(tool) != tool)
        || own.any(|(name, tool)| known.contains_key(name) || *hosted.entry(name).or_insert(tool) != tool)
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
fn order(messages: &mut [Message], ranks: &HashMap<&str, usize>) {
    for turn in messages.chunk_by_mut(|a, b| (a.role == Role::Assistant) == (b.role == Role::Assistant)) {
        let rank = |block: &Block| match block {
            Block::ToolResult { id, .. } => ranks.get(id.as_str()).copied(),
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

/// Results that no call asked for, whose calls were cut off, for example, as texts where they stand: most refuse them.
fn worded(messages: &[Message], ties: &Ties<'_>) -> Vec<Message> {
    let lone: HashSet<At> = ties.results.iter().filter(|told| told.call.is_none()).map(|told| told.at).collect();
    let mut out = messages.to_vec();
    for (place, message) in out.iter_mut().enumerate() {
        let mut blocks = Vec::with_capacity(message.blocks.len());
        for (at, block) in std::mem::take(&mut message.blocks).into_iter().enumerate() {
            match block {
                Block::ToolResult { name, content, is_error, parts, .. } if lone.contains(&(place, at)) => {
                    let what = if is_error { "failed result" } else { "result" };
                    let of = if name.is_empty() { String::new() } else { format!(" of {name}") };
                    let said = format!("[{what}{of}] {content}");
                    blocks.push(Block::Text(said.trim_end().to_owned()));
                    blocks.extend(parts);
                }
                block => blocks.push(block),
            }
        }
        message.blocks = blocks;
    }
    out
}

/// Of each message where in its turn something is said that is no result: results belong before it.
fn firsts(messages: &[Message]) -> Vec<Option<At>> {
    let mut firsts = Vec::with_capacity(messages.len());
    let leads = |block: &Block| matches!(block, Block::ToolResult { .. } | Block::Mark(_));
    for turn in messages.chunk_by(|a, b| (a.role == Role::Assistant) == (b.role == Role::Assistant)) {
        let start = firsts.len();
        let mut places = turn.iter().enumerate().filter(|(_, message)| message.role == Role::User);
        let said =
            places.find_map(|(place, message)| Some((start + place, message.blocks.iter().position(|b| !leads(b))?)));
        firsts.resize(start + turn.len(), said);
    }
    firsts
}

/// Which results cannot stay where they are.
#[derive(Default)]
struct Moves {
    /// Blocks that are taken from their place, and the number of the call behind which they go.
    taken: HashMap<At, usize>,
    /// Some result came later than in the turn after its call.
    late: bool,
}

impl Moves {
    fn of(messages: &[Message], ties: &Ties<'_>, homes: &Homes) -> Self {
        let mut moves = Self::default();
        let said = firsts(messages);
        let mut firsts: HashMap<usize, At> = HashMap::new();
        for told in &ties.results {
            let Some((number, call)) = told.call.and_then(|number| Some((number, ties.calls.get(number)?))) else {
                continue;
            };
            let Some(home) = homes.of(messages, call) else { continue };
            let at_home = homes.ends.get(home) == homes.ends.get(told.at.0);
            let first = firsts.get(&number).copied();
            let behind = said.get(told.at.0).copied().flatten().is_some_and(|said| said < told.at);
            if first.is_some() || !at_home || behind {
                moves.taken.extend(first.map(|at| (at, number)));
                moves.taken.insert(told.at, number);
            }
            moves.late |= first.is_none() && !at_home;
            firsts.entry(number).or_insert(told.at);
        }
        moves
    }

    /// Takes them out, with the marks behind them, by the number of their call; and which messages hold nothing any more.
    fn take(&self, messages: &mut [Message]) -> (BTreeMap<usize, Vec<Block>>, HashSet<usize>) {
        let (mut out, mut bare): (BTreeMap<usize, Vec<Block>>, _) = (BTreeMap::new(), HashSet::new());
        if self.taken.is_empty() {
            return (out, bare);
        }
        for (place, message) in messages.iter_mut().enumerate() {
            let held = message.blocks.len();
            let mut going = None;
            let mut kept = Vec::with_capacity(held);
            for (at, block) in std::mem::take(&mut message.blocks).into_iter().enumerate() {
                going = match block {
                    // It is said of what stands before it.
                    Block::Mark(_) => going,
                    _ => self.taken.get(&(place, at)).copied(),
                };
                match going {
                    Some(number) => out.entry(number).or_default().push(block),
                    None => kept.push(block),
                }
            }
            message.blocks = kept;
            if message.blocks.is_empty() && held > 0 {
                bare.insert(place);
            }
        }
        (out, bare)
    }
}

/// Where results belong.
struct Homes {
    /// Of each message the end of the turn that it belongs to.
    ends: Vec<usize>,
}

impl Homes {
    /// The message with which the turn begins that answers a call. What stands as a call in a turn of the user's is nobody's
    /// to answer.
    fn of(&self, messages: &[Message], call: &Call<'_>) -> Option<usize> {
        let said = messages.get(call.at.0)?;
        self.ends.get(call.at.0).copied().filter(|_| said.role == Role::Assistant)
    }
}

/// Results of one call as one, one after the other; whether they said different things.
fn one(results: Vec<Block>) -> (Vec<Block>, bool) {
    let (mut out, mut marks, mut differ): (Option<Block>, Vec<Block>, bool) = (None, Vec::new(), false);
    let mut before: Option<Block> = None;
    for block in results {
        if matches!(block, Block::Mark(_)) {
            marks = vec![block];
            continue;
        }
        match &mut out {
            None => out = Some(block.clone()),
            // The same again says nothing new.
            Some(_) if before.as_ref().is_some_and(|before| same(before, &block)) => {}
            Some(first) => {
                differ = true;
                join(first, block.clone());
            }
        }
        before = Some(block);
    }
    (out.into_iter().chain(marks).collect(), differ)
}

/// Two results say the same.
fn same(one: &Block, other: &Block) -> bool {
    match (one, other) {
        (
            Block::ToolResult { content, is_error, parts, .. },
            Block::ToolResult { content: said, is_error: failed, parts: files, .. },
        ) => content == said && is_error == failed && parts == files,
        _ => false,
    }
}

fn join(first: &mut Block, next: Block) {
    if let (
        Block::ToolResult { content, is_error, parts, .. },
        Block::ToolResult { content: said, is_error: failed, parts: files, .. },
    ) = (first, next)
    {
        *is_error |= failed;
        if parts.is_empty() && !content.is_empty() && !said.is_empty() {
            content.push_str("\n\n");
            content.push_str(&said);
        } else if parts.is_empty() {
            content.push_str(&said);
        } else if !said.is_empty() {
            parts.push(Block::Text(said));
        }
        parts.extend(files);
    }
}

/// The request with every id for one call, as the dialect takes ids, one result for every call of the model's that was gone
/// on from, in the turn after it and in the order of the calls, and each tool once; and what of that is worth telling.
pub(super) fn spared<'r>(request: &'r Request, dialect: Dialect, quirks: &Quirks) -> (Cow<'r, Request>, Vec<Loss>) {
    let messages = &request.messages;
    let ties = Ties::of(messages);
    if ties.results.iter().any(|told| told.call.is_none()) {
        let told = Request { messages: worded(messages, &ties), ..request.clone() };
        let (spared, mut losses) = spared(&told, dialect, quirks);
        losses.push(Loss::Orphan);
        return (Cow::Owned(spared.into_owned()), losses);
    }
    let ids = apart(&ties.calls, dialect, quirks);
    let homes = Homes { ends: ends(messages) };
    let moves = Moves::of(messages, &ties, &homes);
    let last = messages.iter().rposition(|message| message.role != Role::Assistant).unwrap_or(0);
    let open = |call: &Call<'_>| !call.answered && call.at.0 < last && homes.of(messages, call).is_some();
    let unanswered = ties.calls.iter().any(open);
    let mut names = HashSet::new();
    let once = request.tools.iter().all(|tool| names.insert(tool.name.as_str()));
    let own = |told: &Told<'_>| {
        let call = told.call.and_then(|call| ids.get(call));
        call.map_or_else(String::new, ToString::to_string)
    };
    let called = ties.calls.iter().zip(&ids).all(|(call, id)| call.id == *id);
    let tied = ties.results.iter().all(|told| told.id == own(told));
    let mut paired = ties.results.iter().filter_map(|told| Some((told.call?, homes.ends.get(told.at.0))));
    let mut before = paired.next();
    let astray = paired.any(|(call, end)| {
        let (prior, turn) = before.replace((call, end)).unzip();
        turn == Some(end) && prior > Some(call)
    });
    if called && tied && !unanswered && once && !astray && moves.taken.is_empty() {
        return (Cow::Borrowed(request), Vec::new());
    }
    let mut out = request.clone();
    let new = ties.calls.iter().zip(&ids).map(|(call, id)| (call.at, id.to_string()));
    for ((message, place), id) in new.chain(ties.results.iter().map(|told| (told.at, own(told)))) {
        let block = out.messages.get_mut(message).and_then(|message| message.blocks.get_mut(place));
        if let Some(Block::ToolCall { id: said, .. } | Block::ToolResult { id: said, .. }) = block {
            *said = id;
        }
    }
    let mut losses = Vec::new();
    losses.extend(unanswered.then_some(Loss::Unanswered));
    let (mut brought, bare) = moves.take(&mut out.messages);
    let mut missing: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
    for (number, call) in ties.calls.iter().enumerate() {
        let Some(home) = homes.of(messages, call) else { continue };
        if let Some(results) = brought.remove(&number) {
            let (result, differ) = one(results);
            losses.extend(differ.then_some(Loss::Results));
            missing.entry(home).or_default().extend(result);
        } else if open(call) {
            let id = ids.get(number).map_or_else(String::new, ToString::to_string);
            missing.entry(home).or_default().push(Block::result(id, call.name, UNANSWERED, false));
        }
    }
    let moved = !missing.is_empty();
    let arrived = moved && filled(&mut out.messages, missing, &bare);
    losses.extend((moves.late || arrived).then_some(Loss::LateResult));
    if moved || astray {
        order(&mut out.messages, &ids.iter().enumerate().map(|(number, id)| (&**id, number)).collect());
    }
    if !once {
        let mut known: HashSet<&ToolSpec> = HashSet::new();
        out.tools = request.tools.iter().filter(|tool| known.insert(tool)).cloned().collect();
    }
    (Cow::Owned(out), losses)
}

/// Puts results to the head of the turns that they belong to, and leaves out what holds nothing any more; whether the user
/// had to be given a word for it.
fn filled(messages: &mut Vec<Message>, mut missing: BTreeMap<usize, Vec<Block>>, bare: &HashSet<usize>) -> bool {
    let end = messages.len();
    for (place, mut message) in std::mem::take(messages).into_iter().enumerate() {
        match missing.remove(&place) {
            Some(results) if message.role == Role::User => {
                let leads = |block: &&Block| matches!(block, Block::ToolResult { .. } | Block::Mark(_));
                let at = message.blocks.iter().take_while(leads).count();
                message.blocks.splice(at..at, results);
            }
            Some(results) => messages.push(Message::new(Role::User, results)),
            None => {}
        }
        if !(message.blocks.is_empty() && bare.contains(&place)) {
            messages.push(message);
        }
    }
    if let Some(results) = missing.remove(&end) {
        messages.push(Message::new(Role::User, results));
    }
    // Whoever brought it wants an answer, and not that the model goes on from what it said before.
    let arrived = end.checked_sub(1).is_some_and(|last| bare.contains(&last))
        && messages.last().is_some_and(|message| message.role == Role::Assistant);
    if arrived {
        messages.push(Message::user(ARRIVED));
    }
    arrived
}
