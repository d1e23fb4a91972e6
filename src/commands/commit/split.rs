//! A change taken apart by area: proposals, as commands that a person may run. Nothing is run here.

use serde_json::json;

use super::write::offered;
use super::{Chosen, Commit, Taken};
use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::commands::{sarif, show};
use crate::git::{FileChange, Path, Repo, Source, Status};
use crate::tasks::areas::{Area, areas};
use crate::tasks::commit_message::{self, Written};
use crate::tasks::review::Veil;
use crate::ui::plain;

/// One proposed commit.
struct Proposal {
    area: Area,
    message: Written,
    /// A line for a shell.
    command: String,
    /// Files that lie in the work tree otherwise than they are staged: git would take them as they lie there.
    differs: Vec<Path>,
}

/// Prints the proposals. All that is no command is a comment to a shell.
pub(super) fn run(command: &Commit, context: &Context, repo: &Repo) -> Outcome {
    let how = command.how();
    let taken = Taken::something(repo, &how)?;
    command.check_markers(context, &taken.change)?;
    command.check_secrets(context, repo, &taken)?;
    let contents = repo.contents(&taken.source)?;
    let mut wish = command.wish(context, repo, &taken.change, contents.as_ref(), &Chosen::default())?;
    let parts = areas(&taken.change, contents.as_ref(), &wish.hints.scopes);
    let unstaged = if taken.source == Source::Staged { repo.diff(&Source::Worktree)?.files } else { Vec::new() };
    // From elsewhere than the top, paths would mean others.
    let root = repo.root().filter(|root| *root != context.env.cwd());
    let mut proposals = Vec::new();
    for area in &parts {
        wish.change = &area.change;
        let message = commit_message::by_rules(&wish);
        let also = |file: &&FileChange| unstaged.iter().any(|other| other.path == file.path);
        let differs = area.change.files.iter().filter(also).map(|file| file.path.clone()).collect();
        let command = line(root, &message.text, &paths(&area.change.files));
        for problem in &message.problems {
            let area = wish.veil.told(&area.name);
            context.ui.warn(&format!("the message for {area} breaks a rule: {problem}"));
        }
        proposals.push(Proposal { area: area.clone(), message, command, differs });
    }
    if context.ui.look().json {
        let commits: Vec<_> = proposals.iter().map(|one| one.json(&wish.veil)).collect();
        context.ui.json(&json!({ "schema": "monster.commit.split/1", "source": "offline", "commits": commits }))?;
        return Ok(Exit::Done);
    }
    let many = proposals.len();
    let told = proposals.iter().enumerate().map(|(n, one)| one.text((n + 1, many), &wish.veil));
    let told: Vec<String> = told.collect();
    context.ui.status(if many == 1 {
        "this is one area, and one commit; nothing was committed"
    } else {
        "grouped by paths and worded by monster's own rules, nothing was committed; whether each part builds without the \
         others is not known, nor whether the types fit"
    });
    context.ui.out(&told.join("\n"))?;
    Ok(Exit::Done)
}

impl Proposal {
    /// For people: only the command tells names as git needs them.
    fn text(&self, (n, of): (usize, usize), veil: &Veil) -> String {
        let (change, area) = (&self.area.change, veil.told(&self.area.name));
        let files = show::counted(change.files.len(), "file");
        let head = format!("# {n} of {of}: {area} ({files}, +{} -{})\n", change.added(), change.removed());
        let differs = self.differs.iter();
        let types = offered(&self.message).map(|types| format!("# {types}\n")).unwrap_or_default();
        let notes: String = differs
            .map(|f| {
                format!(
                    "# {} lies otherwise in the work tree, and that is what git would take\n",
                    veil.told(f.as_str())
                )
            })
            .collect();
        plain(&format!("{head}{types}{notes}{}\n", self.command))
    }

