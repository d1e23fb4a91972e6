//! Types and scopes by path: what commits below a folder were called.

use std::collections::HashMap;

use super::{Prior, conventional, head};

type Counts = HashMap<String, u32>;

/// The part of the project that subjects begin with (`net: …`, `net: phy: …`), by every folder that the commits touched.
/// Such subjects have no types.
pub(super) fn heads<'a>(touched: impl Iterator<Item = (&'a str, &'a [String])>) -> Vec<(String, String)> {
    let mut chains: HashMap<String, (u32, Counts)> = HashMap::new();
    for (subject, paths) in touched {
        let chain = chain(subject);
        if chain.is_empty() {
            continue;
        }
        for folder in folders(paths) {
            let (all, counts) = chains.entry(folder).or_default();
            *all += 1;
            for part in &chain {
                *counts.entry(part.clone()).or_default() += 1;
            }
        }
    }
    let longest = |(all, counts): (u32, Counts)| {
        let usual = counts.into_iter().filter(|(_, n)| habit(*n, all));
        usual.max_by(|a, b| (a.0.matches(LINK).count(), a.1, &b.0).cmp(&(b.0.matches(LINK).count(), b.1, &a.0)))
    };
    let mut named: Vec<(String, String)> =
        chains.into_iter().filter_map(|(prefix, seen)| Some((prefix, longest(seen)?.0))).collect();
    named.sort();
    named
}

/// What stands between the parts that a subject begins with.
const LINK: &str = ": ";
/// Longer chains nobody writes.
const LINKS: usize = 4;

/// The parts that a subject begins with, from the first on: `net` and `net: phy` of `net: phy: count`.
fn chain(subject: &str) -> Vec<String> {
    let Some(first) = head(subject) else { return Vec::new() };
    let mut out = vec![first.to_owned()];
    let mut rest = subject.split_once(LINK).map_or("", |(_, rest)| rest);
    if conventional(subject).is_some_and(|(_, scope)| scope.is_some()) {
        return out;
    }
    let part = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_/.,+".contains(c));
    while let Some((next, more)) = rest.split_once(LINK).filter(|(next, _)| part(next) && out.len() < LINKS) {
        out.extend(out.last().map(|last| format!("{last}{LINK}{next}")));
        rest = more;
    }
    out
}

/// One commit is no habit, and a folder with many scopes has none.
const fn habit(n: u32, all: u32) -> bool {
    n >= 2 && n * 10 >= all * 6
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

/// The scopes of these subjects, the most used first.
pub(super) fn spelled<'a>(subjects: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for scope in subjects.filter_map(|subject| conventional(subject)?.1) {
        *counts.entry(scope).or_default() += 1;
    }
    let mut all: Vec<(&str, u32)> = counts.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    all.into_iter().map(|(scope, _)| scope.to_owned()).collect()
}

/// What most commits of a folder have.
fn usual(scopes: HashMap<String, Counts>) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = scopes
        .into_iter()
        .filter_map(|(prefix, counts)| {
            let (scope, most) = top(&counts)?;
            habit(most, counts.values().sum()).then_some((prefix, scope))
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
