//! Models that write one good line and no more.

use crate::catalog;
use crate::client::Route;

/// Whether the model is known to be small. What the user says of it stands over what its server lists, and that over its
/// name and its window.
#[must_use]
pub(super) fn small(route: &Route) -> bool {
    route.card.weak.unwrap_or_else(|| {
        let named = || catalog::small(&route.card.id) == Some(true);
        route.window().is_some_and(catalog::narrow) || route.card.parameters.map_or_else(named, catalog::few)
    })
}

/// Whether nobody knows that the model is large enough to be believed: it is small, or runs here and nobody says how
/// large it is. What a provider sells as a model of its own is large enough.
#[must_use]
pub(super) fn doubtful(route: &Route) -> bool {
    let card = &route.card;
    let unknown = || card.weak.is_none() && card.parameters.is_none() && catalog::small(&card.id).is_none();
    small(route) || (route.local() && unknown())
}
