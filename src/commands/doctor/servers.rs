//! Which model servers on this machine answer.

use super::accounts::{Asked, LIMITS};
use super::{CommandError, Context, Exit, Finding, State};
use crate::client::{self, Landscape};
use crate::commands::show::counted;
use crate::model::{Kind, ModelName};
use crate::net::{Net, shown};
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
            let says = format!("{} serves {}", shown(&upstream.base_url), models.join(", "));
            let public = format!("{} serves {}", upstream.provider, counted(models.len(), "model"));
            out.push(Finding::new(&upstream.name, State::Good, says).public("server", public));
            asked.listed.push((upstream.name.clone(), models));
            asked.servers.push(upstream.as_ref().clone());
        } else if upstream.base_url.starts_with("http://") && upstream.models.is_empty() && keyless(upstream) {
            out.extend(silent(context, upstream, asked)?);
        } else {
            out.extend(own(context, upstream, &client.landscape)?);
        }
    }
    Ok(out)
}

/// What is said of a server that listed no models: it serves none, it does not answer, or it says why not. Offline nobody
/// knows.
fn silent(context: &Context, upstream: &Upstream, asked: &mut Asked) -> Result<Option<Finding>, CommandError> {
    if context.offline() {
        return Ok(None);
    }
    let now = context.clock.now().as_second();
    let net = Net::new(context.config().net.clone());
    let checked = context.block_on(async { Ok(client::checked(&net, LIMITS, upstream, None, now).await) })?;
    let (says, hint) = match checked.said {
        Ok(models) if models.is_empty() && !checked.listed => {
            ("answers with something that is no list of models".to_owned(), "look at its base_url and its provider")
        }
        Ok(models) if models.is_empty() => ("answers, and serves nothing".to_owned(), "have it load a model"),
        // It came to itself in between, or took longer than a command waits: it serves all the same.
        Ok(models) => {
            let says = format!("serves {}, and was slow to say so", counted(models.len(), "model"));
            let public = format!("{} {says}", upstream.provider);
            let finding = Finding::new(&upstream.name, State::Good, format!("{} {says}", shown(&upstream.base_url)));
            asked.listed.push((upstream.name.clone(), models));
            asked.servers.push(upstream.clone());
            let hint = "where a command finds nothing there, ask again";
            return Ok(Some(finding.hint(hint).public("server", public)));
        }
        Err(failure) if matches!(failure.kind, Kind::Unreachable | Kind::TimedOut) => {
            ("does not answer".to_owned(), "start it, and have it load a model")
        }
        Err(failure) => {
            let says = format!("{}: {}", shown(&upstream.base_url), failure.message);
            let public = format!("{} does not say what it serves: {}", upstream.provider, failure.kind.name());
            return Ok(Some(Finding::new(&upstream.name, State::Bad, says).public("server", public)));
        }
    };
    let public = format!("{} {says}", upstream.provider);
    let says = format!("{} {says}", shown(&upstream.base_url));
    Ok(Some(Finding::new(&upstream.name, State::Bad, says).hint(hint).public("server", public)))
}

/// What is said of an upstream of the user's own settings that no account speaks for: its key is missing, or it needs none
/// and is asked without.
fn own(context: &Context, upstream: &Upstream, landscape: &Landscape) -> Result<Option<Finding>, CommandError> {
    let name = &upstream.name;
    let kept = landscape.credentials.iter().any(|c| c.upstream == *name)
        || landscape.disabled.iter().any(|(_, at)| at == name);
    let row = context.config().upstreams.iter().find(|row| row.name == *name).filter(|_| !kept);
    let (Some(row), Some(served)) = (row, provider(&upstream.provider)) else { return Ok(None) };
    let public = |finding: Finding, says: &str| finding.public("upstream", format!("{} {says}", served.label()));
    let login = format!("monster login {name}");
    if let Some(variable) = row.key_env.as_ref().filter(|variable| context.env.get(variable).is_none_or(str::is_empty))
    {
        let finding = Finding::new(name, State::Bad, format!("{variable} is not set, so it is not asked"));
        return Ok(Some(public(
            finding.hint(format!("set it, or: {login}")),
            "has a variable for its key that is not set",
        )));
    }
    let wants =
        upstream.auth.as_ref().map_or(served.sign_in().needs_key || row.oauth.is_some(), |auth| *auth != Auth::None);
    if wants {
        // The sealed file may hold it.
        let finding = Finding::new(name, State::Absent, "there is no key for it, so it is not asked");
        return Ok(landscape.locked.is_none().then(|| public(finding.hint(login), "has no key")));
    }
    if context.offline() {
        return Ok(None);
    }
    let now = context.clock.now().as_second();
    let net = Net::new(context.config().net.clone());
    let said = context.block_on(async { Ok(client::check(&net, LIMITS, upstream, None, now).await) })?;
    let place = shown(&upstream.base_url);
    Ok(Some(match said {
        Ok(models) => {
            let many = counted(models.len(), "model");
            public(Finding::new(name, State::Good, format!("{place} answers; {many}")), "answers without a key")
        }
        // Not everybody says what there is.
        Err(failure) if matches!(failure.kind, Kind::NotFound | Kind::BadRequest) => public(
            Finding::new(name, State::Good, format!("{place} answers, and lists no models")),
            "answers without a key",
        ),
        Err(failure) => public(
            Finding::new(name, State::Bad, failure.message.clone()),
            &format!("was asked without a key: {}", failure.kind.name()),
        ),
    }))
}

/// It is asked what it serves without a key.
fn keyless(upstream: &Upstream) -> bool {
    upstream.auth == Some(Auth::None) || provider(&upstream.provider).is_some_and(|served| served.local())
}
