//! Keys: where they come from, whether they look like keys at all, and the one way to the sealed file.

mod anthropic;
mod azure;
mod google;
mod keys;
mod lock;
mod order;
mod schedule;
mod sealed;
mod shape;
pub mod token;
mod tokens;

#[cfg(test)]
mod tests;

pub use keys::{Credential, Source, bearing, from_env, from_vault, variables};
pub use order::{pin, pinned, ranked};
pub use schedule::{Renewing, Schedule};
pub use sealed::{open, rekey, seen};
pub use shape::{ShapeError, check_shape};
pub use tokens::{Fresh, Tokens, due};

pub use crate::vault::{
    Account, Ask, By, Grant, Keep, Opened, Rekeyed, Renewal, Slot, Taken, Vault, VaultError, ancestor, read_passphrase,
    sealed_export, unpack,
};
