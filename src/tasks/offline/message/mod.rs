//! A commit message by rule. What kind of change it is decides the type; facts of the diff give the words.

pub(in crate::tasks) mod deps;
mod evidence;
mod kin;
mod names;
mod pins;
mod release;
mod rules;
mod source;
mod told;

#[cfg(test)]
mod tests;

pub use names::common_folder;

use super::apart;
use super::classify::Class;
use crate::git::message::shortened;
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Looks, Prior, Status, Undone};
use crate::tasks::review::Veil;

/// Subjects are cut at this many characters when nothing else is said.
const SUBJECT: usize = 72;
/// A body lists files from this many on, and at most so many.
const TABLE: std::ops::Range<usize> = 4..12;

/// Types offered where nothing speaks for one.
const USUAL: [&str; 4] = ["feat", "fix", "refactor", "perf"];

/// What history and the command line say about how the message should look.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The branch's short name.
    pub branch: Option<String>,
    /// Types by path.
    pub priors: Vec<Prior>,
    /// Path prefix and the scope that history uses below it.
    pub scopes: Vec<(String, String)>,
    /// Scopes as history spells them, the most used first.
    pub spelled: Vec<String>,
    /// Longest subject, in characters; 0 means 72.
    pub subject_max: usize,
    /// How subjects look.
    pub looks: Looks,
    /// The commit that this change takes back.
    pub undone: Option<Undone>,
}

/// What the user and the settings want of the message, whatever the rules and history say.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The type, fixed.
    pub type_: Option<&'a str>,
    /// The scope, fixed.
    pub scope: Option<&'a str>,
    /// Types that may be chosen; empty = any.
    pub types: &'a [String],
    /// Scopes that may be chosen; empty = any.
    pub scopes: &'a [String],
    /// A body also where the subject says it all.
    pub body: bool,
    /// What stands for secrets in names.
    pub veil: Option<&'a Veil>,
}

/// A proposed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The whole first line.
    pub subject: String,
    /// First lines that say less in less room, none with half a name in it; for where a line grows before it is used.
    pub shorter: Vec<String>,
    /// What follows each of those, as [`Self::body`] the first line.
    pub bodies: Vec<Option<String>>,
    /// The rest; `None` when the subject says it all.
    pub body: Option<String>,
    /// The conventional type, where rules or history decide it.
    pub type_: Option<String>,
    /// The conventional scope, where history knows one for these paths.
    pub scope: Option<String>,
    /// `type_` is only the likeliest by weight: who knows better is heard.
    pub guessed: bool,
    /// Types to offer a person, likeliest first; empty when `type_` is decided.
    pub alternatives: Vec<String>,
    /// The likeliest type for which the change itself speaks, where none is decided: not sure enough to be named unasked.
    pub likely: Option<String>,
    /// The likeliest type however little speaks for it, where none is decided: for those who must name one.
    pub least: Option<String>,
    /// Packages whose versions are other ones, by name and with the words for it, where nothing else has changed.
    pub packages: Vec<(String, String)>,
    /// The rule that decided: `docs`, `lock`, `rename`, `source`, …
    pub rule: &'static str,
}

/// Takes secrets out of a text.
type Hidden<'a> = &'a dyn Fn(&str) -> String;

/// What a rule made of the change, before it is dressed in a style.
struct Verdict {
    rule: &'static str,
    type_: Option<&'static str>,
    /// Imperative, lower case, without type or full stop: the first that fits is said.
    texts: Vec<String>,
    /// History may know better: `build` here is `chore` elsewhere.
    soft: bool,
    /// What the body must say before all else.
    body: Option<String>,
    /// By text: it says all that by itself.
    whole: Vec<bool>,
    /// Packages whose versions are other ones, by name and with the words for it.
    packages: Vec<(String, String)>,
}

/// Writes a message for the change. Deterministic; reads whole files only for lock files.
#[must_use]
pub fn message(change: &ChangeSet, contents: &dyn Contents, hints: &Hints) -> Draft {
    message_as(change, contents, hints, &Wanted::default())
}

