//! Hooks: installed where git really looks for them, beside what stands there already, and taken away without a trace.
//! Nothing tracked is written unless that was asked for, nothing is written through a symbolic link, and nothing of
//! anybody else's is lost.

mod lefthook;
mod manager;
mod place;
mod prior;
mod script;

use std::path::{Path, PathBuf};

pub use manager::Manager;

use self::manager::Managed;
use self::place::{Owner, Place};
use super::contents::os_path;
use super::error::GitError;
use super::repo::Repo;
use crate::world::files;

/// A hook larger than this is not read (bytes).
const LIMIT: u64 = 1 << 20;
/// Of hooks that other repositories use too.
const FOR_ALL: &str = "install it for all of them with: monster hook install --global-hooks";

/// A hook of git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A draft is put into the message's file.
    PrepareCommitMsg,
    /// The finished message is judged.
    CommitMsg,
    /// What is staged is looked through for secrets.
    PreCommit,
    /// What is pushed is reviewed.
    PrePush,
}

impl Name {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PrepareCommitMsg, Self::CommitMsg, Self::PreCommit, Self::PrePush];

    /// As git calls it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::PrepareCommitMsg => "prepare-commit-msg",
            Self::CommitMsg => "commit-msg",
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// By git's name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.text() == text)
    }
}

/// What stands where our hook would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Ours, and git would run it.
    Installed,
    /// Ours, but it cannot be executed.
    Broken,
    /// Ours, but git looks for hooks in another place.
    Shadowed,
    /// Ours, and git runs it for another work tree of this repository; for this one it looks in another place.
    Apart,
    /// Nothing.
    Absent,
    /// Ours, and somebody has written into it since.
    Edited,
    /// Ours, but it would find no monster.
    Unfound,
    /// Somebody else's hook; ours would run after it.
    Taken,
    /// A symbolic link is on the way.
    Linked,
    /// `core.hooksPath` leads to files of the work tree.
    Tracked,
    /// `core.hooksPath` leads to hooks of other repositories too.
    Shared,
    /// `core.hooksPath` leads nowhere: git runs no hooks.
    Nowhere,
    /// A manager keeps the hooks, and does not call us.
    Managed,
    /// A manager would call us, and has not put its own hook where git looks.
    Unmade,
}

impl State {
    /// In a few words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Broken => "not executable",
            Self::Shadowed => "shadowed",
            Self::Apart => "another work tree's",
            Self::Absent => "not installed",
            Self::Edited => "installed, and edited since",
            Self::Unfound => "in its place, and does nothing: PATH has no monster",
            Self::Taken => "another hook stands there",
            Self::Linked => "a symbolic link stands there",
            Self::Tracked => "core.hooksPath leads into the work tree",
            Self::Shared => "core.hooksPath leads out of the repository",
            Self::Nowhere => "core.hooksPath leads nowhere",
            Self::Managed => "a program keeps the hooks here",
            Self::Unmade => "written down, and not run by git yet",
        }
    }

    /// Git would run ours.
    #[must_use]
    pub const fn runs(self) -> bool {
        matches!(self, Self::Installed | Self::Edited)
    }
}

/// How a hook stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// Which.
    pub hook: Name,
    /// What stands there.
    pub state: State,
    /// Where.
    pub path: PathBuf,
    /// Git finds something to run there, whosever it is.
    pub there: bool,
    /// Which version of monster wrote it, where it says so.
    pub version: Option<String>,
    /// What stood there before and runs first, where that is so.
    pub prior: Option<PathBuf>,
    /// Who keeps the hooks of this repository.
    pub manager: Option<Manager>,
    /// What to do.
    pub advice: Option<String>,
}

/// How far an installation may go.
#[derive(Debug, Clone, Copy, Default)]
pub struct How {
    /// Files of the work tree may be edited.
    pub write: bool,
    /// So may hooks that other repositories use too.
    pub global: bool,
    /// Ours may stand in git's folder although a manager keeps the hooks.
    pub beside: bool,
}

