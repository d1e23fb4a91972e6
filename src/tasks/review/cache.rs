//! What models said before of files that are the same as then: an identical review asks nobody, and one of a change
//! that went on asks for what went on.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{Answer, Claim};
use super::{Job, Ready, anchor};
use crate::client::{Client, Reply, Route, Shelf};
use crate::git::ChangeSet;
use crate::secrets::Redactor;
use crate::store::{CacheRow, NewCache, Store};
use crate::tasks::pack::{Lines, Packed, Part, file_id, pack_rest};

/// The largest side of a file that tells two of its states apart (bytes); of a larger one the hunks alone do.
const LIMIT: u64 = 4 << 20;

/// Where answers are kept: masked, then sealed.
#[derive(Clone, Copy)]
pub(super) struct Drawer<'a> {
    shelf: &'a Shelf,
    store: &'a Store,
    redactor: &'a Redactor,
}

impl<'a> Drawer<'a> {
    /// `None` when nothing is kept.
    pub(super) fn open(shelf: Option<&'a Shelf>, client: &'a Client) -> Option<Self> {
        Some(Self::new(shelf?, &client.store, &client.redactor))
    }

    pub(super) fn new(shelf: &'a Shelf, store: &'a Store, redactor: &'a Redactor) -> Self {
        Self { shelf, store, redactor }
    }

    /// What masks it.
    pub(super) const fn redactor(&self) -> &'a Redactor {
        self.redactor
    }

    /// A name for what these parts tell.
    pub(super) fn name(&self, parts: &[&str]) -> String {
        self.shelf.name(&parts.iter().map(|p| p.as_bytes()).collect::<Vec<_>>())
    }

    /// What lies there. What cannot be opened or read is as good as nothing: it is asked for again.
    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.all(&[name.to_owned()]).pop()?.map(|found| found.value)
    }

    /// As [`Self::get`], of several at once, with what is known of each.
    pub(super) fn all<T: DeserializeOwned>(&self, names: &[String]) -> Vec<Option<Found<T>>> {
        let Ok(rows) = self.store.shelved(names) else { return names.iter().map(|_| None).collect() };
        let open = |(name, row): (&String, Option<CacheRow>)| {
            let row = row?;
            let value = serde_json::from_slice(&self.shelf.unseal(name, &row.sealed)?).ok()?;
            Some(Found { value, made_ms: row.made_ms, calls: row.calls })
        };
        names.iter().zip(rows).map(open).collect()
    }

    /// Keeps `value`, which these calls said, with every text in it masked. What cannot be kept is asked for again.
    pub(super) fn put<T: Serialize>(&self, name: &str, calls: &BTreeSet<String>, value: &T) {
        let Ok(mut value) = serde_json::to_value(value) else { return };
        hide(&mut value, self.redactor);
        let clear = zeroize::Zeroizing::new(value.to_string());
        if let Ok(sealed) = self.shelf.seal(name, clear.as_bytes()) {
            self.store.shelve(NewCache { name: name.to_owned(), calls: calls.clone(), sealed });
        }
    }

    /// The text as it would be sent, without what is drawn anew for each request, and what would become of each secret.
    pub(super) fn sent(&self, text: &str) -> String {
        let redacted = self.redactor.redact(text);
        let modes: Vec<&str> = redacted.hits.iter().map(|hit| hit.mode.name()).collect();
        format!("{}\0{}", settled(&redacted.text), modes.join(","))
    }
}

/// What lay in the drawer.
pub(super) struct Found<T> {
    pub value: T,
    /// When it was made, milliseconds since 1970.
    pub made_ms: i64,
    /// The calls that said it.
    pub calls: BTreeSet<String>,
}

fn hide(value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => *text = redactor.hide(text),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, redactor)),
        Value::Object(fields) => fields.values_mut().for_each(|field| hide(field, redactor)),
        _ => {}
    }
}

/// Text without boundaries and placeholders: both are drawn by chance.
pub(super) fn settled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, mark)) = ["BOUNDARY-", "MSEC_"].iter().filter_map(|m| Some((rest.find(m)?, *m))).min() {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        out.push_str(mark);
        rest = from
            .strip_prefix(mark)
            .unwrap_or_default()
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    }
    out.push_str(rest);
    out
}

/// What one model said of one file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Who said it.
    pub model: String,
    /// Its claims about this file, before any check.
    pub claims: Vec<Claim>,
    /// Why a part of the file was not shown.
    pub unread: Option<String>,
    /// The calls that said it; the row itself names them.
    #[serde(skip)]
    pub calls: BTreeSet<String>,
}

/// What a model said in a review that belongs to none of the files that it was shown: nobody is shown it, and it counts
/// among the claims that do not hold, also the next time.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Strays {
    /// Claims without a file, a quote or a title, or of a file that is none of the change's.
    lost: usize,
    /// Claims about other files of the change, which are named by their paths.
    claims: Vec<Claim>,
    #[serde(skip)]
    calls: BTreeSet<String>,
}

