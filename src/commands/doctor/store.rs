//! Whether the store takes a row, gives it back and is whole, and whether there is room for more.

use super::{CommandError, Context, Finding, State};

/// Less room than this is soon none (bytes).
const ROOM: u64 = 64 << 20;

pub(super) fn check(context: &Context) -> Finding {
    let health = context.kept().and_then(|store| store.health().map_err(CommandError::from));
    let place = context.env.state_dir().map(|d| d.display().to_string()).unwrap_or_default();
    match health {
        Err(error) => Finding::bad("store", error),
        Ok(health) => match (health.damage.first(), health.free) {
            (Some(damage), _) => Finding::new("store", State::Bad, format!("{place}: it is damaged: {damage}"))
                .hint(format!(
                    "move it away and a new one is made: mv '{place}/monster.db' '{place}/monster.db.damaged'"
                ))
                .public("store", "damaged"),
            (None, free) => room(&place, free),
        },
    }
}

fn room(place: &str, free: Option<u64>) -> Finding {
    let left = free.map(|free| format!("{} free", size(free))).unwrap_or_default();
    if free.is_some_and(|free| free < ROOM) {
        let says = format!("{place}: only {left}: what calls cost will soon not be kept");
        return Finding::new("store", State::Bad, says)
            .hint("make room, or set MONSTER_STATE_DIR to a folder on another disk")
            .public("store", format!("only {left}"));
    }
    let says = "a row was written, read and taken back; the file is whole";
    let says = if left.is_empty() { says.to_owned() } else { format!("{says}; {left}") };
    Finding::new("store", State::Good, format!("{place}: {says}")).public("store", says)
}

fn size(bytes: u64) -> String {
    match bytes >> 30 {
        0 => format!("{} MiB", bytes >> 20),
        gib => format!("{gib} GiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_bad_and_room_that_is_not_known_is_not() {
        assert_eq!(room("/s", Some(ROOM - 1)).state, State::Bad);
        assert!(room("/s", Some(63 << 20)).says.contains("only 63 MiB free"));
        assert!(room("/s", Some(5 << 30)).says.ends_with("5 GiB free"));
        assert_eq!(room("/s", None).state, State::Good);
    }
}
