//! What setting a tool up would change, as texts: nothing is written here.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::edit::{Damage, Edit, Format, named};
use super::over::{Over, over};
use super::record::{Record, Written};
use super::tools::{File, Holding, Tool};
use super::wish::{Key, NONE, OLD, SHOWN, Wish};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::world::files;

/// No settings file is larger (bytes).
const LARGEST: u64 = 4 << 20;

/// What would become of one file.
pub(super) struct Change {
    /// Where it lies; links are followed.
    pub path: PathBuf,
    /// What stands in it; `None` = it is not there.
    pub before: Option<Text>,
    /// What would.
    pub after: String,
    /// Both without keys, for people.
    pub shown: (String, String),
    /// Settings that are ours then.
    pub edits: Vec<Edit>,
    /// What the user has written in their places since our last write: it lies in no backup yet.
    pub taken: Vec<String>,
}

/// A file's text and its permission bits.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// What stands in it.
    pub text: String,
    /// Permission bits; `None` where there are none.
    pub mode: Option<u32>,
}

/// What would become of a tool's files.
pub(super) struct Plan {
    /// The tool.
    pub tool: &'static Tool,
    /// How the key gets there.
    pub key: Key,
    /// Its files.
    pub changes: Vec<Change>,
    /// Its settings hold a key, and none is known.
    pub keyless: bool,
    /// It stands as it was set up for a server that asks for no key.
    pub open: bool,
    /// What of the user's own goes before it.
    pub over: Vec<Over>,
}

/// How a tool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Everything is as it would be written, with a key or, where it was set up so, without one.
    Set,
    /// It was set up, and something is different now: in the file, or in our own settings.
    Changed,
    /// It was not set up.
    Not,
}

impl State {
    /// The word for people and in JSON.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Set => "set up",
            Self::Changed => "changed",
            Self::Not => "not set up",
        }
    }
}

impl Change {
    /// Something is different then.
    pub(super) fn changes(&self) -> bool {
        self.before.as_ref().is_none_or(|before| before.text != self.after)
    }

    /// A key stands in it then.
    pub(super) fn secret(&self) -> bool {
        self.edits.iter().any(|edit| edit.secret)
    }

    /// Others could read the key.
    pub(super) fn open(&self) -> bool {
        let mode = self.before.as_ref().and_then(|before| before.mode);
        self.secret() && mode.is_some_and(|mode| mode & 0o077 != 0)
    }
}

impl Plan {
    /// Nothing is to be done.
    pub(super) fn settled(&self) -> bool {
        !self.keyless && !self.changes.iter().any(|change| change.changes() || change.open())
    }

    /// Something of the user's own keeps the tool from monster.
    pub(super) fn beaten(&self) -> bool {
        self.over.iter().any(|over| over.wins)
    }

    /// How the tool stands, if this is what was written for it.
    pub(super) fn state(&self, record: &Record) -> State {
        match () {
            () if self.settled() || self.open => State::Set,
            () if record.tools.contains_key(self.tool.name) => State::Changed,
            () => State::Not,
        }
    }
}

/// What setting the tool up would change. `Key::Variable` leaves open how the key gets there: as it is now, if it is set
/// up already, else as the tool can take it.
///
/// # Errors
/// Exit 1 when a file cannot be read or understood.
pub(super) fn plan(context: &Context, tool: &'static Tool, wish: &Wish, record: &Record) -> Result<Plan, CommandError> {
    if !matches!(wish.key, Key::Variable) {
        return with(context, tool, wish, record);
    }
    let by = |key: Key| with(context, tool, &Wish { key, ..wish.clone() }, record);
    let usual = by(if tool.key == Holding::Value { Key::Kept } else { Key::Variable })?;
    if usual.settled() || !record.tools.contains_key(tool.name) {
        return Ok(usual);
    }
    let kept = by(Key::Kept)?;
    if !kept.keyless && kept.changes.iter().any(Change::secret) {
        return Ok(kept);
    }
    // Who wants none again says so again; there is no other word for having one.
    let open = by(Key::Open)?.settled();
    Ok(Plan { open, ..usual })
}

fn with(context: &Context, tool: &'static Tool, wish: &Wish, record: &Record) -> Result<Plan, CommandError> {
    let (mut changes, mut keyless) = (Vec::new(), false);
    for file in tool.files {
        let (path, before) = look(context, file)?;
        let written = record.of(tool.name, &path);
        let says = (file.says)(wish);
        if says.is_empty() && written.is_none() {
            continue;
        }
        // Where it is gone, what we would not write now goes, and nothing comes back in its place.
        let old = written.map(original).transpose()?.flatten();
        let text = before.as_ref().map_or("", |before| before.text.as_str());
        let made = made(file.format, text, says, written, old.as_deref());
        let (after, shown, edits, missing) = made.map_err(|damage| broken(&path, &damage))?;
        keyless |= missing && matches!(wish.key, Key::Kept);
        let taken = written.map_or_else(
            || Ok(Vec::new()),
            |written| taken(file.format, (text, &after), &edits, written, old.as_deref()),
        );
        let taken = taken.map_err(|damage| broken(&path, &damage))?;
        changes.push(Change { path, before, after, shown, edits, taken });
    }
    let over = over(context, tool, &changes);
    Ok(Plan { tool, key: wish.key.clone(), changes, keyless, open: false, over })
}

/// Places whose value goes and is neither of our writing nor in the original.
fn taken(
    format: Format,
    (text, after): (&str, &str),
    edits: &[Edit],
    written: &Written,
    old: Option<&str>,
) -> Result<Vec<String>, Damage> {
    let mut out = Vec::new();
    for Edit { at, .. } in edits {
        let Some(there) = format.get(text, at)?.filter(|there| !written.ours(at, there)) else { continue };
        if format.get(after, at)?.as_ref() != Some(&there)
            && format.get(old.unwrap_or_default(), at)?.as_ref() != Some(&there)
        {
            out.push(named(at));
        }
    }
    Ok(out)
}

