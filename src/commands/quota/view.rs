//! What is known of each account, judged: one computed value for every number, with its source and when it was seen.

use crate::client::next_try;
use crate::providers::Reading;
use crate::store::{AHEAD, CoolDown, LimitRow, PurseRow, TicketRow, VendorRow};

/// Fewer percents than this are few.
const LOW: u64 = 10;
/// A counter without a stated reset says nothing any more after this (ms).
const OLD: i64 = 3_600_000;
/// What an endpoint said is asked for again after this (ms).
pub(super) const FRESH: i64 = 600_000;

/// How long ago something was seen (ms); `None` when it lies in the future, because the clock was set back since.
pub(super) const fn age(now_ms: i64, seen_ms: i64) -> Option<i64> {
    match now_ms.saturating_sub(seen_ms) {
        age if age >= 0 => Some(age),
        age if age >= -AHEAD => Some(0),
        _ => None,
    }
}

/// Whether it was seen longer ago than `most`, or nobody knows how long ago.
fn older(now_ms: i64, seen_ms: i64, most: i64) -> bool {
    age(now_ms, seen_ms).is_none_or(|age| age > most)
}

/// How an account stands, whatever its counters say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    Ready,
    /// An administrator's key: no calls are made with it.
    Admin,
    Disabled,
    SignedOut,
    /// The sealed file could not be opened, and may hold it.
    Locked,
}

/// An account that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub upstream: String,
    pub account: String,
    pub stands: Stands,
}

/// Everything that is to be judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// When they were read, milliseconds since 1970.
    pub read_ms: i64,
    pub accounts: Vec<Known>,
    pub limits: Vec<LimitRow>,
    pub cools: Vec<CoolDown>,
    /// Requests that wait, of all processes.
    pub tickets: Vec<TicketRow>,
    pub vendors: Vec<VendorRow>,
    pub purses: Vec<PurseRow>,
    /// `upstream/account` and the organisation.
    pub organizations: Vec<(String, String)>,
}

impl Facts {
    /// Nothing is new but the time of reading.
    pub(super) fn same(&self, other: &Self) -> bool {
        Self { read_ms: other.read_ms, ..self.clone() } == *other
    }
}

/// What is wrong, or worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing is left.
    Empty,
    /// Little is left.
    Low,
    /// It rests after a refusal.
    Parked,
    SignedOut,
    Disabled,
    Locked,
    /// An endpoint did not say.
    Refused,
    /// The provider says that the balance serves no calls.
    Barred,
    /// The number is too old to be believed.
    Stale,
    /// Nothing was ever said.
    Unknown,
}

impl Check {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Low => "low",
            Self::Parked => "parked",
            Self::SignedOut => "signed out",
            Self::Disabled => "disabled",
            Self::Locked => "locked",
            Self::Refused => "refused",
            Self::Barred => "not available",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }

    /// Something must happen before calls go through, or a number cannot be had.
    pub(super) const fn bad(self) -> bool {
        matches!(self, Self::Empty | Self::Parked | Self::SignedOut | Self::Locked | Self::Refused | Self::Barred)
    }
}

/// Who said a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Header,
    Error,
    Vendor,
    Ledger,
    Queue,
}

impl Source {
    pub(super) const ALL: [Self; 5] = [Self::Header, Self::Error, Self::Vendor, Self::Ledger, Self::Queue];

    pub(super) const fn letter(self) -> &'static str {
        match self {
            Self::Header => "H",
            Self::Error => "E",
            Self::Vendor => "V",
            Self::Ledger => "L",
            Self::Queue => "Q",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Header => "header of an answer",
            Self::Error => "error of a call",
            Self::Vendor => "the provider's endpoint",
            Self::Ledger => "ledger on this machine",
            Self::Queue => "requests that wait on this machine",
        }
    }
}

/// A source and when it spoke, milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub source: Source,
    pub at_ms: i64,
    /// Which endpoint or route.
    pub detail: String,
}

/// How much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Amount {
    /// What is left, if that is known.
    Left { left: Option<u64>, used: Option<u64>, ceiling: Option<u64>, unit: String },
    /// The window has ended since: it should be full.
    Full { ceiling: Option<u64>, unit: String },
    /// What was used; `None` = not priced.
    Used { used: Option<u64>, unit: String },
    /// No number, but a reason.
    Words(String),
}

/// Until when it is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// Milliseconds since 1970.
    At(i64),
    /// Over since then, and nobody has looked.
    Over(i64),
    /// It has an end that is not known.
    Unknown,
    /// It has none.
    None,
}

