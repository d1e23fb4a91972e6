//! What a change does to definitions, as the grammars of its languages see it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::anchor::Anchor;
use crate::code::{self, Definition, Difference, Kind, Language, Outline, compare};
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Line, Status};
use crate::tasks::finding::{Side, identify};
use crate::tasks::offline;
use crate::tasks::offline::classify::{Class, classify};
use crate::tasks::pack::file_id;

/// Most of what one change has parsed: files, and bytes on both sides.
const FILES: usize = 400;
const BYTES: usize = 8 << 20;
/// Changed lines of one side of a file whose definitions are looked up, and lines equal to a finding's.
const LINES: usize = 2_000;
/// Names of one file whose bodies changed that are told.
const BODIES: usize = 12;

/// One file's two sides.
pub(super) struct Sides {
    pub(super) language: Language,
    before: Outline,
    pub(super) after: Outline,
    /// The file after the change.
    pub(super) text: String,
}

/// The files of a change that could be parsed, by place in the change set.
#[derive(Default)]
pub(super) struct Parsed {
    sides: HashMap<usize, Sides>,
}

/// A definition that callers know under another signature, or that is gone.
pub(super) struct Moved {
    pub(super) name: String,
    /// What it belongs to, if anything: its type or outer function.
    pub(super) owner: Option<String>,
    pub(super) language: Language,
    pub(super) kind: Kind,
    /// Code anywhere may use it.
    pub(super) exported: bool,
    /// Of the file, in the change set.
    pub(super) place: usize,
}

impl Parsed {
    pub(super) fn new(change: &ChangeSet, contents: &dyn Contents) -> Self {
        let (mut out, mut bytes) = (Self::default(), 0);
        for (place, file) in change.files.iter().enumerate() {
            if out.sides.len() >= FILES || bytes >= BYTES {
                break;
            }
            if let Some(sides) = sides(file, contents) {
                bytes += sides.text.len() * 2;
                out.sides.insert(place, sides);
            }
        }
        out
    }

    pub(super) fn of(&self, place: usize) -> Option<&Sides> {
        self.sides.get(&place)
    }

    /// The path of the definition round a line, whatever file it lies in; empty when there is none.
    pub(super) fn symbol(&self, change: &ChangeSet, place: usize, side: Side, line: u32) -> String {
        if let Some(sides) = self.of(place) {
            let outline = if side == Side::Old { &sides.before } else { &sides.after };
            return outline.around(line).map(|d| d.path.clone()).unwrap_or_default();
        }
        let file = change.files.get(place).filter(|_| side == Side::New);
        file.and_then(|file| offline::around(file, line)).unwrap_or_default()
    }

    /// The id of a finding: its class, line and definition, and of lines that are equal in these their order.
    pub(super) fn id(&self, change: &ChangeSet, at: &Anchor, class: &str) -> String {
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let (symbol, text) = (self.symbol(change, at.place, at.side, at.line), bare(&at.text));
        let mut before = 0;
        for (place, file) in change.files.iter().enumerate().take(at.place + 1) {
            let lines: Vec<u32> = match at.side {
                Side::New => file.added_lines().filter(|l| bare(&l.text) == text).filter_map(|l| l.new).collect(),
                Side::Old => file.removed_lines().filter(|l| bare(&l.text) == text).filter_map(|l| l.old).collect(),
            };
            let earlier = lines.into_iter().take(LINES).filter(|line| place < at.place || *line < at.line);
            before += earlier.filter(|line| self.symbol(change, place, at.side, *line) == symbol).count();
        }
        identify(class, &text, &symbol, before)
    }

