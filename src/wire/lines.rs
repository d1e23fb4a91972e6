//! JSON lines out of bytes cut anywhere, within bounds.

use crate::model::Failure;

/// One line may not be larger (bytes).
const LIMIT: usize = 32 << 20;

/// The framing's state between two pieces.
#[derive(Debug, Default)]
pub struct Lines {
    line: Vec<u8>,
}

impl Lines {
    /// Takes the next bytes and appends the lines they complete; blank ones are left out.
    ///
    /// # Errors
    /// `Broken` when a line grows beyond all reason.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<String>) -> Result<(), Failure> {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() > LIMIT {
                return Err(Failure::broken("the answer holds a line larger than 32 MiB"));
            }
            if piece.ends_with(b"\n") {
                self.end(out);
            }
        }
        Ok(())
    }

    /// The connection ended: a line without its line feed still counts.
    pub fn end(&mut self, out: &mut Vec<String>) {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            out.push(text.trim().to_owned());
        }
    }
}
