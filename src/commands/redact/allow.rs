//! `monster redact allow`: what is no secret although it looks like one. The value is never taken from the command line,
//! and no list holds it.

use std::fs::File;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use jiff::ToSpan;
use serde_json::json;

use super::form;
use super::policy::{key, today, users_list};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::counted;
use crate::config::redact_allow::{self, ListError, REPOSITORYS, RepositoryRow, UserRow, hex, holds, unhex};
use crate::git::Repo;
use crate::secrets::{Hit, Mode, Place, Redactor, Verdict, stretch};
use crate::ui::Table;
use crate::world::{files, random};

/// What stands at the top of the user's list.
const HEAD: &str = "# Values that monster does not treat as secrets, by keyed fingerprint: the values are not in here.\n# Changed with: monster redact allow\n";
/// What stands at the top of a repository's list.
const SHARED: &str = "# Values that monster redact does not report in this repository, by salted slow hash: the values are not in here.\n# Changed with: monster redact allow --repo FILE:LINE\n";
/// Whoever changes a list holds this file, in the state folder.
const LOCK: &str = "redact.lock";
/// Fewer digits of a fingerprint could be another's.
const LEAST_DIGITS: usize = 6;
/// The shortest value that can be allowed (bytes).
const SHORTEST: usize = 4;

/// Allow a value that is no secret, for yourself or in this repository.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("act").args(["place", "list", "remove"]).multiple(false),
    after_help = "Without a place, the value is read from the terminal or from standard input; never from the command line, where\nother users could see it.\n\nWhat a repository allows counts only for the rule, the place and the value together, and never for a token whose own\ncheck holds or for a key of yours.\n\nA place is read from the current folder, or from the top of the repository where no such file is here, as scan prints\nit. What stands in no file any more (a name, a message, an older version) is allowed by its value.\n\nExamples:\n  monster redact allow src/fixtures.py:12 --reason 'made up'\n  monster redact allow --repo tests/login.json:3 --for 90\n  pass show staging | monster redact allow\n  monster redact allow --list"
)]
pub(super) struct Allow {
    /// Where it stands: FILE:LINE, or FILE:LINE:COLUMN where a line holds several.
    #[arg(value_name = "FILE:LINE")]
    place: Option<String>,
    /// Write it into the repository's list, for everybody who works in it.
    #[arg(long, requires = "place", conflicts_with_all = ["list", "remove"])]
    repo: bool,
    /// For so many days, 1 to 3660; for ever otherwise.
    #[arg(long = "for", value_name = "DAYS", conflicts_with_all = ["list", "remove"],
        value_parser = clap::value_parser!(u16).range(1..=3660))]
    days: Option<u16>,
    /// Why.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["list", "remove"])]
    reason: Option<String>,
    /// List what is allowed.
    #[arg(long)]
    list: bool,
    /// Allow it no longer: a fingerprint, or six or more of its first digits.
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
    remove: Option<String>,
}

impl From<ListError> for CommandError {
    fn from(error: ListError) -> Self {
        Self::new(Exit::Failed, error.to_string())
    }
}

