//! The user's own rows are strict about what they say.

use super::*;

fn read(text: &str) -> Result<Overlay, String> {
    Overlay::parse("models.toml", text, "2026-11-20").map_err(|e| e.to_string())
}

#[test]
fn a_row_overrides_a_price_and_says_so() {
    let text = "
[[model]]
provider = \"openai\"
id = \"gpt-6-sol\"
input = 1.5
output = 7.5
cache_read = 0.1
as_of = \"2026-11-21\"
";
    let catalog = catalog().clone().with_overlay(&read(text).unwrap());
    let sol = catalog.card("openai", "gpt-6-sol").unwrap();
    assert_eq!(sol.prices.unwrap().input, Some(1_500_000_000));
    assert!(sol.tiers.is_empty() && sol.services.is_empty(), "what is written is the whole price");
    assert_eq!(sol.reasoning, card("openai", "gpt-6-sol").reasoning, "abilities stay");
    let told = catalog.provenance("openai", "gpt-6-sol").unwrap();
    assert_eq!((told.layer, told.source, told.as_of), (Layer::Overlay, "your overlay models.toml", "2026-11-21"));
    assert_eq!(catalog.role(Role::Reasoning).len(), super::catalog().role(Role::Reasoning).len());
}

#[test]
fn a_row_adds_a_model_with_aliases_tiers_and_services() {
    let text = "
[[model]]
provider = \"huggingface\"
id = \"me/mine\"
aliases = [\"mine\"]
maker = \"meta\"
context = 64000
max_output = 4096
input = 0.5
output = 1
tiers = [{ above = 32000, input = 1, output = 2 }]
services = { batch = { input = 0.25, output = 0.5 }, fast = 2.5 }
";
    let catalog = catalog().clone().with_overlay(&read(text).unwrap());
    let mine = catalog.card("huggingface", "mine").unwrap();
    assert_eq!((mine.id.as_str(), mine.maker.0.as_str(), mine.context), ("me/mine", "meta", Some(64_000)));
    let cost = |tokens, service| {
        let when = When { service, ..noon() };
        price_when(mine, &Usage { input: tokens, ..Usage::default() }, &when).map(|n| n.0)
    };
    use crate::model::Service::{Batch, Fast};
    assert_eq!(
        (cost(1000, None), cost(1000, Some(Batch)), cost(1000, Some(Fast))),
        (Some(500_000), Some(250_000), Some(1_250_000))
    );
    assert_eq!((cost(40_000, None), cost(40_000, Some(Batch))), (Some(40_000_000), None));
    let told = catalog.provenance("huggingface", "me/mine").unwrap();
    assert_eq!(told.as_of, "2026-11-20", "the day of the file");
}

#[test]
fn a_row_without_prices_leaves_them_alone() {
    let text = "[[model]]\nprovider = \"openai\"\nid = \"gpt-6-sol\"\ncontext = 1000\n";
    let catalog = catalog().clone().with_overlay(&read(text).unwrap());
    let sol = catalog.card("openai", "gpt-6-sol").unwrap();
    assert_eq!((sol.context, sol.prices), (Some(1000), card("openai", "gpt-6-sol").prices));
}

#[test]
fn a_row_for_an_alias_is_a_model_of_its_own_with_the_same_abilities() {
    let text = "[[model]]\nprovider = \"anthropic\"\nid = \"claude-haiku-4-5-20251001\"\ninput = 9\noutput = 9\n";
    let catalog = catalog().clone().with_overlay(&read(text).unwrap());
    assert_eq!(
        catalog.card("anthropic", "claude-haiku-4-5-20251001").unwrap().prices.unwrap().input,
        Some(9_000_000_000)
    );
    assert_eq!(
        catalog.card("anthropic", "claude-haiku-4-5").unwrap().prices,
        card("anthropic", "claude-haiku-4-5").prices
    );
    let own = catalog.card("anthropic", "claude-haiku-4-5-20251001").unwrap();
    assert_eq!(own.reasoning, card("anthropic", "claude-haiku-4-5").reasoning);
    let old = catalog.card("anthropic", "claude-haiku-4-5").unwrap();
    assert!(!old.aliases.contains(&own.id));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let head = "[[model]]\nprovider = \"openai\"\nid = \"x\"\n";
    for (text, line, what) in [
        ("nonsense".to_owned(), 1, ""),
        (format!("{head}inptu = 1\n"), 4, "unknown field `inptu`"),
        (format!("{head}input = \"cheap\"\n"), 4, "invalid type"),
        (format!("{head}input = -1\noutput = 1\n"), 1, "openai/x: input is no price"),
        (format!("{head}input = nan\n"), 1, "input is no price"),
        (format!("{head}input = 1e9\n"), 1, "input is no price"),
        (format!("{head}context = -5\n"), 4, "invalid value"),
        (format!("{head}tiers = [{{ above = 1, input = 1 }}]\n"), 1, "tiers or services without prices"),
        (format!("{head}input = 1\nservices = {{ fast = 0 }}\n"), 1, "fast is a factor"),
        (format!("{head}input = 1\nservices = {{ slow = 2 }}\n"), 5, "unknown field `slow`"),
        (format!("{head}as_of = \"yesterday\"\n"), 1, "as_of is a day"),
        (format!("{head}\n{head}"), 5, "openai/x stands here twice"),
        ("[[model]]\nprovider = \"openai/gpt\"\nid = \"x\"\n".to_owned(), 1, "provider is the name of a provider"),
        ("[[model]]\nprovider = \"\"\nid = \"x\"\n".to_owned(), 1, "provider is no name"),
        ("[[model]]\nid = \"x\"\n".to_owned(), 1, "missing field `provider`"),
        ("[models]\n".to_owned(), 1, "unknown field `models`"),
    ] {
        let error = read(&text).unwrap_err();
        assert!(error.starts_with(&format!("models.toml line {line}: ")), "{text}\n{error}");
        assert!(error.contains(what), "{error}");
    }
    assert!(read("").unwrap().models.is_empty());
}

proptest! {
    #[test]
    fn whatever_stands_there_nothing_panics(text in ".{0,400}") {
        drop(read(&text));
    }
}
