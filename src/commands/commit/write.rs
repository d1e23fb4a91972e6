//! The message: by a model where one is connected, else by the rules, which is told; and how it is printed.

use std::time::Duration;

use serde_json::json;

use crate::client::{Blocked, CallError};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::listen::Watch;
use crate::commands::{plan, show};
use crate::tasks::commit_message::{self, Asked, Means, Unread, Wish, WriteError, Written};
use crate::ui::plain;

/// Who wrote what no model wrote.
pub(super) const OFFLINE: &str = "offline";

/// What stands between messages to choose from.
const BETWEEN: &str = "\n\n---\n\n";

/// For whom a message is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reader {
    /// Somebody is there who can mend a model's message that does not hold.
    pub(super) mends: bool,
    /// They have a model's message already: the rules' would be no help.
    pub(super) served: bool,
}

/// The message.
pub(super) fn write(context: &Context, wish: &Wish<'_>, reader: Reader) -> Result<Written, CommandError> {
    let mut written = drafted(context, wish, reader)?;
    if let Some(unread) = unread(wish) {
        context.ui.warn(&unread.to_string());
        written.asked.unread.get_or_insert(unread);
    }
    if source(&written) == OFFLINE {
        context.record_offline(wish.purpose);
    }
    Ok(written)
}

/// Files of a change whose lines nobody has seen, whoever wrote the message.
fn unread(wish: &Wish<'_>) -> Option<Unread> {
    let all = || wish.change.files.iter().filter_map(|f| Some((f, f.unread.as_deref()?)));
    let why = all().next().map(|(f, why)| format!("{}: {why}", wish.veil.told(f.path.as_str())))?;
    Some(Unread { parts: all().count(), of: wish.change.files.len(), why })
}

fn drafted(context: &Context, wish: &Wish<'_>, reader: Reader) -> Result<Written, CommandError> {
    let by_rules = !context.globals.no_fallback && !reader.served;
    if context.offline() {
        context.ui.status("written by monster's own rules (offline)");
        return Ok(commit_message::by_rules(wish));
    }
    let asked = context.model("fast");
    let patience = context.patience(wish.purpose);
    let deadline = Some(Duration::from_secs(context.config().commit.deadline));
    context.block_on(async {
        let client = context.connect(&asked, false).await?;
        let routes = match client.routes(&asked) {
            Ok(routes) => routes,
            Err(CallError::NoRoute { notes }) if by_rules => {
                context.ui.status("written by monster's own rules: no model is connected");
                let how = notes.first().cloned().unwrap_or_else(|| {
                    "connect one with: monster login, or set OPENAI_API_KEY (or another provider's key)".to_owned()
                });
                context.ui.hint(&how);
                return Ok(commit_message::by_rules(wish));
            }
            Err(error @ CallError::Locked(_)) if by_rules => {
                context.ui.status(&format!("written by monster's own rules: {error}"));
                context.ui.hint(&error.hint().unwrap_or_default());
                return Ok(commit_message::by_rules(wish));
            }
            Err(error) => return Err(error.into()),
        };
        let mut watch = Watch::new(&context.ui, "writing the message");
        let means = Means { client: &client, routes: &routes, patience, deadline };
        let written = commit_message::write(wish, &means, &mut watch).await;
        watch.end();
        match written {
            Ok(written) => {
                if written.asked.replies.is_empty() {
                    let why = if wish.hints.undone.is_some() {
                        "it takes back another commit, whose words say it all"
                    } else if wish.unread() {
                        "no line of the change could be read"
                    } else {
                        "packages and versions say it all"
                    };
                    context.ui.status(&format!("written by monster's own rules: {why}"));
                    return Ok(written);
                }
                let by = written.asked.replies.last().map(|r| r.route.name()).unwrap_or_default();
                told(context, &written.asked, &format!("{by} · "));
                Ok(written)
            }
            Err(WriteError::Unusable { text: Some(text), problems, asked, .. }) if reader.mends => {
                told(context, &asked, "");
                Ok(Written { text, asked, alternatives: Vec::new(), problems, others: Vec::new() })
            }
            Err(failed) => {
                // What was paid is told, whatever came of it.
                let asked = failed.asked();
                let paid = (!asked.replies.is_empty()).then(|| show::cost_line_with(&asked.replies, asked.failed));
                let done = unanswered(context, failed, wish, by_rules);
                if let Some(paid) = paid {
                    context.ui.status(&paid);
                }
                done
            }
        }
    })
}