/// One number or reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub what: String,
    pub model: Option<String>,
    pub amount: Amount,
    pub until: Until,
    /// When a request may try before that.
    pub next_try: Option<i64>,
    pub note: Option<String>,
    pub seen: Option<Seen>,
    pub check: Option<Check>,
}

impl Line {
    /// Whole percents left, where a ceiling is known: the one value that is shown and compared.
    pub(super) fn percent(&self) -> Option<u64> {
        match &self.amount {
            Amount::Left { left: Some(left), ceiling: Some(ceiling), .. } => percent(*left, *ceiling),
            _ => None,
        }
    }
}

/// Never over a hundred, and nothing only where nothing is left.
fn percent(left: u64, ceiling: u64) -> Option<u64> {
    let share = (u128::from(left) * 100).checked_div(u128::from(ceiling))?;
    u64::try_from(share).ok().map(|share| share.clamp(u64::from(left > 0), 100))
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lane {
    pub upstream: String,
    pub account: String,
    pub stands: Stands,
    pub lines: Vec<Line>,
    /// Accounts of the same organisation: what one uses the others lack.
    pub shares: Vec<String>,
}

impl Lane {
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.upstream, self.account)
    }

    /// What is wrong with it, the account's own standing first.
    pub(super) fn checks(&self) -> Vec<Check> {
        let own = match self.stands {
            Stands::Ready | Stands::Admin => None,
            Stands::Disabled => Some(Check::Disabled),
            Stands::SignedOut => Some(Check::SignedOut),
            Stands::Locked => Some(Check::Locked),
        };
        let mut out: Vec<Check> = own.into_iter().collect();
        for check in self.lines.iter().filter_map(|l| l.check) {
            if !out.contains(&check) {
                out.push(check);
            }
        }
        out
    }

    /// One word.
    pub(super) fn state(&self) -> &'static str {
        let parked = |l: &&Line| l.check == Some(Check::Parked);
        match self.stands {
            Stands::Locked => "locked",
            Stands::Disabled => "disabled",
            Stands::SignedOut => "signed out",
            Stands::Admin => "for quota only",
            Stands::Ready if self.lines.iter().filter(parked).any(|l| l.model.is_none()) => "parked",
            Stands::Ready if self.lines.iter().any(|l| parked(&l)) => "partly parked",
            Stands::Ready => "ready",
        }
    }
}

/// Judges everything, in the order of the accounts.
pub(super) fn judge(facts: &Facts, now_ms: i64) -> Vec<Lane> {
    facts.accounts.iter().map(|known| lane(facts, known, now_ms)).collect()
}

fn lane(facts: &Facts, known: &Known, now_ms: i64) -> Lane {
    let Known { upstream, account, stands } = known;
    let mine = |u: &str, a: &str| u == upstream && a == account;
    let mut lines: Vec<Line> = facts.cools.iter().filter_map(|c| parked(c, known, now_ms)).collect();
    lines.extend(waiting(&facts.tickets, known, facts.read_ms));
    for row in facts.vendors.iter().filter(|r| mine(&r.upstream, &r.account)) {
        lines.extend(vendor(row, now_ms));
    }
    lines.extend(facts.limits.iter().filter(|r| mine(&r.upstream, &r.account)).map(|row| counter(row, now_ms)));
    if lines.is_empty() && *stands != Stands::Admin {
        lines.push(unknown("limits", "no answer has stated any yet"));
    } else if lines.is_empty() {
        lines.push(unknown("spent by the organisation", "its endpoint was not asked yet"));
    }
    lines.extend(facts.purses.iter().filter(|r| mine(&r.upstream, &r.account)).map(|row| spent(row, facts.read_ms)));
    let name = format!("{upstream}/{account}");
    let organization = facts.organizations.iter().find(|(who, _)| *who == name).map(|(_, org)| org);
    let same = |known: &Known| {
        let other = format!("{}/{}", known.upstream, known.account);
        let shares = known.upstream == *upstream && known.account != *account;
        let org = facts.organizations.iter().find(|(who, _)| *who == other).map(|(_, org)| org);
        (shares && org.is_some() && org == organization).then(|| known.account.clone())
    };
    let shares = facts.accounts.iter().filter_map(same).collect();
    Lane { upstream: upstream.clone(), account: account.clone(), stands: stands.clone(), lines, shares }
}

fn unknown(what: &str, why: &str) -> Line {
    Line {
        what: what.to_owned(),
        model: None,
        amount: Amount::Words(format!("unknown: {why}")),
        until: Until::None,
        next_try: None,
        note: None,
        seen: None,
        check: Some(Check::Unknown),
    }
}

