//! Whether what was asked for goes together, before anything is read or paid, and what of it a message does not show.

use super::Commit;
use super::write::{OFFLINE, source};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::message::breaks;
use crate::git::{Looks, Meddling, Repo, State, meddles, named, only};
use crate::tasks::commit_message::{Wish, Written, pictured};

impl Commit {
    /// Flags for git that bring a message, or change what is committed behind our back.
    pub(super) fn check_flags(&self) -> Result<(), CommandError> {
        match meddles(&self.git) {
            None => Ok(()),
            Some((flag, Meddling::Message)) => {
                Err(CommandError::new(Exit::Usage, format!("with {flag}, git has its message already"))
                    .hint("commit with it: git commit"))
            }
            Some((flag, Meddling::Change)) => Err(CommandError::new(
                Exit::Usage,
                format!("with {flag} for git alone, the message would be for another change than is committed"),
            )
            .hint("there are: monster commit -a, --amend, -p, --dry-run, and -- PATH")),
        }?;
        self.check_paths()
    }

    /// Paths, and the flag for them alone, where git would take them otherwise than the message is written for, or not at
    /// all.
    fn check_paths(&self) -> Result<(), CommandError> {
        // With -p, paths are what is picked from, and git sees none.
        let paths = if self.patch { Vec::new() } else { named(&self.git) };
        let refused = |what: String, hint: &str| Err(CommandError::new(Exit::Usage, what).hint(hint));
        match (only(&self.git), paths.first()) {
            (_, Some(path)) if self.all => refused(
                format!("-a and {path} contradict each other: all tracked changes, or those of paths alone"),
                "commit those of paths with: monster commit -- PATH",
            ),
            (_, Some(path)) if self.amend => refused(
                format!("with --amend, git would take {path} and leave what is staged"),
                "stage what belongs to it with: git add PATH, then: monster commit --amend",
            ),
            (Some(flag), _) if self.amend => refused(
                format!("with --amend and {flag}, git would leave what is staged"),
                "take it out with: git restore --staged PATH, then: monster commit --amend",
            ),
            (Some(flag), None) => {
                refused(format!("{flag} is for paths, and none is named"), "name them: monster commit -- PATH")
            }
            _ => Ok(()),
        }
    }

    /// A type or a scope that subjects of the style do not show: a contradiction where the style was asked for too.
    pub(super) fn check_style(&self, context: &Context, wish: &Wish<'_>) -> Result<(), CommandError> {
        let looks = wish.hints.looks;
        let (typed, scoped) = match looks {
            Looks::Conventional => (true, true),
            Looks::Gitmoji => (true, false),
            Looks::Subsystem => (false, true),
            Looks::Plain => (false, false),
        };
        let flags = [("-t", "type", self.type_.is_some() && !typed), ("-s", "scope", self.scope.is_some() && !scoped)];
        for (flag, what, _) in flags.into_iter().filter(|(.., hidden)| *hidden) {
            let hint = "subjects that show it: --style conventional";
            if let Some(style) = self.style.as_deref().filter(|style| *style != "auto") {
                let what = format!("{flag} and --style {style} contradict each other: such subjects show no {what}");
                return Err(CommandError::new(Exit::Usage, what).hint(hint));
            }
            context.ui.warn(&format!("{flag} does not show: subjects have no {what} here"));
            context.ui.hint(hint);
        }
        Ok(())
    }

