//! What a name leads to: aliases, chains, pools, roles, and levels in parentheses.

use std::collections::BTreeMap;

use super::*;
use crate::auth::Why;
use crate::catalog::{Catalog, Role};
use crate::client::{CallError, Lots, Standing, Strategies};
use crate::config::{Config, Inputs, Loaded};
use crate::model::{Demand, Effort, ModelName, Purpose, Request};
use crate::providers::Intent;
use crate::store::Store;
use crate::world::{Clock, Env};

/// Settings as the user's file would have them.
fn settings(toml: &str) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    crate::world::files::replace(&file, toml.as_bytes(), 0o600).unwrap();
    let env = Env::fixed([("HOME", "/nowhere")], std::path::Path::new("/"));
    Config::load(Inputs {
        user_file: Some(file),
        repo_file: None,
        git_global: Vec::new(),
        git_command: Vec::new(),
        git_local: Vec::new(),
        env: &env,
        flags: Vec::new(),
    })
}

/// Two accounts at openai, one each at anthropic and deepseek, and these settings.
fn land(config: &Config) -> Landscape {
    let ids = ["openai", "anthropic", "deepseek"];
    Landscape {
        upstreams: ids.iter().map(|id| upstream(id, id)).collect(),
        credentials: vec![
            key("openai", "work"),
            key("openai", "home"),
            key("anthropic", "one"),
            key("deepseek", "one"),
        ],
        names: config.names.iter().map(|row| (row.name.clone(), row.clone())).collect(),
        strategies: Strategies::of(config),
        ..Landscape::default()
    }
}

/// Counters of this process alone.
#[derive(Default)]
struct Counters(BTreeMap<String, u64>);

impl Lots for Counters {
    fn turn(&mut self, name: &str) -> u64 {
        let next = self.0.entry(name.to_owned()).or_default();
        *next += 1;
        *next - 1
    }

    fn dice(&mut self, _: u64) -> u64 {
        0
    }
}

fn routes(toml: &str, asked: &str) -> Result<Vec<Route>, CallError> {
    let loaded = settings(toml);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let roles = |role: Role| loaded.config.roles.of(role.name()).to_vec();
    land(&loaded.config).routes(&ModelName(asked.to_owned()), Catalog::embedded(), &roles)
}

/// `upstream/model as account`, with the level a name asked for.
fn told(toml: &str, asked: &str) -> Vec<String> {
    let effort = |r: &Route| r.effort.map(|e| format!("({e})")).unwrap_or_default();
    let routes = routes(toml, asked).unwrap();
    routes.iter().map(|r| format!("{}{} as {}", r.name(), effort(r), r.account())).collect()
}

const NAMES: &str = r#"
[aliases]
quick = "anthropic/claude-haiku-5-5"
smart = ["openai/gpt-5.5(high)", "quick", "deepseek/deepseek-v4-pro(none)"]
[pools]
house = { members = ["anthropic/claude-haiku-5-5", "deepseek/deepseek-v4-pro"] }
[roles]
fast = ["smart", "house"]
"#;

#[test]
fn an_alias_is_a_chain_across_models_and_providers_and_may_hold_others() {
    assert_eq!(told(NAMES, "quick"), ["anthropic/claude-haiku-5-5 as one"]);
    let chain = [
        "openai/gpt-5.5(high) as work",
        "openai/gpt-5.5(high) as home",
        "anthropic/claude-haiku-5-5 as one",
        "deepseek/deepseek-v4-pro(none) as one",
    ];
    assert_eq!(told(NAMES, "smart"), chain);
    assert_eq!(told(NAMES, "fast"), chain, "a role may name an alias, and the pool brings nothing new");
}

#[test]
fn the_level_nearest_to_the_model_holds() {
    assert_eq!(told(NAMES, "quick(low)"), ["anthropic/claude-haiku-5-5(low) as one"]);
    let levels: Vec<Option<Demand>> = routes(NAMES, "smart(max)").unwrap().iter().map(|r| r.effort).collect();
    let [high, max, none] = [Effort::High, Effort::Max, Effort::None].map(|level| Some(Demand::from(level)));
    assert_eq!(levels, [high, high, max, none], "members with a level of their own keep it");
    assert_eq!(told("", "openai/gpt-5.5(8192)")[0], "openai/gpt-5.5(8192) as work");
    assert_eq!(told("", "gpt-5.5 (MAX)")[0], "openai/gpt-5.5(max) as work");
}