/// The text afterwards, both texts for people, the settings that are ours then, and whether a key is missing.
type Made = (String, (String, String), Vec<Edit>, bool);

fn made(
    format: Format,
    text: &str,
    says: Vec<Edit>,
    written: Option<&Written>,
    old: Option<&str>,
) -> Result<Made, Damage> {
    let (mut after, mut edits, mut missing) = (text.to_owned(), Vec::new(), false);
    // Also where nothing is to be done: what another member of that name hides would be shown.
    let mut covers = Vec::new();
    // What we wrote for another key or other models, and would not write now.
    for (at, _) in written.iter().flat_map(|written| &written.keys) {
        let stale = !says.iter().any(|edit| edit.at == *at);
        let ours = |value: &Value| written.is_some_and(|written| written.ours(at, value));
        if stale && format.get(&after, at)?.as_ref().is_some_and(ours) {
            after = format.carry(&after, at, old.unwrap_or_default())?;
        }
    }
    for mut edit in says {
        if edit.gone() {
            covers.extend(edit.covered.then(|| edit.clone()));
            let less = without(format, &after, &edit.at)?;
            // What was taken out before still is.
            if less != after || written.is_some_and(|written| written.ours(&edit.at, &edit.value)) {
                edits.push(edit);
            }
            after = less;
            continue;
        }
        let there = format.get(text, &edit.at)?;
        if edit.secret && edit.value == SHOWN {
            // The word that stands for none is no key.
            let kept = |value: &&Value| **value != NONE && written.is_some_and(|w| w.ours(&edit.at, value));
            match there.as_ref().filter(kept) {
                Some(kept) => edit.value = kept.clone(),
                None => missing = true,
            }
        }
        let ours = there.as_ref().is_some_and(|value| written.is_some_and(|w| w.ours(&edit.at, value)));
        if edit.gentle && there.is_some() && !ours {
            continue;
        }
        if format.get(&after, &edit.at)?.as_ref() != Some(&edit.value) {
            after = format.set(&after, &edit.at, &edit.value)?;
        }
        covers.extend((edit.secret || edit.covered).then(|| edit.clone()));
        edits.push(edit);
    }
    let (mut left, mut right) = (text.to_owned(), after.clone());
    for edit in &covers {
        let word = |there: &Value| match () {
            () if silent(there) => None,
            () if *there != edit.value => Some(OLD),
            () => edit.secret.then_some(SHOWN),
        };
        left = format.cover(&left, &edit.at, word)?;
        right = format.cover(&right, &edit.at, word)?;
    }
    Ok((after, (left, right), edits, missing))
}

/// It says nothing.
fn silent(value: &Value) -> bool {
    [Value::Null, Value::from(""), Value::from(false)].contains(value)
}

/// The text without what stands at a place, as long as it says something there.
fn without(format: Format, text: &str, at: &[String]) -> Result<String, Damage> {
    let mut text = text.to_owned();
    // Where a name stands twice, the other one would count then.
    while format.get(&text, at)?.is_some_and(|value| !silent(&value)) {
        let less = format.carry(&text, at, "")?;
        if less.len() >= text.len() {
            break;
        }
        text = less;
    }
    Ok(text)
}

/// Where a file lies, and what stands in it.
fn look(context: &Context, file: &File) -> Result<(PathBuf, Option<Text>), CommandError> {
    let path = path(context, file)?;
    let text = read(&path)?;
    Ok((path, text))
}

/// Where a file lies: the first name that is there, else the first; a link is followed to what it names.
///
/// # Errors
/// Exit 1 when there is no home, or a link leads to nothing.
pub(super) fn path(context: &Context, file: &File) -> Result<PathBuf, CommandError> {
    let folder = file.folder.path(&context.env).ok_or_else(|| {
        CommandError::new(Exit::Failed, "there is no place for the settings of your tools").hint("set HOME")
    })?;
    let there = |name: &&str| std::fs::symlink_metadata(folder.join(name)).is_ok();
    let name = file.names.iter().copied().find(there);
    let path = folder.join(name.or_else(|| file.names.first().copied()).unwrap_or_default());
    if name.is_none() {
        return Ok(path);
    }
    path.canonicalize().map_err(|error| {
        CommandError::new(Exit::Failed, format!("{} leads to nothing that can be read: {error}", path.display()))
    })
}

/// What stands in a file; `None` = it is not there.
///
/// # Errors
/// Exit 1 when it cannot be read, or is no text.
pub(super) fn read(path: &Path) -> Result<Option<Text>, CommandError> {
    let bytes = match files::read_bounded(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(CommandError::new(Exit::Failed, format!("{} cannot be read: {error}", path.display())));
        }
    };
    let text = String::from_utf8(bytes).map_err(|_| broken(path, &Damage::whole("it is no text in UTF-8")))?;
    Ok(Some(Text { text, mode: files::mode(path)? }))
}

/// The text that stood in a file before us, empty where there was no file; `None` = it was kept, and is gone.
///
/// # Errors
/// Exit 1 when the backup is there and cannot be read.
pub(super) fn original(written: &Written) -> Result<Option<String>, CommandError> {
    let Some(backup) = &written.backup else { return Ok(Some(String::new())) };
    Ok(read(backup)?.map(|text| text.text))
}

/// A file that is left alone because it is not understood.
pub(super) fn broken(path: &Path, damage: &Damage) -> CommandError {
    CommandError::new(Exit::Failed, format!("{} is not understood: {damage}", path.display()))
        .hint("nothing was changed; mend the file and try again")
}
