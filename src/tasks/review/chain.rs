//! What stands above a line in files of settings, which define nothing: the keys or the table that it lies in.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::git::{Contents, FileChange, LineKind};

/// A larger file is read by its hunks alone (bytes).
const LARGEST: u64 = 4 << 20;
/// What says more than this is told by its digest (bytes): many lines may lie in one long key.
const LONG: usize = 128;
/// How far what may be a head stands in.
const ROW: usize = usize::MAX;

/// How such a file says what lies in what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// By how far a line stands in: YAML, with documents one behind the other.
    Documents,
    /// The same: JSON as it is mostly written.
    Margin,
    /// By heads: TOML.
    Tables,
    /// The same: INI, where a value may go on in lines that stand further in.
    Sections,
}

impl How {
    const fn heads(self) -> bool {
        matches!(self, Self::Tables | Self::Sections)
    }
}

/// The lines of a file of settings, each with the one that it lies in. Made once for a file.
pub(super) struct Chains {
    /// By number.
    rows: Vec<Row>,
    /// What all rows say without a value, one behind the other.
    keys: String,
    /// What tells each document of the file from the others; empty where nothing does.
    documents: Vec<String>,
    /// What was asked for, by row.
    known: RefCell<HashMap<usize, Rc<str>>>,
}

struct Row {
    number: u32,
    /// What it says without a value.
    key: Range<usize>,
    lies: Lies,
    /// How many lines before it say the same in the same place: items of a list do.
    nth: u32,
}

/// Where a line lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Lies {
    /// Below the row at this place.
    In(usize),
    /// Below none, in this document.
    At(usize),
}

impl Chains {
    /// Of this file, as a whole where it can be had: hunks may show the same line with more or fewer above it, and count
    /// fewer of the same. `None` for other files.
    pub(super) fn new(file: &FileChange, contents: &dyn Contents) -> Option<Self> {
        let how = match file.path.extension().as_str() {
            "yml" | "yaml" => How::Documents,
            "json" => How::Margin,
            "toml" => How::Tables,
            "ini" | "cfg" | "conf" => How::Sections,
            _ => return None,
        };
        let whole = contents.after(file, LARGEST).and_then(|bytes| String::from_utf8(bytes).ok());
        let mut reader = Reader::new(how, whole.is_some());
        match &whole {
            Some(text) => reader.read((1..).zip(text.lines())),
            None => {
                for hunk in &file.hunks {
                    let lines = hunk.lines.iter().filter(|line| line.kind != LineKind::Removed);
                    reader.read(lines.filter_map(|line| Some((line.new?, line.text.as_str()))));
                }
                // A patch from elsewhere may have its hunks in any order: then their lines are not found.
            }
        }
        Some(reader.done())
    }

    /// What stands above the line with this number, the nearest first, and which of those that say the same it is.
    pub(super) fn above(&self, number: u32) -> String {
        let at = self.rows.partition_point(|row| row.number < number);
        let Some(row) = self.rows.get(at).filter(|row| row.number == number) else { return String::new() };
        let above = match row.lies {
            Lies::In(above) => self.said(above),
            Lies::At(document) => Rc::from(self.document(document)),
        };
        if row.nth == 0 { above.to_string() } else { format!("\u{1}{}\0{above}", row.nth) }
    }

    /// What the row at this place and those above it say. Each is put together once, however many lie in it.
    fn said(&self, at: usize) -> Rc<str> {
        let mut known = self.known.borrow_mut();
        let (mut below, mut next) = (Vec::new(), Lies::In(at));
        let mut said = loop {
            let above = match next {
                Lies::In(above) => above,
                Lies::At(document) => break Rc::from(self.document(document)),
            };
            if let Some(said) = known.get(&above) {
                break Rc::clone(said);
            }
            below.push(above);
            let Some(row) = self.rows.get(above) else { break Rc::from("") };
            next = row.lies;
        };
        for at in below.into_iter().rev() {
            let Some(row) = self.rows.get(at) else { continue };
            let key = self.keys.get(row.key.clone()).unwrap_or_default();
            let nth = if row.nth == 0 { String::new() } else { format!("\u{1}{}\0", row.nth) };
            said = short(format!("{key}\0{nth}{said}")).into();
            known.insert(at, Rc::clone(&said));
        }
        said
    }

    fn document(&self, at: usize) -> &str {
        self.documents.get(at).map_or("", String::as_str)
    }
}

/// A text, or its digest where it is long.
fn short(text: String) -> String {
    if text.len() <= LONG {
        return text;
    }
    let digest = Sha256::digest(text);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).chain(["\0".to_owned()]).collect()
}

