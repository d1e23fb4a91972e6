//! Who takes part: two makers, and somebody else to reconcile.

use crate::catalog::UNKNOWN;
use crate::client::{CallError, Client, Route};
use crate::model::ModelName;

/// Whom the user wants; `None` = chosen by role and maker.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The first member.
    pub first: Option<String>,
    /// The second member.
    pub second: Option<String>,
    /// Who reconciles.
    pub synthesis: Option<String>,
    /// Two models of one maker will do.
    pub same_family: bool,
    /// The role or names from which the open seats are filled.
    pub pool: ModelName,
}

/// The seats, each with its routes in failover order.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Member A.
    pub first: Vec<Route>,
    /// Member B.
    pub second: Vec<Route>,
    /// Who reconciles.
    pub synthesis: Vec<Route>,
}

impl Cast {
    /// Who is to speak, before anybody has: `A UPSTREAM/MODEL, B UPSTREAM/MODEL, to be reconciled by UPSTREAM/MODEL`.
    #[must_use]
    pub fn planned(&self) -> String {
        let seats = [("A ", &self.first), ("B ", &self.second), ("to be reconciled by ", &self.synthesis)];
        let told = seats.iter().filter_map(|(seat, routes)| Some(format!("{seat}{}", routes.first()?.name())));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Why the seats could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum CastError {
    /// A name nobody serves, or nothing connected.
    #[error(transparent)]
    Call(#[from] CallError),
    /// One maker is not two views.
    #[error("a dialectic needs models of two makers, and only {maker}'s are connected")]
    OneMaker {
        /// The only one.
        maker: String,
    },
    /// Two models of makers that nobody knows may be one maker's.
    #[error("a dialectic needs models of two makers, and nobody knows who made {model}")]
    Unknown {
        /// `upstream/model`.
        model: String,
    },
    /// The user named two of one maker.
    #[error("{first} and {second} are both made by {maker}")]
    SameMaker {
        /// As named.
        first: String,
        /// As named.
        second: String,
        /// Of both.
        maker: String,
    },
}

impl CastError {
    /// What helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Call(error) => error.hint(),
            Self::OneMaker { .. } => {
                Some("connect another with: monster login, or allow one maker with: --same-family".to_owned())
            }
            Self::Unknown { .. } => Some(
                "say who made it (maker, in models.toml), connect another with: monster login, or allow one maker with: \
                 --same-family"
                    .to_owned(),
            ),
            Self::SameMaker { .. } => Some("name models of two makers, or allow it with: --same-family".to_owned()),
        }
    }
}

impl Cast {
    /// `A + B -> C`, as the plan line shows it.
    #[must_use]
    pub fn name(&self) -> String {
        let name = |routes: &[Route]| routes.first().map(Route::name).unwrap_or_default();
        format!("{} + {} -> {}", name(&self.first), name(&self.second), name(&self.synthesis))
    }
}

/// Fills the seats.
///
/// # Errors
/// [`CastError`].
pub fn cast(client: &Client, wish: &Wish) -> Result<Cast, CastError> {
    let named = |name: &Option<String>| name.as_ref().map(|n| client.pool(&ModelName(n.clone()))).transpose();
    let (first, second, synthesis) = (named(&wish.first)?, named(&wish.second)?, named(&wish.synthesis)?);
    let pool = match (&first, &second, &synthesis) {
        (Some(_), Some(_), Some(_)) => Vec::new(),
        _ => client.pool(&wish.pool)?,
    };
    let mut cast = seats(first, second, synthesis, &pool, wish.same_family)?;
    if !client.fallback {
        [&mut cast.first, &mut cast.second, &mut cast.synthesis].into_iter().for_each(|seat| seat.truncate(1));
    }
    Ok(cast)
}

fn seats(
    first: Option<Vec<Route>>,
    second: Option<Vec<Route>>,
    synthesis: Option<Vec<Route>>,
    pool: &[Route],
    same_family: bool,
) -> Result<Cast, CastError> {
    let nothing = || CastError::Call(CallError::NoRoute { notes: Vec::new() });
    let first = match (first, second.as_ref().and_then(|s| s.first())) {
        (Some(first), _) => first,
        // The user filled only the second seat: the first goes to another maker.
        (None, Some(second)) => seat(pool, same_family, &[second]).ok_or_else(|| one_maker(second))?,
        (None, None) => pool.first().map(|lead| of_maker(pool, lead)).ok_or_else(nothing)?,
    };
    let lead = first.first().cloned().ok_or_else(nothing)?;
    let second = match second {
        Some(second) => second,
        None => seat(pool, same_family, &[&lead]).ok_or_else(|| one_maker(&lead))?,
    };
    let other = second.first().cloned().ok_or_else(nothing)?;
    if lead.card.maker == other.card.maker && !same_family {
        if lead.card.maker.0 == UNKNOWN {
            return Err(CastError::Unknown { model: other.name() });
        }
        return Err(CastError::SameMaker {
            first: lead.name(),
            second: other.name(),
            maker: lead.card.maker.to_string(),
        });
    }
    // A third maker has no stake; else a third model; else the first member reconciles.
    let synthesis = synthesis
        .or_else(|| seat(pool, false, &[&lead, &other]))
        .or_else(|| seat(pool, true, &[&lead, &other]))
        .unwrap_or_else(|| first.clone());
    Ok(Cast { first, second, synthesis })
}

/// The best route that none of `taken` has (by maker, or only by model), and the others of its maker behind it.
fn seat(pool: &[Route], by_model: bool, taken: &[&Route]) -> Option<Vec<Route>> {
    let same = |a: &Route, b: &Route| if by_model { a.name() == b.name() } else { a.card.maker == b.card.maker };
    let free: Vec<Route> = pool.iter().filter(|r| !taken.iter().any(|t| same(r, t))).cloned().collect();
    let lead = free.first()?.clone();
    Some(of_maker(&free, &lead))
}

/// Failover stays with the maker: a member that changes its family halfway is another member.
fn of_maker(pool: &[Route], lead: &Route) -> Vec<Route> {
    pool.iter().filter(|r| r.card.maker == lead.card.maker).cloned().collect()
}

fn one_maker(route: &Route) -> CastError {
    match route.card.maker.0.as_str() {
        UNKNOWN => CastError::Unknown { model: route.name() },
        maker => CastError::OneMaker { maker: maker.to_owned() },
    }
}