impl Allow {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        if self.list {
            return list(context);
        }
        if let Some(which) = &self.remove {
            return remove(context, which);
        }
        if let Some(reason) = &self.reason
            && crate::secrets::mask(reason) != *reason
        {
            return Err(CommandError::new(Exit::Usage, "the reason looks like a secret, and lists are plain text"));
        }
        let until = self.days.and_then(|days| today(context).checked_add(i64::from(days).days()).ok());
        let until = until.map(|day| day.to_string());
        let (value, found) = match &self.place {
            Some(place) => {
                let found = at(context, place)?;
                (found.value.clone(), Some(found))
            }
            None => (given(context)?, None),
        };
        if value.len() < SHORTEST {
            return Err(CommandError::new(Exit::Usage, "a value this short would allow ordinary text"));
        }
        let told = match (&found, self.repo) {
            (Some(found), true) => self.for_repository(context, found, until.as_deref())?,
            _ => self.for_user(context, &value, until.as_deref())?,
        };
        let kind = found.as_ref().map(|f| f.hit.kind);
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.redact.allow/1", "list": told.list, "kind": kind,
                "fingerprint": told.fingerprint, "until": until }))?;
        } else {
            let what = kind.map_or_else(|| "the value".to_owned(), |kind| format!("the {kind}"));
            let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
            let again = if told.changed { "is" } else { "was already" };
            context.ui.out(&format!("{what} {again} allowed{until}: {} in {}", told.fingerprint, told.list))?;
        }
        if let (Some(found), true) = (&found, self.repo)
            && let Some(rule) = masked_still(context, found)?
        {
            context.ui.status(&format!(
                "scan no longer reports it there; in what is sent, where no place is known, it stays masked: {rule} finds it too"
            ));
        }
        Ok(Exit::Done)
    }

    fn for_user(&self, context: &Context, value: &str, until: Option<&str>) -> Result<Told, CommandError> {
        let path = users_list(context).ok_or_else(|| {
            CommandError::new(Exit::Failed, "there is no place for your settings")
                .hint("set HOME, XDG_CONFIG_HOME or MONSTER_CONFIG_DIR")
        })?;
        let alone = alone(context)?;
        let mut list = redact_allow::users(&path)?;
        let fingerprint = hex(&key(context)?.fingerprint(value));
        let row =
            UserRow { fingerprint: fingerprint.clone(), until: until.map(str::to_owned), reason: self.reason.clone() };
        let changed = !list.allow.contains(&row);
        list.allow.retain(|r| r.fingerprint != fingerprint);
        list.allow.push(row);
        if let Some(dir) = path.parent() {
            files::private_dir(dir)?;
        }
        redact_allow::write(&path, &list, HEAD, 0o600)?;
        drop(alone);
        Ok(Told { list: path.display().to_string(), fingerprint, changed })
    }

    fn for_repository(&self, context: &Context, found: &At, until: Option<&str>) -> Result<Told, CommandError> {
        let root =
            context.repo()?.root().ok_or_else(|| CommandError::new(Exit::Repository, "there is no work tree"))?;
        let Some(place) = &found.path else {
            return Err(CommandError::new(Exit::Usage, "this file does not lie in the repository"));
        };
        if found.hit.checksum || found.hit.label.is_some() {
            let what =
                if found.hit.checksum { "its own check holds, so it is a real token" } else { "it is a key of yours" };
            return Err(CommandError::new(Exit::Failed, format!("a repository cannot allow this: {what}"))
                .hint("take it out and revoke it; or allow it for yourself alone, without --repo"));
        }
        let path = root.join(REPOSITORYS);
        let alone = alone(context)?;
        let mut list = redact_allow::repositorys(&path)?;
        if unhex(&list.salt).is_none_or(|salt| salt.len() < 16) {
            list.salt = hex(&random::bytes::<16>()?);
        }
        let salt = unhex(&list.salt).unwrap_or_default();
        let hash = stretch(&salt, &found.value)
            .ok_or_else(|| CommandError::new(Exit::Internal, "the value cannot be hashed"))?;
        let row = RepositoryRow {
            rule: found.hit.rule.to_owned(),
            path: literal(place),
            hash: hex(&hash),
            until: until.map(str::to_owned),
            reason: self.reason.clone(),
        };
        let changed = !list.allow.contains(&row);
        list.allow.retain(|r| (&r.rule, &r.path, &r.hash) != (&row.rule, &row.path, &row.hash));
        let fingerprint = row.hash.get(..32).unwrap_or_default().to_owned();
        list.allow.push(row);
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        redact_allow::write(&path, &list, SHARED, 0o644)?;
        drop(alone);
        Ok(Told { list: REPOSITORYS.to_owned(), fingerprint, changed })
    }
}

/// Keeps other processes of this user from changing a list while this one does. The lock lies in the state folder: a
/// repository is not littered.
fn alone(context: &Context) -> Result<Option<File>, CommandError> {
    crate::commands::alone::alone(context, LOCK, "another monster changes the lists and does not come to an end")
}

struct Told {
    list: String,
    fingerprint: String,
    changed: bool,
}

