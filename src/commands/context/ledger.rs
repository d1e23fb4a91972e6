//! Where commands keep what they did: on disk, or nowhere.

use crate::commands::error::CommandError;
use crate::model::Purpose;
use crate::store::{FILE, Store, StoreError};
use crate::world::files;

use super::Context;

impl Context {
    /// Ledger and history. What cannot be kept is told, and the work goes on. A budget that did not see a call would be
    /// none: what a call costs is in the ledger wherever there is one.
    pub(in crate::commands) fn store(&self) -> &Store {
        self.store.get_or_init(|| {
            if !self.globals.no_store {
                return self.store_on_disk();
            }
            if self.config().budget.is_empty() {
                return Store::memory(&self.clock);
            }
            self.ui.status("a budget is set: the ledger keeps what this call costs, and nothing of what it says");
            self.store_on_disk()
        })
    }

    /// Goes on with the ledger of the one before, as long as its file is there: it is one process's, whatever settings it
    /// works with.
    pub(in crate::commands) fn store_of(&self, before: &Self) {
        let there = || self.env.state_dir().is_some_and(|dir| files::look(&dir.join(FILE)).is_some());
        if let Some(store) = before.store.get().filter(|store| store.lasts() && !self.globals.no_store && there()) {
            drop(self.store.set(store.clone()));
        }
    }

    /// What this machine knows of the sealed file. `--no-store` keeps a call out of the history; an older file that
    /// was put back is refused all the same.
    pub(in crate::commands) fn memory(&self) -> &Store {
        if !self.globals.no_store || !self.config().budget.is_empty() {
            return self.store();
        }
        self.memory.get_or_init(|| self.store_on_disk())
    }

    /// Opens the store while something else is done that whoever waits for us waits for too.
    pub(in crate::commands) fn open_store_aside(&self) {
        let Some(dir) = self.env.state_dir().filter(|_| !self.globals.no_store && self.store.get().is_none()) else {
            return;
        };
        let clock = self.clock.clone();
        let opening = std::thread::Builder::new().name("open".to_owned()).spawn(move || Store::at(&dir, &clock));
        // Without a thread it is opened when it is needed.
        *self.opening.borrow_mut() = opening.ok();
    }

    fn store_on_disk(&self) -> Store {
        let aside = self.opening.take().and_then(|opening| opening.join().ok());
        let opened = aside.or_else(|| self.env.state_dir().map(|dir| Store::at(&dir, &self.clock)));
        match opened {
            Some(Ok(store)) => store,
            Some(Err(error)) => {
                self.ui.warn(&format!("nothing of this call is kept: {error}"));
                if let Some(hint) = error.hint() {
                    self.ui.hint(&hint);
                }
                Store::memory(&self.clock)
            }
            None => {
                self.ui.warn("nothing of this call is kept: no HOME, XDG_STATE_HOME or MONSTER_STATE_DIR is set");
                Store::memory(&self.clock)
            }
        }
    }

    /// Ledger and history for commands that show them.
    ///
    /// # Errors
    /// Exit 1 when they cannot be opened.
    pub(in crate::commands) fn kept(&self) -> Result<Store, CommandError> {
        let store = Store::at(&self.state_dir()?, &self.clock)?;
        store.expire();
        Ok(store)
    }

    /// Records an answer of the offline rules without a client.
    pub(in crate::commands) fn record_offline(&self, purpose: Purpose) {
        let store = self.store().clone();
        let place = self.place();
        let recorded =
            self.block_on(async { Ok(crate::client::record_offline(&store, &self.clock, purpose, place).await) });
        // A record that could not be written is no reason to withhold the answer.
        if let Ok(Err(error)) = recorded {
            self.unrecorded(&error);
        }
    }

    /// Tells that nothing of this call could be written, where nobody else does: a hook hears no notices of a call.
    pub(in crate::commands) fn tell_unwritten(&self) {
        if let Some(error) = self.store.get().and_then(Store::unable) {
            self.unrecorded(&error);
        }
    }

    fn unrecorded(&self, error: &StoreError) {
        self.ui.warn(&format!("this call is not recorded: {error}"));
        if let Some(hint) = error.hint() {
            self.ui.hint(&hint);
        }
    }
}
