//! Files as the dialects spell them: data URLs, plain text, base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Block, Dialect, Source};

/// `data:image/png;base64,AAAA` as data, plain text as text, and every other address as an address.
pub(super) fn from_url(url: &str) -> Source {
    let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(','));
    match inline.and_then(|(head, data)| Some((head.strip_suffix(";base64")?, data))) {
        Some((media_type, data)) => from_data(media_type, data),
        None => Source::Url(url.to_owned()),
    }
}

/// Bytes with their media type; plain text in UTF-8 as text.
pub(super) fn from_data(media_type: &str, data: &str) -> Source {
    let source = Source::data(media_type, data);
    if media_type == "text/plain"
        && let Some(text) = plain_text(&source)
    {
        return Source::Text(text);
    }
    source
}

/// The text of a file that is text.
pub(super) fn plain_text(source: &Source) -> Option<String> {
    match source {
        Source::Text(text) => Some(text.clone()),
        Source::Data { media_type, data } if media_type.starts_with("text/") || media_type == "application/json" => {
            String::from_utf8(STANDARD.decode(data).ok()?).ok()
        }
        Source::Data { .. } | Source::Url(_) | Source::File { .. } => None,
    }
}

/// Media type and base64 of a file whose bytes are here.
pub(super) fn bytes(source: &Source) -> Option<(String, String)> {
    match source {
        Source::Data { media_type, data } => Some((media_type.clone(), data.clone())),
        Source::Text(text) => Some(("text/plain".to_owned(), STANDARD.encode(text))),
        Source::Url(_) | Source::File { .. } => None,
    }
}

/// The address of a file that is here, or lies at one.
pub(super) fn to_url(source: &Source) -> Option<String> {
    match source {
        Source::Url(url) => Some(url.clone()),
        _ => bytes(source).map(|(media_type, data)| format!("data:{media_type};base64,{data}")),
    }
}

/// A document that is told as a text.
pub(super) fn titled(text: &str, name: Option<&String>) -> String {
    name.map_or_else(|| text.to_owned(), |name| format!("{name}:\n{text}"))
}

/// A file of an answer, which does not stay in it where an answer holds words alone; texts are words there.
pub(super) fn apart(block: &Block, dialect: Dialect) -> bool {
    match block {
        Block::Image { .. } => true,
        Block::Document { source, .. } => match dialect {
            Dialect::OpenAiChat => plain_text(source).is_none(),
            Dialect::XaiGrpc => !matches!(source, Source::Text(_)),
            _ => true,
        },
        _ => false,
    }
}
