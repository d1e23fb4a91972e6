//! What `.gitattributes` and its kin say of a path: every file is read once, and only where it is a plain one.
//!
//! libgit2 looks each attribute of each file up on its own, and asks the file system for the real path every time: for
//! two thousand files that took longer than everything else. It also opens whatever lies there, a pipe too.

use std::collections::HashMap;
use std::path::{Path as FsPath, PathBuf};
use std::rc::Rc;

use git2::{FileMode, Oid, Repository};

use super::contents::os_path;
use super::glob::Glob;
use super::repo::Repo;
use super::{Path, prefix};
use crate::world::files;

/// Larger files of attributes are not read (bytes).
const LIMIT: u64 = 1 << 20;
/// Git skips longer lines too (bytes).
const LINE: usize = 2_048;
/// Macros that name macros that name macros.
const DEPTH: usize = 8;

/// What is asked.
pub(super) const NAMES: [&str; 5] =
    ["linguist-generated", "linguist-vendored", "diff", "filter", "working-tree-encoding"];

/// What stands behind an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Set,
    Unset,
    Value(String),
}

/// What attributes say of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Not written by hand, or not to be shown.
    pub(super) generated: bool,
    /// Somebody else's.
    pub(super) vendored: bool,
    /// `diff` or `-diff`; `None` = as the content looks.
    pub(super) text: Option<bool>,
    /// `filter=lfs`.
    pub(super) lfs: bool,
    /// The name of another filter. Only where it is set up does it change anything ([`Git::held_back`](super::process::Git::held_back)).
    pub(super) filter: Option<String>,
    /// Git could not say.
    pub(super) unknown: bool,
    /// `working-tree-encoding`: in the work tree it is written otherwise than in git.
    pub(super) encoded: bool,
}

/// A file that says of others what they are.
pub(super) const FILE: &[u8] = b".gitattributes";

/// A change must not take itself out of sight: where it touches such a file, which says what is not to be shown, nobody is
/// believed about that.
pub(super) fn doubts(path: &[u8]) -> bool {
    path.strip_suffix(FILE).is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
}

impl Said {
    /// Without what would hide the file.
    pub(super) fn shown(self) -> Self {
        Self { generated: false, vendored: false, text: self.text.filter(|text| *text), ..self }
    }

    /// From the states of [`NAMES`].
    pub(super) fn new(state: impl Fn(&str) -> Option<State>) -> Self {
        let on = |name| match state(name) {
            Some(State::Set) => true,
            Some(State::Value(value)) => value == "true",
            _ => false,
        };
        let diff = state("diff");
        let filter = match state("filter") {
            Some(State::Value(name)) => Some(name),
            _ => None,
        };
        let off = diff == Some(State::Unset) || diff == Some(State::Value("false".to_owned()));
        Self {
            generated: on("linguist-generated") || on("linguist-vendored") || off,
            vendored: on("linguist-vendored"),
            text: match diff {
                Some(State::Set) => Some(true),
                Some(State::Unset) => Some(false),
                _ => None,
            },
            lfs: filter.as_deref() == Some("lfs"),
            filter: filter.filter(|name| name != "lfs"),
            unknown: false,
            encoded: matches!(state("working-tree-encoding"), Some(State::Value(_))),
        }
    }
}

/// One word: a name and what it is; `None` = as if nobody had said anything.
type Word = (String, Option<State>);

struct Rule {
    glob: Glob,
    words: Vec<Word>,
}

/// One file of attributes.
#[derive(Default)]
struct Rules {
    rules: Vec<Rule>,
    macros: Vec<(String, Vec<Word>)>,
}

/// Where the files of attributes lie that belong to what is looked at.
enum Place<'r> {
    /// In the work tree; what is not checked out, in the index.
    Desk { root: PathBuf, index: Option<git2::Index> },
    /// In this tree: what lies in the work tree may be of another branch, and a bare repository has none.
    Tree(git2::Tree<'r>),
    /// Nowhere.
    Nowhere,
}

/// The attributes of a repository.
pub(super) struct Attributes<'r> {
    repo: &'r Repository,
    place: Place<'r>,
    /// The repository's own, which go before all others.
    own: Rules,
    /// By folder, with its slash; the top is empty.
    folders: HashMap<Vec<u8>, Rc<Rules>>,
    /// The user's, then the machine's.
    outer: Vec<Rules>,
    macros: HashMap<String, Vec<Word>>,
    /// The change touches one of them ([`doubts`]).
    pub(super) doubted: bool,
}

impl<'r> Attributes<'r> {
    /// Of this repository: as a tree says them, or as they hold for what is staged and in the work tree.
    pub(super) fn open(repo: &Repo, inner: &'r Repository, tree: Option<git2::Tree<'r>>) -> Self {
        let plain = |path: &FsPath| files::read_bounded(path, LIMIT).map(|b| parse(&b, true)).unwrap_or_default();
        let mut outer = vec![repo.attributes_file().map(|path| plain(&path)).unwrap_or_default()];
        if cfg!(unix) && !repo.env().flag("GIT_ATTR_NOSYSTEM") {
            outer.push(plain(FsPath::new("/etc/gitattributes")));
        }
        let own = plain(&inner.commondir().join("info/attributes"));
        let mut macros = HashMap::new();
        let unset = |name: &str| (name.to_owned(), Some(State::Unset));
        macros.insert("binary".to_owned(), vec![unset("diff"), unset("merge"), unset("text")]);
        let place = match (tree, inner.workdir()) {
            (Some(tree), _) => Place::Tree(tree),
            (None, Some(root)) => Place::Desk { root: root.to_owned(), index: inner.index().ok() },
            (None, None) => Place::Nowhere,
        };
        let mut out = Self { repo: inner, place, own, folders: HashMap::new(), outer, macros, doubted: false };
        let top = out.folder(b"");
        for rules in out.outer.iter().rev().chain([top.as_ref(), &out.own]) {
            out.macros.extend(rules.macros.iter().cloned());
        }
        out
    }

