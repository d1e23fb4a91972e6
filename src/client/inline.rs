//! Step: files at addresses that a dialect cannot carry are fetched, and sent as bytes (translation.md, "Content"). What is
//! fetched was named by whoever asks, or by a conversation: only public https addresses are asked, and only pictures and
//! PDFs are taken, in which secrets are not looked for in any case.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::{Duration, timeout};
use url::Url;

use super::Client;
use super::clean::Clean;
use super::transport::Outgoing;
use crate::model::{Block, Dialect, Failure, Kind, Message, Request, Scope, Source, Via};
use crate::wire::fetched;

/// A larger file is not fetched (bytes).
const FILE: usize = 20 << 20;
/// More addresses than this in one request are not asked.
const FILES: usize = 16;
/// All of them have so long.
const WAIT: Duration = Duration::from_secs(60);
/// How often one sends on to another.
const HOPS: usize = 3;
/// What is taken.
const TYPES: [&str; 7] =
    ["application/pdf", "image/gif", "image/heic", "image/heif", "image/jpeg", "image/png", "image/webp"];

impl Client {
    /// The request with the files in it that its dialect cannot name; `None` when there are none. They are asked over the
    /// proxy of whose call it is.
    ///
    /// # Errors
    /// `BadRequest` of the model: another may take the address as it is.
    pub(super) async fn inline(&self, clean: &Clean, dialect: Dialect, via: &Via) -> Result<Option<Clean>, Failure> {
        let named = addresses(clean.request(), dialect);
        if named.is_empty() {
            return Ok(None);
        }
        let refused = |why: String| Failure::new(Kind::BadRequest, Scope::Model, why);
        if named.len() > FILES {
            return Err(refused(format!(
                "it names {} files by their addresses; at most {FILES} are fetched",
                named.len()
            )));
        }
        let via = Via { public: true, ..via.clone() };
        let mut files = HashMap::new();
        let all = async {
            for address in named {
                let file = self.file(&address, &via).await.map_err(|why| {
                    // Queries may hold keys.
                    let shown = address.split(['?', '#']).next().unwrap_or_default();
                    refused(format!("the file at {shown} cannot be fetched for it: {why}"))
                })?;
                files.insert(address, file);
            }
            Ok(())
        };
        Box::pin(timeout(WAIT, all))
            .await
            .map_err(|_| refused("the files that it names did not come in time".to_owned()))??;
        Ok(Some(clean.with_files(dialect, &files)))
    }

    async fn file(&self, address: &str, via: &Via) -> Result<Source, String> {
        let mut url = Url::parse(address).map_err(|_| "it is no address".to_owned())?;
        for _ in 0..=HOPS {
            if url.scheme() != "https" || !url.username().is_empty() || url.password().is_some() {
                return Err("only https addresses without a password are asked".to_owned());
            }
            let outgoing = Outgoing::get(url.to_string(), Vec::new()).via(via);
            let incoming = self.line.send(outgoing, self.limits.of(via)).await.map_err(|f| f.message)?;
            let head = &incoming.head;
            if let (300..=399, Some(next)) = (head.status, head.get("location")) {
                url = url.join(next).map_err(|_| "it sends on to no address".to_owned())?;
                continue;
            }
            if !incoming.ok() {
                return Err(format!("the server answered with HTTP {}", head.status));
            }
            let said = head.get("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
            let said = said.trim().to_ascii_lowercase();
            if !TYPES.contains(&said.as_str()) {
                return Err(format!("it is \"{said}\": only pictures and PDFs are taken"));
            }
            let bytes = incoming.at_most(FILE).await.map_err(|failure| failure.message)?;
            return Ok(Source::data(said, STANDARD.encode(bytes)));
        }
        Err("it is sent on too often".to_owned())
    }
}

/// Addresses of files that this dialect cannot carry, each once.
fn addresses(request: &Request, dialect: Dialect) -> Vec<String> {
    let mut out = Vec::new();
    request.messages.iter().flat_map(|message| &message.blocks).for_each(|block| named(block, dialect, &mut out));
    out
}

fn named(block: &Block, dialect: Dialect, out: &mut Vec<String>) {
    if let Block::ToolResult { parts, .. } = block {
        parts.iter().for_each(|part| named(part, dialect, out));
    } else if let Some(url) = fetched(dialect, block).filter(|url| out.iter().all(|known| known != url)) {
        out.push(url.to_owned());
    }
}

/// Puts files in the place of their addresses.
pub(super) fn replace(messages: &mut [Message], dialect: Dialect, files: &HashMap<String, Source>) {
    messages.iter_mut().flat_map(|message| &mut message.blocks).for_each(|block| put(block, dialect, files));
}

fn put(block: &mut Block, dialect: Dialect, files: &HashMap<String, Source>) {
    let file = fetched(dialect, block).and_then(|url| files.get(url)).cloned();
    match (block, file) {
        (Block::ToolResult { parts, .. }, _) => parts.iter_mut().for_each(|part| put(part, dialect, files)),
        (Block::Image { source, .. } | Block::Document { source, .. }, Some(file)) => *source = file,
        _ => {}
    }
}