/// What an action did.
#[derive(Debug, Clone)]
pub struct Done {
    /// Which hook.
    pub hook: Name,
    /// The file that calls us, or did.
    pub path: PathBuf,
    /// Something was changed.
    pub changed: bool,
    /// It is a part of that file, in which more stands.
    pub part: bool,
    /// Where what stood there before is kept, and runs first now; or was kept, and is back.
    pub prior: Option<PathBuf>,
    /// What was done to a file of the work tree, as a diff.
    pub diff: Option<String>,
    /// What is left to do.
    pub then: Option<String>,
    /// The work tree whose hook it is and stays, where that is another one than this.
    pub other: Option<PathBuf>,
}

impl Done {
    const fn new(hook: Name, path: PathBuf, changed: bool) -> Self {
        Self { hook, path, changed, part: false, prior: None, diff: None, then: None, other: None }
    }
}

/// Looks.
///
/// # Errors
/// [`GitError`].
pub fn status(repo: &Repo, hook: Name) -> Result<Status, GitError> {
    Ok(place::reached(Site::of(repo, hook)?.status(hook), repo.env()))
}

/// Installs a hook for the program at `program`. What stands there already is kept and runs first.
///
/// # Errors
/// `HookTaken` where `how` does not go so far, with what would; nothing is changed then.
pub fn install(repo: &Repo, hook: Name, program: &Path, how: How) -> Result<Done, GitError> {
    let site = Site::of(repo, hook)?;
    let status = site.status(hook);
    let path = site.path.clone();
    let refused = |what: String| {
        Err(GitError::HookTaken { what, advice: status.advice.clone().unwrap_or_default(), lines: String::new() })
    };
    // Where git runs no hooks, a manager's are none either.
    let manages = site.place.owner != Owner::Nowhere && (!how.beside || site.place.owner == Owner::Husky);
    if let Some(managed) = site.managed.as_ref().filter(|_| manages) {
        return managed_install(&site, managed, hook, how);
    }
    match site.place.owner {
        Owner::Nowhere => {
            return refused(format!("git runs no hooks here: core.hooksPath is {}", site.place.dir.display()));
        }
        Owner::Shared if !how.global => {
            let what = format!("the hooks in {} are those of other repositories too", site.place.dir.display());
            return Err(GitError::HookTaken { what, advice: FOR_ALL.to_owned(), lines: String::new() });
        }
        _ => {}
    }
    if status.state == State::Linked {
        return refused(format!("{} is a symbolic link", status.path.display()));
    }
    if matches!(site.place.owner, Owner::Tree | Owner::Husky) {
        let managed = site.tracked(hook);
        return managed_install(&site, &managed, hook, how);
    }
    let script = script::whole(hook, program);
    let content = site.content();
    // Also where it cannot be executed.
    if script::ours(&content) && !script::untouched(&content) {
        return refused(format!("the hook in {} was edited since monster installed it", path.display()));
    }
    if status.state == State::Installed && content == script {
        return Ok(Done { prior: status.prior, ..Done::new(hook, path, false) });
    }
    let io = |source| GitError::File { path: path.clone(), source };
    site.place.make(&site.place.dir).map_err(io)?;
    // Whatever else there is to say of the place.
    let taken = std::fs::symlink_metadata(&path).is_ok() && !script::ours(&content);
    if taken {
        if site.orphan(&content).is_some() {
            return refused(format!(
                "{} stands there already, and {} is not monster's",
                prior::of(&path).display(),
                path.display()
            ));
        }
        // Should nothing come after this, it goes back.
        prior::keep(&path).map_err(io)?;
    }
    if let Err(error) = files::replace(&path, &script, 0o755) {
        if taken {
            // The first error is the one to tell.
            drop(prior::give_back(&path));
        }
        return Err(io(error));
    }
    let prior = Some(prior::of(&path)).filter(|prior| place::runs(prior));
    Ok(Done { prior, ..Done::new(hook, path, true) })
}

