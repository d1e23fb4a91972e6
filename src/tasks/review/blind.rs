//! What helps where a file cannot be looked through for secrets.

use crate::git::STAGE;

/// Why a larger file is not.
pub(super) const LARGER: &str = "it is larger than 256 MiB";

const SMALLER: &str = "no larger file is looked through: leave it out of the commit, or keep it in Git LFS";
const STAGED: &str = "git fetches it where it can be had: git cat-file -p :PATH; of what is damaged tells: git fsck";
/// As it lies in the work tree: git has a program of the user's change it first.
const UNSTAGED: &str =
    "what git would keep of it is read once it is staged: git add FILE, then monster commit without -a and paths";
const UNREAD: &str = "it is read as it lies in the work tree: see that you may read it, and that it rests";

/// What helps, by the reason and by whether the file is staged.
#[must_use]
pub fn helps(why: &str, staged: bool) -> &'static str {
    match why {
        LARGER => SMALLER,
        _ if why.ends_with(STAGE) => UNSTAGED,
        // Of a file that is not staged, what it was before may not be here.
        _ if staged || why.starts_with("its content") => STAGED,
        _ => UNREAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_goes_by_the_reason() {
        let filtered = format!("git passes it through the filter \"a\", which was not run{STAGE}");
        let all = [(LARGER, SMALLER), (&filtered, UNSTAGED), ("its content is damaged", STAGED), ("denied", UNREAD)];
        for (why, hint) in all {
            assert_eq!(helps(why, false), hint, "{why}");
        }
        assert_eq!([helps(LARGER, true), helps("denied", true)], [SMALLER, STAGED]);
    }
}
