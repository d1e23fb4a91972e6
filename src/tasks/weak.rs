//! Models that write one good line and no more.

use crate::catalog;
use crate::client::Route;

/// Whether the model is known to be small, by its name or its window.
#[must_use]
pub(super) fn small(route: &Route) -> bool {
    catalog::small(&route.card.id) == Some(true) || route.window().is_some_and(catalog::narrow)
}

/// Whether nobody knows that the model is large enough to be believed: it is small, or runs here and does not say how
/// large it is. What a provider sells as a model of its own is large enough.
#[must_use]
pub(super) fn doubtful(route: &Route) -> bool {
    small(route) || (route.local() && catalog::small(&route.card.id).is_none())
}
