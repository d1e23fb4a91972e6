//! `monster commit`: a message drafted from the staged change, shown, edited, committed by git itself.

mod check;
mod own;
mod retry;
mod split;
mod talk;
mod write;

use clap::Args;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::show::counted;
use crate::git::message::Amended;
use crate::git::{ChangeSet, Commit as GitCommit, Contents, How, Repo, Snapshot, Source, apart, named, take_edit};
use crate::model::{Purpose, random_id};
use crate::store::Draft;
use crate::tasks::commit_message::{Body, Wish, Written};
use crate::tasks::finding::Finding;
use crate::tasks::review::{Masked, blocks, helps, leaks, unseen};
use crate::ui::{Tone, plain};
use crate::world::random;
use talk::{Next, talk};
use write::{Reader, answer, offered, preview, source, write};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster commit\n  monster commit -a -y\n  monster commit --dry-run\n  monster commit -- --signoff --no-verify\n  monster commit --retry\n\n\
A message that git or a hook refuses is kept in .git/MONSTER_MSG; --retry commits it without asking a model again.\n\
In a merge, squash, cherry-pick, revert or rebase that is resolved, git's own message is committed."
)]
pub(super) struct Commit {
    /// Stage all changes of tracked files first, as git commit -a.
    #[arg(short, long)]
    all: bool,
    /// Pick what is staged first, with git add -p.
    #[arg(short, long, conflicts_with_all = ["all", "retry", "split"])]
    patch: bool,
    /// Rewrite the last commit, with what is staged added to it.
    #[arg(long)]
    amend: bool,
    /// How many messages to choose from, 1 to 5.
    #[arg(short = 'n', long = "candidates", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    count: u8,
    /// Fix the type (feat, fix, docs, …).
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = word)]
    type_: Option<String>,
    /// Fix the scope.
    #[arg(short, long, value_parser = word)]
    scope: Option<String>,
    /// How subjects look; auto learns it from history.
    #[arg(long, value_parser = ["auto", "conventional", "plain", "gitmoji", "subsystem"])]
    style: Option<String>,
    /// The language of the message, for example German.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<String>,
    /// What the change is for, in your words.
    #[arg(short, long, value_name = "TEXT")]
    intent: Option<String>,
    /// Whether a body is written.
    #[arg(long, value_parser = ["auto", "always", "never"])]
    body: Option<String>,
    /// The issue that the change is about: its key, such as ABC-7 or 12; auto takes the branch's where history has a
    /// place for keys.
    #[arg(long, value_name = "auto|never|KEY")]
    issue: Option<String>,
    /// What "commitlint --print-config json" printed, for a configuration that is a program.
    #[arg(long, value_name = "FILE")]
    commitlint_json: Option<std::path::PathBuf>,
    /// Most bytes of the change that are sent to a model.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1_000..=4_000_000))]
    max_bytes: Option<u32>,
    /// Commit the message that git or a hook refused last, if it is still for the same change. Nobody is asked again, no
    /// model and no person: also without a terminal it is committed.
    #[arg(
        long,
        conflicts_with_all = ["all", "amend", "count", "type_", "scope", "style", "lang", "intent", "body", "issue", "commitlint_json", "max_bytes", "split"]
    )]
    retry: bool,
    /// Propose a commit for each area of the change, as commands to run. Commits nothing and asks no model.
    #[arg(long, conflicts_with_all = ["amend", "count", "intent", "lang", "edit", "yes"])]
    split: bool,
    /// Print the message and commit nothing.
    #[arg(long)]
    dry_run: bool,
    /// Commit without asking.
    #[arg(short, long)]
    yes: bool,
    /// Open the message in git's editor before committing.
    #[arg(short, long)]
    edit: bool,
    /// Commit although conflict markers are staged.
    #[arg(long)]
    force: bool,
    /// Flags for git commit, as they are.
    #[arg(last = true, value_name = "GIT FLAGS")]
    git: Vec<String>,
}

