//! What is shown of tools, plans and what was done.

use serde_json::{Value, json};
use similar::TextDiff;

use super::change::{Done, What};
use super::over::Over;
use super::place;
use super::plan::{self, Change, Plan, State, plan};
use super::record::Record;
use super::restore::Restoring;
use super::tools::{Holding, TOOLS, Tool};
use super::wish::{Key, Wish};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::serve::address::KEY as VARIABLE;
use crate::secrets::mask;
use crate::ui::{Table, Tone, plain};

/// The schema of everything this command prints as JSON.
const SCHEMA: &str = "monster.setup/1";

/// Of a tool that has no key, and would get one.
const OPEN: &str = "it was set up without a key; --no-auth leaves it so";

/// Of a tool that is set up and does not come.
const BUT: &str = ", but something of yours goes before it";

/// Lists the tools of this machine and how they stand.
pub(super) fn list(context: &Context, wish: impl Fn(&Tool) -> Result<Wish, CommandError>, record: &Record) -> Outcome {
    let (mut rows, mut absent) = (Vec::new(), Vec::new());
    let mut table = Table::new(&["tool", "state", "settings"]);
    for tool in TOOLS {
        let program = place::program(tool.programs, &context.env);
        let paths: Vec<_> = tool.files.iter().filter_map(|file| plan::path(context, file).ok()).collect();
        let config: Vec<_> = paths.iter().filter(|path| path.is_file()).collect();
        if program.is_none() && config.is_empty() {
            absent.push(tool.name);
            continue;
        }
        let (state, over, why) = match plan(context, tool, &wish(tool)?, record) {
            Ok(plan) => (plan.state(record).name(), plan.over, None),
            Err(error) => ("not understood", Vec::new(), Some(error.what)),
        };
        // Of a tool that is not set up it is told when somebody wants to.
        let over: Vec<Over> = over.into_iter().filter(|over| over.wins && state != State::Not.name()).collect();
        let first = config.first().copied().or_else(|| paths.first()).map(|path| path.display().to_string());
        let but = if over.is_empty() { "" } else { BUT };
        table.row([tool.name.to_owned(), format!("{state}{but}"), first.unwrap_or_default()]);
        rows.push(json!({ "name": tool.name, "label": tool.label, "program": program, "settings": paths,
            "state": state, "over": over.iter().map(|over| &over.text).collect::<Vec<_>>(), "error": why }));
        warned(context, tool, &over);
        if let Some(why) = why {
            context.ui.warn(&why);
        }
    }
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": SCHEMA, "tools": rows, "others": absent }))?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        context.ui.status("none of the tools that can be set up is on this machine");
    } else {
        context.ui.out(&table.render())?;
        context.ui.hint("monster setup TOOL shows what would be changed");
    }
    if !absent.is_empty() {
        context.ui.status(&format!("not found here: {}", absent.join(", ")));
    }
    Ok(Exit::Done)
}

/// Shows what would be changed.
pub(super) fn plans(context: &Context, plans: &[Plan], record: &Record) -> Outcome {
    if context.ui.look().json {
        let rows: Vec<Value> = plans.iter().map(|plan| planned(plan, record)).collect();
        context.ui.json(&json!({ "schema": SCHEMA, "tools": rows, "written": false }))?;
        return Ok(Exit::Done);
    }
    for plan in plans {
        if plan.settled() {
            let but = if plan.beaten() { BUT } else { "" };
            context.ui.out(&format!("{} is already set up{but}", plan.tool.label))?;
            warned(context, plan.tool, &plan.over);
            continue;
        }
        for change in plan.changes.iter().filter(|change| change.changes()) {
            context.ui.out(&painted(context, &diff(change)))?;
        }
        notes(context, plan);
        if plan.open {
            context.ui.status(&format!("{}: {OPEN}", plan.tool.label));
        }
    }
    if plans.iter().any(|plan| !plan.settled()) {
        context.ui.hint("nothing was changed; add --write to change it");
    }
    Ok(Exit::Done)
}

/// Tells what was written.
pub(super) fn written(context: &Context, done: &[(Plan, Vec<Done>)], restoring: &Restoring) -> Outcome {
    if context.ui.look().json {
        let rows: Vec<Value> = done
            .iter()
            .map(|(plan, files)| {
                json!({ "name": plan.tool.name, "label": plan.tool.label,
                "state": State::Set.name(), "over": texts(plan), "key": key(plan), "files": files.iter().map(file).collect::<Vec<_>>(),
                "notes": said(plan) })
            })
            .collect();
        let restore = json!({ "mode": restoring.mode, "written": restoring.written });
        context.ui.json(&json!({ "schema": SCHEMA, "tools": rows, "written": true, "restore": restore }))?;
        return Ok(Exit::Done);
    }
    for (plan, files) in done {
        for file in files {
            context.ui.out(&line(plan.tool, file))?;
            copied(context, file);
        }
        for change in plan.changes.iter().filter(|change| change.secret()) {
            context.ui.status(&format!("the key stands in {}, which only you can read", change.path.display()));
        }
        notes(context, plan);
    }
    super::restore::tell(context, restoring);
    Ok(Exit::Done)
}

