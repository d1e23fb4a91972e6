//! `monster config`: settings of all layers, each with where it comes from.

use clap::{Args, Subcommand};
use serde_json::json;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::config;
use crate::ui::{Table, plain};
use crate::world::files;
use crate::world::process::Run;

#[derive(Debug, Args)]
pub(super) struct Configure {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print a setting's value.
    Get {
        /// For example commit.style.
        key: String,
    },
    /// Change a setting in your settings file.
    Set {
        /// For example commit.style.
        key: String,
        /// The value.
        value: String,
    },
    /// Take a setting out of your settings file.
    Unset {
        /// For example commit.style.
        key: String,
    },
    /// List every setting with its value and where it comes from.
    List,
    /// Say what a setting means, which layers set it and which one wins.
    Explain {
        /// For example commit.style.
        key: String,
    },
    /// Open your settings file in an editor.
    Edit,
    /// Print where your settings file lies.
    Path,
    /// Print the JSON Schema of the settings file.
    Schema,
}

impl Configure {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action {
            Action::Get { key } => get(context, &key),
            Action::Set { key, value } => {
                config::set(&file(context)?, &key, &value)?;
                changed(context, &key, &format!("{key} is set"))
            }
            Action::Unset { key } => {
                let was = config::unset(&file(context)?, &key)?;
                changed(context, &key, &if was { format!("{key} is unset") } else { format!("{key} was not set") })
            }
            Action::List => list(context),
            Action::Explain { key } => explain(context, &key),
            Action::Edit => edit(context),
            Action::Path => {
                let path = file(context)?;
                if context.ui.look().json {
                    context.ui.json(&json!({ "schema": "monster.config/1", "path": path }))?;
                } else {
                    context.ui.out(&path.display().to_string())?;
                }
                Ok(Exit::Done)
            }
            Action::Schema => {
                context.ui.json(&config::schema())?;
                Ok(Exit::Done)
            }
        }
    }
}

/// Says what became of a setting.
fn changed(context: &Context, key: &str, said: &str) -> Outcome {
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.config/1", "key": key, "done": said }))?;
    } else {
        context.ui.status(said);
    }
    Ok(Exit::Done)
}

fn file(context: &Context) -> Result<std::path::PathBuf, CommandError> {
    context.config_file().ok_or_else(|| {
        CommandError::new(Exit::Failed, "there is no place for settings")
            .hint("set HOME, XDG_CONFIG_HOME or MONSTER_CONFIG_DIR")
    })
}

fn get(context: &Context, key: &str) -> Outcome {
    let value = context.loaded().get(key)?;
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.config/1", "key": key, "value": value.text, "origin": value.origin.to_string() }))?;
    } else {
        context.ui.out(&plain(&value.text))?;
    }
    Ok(Exit::Done)
}

fn list(context: &Context) -> Outcome {
    let values = context.loaded().list();
    if context.ui.look().json {
        let rows: Vec<_> =
            values.iter().map(|v| json!({ "key": v.key, "value": v.text, "origin": v.origin.to_string() })).collect();
        context.ui.json(&json!({ "schema": "monster.config/1", "settings": rows }))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["setting", "value", "from"]);
    for value in &values {
        table.row([value.key.clone(), value.text.clone(), value.origin.to_string()]);
    }
    context.ui.out(&table.render())?;
    Ok(Exit::Done)
}

fn explain(context: &Context, key: &str) -> Outcome {
    let told = context.loaded().explain(key)?;
    if context.ui.look().json {
        let value = context.loaded().get(key)?;
        context.ui.json(&json!({ "schema": "monster.config/1", "key": key, "value": value.text,
            "origin": value.origin.to_string(), "explained": told }))?;
    } else {
        context.ui.out(&plain(&told))?;
    }
    Ok(Exit::Done)
}

fn edit(context: &Context) -> Outcome {
    let path = file(context)?;
    if !path.exists() {
        if let Some(dir) = path.parent() {
            files::private_dir(dir)?;
        }
        files::replace(&path, b"# Settings of monster; see: monster config list\n", 0o600)?;
    }
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| context.env.get(name)).unwrap_or("vi");
    // Editors are often given with flags ("code --wait").
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let mut args: Vec<std::ffi::OsString> = words.map(Into::into).collect();
    args.push(path.clone().into_os_string());
    let run = Run { program, args, cwd: context.env.cwd(), stdin: None, env: Vec::new(), timeout: None };
    let code = run.attached().map_err(|e| {
        CommandError::new(Exit::Failed, format!("the editor \"{program}\" could not be started: {e}"))
            .hint(format!("set EDITOR, or edit {}", path.display()))
    })?;
    if code != Some(0) {
        return Err(CommandError::new(Exit::Failed, format!("the editor \"{program}\" ended with an error")));
    }
    let problems = config::check(&path);
    for problem in &problems {
        context.ui.warn(&problem.to_string());
    }
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Failed })
}