/// The files of one review by one model.
pub(super) struct Book<'a> {
    drawer: Drawer<'a>,
    job: &'a Job<'a>,
    ready: &'a Ready<'a>,
    /// Model, effort, prompt with the repository's rules, schema.
    asked: String,
    /// The name of what is said of all these files together.
    set: String,
    /// Heard so far, by place.
    heard: HashMap<usize, Kept>,
    strays: Strays,
}

/// What is kept, what of it holds for this change, and what is left to be shown first.
pub(super) fn begin<'a>(
    job: &'a Job<'a>,
    ready: &'a Ready<'a>,
    client: &'a Client,
    routes: &[Route],
) -> (Option<Book<'a>>, Vec<(usize, Kept)>, Packed) {
    let packed = ready.first(job);
    let mut book = Book::open(job, ready, client, routes);
    let known = book.as_mut().map(|book| book.known(&packed)).unwrap_or_default();
    let left = match book.as_ref().filter(|_| !known.is_empty()) {
        Some(book) => book.without(packed, &known),
        None => packed,
    };
    (book, known, left)
}

impl<'a> Book<'a> {
    /// `None` when nothing is kept.
    fn open(job: &'a Job<'a>, ready: &'a Ready<'a>, client: &'a Client, routes: &[Route]) -> Option<Self> {
        let drawer = Drawer::open(job.second.shelf, client)?;
        let model = routes.first().map(Route::name).unwrap_or_default();
        let request = ready.request(job, &model, &Packed::default());
        let schema = request.schema.map(|s| s.schema.to_string()).unwrap_or_default();
        // Who uses what changed stands in other files: where that changes, so may what is said of this one.
        let callers = drawer.sent(&ready.shown.callers);
        let effort = job.effort.to_string();
        let asked = drawer.name(&["review", &model, &effort, &drawer.sent(&request.system), &schema, &callers]);
        Some(Self { drawer, job, ready, asked, set: String::new(), heard: HashMap::new(), strays: Strays::default() })
    }

    /// The name of what is said of a file: what is asked, and the file on both sides.
    fn file(&self, place: usize) -> String {
        let Some(file) = self.job.change.files.get(place) else { return String::new() };
        let text = pack_rest(self.job.change, &parts(self.job.change, place), usize::MAX, Lines::Numbered, "").text;
        // The label is the file's place among others, which may change.
        let text = self.drawer.sent(&text.replacen(&format!("--- {} ", file_id(place)), "--- ", 1));
        let side = |bytes: Option<Vec<u8>>| bytes.unwrap_or_default();
        let (before, after) = (side(self.job.contents.before(file, LIMIT)), side(self.job.contents.after(file, LIMIT)));
        self.drawer.shelf.name(&[self.asked.as_bytes(), text.as_bytes(), &before, &after])
    }

    /// What is known of the files that would be shown, by place.
    fn known(&mut self, packed: &Packed) -> Vec<(usize, Kept)> {
        let places = places(packed);
        let names: Vec<String> = places.iter().map(|place| self.file(*place)).collect();
        let mut set: Vec<&str> = names.iter().map(String::as_str).collect();
        set.sort_unstable();
        self.set = self.drawer.name(&[&["summary", &self.asked], set.as_slice()].concat());
        let found = places.into_iter().zip(self.drawer.all(&names));
        found.filter_map(|(place, found)| found.map(|f| (place, Kept { calls: f.calls, ..f.value }))).collect()
    }

    /// What a model said of the change, if it was one of exactly these files.
    pub(super) fn summary(&self) -> Option<String> {
        self.drawer.get(&self.set)
    }

    /// Keeps what a model says of the change as a whole.
    pub(super) fn sum_up(&self, summary: &str, reply: &Reply) {
        self.drawer.put(&self.set, &BTreeSet::from([reply.id.clone()]), &summary);
    }

    /// What belongs to none of exactly these files.
    pub(super) fn strays(&self) -> Answer {
        let strays: Strays = self.drawer.get(&self.aside()).unwrap_or_default();
        Answer { claims: strays.claims, unusable: strays.lost, ..Answer::default() }
    }

    /// Keeps what belongs to none of the files that were shown, so that it is counted the next time too.
    pub(super) fn stray(&mut self) {
        let strays = &mut self.strays;
        for (place, kept) in self.heard.iter().filter(|(_, kept)| kept.model.is_empty()) {
            let path = self.job.change.files.get(*place).map(|file| file.path.as_str().to_owned()).unwrap_or_default();
            strays.claims.extend(kept.claims.iter().map(|claim| Claim { file: path.clone(), ..claim.clone() }));
            strays.calls.extend(kept.calls.iter().cloned());
        }
        if !strays.calls.is_empty() {
            self.drawer.put(&self.aside(), &self.strays.calls, &self.strays);
        }
    }

