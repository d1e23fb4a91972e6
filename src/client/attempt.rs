//! Steps lease, adapt, transport, meter and commit point, over one route.

use std::collections::HashSet;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::OptionFuture;
use tokio::time::Instant;

use super::Client;
use super::budget::Payer;
use super::clean::Clean;
use super::ease::Ease;
use super::frames::Item;
use super::lease::Lease;
use super::listener::{Listener, Notice};
use super::origin::Origin;
use super::record::{Record, Running, Used};
use super::route::{Route, Way};
use super::seals::{Whose, bare, lacking, refused};
use super::stitch::Stitch;
use super::thoughts::Thoughts;
use super::trace::Step;
use super::transport::{Carriage, Outgoing};
use super::vectors;
use super::veil::Veil;
use crate::config::RuleRow;
use crate::model::{Dialect, Event, Failure, FinishReason, Kind, NanoUsd, Scope, Secret, Tag, UpstreamError};
use crate::providers::{Intent, Upstream, steered};
use crate::wire::{Adapted, Cut, Fold, Loss, Think, Thinking, wire};

/// Where a request would go over `route`, and the exact body.
pub(super) fn body(route: &Route, clean: &Clean, intent: &Intent) -> Result<(String, String), Failure> {
    let Way { provider, card, .. } = &**route;
    let upstream = &*route.signed();
    let dialect = provider.dialect(upstream, card, intent);
    let adapted = provider.adapt(upstream, dialect, card, intent);
    let request = clean.request();
    let written = wire(dialect).write_request(card.sent(), request, &adapted, adapted.streamed(request.stream))?;
    let shown = wire(dialect).show(&written.body);
    Ok((provider.endpoint(upstream, dialect, card.sent(), adapted.streamed(request.stream)), shown))
}

/// One try of one route.
pub(super) struct Attempt<'a> {
    pub client: &'a Client,
    pub clean: &'a Clean,
    pub intent: &'a Intent,
    /// Whose budget it is.
    pub payer: &'a Payer,
    /// Whose seals may come back; `None` = the request holds what it is to hold.
    pub whose: Option<&'a Whose>,
    pub route: &'a Route,
    /// Cool-downs that are over when something comes through.
    pub ends: Vec<String>,
    /// How long what comes before the first content is held back; `None` = until there is some.
    pub hold: Option<Duration>,
    /// When nobody waits for an answer any more.
    pub until: Option<Instant>,
}

/// How an attempt broke.
pub(super) enum Broke {
    /// The caller has seen nothing: another route may be taken.
    Before(Failure),
    /// Content had arrived, and this is its text.
    After(Failure, String),
}

/// An attempt that answered.
pub(super) struct Served {
    pub fold: Fold,
    pub used: Used,
    pub sent: Option<String>,
    pub tag: Option<Tag>,
}

