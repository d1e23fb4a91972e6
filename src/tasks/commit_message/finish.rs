//! The last hand at a message, whoever wrote it: the habits of this repository, its declared rules, the key of the issue.

use super::compose::{lower_first, upper_first};
use super::{Draft, Wish, draft_as, pictures};
use crate::git::message::{self, Problem, Rules, issue};
use crate::git::style::Tense;
use crate::git::{FileChange, Looks};
use crate::tasks::conventions::Level;
use crate::tasks::offline::classify::{Class, classify};
use crate::tasks::offline::message::{common_folder, deps};

/// How long the first line may be before the key is put into it (characters).
pub(super) fn room(wish: &Wish<'_>) -> usize {
    let key = wish.issue.as_ref().map_or(0, |(key, place)| issue::width(key, place));
    let stop = usize::from(wish.habits.stop);
    let mark = wish.breaks || (wish.declares() && wish.hints.looks == Looks::Conventional);
    wish.rules.subject_max.saturating_sub(key + stop + usize::from(mark))
}

/// Repairs, and follows the habits and the declared rules. What is too long then and ends in no phrase is for whoever
/// wrote it to say shorter.
pub(super) fn formed(wish: &Wish<'_>, text: &str) -> String {
    let rules = Rules { subject_max: room(wish), ..wish.rules() };
    let text = message::repair(text, &rules);
    let text = if wish.habits.stop { stopped(&text) } else { text };
    let (mut known, others) = scopes(wish);
    // The user's own stands as it is written, and what it breaks is told.
    known.extend(wish.scope.clone());
    wish.conventions.mend_as(&text, &known, &others)
}

/// The same for the rules' message, which nobody can be asked to say shorter: the first of the subjects that has room
/// in the form that is declared. Only where none has, the last is cut. With `bodies`, each has what it leaves out below it.
pub(super) fn fitted(wish: &Wish<'_>, subjects: &[(String, Option<&str>)], bodies: bool) -> String {
    let length = |text: &str| text.lines().next().unwrap_or_default().chars().count();
    let joined = |(subject, body): &(String, Option<&str>)| message::join(subject, body.filter(|_| bodies));
    let whole = |said: &(String, Option<&str>)| {
        let said = Some(said).filter(|(subject, _)| length(subject) <= room(wish))?;
        let text = formed(wish, &joined(said));
        let fits = length(&text) <= room(wish) + usize::from(wish.habits.stop) && wish.conventions.over(&text) == 0;
        fits.then_some(text)
    };
    if let Some(text) = subjects.iter().find_map(whole) {
        return text;
    }
    let text = &subjects.last().map(joined).unwrap_or_default();
    let short = |text: &str, most: usize| {
        let (subject, rest) = text.split_at(text.find('\n').unwrap_or(text.len()));
        formed(wish, &format!("{}{rest}", message::shortened(subject, most)))
    };
    let text = short(text, room(wish));
    // In the form that is declared it may have become longer: a final stop, a scope that must stand there.
    let text = match length(&text).saturating_sub(room(wish)) {
        0 => text,
        over => short(&text, length(&text).saturating_sub(2 * over)),
    };
    match wish.conventions.over(&text) {
        0 => text,
        over => short(&text, length(&text).saturating_sub(over)),
    }
}

/// What is decided about the scope, once for whoever asks for it and whoever judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scoped {
    /// None may stand there.
    Never,
    /// By rule, history or the user.
    Fixed(String),
    /// A model may say one.
    Free {
        /// One of these; empty = any that the change knows.
        of: Vec<String>,
        /// One must stand there.
        needed: bool,
    },
}

/// The scope of a message by this draft. The user's own word is the last.
pub(super) fn scoped(wish: &Wish<'_>, draft: &Draft) -> Scoped {
    let declared = wish.conventions.scope();
    match (&wish.scope, declared, &draft.scope) {
        (Some(own), ..) => Scoped::Fixed(own.clone()),
        (None, Some(false), _) => Scoped::Never,
        (None, _, Some(known)) => Scoped::Fixed(known.clone()),
        (None, _, None) => Scoped::Free { of: wish.scopes(), needed: declared == Some(true) },
    }
}

