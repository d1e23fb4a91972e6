//! The user's own rows, lists of models from elsewhere, and what is made of both: nothing panics, nothing is free that
//! nobody called free, and what is kept is read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::catalog::{Catalog, Feed, Overlay, When, most, price, read_feed};
use monster::model::{Service, Usage};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut catalog = Catalog::embedded().clone();
    if let Ok((format, models)) = read_feed(data, &|provider| provider.len() < 12) {
        let at = "2026-11-24T10:30:00Z".parse().expect("a time");
        let mut feed = Feed::new(format, "https://example.org", at, String::new(), models);
        let all = feed.models.len();
        let verdict = feed.judge(&catalog, None);
        assert_eq!(feed.models.len() + verdict.left_out.len(), all, "what is left out is told");
        assert_eq!(Feed::parse(feed.text().as_bytes()).as_ref(), Ok(&feed));
        catalog = catalog.with_feed(&feed);
    }
    if let Ok(feed) = Feed::parse(data) {
        catalog = catalog.with_feed(&feed);
    }
    match Overlay::parse("models.toml", &text, "2026-11-20") {
        Ok(overlay) => catalog = catalog.with_overlay(&overlay),
        Err(error) => assert!(error.line >= 1 && error.line <= text.matches('\n').count() + 1),
    }
    let second = i64::from(u32::from_le_bytes([7, data.first().copied().unwrap_or(0), data.len() as u8, 100]));
    let at = jiff::Timestamp::from_second(second).expect("a time");
    let usage = Usage { input: data.len() as u64, cache_read: 3, output: 5, ..Usage::default() };
    for card in catalog.all() {
        assert!(catalog.card(&card.provider, &card.id).is_some());
        for service in [None, Some(Service::Batch), Some(Service::Fast), Some(Service::Other)] {
            let cost = price(card, &usage, &When { at, service });
            let told = card.local || card.prices.is_some() || !card.dated.is_empty();
            assert!(told || cost.is_none(), "an unknown price is never free");
        }
        assert!(most(card, &Usage::default()).is_none_or(|cost| cost.0 == 0));
    }
});
