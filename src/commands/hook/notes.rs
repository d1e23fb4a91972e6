//! Notes that are pushed: git keeps each as a file that is called as what it is about.

use crate::git::Repo;
use crate::tasks::finding::Finding;

/// Where git keeps notes.
const NOTES: &str = "refs/notes/";

/// What helps against a secret in a note.
pub(super) const HINT: &str = "a note goes out with all that stood in it before: mend it (git notes --ref=NAME edit COMMIT), then leave what stood there behind (git update-ref refs/notes/NAME $(git commit-tree 'refs/notes/NAME^{tree}' -m notes)), and revoke the secret";

/// This reference holds notes.
pub(super) fn are(there: &str) -> bool {
    there.starts_with(NOTES)
}

/// What was found in what is pushed to a reference; in notes, with what each is about in the place of its file's name.
pub(super) fn told(repo: &Repo, there: &str, mut found: Vec<Finding>) -> Vec<Finding> {
    if are(there) {
        let commit = |id: &str| repo.resolves(&format!("{id}^{{commit}}"));
        for finding in &mut found {
            finding.file = about(&finding.file, there, commit).unwrap_or_else(|| std::mem::take(&mut finding.file));
        }
    }
    found
}

/// Whose note such a file is. Many notes lie in folders that are called as their names begin.
fn about(file: &str, there: &str, commit: impl Fn(&str) -> bool) -> Option<String> {
    let id = file.replace('/', "");
    let named = matches!(id.len(), 40 | 64) && id.bytes().all(|b| b.is_ascii_hexdigit());
    let what = if named && commit(&id) { "commit" } else { "object" };
    named.then(|| format!("the note of {what} {} in {there}", super::push::short(&id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_called_as_what_it_is_about() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let about = |file: &str, commit: bool| about(file, "refs/notes/commits", |_| commit);
        let told = "the note of commit 0123456789ab in refs/notes/commits";
        assert_eq!(about(id, true).as_deref(), Some(told));
        assert_eq!(about(&format!("{}/{}/{}", &id[..2], &id[2..4], &id[4..]), true).as_deref(), Some(told));
        assert_eq!(about(id, false), Some(told.replace("commit 0", "object 0")));
        assert_eq!((about("README", true), about(&id[1..], true)), (None, None));
        assert!(are("refs/notes/build") && !are("refs/heads/notes"));
    }
}
