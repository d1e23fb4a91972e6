//! The hooks that judge: a finished message, what is staged, what is pushed. They stop only what the user asked them to
//! stop, and trouble of monster's own stops nobody.

use std::collections::HashSet;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::review;
use crate::config::Origin;
use crate::git::message::{NOTES, Problem, Rules, taken_from, validate};
use crate::git::{GitError, Newer, Ours, Repo, Source, State};
use crate::tasks::conventions::Level;
use crate::tasks::finding::{Finding, Severity, Side};
use crate::ui::plain;
use crate::world::Env;

/// What git names an object by that is not there.
fn nothing(id: &str) -> bool {
    id.bytes().all(|b| b == b'0')
}

/// Trouble of monster's own is told and stops nobody.
pub(super) fn harmless(context: &Context, done: Outcome) -> Outcome {
    match done {
        Err(error) if matches!(error.exit, Exit::Policy | Exit::Interrupted) => Err(error),
        Err(error) => {
            context.ui.warn(&error.what);
            Ok(Exit::Done)
        }
        done => done,
    }
}

/// Longer messages are not judged (bytes): nobody has written them.
const LONG: usize = 1 << 20;

/// What work aside tells while it goes on.
enum Word {
    /// What stops what waits already, whatever else there will be.
    Stops(CommandError),
    Done(Outcome),
}

/// Tells what stops already; nobody listens any more when it was too late.
type Tell<'a> = dyn Fn(CommandError) + 'a;

