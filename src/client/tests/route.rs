//! Which (account, model) pairs could serve a request.

use super::*;
use crate::catalog::{Catalog, Role, different};
use crate::client::CallError;
use crate::config::{Config, Inputs};
use crate::model::ModelName;
use crate::providers::Auth;
use crate::world::Env;

fn landscape(upstreams: &[(&str, &str)], keys: &[(&str, &str)]) -> Landscape {
    Landscape {
        upstreams: upstreams.iter().map(|(name, id)| upstream(name, id)).collect(),
        credentials: keys.iter().map(|(upstream, account)| key(upstream, account)).collect(),
        ..Landscape::default()
    }
}

fn routes(landscape: &Landscape, asked: &str) -> Result<Vec<Route>, CallError> {
    landscape.routes(&ModelName(asked.to_owned()), Catalog::embedded(), &|_| Vec::new())
}

/// `upstream/model as account`, in order.
fn told(landscape: &Landscape, asked: &str) -> Vec<String> {
    routes(landscape, asked).unwrap().iter().map(|r| format!("{} as {}", r.name(), r.account())).collect()
}

fn three() -> Landscape {
    landscape(
        &[("openai", "openai"), ("anthropic", "anthropic"), ("ollama", "ollama")],
        &[("openai", "work"), ("openai", "home"), ("anthropic", "env")],
    )
}

#[test]
fn every_key_of_an_upstream_is_a_route_in_the_order_of_keys() {
    assert_eq!(told(&three(), "gpt-4.1"), ["openai/gpt-4.1 as work", "openai/gpt-4.1 as home"]);
    assert_eq!(told(&three(), "openai/gpt-4.1"), told(&three(), "gpt-4.1"));
    assert_eq!(told(&three(), "ollama/qwen3:4b"), ["ollama/qwen3:4b as no key"]);
}

#[test]
fn an_alias_and_a_model_nobody_lists_are_served_by_the_upstream_that_is_named() {
    assert_eq!(told(&three(), "claude-haiku-4-5-20251001"), ["anthropic/claude-haiku-4-5-20251001 as env"]);
    assert_eq!(told(&three(), "openai/gpt-99")[0], "openai/gpt-99 as work");
    let route = routes(&three(), "openai/gpt-99").unwrap().remove(0);
    assert_eq!((route.card.maker.0.as_str(), route.window(), route.local()), ("openai", None, false));
    assert!(routes(&three(), "ollama/qwen3:4b").unwrap()[0].local());
}

#[test]
fn a_list_is_a_failover_order_and_no_route_stands_there_twice() {
    assert_eq!(
        told(&three(), "claude-haiku-5-5, gpt-4.1 ,anthropic/claude-haiku-5-5"),
        ["anthropic/claude-haiku-5-5 as env", "openai/gpt-4.1 as work", "openai/gpt-4.1 as home"]
    );
}

#[test]
fn a_role_follows_the_catalogs_ranks_among_what_is_connected() {
    for role in Role::ALL {
        let found = routes(&three(), role.name()).unwrap();
        let ranked: Vec<&str> = Catalog::embedded()
            .role(role)
            .into_iter()
            .filter(|c| c.provider == "openai" || c.provider == "anthropic")
            .map(|c| c.id.as_str())
            .collect();
        let mut ids: Vec<&str> = found.iter().map(|r| r.card.id.as_str()).collect();
        ids.dedup();
        assert_eq!(ids, ranked, "{role}");
        // Two members of different makers are found among them.
        let cards: Vec<&ModelCard> = found.iter().map(|r| &*r.card).collect();
        let (a, b) = different(&cards).unwrap();
        assert_ne!(a.maker, b.maker);
    }
}

#[test]
fn the_users_own_list_for_a_role_takes_the_place_of_the_ranks() {
    let own = |role: Role| {
        if role == Role::Fast { vec!["openai/gpt-4.1".to_owned(), "ollama/qwen3".to_owned()] } else { Vec::new() }
    };
    let found = three().routes(&ModelName("fast".into()), Catalog::embedded(), &own).unwrap();
    let names: Vec<String> = found.iter().map(Route::name).collect();
    assert_eq!(names, ["openai/gpt-4.1", "openai/gpt-4.1", "ollama/qwen3"]);
}

#[test]
fn local_models_stand_behind_hosted_ones_and_a_router_chooses_by_itself() {
    let mut all = landscape(
        &[("ollama", "ollama"), ("openrouter", "openrouter"), ("openai", "openai")],
        &[("openrouter", "r"), ("openai", "o")],
    );
    let mut qwen = card("ollama", "qwen3:4b");
    qwen.local = true;
    all.listed.push(("ollama".to_owned(), qwen));
    let found = routes(&all, "fast").unwrap();
    assert_eq!(found[0].upstream.name, "openai");
    assert_eq!(found[found.len() - 2].name(), "openrouter/openrouter/auto");
    assert_eq!(found[found.len() - 1].name(), "ollama/qwen3:4b");
}

#[test]
fn a_route_has_a_key_for_each_width_of_failure() {
    let found = routes(&three(), "gpt-4.1,openai/gpt-4o").unwrap();
    let [work, home, other] = [0, 1, 2].map(|n| found[n].keys());
    assert_eq!(work, ["model:openai/work/gpt-4.1", "account:openai/work", "provider:openai"]);
    assert_ne!(work[1], home[1]);
    assert_ne!(work[0], other[0]);
    assert_eq!((&work[1], &work[2]), (&other[1], &home[2]));
}