/// Takes a hook of ours away, and puts back what stood there before.
///
/// # Errors
/// `HookTaken` when what is ours cannot be told from what is not; nothing is changed then. `File`.
pub fn uninstall(repo: &Repo, hook: Name) -> Result<Done, GitError> {
    let site = Site::of(repo, hook)?;
    let done = taken_away(&site, hook)?;
    if let Some(dir) = done.path.parent().filter(|_| done.changed) {
        let ours = |name: &Name| script::version(&read(&dir.join(name.text()))).is_some();
        let io = |source| GitError::File { path: dir.to_owned(), source };
        site.place.unmake(dir, Name::ALL.iter().any(ours)).map_err(io)?;
    }
    Ok(done)
}

fn taken_away(site: &Site, hook: Name) -> Result<Done, GitError> {
    if let Some(managed) = site.managed.as_ref().filter(|m| m.calls(hook)) {
        return managed_uninstall(managed, hook);
    }
    let mut path = site.path.clone();
    if !script::ours(&site.content()) {
        // Perhaps from a time when git looked elsewhere.
        let shadowed = site.place.own.join(hook.text());
        if path == shadowed || !script::ours(&read(&shadowed)) {
            // Ours was taken away by hand, and what it ran first is still there.
            let orphan = prior::kept(&path) && std::fs::symlink_metadata(&path).is_err();
            let prior = orphan.then(|| prior::of(&path));
            if orphan {
                prior::give_back(&path).map_err(|source| GitError::File { path: path.clone(), source })?;
            }
            return Ok(Done { prior, ..Done::new(hook, path, orphan) });
        }
        path = shadowed;
        if let Some(other) = site.other.clone() {
            return Ok(Done { other: Some(other), ..Done::new(hook, path, false) });
        }
    }
    let io = |source| GitError::File { path: path.clone(), source };
    let content = read(&path);
    if matches!(site.place.owner, Owner::Tree) && path == site.path {
        return managed_uninstall(&site.tracked(hook), hook);
    }
    let (kept, mut back, mut part) = (prior::kept(&path), None, false);
    let rest = if script::untouched(&content) { None } else { Some(script::without(&content)) };
    match rest {
        Some(None) => {
            return Err(GitError::HookTaken {
                what: format!(
                    "the hook in {} was edited so that monster's lines cannot be told from others",
                    path.display()
                ),
                advice: format!("edit or remove {} by hand", path.display()),
                lines: String::new(),
            });
        }
        // Somebody's lines stay, and what stood there before goes on running first.
        Some(Some(rest)) if !script::hollow(&rest) => {
            let rest = if kept { script::inserted(&rest, script::FIRST) } else { rest };
            let mode = files::mode(&path).map_err(io)?.unwrap_or(0o755);
            files::replace(&path, &rest, mode).map_err(io)?;
            part = true;
        }
        _ if kept => {
            prior::give_back(&path).map_err(io)?;
            back = Some(prior::of(&path));
        }
        _ => std::fs::remove_file(&path).map_err(io)?,
    }
    Ok(Done { part, prior: back, ..Done::new(hook, path, true) })
}

/// Where a hook is looked for, and who keeps it.
struct Site {
    place: Place,
    path: PathBuf,
    managed: Option<Managed>,
    /// The work tree for which git runs ours where it does not look for this one.
    other: Option<PathBuf>,
}

impl Site {
    fn of(repo: &Repo, hook: Name) -> Result<Self, GitError> {
        let place = Place::of(repo)?;
        let path = place.dir.join(hook.text());
        let husky = Some(&place.dir).filter(|_| place.owner == Owner::Husky).and_then(|dir| dir.parent());
        let managed = repo.root().and_then(|root| manager::find(root, husky, hook));
        let own = place.own.join(hook.text());
        let other = if own != path && script::ours(&read(&own)) { place.other(repo) } else { None };
        Ok(Self { place, path, managed, other })
    }