/// What the message was written from, and what it cost.
fn told(context: &Context, asked: &Asked, by: &str) {
    if let Some(unread) = &asked.unread {
        context.ui.warn(&unread.to_string());
    }
    context.ui.status(&format!("{by}{}", show::cost_line_with(&asked.replies, asked.failed)));
}

/// No model's message can be used: the rules write one, where they may.
fn unanswered(context: &Context, failed: WriteError, wish: &Wish<'_>, by_rules: bool) -> Result<Written, CommandError> {
    let hint = match failed {
        // What is accepted may be committed, and is sent nowhere all the same.
        WriteError::Call { error: error @ CallError::Blocked(Blocked::Secrets { .. }), .. } if by_rules => {
            context.ui.warn(&format!("written by monster's own rules: {error}"));
            None
        }
        WriteError::Call { error, .. } if error.policy() || matches!(error, CallError::UnknownModel { .. }) => {
            return Err(error.into());
        }
        WriteError::Call { error, .. } if !by_rules => return Err(error.into()),
        failed if !by_rules => return Err(CommandError::of(Exit::NoModel, &failed)),
        WriteError::Call { error, .. } => {
            context.ui.warn(&format!("written by monster's own rules: {error}"));
            error.hint()
        }
        failed => {
            context.ui.warn(&format!("written by monster's own rules: {failed}"));
            None
        }
    };
    if let Some(hint) = hint {
        context.ui.hint(&hint);
    }
    Ok(commit_message::by_rules(wish))
}

/// Shows the first request and sends nothing.
pub(super) fn preview(context: &Context, wish: &Wish<'_>) -> Outcome {
    let asked = context.model("fast");
    context.block_on(async {
        let client = context.connect(&asked, false).await?;
        match client.routes(&asked) {
            Ok(routes) => {
                let mut requests = commit_message::requests(wish, &client, &routes).into_iter();
                let Some(first) = requests.next() else {
                    context.ui.status("monster's own rules would write the message: nothing would be sent");
                    return Ok(Exit::Done);
                };
                let further = requests.len();
                if further > 0 {
                    let all = further + 1;
                    context.ui.status(&format!(
                        "this is the first of {all} requests: parts of the change are summed up before the message is \
                         asked for"
                    ));
                }
                plan::show_prompt(context, &client, &routes, first)
            }
            Err(error @ (CallError::NoRoute { .. } | CallError::Locked(_))) => {
                context.ui.status(&format!("{error}: nothing would be sent"));
                Ok(Exit::Done)
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// Types that may fit, in words, where the rules do not know one.
pub(super) fn offered(written: &Written) -> Option<String> {
    (!written.alternatives.is_empty()).then(|| format!("types that may fit: {}", written.alternatives.join(", ")))
}

/// Prints a message, or those to choose from, as the answer.
pub(super) fn answer(context: &Context, written: &Written, source: &str, commit: Option<&str>) -> Outcome {
    if context.ui.look().json {
        let unread = written.asked.unread.as_ref();
        let unread = unread.map(|u| json!({ "parts": u.parts, "of": u.of, "why": plain(&u.why) }));
        let candidates: Vec<&String> = std::iter::once(&written.text).chain(&written.others).collect();
        context.ui.json(&json!({ "schema": "monster.commit/1", "message": written.text, "source": source,
            "candidates": candidates, "alternatives": written.alternatives, "commit": commit,
            "unread": unread,
            "requests": written.asked.replies.iter().map(show::reply_json).collect::<Vec<_>>() }))?;
    } else {
        let all: Vec<String> = std::iter::once(&written.text).chain(&written.others).map(|text| plain(text)).collect();
        context.ui.out(&all.join(BETWEEN))?;
    }
    Ok(Exit::Done)
}

/// Who wrote it.
pub(super) fn source(written: &Written) -> &'static str {
    if written.asked.replies.is_empty() { OFFLINE } else { "model" }
}

/// A message that was there before, as one that was written.
pub(super) fn found(text: String) -> Written {
    Written { text, asked: Asked::default(), alternatives: Vec::new(), problems: Vec::new(), others: Vec::new() }
}
