//! The hook that judges a push: what is new with it is looked through for secrets, and reviewed by the rules.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::iter;

use super::judge::{Late, Tell, Word, in_time, unlooked};
use super::notes;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::review;
use crate::git::{GitError, Newer, Repo, Source, Steps};
use crate::tasks::finding::{Finding, Severity, Side};
use crate::tasks::review::Masked;
use crate::ui::plain;
use crate::world::Env;

/// What git names an object by that is not there.
fn nothing(id: &str) -> bool {
    id.bytes().all(|b| b == b'0')
}

/// More than git ever says of a push (bytes).
const TOLD: usize = 8 << 20;

/// `pre-push`: what is pushed, reviewed by the rules within the hook's deadline, against `review.fail_on`.
pub(super) fn pushed(context: &Context, remote: Option<String>) -> Outcome {
    context.as_gate();
    // Where a secret that is found stops no push, one that nobody looked for does not either.
    let strict = context.config().review.fail_on.is_some() && crate::commands::redact::policy(context)?.may_block();
    // Names of references need not be text, and those of commits are.
    let told = context.stdin_bytes(TOLD, "what is pushed").map_err(|error| blind(strict, error))?;
    let told = String::from_utf8_lossy(&told);
    let mut refs: Vec<Pushed> = told.lines().filter_map(Pushed::told).collect();
    if told.trim().is_empty() {
        refs.extend(Pushed::by_framework(&context.env));
    }
    // The pre-commit framework says in a variable what git says in words.
    let remote = remote.or_else(|| context.env.get("PRE_COMMIT_REMOTE_NAME").map(str::to_owned));
    let unlooked = Some(", and not looked through for secrets as a whole");
    let late = Late { what: "what is pushed was not reviewed", unlooked, strict };
    in_time(context, &late, move |aside, tell| review_of(aside, remote.as_deref(), &refs, strict, tell))
}

/// Why nothing was looked through; it stops a push that only what was looked through may pass.
fn blind(strict: bool, error: CommandError) -> CommandError {
    if strict && error.exit != Exit::Interrupted { unlooked(&error.what, &error.hints) } else { error }
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

    /// The reference there, as it is shown: a key may stand in its name.
    fn told_as(&self, context: &Context) -> String {
        match context.redactor() {
            Ok(redactor) => plain(&Masked::of([self.there.as_str()], &redactor).told(&self.there)),
            Err(_) => "a branch or tag".to_owned(),
        }
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

    /// Since what it is new: everything, or what was made since each of some commits. To be merged with the
    /// branch that others come from, or rebased onto it, brings nothing new. `seen` are commits that were looked at for
    /// this push already.
    fn since(&self, repo: &Repo, remote: &Remote<'_>, seen: &[String]) -> Result<Vec<Source>, GitError> {
        let mut bases = Vec::new();
        if !is_commit(repo, &self.local) {
            // A tag may lead to a tree of its own.
            return Ok(vec![Source::Whole(self.local.clone())]);
        }
        if !nothing(&self.remote) && is_commit(repo, &self.remote) {
            // None of them where another history takes its place.
            let homes = homes(repo, remote, &self.there);
            bases = repo.shared(&self.local, iter::once(&self.remote).chain(&homes))?;
        }
        if bases.is_empty() {
            // Nobody knows what stands there, or nothing does: new is what this remote is not known to have, and of one that
            // was only pushed to so far, or never heard of, what none is known to have.
            bases = repo.published(&self.local, remote.name.filter(|_| known(repo, remote)), seen)?;
        }
        if bases.is_empty() {
            return Ok(vec![Source::Whole(self.local.clone())]);
        }
        Ok(bases.into_iter().take(BASES).map(|base| Source::Parted(base, self.local.clone())).collect())
    }
}

/// Where it is pushed to.
struct Remote<'n> {
    name: Option<&'n str>,
    /// Something came from there: git is asked once, however many references are pushed.
    heard: OnceCell<bool>,
}

impl<'n> Remote<'n> {
    const fn new(name: Option<&'n str>) -> Self {
        Self { name, heard: OnceCell::new() }
    }

