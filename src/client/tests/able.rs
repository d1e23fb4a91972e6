//! What a model lacks is known before anything is sent.

use super::*;
use crate::client::CallError;
use crate::client::able::{Able, Lack, able, lack};
use crate::model::{Control, Demand, Effort, Purpose, Request};
use crate::providers::Intent;

fn intent() -> Intent {
    Intent::of(&Request::text("m", Purpose::Ask, "is it?"), 400)
}

/// A route over a model that is as `change` says.
fn over(model: &str, change: impl FnOnce(&mut ModelCard)) -> Route {
    let mut card = card("openai", model);
    change(&mut card);
    Route::new(upstream("openai", "openai"), provider("openai").unwrap(), card, Some(key("openai", "work")))
}

#[test]
fn what_is_known_to_be_missing_is_routed_past_and_what_is_not_known_may_be_there() {
    let none = over("none", |c| (c.tools, c.images, c.documents) = (Some(false), Some(false), Some(false)));
    let unknown = over("unknown", |_| {});
    for (needs, missing) in [
        (Intent { tools: true, ..intent() }, Lack::Tools),
        (Intent { called: true, ..intent() }, Lack::Tools),
        (Intent { images: true, ..intent() }, Lack::Images),
        (Intent { documents: true, ..intent() }, Lack::Documents),
    ] {
        assert_eq!(lack(&none, &needs), Some(missing.clone()));
        let Able { fit, unfit } = able(&[none.clone(), unknown.clone()], &needs).unwrap();
        assert_eq!((fit[0].name(), unfit[0].1.clone()), ("openai/unknown".to_owned(), missing.clone()));
        let Err(CallError::Unable { model, why }) = able(std::slice::from_ref(&none), &needs) else { panic!() };
        assert_eq!((model.as_str(), why), ("openai/none", missing.why()));
    }
    assert_eq!(lack(&none, &intent()), None, "nothing of it is needed");
}

#[test]
fn a_window_that_is_too_small_for_all_is_told_by_the_largest() {
    let small = over("small", |c| c.context = Some(1_000));
    let larger = over("larger", |c| c.context = Some(2_000));
    let long = Intent { prompt_bytes: 1_000_000, ..intent() };
    let Err(CallError::TooLong { model, window, .. }) = able(&[small, larger], &long) else { panic!() };
    assert_eq!((model.as_str(), window), ("openai/larger", 2_000));
}

#[test]
fn strict_leaves_out_what_cannot_be_held_to_the_level() {
    let strict = |level: Effort| Intent { effort: Demand { strict: true, ..level.into() }, ..intent() };
    let plain = over("plain", |c| c.context = Some(8_192));
    let unknown = over("unknown", |_| {});
    let thinker = over("thinker", |c| {
        c.reasoning.control = Control::Effort;
        c.reasoning.efforts = vec![Effort::Low, Effort::High];
    });
    assert!(matches!(lack(&plain, &strict(Effort::High)), Some(Lack::Effort(_))));
    assert_eq!(lack(&plain, &strict(Effort::None)), None, "it does not reason");
    assert!(matches!(lack(&unknown, &strict(Effort::None)), Some(Lack::Effort(_))), "nobody knows whether it reasons");
    assert_eq!(lack(&thinker, &strict(Effort::High)), None);
    assert!(matches!(lack(&thinker, &strict(Effort::Max)), Some(Lack::Effort(_))));
    assert!(matches!(lack(&thinker, &strict(Effort::None)), Some(Lack::Effort(_))), "it cannot be kept from it");
    let within = Intent { effort: Demand { strict: true, ..Demand::parse("medium..max").unwrap() }, ..intent() };
    assert_eq!(lack(&thinker, &within), None, "high lies within");
}

#[test]
fn a_conversation_that_holds_calls_needs_a_model_that_knows_them_whether_tools_are_offered_or_not() {
    let mut request = Request::text("m", Purpose::Serve, "is it?");
    assert!(!Intent::of(&request, 400).called);
    request.messages[0].blocks.insert(0, crate::model::Block::result("c", "look", "yes", false));
    let needs = Intent::of(&request, 400);
    assert_eq!((needs.tools, needs.called), (false, true));
    let none = over("none", |c| c.tools = Some(false));
    assert_eq!(lack(&none, &needs), Some(Lack::Tools));
}
