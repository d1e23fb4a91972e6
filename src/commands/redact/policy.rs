//! What the settings and lists say about secrets, made into what the redactor works by. What cannot be understood stops
//! the command, or allows nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use jiff::civil::Date;

use super::form;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::config::redact_allow::{self, REPOSITORYS, USERS, holds, unhex};
use crate::config::{FindRow, KindRow, modes};
use crate::git::Repo;
use crate::model::Secret;
use crate::secrets::{Allow, Entry, KNOWN_MIN, Key, Known, Listed, Mode, Own, OwnRule, Policy, env_values, kinds};
use crate::world::clock::zone;
use crate::world::{files, random};

/// The key of fingerprints, in the state folder.
const KEY: &str = "redact.key";
/// Most names that are suggested for a mistyped one.
const SUGGESTED: usize = 5;
/// An environment file larger than this is none (bytes).
const ENV_FILE: u64 = 1 << 20;

/// What is looked for, what happens to it, and what is allowed.
///
/// # Errors
/// Exit 1 when the user's settings name a kind that is none, or a rule that cannot hold, and when the system gives no
/// random numbers: nothing is sent then.
pub(in crate::commands) fn policy(context: &Context) -> Result<Policy, CommandError> {
    let mut policy = settled(context)?;
    if context.globals.secrets == Some(Mode::Off) {
        // Said for this call, of everything.
        (policy.kinds, policy.raised) = (BTreeMap::new(), BTreeMap::new());
    }
    Ok(policy)
}

/// The same in another mode, said for some callers, of everything.
pub(in crate::commands) fn within(mut policy: Policy, mode: Mode) -> Policy {
    policy.mode = mode;
    if mode == Mode::Off {
        (policy.kinds, policy.raised) = (BTreeMap::new(), BTreeMap::new());
    }
    policy
}

fn settled(context: &Context) -> Result<Policy, CommandError> {
    let settings = &context.config().redact;
    // A word that is no mode masks.
    let mode = |name: &str| Mode::parse(name).unwrap_or_default();
    let own = own(context)?;
    let named = |rows: &[KindRow]| -> BTreeMap<String, Mode> {
        modes(rows).into_iter().map(|(name, word)| (name.to_owned(), mode(word))).collect()
    };
    // Nobody knows what was meant: nothing laxer is done.
    let meant = if context.loaded().misread("redact.mode") { Mode::Block } else { mode(&settings.mode) };
    let mut policy = Policy {
        mode: meant,
        // Nobody asked for one: there is none.
        floor: if settings.floor.is_empty() { Mode::Off } else { mode(&settings.floor) },
        kinds: named(&settings.kinds),
        raised: named(&settings.raised),
        strict: settings.strict,
        pii: settings.pii,
        own,
        allow: Allow::default(),
    };
    if !(settings.kinds.is_empty() && settings.raised.is_empty()) {
        named_right(context, &policy)?;
    }
    policy.allow = allowed(context)?;
    Ok(policy)
}

/// The user's own rules. Those that cannot hold stop the command; a gate looks with the others.
fn own(context: &Context) -> Result<Own, CommandError> {
    let rows = &context.config().redact.rules;
    let wrong = match Own::new(&rows.iter().map(rule).collect::<Vec<_>>()) {
        Ok(own) => return Ok(own),
        Err(wrong) => wrong,
    };
    let told = |(at, what): &(usize, String)| {
        let place = rows.get(*at).map(|r| r.place.as_str()).unwrap_or_default();
        format!("{place}: redact.rule: {what}")
    };
    let said: Vec<String> = wrong.iter().map(told).collect();
    if !context.gates() {
        return Err(refused(said));
    }
    said.iter().for_each(|what| context.ui.warn_once(what));
    let holds = |(at, _): &(usize, &FindRow)| wrong.iter().all(|(bad, _)| bad != at);
    let others: Vec<OwnRule> = rows.iter().enumerate().filter(holds).map(|(_, row)| rule(row)).collect();
    Ok(Own::new(&others).unwrap_or_default())
}

/// What nobody knows of the user's names stops the command, of a repository's it is told.
fn named_right(context: &Context, policy: &Policy) -> Result<(), CommandError> {
    let settings = &context.config().redact;
    let known: BTreeSet<&str> = policy.rules().into_iter().flat_map(|r| [r.rule, r.tag]).chain(kinds()).collect();
    let (mine, theirs): (Vec<_>, Vec<_>) =
        (strangers(&settings.kinds, &known).collect(), strangers(&settings.raised, &known).collect());
    if context.gates() {
        mine.iter().for_each(|(what, _)| context.ui.warn_once(what));
    } else if let Some((_, name)) = mine.first() {
        let near = crate::catalog::nearest(name, known.iter().copied());
        let near = near.into_iter().take(SUGGESTED).collect::<Vec<_>>();
        let error = refused(mine.into_iter().map(|(what, _)| what).collect());
        let error = error.hints((!near.is_empty()).then(|| format!("did you mean {}?", near.join(", "))));
        return Err(error.hint("see every rule and its word: monster redact rules"));
    }
    theirs.iter().for_each(|(what, _)| context.ui.warn_once(&format!("{what}; ignored")));
    Ok(())
}

/// As [`policy`], for commands whose whole purpose it is: settings that cannot be wholly read stop them, but no gate. They look in
/// every mode, so `--secrets off` takes nothing back that was said of single kinds.
///
/// # Errors
/// As above.
pub(super) fn whole(context: &Context) -> Result<Policy, CommandError> {
    if let Some(problem) = context.loaded().unsafe_to_call().filter(|_| !context.gates()) {
        return Err(CommandError::new(Exit::Failed, problem).hint("mend it with: monster config edit"));
    }
    settled(context)
}

