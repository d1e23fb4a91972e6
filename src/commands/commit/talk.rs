//! What is said about a message on a terminal, until somebody decides.

use super::Chosen;
use super::write::{Reader, offered, write};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::message::Problem;
use crate::tasks::commit_message::{self, MOST, Wish, Written};
use crate::ui::{Choice, INTERRUPT, Tone};

const YES: Choice = Choice { key: 'y', label: "yes" };
const EDIT: Choice = Choice { key: 'e', label: "edit" };
const OTHERS: [Choice; 6] = [
    Choice { key: 'r', label: "regenerate" },
    Choice { key: 'n', label: "next" },
    Choice { key: 't', label: "type" },
    Choice { key: 'i', label: "intent" },
    DIFF,
    QUIT,
];
const DIFF: Choice = Choice { key: 'd', label: "diff" };
const QUIT: Choice = Choice { key: 'q', label: "quit" };

/// What to do with a message.
pub(super) enum Next {
    Commit(String),
    Edit(String),
    Quit,
}

/// A message that can be taken as it is, or edited, and nothing else: git's own.
pub(super) fn about(context: &Context, text: &str, diff: &dyn Fn() -> String) -> Result<Next, CommandError> {
    loop {
        print(context, text, &[]);
        match context.ui.choose(&[YES, EDIT, DIFF, QUIT]) {
            Some('y') => return Ok(Next::Commit(text.to_owned())),
            Some('e') => return Ok(Next::Edit(text.to_owned())),
            Some('d') => context.ui.show(Tone::Dim, &diff()),
            Some(INTERRUPT) => return Err(interrupted()),
            _ => return Ok(Next::Quit),
        }
    }
}

/// Shows the messages, one at a time, and asks what to do.
pub(super) fn talk(
    context: &Context,
    wish: &mut Wish<'_>,
    written: &mut Written,
    chosen: &mut Chosen,
) -> Result<Next, CommandError> {
    let ui = &context.ui;
    let mut at = 0;
    loop {
        let all: Vec<String> = std::iter::once(&written.text).chain(&written.others).cloned().collect();
        let text = all.get(at).unwrap_or(&written.text).clone();
        // Only a message that stands alone may be one that does not hold.
        let problems: &[Problem] = if at == 0 { &written.problems } else { &[] };
        print(context, &text, problems);
        if written.asked.replies.is_empty() {
            // Enter takes it: who does must know that no model has seen the change.
            ui.show(Tone::Dim, "  written by monster's own rules");
        }
        if let Some(types) = offered(written) {
            ui.show(Tone::Dim, &format!("  {types}"));
        }
        if all.len() > 1 {
            ui.show(Tone::Dim, &format!("  message {} of {}", at + 1, all.len()));
        }
        // Enter is the first choice: what is marked is edited, not taken.
        let first = if problems.is_empty() { [YES, EDIT] } else { [EDIT, YES] };
        let choices: Vec<Choice> = first.into_iter().chain(OTHERS).collect();
        match ui.choose(&choices) {
            Some('y') => return Ok(Next::Commit(text)),
            Some('e') => return Ok(Next::Edit(text)),
            Some('r') => {
                wish.seen = subjects(&all);
                if again(context, wish, written)? {
                    at = 0;
                }
            }
            Some('n') if at + 1 < all.len() => at += 1,
            Some('n') => at = further(context, wish, written, &all)?,
            Some('t') => type_(context, wish, written, chosen),
            Some('i') => {
                let there = chosen.intent.clone().or_else(|| wish.intent.clone()).unwrap_or_default();
                let said = ui.line("what the change is for", &there).map(|said| said.trim().to_owned());
                if let Some(said) = said.filter(|said| *said != there) {
                    chosen.intent = Some(said.clone());
                    wish.intent = Some(said).filter(|said| !said.is_empty());
                    wish.seen = Vec::new();
                    if again(context, wish, written)? {
                        at = 0;
                    }
                    if written.asked.replies.is_empty() {
                        ui.hint("the rules cannot read it; a model can: monster login");
                    }
                }
            }
            Some('d') => ui.show(Tone::Dim, &crate::git::patch::render(wish.change)),
            Some(INTERRUPT) => return Err(interrupted()),
            _ => return Ok(Next::Quit),
        }
    }
}