/// The same, as somebody wants it.
#[must_use]
pub fn message_as(change: &ChangeSet, contents: &dyn Contents, hints: &Hints, wanted: &Wanted<'_>) -> Draft {
    // What is told of source is not told of the tests inside of it. The weights were fitted with both together.
    let told = apart(change, contents);
    let classes = told.files.as_slice();
    let hidden = |text: &str| wanted.veil.map_or_else(|| text.to_owned(), |veil| veil.told(text));
    let verdict = rules::decide(change, &told, contents, hints, &hidden);
    let paths: Vec<&str> = change.files.iter().map(|f| f.path.as_str()).collect();
    let habit = habit(&paths, hints, if verdict.type_.is_some() { 0.9 } else { 0.8 });
    let bump = matches!(verdict.rule, "ci" | "lock");
    let habit = habit.filter(|t| !bump || deps::TYPES.contains(&t.as_str()));
    let branch = hints.branch.as_deref().and_then(of_branch);
    let of_rule = verdict.type_.map(str::to_owned);
    let of_branch = branch.map(str::to_owned);
    // Whatever the branch is about and its folder was changed for: code is neither documentation nor a test.
    let code = verdict.rule == "source" && !evidence::told_only(change, classes);
    let fits_code = |t: &String| !code || !matches!(t.as_str(), "docs" | "test");
    let (of_branch, habit) = (of_branch.filter(fits_code), habit.filter(fits_code));
    let (likely, weighed) = match verdict.type_ {
        Some(_) => (Vec::new(), None),
        None => weighed(change, classes, hints),
    };
    let guess = weighed.clone();
    let candidates = match (&of_rule, verdict.soft) {
        (Some(_), _) if verdict.rule == "delete" => vec![of_branch.clone(), habit.clone(), of_rule],
        (Some(_), false) => vec![of_rule],
        (Some(_), true) => vec![habit.clone(), of_rule],
        (None, _) => vec![of_branch.clone(), habit.clone(), weighed],
    };
    let may = |one: &String, of: &[String]| of.is_empty() || of.contains(one);
    let fitting = |type_: &String| kin::fitting(type_, wanted.types);
    let sure = of_branch.is_some() || verdict.type_.is_some();
    let decided = || candidates.iter().flatten().find_map(fitting);
    let type_ = wanted.type_.map(str::to_owned).or_else(decided);
    let guess = guess.as_ref().and_then(fitting);
    // That nothing is left of a file does not say what for.
    let loose = verdict.rule == "delete" && of_branch.is_none() && habit.is_none();
    let guessed = wanted.type_.is_none() && (loose || (!sure && type_.is_some() && type_ == guess));
    // In front of every subject some part of the project is named: that of the source, where others go along.
    let of_source = || {
        if hints.looks != Looks::Subsystem {
            return None;
        }
        let source = told.change.files.iter().zip(&told.classes).filter(|(_, class)| **class == Class::Source);
        let source: Vec<&str> = source.map(|(file, _)| file.path.as_str()).collect();
        scope(&source, hints)
    };
    // The subject that is taken back has its own.
    // A lock file changes with whatever asks for packages: a scope that commits of it had says nothing of it alone.
    let locks = |path: &&str| {
        verdict.rule == "lock"
            && change
                .files
                .iter()
                .zip(classes)
                .any(|(file, class)| *class == Class::Lock && file.path.as_str() == *path)
    };
    let of_locks = || {
        let asking: Vec<&str> = paths.iter().filter(|path| !locks(path)).copied().collect();
        if !asking.is_empty() {
            return scope(&asking, hints);
        }
        let others =
            hints.scopes.iter().filter(|(prefix, scope)| !paths.contains(&prefix.as_str()) || deps::scope(scope));
        scope(&paths, &Hints { scopes: others.cloned().collect(), ..Hints::default() })
    };
    let of_paths = || if verdict.rule == "lock" { of_locks() } else { scope(&paths, hints) };
    let of_history = || of_paths().or_else(of_source).filter(|s| hints.undone.is_none() && may(s, wanted.scopes));
    // `ci(ci): …` says the same twice.
    let twice = |scope: &String| hints.looks == Looks::Conventional && Some(scope) == type_.as_ref();
    let scope = wanted.scope.map(str::to_owned).or_else(|| of_history().filter(|scope| !twice(scope)));
    let most = if hints.subject_max == 0 { SUBJECT } else { hints.subject_max };
    let marked = |scope: Option<&String>| match (hints.looks, &type_, scope) {
        (Looks::Conventional, Some(type_), Some(scope)) => format!("{type_}({scope}): "),
        (Looks::Conventional, Some(type_), None) => format!("{type_}: "),
        (Looks::Subsystem, _, Some(scope)) => format!("{scope}: "),
        (Looks::Gitmoji, Some(type_), _) => format!("{} ", emoji(type_)),
        _ => String::new(),
    };
    let mark = marked(scope.as_ref());
    let dressed = |text: &String| match &hints.undone {
        // After its type the subject that is taken back stands as it is; else git's own words say what is done with it.
        Some(_) if hints.looks == Looks::Conventional && type_.as_deref() == Some("revert") => text.clone(),
        Some(undone) if mark.is_empty() => hidden(&reverted(&undone.subject)),
        Some(undone) => lower(&hidden(&reverted(&undone.subject))),
        None if mark.is_empty() => upper(text),
        None => text.clone(),
    };
    // Those far behind speak for nothing.
    let ahead = likely.iter().filter(|t| evidence::named(t)).take(2);
    let likely_first = ahead.clone().find_map(fitting).filter(|_| type_.is_none());
    // What is neither source nor of one kind is upkeep.
    let upkeep = || fitting(&"chore".to_owned()).filter(|_| likely.is_empty());
    let least = likely.iter().filter(|t| evidence::named(t)).find_map(fitting).or_else(upkeep);
    let least = least.filter(|_| type_.is_none());
    let alternatives = if type_.is_none() && hints.looks == Looks::Conventional {
        let mut offered: Vec<String> = likely.iter().filter_map(fitting).collect();
        let others = if wanted.types.is_empty() { USUAL.map(str::to_owned).to_vec() } else { wanted.types.to_vec() };
        offered.extend(others);
        let mut seen = std::collections::HashSet::new();
        offered.retain(|t| seen.insert(t.clone()));
        offered
    } else {
        Vec::new()
    };
    // What happened says more than where it did.
    let scoped = hints.looks == Looks::Conventional && wanted.scope.is_none();
    let bare = Some(marked(None)).filter(|bare| scoped && *bare != mark);
    let texts: Vec<String> = verdict.texts.iter().map(|text| hidden(text)).collect();
    let lines = texts.iter().map(dressed).enumerate().flat_map(|(at, text)| {
        let marks = std::iter::once(&mark).chain(&bare);
        // Where the scope is the package, its files need not say so.
        let package = scope.as_ref().map(|scope| format!(" {scope}/src/"));
        let said = |at: &String| match &package {
            Some(package) if *at == mark => text.replace(package, " src/"),
            _ => text.clone(),
        };
        marks.map(|mark| (at, plain(&format!("{mark}{}", said(mark))))).collect::<Vec<_>>()
    });
    let mut lines: Vec<(usize, String)> = lines.collect();
    let last = lines.last().map(|(at, last)| (*at, shortened(last, most))).unwrap_or_default();
    lines.retain(|(_, line)| line.chars().count() <= most);
    let (at, subject) = if lines.is_empty() { last } else { lines.remove(0) };
    let untold = untold(change, classes, verdict.rule);
    let below = |at: usize| {
        let first = verdict.body.clone().filter(|_| verdict.whole.get(at) != Some(&true));
        // Whoever wants a body has one where packages are listed: their files say no more.
        let table = body(change, (wanted.body && first.is_none()) || untold);
        let body = [first, table].into_iter().flatten().reduce(|a, b| format!("{a}\n\n{b}"));
        body.map(|body| hidden(&body))
    };
    let (body, bodies) = (below(at), lines.iter().map(|(at, _)| below(*at)).collect());
    let mut packages = verdict.packages;
    if let Some(veil) = wanted.veil {
        veil.all(packages.iter_mut().flat_map(|(name, said)| [name, said]));
    }
    packages.iter_mut().for_each(|(_, said)| *said = deps::cut(said));
    Draft {
        subject,
        shorter: lines.into_iter().map(|(_, line)| line).collect(),
        bodies,
        body,
        type_,
        scope,
        guessed,
        alternatives,
        likely: likely_first,
        least,
        packages,
        rule: verdict.rule,
    }
}

