//! Whether this machine's clock is right, by the clocks of those who answered.

use super::accounts::Asked;
use super::{Context, Finding, State};

/// A clock further off than this is wrong (seconds).
const OFF: u64 = 60;

pub(super) fn check(context: &Context, asked: &Asked) -> Finding {
    // One wrong server does not make ours wrong.
    let Some((who, ahead)) = asked.ahead.iter().min_by_key(|(_, ahead)| ahead.unsigned_abs()) else {
        let why = super::unasked(context).unwrap_or("nobody told the time");
        return Finding::new("clock", State::Absent, why);
    };
    let off = ahead.unsigned_abs();
    if off <= OFF {
        return Finding::new("clock", State::Good, format!("no more than {OFF} s from {who}'s"))
            .public("clock", format!("no more than {OFF} s from a provider's"));
    }
    // Theirs is ahead where ours is behind.
    let way = if *ahead > 0 { "behind" } else { "ahead of" };
    let off = crate::client::park::spell(std::time::Duration::from_secs(off));
    let suffers = "tokens are renewed too early or too late, sign-ins fail, waits and budgets end at the wrong time, and \
                   prices by the hour are wrong";
    Finding::new("clock", State::Bad, format!("it is {off} {way} {who}'s: {suffers}"))
        .hint("let the system set it, for example: timedatectl set-ntp true")
        .public("clock", format!("it is {off} {way} a provider's"))
}
