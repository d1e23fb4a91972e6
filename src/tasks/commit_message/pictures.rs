//! The pictures that subjects begin with, as gitmoji names them, and the types that they stand for.

use super::Wish;
use crate::tasks::offline::message::emoji;

/// A picture, its name between colons, and the types that it may stand for; of several the first is meant.
type Picture = (&'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const PICTURES: [Picture; 58] = [
    ("✨", "sparkles", &["feat"]),
    ("🐛", "bug", &["fix"]),
    ("📝", "memo", &["docs"]),
    ("✅", "white_check_mark", &["test"]),
    ("📦", "package", &["build"]),
    ("👷", "construction_worker", &["ci"]),
    ("⚡", "zap", &["perf"]),
    ("♻️", "recycle", &["refactor"]),
    ("🎨", "art", &["style", "refactor"]),
    ("⏪", "rewind", &["revert"]),
    ("🔧", "wrench", &["chore", "build", "ci"]),
    ("🔥", "fire", &["refactor", "chore"]),
    ("🚑", "ambulance", &["fix"]),
    ("🚀", "rocket", &["chore", "ci"]),
    ("💄", "lipstick", &["style", "feat", "fix"]),
    ("🎉", "tada", &["chore", "feat"]),
    ("🔒", "lock", &["fix"]),
    ("🔐", "closed_lock_with_key", &["chore"]),
    ("🔖", "bookmark", &["chore"]),
    ("🚨", "rotating_light", &["style", "fix", "refactor"]),
    ("💚", "green_heart", &["ci", "fix"]),
    ("⬇", "arrow_down", &["build", "chore"]),
    ("⬆", "arrow_up", &["build", "chore"]),
    ("📌", "pushpin", &["build", "chore"]),
    ("📈", "chart_with_upwards_trend", &["feat"]),
    ("➕", "heavy_plus_sign", &["build", "chore"]),
    ("➖", "heavy_minus_sign", &["build", "chore"]),
    ("🔨", "hammer", &["chore", "build"]),
    ("🌐", "globe_with_meridians", &["feat", "fix"]),
    ("✏", "pencil2", &["docs", "fix", "style"]),
    ("👽", "alien", &["fix", "refactor"]),
    ("🚚", "truck", &["refactor"]),
    ("📄", "page_facing_up", &["docs", "chore"]),
    ("🍱", "bento", &["chore", "feat"]),
    ("♿", "wheelchair", &["feat", "fix"]),
    ("💡", "bulb", &["docs"]),
    ("💬", "speech_balloon", &["fix", "feat", "docs"]),
    ("🗃", "card_file_box", &["feat", "fix", "refactor"]),
    ("🔊", "loud_sound", &["feat", "chore"]),
    ("🔇", "mute", &["refactor", "chore"]),
    ("👥", "busts_in_silhouette", &["docs"]),
    ("🚸", "children_crossing", &["feat", "fix"]),
    ("🏗", "building_construction", &["refactor"]),
    ("📱", "iphone", &["feat", "style"]),
    ("🤡", "clown_face", &["test"]),
    ("🙈", "see_no_evil", &["chore"]),
    ("📸", "camera_flash", &["test"]),
    ("🔍", "mag", &["feat", "fix"]),
    ("🏷", "label", &["refactor", "feat", "fix"]),
    ("🚩", "triangular_flag_on_post", &["feat", "refactor"]),
    ("🥅", "goal_net", &["fix", "feat"]),
    ("💫", "dizzy", &["feat", "style"]),
    ("🗑", "wastebasket", &["refactor"]),
    ("🛂", "passport_control", &["feat", "fix"]),
    ("🩹", "adhesive_bandage", &["fix"]),
    ("⚰", "coffin", &["refactor"]),
    ("🧪", "test_tube", &["test"]),
    (BREAKING.0, BREAKING.1, &[]),
];

/// What stands in front of a change that breaks its users, whatever else it is.
const BREAKING: (&str, &str) = ("💥", "boom");
/// Asks for a picture in colours, and may be left out.
const COLOURED: char = '\u{fe0f}';

/// A picture at the beginning of a subject, and what stands behind it.
pub(super) fn first(subject: &str) -> Option<(&str, &str)> {
    let named = subject.strip_prefix(':').and_then(|rest| rest.split_once(':'));
    let named = named.filter(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(c))
    });
    let end = match named {
        Some((name, _)) => name.len() + 2,
        None => subject.find(|c: char| c.is_ascii() || c.is_alphanumeric()).unwrap_or(subject.len()),
    };
    let (picture, rest) = subject.split_at_checked(end)?;
    (!picture.is_empty() && !rest.trim().is_empty()).then(|| (picture, rest.trim_start()))
}

