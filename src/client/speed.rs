//! How fast a model was seen to read its prompt: what a deadline allows to be asked.

use super::Client;
use super::route::Route;
use crate::store::HistoryFilter;

/// Calls looked at, newest first.
const LOOKED_AT: usize = 40;
/// What a model on this machine is trusted with before it was measured (prompt tokens a second).
const UNMEASURED_LOCAL: f64 = 150.0;

impl Client {
    /// Prompt tokens a second, the median of recent calls of this route; a cautious guess for an unmeasured
    /// local model; `None` for a hosted one, which reads faster than anybody waits.
    #[must_use]
    pub fn speed(&self, route: &Route) -> Option<f64> {
        // The wait for a hosted model is mostly the network's: as a reading speed it would starve the next prompt.
        if !route.local() {
            return None;
        }
        let filter = HistoryFilter { limit: LOOKED_AT, ..HistoryFilter::default() };
        let mut speeds: Vec<f64> = self
            .store
            .history(&filter)
            .unwrap_or_default()
            .iter()
            .flat_map(|row| &row.attempts)
            .filter(|a| a.upstream == route.upstream.name && a.model == route.card.id)
            .filter_map(|a| {
                let (usage, _) = a.usage?;
                let wait = a.first_content_ms?.saturating_sub(a.started_ms);
                // A prompt that came from the cache says nothing about reading.
                let read = usage.prompt().saturating_sub(usage.cache_read);
                #[allow(clippy::cast_precision_loss)]
                (wait >= 100 && read >= 100).then(|| read as f64 * 1000.0 / wait as f64)
            })
            .collect();
        speeds.sort_by(f64::total_cmp);
        speeds.get(speeds.len() / 2).copied().or(Some(UNMEASURED_LOCAL))
    }
}
