//! How large a model is, as its name says it: small ones are asked for less and believed less.

/// Models of up to so many parameters are small (thousands of millions). Measured with one of 1.5: rules had the type of
/// a commit right more often than any prompt, and no review prompt beat chance.
const SMALL: f64 = 4.0;
/// Windows of up to so many tokens hold a line's worth of a change.
const WINDOW: u64 = 4_096;

/// Whether a model's name says that it is small: `qwen2.5-coder:1.5b`, `Llama-3.2-1B-Instruct`, `smollm2:135m`. `None`
/// when it says no size.
#[must_use]
pub fn small(model: &str) -> Option<bool> {
    size(model).map(|size| size <= SMALL)
}

/// Whether a model of so many parameters is small.
#[must_use]
#[allow(clippy::cast_precision_loss)] // a size within a fraction of itself
pub fn few(parameters: u64) -> bool {
    parameters as f64 / 1e9 <= SMALL
}

/// Whether a window of so many tokens is small.
#[must_use]
pub const fn narrow(tokens: u64) -> bool {
    tokens <= WINDOW
}

/// Parameters in thousands of millions, as the name says them; of a mixture, all of them.
fn size(model: &str) -> Option<f64> {
    model.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).find_map(|part| {
        let part = part.to_ascii_lowercase();
        let (number, unit) = match (part.strip_suffix('b'), part.strip_suffix('m')) {
            (Some(number), _) => (number, 1.0),
            (_, Some(number)) => (number, 0.001),
            _ => return None,
        };
        // Gemma's `e4b` tells what runs, not what there is.
        let number = number.strip_prefix('e').unwrap_or(number);
        let digits =
            number.starts_with(|c: char| c.is_ascii_digit()) && number.chars().all(|c| c.is_ascii_digit() || c == '.');
        number.parse::<f64>().ok().filter(|_| digits).map(|n| n * unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_large_a_model_is() {
        for name in ["qwen2.5-coder:1.5b", "Llama-3.2-1B-Instruct", "smollm2:135m", "gemma3n:e4b", "phi-3.8b-q4"] {
            assert_eq!(small(name), Some(true), "{name}");
        }
        for other in [
            "gpt-4.1-mini",
            "claude-haiku-4-5",
            "qwen3:30b-a3b",
            "mixtral-8x7b",
            "llama3.1:8b",
            "deepseek-v4-flash",
            "b",
            "1e9b",
        ] {
            assert_ne!(small(other), Some(true), "{other}");
        }
    }
}