/// Does a hook's work aside, and waits for it no longer than the hook's deadline. `late` is what was not done then.
fn in_time(
    context: &Context,
    late: &str,
    work: impl FnOnce(&Context, &Tell<'_>) -> Outcome + Send + 'static,
) -> Outcome {
    let whole = Duration::from_secs(context.config().hook.deadline);
    let globals = context.globals.clone();
    let (tell, hear) = channel();
    let aside = std::thread::Builder::new().name("hook".to_owned()).stack_size(super::wait::STACK);
    aside.spawn(move || {
        if let Ok(aside) = Context::new(globals) {
            aside.in_hook();
            // By the context that waits.
            aside.told();
            // Nobody hears it when it came too late.
            let done = work(&aside, &|stops| drop(tell.send(Word::Stops(stops))));
            drop(tell.send(Word::Done(done)));
        }
    })?;
    let (stops, ended) = match hear_out(&hear, || whole.saturating_sub(context.began.elapsed())) {
        Ok(done) => return done,
        Err(early) => early,
    };
    let why = match ended {
        RecvTimeoutError::Timeout => super::wait::late("the work was not done", whole),
        // A defect of ours was told where it was met.
        RecvTimeoutError::Disconnected => "the work came to no end".to_owned(),
    };
    let part = if stops.is_some() { " as a whole" } else { "" };
    context.ui.warn(&format!("{late}{part}: {why}"));
    stops.map_or(Ok(Exit::Done), Err)
}

/// How the work ended; else what was known to stop by then, and why it is not waited for.
fn hear_out(
    hear: &Receiver<Word>,
    left: impl Fn() -> Duration,
) -> Result<Outcome, (Option<CommandError>, RecvTimeoutError)> {
    let mut known = None;
    loop {
        match hear.recv_timeout(left()) {
            Ok(Word::Done(done)) => return Ok(done),
            Ok(Word::Stops(stops)) => known = Some(stops),
            Err(ended) => return Err((known, ended)),
        }
    }
}

/// `commit-msg`: what is wrong with the message; rules that somebody set may stop it.
pub(super) fn message(context: &Context, file: PathBuf) -> Outcome {
    if context.config().hook.validate == "off" {
        return Ok(Exit::Done);
    }
    in_time(context, "the commit message was not judged", move |aside, _| judged(aside, &file))
}

fn judged(context: &Context, file: &Path) -> Outcome {
    let mode = context.config().hook.validate.as_str();
    let repo = context.repo()?;
    let state = repo.state();
    // What a squash makes is a commit like any other, and its message is the author's to write.
    if state.keeps_message() && state != State::Squashing {
        return Ok(Exit::Done);
    }
    let text = taken_from(repo, file)?;
    if text.len() > LONG {
        context.ui.warn("the commit message is longer than 1 MB and was not judged");
        return Ok(Exit::Done);
    }
    let subject = text.lines().next().unwrap_or_default();
    // Git's own words, and notes to a rebase that will take them away.
    let own = ["Merge ", "Revert ", "Reapply \""];
    if subject.is_empty() || own.iter().chain(&NOTES).any(|start| subject.starts_with(start)) {
        return Ok(Exit::Done);
    }
    let mut stops = false;
    for (what, set) in wrong(context, repo, &text) {
        stops |= set && mode == "block";
        context.ui.warn(&format!("the commit message: {what}"));
    }
    if stops {
        let what = "the message breaks a rule that was set, and hook.validate is block";
        // In work trees and submodules it lies elsewhere than in .git.
        let kept = "your message is kept; commit it all the same with: git commit --no-verify -e -F \"$(git rev-parse --git-path COMMIT_EDITMSG)\"";
        return Err(CommandError::new(Exit::Policy, what).hint(kept));
    }
    Ok(Exit::Done)
}

/// What is wrong with a message, and whether somebody set the rule that it breaks.
fn wrong(context: &Context, repo: &Repo, text: &str) -> Vec<(String, bool)> {
    let config = &context.config().commit;
    let set = |key: &str| context.loaded().get(key).is_ok_and(|shown| shown.origin != Origin::Default);
    let mut conventions = super::wish::conventions(context, repo);
    if conventions.patterned() {
        conventions.learn(&repo.style(&Ours::default()).spelled);
    }
    let rules = Rules { subject_max: config.subject_max, comment: repo.comment_mark(), ..Rules::default() };
    let mut out = Vec::new();
    for problem in validate(text, &rules).err().unwrap_or_default() {
        let declared = match problem {
            // Where the repository declares a length, ours is only a habit.
            Problem::Long(..) if !set("commit.subject_max") && conventions.subject_max().is_some() => continue,
            Problem::Long(..) => set("commit.subject_max"),
            Problem::Placeholder | Problem::Nul | Problem::Empty => false,
            // A person may well want what a model may not write.
            _ => continue,
        };
        out.push((problem.to_string(), declared));
    }
    let head = text.lines().next().unwrap_or_default().split_once(": ").map(|(head, _)| head.trim_end_matches('!'));
    let (type_, scope) = match head.map(|head| (head, head.split_once('('))) {
        Some((_, Some((type_, scope)))) => (Some(type_), scope.strip_suffix(')')),
        Some((type_, None)) => (Some(type_), None),
        None => (None, None),
    };
    let listed = |all: &[String]| all.join(", ");
    if !config.types.is_empty() && !type_.is_some_and(|t| config.types.iter().any(|one| one == t)) {
        out.push((format!("its type is none of {}", listed(&config.types)), true));
    }
    if let Some(scope) = scope.filter(|s| !config.scopes.is_empty() && !config.scopes.iter().any(|one| one == s)) {
        out.push((format!("its scope \"{}\" is none of {}", plain(scope), listed(&config.scopes)), true));
    }
    let declared = conventions.judge(text).into_iter().map(|breach| {
        let what = format!("{} ({} in {})", breach.said, breach.rule, breach.file);
        (plain(&what), breach.level == Level::Must)
    });
    out.extend(declared);
    out
}

/// `pre-commit`: what `monster redact scan --staged` finds.
pub(super) fn staged(context: &Context) -> Outcome {
    let stops = context.config().hook.stops_secrets;
    let looked = crate::commands::redact::staged(context)?;
    let what = match looked {
        Exit::Done => return Ok(Exit::Done),
        Exit::Interrupted => return Ok(Exit::Interrupted),
        Exit::Failed => "what is staged holds a secret",
        _ => "what is staged could not be looked through as a whole",
    };
    if !stops {
        context.ui.warn(&format!("{what}; hook.secrets is warn"));
        return Ok(Exit::Done);
    }
    Err(CommandError::new(Exit::Policy, format!("the commit was stopped: {what}"))
        .hint("a false alarm is allowed with: monster redact allow FILE:LINE")
        .hint("to commit all the same: MONSTER_SKIP=1 git commit"))
}

/// More than git ever says of a push (bytes).
const TOLD: usize = 8 << 20;

/// `pre-push`: what is pushed, reviewed by the rules within the hook's deadline, against `review.fail_on`.
pub(super) fn pushed(context: &Context, remote: Option<String>) -> Outcome {
    // Names of references need not be text, and those of commits are.
    let told = context.stdin_bytes(TOLD, "what is pushed")?;
    let told = String::from_utf8_lossy(&told);
    let mut refs: Vec<Pushed> = told.lines().filter_map(Pushed::told).collect();
    if told.trim().is_empty() {
        refs.extend(Pushed::by_framework(&context.env));
    }
    // The pre-commit framework says in a variable what git says in words.
    let remote = remote.or_else(|| context.env.get("PRE_COMMIT_REMOTE_NAME").map(str::to_owned));
    in_time(context, "what is pushed was not reviewed", move |aside, tell| {
        review_of(aside, remote.as_deref(), &refs, tell)
    })
}

/// One reference that is pushed.
struct Pushed {
    /// The commit that is pushed; zeros = the reference is deleted.
    local: String,
    /// The reference there.
    there: String,
    /// The commit that stands there; zeros = none.
    remote: String,
}

impl Pushed {
    /// A line of git's.
    fn told(line: &str) -> Option<Self> {
        // What is pushed may be named by more than one word, such as "HEAD@{1 day ago}".
        let mut words = line.rsplit(' ').map(str::to_owned);
        let (remote, there, local) = (words.next()?, words.next()?, words.next()?);
        words.next().map(|_| Self { local, there, remote })
    }

    /// What the pre-commit framework says in variables instead: it keeps git's lines for itself.
    fn by_framework(env: &Env) -> Option<Self> {
        let there = || env.get("PRE_COMMIT_REMOTE_BRANCH").unwrap_or("what is pushed").to_owned();
        if let Some(local) = env.get("PRE_COMMIT_TO_REF") {
            let remote = env.get("PRE_COMMIT_FROM_REF").unwrap_or_default().to_owned();
            return Some(Self { local: local.to_owned(), there: there(), remote });
        }
        // Where all of a history is new to a remote, it tells its name only.
        env.get("PRE_COMMIT_REMOTE_NAME")?;
        let local = env.get("PRE_COMMIT_LOCAL_BRANCH").unwrap_or("HEAD").to_owned();
        Some(Self { local, there: there(), remote: String::new() })
    }

    /// Since what it is new: everything, or what was made since each of some commits. `homes` are the branches that
    /// others come from: to be merged with one, or rebased onto it, brings nothing new. `seen` are commits that were
    /// looked at for this push already.
    fn since(&self, repo: &Repo, homes: &[String], seen: &[String]) -> Result<Vec<Source>, GitError> {
        let mut bases = Vec::new();
        if !is_commit(repo, &self.local) {
            // A tag may lead to a tree of its own.
            return Ok(vec![Source::Whole(self.local.clone())]);
        }
        if !nothing(&self.remote) && is_commit(repo, &self.remote) {
            // None of them where another history takes its place.
            bases = repo.shared(&self.local, iter::once(&self.remote).chain(homes))?;
        }
        if bases.is_empty() {
            // Nobody knows what stands there, or nothing does: new is what no remote is known to have.
            bases = repo.published(&self.local, seen)?;
        }
        if bases.is_empty() {
            return Ok(vec![Source::Whole(self.local.clone())]);
        }
        Ok(bases.into_iter().take(BASES).map(|base| Source::Parted(base, self.local.clone())).collect())
    }
}

/// What is new with one reference.
struct News<'p> {
    pushed: &'p Pushed,
    sources: Vec<Source>,
    /// The first of them, as far as they were read.
    read: Vec<review::Pushed>,
}

