//! The environment.

use std::path::{Path, PathBuf};

use crate::world::Env;

fn env(vars: &[(&str, &str)]) -> Env {
    Env::fixed(vars.iter().copied(), Path::new("/work"))
}

#[test]
fn values_may_be_keys_and_are_not_shown() {
    let key = ["sk", "x1y2z3"].join("-");
    let shown = format!("{:?}", env(&[("OPENAI_API_KEY", &key)]));
    assert!(shown.contains("OPENAI_API_KEY") && !shown.contains(&key), "{shown}");
}

#[test]
fn an_empty_variable_is_not_set() {
    assert_eq!(env(&[("A", "")]).get("A"), None);
    assert!(!env(&[("A", "")]).flag("A"));
}

#[test]
fn a_switch_is_on_unless_it_says_no() {
    for (value, on) in [("1", true), ("yes", true), ("anything", true), ("0", false), ("False", false), ("no", false)] {
        assert_eq!(env(&[("A", value)]).flag("A"), on, "{value}");
    }
}

#[test]
fn our_own_variable_wins_over_xdg_and_that_over_home() {
    let all = [("MONSTER_CONFIG_DIR", "/own"), ("XDG_CONFIG_HOME", "/xdg"), ("HOME", "/home/me")];
    assert_eq!(env(&all).config_dir(), Some(PathBuf::from("/own")));
    assert_eq!(env(&all[1..]).config_dir(), Some(PathBuf::from("/xdg/monster")));
    assert_eq!(env(&[]).config_dir(), None, "nothing is made up");
}

#[cfg(unix)]
#[test]
fn a_relative_xdg_folder_is_ignored_as_its_rules_say() {
    let vars = [("XDG_STATE_HOME", "state"), ("HOME", "/home/me")];
    assert_eq!(env(&vars).state_dir(), Some(PathBuf::from("/home/me/.local/state/monster")));
}