/// A type or a scope: one word.
fn word(text: &str) -> Result<String, String> {
    let fine = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "():!".contains(c));
    if fine { Ok(text.to_owned()) } else { Err("one word is wanted".to_owned()) }
}

/// How often a message is written for a change that does not rest.
const ROUNDS: usize = 3;

/// How git ends when Ctrl-C ends it.
const INTERRUPTED: i32 = 130;

/// What a person decided while a message was talked about; it holds when another is written.
#[derive(Default)]
struct Chosen {
    type_: Option<String>,
    intent: Option<String>,
}

/// What would be committed.
struct Taken {
    source: Source,
    change: ChangeSet,
    /// All of it, the moment before it was read.
    before: Snapshot,
}

impl Taken {
    /// Reads what git would commit this way. It may be nothing.
    fn read(repo: &Repo, how: &How) -> Result<Self, CommandError> {
        let (source, only) = source_of(how);
        let before = repo.snapshot(&source)?;
        let mut change = repo.diff(&source)?;
        if only {
            repo.keep_named(&mut change, &named(&how.flags))?;
        }
        Ok(Self { source, change, before })
    }

    /// What a commit of it does, as one word: see [`Repo::stands`].
    fn stands(&self, repo: &Repo) -> Option<String> {
        repo.stands(&self.source, &self.change)
    }

    /// The same, when it is something.
    fn something(repo: &Repo, how: &How) -> Result<Self, CommandError> {
        let taken = Self::read(repo, how)?;
        if !taken.change.is_empty() {
            return Ok(taken);
        }
        if source_of(how).1 {
            let paths = named(&how.flags).join(" ");
            return Err(CommandError::new(Exit::Nothing, format!("nothing is changed in {paths}")));
        }
        Err(CommandError::new(Exit::Nothing, "nothing is staged")
            .hint("stage with: git add FILE, or commit all tracked changes with: monster commit -a"))
    }
}

/// Which change git would commit this way, and whether only that of the paths among the flags.
fn source_of(how: &How) -> (Source, bool) {
    match (how.all, how.amend, named(&how.flags).is_empty()) {
        (true, true, _) => (Source::AmendTracked, false),
        (true, false, _) => (Source::Tracked, false),
        (false, true, _) => (Source::Amend, false),
        // With paths, git takes what lies in the work tree, and leaves what is staged beside it.
        (false, false, false) => (Source::Tracked, true),
        (false, false, true) => (Source::Staged, false),
    }
}

impl Commit {
    /// Writes and commits.
    pub(super) fn run(mut self, context: &Context) -> Outcome {
        // With git's own flag for it, too: git then leaves its remarks out of what was edited.
        self.edit |= take_edit(&mut self.git);
        self.check_flags()?;
        let repo = context.repo()?;
        if repo.root().is_none() {
            return Err(CommandError::new(Exit::Repository, "a bare repository has nothing to commit")
                .hint("commit in a work tree; make one with: git worktree add PATH"));
        }
        self.check_state(repo)?;
        if self.retry {
            return retry::run(&self, context, repo);
        }
        if repo.state().keeps_message() {
            return own::run(&self, context, repo);
        }
        if self.split {
            return split::run(&self, context, repo);
        }
        if self.patch {
            self.pick(context, repo)?;
        }
        if let Some(what) = self.amend.then(|| repo.speaks_of_others()).flatten() {
            self.check_kept(what)?;
            return own::amend(&self, context, repo, what);
        }
        let mut chosen = Chosen::default();
        // Whoever keeps staging is not waited for without end.
        for round in 1..=ROUNDS {
            if let Some(exit) = self.attempt(context, repo, &mut chosen)? {
                return Ok(exit);
            }
            if round < ROUNDS {
                context.ui.warn("what would be committed changed while the message was written: another is written");
            }
        }
        Err(CommandError::new(Exit::Failed, "what would be committed keeps changing while its message is written")
            .hint("run monster commit again when nothing else changes it"))
    }

