//! Changes of single members of a body; every other byte stays.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use serde_json::Value;

use crate::secrets::{Member, elements, members};
use crate::wire::{Fields, Step, Strike};

/// A name in Google's other spelling, which means the same (gemini.md).
fn snaked(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]))
}

/// A member is what this name means, in the other spelling too.
pub(super) fn means(snake: bool, member: &Member, name: &str) -> bool {
    member.name == name || (snake && snaked(name).eq(member.name.chars()))
}

/// Changes of single members; every other byte stays.
pub(super) struct Edits<'t> {
    text: &'t str,
    /// `generation_config` is `generationConfig`.
    snake: bool,
    top: Cow<'t, [Member]>,
    /// Values that are replaced.
    values: Vec<(Range<usize>, String)>,
    /// By where an object begins: its members, those that go, and what comes.
    objects: BTreeMap<usize, Change>,
}

#[derive(Default)]
struct Change {
    members: Vec<Member>,
    gone: BTreeSet<usize>,
    new: Vec<(String, Value)>,
}

impl<'t> Edits<'t> {
    /// `None` = it is no object, or says something twice: of what was looked at, another reader may take the other.
    pub(super) fn new(text: &'t str, snake: bool) -> Option<Self> {
        Self::of(text, members(text, 0)?.into(), snake)
    }

    /// As [`Self::new`], of a text whose members these are.
    pub(super) fn of(text: &'t str, top: Cow<'t, [Member]>, snake: bool) -> Option<Self> {
        let mut names: Vec<Cow<'_, str>> = Vec::with_capacity(top.len());
        names.extend(top.iter().map(|member| match snake {
            true => Cow::Owned(snaked(&member.name).collect()),
            false => Cow::Borrowed(member.name.as_str()),
        }));
        names.sort_unstable();
        if names.array_windows().any(|[one, other]| one == other) {
            return None;
        }
        Some(Self { text, snake, top, values: Vec::new(), objects: BTreeMap::new() })
    }

    /// The member that counts: of two of one name the last.
    fn find<'m>(&self, members: &'m [Member], name: &str) -> Option<&'m Member> {
        members.iter().rev().find(|m| means(self.snake, m, name))
    }

    pub(super) fn value(&self, path: &[&str]) -> Option<Value> {
        let (outer, inner) = (path.first()?, path.get(1));
        let member = self.find(&self.top, outer)?;
        let raw = match inner {
            None => member.value.clone(),
            Some(inner) => self.find(&members(self.text, member.value.start)?, inner)?.value.clone(),
        };
        serde_json::from_str(self.text.get(raw)?).ok()
    }

    /// Where the caller limited the output.
    pub(super) fn limit(&self, fields: &Fields) -> Option<&'static [&'static str]> {
        fields.limit.iter().copied().find(|path| self.value(path).is_some_and(|v| !v.is_null()))
    }

    /// Gives a member this value, or takes it away.
    pub(super) fn set(&mut self, path: &[&str], value: Option<&Value>) {
        let (Some(outer), inner) = (path.first(), path.get(1)) else { return };
        let Some(inner) = inner else { return self.put(None, outer, value) };
        let held = self.find(&self.top, outer).map(|m| m.value.clone());
        if let Some(begun) = held.as_ref().and_then(|span| self.values.iter_mut().find(|(known, _)| known == span)) {
            // It was no object, and was given one before.
            if let (Ok(Value::Object(mut object)), Some(value)) = (serde_json::from_str(&begun.1), value) {
                object.insert((*inner).to_owned(), value.clone());
                begun.1 = Value::Object(object).to_string();
            }
            return;
        }
        match (held.and_then(|span| Some((span.start, members(self.text, span.start)?))), value) {
            (Some(within), _) => self.put(Some(within), inner, value),
            (None, Some(value)) => {
                let begun =
                    self.objects.values_mut().flat_map(|change| &mut change.new).find(|(name, _)| name == outer);
                match begun.and_then(|(_, begun)| begun.as_object_mut()) {
                    Some(begun) => drop(begun.insert((*inner).to_owned(), value.clone())),
                    None => self.put(None, outer, Some(&serde_json::json!({ *inner: value }))),
                }
            }
            (None, None) => {}
        }
    }

    fn put(&mut self, within: Option<(usize, Vec<Member>)>, name: &str, value: Option<&Value>) {
        let (start, held) = within.unwrap_or_else(|| (self.text.find('{').unwrap_or(0), self.top.to_vec()));
        let mine: Vec<usize> =
            held.iter().enumerate().filter(|(_, m)| means(self.snake, m, name)).map(|(at, _)| at).collect();
        match value {
            Some(value) if !mine.is_empty() => {
                let spans = mine.iter().filter_map(|at| held.get(*at)).map(|m| (m.value.clone(), value.to_string()));
                self.values.extend(spans);
            }
            _ => {
                let change = self.objects.entry(start).or_insert_with(|| Change { members: held, ..Change::default() });
                change.gone.extend(mine);
                change.new.extend(value.map(|value| (name.to_owned(), value.clone())));
            }
        }
    }

    pub(super) fn done(self) -> String {
        let mut edits = self.values;
        for (start, change) in self.objects {
            let Change { members, gone, new } = change;
            let kept = (0..members.len()).filter(|at| !gone.contains(at)).count();
            edits.extend(left_out(&members, &gone));
            let new: Vec<String> =
                new.iter().map(|(name, value)| format!("{}:{value}", Value::from(&**name))).collect();
            if !new.is_empty() {
                let comma = if kept > 0 { "," } else { "" };
                edits.push((start + 1..start + 1, new.join(",") + comma));
            }
        }
        edited(self.text, edits)
    }
}

