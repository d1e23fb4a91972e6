//! What is pushed, reviewed by the rules: what `monster review` leaves out and takes for accepted holds here too.

use super::silence::Accepted;
use super::{ignored, leave};
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::git::{ChangeSet, Contents};
use crate::tasks::finding::Finding;
use crate::tasks::review;

/// What the rules find in a change that is pushed, without what is accepted. Where all of a history is new (`whole`), no
/// state of before could say what is left out and accepted, and its own files do.
///
/// # Errors
/// Exit 1 when the settings about secrets cannot hold.
pub(in crate::commands) fn pushed(
    context: &Context,
    mut change: ChangeSet,
    contents: &dyn Contents,
    whole: bool,
) -> Result<Vec<Finding>, CommandError> {
    let redactor = context.redactor()?;
    let left = if whole { ignored(context, &mut change) } else { leave(context, &mut change, &[]) };
    let mut report = review::by_rules(&change, &left, contents, &redactor);
    // A path that is not reviewed may still not carry a secret out.
    report.search(&left, contents, &redactor);
    let edits = if whole { &ChangeSet::default() } else { &change };
    Accepted::read(context, edits, contents, None)?.take(&mut report);
    Ok(report.findings)
}
