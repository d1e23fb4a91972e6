//! `monster redact [FILE]`: the text as it would be sent.

use std::io::{Read, Write};

use serde_json::json;

use super::form;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::secrets::{Mode, Redactor};

/// Prints what stands in a file, or on standard input, with its secrets masked. Bytes that are no text pass as they are.
pub(super) fn run(context: &Context, name: Option<&str>) -> Outcome {
    let mut policy = super::policy::whole(context)?;
    // Whoever asks for the masked text wants it masked, whatever is done to requests.
    policy.mode = policy.mode.stricter(Mode::Redact);
    let redactor = context.redactor_with(policy)?;
    let bytes = match name {
        None | Some("-") => {
            let mut bytes = Vec::new();
            if context.ui.interactive() {
                context.ui.status("reading the text from standard input; end with Ctrl-D");
            }
            std::io::stdin().lock().read_to_end(&mut bytes)?;
            bytes
        }
        Some(name) => std::fs::read(context.env.cwd().join(name))
            .map_err(|e| CommandError::new(Exit::Usage, format!("{name} cannot be read: {e}")))?,
    };
    let (masked, found) = masked(&redactor, &bytes);
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.redact.text/1", "text": String::from_utf8_lossy(&masked),
            "masked": found }))?;
        return Ok(Exit::Done);
    }
    let mut out = context.ui.writer();
    out.write_all(&masked)?;
    out.flush()?;
    Ok(Exit::Done)
}

/// The bytes with secrets masked, and how many there were.
fn masked(redactor: &Redactor, bytes: &[u8]) -> (Vec<u8>, usize) {
    let (text, form) = form::text(bytes);
    let redacted = redactor.redact(&text);
    let found = redacted.hits.iter().filter(|hit| hit.mode >= Mode::Redact).count();
    (form::bytes(&redacted.text, form), found)
}