/// Which other rule masks the value in what is sent although the repository allows it.
fn masked_still(context: &Context, found: &At) -> Result<Option<&'static str>, CommandError> {
    let redactor = context.redactor_with(super::policy::whole(context)?)?;
    let span = &found.hit;
    let over = |hit: &&Hit| hit.start < span.end && span.start < hit.end && hit.mode >= Mode::Redact;
    Ok(redactor.redact(&found.text).hits.iter().find(over).map(|hit| hit.rule))
}

/// Something found at a place.
struct At {
    /// The whole text it stands in.
    text: String,
    value: String,
    hit: Hit,
    path: Option<String>,
}

/// The path as a glob that matches nothing else.
fn literal(path: &str) -> String {
    path.chars().fold(String::new(), |mut out, c| {
        if "*?[]{}\\!".contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

/// What the rules find at `FILE:LINE[:COLUMN]`.
fn at(context: &Context, place: &str) -> Result<At, CommandError> {
    let wrong = || {
        CommandError::new(Exit::Usage, format!("\"{place}\" is no place"))
            .hint("a place is FILE:LINE or FILE:LINE:COLUMN, as monster redact scan prints it")
    };
    let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n > 0);
    let (front, last) = place.rsplit_once(':').ok_or_else(wrong)?;
    let last = number(last).ok_or_else(wrong)?;
    let (name, line, column) = match front.rsplit_once(':').and_then(|(name, line)| Some((name, number(line)?))) {
        Some((name, line)) => (name, line, Some(last)),
        None => (front, last, None),
    };
    let path = found_at(context, name);
    let bytes = files::read_bounded(&path, super::gather::LARGEST)
        .map_err(|e| CommandError::new(Exit::Usage, format!("{name} cannot be read: {e}")))?;
    let text = form::text(&bytes).0;
    let redactor: Redactor = context.redactor_with(super::policy::whole(context)?)?;
    let inside = relative(context, &path);
    let judged = redactor.judge(&text, Place { path: inside.as_deref(), report: true });
    let begin = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    let end = begin + text.get(begin..).and_then(|t| t.find('\n')).unwrap_or(text.len() - begin);
    let here = |hit: &Hit| hit.start <= end && hit.end > begin;
    let column_of = |hit: &Hit| text.get(begin..hit.start.max(begin)).unwrap_or_default().chars().count() + 1;
    let mut found: Vec<&Hit> = judged
        .iter()
        .filter(|(hit, verdict)| here(hit) && !matches!(verdict, Verdict::Unsure))
        .map(|(hit, _)| hit)
        .collect();
    if let Some(column) = column {
        found.retain(|hit| column_of(hit) == column);
    }
    match found.as_slice() {
        [] => Err(CommandError::new(Exit::Failed, format!("nothing is found at {place}"))
            .hint(format!("see what is found: monster redact scan {}", crate::auth::quoted(name)))),
        [hit] => {
            let value = text.get(hit.start..hit.end).unwrap_or_default().to_owned();
            let hit = (*hit).clone();
            Ok(At { text, value, hit, path: inside })
        }
        several => {
            let places: Vec<String> = several.iter().map(|h| format!("{name}:{line}:{}", column_of(h))).collect();
            let what = format!("{} are found there", counted(several.len(), "secret"));
            Err(CommandError::new(Exit::Usage, what).hint(format!("name one: {}", places.join(", "))))
        }
    }
}

/// Where a place lies: here, or else from the top of the repository, as changes and histories call it.
fn found_at(context: &Context, name: &str) -> PathBuf {
    let here = context.env.cwd().join(name);
    let top = context.repo().ok().and_then(Repo::root).map(|root| root.join(name));
    top.filter(|top| !here.is_file() && top.is_file()).unwrap_or(here)
}

/// A fingerprint, or enough of its first digits.
fn fingerprint(text: &str) -> Result<String, String> {
    if text.len() >= LEAST_DIGITS {
        Ok(text.to_owned())
    } else {
        Err(format!("it takes {LEAST_DIGITS} digits or more"))
    }
}

/// A path from the top of the repository.
fn relative(context: &Context, path: &Path) -> Option<String> {
    let root = context.repo().ok().and_then(Repo::root)?.canonicalize().ok()?;
    let path = path.canonicalize().ok()?;
    Some(super::gather::inside(path.strip_prefix(root).ok()?).to_string())
}

/// The value from the terminal, or the first line of standard input.
fn given(context: &Context) -> Result<String, CommandError> {
    if context.ui.interactive() {
        let asked = context.ui.secret("The value to allow (not shown)", false);
        return asked
            .map(|secret| secret.expose().to_owned())
            .ok_or_else(|| CommandError::new(Exit::Failed, "nothing was allowed"));
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|_| CommandError::new(Exit::Usage, "the value on standard input is no text"))?;
    let value = line.trim_end_matches(['\r', '\n']);
    if value.is_empty() {
        return Err(CommandError::new(Exit::Usage, "there is no value on standard input")
            .hint("name the place where it stands: monster redact allow FILE:LINE"));
    }
    Ok(value.to_owned())
}

fn list(context: &Context) -> Outcome {
    let today = today(context);
    let mut rows: Vec<(String, String, Option<String>, Option<String>)> = Vec::new();
    if let Some(path) = users_list(context) {
        let list = redact_allow::users(&path)?;
        rows.extend(list.allow.into_iter().map(|r| (r.fingerprint, "you, everywhere".to_owned(), r.until, r.reason)));
    }
    if let Some(root) = context.repo().ok().and_then(Repo::root) {
        let list = redact_allow::repositorys(&root.join(REPOSITORYS))?;
        rows.extend(list.allow.into_iter().map(|r| {
            let place = format!("{} in {}", r.rule, r.path);
            (r.hash.get(..32).unwrap_or_default().to_owned(), place, r.until, r.reason)
        }));
    }
    if context.ui.look().json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(fingerprint, place, until, reason)| {
                json!({ "fingerprint": fingerprint, "where": place, "until": until, "reason": reason,
                    "holds": holds(until.as_ref(), today) })
            })
            .collect();
        context.ui.json(&json!({ "schema": "monster.redact.allowed/1", "allowed": rows }))?;
    } else if rows.is_empty() {
        context.ui.out("nothing is allowed")?;
    } else {
        let mut table = Table::new(&["fingerprint", "where", "until", "reason"]);
        for (fingerprint, place, until, reason) in rows {
            let over = if holds(until.as_ref(), today) { "" } else { " (over)" };
            let until = until.map_or_else(|| "for ever".to_owned(), |day| format!("{day}{over}"));
            table.row([fingerprint, place, until, reason.unwrap_or_default()]);
        }
        context.ui.out(&table.render())?;
    }
    Ok(Exit::Done)
}

