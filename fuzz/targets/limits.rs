//! Headers and balances from anybody: every counter once, within bounds, and never a panic.
#![no_main]

use http::{HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use monster::providers::{Head, all, provider};

const MONTH: u64 = 31 * 86_400;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let status = if data.len().is_multiple_of(2) { 200 } else { 429 };
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?))
    };
    let head = Head { status, headers: text.lines().filter_map(header).collect() };
    let now = 1_795_330_800;
    let limits = provider("openai").map(|p| p.limits(&head, now)).unwrap_or_default();
    let mut names: Vec<String> = limits.iter().map(|l| l.name()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), limits.len(), "each once");
    for limit in &limits {
        assert!(limit.limit.is_some() || limit.remaining.is_some(), "nothing is no counter");
        assert!(limit.limit.zip(limit.remaining).is_none_or(|(most, left)| left <= most), "no more than there is");
        assert!(limit.reset.is_none_or(|d| d.as_secs() <= MONTH), "not longer than a month");
    }
    for balance in all().iter().flat_map(|p| p.balances()) {
        let said = (balance.read)(data, now).unwrap_or_default();
        assert!(said.iter().all(|r| r.left.is_none_or(|n| i64::try_from(n).is_ok())));
    }
});
