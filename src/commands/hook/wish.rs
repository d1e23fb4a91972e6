//! What a message is wished to be: by settings, history, and what the repository declares.

use std::path::Path;

use super::looks;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::message::{self, issue};
use crate::git::{ChangeSet, Contents, Habits, Learned, Looks, Ours, Repo};
use crate::model::Purpose;
use crate::tasks::commit_message::{Body, Wish};
use crate::tasks::conventions::Conventions;
use crate::tasks::offline::message::Hints;
use crate::tasks::review::Veil;
use crate::world::files;

/// Larger files declare nothing about messages (bytes).
const LIMIT: u64 = 1 << 20;

/// What history, settings and repository say about a message.
pub(in crate::commands) fn wish<'a>(
    context: &Context,
    repo: &Repo,
    change: &'a ChangeSet,
    contents: &'a dyn Contents,
    purpose: Purpose,
) -> Wish<'a> {
    wish_beside(context, repo, (change, contents), purpose, &ours(context))
}

/// The same, with these commits known to be ours.
pub(super) fn wish_beside<'a>(
    context: &Context,
    repo: &Repo,
    (change, contents): (&'a ChangeSet, &'a dyn Contents),
    purpose: Purpose,
    ours: &Ours,
) -> Wish<'a> {
    let config = &context.config().commit;
    let conventions = conventions(context, repo);
    let limits = limits(config.subject_max, &conventions);
    let mut wish = Wish {
        change,
        contents,
        hints: Hints { branch: repo.branch(), subject_max: limits, undone: repo.undone(change), ..Hints::default() },
        recent: Vec::new(),
        types: config.types.clone(),
        scopes: config.scopes.clone(),
        rules: message::Rules { subject_max: limits, comment: repo.comment_mark(), ..message::Rules::default() },
        conventions,
        habits: Habits::default(),
        issue: None,
        trailers: String::new(),
        breaks: false,
        type_: None,
        scope: None,
        intent: None,
        language: config.language.clone(),
        body: match config.body.as_str() {
            "always" => Body::Always,
            "never" => Body::Never,
            _ => Body::Auto,
        },
        max_bytes: config.max_bytes,
        effort: context.effort(Purpose::Hook),
        purpose,
        count: 1,
        seen: Vec::new(),
        veil: context.redactor().map(|redactor| Veil::of_change(change, redactor)).unwrap_or_default(),
    };
    follow(&mut wish, context, repo, ours);
    wish
}

/// Puts what history says into a wish; these commits are known to be ours.
pub(super) fn follow(wish: &mut Wish<'_>, context: &Context, repo: &Repo, ours: &Ours) {
    let config = &context.config().commit;
    let learned = repo.style(ours);
    wish.issue = if config.issue { key(repo, &learned, &wish.conventions) } else { None };
    let said = config.style.as_deref().and_then(looks);
    wish.hints.looks = said.unwrap_or_else(|| followed(&wish.conventions, &learned));
    (wish.hints.priors, wish.hints.scopes) = (learned.priors, learned.scopes);
    wish.conventions.learn(&learned.spelled);
    wish.hints.spelled = learned.spelled;
    wish.recent = learned.recent.into_iter().take(8).collect();
    // What people sign with their names a model does not.
    wish.rules.trailers =
        learned.habits.trailers.iter().filter(|key| !key.to_lowercase().ends_with("-by")).cloned().collect();
    wish.habits = learned.habits;
}

/// How subjects look here, whatever the settings say: declared, or learned from history.
pub(in crate::commands) fn learned(context: &Context, repo: &Repo, conventions: &Conventions) -> Looks {
    followed(conventions, &repo.style(&ours(context)))
}

fn followed(conventions: &Conventions, learned: &Learned) -> Looks {
    if conventions.typed() { Looks::default() } else { learned.looks }
}

/// What flags say beside: a file of what commitlint has printed, and the key of an issue, `auto` or `never`.
///
/// # Errors
/// Exit 2 for a file or a key that is none.
pub(in crate::commands) fn declare(
    context: &Context,
    repo: &Repo,
    wish: &mut Wish<'_>,
    printed: Option<&Path>,
    issue: Option<&str>,
) -> Result<(), CommandError> {
    if let Some(file) = printed {
        let path = context.env.cwd().join(file);
        let wrong = |why: &str| CommandError::new(Exit::Usage, format!("{}: {why}", file.display()));
        let text = files::read_bounded(&path, LIMIT).map_err(|error| wrong(&error.to_string()))?;
        let text = String::from_utf8(text).map_err(|_| wrong("it is no text"))?;
        let name = file.display().to_string();
        wish.conventions = read(context, repo, Some((&name, &text))).map_err(|why| wrong(&why))?;
        wish.conventions.learn(&wish.hints.spelled);
        let limits = limits(context.config().commit.subject_max, &wish.conventions);
        (wish.hints.subject_max, wish.rules.subject_max) = (limits, limits);
        if wish.conventions.typed() && context.config().commit.style.is_none() {
            wish.hints.looks = Looks::Conventional;
        }
    }
    match issue {
        None => {}
        Some("never") => wish.issue = None,
        Some("auto") => wish.issue = key(repo, &repo.style(&ours(context)), &wish.conventions),
        Some(own) => {
            let wrong =
                || CommandError::new(Exit::Usage, format!("\"{own}\" is no key of an issue, such as ABC-7 or 12"));
            let key = issue::given(own).ok_or_else(wrong)?;
            let learned = repo.style(&ours(context));
            // Who names it wants it there, also where history has no place for it.
            let place = learned.keys.of(&key).cloned().unwrap_or_else(refs);
            wish.issue = Some((key, place));
        }
    }
    Ok(())
}

fn refs() -> issue::Place {
    issue::Place::Trailer("Refs: {}".to_owned())
}

/// The issue of the branch, and where history or a declared rule puts it.
fn key(repo: &Repo, learned: &Learned, conventions: &Conventions) -> Option<(issue::Key, issue::Place)> {
    let key = issue::of_branch(&repo.branch()?, &learned.keys)?;
    let place = learned.keys.of(&key).cloned().or_else(|| conventions.refers().then(refs))?;
    Some((key, place))
}

/// The longest first line that settings and declared rules allow.
fn limits(subject_max: usize, conventions: &Conventions) -> usize {
    subject_max.min(conventions.subject_max().unwrap_or(usize::MAX))
}

/// Commits whose messages are ours. Somebody may hold the store: who must not wait asks for them late.
pub(super) fn ours(context: &Context) -> Ours {
    let place = context.place();
    let written = place.repo.and_then(|repo| context.store().written_in(&repo).ok()).unwrap_or_default();
    Ours { commits: written.0.into_iter().collect(), drafts: written.1.into_iter().collect() }
}

/// What the last commit declares; nothing where the user does not want it followed.
pub(super) fn conventions(context: &Context, repo: &Repo) -> Conventions {
    if !context.config().commit.conventions {
        return Conventions::default();
    }
    read(context, repo, None).unwrap_or_default()
}

fn read(context: &Context, repo: &Repo, printed: Option<(&str, &str)>) -> Result<Conventions, String> {
    let head = repo.head_files();
    let conventions = Conventions::read(&|path: &str| head.text(path, LIMIT), printed)?;
    for file in conventions.files() {
        context.ui.detail(&format!("messages follow {file}"));
    }
    for note in conventions.notes() {
        context.ui.detail(note);
    }
    Ok(conventions)
}