    fn content(&self) -> Vec<u8> {
        read(&self.path)
    }

    /// What stood there before, where nothing runs it any more: ours was taken away, and not by us.
    fn orphan(&self, content: &[u8]) -> Option<PathBuf> {
        (prior::kept(&self.path) && !prior::called(content)).then(|| prior::of(&self.path))
    }

    /// What is left to do until git runs what a manager was told.
    fn left(&self, managed: &Managed) -> Option<String> {
        // Of husky that is known by its folder.
        if managed.manager == Manager::Husky {
            return managed.then.clone();
        }
        let content = String::from_utf8_lossy(&self.content()).into_owned();
        // What is no plain file, or ours beside it, is not looked into.
        let its = content.is_empty() || content.contains(managed.manager.name()) || script::ours(content.as_bytes());
        managed.then.clone().filter(|_| !(place::runs(&self.path) && its))
    }

    /// A hook of the work tree, which is edited as a manager's file is.
    fn tracked(&self, hook: Name) -> Managed {
        let lines = script::shared(hook);
        Managed { manager: Manager::Husky, file: self.path.clone(), lines, then: None }
    }

    fn status(&self, hook: Name) -> Status {
        let content = self.content();
        let prior = Some(prior::of(&self.path)).filter(|p| prior::called(&content) && place::runs(p));
        let nowhere = self.place.owner == Owner::Nowhere;
        let manager = self.managed.as_ref().map(|m| m.manager);
        let status = |state, path: &Path, advice: Option<String>| Status {
            hook,
            state,
            path: path.to_owned(),
            there: place::runs(&self.path),
            version: script::version(&content),
            prior: prior.clone(),
            manager,
            advice,
        };
        if let Some(managed) = self.managed.as_ref().filter(|m| !nowhere && m.calls(hook)) {
            let version = managed.content().ok().and_then(|c| script::version(&c));
            if let Some(then) = self.left(managed).filter(|_| managed.manager != Manager::Husky) {
                let advice = format!("{} has not made git's hook for it; run: {then}", managed.manager.name());
                return Status { version, ..status(State::Unmade, &managed.file, Some(advice)) };
            }
            if self.place.owner == Owner::Husky && !place::runs(&self.path) {
                let advice = format!(
                    "husky has not made what git runs ({}); make it with: {}",
                    self.path.display(),
                    manager::MAKES
                );
                return Status { version, ..status(State::Nowhere, &managed.file, Some(advice)) };
            }
            return Status { version, ..status(State::Installed, &managed.file, None) };
        }
        let line =
            format!("! command -v monster >/dev/null || monster hook run {} \"$@\" || {}", hook.text(), manager::STOPS);
        if let Some(link) = self.place.link.clone().or_else(|| place::is_link(&self.path).then(|| self.path.clone())) {
            let advice = format!(
                "monster writes through no link: put the folder or file itself there, or add this line to {} yourself: {line}",
                self.path.display()
            );
            return status(State::Linked, &link, Some(advice));
        }
        if script::ours(&content) {
            let status = |state, path: &Path, advice| Status { manager: None, ..status(state, path, advice) };
            return match std::fs::metadata(&self.path) {
                Ok(meta) if !place::executable(&meta) => {
                    status(State::Broken, &self.path, Some(format!("chmod +x '{}'", self.path.display())))
                }
                _ if script::untouched(&content) || self.place.owner == Owner::Tree => {
                    status(State::Installed, &self.path, gone(&content))
                }
                _ => {
                    let advice = "take monster's lines out of it with: monster hook uninstall; then install it anew";
                    status(State::Edited, &self.path, Some(advice.to_owned()))
                }
            };
        }
        let shadowed = self.place.own.join(hook.text());
        if shadowed != self.path && script::ours(&read(&shadowed)) {
            let dir = self.place.dir.display();
            if let Some(other) = &self.other {
                let advice = format!(
                    "git runs it for {}, and looks in {dir} for this work tree's: core.hooksPath is set for it",
                    other.display()
                );
                return status(State::Apart, &shadowed, Some(advice));
            }
            let advice = format!("git looks for hooks in {dir}: core.hooksPath is set");
            return status(State::Shadowed, &shadowed, Some(advice));
        }
        if let Some(managed) = self.managed.as_ref().filter(|_| !nowhere) {
            return status(State::Managed, &managed.file, Some(managed_advice(managed, hook)));
        }
        match self.place.owner {
            Owner::Nowhere => {
                let advice = "see where it is set with: git config --show-origin core.hooksPath";
                status(State::Nowhere, &self.path, Some(advice.to_owned()))
            }
            Owner::Shared => status(State::Shared, &self.path, Some(FOR_ALL.to_owned())),
            Owner::Tree | Owner::Husky => {
                let advice = managed_advice(&self.tracked(hook), hook);
                status(State::Tracked, &self.path, Some(advice))
            }
            Owner::Repository if std::fs::symlink_metadata(&self.path).is_ok() => {
                let advice = match self.orphan(&content) {
                    Some(kept) => format!(
                        "{kept} stood there before monster, and nothing runs it any more: remove it, or put it back with: mv '{kept}' '{}'",
                        self.path.display(),
                        kept = kept.display()
                    ),
                    None => "monster hook install keeps it, and runs it first".to_owned(),
                };
                status(State::Taken, &self.path, Some(advice))
            }
            Owner::Repository => {
                let advice = self.orphan(&content).map(|kept| {
                    format!(
                        "{} stood there before monster, and nothing runs it any more: put it back with: monster hook uninstall",
                        kept.display()
                    )
                });
                status(State::Absent, &self.path, advice)
            }
        }
    }
}