impl<'p> News<'p> {
    /// Of this reference.
    fn of(
        context: &Context,
        repo: &Repo,
        pushed: &'p Pushed,
        (homes, seen): (&[String], &[String]),
    ) -> Result<Self, CommandError> {
        // A tag may lead to a file that stands in no commit.
        let file = if is_commit(repo, &pushed.local) { None } else { repo.file_tagged(&pushed.local, &pushed.there)? };
        let read = file.map(|(change, contents)| review::Pushed::read(context, change, contents, true)).transpose()?;
        let sources = pushed.since(repo, homes, seen)?;
        Ok(Self { pushed, sources, read: Vec::from_iter(read) })
    }

    /// What is found in it by one kind of look.
    fn found(
        &mut self,
        context: &Context,
        repo: &Repo,
        look: impl Fn(&review::Pushed) -> Vec<Finding>,
    ) -> Result<Vec<Finding>, CommandError> {
        let (sources, read) = (&self.sources, &mut self.read);
        in_all(sources.iter().enumerate().map(|(n, source)| {
            if n == read.len() {
                let change = repo.diff(source)?;
                let (whole, nothing) = (matches!(source, Source::Whole(_)), change.is_empty());
                read.push(review::Pushed::read(context, change, repo.contents(source)?, whole)?);
                if nothing {
                    return Ok(Vec::new());
                }
            }
            Ok(read.get(n).map(&look).unwrap_or_default())
        }))
    }
}

