//! `monster serve run`: listens, serves, reloads, and comes to its end without cutting anybody off.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::super::context::Context;
use super::super::error::{CommandError, Exit, Outcome};
use crate::model::ModelName;
use crate::secrets::Restore;
use crate::serve::{Address, Bound, Desk, House, ListenError, Settings};
use crate::world::signal;

/// How it serves.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Run {
    /// Where to listen, in the place of `serve.listen`: 127.0.0.1:7766, unix:PATH, pipe:NAME; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
    /// Ask callers at addresses of this machine for no key.
    #[arg(long)]
    no_auth: bool,
}

impl Run {
    pub(super) fn run(self, context: &Context) -> Outcome {
        let addresses = self.addresses(context)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let outcome = runtime.block_on(self.serve(context, addresses));
        // Callers that are still there at the end are cut, not waited for.
        runtime.shutdown_timeout(Duration::from_secs(1));
        outcome
    }

    fn addresses(&self, context: &Context) -> Result<Vec<Address>, CommandError> {
        let config = &context.config().serve;
        let texts = if self.listen.is_empty() { &config.listen } else { &self.listen };
        let addresses = texts.iter().map(|text| Address::parse(text)).collect::<Result<Vec<_>, _>>();
        addresses.map_err(|what| CommandError::new(Exit::Usage, what))
    }

    async fn serve(&self, context: &Context, addresses: Vec<Address>) -> Outcome {
        let desk = self.desk(context).await?;
        let connected = desk.client.landscape.upstreams.len();
        let mut doors = Vec::new();
        for address in addresses {
            doors.push(Bound::open(address, None).await.map_err(refused)?);
        }
        for door in &doors {
            let shown = match &door.address {
                Address::Tcp(at) => format!("http://{at}"),
                other => other.to_string(),
            };
            context.ui.out(&format!("listening on {shown}"))?;
        }
        if connected == 0 {
            context.ui.warn("nothing is connected yet, so every request will be refused");
            context.ui.hint("connect an account with: monster login");
        }
        let config = context.config().serve.clone();
        let house = House::new(desk, config.connections);
        let drain = Duration::from_secs(config.drain);
        let served = tokio::spawn({
            let house = Arc::clone(&house);
            async move { house.run(doors, drain).await }
        });
        signal::end(context.ui.interactive()).await;
        house.close();
        if house.busy() > 0 {
            context.ui.status(&format!("stopping: {} open answers get {} s", house.busy(), drain.as_secs()));
        }
        let cut = tokio::select! {
            cut = served => cut.unwrap_or_default(),
            // Asked twice, it ends at once.
            () = signal::end(context.ui.interactive()) => house.busy(),
        };
        if cut > 0 {
            context.ui.warn(&format!("{cut} answers were cut off"));
        }
        Ok(Exit::Done)
    }

    /// What requests are served with, as the settings and accounts are now.
    async fn desk(&self, context: &Context) -> Result<Desk, CommandError> {
        let client = context.connect(&ModelName::any(), false).await?;
        let config = &context.config().serve;
        let settings = Settings {
            open: self.no_auth,
            hosts: config.hosts.clone(),
            restore: Restore::parse(&config.restore).unwrap_or_default(),
            park: Duration::from_secs(config.park),
            deadline: Duration::from_secs(config.deadline),
            body: config.body,
        };
        Ok(Desk::new(client, settings))
    }
}

/// Nobody can come in.
fn refused(error: ListenError) -> CommandError {
    let hint = match &error {
        ListenError::Taken(..) => Some("stop it, or choose another with: monster serve --listen ADDRESS"),
        ListenError::File(..) => Some("choose another path: what lies there is left alone"),
        _ => None,
    };
    let told = CommandError::of(Exit::Failed, &error);
    match hint {
        Some(hint) => told.hint(hint),
        None => told,
    }
}
