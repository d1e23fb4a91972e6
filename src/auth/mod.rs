//! Keys and sign-ins: where keys come from, whether they look like keys at all, how tokens are got, and the one way to
//! the sealed file.

mod anthropic;
mod azure;
mod bearing;
mod browser;
pub mod callback;
mod client;
mod device;
mod discover;
mod error;
mod foreign;
mod google;
pub mod identity;
mod keys;
mod lock;
mod loopback;
mod method;
mod order;
mod page;
mod pkce;
mod presets;
mod renewal;
mod revoke;
mod schedule;
mod sealed;
mod setup;
mod shape;
mod talk;
pub mod token;
mod tokens;
mod workload;

#[cfg(test)]
mod tests;

pub use bearing::{bearing, home};
pub use browser::browser;
pub use client::client;
pub use device::device;
pub use error::SignInError;
pub use foreign::{adc, az, profile};
pub use keys::{Credential, Source, from_env, from_vault, known, variables};
pub use method::Method;
pub use order::{DRAIN, PIN, Standee, View, Why, Window, drain, drained, order, pin, pin_of, pinned};
pub use presets::Shape;
pub use renewal::{Held, again, due, hold, quoted};
pub use revoke::revoke;
pub use schedule::{Renewing, Schedule};
pub use sealed::{create, installation, open, recipient, rekey, seen};
pub use setup::{Redirect, Setup, Wish};
pub use shape::{ShapeError, admin, check_shape};
pub use talk::{Desk, Shown, Signed, Talk};
pub use tokens::{Fresh, Tokens};
pub use workload::{federation, managed};

pub use crate::vault::{
    Account, Ask, By, Grant, Keep, Nobody, Opened, Recipient, Rekeyed, Renewal, Slot, Taken, Vault, VaultError,
    ancestor, check_name, read_passphrase, sealed_export, unpack,
};