#[test]
fn a_level_behind_the_name_that_is_called_is_the_callers_and_one_in_a_setting_is_not() {
    let said = |asked: &str| routes(NAMES, asked).unwrap().iter().map(|route| route.said).collect::<Vec<_>>();
    assert_eq!(said("quick(low)"), [true]);
    assert_eq!(said("smart"), [false; 4]);
    assert_eq!(said("smart(max)"), [false, false, true, false]);
    assert_eq!(said("quick,deepseek/deepseek-v4-pro(low)"), [false, true]);
    // What he wants of this model is what he asked for, and no wish of the settings.
    let asked = Intent::of(&Request::text("m", Purpose::Serve, "-"), 1);
    let wish = |name: &str| routes(NAMES, name).unwrap()[0].intent(&asked).asked;
    assert_eq!((wish("quick(low)"), wish("smart")), (Some(Effort::Low.into()), Some(Demand::default())));
}

#[test]
fn a_level_is_no_part_of_the_model() {
    let route = routes("", "openai/gpt-99(high)").unwrap().remove(0);
    assert_eq!((route.card.id.as_str(), route.effort), ("gpt-99", Some(Effort::High.into())));
    assert_eq!(route.keys()[0], "model:openai/work/gpt-99", "what cools down is the model");
}

#[test]
fn a_model_whose_own_name_ends_in_parentheses_is_meant_first() {
    let loaded = settings("");
    let mut land = land(&loaded.config);
    land.listed = vec![("deepseek".to_owned(), card("deepseek", "mixed(high)"))];
    let first = |asked: &str| {
        let routes = land.routes(&ModelName(asked.to_owned()), Catalog::embedded(), &|_| Vec::new()).unwrap();
        (routes[0].card.id.clone(), routes[0].effort)
    };
    assert_eq!(first("deepseek/mixed(high)"), ("mixed(high)".to_owned(), None));
    assert_eq!(first("mixed(high)"), ("mixed(high)".to_owned(), None));
    assert_eq!(first("mixed(high)(low)"), ("mixed(high)".to_owned(), Some(Effort::Low.into())));
    assert_eq!(first("deepseek/other(high)"), ("other".to_owned(), Some(Effort::High.into())));
}

#[test]
fn a_chain_goes_on_past_what_nobody_serves_and_names_the_first_when_nobody_serves_any() {
    let toml = "[aliases]\nmixed = [\"nobody/x\", \"quik\", \"gpt-5.5\"]\nlost = [\"claude-haiku-5.5\", \"y\"]\n";
    assert_eq!(told(toml, "mixed"), ["openai/gpt-5.5 as work", "openai/gpt-5.5 as home"]);
    let Err(CallError::UnknownModel { model, near }) = routes(toml, "lost(high)") else { panic!("it was found") };
    assert_eq!((model.as_str(), near[0].as_str()), ("claude-haiku-5.5", "claude-haiku-5-5"));
}

#[test]
fn what_is_no_effort_is_told_as_that_and_sent_to_nobody() {
    let toml = "[aliases]\nsmart = [\"openai/gpt-5.5(huge)\", \"anthropic/claude-haiku-5-5\"]\n";
    for (asked, said) in
        [("openai/gpt-5.5(huge)", "huge"), ("gpt-5.5()", ""), ("fast(very high)", "very high"), ("smart(-5)", "-5")]
    {
        let Err(CallError::NoEffort { word }) = routes(toml, asked) else { panic!("{asked} was found") };
        assert_eq!(word, said, "{asked}");
    }
    assert_eq!(told(toml, "smart"), ["anthropic/claude-haiku-5-5 as one"], "the rest of a chain holds");
}

#[test]
fn a_role_that_leads_back_to_itself_ends() {
    let loaded = settings("");
    let roles = |role: Role| vec![if role == Role::Fast { "long" } else { "fast" }.to_owned()];
    let found = land(&loaded.config).routes(&ModelName("fast".to_owned()), Catalog::embedded(), &roles);
    assert!(matches!(found, Err(CallError::UnknownModel { .. })), "{found:?}");
}

#[test]
fn a_chain_that_names_itself_a_thousand_times_over_is_cut() {
    let rows: Vec<String> = (0..30).map(|n| format!("a{n} = [\"a{}\", \"a{}\"]\n", n + 1, n + 1)).collect();
    let toml = format!("[aliases]\n{}a30 = \"gpt-5.5\"\n", rows.concat());
    assert_eq!(told(&toml, "a0"), ["openai/gpt-5.5 as work", "openai/gpt-5.5 as home"]);
}

/// Who is first, over so many requests.
fn firsts(toml: &str, asked: &str, requests: usize) -> BTreeMap<String, usize> {
    let loaded = settings(toml);
    let (land, mut lots) = (land(&loaded.config), Counters::default());
    let mut out = BTreeMap::new();
    for _ in 0..requests {
        let asked = ModelName(asked.to_owned());
        let routes = land.drawn(&asked, Catalog::embedded(), &|_| Vec::new(), &mut lots).unwrap();
        *out.entry(format!("{}/{}", routes[0].upstream.name, routes[0].account())).or_default() += 1;
    }
    out
}