/// What to do where the program that a hook names is there no longer.
fn gone(content: &[u8]) -> Option<String> {
    let program = os_path(&super::Path::new(&script::program(content)?))?;
    (!place::runs(&program)).then(|| {
        format!(
            "{} is gone, and the monster in PATH is run in its place, or none: write it anew with: monster hook install",
            program.display()
        )
    })
}

/// What to do about a hook that a manager would have to call, in words of somebody who has not asked for it yet.
fn managed_advice(managed: &Managed, hook: Name) -> String {
    let content = managed.content().unwrap_or_default();
    let (place, lines) = managed.by_hand(&content, hook);
    // The one that is installed where none is named.
    let named = if hook == Name::PrepareCommitMsg { String::new() } else { format!(" {}", hook.text()) };
    let writes = managed.with(&content, hook).is_some();
    let edit = writes
        .then(|| format!("let monster edit {} with: monster hook install{named} --write", managed.file.display()));
    let beside =
        managed.keeps().then(|| format!("stand in git's own folder with: monster hook install{named} --beside"));
    let ways: Vec<String> = edit.into_iter().chain(beside).chain([by_hand(managed, &place)]).collect();
    format!("{}:\n{}", ways.join("; or "), lines.trim_end())
}

/// What somebody does who adds our lines there.
fn by_hand(managed: &Managed, place: &str) -> String {
    let then = managed.then.as_ref().map(|then| format!(" (and then run: {then})")).unwrap_or_default();
    format!("{place}{then}")
}