/// Without the picture, or its `:name:`, that stands before a subject.
pub(super) fn without(subject: &str) -> &str {
    first(subject).map_or(subject, |(_, rest)| rest)
}

/// The row of a picture, or of its name between colons.
fn row(picture: &str) -> Option<&'static Picture> {
    let bare = |glyph: &str| glyph.trim_end_matches(COLOURED).to_owned();
    let name = picture.trim_matches(':');
    PICTURES.iter().find(|(glyph, known, _)| *known == name || bare(glyph) == bare(picture))
}

/// Whether a subject begins with a picture that no recent subject here has.
pub(super) fn ornament(wish: &Wish<'_>, subject: &str) -> bool {
    let own = first(subject).map(|(picture, _)| picture).filter(|picture| row(picture).is_some());
    own.is_some_and(|own| !wish.recent.iter().any(|one| one.contains(own)))
}

/// The types that a model's picture stands for.
pub(super) fn meant(subject: &str) -> &'static [&'static str] {
    first(subject).and_then(|(picture, _)| row(picture)).map_or(&[], |(_, _, types)| types)
}

/// A glyph as this repository writes it: itself, or by its name.
pub(super) fn written(wish: &Wish<'_>, glyph: &str) -> String {
    match row(glyph).filter(|_| wish.habits.named_pictures) {
        Some((_, name, _)) => format!(":{name}:"),
        None => glyph.to_owned(),
    }
}

/// The picture of a type as this repository writes it.
pub(super) fn of_type(wish: &Wish<'_>, type_: &str) -> String {
    written(wish, if wish.declares() { BREAKING.0 } else { emoji(type_) })
}

/// The picture that a message of this type has: a model's own where it stands for that, else the one of the type. Where
/// no type is known, a picture that nobody can name stays where history has it, too.
pub(super) fn chosen(wish: &Wish<'_>, subject: &str, type_: Option<&str>) -> Option<String> {
    let own = first(subject).map(|(picture, _)| picture);
    let known = own.and_then(row).filter(|(.., types)| !wish.declares() && !types.is_empty());
    let of_history = || own.filter(|own| wish.recent.iter().any(|one| one.starts_with(own))).map(str::to_owned);
    match (known, type_) {
        (Some((glyph, _, types)), Some(type_)) if types.contains(&type_) => Some(written(wish, glyph)),
        (Some((glyph, ..)), None) => Some(written(wish, glyph)),
        (_, Some(type_)) => Some(of_type(wish, type_)),
        (None, None) if wish.declares() => Some(written(wish, BREAKING.0)),
        (None, None) => of_history(),
    }
}

/// Whether a subject shows by its picture that it breaks its users.
#[must_use]
pub fn breaks(subject: &str) -> bool {
    first(subject).and_then(|(picture, _)| row(picture)).is_some_and(|(glyph, ..)| *glyph == BREAKING.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_from_words() {
        for (subject, told) in [
            ("✨ Add paging", Some(("✨", "Add paging"))),
            ("♻️ tidy up", Some(("♻️", "tidy up"))),
            ("✨add paging", Some(("✨", "add paging"))),
            (":bug: count", Some((":bug:", "count"))),
            (":bug:count", Some((":bug:", "count"))),
            ("ändere das", None),
            (": odd", None),
            (":a b: odd", None),
            ("count: odd", None),
            ("✨", None),
            ("", None),
        ] {
            assert_eq!(first(subject), told, "{subject}");
        }
        assert_eq!((without("✨ Add paging"), without("add")), ("Add paging", "add"));
    }

    #[test]
    fn pictures_stand_for_types_with_and_without_colours() {
        for (subject, types) in [
            ("⚡️ count once", &["perf"][..]),
            ("⚡ count once", &["perf"]),
            (":zap: count once", &["perf"]),
            ("🦀 count once", &[]),
            ("💥 count once", &[]),
        ] {
            assert_eq!(meant(subject), types, "{subject}");
        }
        assert!(breaks("💥 count once") && breaks(":boom: count once") && !breaks("✨ count once"));
        let mut seen = std::collections::BTreeSet::new();
        assert!(PICTURES.iter().all(|(glyph, name, _)| seen.insert(*glyph) && seen.insert(*name)));
        for type_ in super::super::TYPES {
            let (.., types) = row(emoji(type_)).unwrap();
            assert_eq!(types.first(), Some(&type_), "the rules' own picture stands for its type");
        }
    }
}
