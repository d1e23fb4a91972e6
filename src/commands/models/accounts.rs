//! What the providers list to the connected accounts: asked, held against known prices, kept. An account that cannot be
//! asked keeps what it was told before.

use serde_json::{Value, json};

use super::{Context, lists};
use crate::auth::from_env;
use crate::catalog::{Catalog, Listing, Listings};
use crate::client::{Said, upstreams};
use crate::commands::error::{CommandError, Exit};
use crate::commands::show;
use crate::model::ModelName;
use crate::net::Net;
use crate::world::files;

/// How one account fared.
pub(super) struct Asked {
    name: String,
    models: usize,
    priced: usize,
    /// Prices that nobody can believe.
    left_out: usize,
    /// Why it could not be asked.
    pub(super) failure: Option<String>,
    /// The day of what is kept of it.
    as_of: Option<String>,
}

/// Asks all and keeps what they were told, unless it is only looked; also says whether stored accounts stayed locked. `speak`: somebody may be asked for a passphrase.
///
/// # Errors
/// Exit 1 when it cannot be written.
pub(super) fn ask(context: &Context, check: bool, speak: bool) -> Result<(Vec<Asked>, bool), CommandError> {
    let (said, locked) = context.block_on(async {
        let client = context.connect(&ModelName::any(), !speak).await?;
        let net = Net::new(context.config().net.clone());
        Ok::<_, CommandError>((client.listings(&net).await, client.landscape.locked.clone()))
    })?;
    let mut kept = lists::listed(context).unwrap_or_default();
    if let Some(locked) = &locked {
        context.ui.warn(&locked.why);
        locked.hint.iter().for_each(|hint| context.ui.hint(hint));
    } else if context.globals.account.is_none() {
        // Of an account that is gone nothing is worth keeping; one that was not asked now is there all the same.
        let mut there = from_env(&context.env, &upstreams(context.config(), &context.env));
        there.extend(context.held().into_iter().flat_map(|held| held.credentials.iter().cloned()));
        kept.accounts.retain(|l| there.iter().any(|c| c.upstream == l.upstream && c.account == l.account));
    }
    let known = lists::fetched(context).map(|feed| Catalog::embedded().clone().with_feed(&feed));
    let known = known.as_ref().unwrap_or_else(|| Catalog::embedded());
    let today = context.clock.now().strftime("%Y-%m-%d").to_string();
    let asked = said.into_iter().map(|said| put(&mut kept, said, known, &today)).collect();
    if !check {
        keep(context, &kept)?;
    }
    Ok((asked, locked.is_some()))
}

fn put(kept: &mut Listings, said: Said, known: &Catalog, today: &str) -> Asked {
    let Said { upstream, account, provider, models } = said;
    let name = format!("{upstream}/{account}");
    match models {
        Ok(models) => {
            let mut listing = Listing { upstream, account, provider, as_of: today.to_owned(), models };
            let left_out = listing.judge(known);
            let (models, priced) = (listing.models.len(), listing.priced());
            kept.put(listing);
            Asked { name, models, priced, left_out, failure: None, as_of: Some(today.to_owned()) }
        }
        Err(failure) => {
            let old = kept.of(&upstream, &account);
            let (models, priced) = old.map_or((0, 0), |old| (old.models.len(), old.priced()));
            let as_of = old.map(|old| old.as_of.clone());
            Asked { name, models, priced, left_out: 0, failure: Some(failure.message), as_of }
        }
    }
}

fn keep(context: &Context, kept: &Listings) -> Result<(), CommandError> {
    let state = context.state_dir()?;
    let path = lists::listings(&state);
    if kept.accounts.is_empty() && !path.exists() {
        return Ok(());
    }
    let failed = |error: std::io::Error| {
        let mut failed = CommandError::new(Exit::Failed, format!("{} could not be written", path.display()));
        failed.causes.push(error.to_string());
        failed.hint("what was listed before stays")
    };
    files::private_dir(&state).map_err(failed)?;
    files::replace(&path, kept.text().as_bytes(), 0o600).map_err(failed)
}

/// Says how they fared.
///
/// # Errors
/// When nothing can be printed.
pub(super) fn told(context: &Context, asked: &[Asked]) -> Result<(), CommandError> {
    let ui = &context.ui;
    for one in asked {
        let (name, models) = (&one.name, show::counted(one.models, "model"));
        match &one.failure {
            None => {
                ui.out(&format!("{name} lists {models}, {} of them priced", one.priced))?;
                if one.left_out > 0 {
                    let prices = show::counted(one.left_out, "price");
                    ui.warn(&format!("{name}: {prices} left out, more than ten times away from what is known"));
                }
            }
            Some(why) => {
                let rest = one.as_of.as_ref().map(|day| format!("; {models} of {day} stay")).unwrap_or_default();
                ui.warn(&format!("{name} could not be asked for its list ({why}){rest}"));
            }
        }
    }
    Ok(())
}

/// The same for programs.
pub(super) fn as_json(asked: &[Asked]) -> Value {
    asked
        .iter()
        .map(|a| {
            json!({ "account": a.name, "models": a.models, "priced": a.priced, "left_out": a.left_out,
                "failure": a.failure, "as_of": a.as_of })
        })
        .collect()
}
