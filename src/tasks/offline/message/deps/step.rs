//! What happened to packages, as manifests and lock files say.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::git::{Contents, FileChange, LineKind};
use crate::tasks::offline::lockfile::{LIMIT, PackageChange, changes, direct};
use crate::tasks::offline::message::names::{changed, stepped};
use crate::tasks::offline::review::asked_for;

/// Longer ranges, both together, would cost the subject its scope (characters).
const RANGES: usize = 28;

/// What happened to a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    /// The project does not ask for it itself: it comes along with another one.
    pub(super) along: bool,
    pub(super) name: String,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Added(Option<String>),
    Removed(Option<String>),
    /// A version of a package that is locked in another one before and after.
    Beside(String),
    Without(String),
    Bumped(String, String),
    /// Several files ask for it, not all of them for the same versions.
    Ways(BTreeSet<(String, String)>),
    /// Whoever installs it may bring other versions than before.
    Ranged(String, String),
    /// Something else about it.
    Changed,
}

impl What {
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Self::Added(_) | Self::Beside(_) => "add",
            Self::Removed(_) | Self::Without(_) => "remove",
            Self::Bumped(from, to) => stepped(from, to),
            Self::Ways(_) => "bump",
            Self::Ranged(..) | Self::Changed => "update",
        }
    }
}

impl Step {
    fn locked(change: PackageChange) -> Self {
        let what = match (change.from, change.to) {
            (None, None) => What::Changed,
            (None, Some(to)) if change.stays => What::Beside(to),
            (Some(from), None) if change.stays => What::Without(from),
            (None, to) => What::Added(to),
            (from, None) => What::Removed(from),
            (Some(from), Some(to)) => What::Bumped(from, to),
        };
        Self { along: true, name: change.name, what }
    }

    /// The same, with the version where the name alone would say that nothing is left of it.
    pub(super) fn told(&self) -> String {
        match &self.what {
            What::Beside(version) | What::Without(version) => format!("{} {version}", self.name),
            _ => self.name.clone(),
        }
    }

    pub(super) fn words(&self) -> String {
        self.worded(&self.name)
    }

    pub(super) fn worded(&self, name: &str) -> String {
        let verb = self.what.verb();
        match &self.what {
            What::Added(Some(version))
            | What::Removed(Some(version))
            | What::Beside(version)
            | What::Without(version) => format!("{verb} {name} {version}"),
            What::Bumped(from, to) | What::Ranged(from, to) => format!("{verb} {name} {from} → {to}"),
            What::Ways(ways) => format!("{verb} {name} {}", changed(ways)),
            What::Added(None) | What::Removed(None) | What::Changed => format!("{verb} {name}"),
        }
    }
}

/// What a lock file locks otherwise.
pub(super) fn locked(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    let text = |bytes: Option<Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
    let (before, after) = (text(contents.before(file, LIMIT)), text(contents.after(file, LIMIT)));
    if before.is_none() && after.is_none() {
        return Vec::new();
    }
    let all = changes(file.path.file_name(), before.as_deref(), after.as_deref()).unwrap_or_default();
    let steps = all.into_iter().map(Step::locked);
    let asked = |text: &Option<String>| text.as_ref().map(|t| direct(file.path.file_name(), t)).unwrap_or_default();
    let (old, new) = (asked(&before), asked(&after));
    let mut out: Vec<Step> = Vec::new();
    // Of one package there may be many versions.
    let mut same: Option<(String, bool)> = None;
    for mut step in steps {
        let (from, to) = (old.get(&step.name), new.get(&step.name));
        let along = match &same {
            Some((name, along)) if *name == step.name => *along,
            _ => from == to,
        };
        // What the project asks for is as before: another package brings it, or needs it no more.
        step.along = along;
        same = Some((step.name.clone(), along));
        // The version that it asked for before may stay, for the sake of another package.
        if let (Some(from), Some(to)) = (from, to)
            && from.len() == 1
            && let (Some(old), Some(new)) = (from.difference(to).next().or(from.first()), to.difference(from).next())
        {
            step.what = What::Bumped(old.clone(), new.clone());
        }
        if out.last() != Some(&step) {
            out.push(step);
        }
    }
    out
}