/// Tells what was taken back.
pub(super) fn undone(
    context: &Context,
    done: &[(&'static Tool, Option<Vec<Done>>)],
    staying: Option<String>,
) -> Outcome {
    if context.ui.look().json {
        let rows: Vec<Value> = done
            .iter()
            .map(|(tool, files)| {
                json!({ "name": tool.name, "label": tool.label, "state": State::Not.name(),
                "files": files.iter().flatten().map(file).collect::<Vec<_>>() })
            })
            .collect();
        let restore = staying.map(|mode| json!({ "mode": mode, "written": false }));
        context.ui.json(&json!({ "schema": SCHEMA, "tools": rows, "restore": restore }))?;
        return Ok(Exit::Done);
    }
    for (tool, files) in done {
        let Some(files) = files else {
            context.ui.out(&format!("{} was not set up by monster", tool.label))?;
            continue;
        };
        for file in files {
            context.ui.out(&line(tool, file))?;
            if !file.left.is_empty() {
                context.ui.warn(&format!("you changed {} since, so it stays", file.left.join(", ")));
            }
            copied(context, file);
            if let Some(lost) = &file.lost {
                let what = "is gone, so nothing was put back in the place of monster's settings";
                context.ui.warn(&format!("your original from before, {}, {what}", lost.display()));
            }
            if let Some(backup) = &file.backup {
                context.ui.status(&format!("your original from before lies in {}", backup.display()));
            }
        }
    }
    if let Some(mode) = staying {
        context.ui.status(&format!(
            "serve.restore = {mode} stays: masked secrets still come back to whoever calls monster serve"
        ));
        context.ui.hint("monster config unset serve.restore");
    }
    Ok(Exit::Done)
}

/// Tells what of the user's went, and where it lies.
fn copied(context: &Context, file: &Done) {
    if let Some(copy) = &file.copy {
        let (what, copy) = (file.taken.join(", "), copy.display());
        context.ui.warn(&format!("you changed {what} since, which went too; the file with it lies in {copy}"));
    }
}

fn line(tool: &Tool, done: &Done) -> String {
    let backup = done.backup.as_ref().filter(|_| done.what == What::Changed);
    let backup = backup.map(|path| format!(" (your original: {})", path.display())).unwrap_or_default();
    plain(&format!("{}: {} {}{backup}", tool.label, done.path.display(), done.what.name()))
}

fn file(done: &Done) -> Value {
    json!({ "path": done.path, "done": done.what.name(), "backup": done.backup, "left": done.left,
        "taken": done.taken, "copy": done.copy, "lost": done.lost })
}

fn planned(plan: &Plan, record: &Record) -> Value {
    let files: Vec<Value> = plan
        .changes
        .iter()
        .map(|change| {
            json!({ "path": change.path, "there": change.before.is_some(), "changes": change.changes(),
            "diff": diff(change) })
        })
        .collect();
    let mut notes = said(plan);
    notes.extend(plan.open.then(|| OPEN.to_owned()));
    json!({ "name": plan.tool.name, "label": plan.tool.label, "state": plan.state(record).name(),
        "over": texts(plan), "key": key(plan), "files": files, "notes": notes })
}

fn texts(plan: &Plan) -> Vec<&str> {
    plan.over.iter().map(|over| over.text.as_str()).collect()
}

/// How the key gets to the tool.
fn key(plan: &Plan) -> Value {
    match (&plan.key, plan.tool.key) {
        (Key::Open, _) => json!({ "how": "none" }),
        (_, Holding::Own(todo)) => json!({ "how": "tool", "todo": todo }),
        (Key::Variable, _) => json!({ "how": "variable", "variable": VARIABLE }),
        (Key::Given(_) | Key::Kept, _) => json!({ "how": "file", "missing": plan.keyless }),
    }
}

/// What the user is told beside the change.
fn said(plan: &Plan) -> Vec<String> {
    let key = match (&plan.key, plan.tool.key) {
        (Key::Open, _) => Some("without a key it is served only by: monster serve --no-auth".to_owned()),
        (_, Holding::Own(todo)) => Some(todo.to_owned()),
        (Key::Variable, _) => {
            Some(format!("it reads the key from {VARIABLE}; make one with: monster serve key add NAME"))
        }
        (Key::Kept, _) if plan.keyless => Some(
            "its settings have to hold the key: give it with --key-stdin (or --no-auth where none is asked)".to_owned(),
        ),
        _ => None,
    };
    key.into_iter().chain(plan.tool.notes.iter().map(|note| (*note).to_owned())).collect()
}

fn notes(context: &Context, plan: &Plan) {
    for note in said(plan) {
        context.ui.status(&format!("{}: {note}", plan.tool.label));
    }
    warned(context, plan.tool, &plan.over);
}

/// What goes before is told louder than what may.
fn warned(context: &Context, tool: &Tool, over: &[Over]) {
    for Over { text, wins } in over {
        let text = format!("{}: {text}", tool.label);
        if *wins {
            context.ui.warn(&text);
        } else {
            context.ui.status(&text);
        }
    }
}

/// The change for people: no key of ours stands in it, and what looks like a secret of theirs is masked.
fn diff(change: &Change) -> String {
    let (old, new) = &change.shown;
    let name = change.path.display().to_string();
    let from = if change.before.is_some() { name.as_str() } else { "/dev/null" };
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    mask(&diff.unified_diff().context_radius(3).header(from, &name).to_string())
}

fn painted(context: &Context, diff: &str) -> String {
    let tone = |line: &str| match line.chars().next() {
        _ if line.starts_with("+++") || line.starts_with("---") => Some(Tone::Bold),
        Some('+') => Some(Tone::Green),
        Some('-') => Some(Tone::Red),
        Some('@') => Some(Tone::Cyan),
        _ => None,
    };
    let lines = diff.lines().map(|line| {
        let clean = plain(line);
        tone(&clean).map_or_else(|| clean.clone(), |tone| context.ui.paint(tone, &clean))
    });
    lines.map(|line| line + "\n").collect()
}
