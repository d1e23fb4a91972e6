//! Whether this machine's clock is right, by the clocks of those who answered.

use super::accounts::Asked;
use super::{Context, Finding, State};

/// A clock further off than this is wrong (seconds).
const OFF: u64 = 60;

pub(super) fn check(context: &Context, asked: &Asked) -> Finding {
    let Some((who, ahead)) = nearest(&asked.ahead) else {
        let why = super::unasked(context).unwrap_or("nobody told the time");
        return Finding::new("clock", State::Absent, why);
    };
    let off = ahead.unsigned_abs();
    if off <= OFF {
        return Finding::new("clock", State::Good, format!("no more than {OFF} s from {who}'s"))
            .public("clock", format!("no more than {OFF} s from a provider's"));
    }
    // Theirs is ahead where ours is behind.
    let way = if ahead > 0 { "behind" } else { "ahead of" };
    let off = crate::client::park::spell(std::time::Duration::from_secs(off));
    let suffers = "tokens are renewed too early or too late, sign-ins fail, waits and budgets end at the wrong time, and \
                   prices by the hour are wrong";
    Finding::new("clock", State::Bad, format!("it is {off} {way} {who}'s: {suffers}"))
        .hint("let the system set it, for example: timedatectl set-ntp true")
        .public("clock", format!("it is {off} {way} a provider's"))
}

/// Whose clock is nearest to ours: one wrong server does not make ours wrong. A server on this machine has our own clock,
/// and counts only where nobody else told the time.
fn nearest(told: &[(String, i64, bool)]) -> Option<(&str, i64)> {
    let elsewhere = told.iter().any(|(.., away)| *away);
    let heard = told.iter().filter(|(.., away)| *away || !elsewhere);
    heard.min_by_key(|(_, ahead, _)| ahead.unsigned_abs()).map(|(who, ahead, _)| (who.as_str(), *ahead))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_server_here_knows_nothing_of_the_time_that_another_machine_does_not_know_better() {
        let told = |all: &[(&str, i64, bool)]| {
            let all: Vec<_> = all.iter().map(|(who, ahead, away)| ((*who).to_owned(), *ahead, *away)).collect();
            nearest(&all).map(|(who, ahead)| (who.to_owned(), ahead))
        };
        assert_eq!(told(&[("gate", 0, false), ("openai", 7_200, true)]), Some(("openai".to_owned(), 7_200)));
        assert_eq!(told(&[("gate", -3, false), ("house", 9, false)]), Some(("gate".to_owned(), -3)));
        assert_eq!(told(&[("a", 7_200, true), ("b", -2, true)]), Some(("b".to_owned(), -2)));
        assert_eq!(told(&[]), None);
    }
}
