//! Amounts as providers write them, to the digit: never through a float, in which a tenth is none.

use serde_json::Value;

/// A number or a text that is one, times ten to the power of `places`, cut there; `None` for what is none, and for what
/// no amount reaches.
pub(super) fn scaled(value: &Value, places: usize) -> Option<i64> {
    match value {
        Value::String(text) => decimal(text.trim(), places),
        Value::Number(number) => decimal(&number.to_string(), places),
        _ => None,
    }
}

fn decimal(text: &str, places: usize) -> Option<i64> {
    let (below_zero, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (digits, exponent) =
        text.split_once(['e', 'E']).map_or(Some((text, 0)), |(d, e)| Some((d, e.parse::<i32>().ok()?)))?;
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !plain(whole) || !plain(part) || digits.len() > 60 {
        return None;
    }
    // The point moves to behind the last digit that counts.
    let place = i32::try_from(whole.len() + places).ok()?.checked_add(exponent)?;
    let all: String = [whole, part].concat();
    let kept: String = match usize::try_from(place) {
        Ok(place) if place <= 60 => all.chars().chain(std::iter::repeat('0')).take(place).collect(),
        Ok(_) => return None,
        Err(_) => String::new(),
    };
    let kept = kept.trim_start_matches('0');
    let number: i64 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
    Some(if below_zero { -number } else { number })
}
