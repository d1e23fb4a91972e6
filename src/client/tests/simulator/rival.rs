//! Another process on the same machine, which comes without a place in line: now and then it wants the one try of a
//! cool-down that has ended, and asks the store for it as every process does.

use std::time::Duration;

use super::memory::TRY;
use super::world::World;
use crate::world::random::scripted;

/// Goes on until it is dropped.
pub(super) async fn rival(world: &World, seed: u64) {
    let mut dice = seed ^ 0x7777;
    loop {
        tokio::time::sleep(Duration::from_millis(100 + scripted::next(&mut dice) % 900)).await;
        let now = world.clock.millis();
        let mut over = world.store.cool_downs().unwrap();
        over.retain(|cool| cool.waits && cool.until_ms <= now);
        if over.is_empty() {
            continue;
        }
        let at = usize::try_from(scripted::next(&mut dice)).unwrap() % over.len();
        let key = over.swap_remove(at).key;
        let tickets = world.store.tickets().unwrap();
        let waited = tickets.iter().filter(|t| !t.running && t.keys.contains(&key)).count();
        let got =
            world.store.probe(std::slice::from_ref(&key), None, Duration::from_millis(TRY.unsigned_abs())).unwrap();
        let Some(probe) = got else {
            world.state.lock().unwrap().refusals += 1;
            continue;
        };
        world.state.lock().unwrap().takes(&key, waited, now);
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.state.lock().unwrap().memory.end(&key, now);
        drop(probe);
    }
}
