//! `monster man DIR`: one manual page a command, with the table of exit codes in the first.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man as Page;

use super::context::Context;
use super::error::{CommandError, Outcome};
use super::{Cli, Exit};
use crate::world::files;

#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder; made if it is not there.
    dir: PathBuf,
}

impl Man {
    /// Writes them.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let mut command = Cli::command();
        command.build();
        let mut pages = Vec::new();
        collect(&command, "monster", &mut pages);
        std::fs::create_dir_all(&self.dir)?;
        for (name, page) in &pages {
            let path = self.dir.join(format!("{name}.1"));
            files::replace(&path, page, 0o644)
                .map_err(|e| CommandError::of(Exit::Failed, &e).hint(format!("is {} writable?", self.dir.display())))?;
        }
        if context.ui.look().json {
            let names: Vec<String> = pages.iter().map(|(name, _)| format!("{name}.1")).collect();
            context.ui.json(&serde_json::json!({ "schema": "monster.man/1", "dir": self.dir, "pages": names }))?;
        }
        context.ui.status(&format!("{} pages in {}", pages.len(), self.dir.display()));
        Ok(Exit::Done)
    }
}

fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let page = Page::new(command.clone().display_name(name)).title(name);
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let _ = page.render(&mut out);
    if name == "monster" {
        out.extend_from_slice(b".SH \"EXIT STATUS\"\n");
        for (exit, meaning) in Exit::ALL {
            out.extend_from_slice(format!(".TP\n\\fB{}\\fR\n{}\n", exit as u8, meaning.replace('-', "\\-")).as_bytes());
        }
    }
    pages.push((name.to_owned(), out));
    for sub in command.get_subcommands().filter(|s| s.get_name() != "help" && !s.is_hide_set()) {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages);
    }
}
