//! What was sealed finds its way back, and to nobody else. A caller brings a seal back without a word about who made it, and
//! in other dialects some bring back nothing but the id of a call (translation.md, "Reasoning"): where each came from is
//! remembered, in this process and by caller. Keys are hashes; of what was said only sealed thoughts are kept, those before a
//! call alone, and of callers who bring them back themselves none.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::clean::Clean;
use super::listener::Notice;
use super::sticky::conversation;
use crate::model::{Block, Dialect, Failure, Kind, Message, Request, Role, Seal, Tag};
use crate::wire::{Adapted, Foreign, alien};

/// More seals and calls than these are not remembered; those that were used last stay.
const MOST: usize = 16_384;
/// Nor are more bytes than these.
const BYTES: usize = 32 << 20;
/// What the lists around an entry take (bytes).
const AROUND: usize = 256;

/// Whose what is remembered is: nobody else's requests get it.
#[derive(Debug, Clone)]
pub(super) struct Whose {
    pub caller: String,
    /// Some servers number the calls of each conversation anew.
    pub conversation: Option<String>,
}

impl Whose {
    fn seal(&self, seal: &str) -> String {
        // Before it may stand the id of an item, which not every caller brings back.
        let sealed = seal.rsplit_once('\n').map_or(seal, |(_, sealed)| sealed);
        conversation(&["seal", &self.caller, sealed])
    }

    fn call(&self, id: &str, name: &str) -> String {
        conversation(&["call", &self.caller, self.conversation.as_deref().unwrap_or_default(), id, name])
    }

    /// That this one took it not back.
    fn refused(&self, seal: &str, Tag { upstream, model, account }: &Tag) -> String {
        conversation(&["refused", &self.seal(seal), upstream, model, account])
    }

    fn made(&self, id: &str, name: &str) -> String {
        conversation(&["made", &self.caller, self.conversation.as_deref().unwrap_or_default(), id, name])
    }
}

/// What is known of a seal or a call.
#[derive(Debug)]
struct Known {
    tag: Tag,
    /// Before a call: what was thought, and its seal.
    thoughts: Vec<(String, String)>,
    /// Over a call.
    seal: Option<String>,
}

impl Known {
    fn of(tag: &Tag) -> Self {
        Self { tag: tag.clone(), thoughts: Vec::new(), seal: None }
    }

    fn weight(&self) -> usize {
        let Tag { upstream, model, account } = &self.tag;
        let thoughts: usize = self.thoughts.iter().map(|(text, seal)| text.len() + seal.len() + AROUND).sum();
        AROUND + upstream.len() + model.len() + account.len() + thoughts + self.seal.as_ref().map_or(0, String::len)
    }
}

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<String, (u64, Arc<Known>)>,
    /// The keys in the order in which they were used.
    order: BTreeMap<u64, String>,
    uses: u64,
    bytes: usize,
}

impl Memory {
    fn forget(&mut self, key: &str) {
        if let Some((used, known)) = self.known.remove(key) {
            self.order.remove(&used);
            self.bytes = self.bytes.saturating_sub(known.weight());
        }
    }

    fn put(&mut self, key: String, known: Known) {
        self.forget(&key);
        self.uses += 1;
        self.bytes = self.bytes.saturating_add(known.weight());
        self.order.insert(self.uses, key.clone());
        self.known.insert(key, (self.uses, Arc::new(known)));
        while self.known.len() > MOST || self.bytes > BYTES {
            let Some(oldest) = self.order.first_key_value().map(|(_, key)| key.clone()) else { return };
            self.forget(&oldest);
        }
    }

    fn get(&mut self, key: &str) -> Option<Arc<Known>> {
        let (used, known) = self.known.get_mut(key)?;
        let key = self.order.remove(used)?;
        self.uses += 1;
        *used = self.uses;
        self.order.insert(self.uses, key);
        Some(Arc::clone(known))
    }
}