    /// What was asked for and is not in the message.
    pub(super) fn tell_unheard(&self, context: &Context, wish: &Wish<'_>, written: &Written) {
        let rules = source(written) == OFFLINE;
        // Also as a locale, `en_US.UTF-8`.
        let english = |lang: &str| matches!(lang.to_lowercase().split(['-', '_', '.']).next(), Some("english" | "en"));
        if self.lang.as_deref().is_some_and(|lang| !english(lang)) && rules {
            context.ui.warn("--lang is for a model: the rules write in English");
        }
        if self.intent.is_some() && rules {
            context.ui.warn("-i is for a model: the rules cannot read what the change is for");
        }
        let subject = written.text.lines().next().unwrap_or_default();
        let told = ["BREAKING CHANGE", "BREAKING-CHANGE", "+semver: major"];
        let footer = || told.iter().any(|word| written.text.contains(word));
        if wish.declares() && !breaks(subject) && !pictured(subject) && !footer() {
            context.ui.warn("the breaking change that -i declares does not show in the message");
            context.ui.hint("add it in the editor: monster commit -e, with a last line \"BREAKING CHANGE: …\"");
        }
        let shows = matches!(wish.hints.looks, Looks::Conventional | Looks::Subsystem);
        if wish.breaks && !breaks(subject) {
            context.ui.warn("the \"!\" of a breaking change is lost: the new subject shows no type");
        }
        let Some(scope) = self.scope.as_ref().filter(|scope| shows && !scoped(subject, scope)) else {
            return;
        };
        if scoped(&subject.to_lowercase(), &scope.to_lowercase()) {
            context.ui.status(&format!("the scope {scope} is written in the case that is declared here (scope-case)"));
            return;
        }
        let why = if wish.conventions.scope() == Some(false) {
            "the rules of this repository want no scope (scope-empty)"
        } else if !wish.scopes.is_empty() || !wish.conventions.scopes().is_empty() {
            "it is none of the scopes that there are here"
        } else {
            "a scope stands behind a type, and none is known; fix one with: -t TYPE"
        };
        context.ui.warn(&format!("-s does not show: {why}"));
    }

    /// What git is in the middle of, and flags that make no sense there.
    pub(super) fn check_state(&self, repo: &Repo) -> Result<(), CommandError> {
        let state = repo.state();
        if state == State::Unmerged {
            return Err(CommandError::new(Exit::Repository, "there are unmerged files")
                .hint("resolve them, git add them, then commit with the message that git has for it: monster commit"));
        }
        if !state.keeps_message() {
            return Ok(());
        }
        let there = CommandError::new(Exit::Repository, format!("{state} is in progress"));
        if repo.own_message().is_none() {
            return Err(there.hint("go on with git: git status says how"));
        }
        if self.amend || self.patch || self.shapes() {
            return Err(there.hint(
                "git has a message for it already; commit that with: monster commit, or write yours: git commit",
            ));
        }
        Ok(())
    }

    /// What git has begun since: in another terminal, while somebody read a message that is for something else.
    pub(super) fn check_meanwhile(&self, repo: &Repo) -> Result<(), CommandError> {
        self.check_state(repo)?;
        let state = repo.state();
        if !state.keeps_message() {
            return Ok(());
        }
        let what = format!("{state} has begun meanwhile; nothing was committed");
        Err(CommandError::new(Exit::Repository, what)
            .hint("commit it with the message that git has for it: monster commit"))
    }

    /// Words of a merge are its own: what was joined, and how its conflicts were resolved. So are those of other commits
    /// that speak of more than their change.
    pub(super) fn check_kept(&self, what: &str) -> Result<(), CommandError> {
        if !self.shapes() {
            return Ok(());
        }
        Err(CommandError::new(Exit::Repository, format!("the last commit is {what}, and its own message stays"))
            .hint("change its words in git's editor: monster commit --amend -e"))
    }

    /// Something is asked for about the message.
    fn shapes(&self) -> bool {
        [
            self.split,
            self.count > 1,
            self.type_.is_some(),
            self.scope.is_some(),
            self.style.is_some(),
            self.lang.is_some(),
            self.intent.is_some(),
            self.body.is_some(),
            self.issue.is_some(),
            self.commitlint_json.is_some(),
            self.max_bytes.is_some(),
        ]
        .contains(&true)
    }
}

/// The scope stands behind a type, or in front as a subsystem; not somewhere among the words.
fn scoped(subject: &str, scope: &str) -> bool {
    let (behind, in_front) = (format!("({scope})"), format!("{scope}: "));
    // A key may stand before it.
    let first = |at: usize| at == 0 || subject[..at].ends_with(' ');
    subject.split_once(": ").is_some_and(|_| subject.contains(&behind))
        || subject.match_indices(&in_front).any(|(at, _)| first(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_told_from_a_word() {
        for subject in
            ["feat(page): add a list", "feat(page)!: add a list", "ABC-1: feat(page): add", "page: add a list"]
        {
            assert!(scoped(subject, "page"), "{subject}");
        }
        for subject in ["feat: add pages", "feat(pages): add", "pages: add a page", "add (page)"] {
            assert!(!scoped(subject, "page"), "{subject}");
        }
    }
}
