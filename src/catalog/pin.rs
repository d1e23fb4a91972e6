//! Names that pin a model to the day it was made: `-2024-08-06` (OpenAI) and `-20251001` (Anthropic, OpenRouter).

/// The name without its date; `None` when it ends in none.
#[must_use]
pub(super) fn unpinned(model: &str) -> Option<&str> {
    [11, 9].into_iter().find_map(|length| {
        let cut = model.len().checked_sub(length).filter(|at| *at > 0 && model.is_char_boundary(*at))?;
        let (name, date) = model.split_at(cut);
        let date = date.strip_prefix('-')?;
        let shape: &[usize] = if length == 11 { &[4, 2, 2] } else { &[8] };
        let parts: Vec<&str> = date.split('-').collect();
        let fits = parts.len() == shape.len()
            && parts.iter().zip(shape).all(|(p, n)| p.len() == *n && p.bytes().all(|b| b.is_ascii_digit()));
        let day: u32 = if fits { parts.concat().parse().ok()? } else { return None };
        let (year, month, day) = (i16::try_from(day / 10_000).ok()?, day / 100 % 100, day % 100);
        let day = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        (2000..2100).contains(&day.year()).then_some(name)
    })
}
