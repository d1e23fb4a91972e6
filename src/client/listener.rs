//! What a caller may watch while its request is served.

use std::time::Duration;

use bytes::Bytes;
use smol_str::SmolStr;

use crate::model::{Event, Failure};

/// Something the caller should see that is not part of the answer.
#[derive(Debug, Clone)]
pub enum Notice {
    /// An attempt starts.
    Trying {
        /// `upstream/model`.
        model: SmolStr,
        /// Account name.
        account: SmolStr,
    },
    /// An attempt failed and another route is taken.
    FailedOver {
        /// `upstream/model` that failed.
        from: String,
        /// `upstream/model` that is tried next.
        to: String,
        /// Why.
        failure: Failure,
    },
    /// The same route is tried again.
    Retrying {
        /// `upstream/model`.
        model: String,
        /// Why.
        failure: Failure,
        /// After this long.
        delay: Duration,
    },
    /// All routes cool down; the request waits.
    Parked {
        /// `upstream/model` that wakes first.
        model: String,
        /// When it wakes, from now.
        wait: Duration,
        /// Its place among all that wait for one of the same routes, from 1.
        position: usize,
        /// How many they are, of all processes.
        waiting: usize,
    },
    /// Something was masked before sending.
    Masked {
        /// How many and which kinds.
        what: String,
    },
    /// Something was found and is sent as it is, because the user only wants to be told of it.
    Unmasked {
        /// How many and which kinds.
        what: String,
    },
    /// Something was found and is sent as it is, because the repository's list allows it.
    LetThrough {
        /// How many and which kinds.
        what: String,
    },
    /// Several models took part in one answer.
    Took {
        /// Which, and as what.
        who: String,
    },
    /// A wish the model cannot honour, or a record that could not be kept.
    Note(String),
}

/// Receives what happens during a call, on the caller's own task.
pub trait Listener: Send {
    /// A piece of the answer. Called only after the commit point.
    fn event(&mut self, _event: &Event) {}
    /// The answer's own bytes are wanted, where the upstream speaks the caller's dialect.
    fn forwards(&self) -> bool {
        false
    }
    /// From now on they come with the events, or do not.
    fn forwarding(&mut self, _raw: bool) {}
    /// The answer's own bytes, whole frames, after the events they say.
    fn raw(&mut self, _bytes: &Bytes) {}
    /// Whoever gets the answer does not keep up: nothing more is read for now.
    fn full(&self) -> bool {
        false
    }
    /// Something beside the answer.
    fn notice(&mut self, _notice: &Notice) {}
}

/// Watches nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct Deaf;

impl Listener for Deaf {}
