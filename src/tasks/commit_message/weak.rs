//! Models that write one good line and no more.

use crate::client::Route;

/// Models of up to so many parameters are asked for the subject alone (thousands of millions). Measured with one of
/// 1.5: rules had the type right more often than any prompt, and the model had the more specific subject.
const WEAK: f64 = 4.0;
/// Windows of up to so many tokens hold a subject's worth of a change.
const WINDOW: u64 = 4_096;

/// Whether this model is asked for one line. What the user says of it stands over what its server lists, and that over
/// its name.
pub(super) fn weak(route: &Route) -> bool {
    route.card.weak.unwrap_or_else(|| {
        let window = route.window().is_some_and(by_window);
        window || route.card.parameters.map_or_else(|| by_name(&route.card.id), by_parameters)
    })
}

#[allow(clippy::cast_precision_loss)] // a size within a fraction of itself
fn by_parameters(parameters: u64) -> bool {
    parameters as f64 / 1e9 <= WEAK
}

/// Whether a model's name says that it is small: `qwen2.5-coder:1.5b`, `Llama-3.2-1B-Instruct`, `smollm2:135m`.
fn by_name(model: &str) -> bool {
    size(model).is_some_and(|size| size <= WEAK)
}

/// Whether a window of so many tokens is small.
const fn by_window(tokens: u64) -> bool {
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
        for small in ["qwen2.5-coder:1.5b", "Llama-3.2-1B-Instruct", "smollm2:135m", "gemma3n:e4b", "phi-3.8b-q4"] {
            assert!(by_name(small), "{small}");
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
            assert!(!by_name(other), "{other}");
        }
    }
}
