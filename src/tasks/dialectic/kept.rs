//! What is kept of a discussion, masked and sealed, so that one seat can be given to another model without asking the
//! others again.

use serde::{Deserialize, Serialize};

use super::seat::member;
use super::{Cast, Given, Member, Mode, Question, Ranking, Shape, Voice};
use crate::client::{Client, Route};
use crate::store::NewVoices;

const SCHEMA: &str = "monster.voices/1";

/// A member as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSeat {
    /// `upstream/model` that answered.
    pub model: String,
    /// Its maker.
    pub maker: String,
    /// Its first answer.
    pub first: String,
    /// Its last.
    pub last: String,
    /// What it said of the others.
    #[serde(default)]
    pub critiques: Vec<String>,
}

/// A discussion as it is kept: what was masked stays masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    schema: String,
    /// Its history id, so that one put in another's place is found out.
    id: String,
    /// The question, with its material.
    pub question: String,
    mode: String,
    rounds: u8,
    debias: bool,
    /// Every member; `None` = it gave no answer.
    pub seats: Vec<Option<KeptSeat>>,
    /// `upstream/model` that was to speak in each seat.
    pub asked: Vec<String>,
    /// `upstream/model` that was to reconcile.
    pub synthesis: String,
    ranking: Option<Ranking>,
}

/// Why nothing can be made of what is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is damaged.
    #[error("what is kept of the discussion is not understood")]
    Damaged,
    /// A newer version made it.
    #[error("what is kept of the discussion was written by a newer monster")]
    Newer,
    /// It is another's.
    #[error("what is kept of the discussion belongs to another")]
    Moved,
}

/// Keeps what was said, in the background; nothing where nobody answered or nothing is to be kept.
pub(super) fn keep(
    client: &Client,
    cast: &Cast,
    question: &Question<'_>,
    id: &str,
    members: &[Member],
    ranking: Option<&Ranking>,
) {
    if question.keep == 0 || members.iter().all(|member| member.said.is_err()) {
        return;
    }
    let hide = |text: &str| client.redactor.hide(text);
    let seat = |member: &Member| {
        let last = member.said.as_deref().ok()?;
        Some(KeptSeat {
            model: member.model.clone(),
            maker: member.maker.clone(),
            first: hide(member.first.as_deref().unwrap_or(last)),
            last: hide(last),
            critiques: member.critiques.iter().map(|text| hide(text)).collect(),
        })
    };
    let kept = Kept {
        schema: SCHEMA.to_owned(),
        id: id.to_owned(),
        question: hide(question.text),
        mode: question.shape.mode.name().to_owned(),
        rounds: question.shape.rounds,
        debias: question.shape.debias,
        seats: members.iter().map(seat).collect(),
        asked: cast.names.clone(),
        synthesis: cast.synthesis.first().map(Route::name).unwrap_or_default(),
        ranking: ranking.cloned(),
    };
    if let Ok(clear) = serde_json::to_vec(&kept) {
        client.store.keep_voices(NewVoices { request_id: id.to_owned(), days: question.keep, clear });
    }
}

impl Kept {
    /// Reads what was kept under this id.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(clear: &[u8], id: &str) -> Result<Self, Unreadable> {
        let kept: Self = serde_json::from_slice(clear).map_err(|_| Unreadable::Damaged)?;
        match (kept.schema == SCHEMA, kept.id == id) {
            (false, _) => Err(Unreadable::Newer),
            (true, false) => Err(Unreadable::Moved),
            (true, true) => Ok(kept),
        }
    }

    /// How the voices worked together.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let mode = Mode::parse(&self.mode).unwrap_or(Mode::Two);
        Shape { mode, rounds: self.rounds.min(2), debias: self.debias }
    }

    /// The seat that a letter names: `A` and so on a member, `synth` who reconciles, and so does `C` where there are two
    /// members.
    #[must_use]
    pub fn seat(&self, name: &str) -> Option<Voice> {
        let synthesis = name.eq_ignore_ascii_case("synth") || name.eq_ignore_ascii_case("synthesis");
        match member(name) {
            Some(at) if at < self.seats.len() => Some(Voice::Member(at)),
            Some(2) if self.seats.len() == 2 => Some(Voice::Synthesis),
            _ if synthesis => Some(Voice::Synthesis),
            _ => None,
        }
    }
}

/// What stands when one seat is given to another: everything that does not depend on it.
#[must_use]
pub fn swap(kept: &Kept, seat: Voice) -> Given {
    match seat {
        Voice::Synthesis => Given { members: kept.seats.clone(), settled: true, ranking: kept.ranking.clone() },
        Voice::Member(swapped) => {
            let members =
                kept.seats.iter().enumerate().map(|(at, seat)| seat.clone().filter(|_| at != swapped)).collect();
            Given { members, settled: false, ranking: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        let seat = |model: &str| KeptSeat {
            model: model.to_owned(),
            maker: "m".to_owned(),
            first: "first".to_owned(),
            last: "last".to_owned(),
            critiques: Vec::new(),
        };
        Kept {
            schema: SCHEMA.to_owned(),
            id: "r1".to_owned(),
            question: "why?".to_owned(),
            mode: "debate".to_owned(),
            rounds: 1,
            debias: false,
            seats: vec![Some(seat("u/a")), Some(seat("u/b"))],
            asked: vec!["u/a".to_owned(), "u/b".to_owned()],
            synthesis: "u/c".to_owned(),
            ranking: None,
        }
    }

    #[test]
    fn what_depends_on_a_seat_is_made_anew_and_nothing_else() {
        let synthesis = swap(&kept(), Voice::Synthesis);
        assert!(synthesis.settled && synthesis.members.iter().all(Option::is_some));
        let member = swap(&kept(), Voice::Member(1));
        assert!(!member.settled && member.members[0].is_some() && member.members[1].is_none());
    }

    #[test]
    fn seats_have_letters_and_what_is_kept_stays_in_its_place() {
        let kept = kept();
        assert_eq!(kept.seat("b"), Some(Voice::Member(1)));
        assert_eq!((kept.seat("C"), kept.seat("synth")), (Some(Voice::Synthesis), Some(Voice::Synthesis)));
        assert_eq!((kept.seat("D"), kept.seat("E")), (None, None));
        let clear = serde_json::to_vec(&kept).unwrap();
        assert_eq!(Kept::read(&clear, "r1").unwrap().shape().mode, Mode::Debate);
        assert_eq!(Kept::read(&clear, "r2").unwrap_err(), Unreadable::Moved);
        assert_eq!(Kept::read(b"{", "r1").unwrap_err(), Unreadable::Damaged);
    }
}