/// What is found in each of these looks: what stands in one alone of the histories that were merged is that one's. Where
/// nothing is left, no other is asked for.
fn in_all(mut looks: impl Iterator<Item = Result<Vec<Finding>, CommandError>>) -> Result<Vec<Finding>, CommandError> {
    let mut kept = looks.next().unwrap_or_else(|| Ok(Vec::new()))?;
    while !kept.is_empty()
        && let Some(found) = looks.next().transpose()?
    {
        let here: HashSet<_> = found.iter().map(place).collect();
        kept.retain(|one| here.contains(&place(one)));
    }
    Ok(kept)
}

/// Takes the secrets that were found, with the commit that adds them where it is one's files.
type Take<'t> = dyn FnMut(Option<&str>, Vec<Finding>) + 't;

impl News<'_> {
    /// The secrets that its commits add and take out again, by commit, and those in what was written about commits and
    /// tags; each as soon as it is found, because nobody knows how much time there is.
    fn passed(&self, context: &Context, repo: &Repo, take: &mut Take<'_>) -> Result<(), CommandError> {
        let Some(sum) = self.read.first() else { return Ok(()) };
        let local = &self.pushed.local;
        let said = |what: &str, one: &Newer| {
            // Names behind the message, so that its lines keep their numbers.
            let text = [one.message.as_slice(), &one.people].join(&b'\n');
            sum.said(&String::from_utf8_lossy(&text), &format!("the message of {what} {}", short(&one.id)))
        };
        repo.tags_from(local).iter().for_each(|tag| take(None, said("tag", tag)));
        if !is_commit(repo, local) {
            return Ok(());
        }
        take(None, sum.said(&self.pushed.there, "the name of a branch or tag"));
        let base = |source: &Source| match source {
            Source::Parted(base, _) => Some(base.clone()),
            _ => None,
        };
        let bases: Vec<String> = self.sources.iter().filter_map(base).collect();
        let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
        let mut commits = repo.newer(local, &bases, COMMITS + 1)?;
        if commits.len() > COMMITS {
            commits.truncate(COMMITS);
            context.ui.warn(&format!(
                "only the newest {COMMITS} commits of {} were looked at one by one",
                plain(&self.pushed.there)
            ));
        }
        commits.iter().for_each(|commit| take(None, said("commit", commit)));
        // The newest is in the sum; what cannot be read of one says nothing of the others.
        let mut broken = None;
        for commit in commits.iter().skip(1) {
            match added(repo, commit, sum) {
                Ok(found) => take(Some(&short(&commit.id)), found),
                Err(error) => drop(broken.get_or_insert(error)),
            }
        }
        broken.map_or(Ok(()), Err)
    }

    /// How to see what was reviewed. All of a history is no range.
    fn shown(&self, repo: &Repo) -> Option<String> {
        let source = self.sources.first()?;
        let (from, to) = (short(&repo.begins(source)?), short(&repo.commit_of(source)?));
        Some(format!("see them with: monster review {from}..{to} --offline"))
    }
}