/// Those that go take a comma with them: the one before, or the one behind where none stays before.
fn left_out(members: &[Member], gone: &BTreeSet<usize>) -> Vec<(Range<usize>, String)> {
    let (mut edits, mut at) = (Vec::new(), 0);
    while at < members.len() {
        let run = (at..members.len()).take_while(|n| gone.contains(n)).count();
        let (first, last) = (members.get(at), members.get((at + run).saturating_sub(1)));
        if let (Some(first), Some(last), true) = (first, last, run > 0) {
            let before = at.checked_sub(1).and_then(|n| members.get(n)).map(|m| m.whole.end);
            let behind = members.get(at + run).map(|m| m.whole.start);
            let span = match (before, behind) {
                (Some(before), _) => before..last.whole.end,
                (None, Some(behind)) => first.whole.start..behind,
                (None, None) => first.whole.start..last.whole.end,
            };
            edits.push((span, String::new()));
        }
        at += run.max(1);
    }
    edits
}

/// What lies in the object or the list that begins there; elements have no name.
fn inside(text: &str, at: usize) -> Vec<Member> {
    let element = |span: Range<usize>| Member { name: String::new(), whole: span.clone(), value: span };
    let list = || Some(elements(text, at)?.into_iter().map(element).collect());
    members(text, at).or_else(list).unwrap_or_default()
}

/// A body without what is struck.
pub(super) fn struck(text: &str, strikes: &[Strike], snake: bool) -> String {
    let mut held: HashMap<usize, Vec<Member>> = HashMap::new();
    let (mut gone, mut edits): (BTreeMap<usize, BTreeSet<usize>>, Vec<_>) = (BTreeMap::new(), Vec::new());
    for Strike { path, put, .. } in strikes {
        let mut place = Some((0, None::<usize>));
        // The object in which the last name is none yet.
        let mut without = None;
        for (n, step) in path.iter().enumerate() {
            place = place.and_then(|(start, at)| {
                let start = match at {
                    Some(at) => held.get(&start)?.get(at)?.value.start,
                    None => start,
                };
                let list = held.entry(start).or_insert_with(|| inside(text, start));
                let at = match step {
                    Step::At(at) => (*at < list.len()).then_some(*at),
                    Step::Name(name) => list.iter().rposition(|member| means(snake, member, name)),
                };
                if at.is_none() && n + 1 == path.len() && !list.is_empty() {
                    without = Some(start);
                }
                Some((start, Some(at?)))
            });
        }
        if let (Some(start), Some(Step::Name(name)), Some(value)) = (without, path.last(), put) {
            edits.push((start + 1..start + 1, format!("{}:{value},", Value::from(*name))));
        }
        let Some((start, Some(at))) = place else { continue };
        match (put, held.get(&start).and_then(|list| list.get(at))) {
            (Some(value), Some(member)) => edits.push((member.value.clone(), value.to_string())),
            _ => drop(gone.entry(start).or_default().insert(at)),
        }
    }
    let lists = gone.iter().filter_map(|(start, gone)| Some(left_out(held.get(start)?, gone)));
    edits.extend(lists.flatten());
    edited(text, edits)
}

fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    if edits.is_empty() {
        return text.to_owned();
    }
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let (mut out, mut at) = (String::with_capacity(text.len() + 256), 0);
    for (span, new) in &edits {
        if span.start >= at {
            out.push_str(text.get(at..span.start).unwrap_or_default());
            out.push_str(new);
            at = span.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