    fn heard(&self, repo: &Repo) -> bool {
        *self.heard.get_or_init(|| self.name.is_some_and(|name| repo.heard_of(name)))
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
        (remote, seen): (&Remote<'_>, &[String]),
    ) -> Result<Self, CommandError> {
        // A tag may lead to a file that stands in no commit.
        let file = if is_commit(repo, &pushed.local) { None } else { repo.file_tagged(&pushed.local, &pushed.there)? };
        let read = file.map(|(change, contents)| review::Pushed::read(context, change, contents, true)).transpose()?;
        let sources = pushed.since(repo, remote, seen)?;
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
        let found = in_all(sources.iter().enumerate().map(|(n, source)| {
            if n == read.len() {
                let change = repo.diff(source)?;
                let (whole, nothing) = (matches!(source, Source::Whole(_)), change.is_empty());
                read.push(review::Pushed::read(context, change, repo.contents(source)?, whole)?);
                if nothing {
                    return Ok(Vec::new());
                }
            }
            Ok(read.get(n).map(&look).unwrap_or_default())
        }));
        Ok(notes::told(repo, &self.pushed.there, found?))
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

/// Where a secret is that is not in the sum of what is pushed.
#[derive(Clone, Copy)]
enum Where<'c> {
    /// In a file of this commit, and in none of what comes after.
    Commit(&'c str),
    /// In what was written about a commit or a tag.
    Message,
    /// In the name or address of whoever made it.
    People,
    /// In what a branch or a tag is called.
    Name,
    /// In a note that was changed since.
    Note,
}

impl Where<'_> {
    /// What helps.
    const fn hint(self) -> &'static str {
        match self {
            Self::Commit(_) => {
                "a commit that takes a secret out again leaves it in the one before: rewrite that one with git rebase -i, and revoke the secret"
            }
            Self::Message => {
                "a message goes out with its commit or tag: write it anew (git commit --amend, git rebase -i, git tag -f), and revoke the secret"
            }
            Self::People => {
                "who made a commit or tag goes out with it: set user.name and user.email, then make it anew (git commit --amend --reset-author; of an older one git rebase -i --rebase-merges COMMIT~1, of the first of all --root in the place of COMMIT~1, with \"edit\" before that one alone, there git commit --amend --no-edit --reset-author, then git rebase --continue; git tag -f), and revoke the secret"
            }
            Self::Note => notes::HINT,
            Self::Name => {
                "a name goes out with its branch or tag: give it another (git branch -m, git tag NEW OLD), push that one, and revoke the secret"
            }
        }
    }
}

/// Takes the secrets that were found.
type Take<'t> = dyn FnMut(Where<'_>, Vec<Finding>) + 't;

impl News<'_> {
    /// The secrets that its commits add and take out again, by commit, and those in what was written about commits and
    /// tags; each as soon as it is found, because nobody knows how much time there is.
    fn passed(&self, context: &Context, repo: &Repo, take: &mut Take<'_>) -> Result<(), CommandError> {
        let Some(sum) = self.read.first() else { return Ok(()) };
        let mut unseen = sum.unseen();
        let done = self.looked((context, repo), sum, take, &mut unseen);
        if let Some((first, more)) = unseen.split_first() {
            let more = match more.len() {
                0 => String::new(),
                n => format!(", and {n} more"),
            };
            let there = self.pushed.told_as(context);
            context.ui.warn(&format!("of {there} this was not looked through for secrets: {}{more}", plain(first)));
        }
        done
    }

    /// As [`Self::passed`]; `unseen` takes what nobody can look through.
    fn looked(
        &self,
        (context, repo): (&Context, &Repo),
        sum: &review::Pushed,
        take: &mut Take<'_>,
        unseen: &mut Vec<String>,
    ) -> Result<(), CommandError> {
        let local = &self.pushed.local;
        let said = |what: &str, one: &Newer, take: &mut Take<'_>| {
            let of = format!("{what} {}", short(&one.id));
            let told = |text: &[u8], name: &str| sum.said(&String::from_utf8_lossy(text), &format!("{name} {of}"));
            take(Where::Message, told(&one.message, "the message of"));
            // Most commit what they wrote.
            let mut people: Vec<&[u8]> = one.people.split(|b| *b == b'\n').collect();
            people.dedup();
            take(Where::People, told(&people.join(&b'\n'), "who made"));
        };
        repo.tags_from(local).iter().for_each(|tag| said("tag", tag, take));
        take(Where::Name, sum.said(&self.pushed.there, "the name of a branch or tag"));
        if !is_commit(repo, local) {
            return Ok(());
        }
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
                self.pushed.told_as(context)
            ));
        }
        commits.iter().for_each(|commit| said("commit", commit, take));
        // The newest is in the sum; what cannot be read of one says nothing of the others.
        let mut broken = None;
        for some in commits.get(1..).unwrap_or_default().chunks(PORTION) {
            let steps = repo.steps(some);
            for commit in some {
                match added(&steps, commit, sum, unseen) {
                    Ok(found) if notes::are(&self.pushed.there) => {
                        take(Where::Note, notes::told(repo, &self.pushed.there, found));
                    }
                    Ok(found) => take(Where::Commit(&short(&commit.id)), found),
                    Err(error) => drop(broken.get_or_insert(error)),
                }
            }
        }
        broken.map_or(Ok(()), Err)
    }

    /// How to see what was reviewed. All of a history is no range.
    fn shown(&self, repo: &Repo) -> Option<String> {
        if notes::are(&self.pushed.there) {
            return Some(notes::HINT.to_owned());
        }
        let source = self.sources.first()?;
        let (from, to) = (short(&repo.begins(source)?), short(&repo.commit_of(source)?));
        Some(format!("see them with: monster review {from}..{to} --offline"))
    }
}

