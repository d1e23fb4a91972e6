//! Wishes for reasoning: how they are written, and what becomes of several.

use proptest::prelude::*;

use super::*;

fn demand(text: &str) -> Demand {
    Demand::parse(text).unwrap_or_else(|| panic!("{text} is a demand"))
}

#[test]
fn a_demand_is_a_level_a_number_of_tokens_or_bounds() {
    for (text, said) in [
        ("high", "high"),
        ("off", "none"),
        ("auto", "auto"),
        ("-1", "auto"),
        ("0", "none"),
        ("00", "none"),
        ("8192", "8192"),
        ("low..high", "low..high"),
        (" low .. high ", "low..high"),
        ("medium..", "medium.."),
        ("..low", "..low"),
        ("..none", "..none"),
    ] {
        assert_eq!(demand(text).to_string(), said);
        assert_eq!(Demand::parse(said), Some(demand(text)), "{said} is read as it is written");
    }
    assert_eq!(demand("300").level, Effort::Minimal, "some tokens are some reasoning");
    assert_eq!(demand("8192").level, Effort::Medium, "the level nearest to it, for models that take no number");
    for wrong in ["", "..", "huge", "high..low", "auto..low", "low..huge", "1.5", "99999999999", "low...high"] {
        assert_eq!(Demand::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn what_stands_nearer_names_the_level_and_every_bound_holds() {
    let usual = Demand::usual(Effort::High);
    assert_eq!(usual.with(None), usual);
    assert_eq!(usual.with(Some(demand("..medium"))).aim(None), Some(Effort::Medium));
    assert!(usual.with(Some(demand("..medium"))).usual, "bounds alone are no wish of the user's");
    let named = usual.with(Some(demand("low")));
    assert_eq!((named.aim(None), named.usual), (Some(Effort::Low), false));
    assert_eq!(usual.with(Some(demand("auto"))).aim(Some(Effort::Medium)), None, "it is left to the model");
    let capped = demand("..medium").with(Some(demand("xhigh")));
    assert_eq!(capped.aim(None), Some(Effort::Medium), "a ceiling of the settings holds for a flag");
    let both = demand("high..").within(demand("..low"));
    assert_eq!((both.least, both.most), (Some(Effort::Low), Some(Effort::Low)), "what costs less holds");
    assert_eq!(demand("8192").with(Some(demand("high"))).budget, None);
}

#[test]
fn bounds_alone_move_a_model_only_where_it_would_leave_them() {
    assert_eq!(demand("low..high").aim(Some(Effort::Medium)), Some(Effort::Medium));
    assert_eq!(demand("high..").aim(Some(Effort::Medium)), Some(Effort::High));
    assert_eq!(demand("high..").aim(None), Some(Effort::High), "what it does by itself is not known");
    assert_eq!(demand("..low").aim(None), Some(Effort::Low));
    assert_eq!(Demand::default().aim(Some(Effort::High)), None);
}

#[test]
fn at_least_takes_the_higher_of_two_and_all_else_the_lower() {
    use Effort::{High, Low, Max, Medium, Minimal, None as Off};
    assert_eq!(demand("medium").choose(Medium, &[Low, High]), Some(Low));
    assert_eq!(demand("medium..").choose(Medium, &[Low, High]), Some(High));
    assert_eq!(demand("..medium").choose(Medium, &[Low, High]), Some(Low));
    assert_eq!(demand("max..").choose(Max, &[Low, High]), Some(High), "nothing fits: what comes nearest");
    assert_eq!(demand("minimal").choose(Minimal, &[Off, High]), Some(High), "some reasoning is wished");
    assert_eq!(demand("..none").choose(Off, &[Low, High]), Some(Low));
    assert_eq!(demand("none").choose(Off, &[Off, Low]), Some(Off));
    assert_eq!(demand("high").choose(High, &[]), None);
}

fn some() -> impl Strategy<Value = Effort> {
    prop::sample::select(&Effort::ALL[1..])
}

proptest! {
    #[test]
    fn what_is_chosen_is_accepted_and_within_the_bounds_where_anything_is(
        level in prop::sample::select(&Effort::ALL), least in prop::option::of(some()), most in prop::option::of(some()),
        own in prop::option::of(some()), accepted in prop::sample::subsequence(Effort::ALL[1..].to_vec(), 1..8),
    ) {
        let demand = Demand::from(level).within(Demand { least, most, ..Demand::default() });
        if let Some(aim) = demand.aim(own) {
            prop_assert_eq!(demand.held(aim), aim);
            let chosen = demand.choose(aim, &accepted).unwrap();
            prop_assert!(accepted.contains(&chosen));
            if accepted.iter().any(|e| demand.held(*e) == *e) {
                prop_assert_eq!(demand.held(chosen), chosen);
            }
        } else {
            prop_assert!(demand.idle());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z0-9. -]{0,12}") {
        if let Some(demand) = Demand::parse(&text) {
            prop_assert_eq!(Demand::parse(&demand.to_string()), Some(demand));
        }
        let _ = Demand::suffix(&format!("model({text})"));
    }
}
