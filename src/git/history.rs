//! How this repository writes its subjects, learned from its last commits.

use std::collections::HashMap;

use super::repo::Repo;

/// Commits looked at for style, and of those how many for which paths they touched.
const COMMITS: usize = 200;
const WITH_PATHS: usize = 100;
/// A tree this wide makes comparing commits too slow for a hook (entries at the top).
const WIDE: usize = 2_000;

/// How subjects look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Looks {
    /// `fix(pager): count the last page`.
    #[default]
    Conventional,
    /// `Count the last page`.
    Plain,
    /// `🐛 count the last page`.
    Gitmoji,
    /// `pager: count the last page`.
    Subsystem,
}

/// How often commits below a path had a type.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// Path prefix; empty for all commits.
    pub prefix: String,
    /// A type that commits below it had.
    pub type_: String,
    /// Its share, 0 to 1.
    pub share: f64,
    /// Commits counted, of all types.
    pub count: u32,
}

/// What history says.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// How subjects look.
    pub looks: Looks,
    /// More than half of the subjects are conventional.
    pub conventional: bool,
    /// Types by path.
    pub priors: Vec<Prior>,
    /// Path prefix and the scope used below it.
    pub scopes: Vec<(String, String)>,
    /// Subjects, newest first.
    pub recent: Vec<String>,
}

/// Type and scope of a conventional subject.
#[must_use]
pub(super) fn conventional(subject: &str) -> Option<(&str, Option<&str>)> {
    let (mark, rest) = subject.split_once(':')?;
    let mark = mark.trim_end_matches('!');
    let (type_, scope) = match mark.split_once('(') {
        Some((type_, scope)) => (type_, Some(scope.strip_suffix(')')?)),
        None => (mark, None),
    };
    let word = !type_.is_empty() && type_.len() <= 12 && type_.chars().all(|c| c.is_ascii_lowercase());
    (word && rest.starts_with(' ')).then_some((type_, scope))
}

const TYPES: [&str; 12] =
    ["feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert", "deps"];

impl Repo {
    /// How this repository writes; empty history counts as conventional.
    #[must_use]
    pub fn style(&self) -> Learned {
        self.learn().unwrap_or_default()
    }

    fn learn(&self) -> Option<Learned> {
        let Some(repo) = self.inner() else { return self.learn_by_process() };
        let mut walk = repo.revwalk().ok()?;
        walk.push_head().ok()?;
        let mut subjects = Vec::new();
        let mut touched: Vec<(String, Vec<String>)> = Vec::new();
        for id in walk.take(COMMITS * 2).flatten() {
            let Ok(commit) = repo.find_commit(id) else { break };
            if commit.parent_count() > 1 {
                continue;
            }
            let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned();
            let author = String::from_utf8_lossy(commit.author().name_bytes()).into_owned();
            if author.ends_with("[bot]") || subject.is_empty() {
                continue;
            }
            if touched.len() < WITH_PATHS
                && conventional(&subject).is_some()
                && let Some(paths) = paths(repo, &commit)
            {
                touched.push((subject.clone(), paths));
            }
            subjects.push(subject);
            if subjects.len() >= COMMITS {
                break;
            }
        }
        Some(learned(subjects, &touched))
    }

    fn learn_by_process(&self) -> Option<Learned> {
        let out = self.git().bytes(&["log", "--no-merges", "-n", "200", "--format=%s"]).ok()?;
        let subjects = String::from_utf8_lossy(&out).lines().map(str::to_owned).collect();
        Some(learned(subjects, &[]))
    }
}

fn paths(repo: &git2::Repository, commit: &git2::Commit<'_>) -> Option<Vec<String>> {
    let tree = commit.tree().ok()?;
    if tree.len() > WIDE {
        return None;
    }
    let parent = commit.parent(0).ok().and_then(|p| p.tree().ok());
    let diff = repo.diff_tree_to_tree(parent.as_ref(), Some(&tree), None).ok()?;
    let paths =
        diff.deltas().take(100).filter_map(|d| Some(String::from_utf8_lossy(d.new_file().path_bytes()?).into_owned()));
    Some(paths.collect())
}

fn learned(subjects: Vec<String>, touched: &[(String, Vec<String>)]) -> Learned {
    let total = subjects.len().max(1);
    let share = |f: &dyn Fn(&String) -> bool| {
        let n = subjects.iter().filter(|s| f(s)).count();
        n * 100 / total
    };
    let is_conventional = |s: &String| conventional(s).is_some_and(|(t, _)| TYPES.contains(&t));
    let conventional_share = share(&is_conventional);
    let gitmoji = share(&|s| {
        s.starts_with(':') || s.chars().next().is_some_and(|c| u32::from(c) >= 0x2190 && !c.is_alphabetic())
    });
    let subsystem = share(&|s| !is_conventional(s) && s.split_once(": ").is_some_and(|(head, _)| !head.contains(' ')));
    let looks = if subjects.len() < 3 || conventional_share >= 50 {
        // A repository without habits yet gets the most common one.
        Looks::Conventional
    } else if gitmoji >= 50 {
        Looks::Gitmoji
    } else if subsystem >= 50 {
        Looks::Subsystem
    } else {
        Looks::Plain
    };
    let (priors, scopes) = by_path(touched);
    Learned {
        looks,
        conventional: conventional_share >= 50,
        priors,
        scopes,
        recent: subjects.into_iter().take(20).collect(),
    }
}

type Counts = HashMap<String, u32>;

/// Types and scopes by every folder that the commits touched.
fn by_path(touched: &[(String, Vec<String>)]) -> (Vec<Prior>, Vec<(String, String)>) {
    let mut types: HashMap<String, Counts> = HashMap::new();
    let mut scopes: HashMap<String, Counts> = HashMap::new();
    for (subject, paths) in touched {
        let Some((type_, scope)) = conventional(subject) else { continue };
        let mut folders: Vec<String> = paths.iter().flat_map(|p| prefixes(p)).collect();
        folders.sort();
        folders.dedup();
        *types.entry(String::new()).or_default().entry(type_.to_owned()).or_default() += 1;
        for folder in folders {
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
    let mut named: Vec<(String, String)> = scopes
        .into_iter()
        .filter_map(|(prefix, counts)| {
            let (scope, most) = top(&counts)?;
            // One commit is no habit, and a folder with many scopes has none.
            (most >= 2 && most * 10 >= counts.values().sum::<u32>() * 6).then_some((prefix, scope))
        })
        .collect();
    named.sort();
    (priors, named)
}

fn top(counts: &Counts) -> Option<(String, u32)> {
    counts.iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0))).map(|(name, n)| (name.clone(), *n))
}

/// `a/b/c.rs` lies below `a/` and `a/b/`, and is a prefix of itself.
fn prefixes(path: &str) -> Vec<String> {
    let mut out: Vec<String> = path.match_indices('/').map(|(at, _)| path[..=at].to_owned()).take(4).collect();
    out.push(path.to_owned());
    out
}