/// The secrets that a commit adds and a later one takes out.
fn added(
    steps: &Steps<'_>,
    commit: &Newer,
    sum: &review::Pushed,
    unseen: &mut Vec<String>,
) -> Result<Vec<Finding>, CommandError> {
    in_all(steps.of(commit).map(|side| {
        let (change, contents) = side?;
        for one in sum.unseen_of(&change, contents.as_ref()) {
            let one = format!("{one} in {}", short(&commit.id));
            if !unseen.contains(&one) {
                unseen.push(one);
            }
        }
        Ok(sum.passed(&change, contents.as_ref()))
    }))
}

/// More commits of one push are not looked at one by one: the sum of them is.
const COMMITS: usize = 256;
/// So many are read together: what is found in the newest is told before the others are read.
const PORTION: usize = 32;

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

/// The branch that others come from, where it was when it was last heard of: of this remote, and of `origin` where nothing
/// is known of this one. What only another remote has is new to one that is known.
fn homes(repo: &Repo, remote: &Remote<'_>, there: &str) -> Option<String> {
    let own = remote.name.and_then(|name| home(repo, name));
    let elsewhere = own.is_none() && remote.name.is_some_and(|name| name != "origin");
    // Also of one that is only an address, this branch lacks what it lacks.
    let main = || match there.strip_prefix("refs/heads/") {
        Some("main" | "master") => true,
        branch => branch.is_some() && branch == repo.main_of_origin().as_deref(),
    };
    if elsewhere && (main() || remote.heard(repo)) {
        return None;
    }
    own.or_else(|| home(repo, "origin"))
}

/// What this remote has is known: its main branch, or another one that came from there. Whoever has only pushed to it knows
/// of what was pushed alone.
fn known(repo: &Repo, remote: &Remote<'_>) -> bool {
    remote.name.is_some_and(|name| home(repo, name).is_some()) || remote.heard(repo)
}

/// The branch of a remote that others come from, as it is called there or at the origin.
fn home(repo: &Repo, remote: &str) -> Option<String> {
    let usual = ["HEAD", "main", "master"].map(str::to_owned);
    let of = |branch: String| format!("refs/remotes/{remote}/{branch}");
    let named = || repo.main_of_origin().filter(|_| remote != "origin");
    usual.into_iter().map(of).chain(iter::once_with(named).flatten().map(of)).find(|branch| is_commit(repo, branch))
}

/// Secrets are looked for first, in all that is pushed: where other rules take longer than anybody waits, they stop the
/// push all the same.
fn review_of(context: &Context, remote: Option<&str>, refs: &[Pushed], strict: bool, tell: &Tell<'_>) -> Outcome {
    let repo = context.repo().map_err(|error| blind(strict, error))?;
    let gate = context.config().review.fail_on.as_deref().and_then(Severity::parse);
    if context.loaded().misread("review.fail_on") {
        let holds = gate.map_or("never", Severity::name);
        context.ui.warn(&format!("a value of review.fail_on cannot be read: {holds} holds for this push"));
    }
    let mut gate = Gate { gate, ..Gate::default() };
    // What was found in others holds all the same.
    let unread = |pushed: &Pushed, error: &CommandError| {
        context.ui.warn(&format!("{} was not reviewed: {}", pushed.told_as(context), error.what));
    };
    let remote = Remote::new(remote);
    let (mut seen, mut all, mut blind) = (Vec::new(), Vec::new(), None::<CommandError>);
    for pushed in refs.iter().filter(|pushed| !nothing(&pushed.local)) {
        let read = News::of(context, repo, pushed, (&remote, &seen))
            .and_then(|mut news| Ok((news.found(context, repo, review::Pushed::secrets)?, news)));
        match read {
            Ok((found, news)) => {
                seen.extend(Some(&pushed.local).filter(|local| is_commit(repo, local)).cloned());
                gate.take(context, found, None, || news.shown(repo));
                all.push(news);
            }
            Err(error) => {
                unread(pushed, &error);
                blind.get_or_insert(error);
            }
        }
        if let Some(stops) = gate.stops() {
            tell(Word::Stops(stops));
        }
    }
    for news in &all {
        let mut take = |there: Where<'_>, found: Vec<Finding>| {
            gate.take(context, found, Some(there), || Some(there.hint().to_owned()));
            if let Some(stops) = gate.stops() {
                tell(Word::Stops(stops));
            }
        };
        if let Err(error) = news.passed(context, repo, &mut take) {
            unread(news.pushed, &error);
            blind.get_or_insert(error);
        }
    }
    let blind = || blind.as_ref().filter(|_| strict).map(|error| unlooked(&error.what, &error.hints));
    if let Some(stops) = gate.stops().or_else(blind) {
        tell(Word::Stops(stops));
    }
    tell(Word::Looked);
    for news in &mut all {
        match news.found(context, repo, review::Pushed::rest) {
            Ok(found) => gate.take(context, found, None, || news.shown(repo)),
            Err(error) => unread(news.pushed, &error),
        }
        if let Some(stops) = gate.stops() {
            tell(Word::Stops(stops));
        }
    }
    gate.end(context);
    gate.stops().or_else(blind).map_or(Ok(Exit::Done), Err)
}