fn counts<const N: usize>(rows: [(&str, usize); N]) -> BTreeMap<String, usize> {
    rows.into_iter().map(|(name, n)| (name.to_owned(), n)).collect()
}

#[test]
fn accounts_take_turns_where_the_user_wants_it() {
    let all = "[accounts]\nstrategy = \"round-robin\"\n";
    assert_eq!(firsts(all, "openai/gpt-5.5", 10), counts([("openai/work", 5), ("openai/home", 5)]));
    let one = "[upstreams.openai]\nstrategy = \"round-robin\"\n";
    assert_eq!(firsts(one, "openai/gpt-5.5", 10), counts([("openai/work", 5), ("openai/home", 5)]));
    assert_eq!(firsts("", "openai/gpt-5.5", 10), counts([("openai/work", 10)]), "caches stay warm otherwise");
}

#[test]
fn members_and_their_accounts_take_turns_without_being_in_step() {
    // A counter that moved for who is only second would give one account all turns.
    let toml = "[accounts]\nstrategy = \"round-robin\"\n[pools]\nboth = { members = [\"openai/gpt-5.5\", \"anthropic/claude-haiku-5-5\"] }\n";
    let even = counts([("openai/work", 5), ("openai/home", 5), ("anthropic/one", 10)]);
    assert_eq!(firsts(toml, "both", 20), even);
}

#[test]
fn looking_takes_nobodys_turn() {
    let loaded = settings("[pools]\nhouse = { members = [\"openai/gpt-5.5\", \"anthropic/claude-haiku-5-5\"] }\n");
    let land = land(&loaded.config);
    let look = || {
        let routes = land.routes(&ModelName("house".to_owned()), Catalog::embedded(), &|_| Vec::new()).unwrap();
        routes[0].name()
    };
    assert_eq!([look(), look()], ["openai/gpt-5.5", "openai/gpt-5.5"]);
}

#[test]
fn members_of_a_pool_are_one_group_and_models_of_a_chain_are_not() {
    let groups = |asked: &str| -> Vec<u32> { routes(NAMES, asked).unwrap().iter().map(|r| r.rank.group).collect() };
    let house = groups("house");
    assert!(house.iter().all(|g| *g == house[0]), "{house:?}");
    let smart = groups("smart");
    assert!(smart[0] == smart[1] && smart[1] != smart[2] && smart[2] != smart[3], "{smart:?}");
}

#[test]
fn pins_and_drains_are_those_of_the_store() {
    let clock = Clock::fixed("2026-11-24T10:30:00Z".parse().unwrap());
    let store = Store::memory(&clock);
    crate::auth::pin(&store, "openai", Some("home"), None).unwrap();
    crate::auth::drain(&store, "anthropic", "one", Some(1)).unwrap();
    let loaded = settings("");
    let standing = Standing::read(&store, &loaded.config, clock.millis()).unwrap();
    let land = Landscape { standing, ..land(&loaded.config) };
    let why = |asked: &str| -> Vec<(String, Why)> {
        let routes = land.routes(&ModelName(asked.to_owned()), Catalog::embedded(), &|_| Vec::new()).unwrap();
        routes.iter().map(|r| (r.account().to_owned(), r.rank.why)).collect()
    };
    assert_eq!(why("openai/gpt-5.5"), [("home".to_owned(), Why::Pinned), ("work".to_owned(), Why::Alone)]);
    assert_eq!(why("anthropic/claude-haiku-5-5"), [("one".to_owned(), Why::Draining)]);
}

#[test]
fn what_is_connected_later_is_found_and_what_is_taken_away_is_not() {
    let loaded = settings("");
    let mut land = land(&loaded.config);
    let told = |land: &Landscape| -> Vec<String> {
        let routes =
            land.routes(&ModelName("openai/gpt-5.5".to_owned()), Catalog::embedded(), &|_| Vec::new()).unwrap();
        routes.iter().map(|r| r.account().to_owned()).collect()
    };
    assert_eq!([told(&land), told(&land)], [["work", "home"], ["work", "home"]]);
    land.credentials.retain(|c| c.account != "work");
    assert_eq!(told(&land), ["home"]);
    land.credentials[0] = key("openai", "new");
    assert_eq!(told(&land), ["new"], "though there are as many as before");
    land.credentials.push(key("openai", "more"));
    assert_eq!(told(&land), ["new", "more"]);
}