/// Where seals came from that callers were given, and calls that those of other dialects were.
#[derive(Debug, Default)]
pub struct Seals(Mutex<Memory>);

impl Seals {
    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers what a caller was given: this turn came from `tag`. In his `own` dialect he brings back all of it himself,
    /// and only where its seals came from has to be known.
    pub(super) fn keep(&self, whose: &Whose, tag: &Tag, turn: &Message, own: bool) {
        let mut found: Vec<(String, Known)> = Vec::new();
        // What was thought since the last call, and whether anything was.
        let (mut thoughts, mut thought) = (Vec::new(), false);
        let last = turn.blocks.iter().rposition(|block| matches!(block, Block::ToolCall { .. }));
        for (at, block) in turn.blocks.iter().enumerate() {
            match block {
                block if own => found.extend(block.seal().map(|seal| (whose.seal(seal), Known::of(tag)))),
                Block::Thought { text, seal, .. } => {
                    thought = true;
                    if let Some(seal) = seal {
                        found.push((whose.seal(seal), Known::of(tag)));
                        thoughts.push((text.clone(), seal.clone()));
                    }
                }
                Block::ToolCall { id, name, seal, .. } => {
                    let seal = seal.as_ref().map(|seal| seal.text.clone());
                    found.extend(seal.as_deref().map(|seal| (whose.seal(seal), Known::of(tag))));
                    let mut thoughts = std::mem::take(&mut thoughts);
                    if Some(at) == last {
                        thoughts.extend(turn.blocks.iter().skip(at).filter_map(details));
                    }
                    let worth = std::mem::take(&mut thought) || seal.is_some() || !thoughts.is_empty();
                    if worth && !id.is_empty() {
                        found.push((whose.call(id, name), Known { tag: tag.clone(), thoughts, seal }));
                    }
                }
                _ => {}
            }
        }
        self.with(|memory| found.into_iter().for_each(|(key, known)| memory.put(key, known)));
    }

    /// Remembers who called tools without a thought that its caller brings back: what thinks within a budget does not go on
    /// from that. `own` = what was thought came in the caller's own dialect; `tag`: `None` = it was kept from thinking.
    pub(super) fn called(&self, whose: &Whose, tag: Option<&Tag>, turn: &Message, own: bool) {
        if own && turn.blocks.iter().any(|block| matches!(block, Block::Thought { .. })) {
            return;
        }
        let made = turn.blocks.iter().filter_map(|block| match block {
            Block::ToolCall { id, name, .. } if !id.is_empty() => Some(whose.made(id, name)),
            _ => None,
        });
        let nobody = Tag { upstream: String::new(), model: String::new(), account: String::new() };
        let known = || Known::of(tag.unwrap_or(&nobody));
        self.with(|memory| made.for_each(|key| memory.put(key, known())));
    }

    /// What a caller asks, with a word about where his seals came from, and with what came from `tag` back in its place;
    /// `None` = nothing of it is known.
    pub(super) fn back(&self, whose: &Whose, tag: &Tag, clean: &Clean) -> Option<Clean> {
        if clean.embeds() || self.with(|memory| memory.known.is_empty()) {
            return None;
        }
        let mut at = 0;
        let mut turns = Vec::new();
        for run in clean.request().messages.chunk_by(|a, b| a.role == b.role) {
            for turn in run {
                if turn.role == Role::Assistant {
                    turns.extend(self.turn(whose, tag, turn, run).map(|blocks| (at, blocks)));
                }
                at += 1;
            }
        }
        (!turns.is_empty()).then(|| clean.with_turns(turns))
    }

