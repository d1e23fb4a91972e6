//! A command's arguments, spelled out when it is the one that is run, or when somebody asks for all of them: whoever runs
//! one command pays for one.

use clap::{ArgMatches, Args, Command, FromArgMatches};

/// The arguments of one command. What it is there for stands at the place that names it.
#[derive(Debug)]
pub(super) struct Late<T>(pub(super) T);

impl<T: FromArgMatches> FromArgMatches for Late<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }

    fn update_from_arg_matches_mut(&mut self, matches: &mut ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches_mut(matches)
    }
}

impl<T: Args> Args for Late<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| named(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| named(command, T::augment_args_for_update))
    }
}

/// What a command is there for is what was said of it, and not of a part of its arguments.
fn named(command: Command, arguments: impl FnOnce(Command) -> Command) -> Command {
    let about = command.get_about().cloned();
    let command = arguments(command);
    match about {
        Some(about) => command.about(about),
        None => command,
    }
}