/// A breach that the user's own flags ask for: no words of a model's can mend it.
pub(super) fn of_user(wish: &Wish<'_>, problem: &Problem) -> bool {
    let about = |about: &str| matches!(problem, Problem::Declared(rule, _) if rule.starts_with(about));
    (wish.scope.is_some() && about("scope-")) || (wish.type_.is_some() && about("type-"))
}

/// With the issue's key, where it has a place, and with what stays of the commit that is amended.
pub(super) fn keyed(wish: &Wish<'_>, text: &str) -> String {
    let typed = matches!(wish.hints.looks, Looks::Conventional | Looks::Subsystem);
    let text = if wish.breaks && typed { message::with_mark(text) } else { text.to_owned() };
    let whole = |text: &str| message::with_trailers(&new(wish, text), &wish.trailers);
    let text = bumped(wish, &text);
    let told = whole(&text);
    if wish.breaks || !wish.declares() || wish.hints.looks != Looks::Conventional {
        return told;
    }
    // What the author declares is marked, whatever the model made of it; but no declared rule is broken for its sake.
    let marked = whole(&message::with_mark(&text));
    if broken(wish, &marked).len() > broken(wish, &told).len() { told } else { marked }
}

/// What GitVersion reads of a change that breaks its users, where it counts the versions here by its own marks: it knows
/// nothing of a `!`.
fn bumped(wish: &Wish<'_>, text: &str) -> String {
    const MARK: &str = "+semver: major";
    let counts = |name: &&str| {
        let settings = wish.contents.base(name, SETTINGS);
        settings.is_some_and(|bytes| !String::from_utf8_lossy(&bytes).contains("major-version-bump-message"))
    };
    let there = text.to_lowercase().contains("+semver:");
    if there || !wish.declares() || !["GitVersion.yml", "GitVersion.yaml", ".gitversion.yml"].iter().any(counts) {
        return text.to_owned();
    }
    format!("{}\n\n{MARK}", text.trim_end())
}

/// Larger settings are none (bytes).
const SETTINGS: u64 = 1 << 16;

/// A breach of what is declared for the parts of the first line.
pub(super) fn of_head(problem: &Problem) -> bool {
    let about = ["type-", "scope-", "subject-", "schema_pattern"];
    matches!(problem, Problem::Declared(rule, _) if about.iter().any(|about| rule.starts_with(about)))
}

/// With the issue's key, and without what only stays: no words of a model's can mend that.
pub(super) fn new(wish: &Wish<'_>, text: &str) -> String {
    wish.issue.as_ref().map_or_else(|| text.to_owned(), |(key, place)| issue::put(text, key, place))
}

/// What is broken by more than what stays of the commit that is amended and what the user's own flags ask for.
pub(super) fn refused(wish: &Wish<'_>, whole: &str, new: &str) -> Vec<Problem> {
    let own = broken(wish, new);
    let same =
        |a: &Problem, b: &Problem| matches!((a, b), (Problem::Declared(a, _), Problem::Declared(b, _)) if a == b);
    let theirs = |problem: &Problem| own.iter().any(|one| same(one, problem)) && !of_user(wish, problem);
    broken(wish, whole).into_iter().filter(theirs).collect()
}

fn stopped(text: &str) -> String {
    let (subject, rest) = text.split_at(text.find('\n').unwrap_or(text.len()));
    let ends = subject.ends_with(|c: char| !c.is_alphanumeric() && !"`\"')]".contains(c));
    if ends || subject.is_empty() { text.to_owned() } else { format!("{subject}.{rest}") }
}

/// The declared rules that bind, and that this message breaks by its words.
pub(super) fn broken(wish: &Wish<'_>, text: &str) -> Vec<Problem> {
    let breaches = wish.conventions.judge(text).into_iter().filter(|b| b.level == Level::Must && !b.of_flags);
    breaches.map(|b| Problem::Declared(format!("{} in {}", b.rule, b.file), b.said)).collect()
}

