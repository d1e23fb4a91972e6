//! An answer that comes in several pieces, as one: some providers pause in the middle of a turn and want to be asked to go
//! on (`pause_turn`, anthropic-messages.md; `CONTINUATION`, gemini.md). Callers never see it (translation.md, "Stop reasons").

use bytes::Bytes;

use super::attempt::Served;
use super::clean::Clean;
use super::listener::{Listener, Notice};
use super::record::Used;
use super::veil::Veil;
use crate::model::{Cost, CostSource, Dialect, Event, FinishReason, NanoUsd, Usage, UsageSource};
use crate::wire::Fold;

/// More pieces than this are one too many: what there is then is the answer.
const MOST: usize = 8;

/// What has come of an answer, and the listener that is to see one answer.
pub(super) struct Stitch<'a> {
    inner: &'a mut dyn Listener,
    /// Pieces that are over.
    pieces: Vec<(Fold, Used)>,
    /// What the blocks of this piece are counted from.
    shift: usize,
    /// Tokens of the pieces that are over.
    before: Usage,
    /// The caller gets the answer's own bytes: he is told of a pause and goes on himself.
    raw: bool,
    /// What they were charged, where the provider says.
    paid: Option<Cost>,
    /// The caller is shown no thoughts.
    veil: Option<Veil>,
}

impl<'a> Stitch<'a> {
    pub(super) fn new(inner: &'a mut dyn Listener) -> Self {
        Self { inner, pieces: Vec::new(), shift: 0, before: Usage::default(), raw: false, paid: None, veil: None }
    }

    /// Tells what was changed.
    pub(super) fn note(&mut self, notes: &[String]) {
        notes.iter().for_each(|note| self.notice(&Notice::Note(note.clone())));
    }

    /// What the caller is not shown of the answer that comes; of one in several pieces that stays what it was.
    pub(super) fn veiled(&mut self, veil: Option<Veil>) {
        if !self.begun() {
            self.veil = veil;
        }
    }

    /// Tells what the caller is shown of it.
    fn tell(&mut self, event: &Event) {
        match &mut self.veil {
            Some(veil) => veil.hear(event, |event| self.inner.event(event)),
            None => self.inner.event(event),
        }
    }

    /// A further piece is on its way: what came before it stands.
    pub(super) fn begun(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// There is an answer already, whatever this piece says.
    pub(super) fn has_content(&self) -> bool {
        self.pieces.iter().any(|(fold, _)| fold.has_content())
    }

    /// The text of the pieces that are over.
    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|(fold, _)| fold.text()).collect()
    }

    /// What the pieces cost that are over; those of which nobody knows it are not among it.
    pub(super) fn spent(&self) -> NanoUsd {
        let costs = self.pieces.iter().filter_map(|(_, used)| used.cost);
        NanoUsd(costs.map(|cost| cost.amount.0).fold(0, u64::saturating_add))
    }

    /// What is asked for the next piece; `None` when this was the last, and where a further one is `more` than may be paid.
    pub(super) fn next(&mut self, dialect: Dialect, asked: &Clean, served: &mut Served, more: bool) -> Option<Clean> {
        if self.raw {
            return None;
        }
        let Some(FinishReason::Pause(token)) = served.fold.finish.clone() else { return None };
        let more = more && self.pieces.len() + 1 < MOST;
        let turn = more.then(|| served.fold.message(served.tag.clone()));
        let further = turn.and_then(|turn| asked.going_on(dialect, &turn, token.as_deref()));
        let Some(further) = further else {
            // Nobody can go on: the caller is told the end after all.
            self.inner.event(&Event::Finish(FinishReason::Pause(token)));
            return None;
        };
        let fold = std::mem::take(&mut served.fold);
        self.shift += fold.blocks();
        self.before = self.before.plus(&fold.usage.unwrap_or(served.used.usage));
        self.paid =
            self.paid.map_or(fold.charged, |paid| Some(fold.charged.map_or(paid, |further| paid.plus(further))));
        self.pieces.push((fold, served.used));
        Some(further)
    }

    /// The whole answer, of which this is the last piece.
    pub(super) fn whole(&mut self, mut last: Served) -> Served {
        let mut pieces = std::mem::take(&mut self.pieces).into_iter();
        let Some((mut fold, mut used)) = pieces.next() else { return last };
        for (further, more) in pieces {
            fold.append(further);
            used = sum(used, more);
        }
        fold.append(std::mem::take(&mut last.fold));
        Served { fold, used: sum(used, last.used), ..last }
    }
}

impl Listener for Stitch<'_> {
    fn forwarding(&mut self, raw: bool) {
        self.raw = raw;
        self.inner.forwarding(raw);
    }

    fn raw(&mut self, bytes: &Bytes) {
        self.inner.raw(bytes);
    }

    fn forwards(&self) -> bool {
        self.inner.forwards()
    }

    fn full(&self) -> bool {
        self.inner.full()
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Finish(FinishReason::Pause(_)) if !self.raw => {}
            Event::Start { .. } if self.begun() => {}
            Event::Usage(usage) if self.begun() => self.tell(&Event::Usage(self.before.plus(usage))),
            Event::Charged(cost) => {
                let paid = self.paid.map_or(*cost, |paid| paid.plus(*cost));
                self.tell(&Event::Charged(paid));
            }
            event if self.shift > 0 => self.tell(&event.clone().shifted(self.shift)),
            event => self.tell(event),
        }
    }

    fn notice(&mut self, notice: &Notice) {
        self.inner.notice(notice);
    }
}

/// What two pieces used together.
fn sum(one: Used, other: Used) -> Used {
    let source = if other.source == UsageSource::Estimated { other.source } else { one.source };
    let cost = one.cost.zip(other.cost).map(|(one, other)| {
        let amount = NanoUsd(one.amount.0.saturating_add(other.amount.0));
        let guessed = other.source == CostSource::Estimated || one.source == CostSource::Reported;
        Cost { amount, source: if guessed { other.source } else { one.source } }
    });
    Used {
        usage: one.usage.plus(&other.usage),
        source,
        cost,
        confirmed: one.confirmed.or(other.confirmed),
        first_content: one.first_content,
        took: one.took + other.took,
    }
}