/// A cool-down, if it covers this account or a model of it.
fn parked(cool: &CoolDown, known: &Known, now_ms: i64) -> Option<Line> {
    let Known { upstream, account, .. } = known;
    let model = cool.key.strip_prefix(&format!("model:{upstream}/{account}/")).map(str::to_owned);
    let whole = cool.key == format!("account:{upstream}/{account}");
    let wide = cool.key == format!("provider:{upstream}");
    if (model.is_none() && !whole && !wide) || cool.until_ms <= now_ms {
        return None;
    }
    // A success whose headers said that nothing is left is no error.
    let source = if cool.cause.ends_with("until the window ends") { Source::Header } else { Source::Error };
    let what = match (cool.waits, wide) {
        (true, true) => "parked (everybody's)",
        (true, false) => "parked",
        // Nobody waits for money: it is asked last, and once in a while.
        (false, _) => "asked last",
    };
    Some(Line {
        what: what.to_owned(),
        model,
        amount: Amount::Words(cool.cause.clone()),
        until: Until::At(cool.until_ms),
        next_try: next_try(cool, now_ms),
        note: None,
        seen: Some(Seen { source, at_ms: cool.set_ms, detail: cool.source.clone() }),
        check: Some(Check::Parked),
    })
}

/// The requests that wait for this account, if any do.
fn waiting(tickets: &[TicketRow], known: &Known, read_ms: i64) -> Option<Line> {
    let Known { upstream, account, .. } = known;
    let (model, whole) = (format!("model:{upstream}/{account}/"), format!("account:{upstream}/{account}"));
    let ours = |t: &&TicketRow| t.keys.iter().any(|key| key.starts_with(&model) || *key == whole);
    let all: Vec<&TicketRow> = tickets.iter().filter(ours).collect();
    let wakes = all.iter().filter_map(|t| t.wakes_ms).min();
    let names: Vec<String> = all.iter().map(|t| format!("{} {}", t.purpose, t.request_id)).collect();
    let many = if all.len() == 1 { "1 request waits".to_owned() } else { format!("{} requests wait", all.len()) };
    (!all.is_empty()).then(|| Line {
        what: "in line".to_owned(),
        model: None,
        amount: Amount::Words(format!("{many}: {}", names.join(", "))),
        until: wakes.map_or(Until::Unknown, Until::At),
        next_try: None,
        note: None,
        seen: Some(Seen { source: Source::Queue, at_ms: read_ms, detail: String::new() }),
        check: None,
    })
}

/// A counter of headers.
fn counter(row: &LimitRow, now_ms: i64) -> Line {
    let source = if row.source == "error" { Source::Error } else { Source::Header };
    let until = row.reset_ms.map_or(Until::Unknown, |at| if at > now_ms { Until::At(at) } else { Until::Over(at) });
    let unit = row.unit.clone();
    let amount = match until {
        Until::Over(_) => Amount::Full { ceiling: row.ceiling, unit },
        _ => {
            let left = row.remaining.map(|n| row.ceiling.map_or(n, |ceiling| n.min(ceiling)));
            Amount::Left { left, used: None, ceiling: row.ceiling, unit }
        }
    };
    let mut line = Line {
        what: row.what.clone(),
        model: Some(row.model.clone()).filter(|m| !m.is_empty()),
        amount,
        until,
        next_try: None,
        note: None,
        seen: Some(Seen { source, at_ms: row.seen_ms, detail: String::new() }),
        check: None,
    };
    let old = until == Until::Unknown && older(now_ms, row.seen_ms, OLD);
    line.check = if old { Some(Check::Stale) } else { level(&line) };
    line
}

fn level(line: &Line) -> Option<Check> {
    match (&line.amount, line.percent()) {
        (Amount::Left { left: Some(0), .. }, _) => Some(Check::Empty),
        (_, Some(percent)) if percent < LOW => Some(Check::Low),
        _ => None,
    }
}