/// Another message in the place of those that are there, which stay where none comes.
fn again(context: &Context, wish: &Wish<'_>, written: &mut Written) -> Result<bool, CommandError> {
    let served = !written.asked.replies.is_empty();
    let new = or_told(context, write(context, wish, Reader { mends: true, served }))?;
    let came = new.is_some();
    if let Some(new) = new {
        *written = new;
    }
    Ok(came)
}

/// What went wrong is told, and costs nobody the message that is there; being interrupted ends all.
fn or_told(context: &Context, more: Result<Written, CommandError>) -> Result<Option<Written>, CommandError> {
    match more {
        Ok(written) => Ok(Some(written)),
        Err(error) if error.exit == Exit::Interrupted => Err(error),
        Err(error) => {
            context.ui.error(&error.what, &error.causes, &error.hints);
            Ok(None)
        }
    }
}

/// One more message beside those that are there; which one is shown then.
fn further(
    context: &Context,
    wish: &mut Wish<'_>,
    written: &mut Written,
    all: &[String],
) -> Result<usize, CommandError> {
    // The rules say the same whenever they are asked.
    let by_model = !written.asked.replies.is_empty();
    if by_model && all.len() < MOST {
        let count = std::mem::replace(&mut wish.count, 1);
        wish.seen = subjects(all);
        let more = write(context, wish, Reader { mends: false, served: true });
        wish.count = count;
        let Some(more) = or_told(context, more)? else { return Ok(all.len() - 1) };
        let subject = more.text.lines().next().unwrap_or_default().to_owned();
        if !more.asked.replies.is_empty() && !wish.seen.contains(&subject) {
            written.asked.replies.extend(more.asked.replies);
            written.others.push(more.text);
            return Ok(all.len());
        }
    }
    context.ui.status(if all.len() > 1 { "these are all: the first again" } else { "there is no other message" });
    Ok(0)
}

/// Asks for a type and gives it to every message; no model is asked.
fn type_(context: &Context, wish: &mut Wish<'_>, written: &mut Written, chosen: &mut Chosen) {
    let mut types: Vec<String> = written.alternatives.clone();
    types.extend(commit_message::types(wish));
    let mut once = std::collections::BTreeSet::new();
    types.retain(|type_| once.insert(type_.clone()));
    let Some(type_) = context.ui.select("the type", &types).and_then(|at| types.into_iter().nth(at)) else { return };
    if commit_message::retype(wish, &written.text, &type_).is_none() {
        context.ui.status("subjects show no type in this style; one that does: --style conventional");
        return;
    }
    wish.type_ = Some(type_.clone());
    chosen.type_ = Some(type_.clone());
    if written.asked.replies.is_empty() {
        // With a type, the rules may have a scope too.
        *written = commit_message::by_rules(wish);
        return;
    }
    for text in std::iter::once(&mut written.text).chain(&mut written.others) {
        *text = commit_message::retype(wish, text, &type_).unwrap_or_else(|| std::mem::take(text));
    }
    let mut once = std::collections::BTreeSet::from([written.text.clone()]);
    written.others.retain(|text| once.insert(text.clone()));
    written.problems.retain(|problem| !matches!(problem, Problem::Type(_)));
    written.alternatives.clear();
}

fn print(context: &Context, text: &str, problems: &[Problem]) {
    let ui = &context.ui;
    ui.show(Tone::Bold, "");
    for line in text.lines() {
        ui.show(Tone::Bold, &format!("    {line}"));
    }
    ui.show(Tone::Bold, "");
    for problem in problems {
        ui.show(Tone::Red, &format!("  ✗ {problem}"));
    }
}

fn subjects(texts: &[String]) -> Vec<String> {
    texts.iter().filter_map(|text| text.lines().next()).map(str::to_owned).collect()
}

fn interrupted() -> CommandError {
    CommandError::new(Exit::Interrupted, "interrupted; nothing was committed")
}