/// The secrets that a commit adds and a later one takes out.
fn added(repo: &Repo, commit: &Newer, sum: &review::Pushed) -> Result<Vec<Finding>, CommandError> {
    let mut sides: Vec<Source> =
        commit.parents.iter().map(|from| Source::Range(from.clone(), commit.id.clone())).collect();
    if sides.is_empty() {
        sides.push(Source::Whole(commit.id.clone()));
    }
    in_all(sides.iter().map(|side| Ok(sum.passed(&repo.diff(side)?, repo.contents(side)?.as_ref()))))
}

/// More commits of one push are not looked at one by one: the sum of them is.
const COMMITS: usize = 256;

/// More histories that were merged are not looked at.
const BASES: usize = 8;

/// Where a finding is, whatever the change is counted from.
fn place(found: &Finding) -> (String, String, String, Option<u32>) {
    let line = (found.side == Side::New).then_some(found.line);
    (found.file.clone(), found.class.clone(), found.title.clone(), line)
}

fn is_commit(repo: &Repo, rev: &str) -> bool {
    repo.resolves(&format!("{rev}^{{commit}}"))
}

/// The branches that others come from, where they were when they were last heard of: of this remote, and of `origin`.
fn homes(repo: &Repo, remote: Option<&str>) -> Vec<String> {
    let names = remote.into_iter().filter(|name| *name != "origin").chain(["origin"]);
    let home = |name: &str| {
        let of = ["HEAD", "main", "master"].map(|branch| format!("refs/remotes/{name}/{branch}"));
        of.into_iter().find(|branch| is_commit(repo, branch))
    };
    names.filter_map(home).collect()
}

/// Secrets are looked for first, in all that is pushed: where other rules take longer than anybody waits, they stop the
/// push all the same.
fn review_of(context: &Context, remote: Option<&str>, refs: &[Pushed], tell: &Tell<'_>) -> Outcome {
    let repo = context.repo()?;
    let homes = homes(repo, remote);
    let gate = context.config().review.fail_on.as_deref().and_then(Severity::parse);
    let mut gate = Gate { gate, over: 0, told: HashSet::new(), hints: Vec::new() };
    // What was found in others holds all the same.
    let unread = |pushed: &Pushed, error: CommandError| {
        context.ui.warn(&format!("{} was not reviewed: {}", plain(&pushed.there), error.what));
    };
    let (mut seen, mut all) = (Vec::new(), Vec::new());
    for pushed in refs.iter().filter(|pushed| !nothing(&pushed.local)) {
        let read = News::of(context, repo, pushed, (&homes, &seen))
            .and_then(|mut news| Ok((news.found(context, repo, review::Pushed::secrets)?, news)));
        match read {
            Ok((found, news)) => {
                seen.extend(Some(&pushed.local).filter(|local| is_commit(repo, local)).cloned());
                gate.take(context, found, None, || news.shown(repo));
                all.push(news);
            }
            Err(error) => unread(pushed, error),
        }
        if let Some(stops) = gate.stops() {
            tell(stops);
        }
    }
    for news in &all {
        let mut take = |commit: Option<&str>, found: Vec<Finding>| {
            let hint = if commit.is_some() { TAKEN_OUT } else { WRITTEN };
            gate.take(context, found, commit, || Some(hint.to_owned()));
            if let Some(stops) = gate.stops() {
                tell(stops);
            }
        };
        if let Err(error) = news.passed(context, repo, &mut take) {
            unread(news.pushed, error);
        }
    }
    for news in &mut all {
        match news.found(context, repo, review::Pushed::rest) {
            Ok(found) => gate.take(context, found, None, || news.shown(repo)),
            Err(error) => unread(news.pushed, error),
        }
        if let Some(stops) = gate.stops() {
            tell(stops);
        }
    }
    gate.stops().map_or(Ok(Exit::Done), Err)
}

/// What stands against a push.
struct Gate {
    gate: Option<Severity>,
    /// Findings at or above it.
    over: usize,
    told: HashSet<(String, String, u32)>,
    hints: Vec<String>,
}

