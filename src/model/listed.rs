//! What a provider's own listing says of a model: everything may be missing.

use serde::{Deserialize, Serialize};

use super::{Control, Effort, ModelCard, Prices};

/// More tokens than this are no window (tokens).
const WIDEST: u64 = 100_000_000;

/// One model as its provider lists it; what is not said stays as it was known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Listed {
    /// Model id as sent on the wire.
    pub id: String,
    /// Window in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Output limit in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// Function tools work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Images are understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<bool>,
    /// PDF documents are understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<bool>,
    /// A JSON Schema for the answer is honoured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structured: Option<bool>,
    /// Temperature and top_p are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<bool>,
    /// How its reasoning is controlled; `None` of [`Control`] says that it does not reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// Levels it takes; empty = not said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub efforts: Vec<Effort>,
    /// How "off" is spelled; empty = it cannot be switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<String>,
    /// Parameters, all of a mixture's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<u64>,
    /// Last day it is served, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown: Option<String>,
}

impl Listed {
    /// A model of which nothing but its name is said.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// A number of tokens that may be one: not zero, and no more than any window has.
    #[must_use]
    pub fn tokens(number: Option<u64>) -> Option<u64> {
        number.filter(|n| (1..=WIDEST).contains(n))
    }

    /// Parameters as servers write them, `494M` or `1.5B`.
    #[must_use]
    pub fn size(text: &str) -> Option<u64> {
        let text = text.trim();
        let unit: f64 = match text.chars().next_back()? {
            'K' | 'k' => 1e3,
            'M' | 'm' => 1e6,
            'B' | 'b' => 1e9,
            'T' | 't' => 1e12,
            _ => return None,
        };
        let number = &text[..text.len() - 1];
        let digits = number.bytes().all(|b| b.is_ascii_digit() || b == b'.') && number.len() <= 8;
        let size = number.parse::<f64>().ok().filter(|_| digits)? * unit;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // of at most eight digits, and positive
        (size >= 1.0).then_some(size as u64)
    }

    /// With what another answer says of the same model, where this one says nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            id: self.id,
            context: self.context.or(other.context),
            max_output: self.max_output.or(other.max_output),
            prices: self.prices.or(other.prices),
            tools: self.tools.or(other.tools),
            images: self.images.or(other.images),
            documents: self.documents.or(other.documents),
            structured: self.structured.or(other.structured),
            sampling: self.sampling.or(other.sampling),
            control: self.control.or(other.control),
            efforts: if self.efforts.is_empty() { other.efforts } else { self.efforts },
            off: self.off.or(other.off),
            parameters: self.parameters.or(other.parameters),
            shutdown: self.shutdown.or(other.shutdown),
        }
    }

    /// Sets the abilities that are said; windows and prices are the catalog's business.
    pub fn describe(&self, card: &mut ModelCard) {
        for (said, known) in [
            (self.tools, &mut card.tools),
            (self.images, &mut card.images),
            (self.documents, &mut card.documents),
            (self.structured, &mut card.structured),
            (self.sampling, &mut card.sampling),
        ] {
            *known = said.or(*known);
        }
        let reasoning = &mut card.reasoning;
        match self.control {
            Some(Control::None) => *reasoning = super::Reasoning::default(),
            // That it reasons is known better where its control is.
            Some(Control::Unmapped) if reasoning.control != Control::None => {}
            Some(control) => reasoning.control = control,
            None => {}
        }
        if !self.efforts.is_empty() && reasoning.control != Control::None {
            reasoning.efforts.clone_from(&self.efforts);
            reasoning.default_effort = reasoning.default_effort.filter(|level| self.efforts.contains(level));
        }
        if let Some(off) = &self.off {
            reasoning.off = Some(off.clone()).filter(|off| !off.is_empty());
            reasoning.always_on = off.is_empty();
        }
        card.parameters = self.parameters.or(card.parameters);
        if self.shutdown.is_some() {
            card.shutdown.clone_from(&self.shutdown);
        }
    }
}