    /// What they say of this path.
    pub(super) fn of(&mut self, path: &[u8]) -> Said {
        // The nearest folder goes first.
        let mut folders = Vec::new();
        for (at, _) in path.iter().enumerate().filter(|(_, b)| **b == b'/') {
            folders.push((at + 1, self.folder(&path[..=at])));
        }
        folders.reverse();
        folders.push((0, self.folder(b"")));
        let mut found: HashMap<&str, &Option<State>> = HashMap::new();
        let near = [(0, &self.own)].into_iter().chain(folders.iter().map(|(skip, rules)| (*skip, rules.as_ref())));
        for (skip, rules) in near.chain(self.outer.iter().map(|rules| (0, rules))) {
            for rule in rules.rules.iter().rev() {
                if rule.glob.fits(&path[skip..]) {
                    take(&mut found, &rule.words, &self.macros, 0);
                }
            }
        }
        let said = Said::new(|name| found.get(name).and_then(|state| (*state).clone()));
        if self.doubted { said.shown() } else { said }
    }

    /// The rules of a folder.
    fn folder(&mut self, folder: &[u8]) -> Rc<Rules> {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let bytes = os_path(&Path::new(&[folder, FILE].concat())).and_then(|name| self.bytes(&name));
        let rules = Rc::new(bytes.map(|bytes| parse(&bytes, folder.is_empty())).unwrap_or_default());
        self.folders.insert(folder.to_owned(), rules.clone());
        rules
    }

    /// What a file of attributes holds. Git follows no link here.
    fn bytes(&self, name: &FsPath) -> Option<Vec<u8>> {
        match &self.place {
            Place::Desk { root, index } => {
                let place = root.join(name);
                match std::fs::symlink_metadata(&place) {
                    Ok(meta) => meta.is_file().then(|| files::read_bounded(&place, LIMIT).ok()).flatten(),
                    Err(_) => self.blob(index.as_ref()?.get_path(name, 0)?.id),
                }
            }
            Place::Tree(tree) => {
                let entry = tree.get_path(name).ok()?;
                let file = [FileMode::Blob, FileMode::BlobExecutable, FileMode::BlobGroupWritable];
                file.iter().any(|mode| i32::from(*mode) == entry.filemode()).then(|| self.blob(entry.id()))?
            }
            Place::Nowhere => None,
        }
    }

    fn blob(&self, id: Oid) -> Option<Vec<u8>> {
        let blob = self.repo.find_blob(id).ok()?;
        (blob.content().len() as u64 <= LIMIT).then(|| blob.content().to_vec())
    }
}

/// The last word counts, and so what is known already stays.
fn take<'a>(
    found: &mut HashMap<&'a str, &'a Option<State>>,
    words: &'a [Word],
    macros: &'a HashMap<String, Vec<Word>>,
    depth: usize,
) {
    for (name, state) in words.iter().rev() {
        if found.contains_key(name.as_str()) {
            continue;
        }
        found.insert(name, state);
        if let Some(more) = macros.get(name).filter(|_| *state == Some(State::Set) && depth < DEPTH) {
            take(found, more, macros, depth + 1);
        }
    }
}

fn parse(bytes: &[u8], top: bool) -> Rules {
    let mut out = Rules::default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for line in bytes.split(|b| *b == b'\n').filter(|line| line.len() < LINE) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let Some((pattern, rest)) = pattern(line) else { continue };
        let words: Vec<Word> = rest
            .split(u8::is_ascii_whitespace)
            .filter(|w| !w.is_empty())
            .map(|w| word(&String::from_utf8_lossy(w)))
            .collect();
        if let Some(name) = pattern.strip_prefix(b"[attr]") {
            if top {
                out.macros.push((String::from_utf8_lossy(name).trim().to_owned(), words));
            }
        } else if !pattern.starts_with(b"!") {
            out.rules.push(Rule { glob: Glob::new(&pattern), words });
        }
    }
    out
}

/// The first word of a line, which may be quoted, and what stands behind it.
fn pattern(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    if line.starts_with(b"\"") {
        let end = prefix::closing_quote(line)?;
        return Some((prefix::unquote(&line[..=end]), &line[end + 1..]));
    }
    if let Some(rest) = line.strip_prefix(b"[attr]") {
        let rest = rest.trim_ascii_start();
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        return Some(([b"[attr]", &rest[..end]].concat(), &rest[end..]));
    }
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    Some((line[..end].to_vec(), &line[end..]))
}

fn word(text: &str) -> Word {
    if let Some(name) = text.strip_prefix('-') {
        return (name.to_owned(), Some(State::Unset));
    }
    if let Some(name) = text.strip_prefix('!') {
        return (name.to_owned(), None);
    }
    match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(State::Value(value.to_owned()))),
        None => (text.to_owned(), Some(State::Set)),
    }
}
