//! What was written, so that it can be taken back: one private file in the state folder. It holds no key, only digests.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::world::files;

/// What was written, by tool.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    schema: String,
    /// By the tool's name.
    pub tools: BTreeMap<String, Vec<Written>>,
    /// The models that were asked for, by the tool's name.
    #[serde(default)]
    pub models: BTreeMap<String, String>,
}

/// One file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Written {
    /// Where it lies; links are followed.
    pub path: PathBuf,
    /// The user's original; `None` = there was none.
    pub backup: Option<PathBuf>,
    /// The original's permission bits.
    pub mode: Option<u32>,
    /// The digest of what we wrote.
    pub after: String,
    /// The user changed it between two of our writes: the original as a whole is no way back.
    pub mixed: bool,
    /// Folders that we made for it, the innermost last.
    pub folders: Vec<PathBuf>,
    /// Our settings, and the digest of each one's value.
    pub keys: Vec<(Vec<String>, String)>,
}

const SCHEMA: &str = "monster.setup.record/1";
const LARGEST: u64 = 1 << 20;

impl Record {
    /// Reads it; empty where there is none.
    ///
    /// # Errors
    /// Exit 1 when it is there and cannot be read: without it nothing could be taken back.
    pub(super) fn load(context: &Context) -> Result<Self, CommandError> {
        let path = path(context)?;
        let bad = |error: &dyn std::error::Error| {
            CommandError::of(Exit::Failed, error)
                .hint(format!("what was set up is written down in {}; move it away to begin anew", path.display()))
        };
        match files::read_private(&path, LARGEST) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| bad(&e)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(bad(&error)),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// The file system's.
    pub(super) fn save(&mut self, context: &Context) -> Result<(), CommandError> {
        let path = path(context)?;
        SCHEMA.clone_into(&mut self.schema);
        self.tools.retain(|_, files| !files.is_empty());
        self.models.retain(|tool, _| self.tools.contains_key(tool));
        if let Some(dir) = path.parent() {
            files::private_dir(dir)?;
        }
        let text = serde_json::to_vec_pretty(self).map_err(|e| CommandError::of(Exit::Failed, &e))?;
        Ok(files::replace(&path, &text, 0o600)?)
    }

    /// What was written into a file for a tool.
    pub(super) fn of(&self, tool: &str, path: &Path) -> Option<&Written> {
        self.tools.get(tool)?.iter().find(|written| written.path == path)
    }

    /// Writes one file down, in the place of what was known of it.
    pub(super) fn put(&mut self, tool: &str, written: Written) {
        let files = self.tools.entry(tool.to_owned()).or_default();
        files.retain(|w| w.path != written.path);
        files.push(written);
    }
}

impl Written {
    /// This is a setting of ours, with the value we gave it.
    pub(super) fn ours(&self, at: &[String], value: &Value) -> bool {
        self.keys.iter().any(|(key, digest)| key == at && *digest == value_digest(value))
    }
}

/// The digest of a text.
pub(super) fn digest(text: &[u8]) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of a value, however it is written.
pub(super) fn value_digest(value: &Value) -> String {
    digest(value.to_string().as_bytes())
}

fn path(context: &Context) -> Result<PathBuf, CommandError> {
    Ok(context.state_dir()?.join("setup.json"))
}
