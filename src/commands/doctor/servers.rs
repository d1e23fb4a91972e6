//! Which model servers on this machine answer.

use super::accounts::Asked;
use super::{CommandError, Context, Exit, Finding, State};
use crate::commands::show::counted;
use crate::model::ModelName;
use crate::providers::{Auth, Upstream, provider};

pub(super) fn check(context: &Context, asked: &mut Asked) -> Result<Vec<Finding>, CommandError> {
    if let Some(why) = super::unasked(context).filter(|_| !context.offline()) {
        return Ok(vec![Finding::new("servers", State::Absent, why)]);
    }
    // Nobody is asked for anything here; what could be accepted is named.
    let looked = context.block_on(async { context.connect(&ModelName::any(), true).await });
    let client = match looked {
        Ok(client) => client,
        Err(error) if error.exit == Exit::Interrupted => return Err(error),
        Err(error) => return Ok(vec![Finding::bad("servers", error)]),
    };
    let note =
        |says: &String| Finding::new("note", State::Absent, says.clone()).public("note", "a note of what is there");
    let mut out: Vec<Finding> = client.landscape.notes.iter().map(note).collect();
    for upstream in &client.landscape.upstreams {
        let here = client.landscape.listed.iter().filter(|(name, _)| *name == upstream.name);
        let models: Vec<String> = here.map(|(_, card)| card.id.clone()).collect();
        if !models.is_empty() {
            let says = format!("{} serves {}", upstream.base_url, models.join(", "));
            let public = format!("{} serves {}", upstream.provider, counted(models.len(), "model"));
            out.push(Finding::new(&upstream.name, State::Good, says).public("server", public));
            asked.listed.push((upstream.name.clone(), models));
            asked.servers.push(upstream.as_ref().clone());
        } else if upstream.base_url.starts_with("http://") && upstream.models.is_empty() && keyless(upstream) {
            let says = format!("{} does not answer, or serves nothing", upstream.base_url);
            let finding = Finding::new(&upstream.name, State::Bad, says).hint("start it, and have it load a model");
            out.push(finding.public("server", format!("{} does not answer, or serves nothing", upstream.provider)));
        }
    }
    Ok(out)
}

/// It is asked what it serves without a key.
fn keyless(upstream: &Upstream) -> bool {
    upstream.auth == Some(Auth::None) || provider(&upstream.provider).is_some_and(|served| served.local())
}
