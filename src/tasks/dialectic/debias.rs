//! Two readings of the same answers, the second with the seats swapped: what both say stays, the rest is unstable.

use super::synthesis::{Claim, Swapped, Synthesis};
use crate::tasks::fence::fold;

/// The first reading with what the second says otherwise; `said` are the answers, by member.
pub(super) fn compared(mut first: Synthesis, second: Synthesis, said: &[(usize, &str)]) -> Synthesis {
    let said: Vec<(usize, String)> = said.iter().map(|(who, text)| (*who, fold(text))).collect();
    let mut differs = false;
    for (mine, theirs) in [
        (&mut first.agreed, second.agreed),
        (&mut first.disagreed, second.disagreed),
        (&mut first.single, second.single),
    ] {
        for claim in mine.iter_mut() {
            claim.unstable = !theirs.iter().any(|other| same(claim, other, &said));
            differs |= claim.unstable;
        }
        let news: Vec<Claim> =
            theirs.into_iter().filter(|other| !mine.iter().any(|claim| same(claim, other, &said))).collect();
        differs |= !news.is_empty();
        mine.extend(news.into_iter().map(|claim| Claim { unstable: true, ..claim }));
    }
    let answer = (fold(&first.answer) != fold(&second.answer)).then_some(second.answer);
    differs |= first.confidence != second.confidence;
    first.swapped = Some(if differs {
        let (mine, theirs) = (first.confidence.clone(), second.confidence);
        if level(&theirs) < level(&mine) {
            (first.confidence, first.reason) = (theirs.clone(), second.reason);
        }
        Swapped::Differs { answer, first: mine, second: theirs }
    } else {
        Swapped::Stable(answer)
    });
    first
}

fn level(confidence: &str) -> usize {
    ["low", "medium", "high"].iter().position(|known| *known == confidence).unwrap_or(0)
}

/// Two claims are one where they rest on the same members' words, at the same places: a claim is worded anew each time,
/// quotes are not.
fn same(one: &Claim, other: &Claim, said: &[(usize, String)]) -> bool {
    let speakers = |claim: &Claim| claim.quotes.iter().map(|quote| quote.who).collect::<Vec<_>>();
    speakers(one) == speakers(other)
        && one.quotes.iter().zip(&other.quotes).all(|(a, b)| {
            let answer = said.iter().find(|(who, _)| *who == a.who).map_or("", |(_, text)| text.as_str());
            overlap(&fold(&a.text), &fold(&b.text), answer)
        })
}

fn overlap(a: &str, b: &str, answer: &str) -> bool {
    let spans = |quote: &str| -> Vec<(usize, usize)> {
        answer.match_indices(quote).take(64).map(|(at, text)| (at, at + text.len())).collect()
    };
    let (a, b) = (spans(a), spans(b));
    a.iter().any(|(from, to)| b.iter().any(|(start, end)| from < end && start < to))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::synthesis::read;
    use super::*;

    const A: &str = "Rust has no collector. Owners free memory.";
    const B: &str = "No collector in Rust. Rc cycles leak.";

    fn reading(confidence: &str, agreed: [&str; 2], single: Option<&str>) -> Synthesis {
        let single: Vec<_> =
            single.iter().map(|quote| json!({ "who": "Y", "claim": "about leaks", "quote": quote })).collect();
        let text = json!({ "agreed": [{ "claim": format!("worded {confidence}"), "x": agreed[0], "y": agreed[1] }],
            "disagreed": [], "single": single, "answer": "None.", "confidence": confidence, "reason": confidence });
        read(&text.to_string(), &[(0, A), (1, B)]).unwrap()
    }

    #[test]
    fn readings_that_rest_on_the_same_words_are_one_however_they_are_worded() {
        let made = compared(
            reading("high", ["has no collector", "No collector in Rust."], Some("cycles leak")),
            reading("high", ["no collector.", "No collector"], Some("Rc cycles leak.")),
            &[(0, A), (1, B)],
        );
        assert_eq!(made.swapped, Some(Swapped::Stable(None)));
        assert!(!made.agreed[0].unstable && made.single.len() == 1, "{made:?}");
    }

    #[test]
    fn what_only_one_reading_finds_is_unstable_and_the_lower_confidence_counts() {
        let made = compared(
            reading("high", ["has no collector", "No collector in Rust."], Some("cycles leak")),
            reading("low", ["Owners free memory.", "No collector in Rust."], None),
            &[(0, A), (1, B)],
        );
        assert_eq!(made.agreed.iter().map(|c| c.unstable).collect::<Vec<_>>(), [true, true], "other words: {made:?}");
        assert!(made.single[0].unstable);
        assert_eq!((made.confidence.as_str(), made.reason.as_str()), ("low", "low"));
        assert!(matches!(made.swapped, Some(Swapped::Differs { .. })));
    }
}
