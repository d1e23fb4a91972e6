use git2::{Signature, Time};
use proptest::prelude::*;

use super::*;

/// Commits with these parents (by place) and times; the last is the newest in the line.
fn history(repo: &Repository, commits: &[(Vec<usize>, i64)]) -> Vec<Oid> {
    let tree = repo.find_tree(repo.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let mut out: Vec<Oid> = Vec::new();
    for (n, (parents, time)) in commits.iter().enumerate() {
        let who = Signature::new("Ada", "ada@example.org", &Time::new(*time, 0)).unwrap();
        let parents: Vec<_> = parents.iter().map(|at| repo.find_commit(out[*at]).unwrap()).collect();
        let parents: Vec<_> = parents.iter().collect();
        out.push(repo.commit(None, &who, &who, &format!("commit {n}\n\nbody {n}\n"), &tree, &parents).unwrap());
    }
    out
}

fn by_git(repo: &Repository, head: Oid) -> Vec<Oid> {
    let mut walk = repo.revwalk().unwrap();
    walk.push(head).unwrap();
    walk.map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_past_comes_in_the_order_in_which_git_tells_it(
        shape in prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 1..3), 0..1000i64), 1..14),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let repo = Repository::init(dir.path()).unwrap();
        let commits: Vec<(Vec<usize>, i64)> = shape
            .iter()
            .enumerate()
            .map(|(n, (parents, time))| {
                let mut parents: Vec<usize> = parents.iter().filter(|_| n > 0).map(|at| at.index(n.max(1))).collect();
                parents.dedup();
                // No two of the same second.
                (parents, time * 100 + i64::try_from(n).unwrap())
            })
            .collect();
        let ids = history(&repo, &commits);
        let past = Past::default();
        for head in &ids {
            let told: Vec<Oid> = past.from(&repo, *head).map(|commit| commit.id).collect();
            prop_assert_eq!(&told, &by_git(&repo, *head));
            let again: Vec<Oid> = past.from(&repo, *head).map(|commit| commit.id).collect();
            prop_assert_eq!(told, again);
        }
    }
}

#[test]
fn a_commit_is_read_once_and_as_far_as_somebody_goes() {
    let dir = tempfile::tempdir().unwrap();
    let repo = Repository::init(dir.path()).unwrap();
    let line: Vec<(Vec<usize>, i64)> = (0..9).map(|n: usize| (n.checked_sub(1).into_iter().collect(), 7)).collect();
    let ids = history(&repo, &line);
    let past = Past::default();
    let first: Vec<Rc<Known>> = past.from(&repo, ids[8]).take(3).collect();
    assert_eq!(first.iter().map(|c| c.id).collect::<Vec<_>>(), [ids[8], ids[7], ids[6]], "all of one second");
    assert_eq!(past.0.borrow().met.len(), 4, "and those behind are left alone");
    let again: Vec<Rc<Known>> = past.from(&repo, ids[8]).take(4).collect();
    assert!(Rc::ptr_eq(&first[0], &again[0]));
    assert_eq!((again[3].subject.as_str(), again[3].body.trim()), ("commit 5", "body 5"));
}
