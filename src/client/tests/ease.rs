//! A control that a model refuses is left out, once and from then on.

use crate::client::ease::{Ease, Eased};
use crate::model::{Effort, Failure, Kind, Scope};
use crate::wire::{Adapted, Thinking};

fn says(message: &str) -> Failure {
    Failure::new(Kind::BadRequest, Scope::Request, message)
}

fn sent() -> Adapted {
    Adapted {
        thinking: Thinking::Disabled,
        sent: Some(Effort::None),
        sampling: true,
        structured: true,
        ..Adapted::default()
    }
}

#[test]
fn the_refusal_names_what_is_given_up_and_everything_else_stays() {
    let adaptive = "\"thinking.type.disabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \
                    \"output_config.effort\" to control thinking behavior.";
    for (message, ease) in [
        (adaptive, Ease::Adaptive),
        ("Unsupported parameter: 'reasoning_effort'", Ease::Thinking),
        ("`temperature` is deprecated for this model.", Ease::Sampling),
        ("response_format json_schema is not supported", Ease::Schema),
        ("tool_choice 'required' is not supported by this model", Ease::Forced),
    ] {
        assert_eq!(Ease::of(&says(message), &sent(), true), Some(ease), "{message}");
        let mut less = sent();
        ease.apply(&mut less, None);
        assert_ne!(less, sent(), "{message}");
        // What was not sent is not given up again; adaptive thinking is sent, and may be refused in its turn.
        let again = (ease == Ease::Adaptive).then_some(Ease::Thinking);
        assert_eq!(Ease::of(&says(message), &less, true), again, "{message}");
    }
    let mut less = sent();
    Ease::Adaptive.apply(&mut less, None);
    assert_eq!((less.thinking, less.sent), (Thinking::Adaptive(Some(Effort::Low)), Some(Effort::Low)));
    assert_eq!(Ease::of(&says("messages: too many"), &sent(), true), None);
    let other = Failure::new(Kind::Overloaded, Scope::Model, "thinking too hard");
    assert_eq!(Ease::of(&other, &sent(), true), None, "only a request that was refused is asked again with less");
    assert_eq!(Ease::of(&says("tool_choice is wrong"), &sent(), false), None, "nothing was demanded");
}

#[test]
fn a_router_that_finds_nobody_for_everything_may_drop_what_is_not_taken() {
    let nobody = "OpenRouter answered 404: No endpoints found that can handle the requested parameters.";
    let failure = Failure::new(Kind::NotFound, Scope::Model, nobody);
    let mut adapted = sent();
    adapted.quirks.require_parameters = true;
    assert_eq!(Ease::of(&failure, &adapted, false), Some(Ease::Required));
    let mut less = adapted.clone();
    Ease::Required.apply(&mut less, Some(10_000));
    assert!(!less.quirks.require_parameters && !less.structured, "a schema would be dropped in silence");
    assert_eq!((&less.thinking, less.max_output), (&adapted.thinking, adapted.max_output), "the rest stays");
    assert_eq!(Ease::of(&failure, &less, false), None, "once");
    assert_eq!(Ease::of(&failure, &sent(), false), None, "it was not demanded of anybody");
    let gone = Failure::new(Kind::NotFound, Scope::Model, "No endpoints found for some/model.");
    assert_eq!(Ease::of(&gone, &adapted, false), None);
    assert!(Ease::Required.reasoning(), "whoever demands thought would not get it for sure");
}

#[test]
fn what_one_model_refused_is_left_out_for_it_alone() {
    let eased = Eased::default();
    eased.learn("east/m".to_owned(), Ease::Sampling);
    eased.learn("east/m".to_owned(), Ease::Sampling);
    let (mut one, mut other) = (sent(), sent());
    eased.apply("east/m", &mut one, None, false);
    eased.apply("west/m", &mut other, None, false);
    assert!(!one.sampling && one.structured);
    assert!(other.sampling);
}

#[test]
fn a_model_that_reasons_after_all_gets_room_for_it_unless_that_was_not_to_be() {
    let commit = Adapted { max_output: Some(600), ..sent() };
    let mut eased = commit.clone();
    Ease::Thinking.apply(&mut eased, Some(10_000));
    assert_eq!((eased.max_output, eased.sampling, eased.reasons), (Some(10_000), false, true), "as far as it goes");
    let mut bound = commit.clone();
    Ease::Thinking.apply(&mut bound, None);
    assert_eq!(bound.max_output, Some(600), "a limit on money stands on it");
    let known = Eased::default();
    known.learn("east/m".to_owned(), Ease::Thinking);
    let mut strict = commit.clone();
    known.apply("east/m", &mut strict, Some(10_000), true);
    assert_eq!(strict, commit, "what was demanded is not left out");
}