/// What has been read of a file.
struct Reader<'t> {
    how: How,
    rows: Vec<Row>,
    keys: String,
    /// Those that the next line may lie in, and how far they stand in.
    open: Vec<(usize, usize)>,
    /// What each document is called: its `kind`, and `name` and `namespace` in its `metadata`. They are names, no secrets.
    called: Vec<[&'t str; 3]>,
    /// The document holds something.
    begun: bool,
    /// All lines of the file are read: what is open above one of them is known.
    whole: bool,
    /// What is open in TOML.
    value: Value,
    /// How far the last key of a section stands in.
    last: Option<usize>,
    /// How often each key was said in each place.
    seen: HashMap<(Lies, &'t str), u32>,
}

impl<'t> Reader<'t> {
    fn new(how: How, whole: bool) -> Self {
        let (rows, keys, open, seen) = (Vec::new(), String::new(), Vec::new(), HashMap::new());
        let (value, called) = (Value::default(), vec![[""; 3]]);
        Self { how, rows, keys, open, called, begun: false, whole, value, last: None, seen }
    }

    /// Reads lines that follow each other.
    fn read(&mut self, lines: impl Iterator<Item = (u32, &'t str)>) {
        self.open.clear();
        for (number, text) in lines {
            let bare = text.trim_start();
            let margin = text.len() - bare.len();
            let said = bare.chars().any(char::is_alphanumeric) && !bare.starts_with(['#', ';']);
            let head = if self.how.heads() { self.head(bare, margin) } else { None };
            // What may be a head or a row of a list parts what stands round it, and is told by its number alone: it may be
            // a value.
            let row = head.is_none() && self.whole && self.how == How::Sections;
            let row = row && self::head(bare, self.how, |_| true).is_some();
            if self.how == How::Documents && text.strip_prefix("---").is_some_and(parts) {
                self.open.clear();
                // What stands above the first one is no document.
                if self.begun {
                    self.called.push([""; 3]);
                }
                self.begun = false;
            }
            self.begun |= said;
            // An item of a list may stand no further in than what the list is called.
            let deep = 2 * margin + usize::from(bare.starts_with("- "));
            if head.is_some() {
                self.open.clear();
            } else if row {
                self.open.retain(|(_, deep)| *deep != ROW);
            } else if !self.how.heads() && said {
                while self.open.last().is_some_and(|(_, other)| *other >= deep) {
                    self.open.pop();
                }
            }
            let lies = match self.open.last() {
                Some((row, _)) => Lies::In(*row),
                None => Lies::At(self.called.len() - 1),
            };
            let key = head.unwrap_or_else(|| if row { "[" } else { key(bare) });
            if self.how == How::Documents {
                self.call(lies, key, bare);
            }
            if head.is_some() || row || !self.how.heads() && said {
                self.open.push((self.rows.len(), if row { ROW } else { deep }));
            }
            let before = self.seen.entry((lies, key)).or_default();
            let start = self.keys.len();
            self.keys.push_str(key);
            self.rows.push(Row { number, key: start..self.keys.len(), lies, nth: *before });
            *before += 1;
        }
    }

    /// The head of a table, where this line is one: in TOML wherever no value is open, in INI where it goes on with none.
    fn head(&mut self, bare: &'t str, margin: usize) -> Option<&'t str> {
        let head = match self.how {
            _ if !self.whole => head(bare, self.how, plain).filter(|_| margin == 0),
            How::Tables => head(bare, self.how, |c| plain(c) || "-\"'".contains(c)).filter(|_| !self.value.open()),
            // Rows of lists begin with a quote, or have commas.
            _ if bare.trim_start_matches(['[', ' ', '\t']).starts_with(['"', '\'']) => None,
            _ => head(bare, self.how, |c| c != ',').filter(|_| self.last.is_none_or(|last| margin <= last)),
        };
        if head.is_some() {
            self.last = None;
        } else if self.how == How::Tables {
            self.value.read(bare);
        } else if !bare.is_empty() && !bare.starts_with(['#', ';']) && self.last.is_none_or(|last| margin <= last) {
            self.last = Some(margin);
        }
        head
    }

    /// Notes what a document is called, where a line says it.
    fn call(&mut self, lies: Lies, key: &str, bare: &'t str) {
        let place = match (lies, key) {
            (Lies::At(_), "kind") => 0,
            (Lies::In(above), "name") if self.top(above, "metadata") => 1,
            (Lies::In(above), "namespace") if self.top(above, "metadata") => 2,
            _ => return,
        };
        let value = bare.split_once(':').map_or("", |(_, value)| value);
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        if let Some(called) = self.called.last_mut().and_then(|called| called.get_mut(place)) {
            *called = value;
        }
    }

    /// A row says this and lies in none.
    fn top(&self, at: usize, key: &str) -> bool {
        let row = self.rows.get(at).filter(|row| matches!(row.lies, Lies::At(_)));
        row.is_some_and(|row| self.keys.get(row.key.clone()) == Some(key))
    }

    fn done(self) -> Chains {
        let mut seen: HashMap<[&str; 3], usize> = HashMap::new();
        let document = |called: &[&'t str; 3]| {
            let nth = seen.entry(*called).or_default();
            *nth += 1;
            let said =
                if called.iter().all(|one| one.is_empty()) { String::new() } else { called.join("\u{2}") + "\0" };
            short(if *nth == 1 { said } else { format!("{said}\u{2}{}\0", *nth - 1) })
        };
        let documents = self.called.iter().map(document).collect();
        Chains { rows: self.rows, keys: self.keys, documents, known: RefCell::default() }
    }
}

/// What a line says without its value, which may be a secret; nothing where it says a value alone.
fn key(bare: &str) -> &str {
    bare.split_once([':', '=']).map_or("", |(key, _)| key.trim())
}

/// Whether this stands behind what parts documents.
fn parts(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with(char::is_whitespace)
}

/// What every head may begin with: a row of a list looks much alike and holds values.
fn plain(c: char) -> bool {
    c.is_alphanumeric() || "_*".contains(c)
}

/// The head of a table: `[a.b]`, `[[a]]`, `[a "b"]`. Its name begins with what `may` stand there, and so do signs in it.
fn head(line: &str, how: How, may: impl Fn(char) -> bool) -> Option<&str> {
    let inner = line.strip_prefix("[[").or_else(|| line.strip_prefix('['))?;
    if !inner.trim_start().starts_with(|c| c != ']' && may(c)) {
        return None;
    }
    let (mut quote, mut escaped) = (None, false);
    // A quote that nothing closes is a sign like others; where it may be an apostrophe, no remark closes it.
    let last = inner.match_indices(']').map(|(at, _)| at).find(|at| ends(inner.get(at + 1..).unwrap_or_default()));
    let within = inner.get(..last.filter(|_| how == How::Sections).unwrap_or(inner.len())).unwrap_or_default();
    let closes = |at: usize, c: char| within.get(at + 1..).is_some_and(|rest| rest.contains(c));
    let end = inner.char_indices().find(|(at, c)| match quote {
        Some(open) => {
            quote = quote.filter(|_| escaped || *c != open);
            escaped = !escaped && open == '"' && *c == '\\';
            false
        }
        None if matches!(c, '"' | '\'') && closes(*at, *c) => {
            quote = Some(*c);
            false
        }
        None => *c == ']' || !(may(*c) || c.is_alphanumeric() || " \t._-:/*@+".contains(*c)),
    });
    let (at, _) = end.filter(|(_, c)| *c == ']')?;
    let rest = inner.get(at..)?;
    let behind = rest.trim_start_matches(']');
    let whole = line.get(..line.len() - behind.len())?;
    ends(behind).then_some(whole)
}

/// Nothing but a remark stands behind a head.
fn ends(behind: &str) -> bool {
    let remark = behind.trim_start();
    remark.is_empty() || remark.starts_with(['#', ';'])
}

/// What a value of TOML leaves open at the end of a line.
#[derive(Default)]
struct Value {
    /// Lists and tables that were begun in it.
    depth: usize,
    /// What ends the text that goes on over lines.
    text: Option<&'static str>,
}

impl Value {
    const fn open(&self) -> bool {
        self.depth > 0 || self.text.is_some()
    }

    /// Reads a line that heads nothing.
    fn read(&mut self, line: &str) {
        let mut rest = line;
        loop {
            if let Some(end) = self.text {
                let Some(behind) = behind(rest, end) else { return };
                (rest, self.text) = (behind, None);
            }
            let Some(at) = rest.find(['"', '\'', '[', ']', '{', '}', '#']) else { return };
            let (found, next) = (rest.get(at..).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
            let long = [BASIC, LITERAL].into_iter().find(|long| found.starts_with(long));
            if let Some(long) = long {
                (rest, self.text) = (found.get(long.len()..).unwrap_or_default(), Some(long));
                continue;
            }
            rest = match found.as_bytes().first() {
                Some(b'"') => behind(next, "\"").unwrap_or_default(),
                Some(b'\'') => behind(next, "'").unwrap_or_default(),
                Some(b'[' | b'{') => {
                    self.depth += 1;
                    next
                }
                Some(b']' | b'}') => {
                    self.depth = self.depth.saturating_sub(1);
                    next
                }
                _ => return,
            };
        }
    }
}

/// What begins and ends a text over lines.
const BASIC: &str = "\"\"\"";
const LITERAL: &str = "'''";

/// What stands behind the end of a text, in which a backslash takes the next sign along where double quotes end it.
fn behind<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    let mut escaped = false;
    let at = text.char_indices().find(|(at, c)| {
        let ends = !escaped && text.get(*at..).is_some_and(|rest| rest.starts_with(end));
        escaped = !escaped && end.starts_with('"') && *c == '\\';
        ends
    });
    text.get(at?.0 + end.len()..)
}

#[cfg(test)]
mod tests;
