//! What documented endpoints say of an account's money and use: data, no input or output. Read only, asked on demand,
//! and never a private endpoint.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Upstream;
use super::amount::scaled;
use super::compatible::{versioned, with_query};
use crate::model::Dialect;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Which key an endpoint takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// The one that calls are made with.
    Key,
    /// An administrator's, with which no calls are made.
    Admin,
}

/// One endpoint.
#[derive(Clone, Copy)]
pub struct Balance {
    /// What is asked, for people: `GET /key`.
    pub source: &'static str,
    /// With which key.
    pub opens: Opens,
    /// Its full address; the second is now, seconds since 1970.
    pub url: fn(&Upstream, i64) -> String,
    /// What its answer says; `None` when it is not what the document promises.
    pub read: fn(&[u8], i64) -> Option<Vec<Reading>>,
    /// The one to ask next, where the answer says that this key may.
    pub then: Option<Then>,
}

/// Whether the answer says that the key may ask on, and where.
pub type Then = (fn(&[u8]) -> bool, &'static Balance);

impl std::fmt::Debug for Balance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.source)
    }
}

/// One number of such an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reading {
    /// `balance`, `credits`, `spent this month`, …
    pub what: String,
    /// `requests`, `tokens`, or a currency, whose numbers are billionths: `usd`, `cny`.
    pub unit: String,
    /// What was used; `None` = not said.
    pub used: Option<u64>,
    /// What is left; `None` = not said.
    pub left: Option<u64>,
    /// The ceiling; `None` = none, or not said.
    pub ceiling: Option<u64>,
    /// When it is full again, milliseconds since 1970.
    pub reset_ms: Option<i64>,
    /// What goes with it, without numbers.
    pub note: Option<String>,
    /// The provider says that no calls are served from it.
    pub barred: bool,
}

impl Reading {
    fn new(what: &str, unit: &str) -> Self {
        Self { what: what.to_owned(), unit: unit.to_owned(), ..Self::default() }
    }
}

/// The endpoints of a provider, by its id.
pub(super) const fn of(id: &str) -> &'static [Balance] {
    match id.as_bytes() {
        b"openrouter" => OPENROUTER,
        b"deepseek" => DEEPSEEK,
        b"openai" => OPENAI,
        b"anthropic" => ANTHROPIC,
        _ => &[],
    }
}

/// openrouter.md; credits only with a management key.
static OPENROUTER: &[Balance] = &[Balance {
    source: "GET /key",
    opens: Opens::Key,
    url: |upstream, _| below(upstream, "key"),
    read: openrouter_key,
    then: Some((openrouter_manages, &OPENROUTER_CREDITS)),
}];

static OPENROUTER_CREDITS: Balance = Balance {
    source: "GET /credits",
    opens: Opens::Key,
    url: |upstream, _| below(upstream, "credits"),
    read: openrouter_credits,
    then: None,
};

/// deepseek.md.
static DEEPSEEK: &[Balance] = &[Balance {
    source: "GET /user/balance",
    opens: Opens::Key,
    url: |upstream, _| {
        let base = upstream.base_url.trim_end_matches("/beta").trim_end_matches("/v1");
        with_query(&format!("{base}/user/balance"), &upstream.query)
    },
    read: deepseek_balance,
    then: None,
}];

/// A month of days is one page of both.
static OPENAI: &[Balance] = &[Balance {
    source: "GET /organization/costs",
    opens: Opens::Admin,
    url: |upstream, now| {
        below(upstream, &format!("organization/costs?start_time={}&bucket_width=1d&limit=31", month(now)))
    },
    read: openai_costs,
    then: None,
}];

static ANTHROPIC: &[Balance] = &[
    Balance {
        source: "GET /organizations/cost_report",
        opens: Opens::Admin,
        url: |upstream, now| anthropic(upstream, "cost_report", now),
        read: anthropic_costs,
        then: None,
    },
    Balance {
        source: "GET /organizations/usage_report/messages",
        opens: Opens::Admin,
        url: |upstream, now| anthropic(upstream, "usage_report/messages", now),
        read: anthropic_usage,
        then: None,
    },
];

fn below(upstream: &Upstream, path: &str) -> String {
    with_query(&format!("{}/{path}", upstream.base_url), &upstream.query)
}

fn anthropic(upstream: &Upstream, path: &str, now: i64) -> String {
    let since = Timestamp::from_second(month(now)).unwrap_or(Timestamp::UNIX_EPOCH);
    let path = format!("organizations/{path}?starting_at={since}&bucket_width=1d&limit=31");
    with_query(&versioned(&upstream.base_url, Some(Dialect::AnthropicMessages), &path), &upstream.query)
}

fn openrouter_key(body: &[u8], now: i64) -> Option<Vec<Reading>> {
    let data = serde_json::from_slice::<Value>(body).ok()?.get("data")?.clone();
    data.get("usage")?;
    let mut out = Vec::new();
    let ceiling = nano(&data["limit"], 9);
    let note = match (data["is_free_tier"].as_bool(), ceiling) {
        (Some(true), _) => Some("free tier".to_owned()),
        (_, None) if data["limit"].is_null() => Some("this key has no limit of its own".to_owned()),
        _ => None,
    };
    out.push(Reading {
        left: nano(&data["limit_remaining"], 9),
        ceiling,
        used: nano(&data["usage"], 9),
        reset_ms: data["limit_reset"].as_str().and_then(|every| next(every, now)),
        note,
        ..Reading::new("key limit", "usd")
    });
    for (field, what) in [
        ("usage_daily", "spent today (UTC)"),
        ("usage_weekly", "spent this week (UTC)"),
        ("usage_monthly", "spent this month (UTC)"),
    ] {
        let used = nano(&data[field], 9);
        out.extend(used.map(|used| Reading { used: Some(used), ..Reading::new(what, "usd") }));
    }
    let free = &data["free_model_daily_requests"];
    if free.is_object() {
        let count = |field: &str| free[field].as_u64();
        out.push(Reading {
            used: count("used"),
            left: count("remaining"),
            ceiling: count("limit"),
            reset_ms: next("daily", now),
            ..Reading::new("free models", "requests")
        });
    }
    Some(out)
}

