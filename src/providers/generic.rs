//! Any endpoint that speaks one of our dialects: everything about it stands in the user's settings.

use super::SignIn;
use super::compatible::{Compatible, first};
use crate::model::Dialect;
use crate::wire::Quirks;

/// Its id.
pub(super) const ID: &str = "generic";

/// The description.
pub(super) static GENERIC: Compatible = Compatible {
    id: ID,
    label: "this endpoint",
    sign_in: SignIn { env: &[], base_env: None, url: "", needs_key: false },
    base_url: "",
    local: false,
    choose: |_, card| first(card, &Dialect::ALL),
    quirks: Quirks::default,
    listing: None,
    doors: &[],
    header_env: &[],
};
