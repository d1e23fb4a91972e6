//! `monster quota`: what is left of each account, until when, who said so and how long ago, and what can be used next.

mod gather;
mod json;
mod text;
mod view;
mod watch;

#[cfg(test)]
mod tests;

use clap::Args;

use super::context::Context;
use super::error::{Exit, Outcome};
use crate::world::clock::zone;
use gather::Gather;
use view::{Check, Facts, Lane, judge};

#[derive(Debug, Args)]
#[command(
    after_help = "Limits are learned from the answers of calls already made. Balances are asked for at documented endpoints, \
at most every ten minutes unless --refresh is given; with --offline nobody is asked.\n\nExamples:\n  monster quota\n  \
monster quota work --refresh\n  monster quota --json --fail-below 20"
)]
pub(super) struct Quota {
    /// Only this account or upstream.
    #[arg(value_name = "ACCOUNT|UPSTREAM")]
    who: Option<String>,
    /// Ask for balances again, however young the known ones are.
    #[arg(long)]
    refresh: bool,
    /// Go on showing it as it changes, until Ctrl-C; nobody is asked, but every ten minutes with --refresh.
    #[arg(long)]
    watch: bool,
    /// End with 1 when less than this is left of anything whose whole is known.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(0..=100))]
    fail_below: Option<u64>,
}

impl Quota {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let only = self.who.clone().or_else(|| context.globals.account.clone());
        let gather = Gather::new(context, &store, only)?;
        let asks = (!self.watch || self.refresh) && !context.offline();
        if asks && let Some(problem) = context.loaded().unsafe_to_call() {
            context.ui.warn(&format!("nobody is asked: {problem}"));
        } else if asks {
            context.block_on(gather.ask(context, &store, self.refresh))?;
        }
        if self.watch {
            return watch::watch(context, &store, &gather, self.refresh && !context.offline());
        }
        let facts = gather.facts(context, &store)?;
        let lanes = judge(&facts, context.clock.millis());
        if context.ui.look().json {
            context.ui.json(&value(context, &gather, &facts, &lanes))?;
        } else if gather.is_empty() && gather.locked.is_none() {
            context.ui.out("no accounts")?;
            context.ui.hint("make one with: monster login");
        } else {
            context.ui.out(&text(context, &lanes))?;
        }
        hints(context, &gather, &lanes);
        let below = self.fail_below.is_some_and(|least| low(&lanes, least));
        Ok(if below { Exit::Failed } else { Exit::Done })
    }
}

fn text(context: &Context, lanes: &[Lane]) -> String {
    let (now_ms, columns) = (context.clock.millis(), context.ui.columns());
    text::render(&text::Frame { ui: &context.ui, now_ms, zone: zone(), columns }, lanes)
}

fn value(context: &Context, gather: &Gather, facts: &Facts, lanes: &[Lane]) -> serde_json::Value {
    json::value(lanes, &facts.tickets, context.clock.millis(), gather.locked.as_ref().map(|(why, _)| why.as_str()))
}

/// Less than so many percents of something are left.
fn low(lanes: &[Lane], least: u64) -> bool {
    let lines = lanes.iter().flat_map(|l| &l.lines);
    let below = |l: &view::Line| l.percent().is_some_and(|p| p < least) || (least > 0 && l.check == Some(Check::Empty));
    lines.into_iter().any(below)
}

/// What helps.
fn hints(context: &Context, gather: &Gather, lanes: &[Lane]) {
    if let Some((why, hint)) = &gather.locked {
        context.ui.error(&format!("the sealed accounts are locked: {why}"), &[], hint.as_slice());
    }
    for lane in lanes {
        let name = crate::auth::quoted(&lane.account);
        match lane.stands {
            view::Stands::SignedOut => context.ui.hint(&format!(
                "{} is signed out; see how to sign in again: monster accounts test {name}",
                lane.name()
            )),
            view::Stands::Disabled => context.ui.hint(&format!("use it again with: monster accounts enable {name}")),
            _ => {}
        }
    }
}
