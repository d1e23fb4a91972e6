//! The command line: one table of commands, each parsed, run and printed in a file of its own.

mod accounts;
mod alone;
mod ask;
mod commit;
mod completions;
mod config;
mod context;
mod cost;
mod doctor;
mod ended;
mod error;
mod globals;
mod history;
mod hook;
mod late;
mod listen;
mod login;
mod logout;
mod man;
mod models;
mod plan;
mod quota;
mod redact;
mod review;
mod route;
mod sarif;
mod seats;
mod serve;
mod setup;
mod show;
mod signin;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use error::{CommandError, Exit};
pub use globals::Globals;

use context::Context;
use error::Outcome;
use late::Late;

use crate::ui::{Color, Interrupted, Ui};
use crate::world::{Env, memory};

/// Commit messages, diff reviews and reconciled answers from the language models you already pay for.
#[derive(Debug, Parser)]
#[command(name = "monster", version, propagate_version = false, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the message for the staged change, show it, and commit with git.
    Commit(Late<commit::Commit>),
    /// Review a change: staged if anything is staged, else the working tree; or a revision, a range, a patch.
    Review(Late<Box<review::Review>>),
    /// Ask a model; with --dialectic, several models of different makers, and another that reconciles their answers.
    Ask(Late<ask::Ask>),
    /// Print a text with its secrets masked, or find secrets in files and changes.
    Redact(Late<redact::Redact>),
    /// Install, remove, show and run git's hooks: messages are drafted, judged, secrets and pushes looked through.
    Hook(Late<hook::Hook>),
    /// Sign in, or store an API key, in the sealed accounts file.
    Login(Late<login::Login>),
    /// Give a sign-in back where the provider takes it, and forget the account.
    Logout(Late<logout::Logout>),
    /// List, test and manage accounts.
    Accounts(Late<accounts::Accounts>),
    /// List models, or fetch newer prices.
    Models(Late<models::Models>),
    /// Show, repeat, compare, export and forget the calls of the past.
    History(Late<history::History>),
    /// Show what was spent: today and by model, unless said otherwise; with --account and --model only by these.
    Cost(Late<cost::Cost>),
    /// Show what is left of each account, until when, and what can be used next.
    Quota(Late<quota::Quota>),
    /// Say which models and accounts requests would go to.
    Route(Late<route::Routes>),
    /// Serve editors and agents: the same accounts, failover, redaction and cost, behind one address.
    Serve(Late<serve::Serve>),
    /// Point editors and agents to monster serve: show what would be changed in their settings, change it, take it back.
    Setup(Late<setup::Setup>),
    /// Show and change settings.
    Config(Late<config::Configure>),
    /// Look at settings, store, accounts, keychain, hook, models, servers, proxy and clock, and say what is wrong.
    Doctor(Late<doctor::Doctor>),
    /// Print the completion script of a shell.
    Completions(Late<completions::Completions>),
    /// Write the manual pages into a folder.
    Man(Late<man::Man>),
}

impl Command {
    /// The one table: a command and what runs it.
    fn run(self, context: &Context) -> Outcome {
        match self {
            Self::Commit(c) => c.0.run(context),
            Self::Review(c) => c.0.run(context),
            Self::Ask(c) => c.0.run(context),
            Self::Redact(c) => c.0.run(context),
            Self::Hook(c) => c.0.run(context),
            Self::Login(c) => c.0.run(context),
            Self::Logout(c) => c.0.run(context),
            Self::Accounts(c) => c.0.run(context),
            Self::Models(c) => c.0.run(context),
            Self::History(c) => c.0.run(context),
            Self::Cost(c) => c.0.run(context),
            Self::Quota(c) => c.0.run(context),
            Self::Route(c) => c.0.run(context),
            Self::Serve(c) => c.0.run(context),
            Self::Setup(c) => c.0.run(context),
            Self::Config(c) => c.0.run(context),
            Self::Doctor(c) => c.0.run(context),
            Self::Completions(c) => c.0.run(context),
            Self::Man(c) => c.0.run(context),
        }
    }
}

/// Runs a command; a defect of ours ends with its own code, with what was in hand masked, and after the store has
/// written what it holds.
fn guarded(context: &Context, command: Command) -> Outcome {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
        let what = defect(&place, panic.payload_as_str());
        let ui = Ui::new(false, false, false, Color::Auto, &Env::system());
        ui.error(&what, &[], &["please report this line; nothing that was committed or stored is lost".to_owned()]);
    }));
    let run = std::panic::AssertUnwindSafe(|| command.run(context));
    std::panic::catch_unwind(run).unwrap_or_else(|ended| {
        // A question was interrupted; every other unwinding was told by the hook.
        let asked = ended.downcast_ref::<Interrupted>().is_some();
        Err(if asked {
            CommandError::new(Exit::Interrupted, "interrupted")
        } else {
            CommandError::silent(Exit::Internal)
        })
    })
}

/// What is told of a defect; whatever was in hand is masked.
fn defect(place: &str, said: Option<&str>) -> String {
    let said = crate::secrets::mask(said.unwrap_or("no reason was given"));
    format!("monster met a defect of its own{place}: {said}")
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // Before anything secret is read.
    memory::shut();
    let cli = match Cli::try_parse_from(globals::hoisted(std::env::args_os().collect())) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers on stdout; a wrong command line is exit 2.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let said = error.render().to_string();
            if code == Exit::Usage && std::env::args_os().any(|a| a == "--json") {
                let what = said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let ui = Ui::new(true, false, false, Color::Auto, &Env::system());
                show::error(&ui, &CommandError::new(Exit::Usage, what));
                return ExitCode::from(code as u8);
            }
            // Help and version hold nothing that anybody typed.
            let masked = if code == Exit::Usage { crate::secrets::mask(&said) } else { String::new() };
            if code == Exit::Usage && masked != said {
                // A key that was typed where none belongs is not repeated.
                Ui::new(false, false, false, Color::Never, &Env::system()).status(&masked);
                return ExitCode::from(code as u8);
            }
            let _ = error.print();
            return ExitCode::from(code as u8);
        }
    };
    // Whatever goes wrong in a hook stops no commit and no push: only a policy of the user's own and Ctrl-C do.
    let waited_for = matches!(&cli.command, Command::Hook(hook) if hook.0.run_by_git());
    let context = Context::new(cli.globals);
    let outcome = match context {
        Ok(context) => {
            let outcome = guarded(&context, cli.command);
            let outcome = outcome.inspect_err(|error| show::error(&context.ui, error));
            context.close();
            crate::ui::leave();
            outcome
        }
        Err(both) => {
            let (ui, error) = *both;
            show::error(&ui, &error);
            Err(error)
        }
    };
    let exit = outcome.unwrap_or_else(|error| error.exit);
    let passes = waited_for && !matches!(exit, Exit::Policy | Exit::Interrupted);
    ExitCode::from(if passes { Exit::Done } else { exit } as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_does_not_tell_the_key_it_was_about() {
        let drawn: String = (1..75_u32).filter_map(|n| char::from_digit(n * n * n % 1009 % 36, 36)).collect();
        let key = ["sk", "proj", &drawn].join("-");
        let told = defect(" (a.rs:1)", Some(&format!("index out of bounds in {key}")));
        assert!(
            told.starts_with("monster met a defect of its own (a.rs:1): index out of bounds in <hidden "),
            "{told}"
        );
        assert!(!told.contains(&drawn[60..]), "{told}");
    }
}
