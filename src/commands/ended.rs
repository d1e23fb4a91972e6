//! Which commits the drafts of the last days ended in: looked up when somebody wants to see it, in the log that git
//! keeps of HEAD. So no hook is needed for it, and an abort, an amend or a rebase in between does no harm.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::Context;
use crate::git;
use crate::store::{Draft, Store};

/// Drafts older than this are not looked up any more (milliseconds).
const RECENT: i64 = 14 * 86_400_000;

/// Looks them up, and tells the store. What cannot be read stays as it is.
pub(super) fn look(context: &Context, store: &Store) {
    let mut by_repo: BTreeMap<String, Vec<Draft>> = BTreeMap::new();
    for draft in store.drafts(context.clock.millis().saturating_sub(RECENT)).unwrap_or_default() {
        by_repo.entry(draft.repo.clone()).or_default().push(draft);
    }
    for (repo, drafts) in by_repo {
        let Ok(made) = git::made(Path::new(&repo), &context.env) else { continue };
        for draft in &drafts {
            // Newest first: a message that was amended afterwards is the same change.
            if let Some(commit) = made.iter().find(|commit| commit.draft == draft.draft) {
                store.ended_in(draft, &commit.id);
            }
        }
    }
}
