//! Whatever a card says, a model gets nothing that it does not take.

use proptest::prelude::*;

use super::effort::with;
use super::*;
use crate::model::{Control, Maker};
use crate::wire::Thinking;

fn control() -> impl Strategy<Value = Control> {
    prop::sample::select(vec![
        Control::None,
        Control::Effort,
        Control::Adaptive,
        Control::Budget,
        Control::Level,
        Control::SwitchAndEffort,
        Control::Think,
        Control::Fixed,
        Control::Unmapped,
    ])
}

proptest! {
    #[test]
    fn what_is_sent_is_accepted_whatever_the_card_says(
        control in control(), asked in prop::sample::select(&Effort::ALL), always_on in any::<bool>(),
        efforts in prop::sample::subsequence(Effort::ALL[1..].to_vec(), 0..7),
        off in prop::option::of(prop::sample::select(vec!["none", "disabled", "between_tools", "budget:0"])),
        limit in prop::option::of(4_096u64..2_000_000), visible in prop::option::of(1u32..100_000),
        one in 0..9usize,
    ) {
        let one = all()[one];
        let mut card = ModelCard::unknown(one.id(), "m", Maker("x".into()), Vec::new());
        card.max_output = limit;
        card.reasoning.control = control;
        card.reasoning.efforts = efforts.clone();
        card.reasoning.always_on = always_on;
        card.reasoning.off = off.map(str::to_owned);
        let adapted = with(one.id(), &card, &Intent { max_output: visible, ..intent(asked) });
        if let (Some(most), Some(sent)) = (limit, adapted.max_output) {
            prop_assert!(u64::from(sent) <= most);
        }
        match (&adapted.thinking, adapted.max_output) {
            // anthropic-messages.md, "Request": at least 1024 and less than max_tokens.
            (Thinking::Budget(tokens), Some(most)) if *tokens > 0 => prop_assert!((1_024..most.max(1_025)).contains(tokens)),
            (Thinking::Level(level) | Thinking::Adaptive(Some(level)) | Thinking::Switch(true, Some(level)), _)
                if control != Control::None && efforts.iter().any(|e| *e != Effort::None) =>
            {
                prop_assert!(efforts.contains(level), "{level} is none of {efforts:?}");
            }
            _ => {}
        }
        if let Some(sent) = adapted.sent {
            prop_assert!(sent == asked || adapted.notes.len() == 1, "{sent} instead of {asked} is said");
        }
    }
}