fn managed_install(site: &Site, managed: &Managed, hook: Name, how: How) -> Result<Done, GitError> {
    let path = managed.file.clone();
    if managed.calls(hook) {
        // Git runs that file itself.
        if path == site.path && std::fs::metadata(&path).is_ok_and(|meta| !place::executable(&meta)) {
            return made_executable(path, hook, how);
        }
        return Ok(Done { then: site.left(managed), ..Done::new(hook, path, false) });
    }
    let then = managed.then.clone();
    let io = |source| GitError::File { path: path.clone(), source };
    let content = managed.content().map_err(io)?;
    let with = managed.with(&content, hook);
    // Only what would help: what was asked for already does not.
    let refused = |what: String, writes: bool| {
        let (place, lines) = managed.by_hand(&content, hook);
        let edit = writes.then(|| "let monster edit it with --write".to_owned());
        let beside = managed.keeps().then(|| "stand in git's own folder with --beside".to_owned());
        let ways: Vec<String> = edit.into_iter().chain(beside).chain([by_hand(managed, &place)]).collect();
        Err(GitError::HookTaken { what, advice: ways.join("; or "), lines: lines.trim_end().to_owned() })
    };
    if place::is_link(&path) {
        return refused(format!("{} is a symbolic link", path.display()), false);
    }
    let Some((mut with, mut at)) = with else {
        return refused(format!("{} holds something already that only its author can add to", path.display()), false);
    };
    if !how.write {
        return refused(format!("{} is a file of the work tree, perhaps a tracked one", path.display()), true);
    }
    let fresh = content.is_empty() && managed.manager == Manager::Husky;
    if fresh {
        with = [b"#!/bin/sh\n", with.as_slice()].concat();
        at = 1;
    }
    if let Some(dir) = path.parent() {
        site.place.make(dir).map_err(io)?;
    }
    let mode = if fresh { 0o755 } else { files::mode(&path).map_err(io)?.unwrap_or(0o644) };
    files::replace(&path, &with, mode).map_err(io)?;
    let diff = Some(manager::difference(&path, &content, &with, at));
    Ok(Done { part: !fresh, diff, then, ..Done::new(hook, path, true) })
}

/// A hook of ours in the work tree that git passes over.
fn made_executable(path: PathBuf, hook: Name, how: How) -> Result<Done, GitError> {
    let io = |source| GitError::File { path: path.clone(), source };
    if !how.write || place::is_link(&path) {
        let then = Some(format!("chmod +x '{}'", path.display()));
        return Ok(Done { then, ..Done::new(hook, path, false) });
    }
    let (content, mode) = (files::read_bounded(&path, LIMIT).map_err(io)?, files::mode(&path).map_err(io)?);
    files::replace(&path, &content, mode.unwrap_or(0o644) | 0o111).map_err(io)?;
    Ok(Done::new(hook, path, true))
}

fn managed_uninstall(managed: &Managed, hook: Name) -> Result<Done, GitError> {
    let path = managed.file.clone();
    let io = |source| GitError::File { path: path.clone(), source };
    let content = managed.content().map_err(io)?;
    let Some(rest) = managed.without(&content).filter(|_| !place::is_link(&path)) else {
        return Err(GitError::HookTaken {
            what: format!("monster's lines in {} are not as monster wrote them", path.display()),
            advice: "take them out by hand".to_owned(),
            lines: String::new(),
        });
    };
    let part = managed.manager != Manager::Husky
        || !script::hollow(&rest)
        || !content.starts_with(b"#!/bin/sh\n# >>> monster ");
    if !part {
        std::fs::remove_file(&path).map_err(io)?;
    } else {
        let mode = files::mode(&path).map_err(io)?.unwrap_or(0o644);
        files::replace(&path, &rest, mode).map_err(io)?;
    }
    // What pre-commit has put where git looks is for its other hooks.
    let then = managed.then.clone().filter(|_| managed.manager != Manager::PreCommit);
    Ok(Done { part, then, ..Done::new(hook, path, true) })
}

/// A hook's bytes, following no link; none where there is nothing to read.
fn read(path: &Path) -> Vec<u8> {
    let plain = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_file());
    if plain { files::read_bounded(path, LIMIT).unwrap_or_default() } else { Vec::new() }
}