/// What a scope may be where one must stand: the folder that all of it lies in, from the inside out, and its file. Where
/// nothing holds all of it, the source says where. What history knows of them stands first, spelled as it is there.
fn scopes(wish: &Wish<'_>) -> (Vec<String>, Vec<String>) {
    let files: Vec<&FileChange> = wish.change.files.iter().collect();
    let source: Vec<&FileChange> = files.iter().filter(|file| classify(file) == Class::Source).copied().collect();
    let source = if source.is_empty() { &files } else { &source };
    let mut out = places(&files);
    if out.is_empty() {
        out = places(source);
    }
    if out.is_empty() {
        let most = source.iter().max_by_key(|file| file.added + file.removed);
        out = most.map(|file| places(&[*file])).unwrap_or_default();
        // The file says more closely where it is than what holds it.
        let last = out.pop();
        out.splice(0..0, last);
    }
    // Such names say nothing.
    let telling = |name: &String| !matches!(name.as_str(), "main" | "lib" | "mod" | "index" | "__init__");
    out.sort_by_key(|name| !telling(name));
    let all = |classes: &[Class]| files.iter().all(|file| classes.contains(&classify(file)));
    let packages = all(&[Class::Lock, Class::Manifest]) && files.iter().any(|file| classify(file) == Class::Lock);
    // The type says so already.
    if all(&[Class::Ci]) && out.len() > 1 {
        out.retain(|name| !name.eq_ignore_ascii_case("ci"));
    }
    out.retain(|name| wish.veil.told(name) == *name);
    out.splice(0..0, wish.hints.spelled.iter().filter(|name| packages && deps::scope(name)).take(1).cloned());
    let known: Vec<String> = out.iter().filter_map(|name| spelled(wish, name)).collect();
    // A file may be called in capitals; hardly any scope is.
    (known, out.iter().map(|name| name.to_lowercase()).collect())
}

/// A scope as history spells it, or its last words where history knows no more of it: `widgets` of `app-widgets`.
fn spelled(wish: &Wish<'_>, scope: &str) -> Option<String> {
    let scope = folded(scope);
    let mut rest = Some(scope.as_str());
    while let Some(text) = rest {
        if let Some(known) = wish.hints.spelled.iter().find(|one| folded(one) == text) {
            return Some(known.clone());
        }
        rest = text.split_once('-').map(|(_, rest)| rest);
    }
    None
}

/// The folders that all of these lie in, from the inside out, and the file where it is one.
fn places(files: &[&FileChange]) -> Vec<String> {
    let mut out: Vec<String> = common_folder(files).split('/').rev().map(str::to_owned).collect();
    if let [one] = files {
        out.push(one.path.stem().to_owned());
    }
    out.retain(|name| plain(name) && !matches!(name.as_str(), "src" | "lib"));
    out
}