/// The id of a finding, its file and line, and the commit that adds it where a later one takes it out.
type Told = (String, String, u32, Option<String>);

/// What stands against a push.
#[derive(Default)]
struct Gate {
    gate: Option<Severity>,
    /// Findings at or above it.
    over: usize,
    told: HashSet<Told>,
    /// Findings that were worth a line: those that stop, and the others, which take none of their lines.
    lines: [usize; 2],
    /// Those of them that got none.
    unlisted: usize,
    hints: Vec<String>,
}

impl Gate {
    /// Tells what was found, in the sum of all where it is not said where, and counts what stops.
    fn take(
        &mut self,
        context: &Context,
        found: Vec<Finding>,
        there: Option<Where<'_>>,
        hint: impl FnOnce() -> Option<String>,
    ) {
        let (before, mut named, mut cut) = (self.over, false, None);
        for found in found {
            // Two branches may bring the same.
            let commit = match there {
                Some(Where::Commit(commit)) => Some(commit.to_owned()),
                _ => None,
            };
            if !self.told.insert((found.id.clone(), found.file.clone(), found.line, commit)) {
                continue;
            }
            let stops = found.counts() && self.gate.is_some_and(|gate| found.severity >= gate);
            self.over += usize::from(stops);
            if !stops && found.severity < Severity::Medium {
                continue;
            }
            let [stopping, others] = &mut self.lines;
            let lines = if stops { stopping } else { others };
            *lines += 1;
            if *lines <= LINES {
                context.ui.status(&told(&found, there));
                named |= stops;
            } else {
                self.unlisted += 1;
                cut = cut.or_else(|| stops.then(|| told(&found, there)));
            }
        }
        if self.over == before {
            return;
        }
        let hint = hint();
        let new = hint.as_ref().is_none_or(|hint| !self.hints.contains(hint));
        // Whoever is told what helps sees one at least that it helps against, with its id.
        if let Some(told) = cut.filter(|_| new && !named) {
            context.ui.status(&told);
            self.unlisted -= 1;
        }
        self.hints.extend(hint.filter(|_| new));
    }

    /// Says how many were not listed.
    fn end(&self, context: &Context) {
        if self.unlisted > 0 {
            let more = crate::commands::show::counted(self.unlisted, "finding");
            context.ui.status(&format!("and {more} that are not listed"));
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
        Some(
            error.hint(
                "what is accepted stands in .monster/ignore, by its id; to push all the same: git push --no-verify",
            ),
        )
    }
}

/// A finding as it is listed.
fn told(found: &Finding, there: Option<Where<'_>>) -> String {
    let (file, title) = (plain(&found.file), plain(&found.title));
    let of = match there {
        Some(Where::Commit(commit)) => format!(" (in {commit}, and taken out since)"),
        _ => String::new(),
    };
    let (severity, class, line) = (found.severity.name(), plain(&found.class), found.line);
    format!("{severity}: {file}:{line}: {title}{of} · {class} · {}", found.id)
}

/// Most findings that are listed of those that stop, and of the others: who has more of them reads a review, and the last lines are what a terminal keeps.
const LINES: usize = 20;
/// Most ranges that are named.
const HINTS: usize = 3;

/// An id that people can read.
pub(super) fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
}