impl Attempt<'_> {
    /// Asks, and asks to go on where the answer comes in pieces. What of it has arrived stands.
    pub(super) async fn run(&self, record: &mut Record, listener: &mut dyn Listener) -> Result<Served, Broke> {
        let mut stitch = Stitch::new(listener);
        // Each step is pinned where it is made: what is awaited by value is copied first, with all it will ever hold.
        let outcome = pin!(self.pieces(record, &mut stitch)).await;
        outcome.map_err(|broke| match broke {
            Broke::Before(failure) if stitch.begun() => Broke::After(failure, stitch.text()),
            Broke::Before(failure) => Broke::Before(failure),
            Broke::After(failure, partial) => Broke::After(failure, stitch.text() + &partial),
        })
    }

    /// What is asked for the next piece of an answer; `None` when this was the last.
    fn next(
        &self,
        dialect: Dialect,
        asked: &Clean,
        served: &mut Served,
        stitch: &mut Stitch<'_>,
        id: &str,
    ) -> Option<Clean> {
        let more = matches!(served.fold.finish, Some(FinishReason::Pause(_))) && self.pays(stitch, served, id);
        stitch.next(dialect, asked, served, more)
    }

    /// A further piece stays within what one request may cost, and within every budget.
    fn pays(&self, stitch: &Stitch<'_>, served: &Served, id: &str) -> bool {
        let last = served.used.cost.map_or(0, |cost| cost.amount.0);
        let spent = NanoUsd(stitch.spent().0.saturating_add(last));
        let dear = |limit: NanoUsd| {
            let next = self.client.estimate(self.route, self.intent);
            next.is_none_or(|next| next.0.saturating_add(spent.0) > limit.0)
        };
        !self.payer.limit.is_some_and(dear) && self.client.goes_on(self.route, self.intent, spent, id, self.payer)
    }

    /// How the upstream is spoken to: in the caller's own dialect wherever it is known to speak that too.
    fn dialect(&self, upstream: &Upstream) -> Dialect {
        let Way { provider, card, .. } = &**self.route;
        let usual = provider.dialect(upstream, card, self.intent);
        if self.clean.embeds() {
            return provider.embeds(upstream, usual);
        }
        let own = self.clean.origin().map(|origin| origin.dialect).filter(|own| card.dialects.contains(own));
        let steered = |own: &Dialect| *own != usual && *own == Dialect::OpenAiChat && steered(&card.id, self.intent);
        own.filter(|own| upstream.dialect.is_none() && !steered(own)).unwrap_or(usual)
    }

    /// It goes as it came.
    fn faithful(&self, clean: &Clean, dialect: Dialect, adapted: &Adapted) -> bool {
        let (model, intent) = (self.route.card.sent(), self.intent);
        clean.origin().is_some_and(|origin| origin.faithful(dialect, model, clean.request(), intent, adapted))
    }

    /// It would be asked to think within a budget, and need not be: what its body will say counts.
    fn budget(&self, clean: &Clean, dialect: Dialect, adapted: &Adapted) -> bool {
        let own = clean.origin().filter(|_| self.faithful(clean, dialect, adapted));
        let asked = own.map_or(matches!(adapted.thinking, Thinking::Budget(_)), Origin::budgeted);
        asked && !self.intent.effort.strict
    }

    /// Asks once; once more with another token when this one was refused (sign-in.md, "Refresh"), and once more
    /// without the one control that the model refused (reasoning.md, rule 8).
    async fn pieces(&self, record: &mut Record, stitch: &mut Stitch<'_>) -> Result<Served, Broke> {
        let Way { provider, card, .. } = &**self.route;
        // A token may speak another dialect than a key does.
        let upstream = &*self.route.signed();
        let dialect = self.dialect(upstream);
        let mut adapted = provider.adapt(upstream, dialect, card, self.intent);
        adapted.cut_stops |= wire(dialect).leaves(&self.clean.request().stop);
        let tag =
            Tag { upstream: upstream.name.clone(), model: card.id.clone(), account: self.route.account().to_owned() };
        // What a caller's blocks are sealed with was said in his dialect, by whoever it goes back to.
        let alike = self.clean.origin().is_some_and(|origin| origin.dialect == dialect);
        adapted.tag = (!alike).then(|| tag.clone());
        // What an answer may cost at most was worked out with the limit that stood then.
        let bound = self.client.bounded();
        let card_most = card.max_output.map_or(u32::MAX, |n| u32::try_from(n).unwrap_or(u32::MAX));
        // Nor is the limit that another program states raised for what a refusal shows.
        let raises = !bound && self.intent.asked.is_none();
        let (most, strict) = (raises.then_some(card_most), self.intent.effort.strict);
        self.client.eased.apply(self.route.named(), &mut adapted, most, strict);
        // But for what is known to be another's.
        let own = self.whose.filter(|_| alike);
        let budget = self.budget(self.clean, dialect, &adapted);
        let less = own.and_then(|whose| self.client.seals.less(whose, &tag, self.clean, &adapted, budget));
        let asked = less.as_ref().unwrap_or(self.clean);
        let mut faithful = self.faithful(asked, dialect, &adapted);
        if let (true, Some(most)) = (faithful, asked.request().max_output) {
            // In his own dialect the caller's limit counts what is thought, too.
            adapted.max_output = Some(most);
        }
        // What goes on as it came is not adapted.
        if !faithful {
            stitch.note(&adapted.notes);
        }
        let mut lease = self.lease(None, dialect, record, stitch).await?;
        let (mut renewed, mut eased) = (false, false);
        let via = self.route.via();
        let mut back = self.whose.filter(|_| !alike).and_then(|whose| self.client.seals.back(whose, &tag, asked));
        // What was thought before a call may be missing then.
        let mut lacks = self.whose.is_some() && (!alike || less.is_some());
        // What is asked in place of what was refused, and what went for it.
        let (mut again, mut tries, mut gone, mut hushed): (Option<Clean>, u8, HashSet<String>, bool) =
            Default::default();
        let mut further = match self.client.inline(back.as_ref().unwrap_or(asked), dialect, via).await {
            Ok(further) => further,
            Err(failure) => return Err(Box::pin(self.unsent(failure, dialect, record)).await),
        };
        loop {
            let clean = further.as_ref().or(again.as_ref()).or(back.as_ref()).unwrap_or(asked);
            let muted = clean.origin().is_some_and(Origin::muted);
            if lacks && bare(clean.request(), dialect, &adapted, self.budget(clean, dialect, &adapted)) {
                Ease::Thinking.apply(&mut adapted, most);
                hushed = true;
                stitch.notice(&lacking(&self.route.name(), "without thinking"));
            } else if let (true, false, Some(level)) = (lacks && muted, hushed, adapted.said()) {
                // Where a budget does not go on from that, a level does.
                hushed = true;
                stitch.notice(&lacking(&self.route.name(), &format!("at effort {level}")));
            }
            let outcome = pin!(self.once(clean, dialect, &adapted, &lease, record, stitch)).await;
            let failure = match outcome {
                Ok(mut served) => match self.next(dialect, clean, &mut served, stitch, record.id()) {
                    None => {
                        let whole = stitch.whole(served);
                        // Of the caller's own dialect only what was sealed can go astray, and calls of Anthropic's.
                        let asks = |origin: &Origin| origin.dialect == Dialect::AnthropicMessages;
                        let asks = self.clean.origin().is_some_and(asks);
                        if let Some(whose) = self.whose.filter(|_| !alike || asks || whole.fold.sealed()) {
                            let turn = whole.fold.message(None);
                            self.client.seals.keep(whose, &tag, &turn, alike);
                            if asks {
                                self.client.seals.called(whose, Some(&tag).filter(|_| !hushed), &turn, alike);
                            }
                        }
                        if let Some(whose) = self.whose {
                            self.client.seals.refuse(whose, &tag, &gone);
                        }
                        return Ok(whole);
                    }
                    Some(next) => {
                        record.trace(Step::Note("the provider paused and is asked to go on"));
                        // The last words are its own.
                        (further, adapted.no_prefill) = (Some(next), false);
                        continue;
                    }
                },
                Err(Broke::Before(failure)) => failure,
                Err(Broke::After(failure, partial)) => {
                    record.failed(&failure, "told: content had arrived");
                    return Err(Broke::After(failure, partial));
                }
            };
            if failure.kind == Kind::Unauthorized && !renewed && lease.token().is_some() {
                renewed = true;
                record.failed(&failure, "asked again with another token");
                lease = self.lease(lease.token().cloned().as_ref(), dialect, record, stitch).await?;
                continue;
            }
            if back.is_some() && refused(&failure) {
                record.failed(&failure, "asked again without what was sealed");
                back = None;
                further = self.client.inline(asked, dialect, via).await.map_err(Broke::Before)?;
                continue;
            }
            // By whom it was sealed may be forgotten: with another process, say.
            let now = again.as_ref().unwrap_or(asked);
            let said = (now, &adapted, self.budget(now, dialect, &adapted));
            let less =
                if alike && tries < 3 { self.client.seals.again(self.whose, &tag, &failure, said) } else { None };
            if let Some((less, struck)) = less {
                record.failed(&failure, "asked again without what was sealed");
                (lacks, tries) = (true, tries + 1);
                gone.extend(struck);
                if std::mem::replace(&mut faithful, self.faithful(&less, dialect, &adapted)) && !faithful {
                    stitch.note(&adapted.notes);
                }
                further = self.client.inline(&less, dialect, via).await.map_err(Broke::Before)?;
                again = Some(less);
                continue;
            }
            // What our own writer refuses, nobody was asked for.
            let said = *failure.upstream != UpstreamError::default();
            let ease = Ease::of(&failure, &adapted, self.intent.forced).filter(|_| said && !faithful);
            match ease.filter(|ease| !(eased || (strict && ease.reasoning()))) {
                Some(ease) => {
                    eased = true;
                    record.failed(&failure, "asked again without that control");
                    stitch.notice(&Notice::Note(format!(
                        "{} refused a control ({}); asking again without it",
                        self.route.name(),
                        failure.message
                    )));
                    ease.apply(&mut adapted, most);
                    // What one program's request meets says nothing of another's.
                    if self.clean.origin().is_none() {
                        self.client.eased.learn(self.route.name(), ease);
                    }
                }
                None => {
                    record.failed(&failure, "");
                    return Err(Broke::Before(failure));
                }
            }
        }
    }

    /// A failure as the user's own rules have it, free of secrets: what an upstream says may repeat what it was sent, the
    /// key too.
    fn meant(&self, mut failure: Failure) -> Failure {
        let upstream = &self.route.upstream;
        let fits = |row: &&RuleRow| row.fits(&upstream.name, &upstream.provider, &failure);
        if let Some(rule) = self.client.rules.iter().find(fits) {
            rule.apply(&mut failure);
        }
        let hide = |text: &str| self.client.redactor.hide(text);
        failure.message = hide(&failure.message);
        if let Some(blamed) = &mut failure.upstream.blamed {
            [&mut blamed.param, &mut blamed.code].into_iter().flatten().for_each(|word| *word = hide(word));
        }
        failure.upstream.refusal.iter_mut().for_each(|said| said.body = hide(&said.body));
        failure
    }

    /// A key that is good now. That there is none is an attempt too.
    async fn lease(
        &self,
        refused: Option<&Secret>,
        dialect: Dialect,
        record: &mut Record,
        listener: &mut dyn Listener,
    ) -> Result<Lease, Broke> {
        match Lease::take(self.client, self.route, refused).await {
            Ok(lease) => {
                if let Some(note) = &lease.note {
                    listener.notice(&Notice::Note(note.clone()));
                }
                Ok(lease)
            }
            Err(failure) => Err(Box::pin(self.unsent(failure, dialect, record)).await),
        }
    }

    /// An attempt that ended before anything was sent: the ledger has its row.
    async fn unsent(&self, failure: Failure, dialect: Dialect, record: &mut Record) -> Broke {
        let failure = self.meant(failure);
        let row = record.attempt(self.route, dialect.name());
        let (bytes, started_ms) = (self.intent.prompt_bytes, row.started_ms);
        let slot = record.slot(row).await.ok();
        Running::new(slot, self.client, self.route, bytes, started_ms).failed(&failure);
        record.failed(&failure, "");
        Broke::Before(failure)
    }

    async fn once(
        &self,
        clean: &Clean,
        dialect: Dialect,
        adapted: &Adapted,
        lease: &Lease,
        record: &mut Record,
        listener: &mut Stitch<'_>,
    ) -> Result<Served, Broke> {
        let Way { provider, card, .. } = &**self.route;
        let upstream = &lease.upstream;
        let request = clean.request();
        let stream = adapted.streamed(request.stream);
        let usual = provider.endpoint(upstream, dialect, card.sent(), stream);
        let origin = clean.origin().filter(|origin| origin.dialect == dialect && origin.lies(&usual));
        let patched = origin.and_then(|origin| origin.patched(card.sent(), request, self.intent, adapted, stream));
        let (own, quiet) = (patched.is_some(), patched.as_ref().is_some_and(|patched| patched.quiet));
        clean.sendable(own, self.route.named()).map_err(Broke::Before)?;
        let written = match patched {
            Some(patched) => patched.written,
            None => {
                let mut written =
                    wire(dialect).write_request(card.sent(), request, adapted, stream).map_err(Broke::Before)?;
                written.losses.extend(clean.unread().iter().cloned());
                written
            }
        };
        // That no call can be demanded is told by whoever adapted the request.
        for loss in record.news(written.losses).into_iter().filter(|loss| *loss != Loss::Forced) {
            listener.notice(&Notice::Note(format!("{}: {}", dialect.name(), loss.sentence())));
        }
        let outgoing = Outgoing {
            url: clean.address(own, usual).map_err(Broke::Before)?,
            headers: origin
                .filter(|_| own)
                .map_or(&[][..], Origin::headers)
                .iter()
                // Where the version stands in the body, it stands nowhere else.
                .filter(|(name, _)| adapted.versioned.is_none() || name != "anthropic-version")
                .fold(provider.sign(upstream, dialect, lease.key.as_ref()), |headers, (name, value)| {
                    also(headers, name, value)
                }),
            body: Some(written.body),
            carriage: Carriage::of(dialect, stream, self.until),
            via: self.route.via().clone(),
        };
        let limits = self.client.limits.of(&outgoing.via);
        let row = record.attempt(self.route, dialect.name());
        let started_ms = row.started_ms;
        // The ledger row is on disk before the first byte goes to the caller; the wait for the upstream hides its cost.
        let mut running = Running::new(None, self.client, self.route, self.intent.prompt_bytes, started_ms).goes();
        let noted = async {
            let slot = record.slot(row).await.map_err(|error| error.to_string())?;
            let doubt = slot.doubt().map(ToString::to_string);
            running.takes(slot);
            doubt.map_or(Ok(()), Err)
        };
        let (sent, noted) = tokio::join!(self.client.line.send(outgoing, limits), noted);
        if let Some(error) = noted.err().filter(|_| record.unrecorded.is_none()) {
            listener.notice(&Notice::Note(format!("this attempt is not recorded: {error}")));
            record.unrecorded = Some(error);
        }
        // What goes as it came is what was asked.
        let passed = self.intent.effort.budget.filter(|n| *n > 0 && self.faithful(clean, dialect, adapted));
        running.sent = passed.map(|tokens| tokens.to_string()).or_else(|| adapted.said());
        let failed = |mut running: Running, failure: Failure| {
            let failure = self.meant(failure);
            running.failed(&failure);
            Broke::Before(failure)
        };
        let incoming = match sent {
            Ok(incoming) => incoming,
            Err(failure) => return Err(failed(running, failure)),
        };
        running.status = Some(incoming.head.status);
        running.upstream_id = incoming.head.id().map(|id| self.client.redactor.hide(id));
        let limits = super::quota::learn(self.client, self.route, &incoming.head);
        if !incoming.ok() {
            let now_s = self.client.clock.now().as_second();
            let head = incoming.head.clone();
            let body = incoming.error_body().await;
            let who = provider.called(&self.route.upstream);
            return Err(failed(running, provider.classify(who, dialect, &head, &body, now_s)));
        }
        let mut ends = self.ends.clone();
        // A bucket that this answer emptied is not asked again before it is full; of several, the last to be full counts.
        let emptied = limits.into_iter().filter_map(|l| Some((l.reset.filter(|_| l.remaining == Some(0))?, l)));
        if let Some((reset, limit)) = emptied.max_by_key(|(reset, _)| *reset) {
            let now_ms = self.client.clock.millis();
            let key = self.route.shared_keys()[usize::from(limit.wide)].clone();
            ends.retain(|k| *k != key);
            self.client.empty(key, reset, &limit.what, self.route.named(), now_ms);
        }
        let mut raw = own && listener.forwards();
        let events = match incoming.events(dialect, written.names) {
            Ok(mut events) => {
                if clean.embeds() {
                    events = events.read_by(vectors::read);
                }
                raw = raw && events.forwarded(request.stream, dialect, quiet);
                listener.forwarding(raw);
                events
            }
            Err(failure) => return Err(failed(running, failure)),
        };
        listener.veiled(Veil::of(self.clean, dialect, adapted));
        let cut = (adapted.cut_stops && !own).then(|| Cut::at(&request.stop)).flatten();
        let think = (adapted.tagged && !raw).then(Think::default);
        // Whoever waits gets the answer before the time is up.
        let deadline = self.until.and_then(|until| until.checked_sub(Duration::from_secs(1)));
        let events = Thoughts::new(events, think, cut, deadline);
        let mut running = pin!(self.read(events, running, &ends, listener)).await?;
        record.trace(Step::Committed { at_ms: running.began(), since_ms: started_ms });
        let used = running.done();
        let sent = running.sent.take();
        Ok(Served { fold: std::mem::take(&mut running.fold), used, sent, tag: adapted.tag.clone() })
    }

    /// Reads to the end. Handshake events are held back until content comes: that is the commit point.
    async fn read(
        &self,
        mut events: Thoughts,
        mut running: Running,
        ends: &[String],
        listener: &mut Stitch<'_>,
    ) -> Result<Running, Broke> {
        let (mut held, mut kept): (Vec<Item>, usize) = (Vec::new(), 0);
        let mut committed = listener.begun();
        let mut awake = false;
        let mut given = pin!(OptionFuture::from(self.hold.map(tokio::time::sleep)));
        loop {
            while committed && listener.full() {
                tokio::task::yield_now().await;
            }
            let next = tokio::select! {
                biased;
                next = events.next() => next,
                // A caller that forwards what comes has waited long enough for a head; from here on a failure is told
                // inside the answer.
                _ = &mut given, if self.hold.is_some() && !committed && !held.is_empty() => {
                    committed = true;
                    held.drain(..).for_each(|item| tell(listener, &item));
                    continue;
                }
            };
            match next {
                None => {
                    running.left = events.left;
                    break;
                }
                // Nothing of it went out yet: it comes with its first bytes.
                Some(Ok(Item::Anew)) => listener.forwarding(false),
                Some(Ok(Item::Raw(bytes))) => {
                    kept = kept.saturating_add(bytes.len());
                    held.push(Item::Raw(bytes));
                    // Whoever forwards what comes is not made to wait for more of it than this.
                    committed |= kept > HELD_BYTES && self.hold.is_some();
                    if committed {
                        held.drain(..).for_each(|item| tell(listener, &item));
                    }
                }
                Some(Ok(Item::Event(event))) => {
                    if let Event::Start { id, .. } = &event
                        && running.upstream_id.is_none()
                        && !id.is_empty()
                    {
                        running.upstream_id = Some(self.client.redactor.hide(id));
                    }
                    running.fold.push(&event);
                    if let Some(FinishReason::Other(word)) = &mut running.fold.finish {
                        *word = self.client.redactor.hide(word);
                    }
                    if event.is_content() && !awake {
                        awake = true;
                        running.content();
                        ends.iter().for_each(|key| self.client.store.wake(key));
                    }
                    if event.is_content() && !committed {
                        committed = true;
                        held.drain(..).for_each(|item| tell(listener, &item));
                    }
                    if committed {
                        listener.event(&event);
                    } else if held.len() < HELD {
                        held.push(Item::Event(event));
                    } else if self.hold.is_some() {
                        // Nothing of it may be missing for whoever forwards it.
                        committed = true;
                        held.drain(..).for_each(|item| tell(listener, &item));
                        listener.event(&event);
                    }
                }
                Some(Err(failure)) => {
                    let now_s = self.client.clock.now().as_second();
                    let failure = self.meant(self.route.provider.inside(failure, now_s));
                    running.failed(&failure);
                    let partial = running.fold.text();
                    return Err(if committed { Broke::After(failure, partial) } else { Broke::Before(failure) });
                }
            }
        }
        if matches!(running.fold.finish, Some(FinishReason::Pause(_))) {
            // Nothing is missing where it goes on.
            held.drain(..).for_each(|item| tell(listener, &item));
            return Ok(running);
        }
        // A call of a tool that nobody offered is no answer either.
        let request = self.clean.request();
        let strange = self.clean.origin().is_none() && request.tools.is_empty() && request.extras.is_empty();
        let strange = strange && running.fold.only_calls();
        // What a program is told of its own model's end is for it to judge.
        let ended = self.clean.origin().is_some() && running.fold.finish.is_some();
        if (running.fold.has_content() && !strange) || listener.has_content() || ended {
            held.drain(..).for_each(|item| tell(listener, &item));
            return Ok(running);
        }
        // A clean end without a word is no answer.
        let failure = match running.fold.finish {
            Some(FinishReason::Length) => Failure::new(
                Kind::Broken,
                Scope::Model,
                "the output limit was used up before any text came: ask for less effort or a larger limit",
            ),
            Some(FinishReason::Refused) => Failure::new(Kind::Refused, Scope::Request, "the model refused to answer"),
            _ => Failure::new(Kind::Broken, Scope::Model, "the answer was empty"),
        };
        let failure = self.meant(failure);
        running.failed(&failure);
        Err(if committed { Broke::After(failure, String::new()) } else { Broke::Before(failure) })
    }
}

fn tell(listener: &mut Stitch<'_>, item: &Item) {
    match item {
        Item::Event(event) => listener.event(event),
        Item::Raw(bytes) => listener.raw(bytes),
        Item::Anew => {}
    }
}

/// The headers with one of the caller's: his word goes before ours, and lists of both are one.
pub(super) fn also(mut headers: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    match headers.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
        Some((_, own)) if name.ends_with("-beta") => {
            let all = own.split(',').chain(value.split(',')).map(str::trim).filter(|one| !one.is_empty());
            let mut list: Vec<&str> = Vec::new();
            all.for_each(|one| {
                if !list.contains(&one) {
                    list.push(one)
                }
            });
            *own = list.join(",");
        }
        Some((_, own)) => value.clone_into(own),
        None => headers.push((name.to_owned(), value.to_owned())),
    }
    headers
}

/// More events than this before any content are no handshake. Whoever forwards them gets them from here on; for others
/// further ones are not kept.
const HELD: usize = 256;
/// And so are more bytes than these.
const HELD_BYTES: usize = 1 << 20;
