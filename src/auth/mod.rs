//! Keys: where they come from, whether they look like keys at all, and the one way to the sealed file.

mod keys;
mod sealed;
mod shape;
pub mod token;

#[cfg(test)]
mod tests;

pub use keys::{Credential, Source, from_env, from_vault};
pub use sealed::{open, seen};
pub use shape::{ShapeError, check_shape};

pub use crate::vault::{Account, Ask, By, Grant, Keep, Opened, Slot, Vault, VaultError};
