//! Writing what was planned, and taking it back.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::edit::{Damage, Format, named};
use super::plan::{Change, Plan, Text, broken, original, read};
use super::record::{Record, Written, digest, value_digest};
use super::tools::{TOOLS, Tool};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::world::files;

/// What became of one file.
pub(super) struct Done {
    /// Where it lies.
    pub path: PathBuf,
    /// What was done.
    pub what: What,
    /// Where the user's original lies, if it does.
    pub backup: Option<PathBuf>,
    /// Settings of ours that the user has changed, and that were left.
    pub left: Vec<String>,
    /// What the user has changed or added in our places since, and what went with it.
    pub taken: Vec<String>,
    /// Where the file lies as it was with that.
    pub copy: Option<PathBuf>,
    /// Where the original should lie, and does not any more.
    pub lost: Option<PathBuf>,
}

impl Done {
    const fn new(path: PathBuf, what: What, backup: Option<PathBuf>) -> Self {
        Self { path, what, backup, left: Vec::new(), taken: Vec::new(), copy: None, lost: None }
    }
}

/// What was done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// It was made.
    Made,
    /// It was changed.
    Changed,
    /// It was as it should be.
    Left,
    /// It is as it was before, byte for byte.
    Restored,
    /// Our settings were taken out.
    Cleared,
    /// It was ours alone, and is gone.
    Removed,
    /// It was gone already.
    Gone,
}

impl What {
    /// The word for people and in JSON.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Changed => "changed",
            Self::Left => "already set up",
            Self::Restored => "restored",
            Self::Cleared => "cleared of monster's settings",
            Self::Removed => "removed",
            Self::Gone => "gone already",
        }
    }
}

/// Writes a plan; what is written is written down first.
///
/// # Errors
/// The file system's.
pub(super) fn write(context: &Context, plan: &Plan, record: &mut Record) -> Result<Vec<Done>, CommandError> {
    plan.changes.iter().map(|change| one(context, plan.tool, change, record)).collect()
}

fn one(context: &Context, tool: &Tool, change: &Change, record: &mut Record) -> Result<Done, CommandError> {
    let path = change.path.clone();
    if !change.changes() && !change.open() {
        let backup = record.of(tool.name, &path).and_then(|written| written.backup.clone());
        return Ok(Done::new(path, What::Left, backup.filter(|backup| !is_gone(backup))));
    }
    let before = change.before.as_ref();
    unchanged(&path, before)?;
    // A file that the user has removed since is new.
    let known = record.of(tool.name, &path).filter(|_| before.is_some()).cloned();
    let backup = match (&known, before) {
        (Some(known), _) => known.backup.clone(),
        (None, Some(before)) => Some(back_up(&path, before.text.as_bytes())?),
        (None, None) => None,
    };
    // What was added since our last write lies in no original.
    let copy = match before.filter(|_| known.is_some() && !change.taken.is_empty()) {
        Some(before) => Some(back_up(&path, before.text.as_bytes())?),
        None => None,
    };
    let touched = |known: &Written| before.is_some_and(|before| digest(before.text.as_bytes()) != known.after);
    let written = Written {
        path: path.clone(),
        mode: known.as_ref().map_or_else(|| before.and_then(|before| before.mode), |known| known.mode),
        after: digest(change.after.as_bytes()),
        mixed: known.as_ref().is_some_and(|known| known.mixed || touched(known)),
        folders: known.as_ref().map_or_else(|| missing(&path), |known| known.folders.clone()),
        keys: change.edits.iter().map(|edit| (edit.at.clone(), value_digest(&edit.value))).collect(),
        backup: backup.clone(),
    };
    record.put(tool.name, written);
    record.save(context)?;
    if let Some(dir) = path.parent() {
        files::private_dir(dir)?;
    }
    let usual = before.map_or(Some(0o600), |before| before.mode);
    let mode = if change.secret() { 0o600 } else { usual.unwrap_or(0o600) };
    // Keeping the original took its time.
    unchanged(&path, before)?;
    files::replace(&path, change.after.as_bytes(), mode)?;
    let what = if before.is_some() { What::Changed } else { What::Made };
    let taken = if copy.is_some() { change.taken.clone() } else { Vec::new() };
    Ok(Done { taken, copy, ..Done::new(path, what, backup.filter(|backup| !is_gone(backup))) })
}