    /// What a caller brings back in his own dialect, without what is known to be sealed by anybody else than `adapted` is
    /// for, or is seen to be; `None` = it goes as it came. What nobody remembers stays: his dialect is that of whoever is
    /// asked. `budget` = it would be asked to think within one, and need not be.
    pub(super) fn less(
        &self,
        whose: &Whose,
        tag: &Tag,
        clean: &Clean,
        adapted: &Adapted,
        budget: bool,
    ) -> Option<Clean> {
        let dialect = clean.origin()?.dialect;
        // By its form, where nobody remembers it.
        let formed = |seal: &str| adapted.sealed && alien(dialect, seal);
        let other = |seal: &&str| match self.get(&whose.seal(seal)) {
            _ if self.get(&whose.refused(seal, tag)).is_some() => true,
            Some(known) => known.tag != *tag,
            None => formed(seal),
        };
        let foreign: HashSet<String> = held(clean.request()).filter(other).map(str::to_owned).collect();
        let strange = dialect == Dialect::AnthropicMessages && self.strange(whose, tag, clean.request());
        struck(clean, &foreign, adapted, budget, strange)
    }

    /// What is asked once more where what a caller brings back in his own dialect was refused, with what was struck for it;
    /// `None` = there is nothing else to ask. What is known to be sealed by whoever is asked goes last.
    pub(super) fn again(
        &self,
        whose: Option<&Whose>,
        tag: &Tag,
        failure: &Failure,
        (clean, adapted, budget): (&Clean, &Adapted, bool),
    ) -> Option<(Clean, HashSet<String>)> {
        if !refused(failure) {
            return None;
        }
        if missing(failure) {
            return struck(clean, &HashSet::new(), adapted, budget, true).map(|less| (less, HashSet::new()));
        }
        let own =
            |seal: &&str| whose.and_then(|whose| self.get(&whose.seal(seal))).is_some_and(|known| known.tag == *tag);
        let all = || held(clean.request());
        let (some, all): (HashSet<String>, HashSet<String>) =
            (all().filter(|seal| !own(seal)).map(str::to_owned).collect(), all().map(str::to_owned).collect());
        let less = |seals: HashSet<String>| Some((struck(clean, &seals, adapted, budget, false)?, seals));
        less(some).or_else(|| less(all))
    }

    /// Remembers what was not taken back by `tag`, which answered without it.
    pub(super) fn refuse(&self, whose: &Whose, tag: &Tag, seals: &HashSet<String>) {
        self.with(|memory| seals.iter().for_each(|seal| memory.put(whose.refused(seal, tag), Known::of(tag))));
    }

    /// Another model than this one called the tools that the request goes on from, as far as that is known.
    fn strange(&self, whose: &Whose, tag: &Tag, request: &Request) -> bool {
        let Some((turn, _)) = last(request) else { return false };
        turn.iter().flat_map(|message| &message.blocks).any(|block| match block {
            Block::ToolCall { id, name, .. } => {
                self.get(&whose.made(id, name)).is_some_and(|known| known.tag.model != tag.model)
            }
            _ => false,
        })
    }

    fn get(&self, key: &str) -> Option<Arc<Known>> {
        self.with(|memory| memory.get(key))
    }