    /// How it is committed.
    fn how(&self) -> How {
        How { stands: None, draft: None, all: self.all, amend: self.amend, flags: self.git.clone() }
    }

    /// Lets a person pick hunks. Paths are what they pick from, as with git commit -p.
    fn pick(&mut self, context: &Context, repo: &Repo) -> Result<(), CommandError> {
        if !context.ui.interactive() {
            return Err(CommandError::new(Exit::Usage, "-p asks which hunks to stage, and there is nobody to ask")
                .hint("stage them with: git add FILE, or git apply --cached PATCH"));
        }
        let own = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (flags, paths) = apart(&self.git);
        let (flags, paths) = (own(flags), own(paths));
        let code = repo.pick(&paths)?;
        if code != 0 {
            return Err(CommandError::new(
                Exit::Failed,
                format!("git add -p ended with {code}; nothing was committed"),
            ));
        }
        self.git = flags;
        Ok(())
    }

    /// Writes and commits what lies there now; `None` when something else lies there by the time it would be committed.
    fn attempt(&self, context: &Context, repo: &Repo, chosen: &mut Chosen) -> Result<Option<Exit>, CommandError> {
        let how = self.how();
        let taken = Taken::something(repo, &how)?;
        self.check_meanwhile(repo)?;
        let contents = repo.contents(&taken.source)?;
        // With -a, what the tree will be is not known before git has made it.
        let draft = repo.draft(&taken.source).unwrap_or_else(|| random_id("d", random::bytes().unwrap_or_default()));
        context.drafts(Some(draft.clone()));
        self.check_markers(context, &taken.change)?;
        self.check_secrets(context, repo, &taken)?;
        let mut wish = self.wish(context, repo, &taken.change, contents.as_ref(), chosen)?;
        if let Some(amended) = self.amend.then(|| repo.amended()).flatten() {
            context.ui.status(&replaced(&amended));
            if !amended.body.is_empty() {
                context.ui.hint(&format!("its words are kept by git: git log -1 --format=%B {}", short(&amended.id)));
            }
            (wish.trailers, wish.breaks) = (amended.trailers, amended.breaks);
        }
        if retry::offers(repo, &how) {
            context.ui.hint("a message for this change is kept from before; commit it with: monster commit --retry");
        }
        if context.globals.show_prompt {
            return preview(context, &wish).map(Some);
        }
        let mends = context.ui.interactive() && !self.yes && !self.edit && !self.dry_run;
        let mut written = write(context, &wish, Reader { mends, served: false })?;
        self.tell_unheard(context, &wish, &written);
        if !mends {
            // Nobody is asked: what the message breaks all the same is at least told.
            written
                .problems
                .iter()
                .for_each(|problem| context.ui.warn(&format!("the message breaks a rule: {problem}")));
        }
        let offered = offered(&written);
        if let Some(types) = offered.as_ref().filter(|_| !mends) {
            context.ui.status(&format!("{types}; fix one with: -t TYPE"));
        }
        if self.prints(context) {
            self.tell_uncommitted(context);
            return answer(context, &written, source(&written), None).map(Some);
        }
        let next = match (self.edit, self.yes) {
            (true, _) => Next::Edit(written.text.clone()),
            (false, true) => Next::Commit(written.text.clone()),
            (false, false) => talk(context, &mut wish, &mut written, chosen)?,
        };
        let (text, edit) = decided(context, next)?;
        let others = written.others.iter().filter_map(|text| text.lines().next()).map(|line| format!("or: {line}"));
        let remark = offered.into_iter().chain(others).collect::<Vec<_>>().join("\n");
        // A merge that has begun since may have staged nothing else.
        if repo.snapshot(&taken.source)? != taken.before || repo.state().keeps_message() {
            return Ok(None);
        }
        let commit = GitCommit {
            message: Some(&text),
            edit,
            // Who was asked about it has seen it.
            remark: Some(remark.as_str()).filter(|remark| self.edit && !remark.is_empty()),
            how: &How { stands: taken.stands(repo), draft: Some(draft), ..how },
        };
        let made = finish(context, repo, &commit)?;
        if context.ui.look().json {
            let text = committed(repo, made.as_deref(), text);
            let (wrote, others) = (source(&written), Vec::new());
            written = Written { text, others, ..written };
            return answer(context, &written, wrote, made.as_deref()).map(Some);
        }
        Ok(Some(Exit::Done))
    }