fn openrouter_manages(body: &[u8]) -> bool {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    ["is_management_key", "is_provisioning_key"].iter().any(|field| said["data"][field].as_bool() == Some(true))
}

fn openrouter_credits(body: &[u8], _: i64) -> Option<Vec<Reading>> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let (total, used) = (nano(&said["data"]["total_credits"], 9)?, nano(&said["data"]["total_usage"], 9)?);
    let left = Some(total.saturating_sub(used));
    Some(vec![Reading { used: Some(used), left, ceiling: Some(total), ..Reading::new("credits", "usd") }])
}

fn deepseek_balance(body: &[u8], _: i64) -> Option<Vec<Reading>> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let barred = !said["is_available"].as_bool()?;
    let one = |info: &Value| {
        let unit = currency(&info["currency"])?;
        Some(Reading { left: nano(&info["total_balance"], 9), barred, ..Reading::new("balance", &unit) })
    };
    said["balance_infos"].as_array()?.iter().map(one).collect()
}

fn openai_costs(body: &[u8], _: i64) -> Option<Vec<Reading>> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let amount =
        |result: &Value| Some((currency(&result["amount"]["currency"])?, nano(&result["amount"]["value"], 9)?));
    spent(&said, amount)
}

/// Anthropic states amounts in the smallest coin, as decimal strings.
fn anthropic_costs(body: &[u8], _: i64) -> Option<Vec<Reading>> {
    let said: Value = serde_json::from_slice(body).ok()?;
    spent(&said, |result| Some((currency(&result["currency"])?, nano(&result["amount"], 7)?)))
}

/// The sum of all buckets of a month, by currency; a result that cannot be read makes it unknown and not less.
fn spent(said: &Value, amount: impl Fn(&Value) -> Option<(String, u64)>) -> Option<Vec<Reading>> {
    let mut sums: Vec<(String, u64)> = Vec::new();
    for bucket in said["data"].as_array()? {
        for result in bucket["results"].as_array()? {
            let (unit, nano) = amount(result)?;
            match sums.iter_mut().find(|(there, _)| *there == unit) {
                Some((_, sum)) => *sum = sum.saturating_add(nano),
                None => sums.push((unit, nano)),
            }
        }
    }
    if sums.is_empty() {
        sums.push(("usd".to_owned(), 0));
    }
    let note = more(said);
    let reading = |(unit, sum): (String, u64)| Reading {
        used: Some(sum),
        note: note.clone(),
        ..Reading::new("spent this month by the organisation (UTC)", &unit)
    };
    Some(sums.into_iter().map(reading).collect())
}

fn anthropic_usage(body: &[u8], _: i64) -> Option<Vec<Reading>> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let (mut input, mut output) = (0_u64, 0_u64);
    for bucket in said["data"].as_array()? {
        for result in bucket["results"].as_array()? {
            let written = &result["cache_creation"];
            let parts = [
                &result["uncached_input_tokens"],
                &result["cache_read_input_tokens"],
                &written["ephemeral_1h_input_tokens"],
                &written["ephemeral_5m_input_tokens"],
            ];
            input = parts.iter().filter_map(|v| v.as_u64()).fold(input, u64::saturating_add);
            output = output.saturating_add(result["output_tokens"].as_u64()?);
        }
    }
    let reading = |what: &str, used| Reading { used: Some(used), note: more(&said), ..Reading::new(what, "tokens") };
    Some(vec![
        reading("input this month by the organisation (UTC)", input),
        reading("output this month by the organisation (UTC)", output),
    ])
}

/// A page that is not the last makes a sum the least it can be.
fn more(said: &Value) -> Option<String> {
    (said["has_more"].as_bool() == Some(true)).then(|| "at least: there is more than one page".to_owned())
}

fn currency(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| text.to_ascii_lowercase())
}

/// An amount as billionths when `places` is nine; below zero is nothing left.
fn nano(value: &Value, places: usize) -> Option<u64> {
    scaled(value, places).map(|amount| u64::try_from(amount).unwrap_or(0))
}

/// When something that is full every so often is full again, milliseconds since 1970: days, weeks from Monday and
/// months begin at midnight UTC.
fn next(every: &str, now: i64) -> Option<i64> {
    let day = now.div_euclid(DAY);
    let at = match every {
        "daily" => (day + 1) * DAY,
        // The first day of all was a Thursday.
        "weekly" => (day - (day + 3).rem_euclid(7) + 7) * DAY,
        "monthly" => month(month(now) + 32 * DAY),
        _ => return None,
    };
    at.checked_mul(1_000)
}

/// When the month began, seconds since 1970.
fn month(now: i64) -> i64 {
    let begun = Timestamp::from_second(now).map(|t| t.strftime("%Y-%m-01T00:00:00Z").to_string());
    begun.ok().and_then(|t| t.parse::<Timestamp>().ok()).map_or(0, Timestamp::as_second)
}
