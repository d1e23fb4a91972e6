//! `monster doctor`: each part looked at end to end, and what is wrong with the command that mends it.

mod accounts;
mod clock;
mod hook;
mod models;
mod proxy;
mod report;
mod servers;
mod settings;
mod store;
mod vault;

use clap::Args;
use serde_json::json;

pub(super) use accounts::{check_key, test};

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::ui::Tone;

#[derive(Debug, Args)]
#[command(
    after_help = "Every check is made in earnest: a row is written and taken back, each provider is asked with your \
key or token, the hook makes a commit in a repository of its own, the proxy is asked to connect. Nothing of yours is \
changed, and no model is asked.\n\nExample: what to put into a report of a problem.\n  monster doctor --report"
)]
pub(super) struct Doctor {
    /// Print a text for a public issue: checks, settings without values, last failures; no secret, no name of yours.
    #[arg(long)]
    report: bool,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// Not there, which may be what the user wants.
    Absent,
    Bad,
}

/// What was found.
struct Finding {
    part: String,
    state: State,
    says: String,
    hint: Option<String>,
    /// The part and what it says where strangers read it; `None` = as above, without places.
    public: Option<(String, String)>,
}

impl Finding {
    fn new(part: &str, state: State, says: impl Into<String>) -> Self {
        Self { part: part.to_owned(), state, says: says.into(), hint: None, public: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What strangers may read instead.
    fn public(mut self, part: &str, says: impl Into<String>) -> Self {
        self.public = Some((part.to_owned(), says.into()));
        self
    }

    /// A part that cannot be looked at for this reason. Errors name files, accounts and addresses: strangers read of none.
    fn bad(part: &str, error: CommandError) -> Self {
        Self { hint: error.hints.into_iter().next(), ..Self::broken(part, error.what) }
    }

    /// A part that is broken, in somebody else's words: strangers read that it is.
    fn broken(part: &str, why: impl Into<String>) -> Self {
        Self::new(part, State::Bad, why).public(part, "it cannot be used")
    }
}

/// Why nobody may be asked; `None` when all may.
fn unasked(context: &Context) -> Option<&'static str> {
    if context.offline() {
        return Some("not asked, because offline was asked for");
    }
    // They may name another address.
    context.loaded().unsafe_to_call().map(|_| "not asked, because the settings cannot be wholly read")
}

impl Doctor {
    /// Looks.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let mut found = vec![settings::check(context), store::check(context), vault::sealed(context)];
        found.push(vault::keychain(context));
        found.push(hook::check(context));
        let mut asked = accounts::ask(context)?;
        found.append(&mut asked.found);
        found.extend(servers::check(context, &mut asked)?);
        found.push(models::check(context, &asked));
        found.extend(proxy::check(context, &asked)?);
        found.push(clock::check(context, &asked));
        let bad = found.iter().filter(|f| f.state == State::Bad).count();
        let report = self.report.then(|| report::write(context, &found));
        if context.ui.look().json {
            let checks: Vec<_> = found
                .iter()
                .map(|f| json!({ "part": f.part, "state": f.state.name(), "says": f.says, "hint": f.hint }))
                .collect();
            let all = json!({ "schema": "monster.doctor/1", "checks": checks, "bad": bad });
            // With a report, what is printed may be meant for others as a whole.
            let report = report.map(|text| json!({ "schema": "monster.report/1", "report": text, "bad": bad }));
            context.ui.json(&report.unwrap_or(all))?;
        } else if let Some(report) = report {
            context.ui.out(report.trim_end())?;
        } else {
            for finding in &found {
                let mark = context.ui.paint(finding.state.tone(), &format!("{:<6}", finding.state.name()));
                context.ui.out(&format!("{mark} {:<10} {}", finding.part, crate::ui::plain(&finding.says)))?;
                if let Some(hint) = &finding.hint {
                    context.ui.out(&format!("       {:<10} -> {hint}", ""))?;
                }
            }
        }
        Ok(if bad == 0 { Exit::Done } else { Exit::Failed })
    }
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Absent => "absent",
            Self::Bad => "bad",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Good => Tone::Green,
            Self::Absent => Tone::Dim,
            Self::Bad => Tone::Red,
        }
    }
}
