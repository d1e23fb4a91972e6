//! Step: which routes can serve a request at all. What a model lacks is known before money is spent.

use super::error::CallError;
use super::route::Route;
use crate::providers::Intent;

/// What a route lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lack {
    /// The prompt is larger than its window (tokens).
    Window(u64),
    /// It calls no tools.
    Tools,
    /// It understands no images.
    Images,
    /// It understands no PDF documents.
    Documents,
    /// It cannot be held to the reasoning that is wished, and that was demanded; why, one sentence.
    Effort(String),
}

impl Lack {
    /// Why the route was left out, for the trace.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Window(_) => "the request does not fit its window".to_owned(),
            Self::Tools => "it calls no tools".to_owned(),
            Self::Images => "it understands no images".to_owned(),
            Self::Documents => "it understands no PDF documents".to_owned(),
            Self::Effort(why) => format!("not as demanded: {why}"),
        }
    }
}

/// What a route lacks for a request; what is not known of it is given the benefit of the doubt.
pub(super) fn lack(route: &Route, intent: &Intent) -> Option<Lack> {
    if let Some(window) = route.window().filter(|_| !route.holds(route.prompt(intent).tokens)) {
        return Some(Lack::Window(window));
    }
    let card = &route.card;
    let needs = [
        // Earlier calls are told as calls, whether tools are offered or not.
        (intent.tools || intent.called, card.tools, Lack::Tools),
        (intent.images, card.images, Lack::Images),
        (intent.documents, card.documents, Lack::Documents),
    ];
    if let Some((.., lack)) = needs.into_iter().find(|(needed, known, _)| *needed && *known == Some(false)) {
        return Some(lack);
    }
    let intent = route.intent(intent);
    if intent.effort.strict {
        let signed = route.signed();
        let dialect = route.provider.dialect(&signed, &route.card, &intent);
        return route.provider.adapt(&signed, dialect, &route.card, &intent).short.map(Lack::Effort);
    }
    None
}

/// Who can serve a request, and who cannot.
#[derive(Debug, Default)]
pub(super) struct Able {
    pub fit: Vec<Route>,
    pub unfit: Vec<(Route, Lack)>,
}

/// The routes that can serve a request, and those that cannot with why.
///
/// # Errors
/// `TooLong` or `Unable` when none can.
pub(super) fn able(routes: &[Route], intent: &Intent) -> Result<Able, CallError> {
    let Able { mut fit, mut unfit } = Able::default();
    for route in routes {
        match lack(route, intent) {
            None => fit.push(route.clone()),
            Some(lack) => unfit.push((route.clone(), lack)),
        }
    }
    if !fit.is_empty() {
        return Ok(Able { fit, unfit });
    }
    // Of several reasons the one that another request would not meet: a window that is too small for all of them.
    let widest = unfit.iter().filter_map(|(route, lack)| match lack {
        Lack::Window(window) => Some((route, *window)),
        _ => None,
    });
    let other = unfit.iter().find(|(_, lack)| !matches!(lack, Lack::Window(_)));
    Err(match (other, widest.max_by_key(|(_, window)| *window)) {
        (Some((route, lack)), _) => CallError::Unable { model: route.name(), why: lack.why() },
        (None, Some((route, window))) => {
            CallError::TooLong { model: route.name(), prompt: route.prompt(intent), window }
        }
        (None, None) => CallError::NoRoute { notes: Vec::new() },
    })
}
