//! Models that write one good line and no more.

use super::review::{Standing, standing};
use crate::catalog;
use crate::client::{Client, Route};

/// Whether the model is known to be small. What the user says of it stands over what its server lists, and that over its
/// name and its window.
#[must_use]
pub(super) fn small(route: &Route) -> bool {
    route.card.weak.unwrap_or_else(|| {
        let named = || catalog::small(&route.card.id) == Some(true);
        route.window().is_some_and(catalog::narrow) || route.card.parameters.map_or_else(named, catalog::few)
    })
}

/// Whether the model is to be asked for one good line alone: it is small, or it was calibrated here and did no better than
/// chance. Who says of it that it is not weak is believed.
#[must_use]
pub(super) fn poor(client: &Client, route: &Route) -> bool {
    let failed = || matches!(standing(client, &route.name()), Standing::Failed(_));
    small(route) || (route.card.weak.is_none() && failed())
}

/// Whether nobody knows that the model is large enough to be believed: it is small, or runs here and nobody says how
/// large it is. What a provider sells as a model of its own is large enough.
#[must_use]
pub(super) fn doubtful(route: &Route) -> bool {
    let card = &route.card;
    let unknown = || card.weak.is_none() && card.parameters.is_none() && catalog::small(&card.id).is_none();
    small(route) || (route.local() && unknown())
}
