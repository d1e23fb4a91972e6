//! Where placeholders become secrets again, which is asked when a tool is set up: with restoring off, an agent may write
//! one into a file.

use super::Setup;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::config::{self, Origin};

/// The modes, as `serve.restore` takes them, and what each one means.
pub(super) const MODES: [(&str, &str); 3] = [
    ("off", "nowhere: an agent behind monster serve may write a placeholder (MSEC_…) into your file"),
    ("text", "in answers: you read your own secrets again, and files may still get a placeholder"),
    (
        "tools",
        "in answers and in the arguments of tools of files and commands, where their names are known: files are right, \
         and a hostile text can talk a model into putting a secret into a command or an address",
    ),
];

/// What the mode is, and whether it was chosen just now.
pub(super) struct Restoring {
    /// The mode.
    pub mode: String,
    /// It was written into the settings.
    pub written: bool,
}

/// Takes the flag's word, else asks once, else leaves what is set.
///
/// # Errors
/// When the settings cannot be written.
pub(super) fn settle(context: &Context, setup: &Setup) -> Result<Restoring, CommandError> {
    let now = context.loaded().get("serve.restore")?;
    let answered = setup.restore.clone().or_else(|| ask(context, now.origin == Origin::Default));
    let Some(mode) = answered else {
        return Ok(Restoring { mode: now.text, written: false });
    };
    let file = context.config_file().ok_or_else(|| {
        CommandError::new(Exit::Failed, "there is no place for settings")
            .hint("set HOME, XDG_CONFIG_HOME or MONSTER_CONFIG_DIR")
    })?;
    config::set(&file, "serve.restore", &mode)?;
    Ok(Restoring { mode, written: true })
}

/// The mode that holds although a tool was taken back; `None` where nothing comes back anyway.
///
/// # Errors
/// When the settings cannot be read.
pub(super) fn staying(context: &Context) -> Option<String> {
    // Whatever is wrong with the settings, the files are back.
    let now = context.loaded().get("serve.restore").ok()?;
    (now.origin != Origin::Default && now.text != "off").then_some(now.text)
}

/// Asks a person who has not said yet.
fn ask(context: &Context, open: bool) -> Option<String> {
    if !open || !context.ui.interactive() {
        return None;
    }
    let items: Vec<String> = MODES.iter().map(|(mode, means)| format!("{mode}: {means}")).collect();
    let chosen = context.ui.select("Secrets are masked before they leave. Where do they come back?", &items)?;
    MODES.get(chosen).map(|(mode, _)| (*mode).to_owned())
}

/// Tells what the mode means.
pub(super) fn tell(context: &Context, restoring: &Restoring) {
    let means = MODES.iter().find(|(mode, _)| *mode == restoring.mode).map_or("", |(_, means)| means);
    context.ui.status(&format!("masked secrets come back {means} (serve.restore = {})", restoring.mode));
    if !restoring.written {
        context
            .ui
            .hint("monster setup TOOL --write --restore off|text|tools, or: monster config set serve.restore MODE");
    }
}