#[test]
fn nothing_connected_and_an_unknown_name_are_told_apart() {
    let bare = landscape(&[("openai", "openai")], &[]);
    assert!(matches!(routes(&bare, "fast"), Err(CallError::NoRoute { notes }) if notes.is_empty()));
    // Of one that the settings name, that one's key is what is missing.
    let entered = Landscape {
        entered: vec!["work".to_owned()],
        ..landscape(&[("work", "anthropic"), ("openai", "openai")], &[])
    };
    let Err(CallError::NoRoute { notes }) = routes(&entered, "fast") else { panic!("reachable") };
    assert_eq!(notes, ["there is no key for work; store one with: monster login work"]);
    let Err(CallError::UnknownModel { model, near }) = routes(&three(), "gpt-4.1, claude-sonet-5-5") else {
        panic!("known")
    };
    assert_eq!(model, "claude-sonet-5-5");
    assert_eq!(near[0], "claude-sonnet-5-5");
    let Err(CallError::UnknownModel { near, .. }) = routes(&three(), "gemini-4-agron") else { panic!("known") };
    assert!(!near.contains(&"gemini-4-argon".to_owned()), "what nobody connected serves is no help: {near:?}");
}

#[test]
fn an_upstream_that_wants_a_key_has_no_route_without_one() {
    let mut generic = (*upstream("mine", "generic")).clone();
    generic.auth = Some(Auth::Bearer);
    let with = |upstream: &Upstream, keys: &[(&str, &str)]| {
        let mut all = landscape(&[], keys);
        all.upstreams.push(Arc::new(upstream.clone()));
        routes(&all, "mine/x").map(|r| r.len()).ok()
    };
    assert_eq!(with(&generic, &[]), None);
    assert_eq!(with(&generic, &[("mine", "a"), ("mine", "b")]), Some(2));
    generic.auth = Some(Auth::None);
    assert_eq!(with(&generic, &[]), Some(1));
}

#[test]
fn a_key_is_not_shown_when_a_route_is_printed() {
    let found = routes(&three(), "gpt-4.1").unwrap();
    assert_eq!(format!("{:?}", found[0]), "Route(openai/gpt-4.1 as work)");
    assert!(!format!("{:?}", three()).contains("sk-"));
}

/// The upstreams of such settings.
fn configured(text: &str) -> Vec<Upstream> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    crate::world::files::replace(&file, text.as_bytes(), 0o600).unwrap();
    let env = Env::fixed(Vec::<(String, String)>::new(), dir.path());
    let inputs = Inputs {
        user_file: Some(file),
        repo_file: None,
        git_global: Vec::new(),
        git_command: Vec::new(),
        git_local: Vec::new(),
        env: &env,
        flags: Vec::new(),
    };
    crate::client::upstreams(&Config::load(inputs).config, &env)
}

#[test]
fn a_server_runs_on_this_machine_where_the_user_says_so_or_its_kind_or_its_address() {
    let rows = [
        ("base_url = \"https://llm.example/v1\"", false),
        ("base_url = \"https://llm.example/v1\"\nauth = \"none\"", false),
        ("base_url = \"http://10.0.0.7/v1\"\nauth = \"none\"", false),
        ("base_url = \"http://localhost.llm.example/v1\"\nauth = \"none\"", false),
        ("base_url = \"https://llm.example/v1\"\nauth = \"none\"\nlocal = true", true),
        ("base_url = \"http://127.0.0.1:4000/v1\"", false),
        ("base_url = \"http://127.0.0.1:4000/v1\"\nauth = \"none\"", true),
        ("base_url = \"http://[::1]:4000/v1\"\nauth = \"none\"", true),
        ("base_url = \"http://localhost:4000/v1\"\nauth = \"none\"\nlocal = false", false),
        // What has a price is paid for.
        ("base_url = \"http://localhost:4000/v1\"\nauth = \"none\"\nmodels = [{ id = \"m\", input = 1.0 }]", false),
        ("base_url = \"http://localhost:4000/v1\"\nauth = \"none\"\nmodels = [{ id = \"m\" }]", true),
        ("provider = \"openai\"\nbase_url = \"http://localhost:4000/v1\"\nauth = \"none\"", false),
        ("provider = \"ollama\"\nbase_url = \"http://10.0.0.7:11434\"", true),
        ("provider = \"ollama\"\nbase_url = \"http://10.0.0.7:11434\"\nlocal = false", false),
    ];
    for (row, local) in rows {
        let mut all = landscape(&[], &[("mine", "a")]);
        all.upstreams = configured(&format!("[upstreams.mine]\n{row}\n")).into_iter().map(Arc::new).collect();
        let found = routes(&all, "mine/m").unwrap();
        assert_eq!((found[0].local(), found[0].card.local), (local, local), "{row}");
    }
}

#[test]
fn an_entry_without_an_address_that_is_called_like_a_provider_means_that_provider() {
    let text = "[upstreams.huggingface.oauth]\nclient_id = \"app\"\n[upstreams.openai]\n\
        base_url = \"https://llm.example/v1\"\n[upstreams.mine]\n";
    let all = configured(text);
    let of = |name: &str| all.iter().find(|u| u.name == name).map(|u| (u.provider.as_str(), u.base_url.as_str()));
    let own = provider("huggingface").unwrap().base_url();
    assert_eq!(of("huggingface"), Some(("huggingface", own)));
    assert_eq!(of("openai"), Some(("generic", "https://llm.example/v1")), "an address of one's own is another server");
    assert_eq!(of("mine"), Some(("generic", "")));
}
