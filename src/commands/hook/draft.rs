//! The work of the hook: what the change is, whether it holds secrets, what the rules say of it, what a model says.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use super::Kind;
use super::wait::{Letter, Tell, Word};
use super::wish::{follow, ours, wish_beside};
use crate::client::Deaf;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{Ours, Source, message};
use crate::model::Purpose;
use crate::tasks::commit_message::{self, Means, Wish};
use crate::tasks::offline::review::conflict_markers;
use crate::tasks::review::{Masked, blocks, helps, leaks, unseen};
use crate::tasks::room;
use crate::ui::plain;
use crate::world::clock::Stopwatch;

/// What is kept of the deadline for whoever waits, beyond what they keep themselves: to end a call in order, and to put
/// the rules' message into the file. At most a quarter of the deadline.
const ORDERLY: Duration = Duration::from_millis(600);

/// Most conflict markers, and most files that could not be read, that a comment tells.
const MARKERS: usize = 5;

/// Drafts. Everything that is known is told as soon as it is known: the commit may stop waiting at any moment.
///
/// # Errors
/// `Policy` when the change adds what may go nowhere; `Interrupted`; what stands in the way of a draft.
pub(super) fn draft(
    context: &Context,
    file: &Path,
    kind: Kind,
    tell: &Tell<'_>,
    began: &Stopwatch,
) -> Result<Option<Letter>, CommandError> {
    let repo = context.repo()?;
    let config = context.config();
    let whole = Duration::from_secs(config.hook.deadline);
    tell(Word::Deadline(whole));
    let amends = kind == Kind::Amend;
    // Whoever amends and opens no editor wants the words that stand there.
    let drafts = config.hook.enabled;
    if !(drafts || config.hook.judges)
        || repo.state().keeps_message()
        || (amends && (!config.hook.amend || repo.unseen()))
    {
        return Ok(None);
    }
    // Settings that cannot hold send nothing; the change is looked through with what can be read of them.
    let (redactor, unsent) = match context.redactor() {
        Ok(redactor) => (redactor, None),
        Err(error) if error.exit != Exit::Failed => return Err(error),
        Err(error) => {
            context.as_gate();
            (context.redactor()?, Some(error))
        }
    };
    let strict = redactor.may_block();
    if strict {
        tell(Word::Strict);
    }
    let slot = match kind {
        // A repository's file stops drafts, and opens no gate.
        _ if !drafts => None,
        // What a merge joins its change does not say, nor what a revert takes back, nor what a fixup is for.
        Kind::Amend if repo.speaks_of_others().is_some() => None,
        Kind::Amend => Some(message::Slot::amending(repo, file)?),
        Kind::Fresh | Kind::Template => message::Slot::look(repo, file, kind == Kind::Template)?,
    };
    let vacant = slot.is_some();
    if let Some(slot) = slot {
        tell(Word::Slot(slot));
    } else if !strict {
        return Ok(None);
    }
    if vacant {
        context.open_store_aside();
    }
    let source = if amends { Source::Amend } else { Source::Staged };
    let change = repo.diff(&source)?;
    if change.is_empty() {
        return Ok(None);
    }
    let contents = repo.contents(&source)?;
    let found = if redactor.idle() { Vec::new() } else { leaks(&change, contents.as_ref(), &redactor) };
    let found = crate::commands::review::open(context, repo, (&source, &change, contents.as_ref()), found)?;
    if blocks(&found, &redactor) {
        return Err(CommandError::new(Exit::Policy, "the staged change adds a secret, and redact.mode is block")
            .hint("see where, and its id: monster review --staged --offline; a false alarm is allowed by that id in a .monster/ignore that is committed"));
    }
    let names = Masked::of_change(&change, &redactor);
    if let Some((path, why)) = unseen(&change, contents.as_ref()).first().filter(|_| strict) {
        let path = plain(&names.told(path));
        let what = format!("{path} cannot be looked through for secrets ({why}), and redact.mode is block");
        return Err(CommandError::new(Exit::Policy, what).hint(helps(why, true)));
    }
    let mut warnings: Vec<String> =
        found.iter().map(|f| format!("warning: {}:{}: {}", plain(&f.file), f.line, f.title)).collect();
    // Git lets them through, and so does a hook that stops no commit; whoever reads the draft sees it.
    let marked = conflict_markers(&change).into_iter();
    warnings.extend(
        marked
            .take(MARKERS)
            .map(|(path, line)| format!("warning: {}:{line}: a conflict marker is staged", names.told(path.as_str()))),
    );
    let unread = change.files.iter().filter_map(|f| Some((f.path.as_str(), f.unread.as_deref()?)));
    warnings.extend(
        unread.take(MARKERS).map(|(path, why)| format!("warning: {} was not read: {why}", plain(&names.told(path)))),
    );
    tell(Word::Scanned(warnings.clone()));
    if !vacant {
        return Ok(None);
    }
    context.drafts(repo.draft(&source));
    let about = (&change, contents.as_ref());
    let mut wish = wish_beside(context, repo, about, Purpose::Hook, &Ours::default());
    // Before a model is asked, and before the store is: it is there when the commit will wait no longer.
    let mut rules = by_rules(&wish);
    tell(Word::Ruled(rules.clone()));
    let ours = ours(context);
    if ours != Ours::default() {
        follow(&mut wish, context, repo, &ours);
        rules = by_rules(&wish);
        tell(Word::Ruled(rules.clone()));
    }
    let asked = match unsent {
        Some(error) => Err(error),
        None => model(context, &mut wish, whole, began),
    };
    match asked {
        Ok(mut letter) => {
            letter.comments.extend(warnings);
            Ok(Some(letter))
        }
        // Ctrl-C means the commit, not only the message.
        Err(error) if error.exit == Exit::Interrupted => Err(error),
        // One line: what helps belongs to it, for example when the accounts are locked.
        Err(error) => {
            let why = error.hints.first().map_or_else(|| error.what.clone(), |hint| format!("{}; {hint}", error.what));
            rules.because(&why);
            rules.comments.extend(warnings);
            Ok(Some(rules))
        }
    }
}

