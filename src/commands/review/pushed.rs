//! What is pushed, reviewed by the rules: what `monster review` leaves out and takes for accepted holds here too.

use std::cell::OnceCell;
use std::sync::Arc;

use super::silence::Accepted;
use super::{ignored, leave};
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::git::{ChangeSet, Contents, Repo, Source};
use crate::secrets::Redactor;
use crate::tasks::finding::Finding;
use crate::tasks::review::{self, Masked, Report};

/// A change that is pushed. Secrets are looked for apart: they stop a push however long the other rules take.
pub(in crate::commands) struct Pushed {
    change: ChangeSet,
    left: ChangeSet,
    contents: Box<dyn Contents>,
    accepted: Accepted,
    redactor: Arc<Redactor>,
    /// What is known of it all, for a look at each commit.
    sum: OnceCell<review::Sum>,
}

impl Pushed {
    /// What is known of it. Where all of a history is new (`whole`), no state of before could say what is left out and
    /// accepted, and its own files do.
    ///
    /// # Errors
    /// Exit 1 when the settings about secrets cannot hold.
    pub(in crate::commands) fn read(
        context: &Context,
        mut change: ChangeSet,
        contents: Box<dyn Contents>,
        whole: bool,
    ) -> Result<Self, CommandError> {
        let redactor = context.redactor()?;
        let left = if whole { ignored(context, &mut change) } else { leave(context, &mut change, &[]) };
        let edits = if whole { &ChangeSet::default() } else { &change };
        let accepted = Accepted::read(context, edits, contents.as_ref(), None)?;
        Ok(Self { change, left, contents, accepted, redactor, sum: OnceCell::new() })
    }

    /// The secrets that it adds, without what is accepted.
    pub(in crate::commands) fn secrets(&self) -> Vec<Finding> {
        let mut report = review::secrets(&self.change, self.contents.as_ref(), &self.redactor);
        // A path that is not reviewed may still not carry a secret out.
        report.search(&self.left, self.contents.as_ref(), &self.redactor);
        self.kept(report)
    }

    /// The secrets that one commit of it adds and a later one takes out, without what is accepted: they go out all the same.
    pub(in crate::commands) fn passed(&self, commit: &ChangeSet, contents: &dyn Contents) -> Vec<Finding> {
        let read = || review::Sum::of(&[&self.change, &self.left], self.contents.as_ref(), &self.redactor);
        self.kept(review::secrets_passed((commit, contents), self.sum.get_or_init(read), &self.redactor))
    }

    /// The secrets in what was written about a commit of it, or about its tag, without what is accepted.
    pub(in crate::commands) fn said(&self, text: &str, name: &str) -> Vec<Finding> {
        self.kept(review::secrets_said(text, name, &self.redactor))
    }

    /// What of it nobody can look through for secrets, and why.
    pub(in crate::commands) fn unseen(&self) -> Vec<String> {
        [&self.change, &self.left].into_iter().flat_map(|part| self.unseen_of(part, self.contents.as_ref())).collect()
    }

    /// The same of one commit of it.
    pub(in crate::commands) fn unseen_of(&self, commit: &ChangeSet, contents: &dyn Contents) -> Vec<String> {
        let unseen = review::unseen(commit, contents);
        let names = Masked::of(unseen.iter().map(|(path, _)| *path), &self.redactor);
        unseen.iter().map(|(path, why)| format!("{} ({why})", names.told(path))).collect()
    }

    /// What the other rules find in it, without what is accepted.
    pub(in crate::commands) fn rest(&self) -> Vec<Finding> {
        self.kept(review::beside_secrets(&self.change, &self.left, self.contents.as_ref()))
    }

    fn kept(&self, mut report: Report) -> Vec<Finding> {
        self.accepted.take(&mut report);
        Masked::of_review(&ChangeSet::default(), &report, &self.redactor).report(&mut report);
        report.findings
    }
}

/// Those of the secrets of a change that no line of the repository's accepts. Whoever rewrites the last commit has what
/// stands in it accepted, as `pre-commit` does, which is not told that it is rewritten.
///
/// # Errors
/// None of its own; those of reading what is accepted.
pub(in crate::commands) fn open(
    context: &Context,
    repo: &Repo,
    (source, change, contents): (&Source, &ChangeSet, &dyn Contents),
    mut found: Vec<Finding>,
) -> Result<Vec<Finding>, CommandError> {
    if found.is_empty() {
        return Ok(found);
    }
    let accepted = if matches!(source, Source::Amend | Source::AmendTracked) {
        let last = Source::Staged;
        Accepted::read(context, &repo.diff(&last)?, repo.contents(&last)?.as_ref(), None)?
    } else {
        Accepted::read(context, change, contents, None)?
    };
    found.retain(|finding| !accepted.takes(finding));
    Ok(found)
}

/// The secrets that a change adds, as a review tells them, each with whether it is accepted: by the same lines as there.
///
/// # Errors
/// None of its own; those of reading what is accepted.
pub(in crate::commands) fn secrets(
    context: &Context,
    change: &ChangeSet,
    contents: &dyn Contents,
    redactor: &Redactor,
) -> Result<Vec<(Finding, bool)>, CommandError> {
    let accepted = Accepted::read(context, change, contents, None)?;
    let mut report = review::secrets(change, contents, redactor);
    let taken: Vec<bool> = report.findings.iter().map(|finding| accepted.takes(finding)).collect();
    Masked::of_review(&ChangeSet::default(), &report, redactor).report(&mut report);
    Ok(report.findings.into_iter().zip(taken).collect())
}
