//! What calibrating models showed: figures, no content.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};

/// One model's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalibrationRow {
    /// `upstream/model`.
    pub model: String,
    /// The version of the prompt it was asked with: with another, the result says nothing.
    pub prompt: String,
    /// Milliseconds since 1970.
    pub made_ms: i64,
    /// Figures, as JSON.
    pub result: String,
}

impl Store {
    /// Keeps a model's result; the newest counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn calibrated(&self, row: CalibrationRow) -> Result<(), StoreError> {
        self.writer.now(move |c| {
            c.execute(
                "INSERT OR REPLACE INTO calibration (model, prompt, made_ms, result) VALUES (?1, ?2, ?3, ?4)",
                params![row.model, row.prompt, row.made_ms, row.result],
            )
            .map(drop)
        })
    }

    /// A model's result.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn calibration(&self, model: &str) -> Result<Option<CalibrationRow>, StoreError> {
        let model = model.to_owned();
        self.writer.read(move |c| {
            c.prepare_cached("SELECT model, prompt, made_ms, result FROM calibration WHERE model = ?1")?
                .query_row([&model], |r| {
                    Ok(CalibrationRow { model: r.get(0)?, prompt: r.get(1)?, made_ms: r.get(2)?, result: r.get(3)? })
                })
                .optional()
        })
    }
}
