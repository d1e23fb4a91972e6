//! Flags that every command takes.

use std::ffi::OsString;

use clap::{Args, Command};

use crate::model::{DEMANDS, Demand, NanoUsd};
use crate::secrets::Mode;

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Answer as JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Nothing on standard error but errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more on standard error.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// No colour.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Ask no model; monster's own rules answer where they can.
    #[arg(long, global = true)]
    pub offline: bool,
    /// Neither another route nor the offline rules when the first route fails.
    #[arg(long, global = true)]
    pub no_fallback: bool,
    /// A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas.
    #[arg(long, global = true, value_name = "MODEL")]
    pub model: Option<String>,
    /// Use only this account.
    #[arg(long, global = true, value_name = "NAME")]
    pub account: Option<String>,
    /// How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high.
    #[arg(long, global = true, value_name = "LEVEL", value_parser = effort)]
    pub effort: Option<Demand>,
    /// Ask no model that cannot be held to that effort.
    #[arg(long, global = true)]
    pub effort_strict: bool,
    /// Most a command may cost with all its requests, in dollars.
    #[arg(long, global = true, value_name = "USD", value_parser = dollars)]
    pub max_cost: Option<NanoUsd>,
    /// Wait for cooling routes as long as it takes, or this many seconds.
    #[arg(long, global = true, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "86400")]
    pub wait: Option<u64>,
    /// Never wait for cooling routes.
    #[arg(long, global = true, conflicts_with = "wait")]
    pub no_wait: bool,
    /// What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode.
    #[arg(long, global = true, value_name = "MODE", value_parser = mode)]
    pub secrets: Option<Mode>,
    /// Print exactly what would be sent, and send nothing.
    #[arg(long, global = true)]
    pub show_prompt: bool,
    /// Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger.
    #[arg(long, global = true)]
    pub no_store: bool,
}

/// Commands whose own flags are none of their subcommands', so that a flag between the two hides the subcommand.
const PARTED: [&str; 2] = ["review", "redact"];

/// A command line in which flags of every command stand before the command, where they mean the same: between a command
/// and its subcommand they are taken as well as anywhere else.
pub(super) fn hoisted(mut words: Vec<OsString>) -> Vec<OsString> {
    let known = Globals::augment_args(Command::new("monster"));
    // How many words a flag of every command takes; 0 = it is none.
    let taken = |word: &OsString| {
        let word = word.to_str().unwrap_or_default();
        let (name, value) = word.split_once('=').map_or((word, false), |(name, _)| (name, true));
        let same = |arg: &&clap::Arg| {
            let long = name.strip_prefix("--").is_some_and(|name| arg.get_long() == Some(name));
            long || (!value && arg.get_short().is_some_and(|short| word == format!("-{short}")))
        };
        known.get_arguments().find(same).map_or(0, |arg| {
            let apart = arg.get_action().takes_values() && !arg.is_require_equals_set() && !value;
            1 + usize::from(apart)
        })
    };
    let past = |words: &[OsString], from: usize| {
        let mut at = from;
        while let Some(more) = words.get(at).map(taken).filter(|more| *more > 0) {
            at += more;
        }
        at.min(words.len())
    };
    let command = past(&words, 1);
    let parted = words.get(command).is_some_and(|word| PARTED.iter().any(|one| word == one));
    if parted {
        let end = past(&words, command + 1);
        if let Some(flags) = words.get_mut(command..end) {
            flags.rotate_left(1);
        }
    }
    words
}

fn effort(text: &str) -> Result<Demand, String> {
    Demand::parse(text).ok_or_else(|| DEMANDS.to_owned())
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| "one of off, warn, redact, block".to_owned())
}

fn dollars(text: &str) -> Result<NanoUsd, String> {
    let number: f64 = text.trim_start_matches('$').parse().map_err(|_| "an amount such as 0.05".to_owned())?;
    NanoUsd::from_dollars(number).ok_or_else(|| "an amount such as 0.05".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_every_command_hide_no_subcommand() {
        let said = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            hoisted(words).into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>().join(" ")
        };
        for (line, meant) in [
            ("m review --offline baseline write", "m --offline review baseline write"),
            ("m -q review --model a/b --wait -v baseline write", "m -q --model a/b --wait -v review baseline write"),
            ("m review --model=a --wait=5 --staged", "m --model=a --wait=5 review --staged"),
            ("m redact --json report --since 7d", "m --json redact report --since 7d"),
            ("m review --staged --offline", "m review --staged --offline"),
            ("m ask --offline review", "m ask --offline review"),
            ("m review --model", "m --model review"),
            ("m review", "m review"),
            ("m", "m"),
        ] {
            assert_eq!(said(line), meant);
        }
    }
}
