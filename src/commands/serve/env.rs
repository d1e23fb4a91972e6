//! `monster serve env`: the variables by which the usual tools find monster.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::address::{KEY, base};
use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};

/// What a variable is set to.
#[derive(Debug, Clone, Copy)]
enum Set {
    /// The address, and this after it.
    Base(&'static str),
    /// The key.
    Key,
}

/// The variables, and who reads them. The addresses end as each tool's own default does.
const VARIABLES: [(&str, Set); 9] = [
    // Codex, opencode, SDKs.
    ("OPENAI_BASE_URL", Set::Base("/v1")),
    // aider, older SDKs.
    ("OPENAI_API_BASE", Set::Base("/v1")),
    ("OPENAI_API_KEY", Set::Key),
    // Claude Code, SDKs; the token goes as Bearer.
    ("ANTHROPIC_BASE_URL", Set::Base("")),
    ("ANTHROPIC_AUTH_TOKEN", Set::Key),
    // Gemini CLI, SDKs.
    ("GOOGLE_GEMINI_BASE_URL", Set::Base("")),
    ("GEMINI_API_KEY", Set::Key),
    ("OLLAMA_HOST", Set::Base("")),
    ("OLLAMA_API_KEY", Set::Key),
];

/// Print the variables by which other tools find monster.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  export MONSTER_KEY=\"$(monster serve key add editor)\"\n  eval \"$(monster serve env)\"\n\nThe key is read from MONSTER_KEY where the lines are run; none is printed here."
)]
pub(super) struct Print {
    /// How the shell is spoken to.
    #[arg(long, value_enum, default_value_t = Shell::Posix)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// sh, bash, zsh, dash.
    Posix,
    Fish,
    Powershell,
}

impl Print {
    pub(super) fn run(self, context: &Context) -> Outcome {
        let base = base(&context.config().serve)?;
        if context.ui.look().json {
            let one = |(name, set): &(&str, Set)| match set {
                Set::Base(tail) => ((*name).to_owned(), json!(format!("{base}{tail}"))),
                // A program puts its own in.
                Set::Key => ((*name).to_owned(), Value::Null),
            };
            let variables: Map<String, Value> = VARIABLES.iter().map(one).collect();
            context.ui.json(&json!({ "schema": "monster.serve.env/1", "address": base, "variables": variables }))?;
            return Ok(Exit::Done);
        }
        let lines: Vec<String> = VARIABLES.iter().map(|(name, set)| self.shell.line(name, *set, &base)).collect();
        context.ui.out(&lines.join("\n"))?;
        if context.env.get(KEY).is_none() {
            context
                .ui
                .hint(&format!("set {KEY} before these lines are run, to a key made with: monster serve key add NAME"));
        }
        Ok(Exit::Done)
    }
}

impl Shell {
    fn line(self, name: &str, set: Set, base: &str) -> String {
        match (self, set) {
            (Self::Posix, Set::Base(tail)) => format!("export {name}='{base}{tail}'"),
            (Self::Posix, Set::Key) => format!("export {name}=\"${KEY}\""),
            (Self::Fish, Set::Base(tail)) => format!("set -gx {name} '{base}{tail}'"),
            (Self::Fish, Set::Key) => format!("set -gx {name} \"${KEY}\""),
            (Self::Powershell, Set::Base(tail)) => format!("$env:{name} = '{base}{tail}'"),
            (Self::Powershell, Set::Key) => format!("$env:{name} = $env:{KEY}"),
        }
    }
}