/// What a manifest asks for otherwise.
pub(super) fn wanted(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    let Some((before, after)) = asked_for(file, contents) else {
        return manager(file).into_iter().chain(compiler(file)).collect();
    };
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name, What::Removed(None)));
    let come = after.iter().filter_map(|(name, wish)| {
        let what = match before.get(name) {
            None => What::Added(None),
            Some(old) if old == wish => return None,
            Some(old) => asked(old, wish),
        };
        Some((name, what))
    });
    let asked = gone.chain(come).map(|(name, what)| Step { along: false, name: name.clone(), what });
    let mut out: Vec<Step> = asked.chain(manager(file)).chain(compiler(file)).collect();
    // The same package may be asked for to develop with, at its version.
    let named: HashSet<&str> = out.iter().map(|step| step.name.as_str()).collect();
    let more = beside(file, contents).into_iter().filter(|one| !named.contains(one.name.as_str()));
    let more: Vec<Step> = more.collect();
    out.extend(more);
    out
}

/// What is asked for otherwise: from one version on, or in a range that has another end.
fn asked(from: &str, to: &str) -> What {
    let (old, new) = (from.trim().trim_matches(['"', '\'']), to.trim().trim_matches(['"', '\'']));
    // A table may say more than its version.
    let range = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || " .+-_<>=!~^|,*".contains(c))
    };
    match (version(from), version(to)) {
        (Some(from), Some(to)) if from != to => What::Bumped(from.to_owned(), to.to_owned()),
        _ if range(old) && range(new) && old.chars().count() + new.chars().count() <= RANGES => {
            What::Ranged(old.to_owned(), new.to_owned())
        }
        _ => What::Changed,
    }
}

/// What a package of Node's wants of whoever installs it: other packages beside it, and the engine that runs it. No lock
/// file of its own has them.
fn beside(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    if file.path.file_name() != "package.json" {
        return Vec::new();
    }
    let ranges = |bytes: Option<Vec<u8>>| {
        let root = serde_json::from_slice::<serde_json::Value>(&bytes?).ok()?;
        let groups = ["peerDependencies", "engines"].into_iter().filter_map(|group| root.get(group)?.as_object());
        let all = groups.flatten().filter_map(|(name, range)| Some((name.clone(), range.as_str()?.to_owned())));
        Some(all.collect::<BTreeMap<String, String>>())
    };
    let (Some(old), Some(new)) = (ranges(contents.before(file, LIMIT)), ranges(contents.after(file, LIMIT))) else {
        return Vec::new();
    };
    let other = new.iter().filter_map(|(name, to)| {
        let from = old.get(name).filter(|from| *from != to)?;
        Some(Step { along: false, name: name.clone(), what: asked(from, to) })
    });
    other.collect()
}

/// The package manager itself, as Node's projects name it in their manifest.
fn manager(file: &FileChange) -> Option<Step> {
    let named = |kind: LineKind| {
        let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(move |line| line.kind == kind);
        let mut said = lines.filter_map(|line| line.text.trim().strip_prefix("\"packageManager\": \""));
        let (name, version) = said.next()?.split('"').next()?.split_once('@')?;
        Some((name.to_owned(), self::version(version.split('+').next()?)?.to_owned()))
    };
    let (old, new) = (named(LineKind::Removed)?, named(LineKind::Added)?);
    (old.0 == new.0 && old.1 != new.1).then_some(Step { along: false, name: new.0, what: What::Bumped(old.1, new.1) })
}

/// What Cargo calls the compiler that a package needs at least.
pub(super) const COMPILER: &str = "rust-version";

/// The compiler that a package of Cargo's needs at least.
fn compiler(file: &FileChange) -> Option<Step> {
    if file.path.file_name() != "Cargo.toml" {
        return None;
    }
    let named = |kind: LineKind| {
        let mut lines = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind);
        let said = lines.find_map(|line| line.text.trim().strip_prefix(COMPILER)?.trim_start().strip_prefix('='))?;
        let (said, _) = said.trim().strip_prefix('"')?.split_once('"')?;
        Some(version(said)?.to_owned())
    };
    let (old, new) = (named(LineKind::Removed)?, named(LineKind::Added)?);
    (old != new).then(|| Step { along: false, name: COMPILER.to_owned(), what: What::Bumped(old, new) })
}

/// The version in a requirement such as `"^1.0"`, or in a table of them; none where it says up to which or which not.
fn version(wish: &str) -> Option<&str> {
    let own = match wish.split_once("version = \"") {
        Some((_, rest)) => rest.split('"').next()?,
        None => wish,
    };
    let bare = own.trim().trim_matches(['"', '\'', '(', ')']).trim();
    let from = bare.strip_prefix(">=").unwrap_or(bare).trim_start_matches(['^', '~', '=', 'v', ' ']);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    (from.starts_with(|c: char| c.is_ascii_digit()) && from.chars().all(plain)).then_some(from)
}