/// The message of the rules, and types that may fit where they do not know one.
fn by_rules(wish: &Wish<'_>) -> Letter {
    let written = commit_message::by_rules(wish);
    let types = written.alternatives.join(", ");
    let mut comments = if types.is_empty() { Vec::new() } else { vec![format!("types that may fit: {types}")] };
    comments
        .extend(written.problems.iter().map(|problem| format!("it breaks a rule: {}", plain(&problem.to_string()))));
    Letter { text: written.text, comments, ruled: true }
}

/// A model's message within what is left of the deadline.
fn model(context: &Context, wish: &mut Wish<'_>, whole: Duration, began: &Stopwatch) -> Result<Letter, CommandError> {
    if context.offline() {
        return Err(CommandError::new(Exit::NoModel, "offline was asked for"));
    }
    let asked = context.model("fast");
    let kept = super::wait::kept(whole) + ORDERLY.min(whole / 4);
    let left = || whole.saturating_sub(began.elapsed()).saturating_sub(kept);
    // Connecting counts: a local server that does not answer must not take the model's time and more.
    context.block_on(within(left(), whole, async {
        let client = context.connect(&asked, true).await?;
        let routes = client.routes(&asked)?;
        if let Some(speed) = routes.first().and_then(|route| client.speed(route)) {
            wish.max_bytes = wish.max_bytes.min(room::in_time(whole, speed));
        }
        let means = Means { client: &client, routes: &routes, patience: Duration::ZERO, deadline: Some(left()) };
        let written = commit_message::write(wish, &means, &mut Deaf)
            .await
            .map_err(|error| CommandError::of(Exit::NoModel, &error))?;
        let by = written.asked.replies.last().map(|reply| format!("{} drafted this", plain(&reply.route.name())));
        let ruled = by.is_none();
        Ok(Letter { text: written.text, comments: by.into_iter().collect(), ruled })
    }))
}

/// The work, or an error when it takes longer than `limit`, which is what is left of the `whole` time.
async fn within<T>(
    limit: Duration,
    whole: Duration,
    work: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let late = || CommandError::new(Exit::NoModel, super::wait::late("no answer came", whole));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}