    fn aside(&self) -> String {
        self.drawer.name(&["strays", &self.set])
    }

    /// What is left to be shown.
    fn without(&self, packed: Packed, known: &[(usize, Kept)]) -> Packed {
        let known: HashSet<usize> = known.iter().map(|(place, _)| *place).collect();
        let left = places(&packed).into_iter().filter(|place| !known.contains(place));
        let left: Vec<Part> = left.flat_map(|place| parts(&self.ready.shown.change, place)).collect();
        Packed { named: packed.named, ..self.ready.next(&left) }
    }

    /// Takes an answer in, and keeps what was said of files that were now shown whole.
    pub(super) fn hear(&mut self, packed: &Packed, answer: &Answer, reply: &Reply) {
        self.foreign(packed, answer, reply);
        let none = |c: &&Claim| anchor::place(self.job.change, &c.file).is_none();
        let lost = answer.unusable + answer.claims.iter().filter(none).count();
        if lost > 0 {
            self.strays.lost += lost;
            self.strays.calls.insert(reply.id.clone());
        }
        for &place in &packed.shown {
            let kept = self.heard.entry(place).or_default();
            kept.model = reply.route.name();
            kept.calls.insert(reply.id.clone());
            let own = |c: &&Claim| anchor::place(self.job.change, &c.file) == Some(place);
            kept.claims.extend(answer.claims.iter().filter(own).map(|claim| told(self.ready, claim)));
            if !packed.rest.iter().any(|(p, _)| *p == place) {
                self.keep(place);
            }
        }
    }

    /// Keeps what was said of files that an answer was not about: they were shown before, or still are.
    fn foreign(&mut self, packed: &Packed, answer: &Answer, reply: &Reply) {
        for claim in &answer.claims {
            let Some(place) = anchor::place(self.job.change, &claim.file) else { continue };
            if packed.shown.contains(&place) {
                continue;
            }
            let whole = self.heard.contains_key(&place) && !packed.rest.iter().any(|(p, _)| *p == place);
            let kept = self.heard.entry(place).or_default();
            kept.claims.push(told(self.ready, claim));
            kept.calls.insert(reply.id.clone());
            if whole {
                self.keep(place);
            }
        }
    }

    /// An answer that could not be read says nothing of its files: they are asked for again.
    pub(super) fn forget(&mut self, packed: &Packed) {
        for place in &packed.shown {
            self.heard.remove(place);
        }
    }

    /// What has no room never will have: it is kept that this is so.
    pub(super) fn leave(&mut self, rest: &[Part], why: &str) {
        for (place, _) in rest {
            if let Some(kept) = self.heard.get_mut(place) {
                kept.unread = Some(why.to_owned());
                self.keep(*place);
            }
        }
    }

    fn keep(&self, place: usize) {
        if let Some(kept) = self.heard.get(&place) {
            self.drawer.put(&self.file(place), &kept.calls, kept);
        }
    }
}

impl Kept {
    /// Its claims with the label that the file has now.
    pub(super) fn answer(&self, place: usize) -> Answer {
        let named = |claim: &Claim| Claim { file: file_id(place), ..claim.clone() };
        Answer { summary: String::new(), claims: self.claims.iter().map(named).collect(), ..Answer::default() }
    }
}

/// In words that hold the next time: labels mean other files then.
fn told(ready: &Ready<'_>, claim: &Claim) -> Claim {
    let plain = |text: &String| ready.labels.told(text);
    Claim { title: plain(&claim.title), why: plain(&claim.why), ..claim.clone() }
}

/// Every hunk of a file.
pub(super) fn parts(change: &ChangeSet, place: usize) -> Vec<Part> {
    (0..change.files.get(place).map_or(0, |f| f.hunks.len())).map(|n| (place, n)).collect()
}

/// Every file that was packed or waits, each once, the important first.
fn places(packed: &Packed) -> Vec<usize> {
    let mut seen = HashSet::new();
    let all = packed.shown.iter().copied().chain(packed.rest.iter().map(|(place, _)| *place));
    all.filter(|place| seen.insert(*place)).collect()
}

#[cfg(test)]
mod tests {
    use super::settled;

    #[test]
    fn what_is_drawn_by_chance_does_not_count() {
        let text =
            |b: &str, p: &str| format!("Rules, between BOUNDARY-{b}:\nkey = MSEC_token_{p}; // x-y\nBOUNDARY-{b}\n");
        assert_eq!(settled(&text("aaa1", "k3")), settled(&text("bbb2", "q7")));
        assert_ne!(settled("a BOUNDARY-x b"), settled("a BOUNDARY-x c"));
        assert_eq!(settled("größe MSEC_"), "größe MSEC_");
    }
}