/// As `git revert` names it.
fn reverted(subject: &str) -> String {
    match subject.strip_prefix("Revert \"").and_then(|rest| rest.strip_suffix('"')) {
        Some(first) => format!("Reapply \"{first}\""),
        None => format!("Revert \"{subject}\""),
    }
}

/// Types of source by how much speaks for them, and the one that is sure enough.
fn weighed(change: &ChangeSet, classes: &[Class], hints: &Hints) -> (Vec<String>, Option<String>) {
    let files: Vec<&FileChange> = change.files.iter().collect();
    let (ranked, first) = evidence::weigh(&files, classes, &hints.priors);
    (ranked.into_iter().map(str::to_owned).collect(), first.map(str::to_owned))
}

/// The type that almost all commits of these paths had.
fn habit(paths: &[&str], hints: &Hints, share: f64) -> Option<String> {
    let mut found: Option<&str> = None;
    for path in paths {
        // The longest prefix knows best; the share of all commits is no habit of this path.
        let near = hints.priors.iter().filter(|p| !p.prefix.is_empty() && path.starts_with(&p.prefix));
        let prior = near.max_by(|a, b| a.prefix.len().cmp(&b.prefix.len()).then(a.share.total_cmp(&b.share)))?;
        if prior.share < share || prior.count < 4 || found.is_some_and(|f| f != prior.type_) {
            return None;
        }
        found = Some(&prior.type_);
    }
    found.map(str::to_owned)
}