    /// For a program that goes on with it: the command and the lists of files tell names as git needs them, and only the
    /// area, which is for people, hides keys.
    fn json(&self, veil: &Veil) -> serde_json::Value {
        let change = &self.area.change;
        let files = paths(&change.files);
        let problems: Vec<String> = self.message.problems.iter().map(ToString::to_string).collect();
        let mut out = json!({ "area": veil.told(&self.area.name), "message": self.message.text, "problems": problems,
            "alternatives": self.message.alternatives, "files": files.iter().map(exact).collect::<Vec<_>>(),
            "added": change.added(), "removed": change.removed(), "command": self.command,
            "differs": self.differs.iter().map(|path| exact(&path)).collect::<Vec<_>>() });
        if files.iter().any(|path| std::str::from_utf8(path.raw()).is_err()) {
            out["file_uris"] = files.iter().map(|path| sarif::uri(path.raw())).collect();
        }
        out
    }
}

/// A name as git has it; of one that is no text, as it is shown.
fn exact(path: &&Path) -> String {
    std::str::from_utf8(path.raw()).unwrap_or(path.as_str()).to_owned()
}

/// What git has to be told for these files: of a move, both sides are committed.
fn paths(files: &[FileChange]) -> Vec<&Path> {
    let mut paths: Vec<&Path> = files.iter().map(|file| &file.path).collect();
    paths.extend(files.iter().filter(|f| f.status == Status::Renamed).filter_map(|f| f.old_path.as_ref()));
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// `git commit -m … -- paths`, from where the user stands.
fn line(root: Option<&std::path::Path>, message: &str, paths: &[&Path]) -> String {
    let mut words = vec!["git".to_owned()];
    if let Some(root) = root {
        words.extend(["-C".to_owned(), quoted(root.to_string_lossy().as_bytes())]);
    }
    if paths.iter().any(|path| path.raw().starts_with(b":") || path.raw().iter().any(|b| b"*?[\\".contains(b))) {
        words.push("--literal-pathspecs".to_owned());
    }
    words.push("commit".to_owned());
    for part in message.splitn(2, "\n\n") {
        words.extend(["-m".to_owned(), quoted(part.as_bytes())]);
    }
    words.push("--".to_owned());
    words.extend(paths.iter().map(|path| quoted(path.raw())));
    words.join(" ")
}

/// A word for any shell; bytes that no line shows are written out. A line end at the end is lost that way, but to bash, zsh
/// and ksh.
fn quoted(word: &[u8]) -> String {
    let simple = |b: &u8| b.is_ascii_alphanumeric() || b"-_./,:=@%+".contains(b);
    if !word.is_empty() && word.iter().all(simple) {
        return String::from_utf8_lossy(word).into_owned();
    }
    if let Ok(text) = std::str::from_utf8(word)
        && plain(text) == text
        && !text.contains('\t')
    {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let any = !word.ends_with(b"\n");
    let shown = |(at, byte): (usize, &u8)| match byte {
        // It would be an option to printf.
        b'-' if at == 0 => "\\055".to_owned(),
        b'\'' => "\\047".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'%' if any => "%%".to_owned(),
        b' '..=b'~' => char::from(*byte).to_string(),
        other => format!("\\{other:03o}"),
    };
    let text: String = word.iter().enumerate().map(shown).collect();
    if any { format!("\"$(printf '{text}')\"") } else { format!("$'{text}'") }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_each_word_as_it_was() {
        assert_eq!(quoted(b"src/a.rs"), "src/a.rs");
        assert_eq!(quoted(b"it's here"), "'it'\\''s here'");
        assert_eq!(quoted(b"a\nb\x1b'\\\xff%"), "\"$(printf 'a\\012b\\033\\047\\\\\\377%%')\"");
        assert_eq!(quoted(b"a%\n"), "'a%\n'");
        assert_eq!(quoted(b"\xff%\n"), "$'\\377%\\012'");
        assert_eq!(quoted(b""), "''");
        assert_eq!(quoted("ä b".as_bytes()), "'ä b'");
    }
}
