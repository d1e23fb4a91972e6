//! Whether the settings can be read.

use super::{Context, Finding, State};
use crate::commands::show::counted;

pub(super) fn check(context: &Context) -> Finding {
    let problems = &context.loaded().problems;
    match (problems.first(), context.config_file()) {
        (Some(problem), _) => {
            let many = counted(problems.len(), "problem");
            Finding::new("settings", State::Bad, format!("{many}, the first: {problem}"))
                .hint("monster config edit")
                .public("settings", many)
        }
        (None, Some(file)) if file.exists() => {
            Finding::new("settings", State::Good, file.display().to_string()).public("settings", "read")
        }
        (None, _) => Finding::new("settings", State::Absent, "no settings file; the defaults hold"),
    }
}
