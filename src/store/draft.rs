//! Which commits drafted messages ended in. A draft knows its commit by parents and tree; who can read the repository
//! finds the commit later, and tells.

use rusqlite::params;

use super::{Store, StoreError};

/// The draft of a commit that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Draft {
    /// Work tree.
    pub repo: String,
    /// What its commit is known by.
    pub draft: String,
}

impl Store {
    /// Drafts since then (milliseconds since 1970), each once. Older ones are done with and are forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn drafts(&self, since_ms: i64) -> Result<Vec<Draft>, StoreError> {
        let old = "draft IS NOT NULL AND started_ms < ?1";
        let any = format!("SELECT EXISTS (SELECT 1 FROM request WHERE {old})");
        if self.writer.read(move |c| c.query_row(&any, [since_ms], |r| r.get::<_, bool>(0)))? {
            let forget = format!("UPDATE request SET draft = NULL WHERE {old}");
            self.writer.later(move |c| c.execute(&forget, [since_ms]).map(drop));
        }
        self.writer.read(move |c| {
            let mut rows = c.prepare_cached(
                "SELECT DISTINCT repo, draft FROM request WHERE draft IS NOT NULL AND repo IS NOT NULL AND started_ms >= ?1
                 ORDER BY repo, draft",
            )?;
            let rows = rows.query_map([since_ms], |r| Ok(Draft { repo: r.get(0)?, draft: r.get(1)? }))?;
            rows.collect()
        })
    }

    /// What our messages in this work tree became: ids of commits, and what commits are known by that nobody has looked
    /// for yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn written_in(&self, repo: &str) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let repo = repo.to_owned();
        self.writer.read(move |c| {
            // Messages of models have sums of their own; those of the rules stand among the last requests.
            let mut rows = c.prepare_cached(
                "SELECT commit_id, NULL FROM scene
                 WHERE repo = ?1 AND commit_id <> '' AND caller IN ('monster commit', 'git hook')
                 UNION SELECT commit_id, draft FROM
                   (SELECT repo, commit_id, draft, purpose FROM request ORDER BY started_ms DESC LIMIT 5000)
                 WHERE repo = ?1 AND purpose IN ('commit', 'hook') AND (commit_id IS NOT NULL OR draft IS NOT NULL)",
            )?;
            let rows =
                rows.query_map([&repo], |r| Ok((r.get::<_, Option<String>>(0)?, r.get::<_, Option<String>>(1)?)))?;
            let (mut commits, mut drafts) = (Vec::new(), Vec::new());
            for row in rows {
                let (commit, draft) = row?;
                commits.extend(commit);
                drafts.extend(draft);
            }
            Ok((commits, drafts))
        })
    }

    /// Every request for this draft ended in this commit; written in the background.
    pub fn ended_in(&self, draft: &Draft, commit: &str) {
        let (draft, commit) = (draft.clone(), commit.to_owned());
        self.writer.later(move |c| {
            c.execute(
                "UPDATE request SET commit_id = ?3 WHERE repo = ?1 AND draft = ?2 AND commit_id IS NOT ?3",
                params![draft.repo, draft.draft, commit],
            )
            .map(drop)
        });
    }
}
