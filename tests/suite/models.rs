//! Every model the catalog names gets requests that its service takes.

use std::collections::BTreeSet;

use serde_json::json;

use crate::commit::{connected, pager};
use crate::upstream::{Answer, Upstream};

/// Models of hosted providers that have a key here, as `upstream/model`. OpenRouter's hundreds are all spoken to alike: a few will do.
fn known(sandbox: &crate::sandbox::Sandbox) -> Vec<String> {
    let list = sandbox.monster(&["models", "list", "--all", "--json"]).done().ok().json();
    let mut routed = 0;
    let connected = list["models"].as_array().unwrap().iter().filter(|m| m["connected"] == true);
    let names = connected.map(|m| m["name"].as_str().unwrap().to_owned());
    names
        .filter(|name| {
            routed += usize::from(name.starts_with("openrouter/"));
            !name.starts_with("openrouter/") || routed <= 5
        })
        .collect()
}

#[test]
fn every_known_model_is_asked_in_a_way_its_service_takes() {
    let upstream = Upstream::start();
    upstream.may_refuse().always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    for name in known(&sandbox) {
        for effort in ["auto", "none", "low", "high", "max"] {
            let args = ["ask", "why?", "--no-store", "--no-wait", "--effort", effort, "--model", &name];
            assert_eq!(sandbox.monster(&args).done().ok().stdout, "Yes.\n", "{name} at {effort}");
        }
    }
    let refusals: BTreeSet<String> = upstream.refusals().into_iter().collect();
    assert!(refusals.is_empty(), "{}", refusals.into_iter().collect::<Vec<_>>().join("\n"));
    assert!(upstream.calls().len() > 200, "the catalog is not empty");
}

#[test]
fn every_known_model_is_asked_for_a_message_in_a_way_its_service_takes() {
    let upstream = Upstream::start();
    let message = json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" });
    upstream.may_refuse().always(move |_| Answer::json(&message));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    for name in known(&sandbox) {
        let done = repo.monster(&["commit", "--no-store", "--no-wait", "--no-fallback", "--model", &name]).done();
        assert_eq!(done.ok().stdout, "fix(pager): count the last page\n", "{name}");
    }
    let refusals: BTreeSet<String> = upstream.refusals().into_iter().collect();
    assert!(refusals.is_empty(), "{}", refusals.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn who_is_not_connected_and_who_is_nobody_are_told_apart() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let absent = sandbox.monster(&["models", "list", "mistral"]).done();
    assert!(absent.ok().stdout.contains("no models: mistral is not connected"), "{}", absent.all());
    assert!(absent.stderr.contains("monster login mistral"), "{}", absent.all());
    assert!(sandbox.monster(&["models", "list", "mistral", "--all"]).done().ok().stdout.contains("mistral/"));
    for json in [&["models", "list", "mistrall"][..], &["models", "list", "mistrall", "--json"]] {
        let nobody = sandbox.monster(json).done();
        assert!(nobody.exits(2).stderr.contains("there is no provider or upstream \"mistrall\""), "{}", nobody.all());
    }
}