fn remove(context: &Context, which: &str) -> Outcome {
    let fits = |fingerprint: &str| fingerprint.starts_with(&which.to_ascii_lowercase());
    let mut gone = 0;
    let alone = alone(context)?;
    if let Some(path) = users_list(context) {
        let mut list = redact_allow::users(&path)?;
        let before = list.allow.len();
        list.allow.retain(|row| !fits(&row.fingerprint));
        if list.allow.len() < before {
            gone += before - list.allow.len();
            redact_allow::write(&path, &list, HEAD, 0o600)?;
        }
    }
    if let Some(root) = context.repo().ok().and_then(Repo::root) {
        let path = root.join(REPOSITORYS);
        let mut list = redact_allow::repositorys(&path)?;
        let before = list.allow.len();
        list.allow.retain(|row| !fits(&row.hash));
        if list.allow.len() < before {
            gone += before - list.allow.len();
            redact_allow::write(&path, &list, SHARED, 0o644)?;
        }
    }
    drop(alone);
    if gone == 0 {
        return Err(CommandError::new(Exit::Failed, format!("nothing with the fingerprint \"{which}\" is allowed"))
            .hint("see what is: monster redact allow --list; six digits of a fingerprint are enough"));
    }
    context
        .ui
        .out(&format!("{} allowed no longer", if gone == 1 { "it is".to_owned() } else { format!("{gone} are") }))?;
    Ok(Exit::Done)
}
