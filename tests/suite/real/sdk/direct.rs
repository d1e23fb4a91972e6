//! The client itself, for what no command offers: tools and their results, images, sampling.

use std::sync::Arc;
use std::time::Duration;

use monster::auth::{Credential, Source};
use monster::catalog::Catalog;
use monster::client::{Budgets, Call, Client, Deaf, Landscape, Limits, Reply};
use monster::config::{Config, Inputs};
use monster::model::{Request, Secret};
use monster::net::Net;
use monster::providers::Upstream;
use monster::secrets::{Mode, Redactor};
use monster::store::{Place, Store};
use monster::world::{Clock, Env};

/// A client of these upstreams alone, each with the one key of its provider in these tests.
pub fn client(upstreams: Vec<Upstream>) -> Client {
    let env = Env::fixed(Vec::<(&str, String)>::new(), &std::env::temp_dir());
    let (git_global, git_command, git_local, flags) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let config =
        Config::load(Inputs { user_file: None, repo_file: None, git_global, git_command, git_local, env: &env, flags })
            .config;
    let keyed = |upstream: &Upstream| {
        let secret = Secret::new(crate::key::key(&upstream.provider));
        Arc::new(Credential::key("test", &upstream.name, secret, Source::Vault))
    };
    let landscape = Landscape {
        credentials: upstreams.iter().map(keyed).collect(),
        upstreams: upstreams.into_iter().map(Arc::new).collect(),
        ..Landscape::default()
    };
    let clock = Clock::system();
    Client {
        line: Arc::new(Net::new(config.net)),
        rules: Vec::new(),
        queue: 64,
        store: Store::memory(&clock),
        catalog: Catalog::embedded(),
        redactor: Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8])),
        limits: Limits { first_byte: Duration::from_secs(60), idle: Duration::from_secs(60) },
        landscape,
        tokens: None,
        roles: Box::new(|_| Vec::new()),
        max_cost: None,
        purse: Arc::default(),
        budgets: Budgets { limits: config.budget, ledger: Store::memory(&clock) },
        keep: monster::client::Keep::default(),
        eased: monster::client::Eased::default(),
        seals: Arc::default(),
        fallback: false,
        place: Place::default(),
        clock,
    }
}

/// The answer to a request.
#[track_caller]
pub fn ask(client: &Client, request: Request) -> Reply {
    let name = request.model.0.clone();
    tried(client, request).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The answer to a request, or why there is none.
pub fn tried(client: &Client, request: Request) -> Result<Reply, String> {
    let routes = client.routes(&request.model).map_err(|e| format!("{e:?}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asking = Call::new(&routes, request);
    runtime.block_on(client.call(asking, &mut Deaf)).map_err(|e| format!("{e:?}"))
}