/// The scope that history uses for all of these paths.
fn scope(paths: &[&str], hints: &Hints) -> Option<String> {
    let mut found: Option<&str> = None;
    for path in paths {
        let (_, scope) =
            hints.scopes.iter().filter(|(prefix, _)| path.starts_with(prefix.as_str())).max_by_key(|(p, _)| p.len())?;
        if found.is_some_and(|f| f != scope) {
            return None;
        }
        found = Some(scope);
    }
    found.map(str::to_owned)
}

/// `fix/…` and `feat/…` say what the author is about.
fn of_branch(branch: &str) -> Option<&'static str> {
    let (head, rest) = branch.split_once(['/', '-'])?;
    if rest.is_empty() {
        return None;
    }
    match head {
        "fix" | "bugfix" | "hotfix" | "bug" => Some("fix"),
        "feat" | "feature" => Some("feat"),
        "docs" | "doc" => Some("docs"),
        "refactor" => Some("refactor"),
        "perf" => Some("perf"),
        "chore" => Some("chore"),
        _ => None,
    }
}

/// The subject names the source. Tests and documents go along with it and a lock file with its manifest; of other files,
/// and of what is renamed, removed or made executable beside an edit, it says nothing.
fn untold(change: &ChangeSet, classes: &[Class], rule: &str) -> bool {
    if !matches!(rule, "source" | "delete") || !classes.contains(&Class::Source) {
        return false;
    }
    let along = |class: &Class| matches!(class, Class::Source | Class::Test | Class::Docs | Class::Lock);
    let done = |file: &FileChange| match file.status {
        Status::Deleted | Status::Renamed | Status::TypeChanged => Some(file.status),
        _ if file.mode_only() => Some(Status::TypeChanged),
        _ => None,
    };
    let first = change.files.first().and_then(done);
    // More than two are counted, and not named.
    let named = classes.iter().filter(|class| **class == Class::Source).count() <= 2;
    !classes.iter().all(along) || (named && change.files.iter().any(|file| done(file) != first))
}

/// Every file of a change that is too large for one line, or of any when a body is wanted.
fn body(change: &ChangeSet, always: bool) -> Option<String> {
    if change.files.len() < if always { 1 } else { TABLE.start } {
        return None;
    }
    let mut lines: Vec<String> = change
        .files
        .iter()
        .take(TABLE.end)
        .map(|f| {
            let old = f.old_path.as_ref().map(|p| format!(" (from {p})")).unwrap_or_default();
            plain(&format!("- {}{old}: {}", f.path, done(f)))
        })
        .collect();
    if change.files.len() > TABLE.end {
        lines.push(format!("- and {} more", change.files.len() - TABLE.end));
    }
    Some(lines.join("\n"))
}

/// What happened to a file, in lines where it has any.
fn done(file: &FileChange) -> String {
    match (&file.kind, file.status) {
        _ if file.mode_only() => {
            let executable = file.new_mode.is_some_and(|mode| mode & 0o111 != 0);
            if executable { "executable" } else { "not executable" }.to_owned()
        }
        (FileKind::Binary { .. }, _) => "binary".to_owned(),
        (_, Status::Renamed) if file.added + file.removed == 0 => "renamed".to_owned(),
        _ => format!("+{} -{}", file.added, file.removed),
    }
}

/// The picture that stands for a type.
pub(in crate::tasks) fn emoji(type_: &str) -> &'static str {
    match type_ {
        "feat" => "✨",
        "fix" => "🐛",
        "docs" => "📝",
        "test" => "✅",
        "build" => "📦",
        "ci" => "👷",
        "perf" => "⚡",
        "refactor" => "♻️",
        "style" => "🎨",
        "revert" => "⏪",
        _ => "🔧",
    }
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// Names of files and packages are strangers' words: a line feed in one would forge a trailer.
fn plain(text: &str) -> String {
    let odd = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if odd(c) { '?' } else { c }).collect()
}