    /// The message is the answer, and nothing is committed.
    fn prints(&self, context: &Context) -> bool {
        self.dry_run || !(self.yes || self.edit || context.ui.interactive())
    }

    /// Who did not ask for the message alone is told that it is all there is.
    fn tell_uncommitted(&self, context: &Context) {
        if !self.dry_run {
            context.ui.status("nothing was committed: there is nobody to ask; commit without asking with: -y");
        }
    }

    fn check_markers(&self, context: &Context, change: &ChangeSet) -> Result<(), CommandError> {
        if self.force {
            return Ok(());
        }
        let marked = crate::tasks::offline::review::conflict_markers(change);
        let Some(((path, line), rest)) = marked.split_first() else { return Ok(()) };
        let names = Masked::of([path.as_str()], &*context.redactor()?);
        let path = names.told(path.as_str());
        let more = match rest.len() {
            0 => String::new(),
            1 => ", and in 1 more place".to_owned(),
            n => format!(", and in {n} more places"),
        };
        Err(CommandError::new(Exit::Failed, format!("a conflict marker is staged in {path}, line {line}{more}"))
            .hint("resolve it, or commit it all the same with: --force"))
    }

    /// Secrets that this change adds: told always; a question on a terminal, and exit 6 where the policy is to block.
    fn check_secrets(&self, context: &Context, repo: &Repo, taken: &Taken) -> Result<(), CommandError> {
        let redactor = context.redactor()?;
        if redactor.idle() {
            return Ok(());
        }
        let contents = repo.contents(&taken.source)?;
        let found = leaks(&taken.change, contents.as_ref(), &redactor);
        let found = super::review::open(context, repo, (&taken.source, &taken.change, contents.as_ref()), found)?;
        for finding in &found {
            context.ui.warn(&format!("{}:{}: {}", plain(&finding.file), finding.line, finding.title));
        }
        let unseen = unseen(&taken.change, contents.as_ref());
        let names = Masked::of(unseen.iter().map(|(path, _)| *path), &redactor);
        for (path, why) in &unseen {
            context.ui.warn(&format!("{} was not looked through for secrets: {why}", plain(&names.told(path))));
        }
        if self.dry_run || self.split {
            return Ok(());
        }
        if let Some((path, why)) = unseen.first().filter(|_| redactor.may_block()) {
            let path = plain(&names.told(path));
            let what = format!("{path} cannot be looked through for secrets, and redact.mode is block");
            let staged = matches!(taken.source, Source::Staged | Source::Amend);
            return Err(CommandError::new(Exit::Policy, what).hint(helps(why, staged)));
        }
        if found.is_empty() {
            return Ok(());
        }
        if blocks(&found, &redactor) {
            return Err(CommandError::new(Exit::Policy, "the staged change adds a secret, and redact.mode is block")
                .hint("take it out and revoke it (of a name: git mv); a false alarm is allowed by its id in a .monster/ignore that is committed (monster review tells it), by \"monster:allow\" on its line unless its own check holds, or with: monster redact allow"));
        }
        if !context.ui.interactive() || self.yes {
            return Ok(());
        }
        if context.ui.look().quiet {
            // A warning is silent then, and nobody decides blindly.
            let told = |f: &Finding| format!("{}:{}: {}", plain(&f.file), f.line, f.title);
            found.iter().for_each(|finding| context.ui.show(Tone::Yellow, &told(finding)));
        }
        if context.ui.confirm("Commit it all the same?", false) != Some(true) {
            return Err(CommandError::new(Exit::Failed, "nothing was committed"));
        }
        Ok(())
    }