/// What is wrong, and the name that nobody knows.
fn strangers<'a>(rows: &'a [KindRow], known: &'a BTreeSet<&str>) -> impl Iterator<Item = (String, &'a str)> + 'a {
    let strange = rows.iter().filter(|row| !known.contains(row.name.as_str()));
    strange.map(|row| {
        let what = format!("{}: redact.kinds: no rule and no kind is called \"{}\"", row.place, row.name);
        (what, row.name.as_str())
    })
}

/// How a hint begins that says what broken settings stop.
pub(in crate::commands) const UNSENT: &str = "nothing is sent until ";

fn refused(mut wrong: Vec<String>) -> CommandError {
    let mut error = CommandError::new(Exit::Failed, wrong.remove(0));
    error.causes = wrong;
    error.hint(format!("{UNSENT}it is mended: monster config edit"))
}

fn rule(row: &FindRow) -> OwnRule {
    OwnRule {
        name: row.name.clone(),
        literal: row.literal.clone(),
        pattern: row.pattern.clone(),
        group: row.group,
        min_entropy: row.min_entropy,
        kind: row.kind.clone(),
        slow: row.slow,
    }
}

/// The values that the user's settings name as secret, wherever they stand.
///
/// # Errors
/// Exit 1 when a named file is there and cannot be read: what is in it would be sent.
pub(in crate::commands) fn named_values(context: &Context) -> Result<Vec<Known>, CommandError> {
    let settings = &context.config().redact;
    let mut out = Vec::new();
    let mut take = |name: String, value: String| {
        if value.len() < KNOWN_MIN {
            let what =
                format!("{name} has fewer than {KNOWN_MIN} bytes and is not masked: it would hide ordinary text");
            context.ui.warn_once(&what);
        } else {
            out.push(Known::new(&name, Secret::new(value)));
        }
    };
    for name in &settings.values {
        match context.env.get(name).filter(|value| !value.is_empty()) {
            Some(value) => take(format!("${name}"), value.to_owned()),
            None => context.ui.warn_once(&format!("{name} is named in redact.values and is not set")),
        }
    }
    let root = context.repo().ok().and_then(Repo::root).unwrap_or(context.env.cwd());
    for file in &settings.deny_values_from {
        let path = root.join(file);
        let bytes = match files::read_bounded(&path, ENV_FILE) {
            // Not every repository has one of that name.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path != Path::new(file) => continue,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let what = format!("{} is named in redact.deny_values_from and is not there", path.display());
                context.ui.warn_once(&what);
                continue;
            }
            Err(error) => {
                let what =
                    format!("{} is named in redact.deny_values_from and cannot be read: {error}", path.display());
                if context.gates() {
                    context.ui.warn_once(&what);
                    continue;
                }
                return Err(CommandError::new(Exit::Failed, what).hint(format!("{UNSENT}it can be read")));
            }
            Ok(bytes) => bytes,
        };
        for (name, value) in env_values(&form::text(&bytes).0) {
            take(format!("{file}: {name}"), value);
        }
    }
    Ok(out)
}

/// The key of fingerprints, made when first needed. One that cannot be kept makes fingerprints that compare with none.
///
/// # Errors
/// Exit 1 when the system gives no random numbers: whoever knows the key can try values.
pub(in crate::commands) fn key(context: &Context) -> Result<Key, CommandError> {
    let kept = || -> Option<[u8; 32]> {
        let dir = context.env.state_dir()?;
        let path = dir.join(KEY);
        let read = || files::read_private(&path, 64).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        if let Some(key) = read() {
            return Some(key);
        }
        files::private_dir(&dir).ok()?;
        files::create_private(&path, &random::bytes::<32>().ok()?).ok();
        // Another process may have been first.
        read()
    };
    let key = kept().map_or_else(random::bytes, Ok).map_err(|e| CommandError::of(Exit::Failed, &e))?;
    Ok(Key::new(key))
}

/// Where the user's list lies.
pub(super) fn users_list(context: &Context) -> Option<PathBuf> {
    context.env.config_dir().map(|dir| dir.join(USERS))
}

/// Today, here.
pub(super) fn today(context: &Context) -> Date {
    context.clock.now().to_zoned_datetime(zone()).date()
}

fn allowed(context: &Context) -> Result<Allow, CommandError> {
    let today = today(context);
    let mut out = Allow { key: key(context)?, ..Allow::default() };
    // A list that cannot be understood allows nothing.
    let told = |error: &dyn std::fmt::Display| context.ui.warn_once(&format!("nothing of it is allowed: {error}"));
    if let Some(path) = users_list(context) {
        let list = redact_allow::users(&path).inspect_err(|e| told(e)).unwrap_or_default();
        let rows = list.allow.iter().filter(|row| holds(row.until.as_ref(), today));
        out.user = rows.filter_map(|row| unhex(&row.fingerprint)?.try_into().ok()).collect();
    }
    if let Some(root) = context.repo().ok().and_then(Repo::root) {
        out.listed = listed(&root.join(REPOSITORYS), today, &told);
    }
    Ok(out)
}

fn listed(path: &Path, today: Date, told: &dyn Fn(&dyn std::fmt::Display)) -> Listed {
    let list = redact_allow::repositorys(path).inspect_err(|e| told(e)).unwrap_or_default();
    let entries = list.allow.iter().filter(|row| holds(row.until.as_ref(), today)).filter_map(|row| {
        let path = GlobBuilder::new(&row.path).literal_separator(true).build().ok()?.compile_matcher();
        Some(Entry { rule: row.rule.clone(), path, hash: unhex(&row.hash)?.try_into().ok()? })
    });
    let entries = entries.collect();
    Listed::new(unhex(&list.salt).unwrap_or_default(), entries)
}
