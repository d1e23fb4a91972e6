//! Which lists of models there are: the embedded one, a fetched one in the state folder and what providers listed to the
//! user's accounts beside it, the user's own rows beside the settings. What cannot be read is told and left out: no list is worth failing a command for.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Context;
use crate::catalog::{Catalog, Feed, Listings, Overlay};
use crate::world::files;

/// A list larger than this is no list, fetched or kept (bytes); those of today have three million.
pub(super) const LARGEST: usize = 16 << 20;
/// The user's rows are written by hand (bytes).
const LARGEST_OWN: u64 = 1 << 20;

/// Where a fetched list is kept.
pub(super) fn kept(state: &Path) -> PathBuf {
    state.join("models.json")
}

/// Where the list before it is kept.
pub(super) fn previous(state: &Path) -> PathBuf {
    state.join("models.previous.json")
}

/// Where it is kept what providers listed to accounts.
pub(super) fn listings(state: &Path) -> PathBuf {
    state.join("models.listed.json")
}

/// The user's own rows.
fn own(context: &Context) -> Option<PathBuf> {
    Some(context.env.config_dir()?.join("models.toml"))
}

/// All lists, one above the other. Where there is but the embedded one, nothing is copied.
pub(in crate::commands) fn in_use(context: &Context) -> &'static Catalog {
    let (feed, listed, overlay) = (fetched(context), listed(context), overlay(context));
    if feed.is_none() && listed.is_none() && overlay.is_none() {
        return Catalog::embedded();
    }
    let mut catalog = match feed {
        Some(feed) => Catalog::embedded().clone().with_feed(&feed),
        None => Catalog::embedded().clone(),
    };
    if let Some(listed) = listed {
        catalog = catalog.with_listings(&listed);
    }
    if let Some(overlay) = overlay {
        catalog = catalog.with_overlay(&overlay);
    }
    // One a process, for as long as it runs.
    Box::leak(Box::new(catalog))
}

/// The list that was fetched last, if it can be read.
pub(super) fn fetched(context: &Context) -> Option<Feed> {
    let path = kept(&context.env.state_dir()?);
    let why = match files::read_own(&path, LARGEST as u64) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return None,
        Err(error) => error.to_string(),
        Ok(bytes) => match Feed::parse(&bytes) {
            Ok(feed) => return Some(feed),
            Err(error) => error.to_string(),
        },
    };
    context.ui.warn_once(&format!("the fetched list of models, {}, is not used: {why}", path.display()));
    context.ui.hint("fetch it again with: monster models update");
    None
}

/// What providers listed to accounts, if it can be read.
pub(super) fn listed(context: &Context) -> Option<Listings> {
    let path = listings(&context.env.state_dir()?);
    let why = match files::read_own(&path, LARGEST as u64) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return None,
        Err(error) => error.to_string(),
        Ok(bytes) => match Listings::parse(&bytes) {
            Ok(listings) => return Some(listings),
            Err(error) => error.to_string(),
        },
    };
    context.ui.warn_once(&format!("what providers listed to your accounts, {}, is not used: {why}", path.display()));
    context.ui.hint("ask them again with: monster models update --accounts");
    None
}

/// The user's rows, if they can be read.
fn overlay(context: &Context) -> Option<Overlay> {
    let path = own(context)?;
    let why = match files::read_bounded(&path, LARGEST_OWN) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return None,
        Err(error) => error.to_string(),
        Ok(bytes) => match String::from_utf8(bytes) {
            Err(_) => "it is not UTF-8 text".to_owned(),
            Ok(text) => match Overlay::parse("models.toml", &text, &day(&path)) {
                Ok(overlay) => return Some(overlay),
                Err(error) => error.to_string(),
            },
        },
    };
    context.ui.warn_once(&format!("your rows for models and prices are not used: {why}"));
    context.ui.hint(&format!("mend {}", path.display()));
    None
}

/// The day a file was last changed.
fn day(path: &Path) -> String {
    let changed = std::fs::metadata(path).and_then(|m| m.modified()).ok();
    let at = changed.and_then(|t| jiff::Timestamp::try_from(t).ok()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d").to_string()
}