/// What an endpoint said, and that it did not.
fn vendor(row: &VendorRow, now_ms: i64) -> Vec<Line> {
    let seen = |at_ms| Some(Seen { source: Source::Vendor, at_ms, detail: row.source.clone() });
    let refused = row.failure.as_ref().map(|why| Line {
        what: row.source.clone(),
        model: None,
        amount: Amount::Words(why.clone()),
        until: Until::None,
        next_try: None,
        note: None,
        seen: seen(row.asked_ms),
        check: Some(Check::Refused),
    });
    let said = row.said.iter().flat_map(|(said, at)| {
        let readings: Vec<Reading> = serde_json::from_str(said).unwrap_or_default();
        readings.into_iter().map(|reading| (reading, *at))
    });
    refused
        .into_iter()
        .chain(said.map(|(reading, at_ms)| {
            let until = match reading.reset_ms {
                Some(at) if at > now_ms => Until::At(at),
                Some(at) => Until::Over(at),
                None => Until::None,
            };
            let Reading { left, used, ceiling, unit, .. } = reading;
            let amount = match (left.is_some() || ceiling.is_some(), until) {
                (true, Until::Over(_)) => Amount::Full { ceiling, unit },
                (true, _) => Amount::Left { left, used, ceiling, unit },
                // A key without a limit has no rest.
                (false, _) if used.is_some() => Amount::Used { used, unit },
                (false, _) => Amount::Left { left, used, ceiling, unit },
            };
            let mut line = Line {
                what: reading.what,
                model: None,
                amount,
                until,
                next_try: None,
                note: reading.note,
                seen: seen(at_ms),
                check: None,
            };
            line.check = match () {
                () if reading.barred => Some(Check::Barred),
                () if older(now_ms, at_ms, FRESH) => Some(Check::Stale),
                () => level(&line),
            };
            line
        }))
        .collect()
}

/// What our own ledger says of today.
fn spent(row: &PurseRow, read_ms: i64) -> Line {
    let requests = crate::commands::show::counted(usize::try_from(row.attempts).unwrap_or(usize::MAX), "request");
    let unpriced = if row.unpriced > 0 && row.cost.is_some() {
        format!(", {} of them unpriced", row.unpriced)
    } else {
        String::new()
    };
    Line {
        what: "spent today".to_owned(),
        model: None,
        amount: Amount::Used { used: row.cost.map(|c| c.0), unit: "usd".to_owned() },
        until: Until::None,
        next_try: None,
        note: Some(format!("{requests}{unpriced}")),
        seen: Some(Seen { source: Source::Ledger, at_ms: read_ms, detail: String::new() }),
        check: None,
    }
}

/// When something may be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Next {
    /// `upstream/account`, and a model where it alone is in question.
    pub name: String,
    /// Milliseconds since 1970; `None` = not known.
    pub at_ms: Option<i64>,
    /// It can be used now.
    pub open: bool,
    pub seen: Option<Seen>,
}

/// What can be used now and when the rest can, the soonest first; what is not known stands last and without a time.
pub(super) fn timeline(lanes: &[Lane], now_ms: i64) -> Vec<Next> {
    let mut out = Vec::new();
    for lane in lanes.iter().filter(|l| l.stands == Stands::Ready) {
        let holds = |l: &&Line| matches!(l.check, Some(Check::Parked | Check::Empty | Check::Barred));
        let (models, whole): (Vec<&Line>, Vec<&Line>) =
            lane.lines.iter().filter(holds).partition(|l| l.model.is_some());
        // Only what providers said, and lately, tells of capacity; what we spent does not.
        let tells = |l: &&Line| !matches!(l.check, Some(Check::Refused | Check::Stale));
        let said = lane.lines.iter().filter(tells).filter_map(|l| l.seen.clone());
        let newest = said.filter(|s| s.source != Source::Ledger).max_by_key(|s| s.at_ms);
        out.push(match ends(&whole) {
            Some((at_ms, seen)) => Next { name: lane.name(), at_ms, open: false, seen },
            None => {
                let (at_ms, open) = (newest.as_ref().map(|_| now_ms), newest.is_some());
                Next { name: lane.name(), at_ms, open, seen: newest }
            }
        });
        let mut named: Vec<&String> = models.iter().filter_map(|l| l.model.as_ref()).collect();
        named.sort_unstable();
        named.dedup();
        for model in named {
            let own: Vec<&Line> = models.iter().copied().filter(|l| l.model.as_ref() == Some(model)).collect();
            if let Some((at_ms, seen)) = ends(&own) {
                out.push(Next { name: format!("{} {model}", lane.name()), at_ms, open: false, seen });
            }
        }
    }
    out.sort_by_key(|next| (next.at_ms.is_none(), next.at_ms));
    out
}

/// When all of these are over, and who said so; no time when one of them has no end.
fn ends(lines: &[&Line]) -> Option<(Option<i64>, Option<Seen>)> {
    let end = |l: &&Line| if let Until::At(at) = l.until { Some(at) } else { None };
    let last = lines.iter().copied().max_by_key(|l| end(l).unwrap_or(i64::MAX))?;
    Some((end(&last), last.seen.clone()))
}