    /// One turn of the model's among those next to it; `None` = it stays.
    fn turn(&self, whose: &Whose, tag: &Tag, turn: &Message, run: &[Message]) -> Option<Vec<Block>> {
        let from = |seal: &str| self.get(&whose.seal(seal)).map(|known| known.tag.clone());
        let call = |block: &Block| match block {
            Block::ToolCall { id, name, .. } => {
                self.get(&whose.call(id, name)).filter(|known| known.tag == *tag && !id.is_empty())
            }
            _ => None,
        };
        let calls: Vec<Option<Arc<Known>>> = turn.blocks.iter().map(call).collect();
        // What a neighbour says is not said twice.
        let beside = run.iter().filter(|other| !std::ptr::eq(*other, turn)).flat_map(|other| &other.blocks);
        let beside: HashSet<&str> = beside.filter_map(sealed).collect();
        let thoughts = calls.iter().flatten().flat_map(|known| &known.thoughts).map(|(_, seal)| seal.as_str());
        let thoughts: HashSet<&str> = thoughts.filter(|seal| !beside.contains(seal)).collect();
        let ours = calls.iter().any(Option::is_some);
        let (mut out, mut begin): (Vec<Block>, usize) = (Vec::new(), 0);
        for (block, known) in turn.blocks.iter().zip(&calls) {
            // Where it stood it is put back, as it was.
            if sealed(block).is_some_and(|seal| thoughts.contains(seal)) {
                continue;
            }
            let mut block = block.clone();
            match &mut block {
                // It is shown in those that are put back.
                Block::Thought { seal: None, tag: None, .. } if !thoughts.is_empty() => continue,
                Block::Thought { seal: None, tag: unsaid @ None, .. } if ours => *unsaid = Some(tag.clone()),
                Block::Thought { seal: Some(seal), tag: unsaid @ None, .. } => *unsaid = from(seal),
                Block::ToolCall { seal, .. } => {
                    if let Some(Seal { text, tag: unsaid @ None }) = seal {
                        *unsaid = from(text);
                    }
                    if let Some(known) = known {
                        let back = known.thoughts.iter().filter(|(_, seal)| thoughts.contains(seal.as_str()));
                        let back = back.map(|(text, seal)| Block::Thought {
                            text: text.clone(),
                            seal: Some(seal.clone()),
                            tag: Some(tag.clone()),
                        });
                        out.splice(begin..begin, back);
                        let own = known.seal.clone().map(|text| Seal { text, tag: Some(tag.clone()) });
                        *seal = own.or_else(|| seal.take());
                    }
                }
                _ => {}
            }
            // What is said about a call belongs to it.
            let about = matches!(block, Block::Mark(_) | Block::Cited(_)) && begin == out.len();
            let ends = matches!(block, Block::ToolCall { .. }) || (about && begin > 0);
            out.push(block);
            if ends {
                begin = out.len();
            }
        }
        (out != turn.blocks).then_some(out)
    }
}

/// A router's own are a list, of all that was thought in a turn: they are known when it ends, behind its calls.
fn details(block: &Block) -> Option<(String, String)> {
    match block {
        Block::Thought { text, seal: Some(seal), .. } if seal.starts_with('[') => Some((text.clone(), seal.clone())),
        _ => None,
    }
}

fn sealed(block: &Block) -> Option<&str> {
    match block {
        Block::Thought { seal, .. } => seal.as_deref(),
        _ => None,
    }
}

/// A tool has answered, or the conversation went on as if it had, and what the model thought before it called is not there:
/// Claude models with a `budget` refuse to think on without it (anthropic-messages.md, "Thinking").
pub(super) fn bare(request: &Request, dialect: Dialect, adapted: &Adapted, budget: bool) -> bool {
    if dialect != Dialect::AnthropicMessages || !budget {
        return false;
    }
    let model = |message: &Message| message.role == Role::Assistant;
    let Some((turn, answers)) = last(request) else { return false };
    let results = answers.iter().flat_map(|message| &message.blocks).any(|b| matches!(b, Block::ToolResult { .. }));
    // A call that was gone on from without a result is sent with one that says so.
    let calls = turn.iter().filter(|message| model(message)).flat_map(|message| &message.blocks);
    let answered = results || calls.into_iter().any(|block| matches!(block, Block::ToolCall { .. }));
    // What is sent first of it.
    let first = turn.iter().flat_map(|message| &message.blocks).find(|block| match block {
        Block::Text(text) | Block::Refusal(text) => !text.is_empty(),
        Block::Thought { seal, tag, .. } => seal.is_some() && *tag == adapted.tag,
        Block::Mark(_) | Block::Cited(_) => false,
        _ => true,
    });
    answered && !matches!(first, Some(Block::Thought { .. }))
}

