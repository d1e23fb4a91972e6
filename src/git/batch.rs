//! Contents by name, many from one git process.

use std::cell::{Cell, RefCell};

use super::process::Git;
use crate::world::process::Talk;

/// Why one is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// Git knows none of this name.
    Missing,
    /// It is there, and git cannot read it.
    Damaged,
    /// It is larger than was asked for: so many bytes.
    Large(u64),
}

/// A git process that is started by the first question.
pub(super) struct Batch {
    git: Git,
    talk: RefCell<Option<Talk>>,
    /// How often one broke off.
    broke: Cell<usize>,
}

/// One that breaks off so often is not started again: an older git does so at each file that a partial clone lacks.
const OFTEN: usize = 4;

impl Batch {
    pub(super) fn new(git: Git) -> Self {
        Self { git, talk: RefCell::new(None), broke: Cell::new(0) }
    }

    /// What the blob of this name holds: an id, or `COMMIT:PATH`.
    pub(super) fn blob(&self, name: &str, limit: u64) -> Result<Vec<u8>, Lost> {
        // One question is one line, and git takes what ends one in Windows off it too.
        if name.contains('\n') || name.ends_with('\r') {
            return Err(Lost::Missing);
        }
        let mut talk = self.talk.borrow_mut();
        let mut started = match talk.take() {
            Some(talk) => talk,
            None if self.broke.get() >= OFTEN => return Err(Lost::Damaged),
            None => self.git.talk(&["cat-file", "--batch"]).map_err(|_| Lost::Damaged)?,
        };
        let Ok(said) = answer(&mut started, name, limit) else {
            self.broke.set(self.broke.get() + 1);
            return Err(Lost::Damaged);
        };
        *talk = Some(started);
        said
    }
}

/// `ID TYPE SIZE`, a line, the content and a line end; or `NAME missing`.
fn answer(talk: &mut Talk, name: &str, limit: u64) -> std::io::Result<Result<Vec<u8>, Lost>> {
    talk.ask(format!("{name}\n").as_bytes())?;
    let head = String::from_utf8_lossy(&talk.line()?).into_owned();
    let mut words = head.rsplit(' ');
    let (Some(Ok(size)), Some(kind)) = (words.next().map(str::parse::<u64>), words.next()) else {
        return Ok(Err(Lost::Missing));
    };
    let wanted = kind == "blob" && size <= limit;
    let mut out = Vec::new();
    talk.take(size, |piece| {
        if wanted {
            out.extend_from_slice(piece);
        }
    })?;
    talk.take(1, |_| {})?;
    Ok(match kind {
        "blob" if wanted => Ok(out),
        "blob" => Err(Lost::Large(size)),
        _ => Err(Lost::Missing),
    })
}