    fn wish<'a>(
        &self,
        context: &Context,
        repo: &Repo,
        change: &'a ChangeSet,
        contents: &'a dyn Contents,
        chosen: &Chosen,
    ) -> Result<Wish<'a>, CommandError> {
        let mut wish = super::hook::wish(context, repo, change, contents, Purpose::Commit);
        super::hook::declare(context, repo, &mut wish, self.commitlint_json.as_deref(), self.issue.as_deref())?;
        match self.style.as_deref() {
            // The flag's word is above that of the settings.
            Some("auto") => wish.hints.looks = super::hook::learned(context, repo, &wish.conventions),
            Some(style) => wish.hints.looks = super::hook::looks(style).unwrap_or(wish.hints.looks),
            None => {}
        }
        wish.type_ = chosen.type_.clone().or_else(|| self.type_.clone());
        wish.scope = self.scope.clone();
        wish.intent = chosen.intent.clone().or_else(|| self.intent.clone()).filter(|intent| !intent.is_empty());
        wish.language = self.lang.clone().or(wish.language);
        wish.body = match self.body.as_deref() {
            Some("always") => Body::Always,
            Some("never") => Body::Never,
            Some(_) => Body::Auto,
            None => wish.body,
        };
        self.check_style(context, &wish)?;
        wish.count = usize::from(self.count);
        if let Some(most) = self.max_bytes {
            wish.max_bytes = usize::try_from(most).unwrap_or(wish.max_bytes);
        }
        Ok(wish)
    }
}

/// The text to commit, and whether the editor is opened first.
fn decided(context: &Context, next: Next) -> Result<(String, bool), CommandError> {
    match next {
        Next::Commit(text) => Ok((text, false)),
        Next::Edit(text) => Ok((text, true)),
        Next::Quit => {
            context.ui.status("nothing was committed");
            Err(CommandError::silent(Exit::Failed))
        }
    }
}

/// What a new message takes the place of.
fn replaced(amended: &Amended) -> String {
    let lines = amended.body.lines().count();
    let body = match lines {
        0 => String::new(),
        lines => format!(" and the {} below it", counted(lines, "line")),
    };
    let kept = if amended.trailers.is_empty() { "" } else { "; its trailers stay" };
    format!("a new message for {}: it replaces \"{}\"{body}{kept}", short(&amended.id), plain(&amended.subject))
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// The message as editor and hooks have left it in the commit that was made; the draft where that cannot be told.
fn committed(repo: &Repo, made: Option<&str>, draft: String) -> String {
    let last = repo.last_message().filter(|(id, _)| Some(id.as_str()) == made);
    last.map_or(draft, |(_, text)| text)
}

/// Lets git commit; the commit that it made.
fn finish(context: &Context, repo: &Repo, commit: &GitCommit<'_>) -> Result<Option<String>, CommandError> {
    let mut flags = commit.how.flags.clone();
    if context.ui.look().json {
        // Git's own summary would stand before our one value; and what stands behind "--" is no flag.
        flags.insert(0, "--quiet".to_owned());
    }
    let how = How { flags, ..commit.how.clone() };
    let before = repo.head_id();
    let done = repo.commit(&GitCommit { how: &how, ..*commit })?;
    if done.code != 0 {
        let mut error = if done.code == INTERRUPTED {
            CommandError::new(Exit::Interrupted, "interrupted; nothing was committed")
        } else {
            CommandError::new(Exit::Failed, format!("git commit ended with {}", done.code))
        };
        if done.kept.is_some() {
            error.hints.push("the message is kept; commit it with: monster commit --retry".to_owned());
        }
        return Err(error);
    }
    let made = repo.head_id().filter(|made| Some(made) != before.as_ref());
    if let (Some(made), Some(draft), Some(repo)) = (&made, &commit.how.draft, context.place().repo) {
        context.store().ended_in(&Draft { repo, draft: draft.clone() }, made);
    }
    Ok(made)
}
