//! Types and scopes by path: what commits below a folder were called.

use std::collections::HashMap;

use super::{Prior, conventional, head};

type Counts = HashMap<String, u32>;

/// The part of the project that subjects begin with (`net: …`), by every folder that the commits touched. Such subjects
/// have no types.
pub(super) fn heads<'a>(touched: impl Iterator<Item = (&'a str, &'a [String])>) -> Vec<(String, String)> {
    let mut scopes: HashMap<String, Counts> = HashMap::new();
    for (subject, paths) in touched {
        let Some(head) = head(subject) else { continue };
        for folder in folders(paths) {
            *scopes.entry(folder).or_default().entry(head.to_owned()).or_default() += 1;
        }
    }
    usual(scopes)
}

/// Types and scopes by every folder that the commits touched.
pub(super) fn by_path<'a>(
    touched: impl Iterator<Item = (&'a str, &'a [String])>,
) -> (Vec<Prior>, Vec<(String, String)>) {
    let mut types: HashMap<String, Counts> = HashMap::new();
    let mut scopes: HashMap<String, Counts> = HashMap::new();
    for (subject, paths) in touched {
        let Some((type_, scope)) = conventional(subject) else { continue };
        *types.entry(String::new()).or_default().entry(type_.to_owned()).or_default() += 1;
        for folder in folders(paths) {
            *types.entry(folder.clone()).or_default().entry(type_.to_owned()).or_default() += 1;
            if let Some(scope) = scope {
                *scopes.entry(folder).or_default().entry(scope.to_owned()).or_default() += 1;
            }
        }
    }
    let mut priors: Vec<Prior> = types
        .into_iter()
        .flat_map(|(prefix, counts)| {
            let count: u32 = counts.values().sum();
            let one = move |(type_, n): (String, u32)| Prior {
                prefix: prefix.clone(),
                type_,
                share: f64::from(n) / f64::from(count.max(1)),
                count,
            };
            counts.into_iter().map(one)
        })
        .collect();
    priors.sort_by(|a, b| (&a.prefix, &a.type_).cmp(&(&b.prefix, &b.type_)));
    (priors, usual(scopes))
}

/// What most commits of a folder have.
fn usual(scopes: HashMap<String, Counts>) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = scopes
        .into_iter()
        .filter_map(|(prefix, counts)| {
            let (scope, most) = top(&counts)?;
            // One commit is no habit, and a folder with many scopes has none.
            (most >= 2 && most * 10 >= counts.values().sum::<u32>() * 6).then_some((prefix, scope))
        })
        .collect();
    named.sort();
    named
}

fn top(counts: &Counts) -> Option<(String, u32)> {
    counts.iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0))).map(|(name, n)| (name.clone(), *n))
}

fn folders(paths: &[String]) -> Vec<String> {
    let mut folders: Vec<String> = paths.iter().flat_map(|p| prefixes(p)).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// `a/b/c.rs` lies below `a/` and `a/b/`, and is a prefix of itself.
fn prefixes(path: &str) -> Vec<String> {
    let mut out: Vec<String> = path.match_indices('/').map(|(at, _)| path[..=at].to_owned()).take(4).collect();
    out.push(path.to_owned());
    out
}
