//! The threads that carry requests. Each has a runtime of its own, and so connections to upstreams of its own
//! (`net::Net`): a request is carried by one thread from its first byte to its last, and none waits for another to wake.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Handle;

/// Who carries the connections; a new one goes to whoever has the fewest.
#[derive(Debug, Clone, Default)]
pub struct Crew {
    hands: Vec<(Handle, Arc<AtomicUsize>)>,
}

/// A connection is carried.
pub(super) struct Carried(Arc<AtomicUsize>);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Crew {
    /// Of these runtimes; of none, the runtime that asks carries everything.
    #[must_use]
    pub fn new(handles: impl IntoIterator<Item = Handle>) -> Self {
        Self { hands: handles.into_iter().map(|handle| (handle, Arc::default())).collect() }
    }

    /// Whoever has the fewest connections, of several the first. Only from within a runtime.
    pub(super) fn least(&self) -> (Handle, Carried) {
        let least = self.hands.iter().min_by_key(|(_, open)| open.load(Ordering::Acquire));
        let (handle, open) = least.cloned().unwrap_or_else(|| (Handle::current(), Arc::default()));
        open.fetch_add(1, Ordering::AcqRel);
        (handle, Carried(open))
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn a_connection_goes_to_whoever_has_the_fewest() {
        let runtimes = [0, 1].map(|_| Builder::new_current_thread().build().unwrap());
        let crew = Crew::new(runtimes.iter().map(|runtime| runtime.handle().clone()));
        let ids = runtimes.each_ref().map(|runtime| runtime.handle().id());
        let (first, one) = crew.least();
        let (second, two) = crew.least();
        assert_eq!([first.id(), second.id()], ids);
        drop(two);
        let (third, _three) = crew.least();
        assert_eq!(third.id(), ids[1]);
        drop(one);
        assert_eq!(crew.least().0.id(), ids[0]);
    }
}
