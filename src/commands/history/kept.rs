//! Kept content, unlocked when somebody asks for it and not before.

use crate::auth::Opened;
use crate::client::{Answer, kept_answer, kept_request};
use crate::commands::accounts;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::model::{Block, Request, Role, Source};
use crate::store::{ContentRow, Part};

/// Opens the accounts, asking a person if that is needed.
///
/// # Errors
/// As every opening; with what it was needed for.
pub(super) fn unlock(context: &Context) -> Result<Opened, CommandError> {
    let vault = accounts::vault_or_error(context)?;
    let ask = accounts::Asking { ui: &context.ui, allowed: true };
    accounts::open(context, &vault, &ask).map_err(|error| {
        let mut error = CommandError::from(error);
        error.causes.insert(0, std::mem::take(&mut error.what));
        error.what = "what is kept cannot be read: it is sealed with the accounts".to_owned();
        error
    })
}

/// What a call asked and got, as far as it is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) request: Option<Request>,
    /// The answer, and whether it is whole.
    pub(super) answer: Option<(Answer, bool)>,
}

/// Opens the parts.
///
/// # Errors
/// Exit 1 when one was damaged, changed or moved.
pub(super) fn read(opened: &Opened, id: &str, rows: &[ContentRow]) -> Result<Kept, CommandError> {
    let mut kept = Kept::default();
    for row in rows {
        let broken = |why: String| {
            let what = format!("the kept {} of {id} cannot be read", row.part.name());
            let mut error = CommandError::new(Exit::Failed, what);
            error.causes.push(why);
            error.hint(format!(
                "it was damaged, changed, or sealed to other accounts than these; forget it with: monster history purge --content-only {id}"
            ))
        };
        let clear = opened.unseal(&row.sealed).map_err(|e| broken(e.to_string()))?;
        match row.part {
            Part::Request => kept.request = Some(kept_request(&clear, id).map_err(broken)?),
            Part::Answer | Part::Partial => {
                let answer = kept_answer(&clear, id, row.part).map_err(broken)?;
                kept.answer = Some((answer, row.part == Part::Answer));
            }
        }
    }
    Ok(kept)
}

/// Nothing of the kind is kept.
pub(super) fn missing(context: &Context, id: &str, what: &str) -> CommandError {
    let error = CommandError::new(Exit::Failed, format!("{what} of {id} was not kept, or is kept no longer"));
    match context.config().history.content.as_str() {
        "off" => error.hint("turn it on with: monster config set history.content failed (or all)"),
        "failed" => error.hint("history.content is \"failed\"; keep all with: monster config set history.content all"),
        _ => error.hint(format!("see why: monster history show {id}")),
    }
}

/// A request as people read it.
pub(super) fn spelled(request: &Request) -> String {
    let mut out = String::new();
    let mut part = |head: &str, text: &str| out.push_str(&format!("--- {head}\n{}\n", text.trim_end()));
    if !request.system.is_empty() {
        part("system", &request.system);
    }
    for message in &request.messages {
        let who = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "model",
        };
        for block in &message.blocks {
            match block {
                Block::Text(text) => part(who, text),
                Block::Refusal(text) => part(&format!("{who} refuses"), text),
                Block::Thought { text, .. } => part(&format!("{who}, thinking"), text),
                Block::ToolCall { name, input, .. } => part(&format!("{who} calls {name}"), input),
                Block::ToolResult { name, content, parts, .. } => {
                    let more: Vec<String> = parts
                        .iter()
                        .map(|p| match p {
                            Block::Text(text) => format!("\n{text}"),
                            Block::Image { source, .. } | Block::Document { source, .. } | Block::Audio { source } => {
                                format!("\n{}", file(source))
                            }
                            _ => String::new(),
                        })
                        .collect();
                    part(&format!("result of {name}"), &format!("{content}{}", more.concat()));
                }
                Block::Image { source, .. } | Block::Document { source, .. } | Block::Audio { source } => {
                    part(who, &file(source));
                }
                Block::Cited(citation) => part(
                    "source",
                    &[&citation.title, &citation.url, &citation.quote]
                        .into_iter()
                        .flatten()
                        .cloned()
                        .collect::<Vec<_>>()
                        .join(", "),
                ),
                Block::Mark(_) => {}
                Block::Opaque { dialect, .. } => part(who, &format!("(something only {} knows)", dialect.name())),
            }
        }
    }
    for tool in &request.tools {
        part(&format!("tool {}", tool.name), &tool.description);
    }
    if let Some(schema) = &request.schema {
        part(&format!("schema {}", schema.name), &format!("{:#}", schema.schema));
    }
    out
}

fn file(source: &Source) -> String {
    match source {
        Source::Data { media_type, data } => format!("({media_type}, {} bytes of base64)", data.len()),
        Source::Text(text) => text.clone(),
        Source::Url(url) => format!("({url})"),
        Source::File { dialect, id, .. } => format!("(file {id}, which only {} knows)", dialect.name()),
    }
}

/// An answer as people read it.
pub(super) fn answered(answer: &Answer, whole: bool) -> String {
    let mut out = format!("--- answer{}\n{}\n", if whole { "" } else { ", broken off" }, answer.text.trim_end());
    for (name, input) in &answer.calls {
        out.push_str(&format!("--- it calls {name}\n{}\n", input.trim_end()));
    }
    out
}