fn plain(scope: &str) -> bool {
    !scope.is_empty() && scope.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

/// Whatever its case, and whatever joins its words.
fn folded(scope: &str) -> String {
    scope.to_lowercase().replace('_', "-")
}

/// The draft with a type, where the declared rules want one and one of theirs may be meant: without any the message is
/// refused. The others are offered all the same: it was not decided.
pub(super) fn typed(wish: &Wish<'_>, draft: Draft) -> Draft {
    // Of one there is nothing to choose.
    let types = wish.types();
    let only = || types.first().filter(|_| types.len() == 1).cloned();
    let likely = draft.likely.clone().or_else(|| draft.least.clone()).or_else(only);
    match likely.filter(|_| draft.type_.is_none() && wish.conventions.typed()) {
        Some(type_) => Draft { alternatives: draft.alternatives, ..draft_as(wish, Some(&type_)) },
        None => draft,
    }
}

/// The rules' own subject in the case, tense and pictures of this repository.
pub(super) fn dressed(wish: &Wish<'_>, subject: &str) -> String {
    let pictured = pictures::first(subject).filter(|_| wish.hints.looks == Looks::Gitmoji);
    let (mark, text) = match (pictured, subject.split_once(": ")) {
        (Some((picture, text)), _) => {
            let type_ = pictures::meant(subject).first();
            let mark = type_.map_or_else(|| pictures::written(wish, picture), |type_| pictures::of_type(wish, type_));
            (format!("{mark} "), text)
        }
        (None, Some((mark, text))) if !mark.contains(' ') => (format!("{mark}: "), text),
        _ => (String::new(), subject),
    };
    let text = tensed(text, wish.habits.tense);
    let text = match wish.habits.capital {
        Some(true) => upper_first(&text),
        Some(false) => lower_first(&text),
        None => text,
    };
    mark + &text
}

/// Verbs that the rules begin with, and what they become.
const VERBS: [(&str, &str, &str); 19] = [
    ("add", "added", "adds"),
    ("bump", "bumped", "bumps"),
    ("delete", "deleted", "deletes"),
    ("downgrade", "downgraded", "downgrades"),
    ("edit", "edited", "edits"),
    ("mark", "marked", "marks"),
    ("move", "moved", "moves"),
    ("normalise", "normalised", "normalises"),
    ("refresh", "refreshed", "refreshes"),
    ("reformat", "reformatted", "reformats"),
    ("regenerate", "regenerated", "regenerates"),
    ("remove", "removed", "removes"),
    ("rename", "renamed", "renames"),
    ("replace", "replaced", "replaces"),
    ("revert", "reverted", "reverts"),
    ("rework", "reworked", "reworks"),
    ("take", "took", "takes"),
    ("update", "updated", "updates"),
    ("change", "changed", "changes"),
];

fn tensed(text: &str, tense: Tense) -> String {
    let (first, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
    let verb = VERBS.iter().find(|(plain, ..)| first.eq_ignore_ascii_case(plain));
    let told = match (verb, tense) {
        (Some((_, past, _)), Tense::Past) => past,
        (Some((_, _, present)), Tense::Present) => present,
        _ => return text.to_owned(),
    };
    let capital = first.starts_with(char::is_uppercase);
    format!("{}{}", if capital { upper_first(told) } else { (*told).to_owned() }, alike(rest, tense))
}

/// What follows the first verb, with its further verbs as the first one is: `…, update 3 and remove a.rs`.
fn alike(rest: &str, tense: Tense) -> String {
    const BEHIND: [&str; 6] = ["and", "by", "from", "in", "to", "with"];
    let words: Vec<&str> = rest.split(' ').collect();
    let mut out: Vec<&str> = Vec::with_capacity(words.len());
    for (n, word) in words.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| words.get(n));
        let joins = before.is_some_and(|before| *before == "and" || before.ends_with(','));
        // `add move and update to pager.rs`: names may be called so, and nothing is done to them.
        let does = words.get(n + 1).is_some_and(|next| !BEHIND.contains(next));
        let verb = VERBS.iter().find(|(plain, ..)| word == plain).filter(|_| joins && does);
        out.push(match (verb, tense) {
            (Some((_, past, _)), Tense::Past) => past,
            (Some((_, _, present)), Tense::Present) => present,
            _ => word,
        });
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_verbs_follow_the_tense_of_history() {
        assert_eq!(tensed("add paging to pager", Tense::Past), "added paging to pager");
        assert_eq!(tensed("Update pager", Tense::Present), "Updates pager");
        assert_eq!(tensed("update pager", Tense::Imperative), "update pager");
        assert_eq!(tensed("initial commit", Tense::Past), "initial commit");
        assert_eq!(tensed("remove 7 files, update 3 and add 1", Tense::Past), "removed 7 files, updated 3 and added 1");
        assert_eq!(tensed("rename a.rs to b.rs and edit it", Tense::Present), "renames a.rs to b.rs and edits it");
        assert_eq!(tensed("add move and update to a.rs", Tense::Past), "added move and update to a.rs");
    }

    #[test]
    fn a_stop_stands_where_it_is_a_habit() {
        assert_eq!(stopped("Add a\n\nWhy."), "Add a.\n\nWhy.");
        assert_eq!(stopped("Add `a`"), "Add `a`.");
        assert_eq!((stopped("Add a."), stopped("Add a…")), ("Add a.".to_owned(), "Add a…".to_owned()));
    }
}