impl Gate {
    /// Tells what was found, in one commit or in the sum of all, and counts what stops.
    fn take(
        &mut self,
        context: &Context,
        found: Vec<Finding>,
        commit: Option<&str>,
        hint: impl FnOnce() -> Option<String>,
    ) {
        let before = self.over;
        for found in found {
            // Two branches may bring the same.
            if !self.told.insert((found.id.clone(), found.file.clone(), found.line)) {
                continue;
            }
            let stops = found.counts() && self.gate.is_some_and(|gate| found.severity >= gate);
            self.over += usize::from(stops);
            if stops || found.severity >= Severity::Medium {
                let (file, title) = (plain(&found.file), plain(&found.title));
                let of = commit.map(|commit| format!(" (in {commit}, and taken out since)")).unwrap_or_default();
                context.ui.status(&format!("{}: {file}:{}: {title}{of}", found.severity.name(), found.line));
            }
        }
        if self.over > before {
            self.hints.extend(hint().filter(|hint| !self.hints.contains(hint)));
        }
    }

    /// Why the push is stopped, if it is.
    fn stops(&self) -> Option<CommandError> {
        if self.over == 0 {
            return None;
        }
        let counted = crate::commands::show::counted(self.over, "finding");
        let mut error =
            CommandError::new(Exit::Policy, format!("the push was stopped: {counted} at or above review.fail_on"));
        for hint in self.hints.iter().take(HINTS) {
            error = error.hint(hint.clone());
        }
        Some(error.hint("what is accepted stands in .monster/ignore; to push all the same: git push --no-verify"))
    }
}

/// Most ranges that are named.
const HINTS: usize = 3;

/// What helps where no later commit does.
const TAKEN_OUT: &str = "a commit that takes a secret out again leaves it in the one before: rewrite that one with git rebase -i, and revoke the secret";

/// What helps against one in a message.
const WRITTEN: &str = "a message goes out with its commit or tag: write it anew (git commit --amend, git rebase -i, git tag -f), and revoke the secret";

/// An id that people can read.
fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_told_in_lines_of_git_or_in_variables_of_the_framework() {
        let words = |p: Option<Pushed>| p.map(|p| [p.local, p.there, p.remote]);
        assert_eq!(
            words(Pushed::told("HEAD@{1 day ago} aa refs/heads/main 00")),
            Some(["aa", "refs/heads/main", "00"].map(str::to_owned))
        );
        assert_eq!(words(Pushed::told("aa refs/heads/main 00")), None, "it lacks a word");
        let by = |vars: &[(&str, &str)]| words(Pushed::by_framework(&Env::fixed(vars.iter().copied(), Path::new("/"))));
        let (from, to) = (("PRE_COMMIT_FROM_REF", "aa"), ("PRE_COMMIT_TO_REF", "bb"));
        let (name, branch) = (("PRE_COMMIT_REMOTE_NAME", "origin"), ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/a"));
        let there = ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/b");
        assert_eq!(by(&[from, to, there]), Some(["bb", "refs/heads/b", "aa"].map(str::to_owned)));
        assert_eq!(by(&[name, branch, there]), Some(["refs/heads/a", "refs/heads/b", ""].map(str::to_owned)));
        assert_eq!(by(&[]), None, "nobody pushes");
    }

    #[test]
    fn what_is_known_to_stop_stops_although_the_rest_takes_too_long() {
        let secret = || CommandError::new(Exit::Policy, "a secret");
        let soon = || Duration::from_millis(20);
        let (tell, hear) = channel();
        tell.send(Word::Stops(secret())).unwrap();
        // The other rules are still at it: the sender lives.
        let (stops, ended) = hear_out(&hear, soon).err().unwrap();
        assert!(stops.is_some_and(|error| error.exit == Exit::Policy) && ended == RecvTimeoutError::Timeout);
        let (stops, _) = hear_out(&hear, soon).err().unwrap();
        assert!(stops.is_none(), "nothing was found, and nobody waits");
        tell.send(Word::Stops(secret())).unwrap();
        tell.send(Word::Done(Ok(Exit::Done))).unwrap();
        assert!(hear_out(&hear, soon).is_ok_and(|done| done.is_ok()), "the end says it all");
    }
}