/// What stands in the file now is what was read: the tool itself may have written it meanwhile.
fn unchanged(path: &Path, before: Option<&Text>) -> Result<(), CommandError> {
    let now = read(path)?;
    if now.map(|now| now.text).as_deref() == before.map(|before| before.text.as_str()) {
        return Ok(());
    }
    let what = format!("{} was changed by somebody else just now, and was left as it is", path.display());
    Err(CommandError::new(Exit::Failed, what).hint("do it once more"))
}

/// Keeps the original beside the file, under a name that nothing has yet.
fn back_up(path: &Path, content: &[u8]) -> Result<PathBuf, CommandError> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    for number in 1..1000 {
        let tail = if number == 1 { String::new() } else { format!("-{number}") };
        let backup = path.with_file_name(format!("{name}.monster-backup{tail}"));
        match files::create_private(&backup, content) {
            Ok(()) => return Ok(backup),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(CommandError::new(Exit::Failed, format!("there are too many backups of {}", path.display()))
        .hint("remove the old ones"))
}

/// Folders that a file needs and that are not there, the innermost last.
fn missing(path: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = path.ancestors().skip(1).take_while(|dir| !dir.exists()).map(Path::to_owned).collect();
    out.reverse();
    out
}

/// Nothing lies there; where that cannot be told, something does.
fn is_gone(path: &Path) -> bool {
    path.try_exists().is_ok_and(|there| !there)
}

/// Forgets files whose original is gone and in which nothing of ours stands any more: somebody has put them back by hand.
pub(super) fn forget(context: &Context, record: &mut Record) {
    for tool in TOOLS {
        if let Some(files) = record.tools.get_mut(tool.name) {
            files.retain(|written| !over(context, tool, written));
        }
    }
    record.tools.retain(|_, files| !files.is_empty());
}

fn over(context: &Context, tool: &Tool, written: &Written) -> bool {
    if !written.backup.as_ref().is_some_and(|backup| is_gone(backup)) {
        return false;
    }
    let (Ok(format), Ok(Some(now))) = (format(context, tool, written), read(&written.path)) else { return false };
    let foreign = |at: &[String]| {
        format.get(&now.text, at).is_ok_and(|value| !value.is_some_and(|value| written.ours(at, &value)))
    };
    written.keys.iter().all(|(at, _)| foreign(at))
}

/// Takes back what was written for a tool; `None` = nothing was.
///
/// # Errors
/// Exit 1 when a file cannot be read or understood; it is left alone then, and so are those after it.
pub(super) fn undo(context: &Context, tool: &Tool, record: &mut Record) -> Result<Option<Vec<Done>>, CommandError> {
    let Some(all) = record.tools.get(tool.name).cloned() else { return Ok(None) };
    let mut out = Vec::new();
    // The last first: what was made for several goes with the first of them.
    for written in all.into_iter().rev() {
        let format = format(context, tool, &written)?;
        out.push(back(&written, format)?);
        if let Some(files) = record.tools.get_mut(tool.name) {
            files.retain(|w| w.path != written.path);
        }
        record.save(context)?;
    }
    Ok(Some(out))
}

/// What a file that we wrote is written in.
fn format(context: &Context, tool: &Tool, written: &Written) -> Result<Format, CommandError> {
    let named =
        |file: &&super::tools::File| file.names.iter().any(|name| written.path.file_name().is_some_and(|n| n == *name));
    // A link may have led to another name; then the place tells.
    let placed = |file: &&super::tools::File| super::plan::path(context, file).is_ok_and(|path| path == written.path);
    let file = tool.files.iter().find(placed).or_else(|| tool.files.iter().find(named));
    file.map(|file| file.format).ok_or_else(|| {
        CommandError::new(Exit::Failed, format!("{} is no file of {} any more", written.path.display(), tool.label))
    })
}

fn back(written: &Written, format: Format) -> Result<Done, CommandError> {
    let path = written.path.clone();
    let Some(now) = read(&path)? else {
        let backup = written.backup.clone().filter(|backup| !is_gone(backup));
        return Ok(Done::new(path, What::Gone, backup));
    };
    let (old, lost) = match original(written)? {
        Some(old) => (old, None),
        None => (String::new(), written.backup.clone()),
    };
    let backup = written.backup.clone().filter(|_| lost.is_none());
    if lost.is_none() && !written.mixed && digest(now.text.as_bytes()) == written.after {
        let Some(backup) = backup else {
            remove(&path, &written.folders)?;
            return Ok(Done::new(path, What::Removed, None));
        };
        files::replace(&path, old.as_bytes(), written.mode.unwrap_or(0o600))?;
        std::fs::remove_file(backup)?;
        return Ok(Done::new(path, What::Restored, None));
    }
    let Cleared { text, left, taken } = cleared(written, format, &now.text, &old).map_err(|damage| {
        let error = broken(&path, &damage);
        match &backup {
            Some(backup) => error.hint(format!("your original lies in {}", backup.display())),
            None => error,
        }
    })?;
    let copy = if taken.is_empty() { None } else { Some(back_up(&path, now.text.as_bytes())?) };
    let alone = left.is_empty() && format.empty(&text);
    let done = |what, backup| Done { left, taken, copy, lost, ..Done::new(path.clone(), what, backup) };
    if written.backup.is_none() && alone {
        remove(&path, &written.folders)?;
        return Ok(done(What::Removed, None));
    }
    let same = backup.is_some() && text == old;
    let mode = if same { written.mode } else { now.mode };
    files::replace(&path, text.as_bytes(), mode.unwrap_or(0o600))?;
    if let Some(backup) = backup.as_ref().filter(|_| same) {
        std::fs::remove_file(backup)?;
        return Ok(done(What::Restored, None));
    }
    Ok(done(What::Cleared, backup))
}

/// A file's text without our settings.
struct Cleared {
    text: String,
    /// Those of them that the user has changed, and that stay.
    left: Vec<String>,
    /// What the user has changed or added under our name, which goes.
    taken: Vec<String>,
}

fn cleared(written: &Written, format: Format, now: &str, old: &str) -> Result<Cleared, Damage> {
    let (mut text, mut left, mut taken) = (now.to_owned(), Vec::new(), Vec::new());
    let nothing = value_digest(&Value::Null);
    for (at, value) in &written.keys {
        // What bears our name goes whole, whatever was added to it since: half of it is what no tool understands.
        let own = own(at);
        if own.len() < at.len() && format.get(old, own)?.is_none() {
            if format.get(&text, own)?.is_some() {
                taken.extend(foreign(written, format, &text, own)?);
                text = format.carry(&text, own, old)?;
            }
            continue;
        }
        match format.get(&text, at)? {
            Some(value) if written.ours(at, &value) => text = format.carry(&text, at, old)?,
            Some(_) => left.push(named(at)),
            // What we took out is put back.
            None if *value == nothing => text = format.carry(&text, at, old)?,
            None => {}
        }
    }
    Ok(Cleared { text, left, taken })
}

/// What stands under our name and is not ours: what the user has changed there, else that something was added.
fn foreign(written: &Written, format: Format, text: &str, own: &[String]) -> Result<Vec<String>, Damage> {
    let (mut rest, mut out) = (text.to_owned(), Vec::new());
    for (at, _) in written.keys.iter().filter(|(at, _)| at.starts_with(own)) {
        match format.get(&rest, at)? {
            Some(value) if written.ours(at, &value) => rest = format.carry(&rest, at, "")?,
            Some(_) => out.push(named(at)),
            None => {}
        }
    }
    if out.is_empty() && format.get(&rest, own)?.is_some() {
        out.push(named(own));
    }
    Ok(out)
}

/// The part of an address that bears our name; all of it where none does.
fn own(at: &[String]) -> &[String] {
    let ours = |part: &String| part == "monster" || part.contains('=');
    at.iter().position(ours).and_then(|n| at.get(..=n)).unwrap_or(at)
}

/// Removes a file that we made, and folders that we made for it and that hold nothing else.
fn remove(path: &Path, folders: &[PathBuf]) -> Result<(), CommandError> {
    std::fs::remove_file(path)?;
    for folder in folders.iter().rev() {
        if std::fs::remove_dir(folder).is_err() {
            // Something of the tool's own lies in it by now.
            break;
        }
    }
    Ok(())
}