/// A caller is told so, and how it goes on.
pub(super) fn lacking(name: &str, how: &str) -> Notice {
    Notice::Note(format!("what {name} thought before its last call is not known here, so it goes on {how}"))
}

/// The last turn of the model's, and what came behind it.
fn last(request: &Request) -> Option<(&[Message], &[Message])> {
    let model = |message: &Message| message.role == Role::Assistant;
    let mut runs = request.messages.chunk_by(|a, b| model(a) == model(b)).rev();
    let answers = runs.next()?;
    Some((runs.next()?, answers))
}

/// What the model's turns are sealed with.
fn held(request: &Request) -> impl Iterator<Item = &str> {
    let turns = request.messages.iter().filter(|message| message.role == Role::Assistant);
    turns.flat_map(|turn| &turn.blocks).filter_map(Block::seal)
}

/// The same in a caller's own dialect without what is sealed so, and without what should be sealed and is not; `None` = it
/// goes as it came. `strange` = another model made the turn that is gone on from.
fn struck(clean: &Clean, seals: &HashSet<String>, adapted: &Adapted, budget: bool, strange: bool) -> Option<Clean> {
    let origin = clean.origin()?;
    // Gemini's are shown with no seal of their own.
    let naked = adapted.sealed && origin.dialect != Dialect::Gemini;
    // Some models are to be told what was thought, whoever thought it.
    let shown = adapted.quirks.return_reasoning;
    let gone = |seal: Option<&str>| seal.map_or(naked, |seal| seals.contains(seal));
    let theirs = |block: &Block| match block {
        Block::Thought { seal, .. } => gone(seal.as_deref()),
        block => block.seal().is_some_and(|seal| seals.contains(seal)),
    };
    let turns = || clean.request().messages.iter().filter(|message| message.role == Role::Assistant);
    let unsigned = |block: &Block| adapted.signed && matches!(block, Block::ToolCall { seal: None, .. });
    let less = turns().flat_map(|turn| &turn.blocks).any(theirs);
    let foreign = Foreign { gone: &gone, shown, signed: adapted.signed };
    let looked = less || origin.wrapped() || turns().flat_map(|turn| &turn.blocks).any(unsigned);
    if !(looked || strange) {
        return None;
    }
    let strikes = if looked { origin.strikes(&foreign) } else { Vec::new() };
    let mut request = clean.request().clone();
    for turn in request.messages.iter_mut().filter(|message| less && message.role == Role::Assistant) {
        turn.blocks.retain_mut(|block| {
            let theirs = theirs(block);
            match block {
                Block::Thought { text, seal, .. } if theirs => {
                    *seal = None;
                    shown && !text.is_empty()
                }
                Block::ToolCall { seal, .. } if theirs => {
                    *seal = None;
                    true
                }
                _ => true,
            }
        });
    }
    let mute = (less || strange) && bare(&request, origin.dialect, adapted, budget);
    (less || mute || !strikes.is_empty()).then(|| clean.less(request, origin.without(&strikes, less, mute)))
}

/// Words of such refusals.
const SEALED: [&str; 4] = ["signature", "redacted_thinking", "encrypted", "without its required"];

/// What was sealed is not taken back: some models hold it to all that was said before. Or it is missing before what it led
/// to ("was provided without its required 'reasoning' item").
pub(super) fn refused(failure: &Failure) -> bool {
    let said = failure.message.to_ascii_lowercase();
    failure.kind == Kind::BadRequest && (missing(failure) || SEALED.iter().any(|w| said.contains(w)))
}

/// What was thought before a call is missing ("Expected `thinking` or `redacted_thinking`, but found `tool_use`"). Who called
/// may be forgotten.
fn missing(failure: &Failure) -> bool {
    let said = failure.message.to_ascii_lowercase().replace('`', "");
    said.contains("expected thinking") && said.contains("found")
}

#[cfg(test)]
#[path = "tests/seals.rs"]
mod tests;
