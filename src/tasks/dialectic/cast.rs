//! Who takes part: models of different makers, and somebody else to reconcile.

use super::seat::letter;
use crate::catalog::UNKNOWN;
use crate::client::{CallError, Client, Route};
use crate::model::ModelName;

/// Whom the user wants; `None` = chosen by role and maker.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The members, A first.
    pub members: Vec<Option<String>>,
    /// So many will do: open seats beyond them stay empty where nobody is left.
    pub least: usize,
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
    /// The members, A first; one whose answer stands already needs no routes.
    pub members: Vec<Vec<Route>>,
    /// What they are called before anybody has answered: `upstream/model`.
    pub names: Vec<String>,
    /// Who reconciles.
    pub synthesis: Vec<Route>,
}

impl Cast {
    /// Who is to speak, before anybody has: `A UPSTREAM/MODEL, B UPSTREAM/MODEL, to be reconciled by UPSTREAM/MODEL`.
    #[must_use]
    pub fn planned(&self) -> String {
        let members = self.members.iter().enumerate().map(|(at, routes)| (format!("{} ", letter(at)), routes));
        let seats = members.chain([("to be reconciled by ".to_owned(), &self.synthesis)]);
        let told = seats.filter_map(|(seat, routes)| Some(format!("{seat}{}", routes.first()?.name())));
        told.collect::<Vec<_>>().join(", ")
    }

    /// A member's routes; none where there is no such seat.
    #[must_use]
    pub fn member(&self, at: usize) -> &[Route] {
        self.members.get(at).map_or(&[], Vec::as_slice)
    }

    /// Every seat.
    pub fn seats(&self) -> impl Iterator<Item = &Vec<Route>> {
        self.members.iter().chain([&self.synthesis])
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
                "if they are made by two, let them speak with: --same-family; else connect another with: monster login; to \
                 name its maker for good, say maker = \"…\" in its row of models.toml, beside the settings (monster config path)"
                    .to_owned(),
            ),
            Self::SameMaker { .. } => Some("name models of two makers, or allow it with: --same-family".to_owned()),
        }
    }
}

impl Cast {
    /// `A + B → C`, as the plan line shows it.
    #[must_use]
    pub fn name(&self) -> String {
        let synthesis = self.synthesis.first().map(Route::name).unwrap_or_default();
        format!("{} → {synthesis}", self.names.join(" + "))
    }
}

/// Fills the seats.
///
/// # Errors
/// [`CastError`].
pub fn cast(client: &Client, wish: &Wish) -> Result<Cast, CastError> {
    let named = |name: &Option<String>| name.as_ref().map(|n| client.pool(&ModelName(n.clone()))).transpose();
    let members = wish.members.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    let synthesis = named(&wish.synthesis)?;
    let pool = match members.iter().chain([&synthesis]).all(Option::is_some) {
        true => Vec::new(),
        false => client.pool(&wish.pool)?,
    };
    let mut cast = seats(members, synthesis, &pool, wish)?;
    if !client.fallback {
        cast.members.iter_mut().chain([&mut cast.synthesis]).for_each(|seat| seat.truncate(1));
    }
    Ok(cast)
}

fn seats(
    named: Vec<Option<Vec<Route>>>,
    synthesis: Option<Vec<Route>>,
    pool: &[Route],
    wish: &Wish,
) -> Result<Cast, CastError> {
    let nothing = || CastError::Call(CallError::NoRoute { notes: Vec::new() });
    // Open seats go to makers that none of the named ones has.
    let mut taken: Vec<Route> = named.iter().flatten().filter_map(|routes| routes.first()).cloned().collect();
    let mut members: Vec<Vec<Route>> = Vec::new();
    for seat in named {
        let routes = match (seat, taken.first()) {
            (Some(routes), _) => routes,
            (None, None) => pool.first().map(|lead| of_maker(pool, lead)).ok_or_else(nothing)?,
            (None, Some(lead)) => match free(pool, wish.same_family, &taken) {
                Some(routes) => routes,
                None if members.len() >= wish.least => continue,
                None => return Err(one_maker(lead)),
            },
        };
        let lead = routes.first().cloned().ok_or_else(nothing)?;
        if !taken.iter().any(|other| other.name() == lead.name()) {
            taken.push(lead);
        }
        members.push(routes);
    }
    let leads: Vec<&Route> = members.iter().filter_map(|routes| routes.first()).collect();
    for (at, lead) in leads.iter().enumerate().filter(|_| !wish.same_family) {
        if let Some(other) = leads.iter().skip(at + 1).find(|other| other.card.maker == lead.card.maker) {
            if lead.card.maker.0 == UNKNOWN {
                return Err(CastError::Unknown { model: other.name() });
            }
            return Err(CastError::SameMaker {
                first: lead.name(),
                second: other.name(),
                maker: lead.card.maker.to_string(),
            });
        }
    }
    // A maker of its own has no stake; else a model of its own; else the first member reconciles.
    let synthesis = synthesis
        .or_else(|| free(pool, false, &taken))
        .or_else(|| free(pool, true, &taken))
        .or_else(|| members.first().cloned())
        .ok_or_else(nothing)?;
    let names = leads.iter().map(|lead| lead.name()).collect();
    Ok(Cast { members, names, synthesis })
}

/// The best route that none of `taken` has (by maker, or only by model), and the others of its maker behind it.
fn free(pool: &[Route], by_model: bool, taken: &[Route]) -> Option<Vec<Route>> {
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