    /// The definitions that the change adds, removes and changes, source before tests, in at most `most` bytes.
    pub(super) fn told(&self, change: &ChangeSet, most: usize) -> String {
        let mut places: Vec<(bool, Class, usize)> = Vec::new();
        for (place, file) in change.files.iter().enumerate() {
            let class = classify(file);
            if matches!(class, Class::Source | Class::Test) && file.kind == FileKind::Text {
                places.push((file.status == Status::Added, class, place));
            }
        }
        // What is wholly new is all there to be read.
        places.sort_unstable();
        let (mut out, mut left) = (String::new(), 0);
        for (_, _, place) in places {
            let Some(file) = change.files.get(place) else { continue };
            for line in self.file(file, place).lines() {
                if left > 0 || out.len() + line.len() > most {
                    left += 1;
                } else {
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
        if left > 0 {
            out.push_str(&format!("and {left} more such lines\n"));
        }
        if out.is_empty() { out } else { format!("\nDefinitions that this change touches:\n{out}") }
    }

    fn file(&self, file: &FileChange, place: usize) -> String {
        let id = file_id(place);
        let mut out = String::new();
        let mut tell = |word: &str, what: &str| out.push_str(&format!("{id} {word}: {what}\n"));
        let Some(sides) = self.of(place) else {
            for (word, names) in ["new", "gone", "changed inside"].into_iter().zip(offline::touched(file)) {
                if !names.is_empty() {
                    tell(word, &names.iter().take(BODIES).cloned().collect::<Vec<_>>().join(", "));
                }
            }
            return out;
        };
        let differences = sides.differences(file);
        let mut known: HashSet<&str> = HashSet::new();
        for difference in &differences {
            match difference {
                Difference::Added(d) => tell("new", &format!("{} (line {})", d.signature, d.first)),
                Difference::Removed(d) => tell("gone", &d.signature),
                Difference::Signature(old, new) => {
                    tell("signature", &format!("{} -> {} (line {})", old.signature, new.signature, new.first));
                }
            }
            let (Difference::Added(d) | Difference::Removed(d) | Difference::Signature(_, d)) = difference;
            known.insert(&d.path);
        }
        // In a file that is new or gone there is nothing else.
        let most = if file.status == Status::Added || file.status == Status::Deleted { 0 } else { LINES };
        let dark = |l: &&Line| !l.text.trim().is_empty();
        let added = file.added_lines().filter(dark).filter_map(|l| l.new).take(most);
        let removed = file.removed_lines().filter(dark).filter_map(|l| l.old).take(most);
        let inside = |d: &&Definition| d.kind != Kind::Scope && !known.contains(d.path.as_str());
        let bodies: BTreeSet<&str> = added
            .filter_map(|n| sides.after.around(n))
            .chain(removed.filter_map(|n| sides.before.around(n)))
            .filter(inside)
            .map(|d| d.path.as_str())
            .collect();
        if !bodies.is_empty() {
            tell("changed inside", &bodies.into_iter().take(BODIES).collect::<Vec<_>>().join(", "));
        }
        out
    }

    /// What has another signature now, and what is gone and defined nowhere else in the change.
    pub(super) fn moved(&self, change: &ChangeSet) -> Vec<Moved> {
        let mut places: Vec<&usize> = self.sides.keys().collect();
        places.sort_unstable();
        let (mut out, mut fresh) = (Vec::new(), HashSet::new());
        let (mut gone, mut seen) = (Vec::new(), HashSet::new());
        for place in places {
            let (Some(sides), Some(file)) = (self.sides.get(place), change.files.get(*place)) else { continue };
            let moved = |d: &Definition, exported: bool| Moved {
                name: d.name.clone(),
                owner: d.path.rsplit('.').nth(1).map(str::to_owned),
                language: sides.language,
                kind: d.kind,
                exported,
                place: *place,
            };
            for difference in sides.differences(file) {
                match difference {
                    Difference::Added(d) => drop(fresh.insert(d.name.clone())),
                    Difference::Removed(d) => gone.push(moved(d, d.exported)),
                    Difference::Signature(old, d) => {
                        // Nobody is broken by what more may use.
                        let wider = bare(&old.signature) == bare(&d.signature) && (d.exported || !old.exported);
                        if d.kind == Kind::Function && !wider {
                            out.push(moved(d, old.exported || d.exported));
                        }
                    }
                }
            }
        }
        out.extend(gone.into_iter().filter(|m| !fresh.contains(&m.name)));
        out.retain(|m| seen.insert(m.name.clone()));
        out
    }
}

impl Sides {
    /// What became of definitions. Where a brace is missing, everything below stands in something else or nowhere: there
    /// only what has a changed line in its head is told.
    fn differences(&self, file: &FileChange) -> Vec<Difference<'_>> {
        let mut out = compare(&self.before, &self.after);
        if !self.before.broken && !self.after.broken {
            return out;
        }
        let added: HashSet<u32> = file.added_lines().filter_map(|l| l.new).collect();
        let removed: HashSet<u32> = file.removed_lines().filter_map(|l| l.old).collect();
        let touched = |d: &Definition, lines: &HashSet<u32>| (d.first..=d.head).any(|n| lines.contains(&n));
        out.retain(|difference| match difference {
            Difference::Added(d) => touched(d, &added),
            Difference::Removed(d) => touched(d, &removed),
            Difference::Signature(old, new) => touched(old, &removed) || touched(new, &added),
        });
        out
    }
}

/// A signature without the words that say who may use it.
fn bare(signature: &str) -> &str {
    let mut rest = signature;
    loop {
        let (word, tail) = rest.split_once(' ').unwrap_or((rest, ""));
        // `pub(in crate::tasks)` is two words.
        let tail = if word == "pub(in" { tail.split_once(") ").map_or("", |(_, tail)| tail) } else { tail };
        if !word.starts_with("pub") && !matches!(word, "export" | "default" | "private" | "protected") {
            return rest;
        }
        rest = tail;
    }
}

fn sides(file: &FileChange, contents: &dyn Contents) -> Option<Sides> {
    let by_hand = matches!(classify(file), Class::Source | Class::Test) && file.kind == FileKind::Text;
    if !by_hand || file.unread.is_some() || file.lfs {
        return None;
    }
    let language = Language::of(file.path.as_str())?;
    let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes?).ok();
    let after = match file.new_mode {
        Some(_) => text(contents.after(file, code::LIMIT))?,
        None => String::new(),
    };
    let before = match file.old_mode {
        Some(_) => text(contents.before(file, code::LIMIT))?,
        None => String::new(),
    };
    let (old, new) = (code::outline(&before, language)?, code::outline(&after, language)?);
    Some(Sides { language, before: old, after: new, text: after })
}
