//! The door to what a person types while something else goes on.

/// Lines of standard input, read without holding anything up and without taking more than was typed until now: what is
/// typed later belongs to the next question.
#[cfg(unix)]
pub struct Lines {
    rest: Vec<u8>,
}

#[cfg(unix)]
impl Lines {
    /// Listens to standard input; `None` where it does not tell how much there is.
    #[must_use]
    pub fn stdin() -> Option<Self> {
        rustix::io::ioctl_fionread(std::io::stdin()).ok()?;
        Some(Self { rest: Vec::new() })
    }

    /// The next line; `None` when there will be no more.
    pub async fn next(&mut self) -> Option<String> {
        const LONGEST: usize = 64 << 10;
        const OFTEN: std::time::Duration = std::time::Duration::from_millis(200);
        loop {
            if let Some(end) = self.rest.iter().position(|b| matches!(b, b'\n' | b'\r')) {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.rest.len() > LONGEST {
                return None;
            }
            // A read with nothing there would block.
            if rustix::io::ioctl_fionread(std::io::stdin()).ok()? == 0 {
                tokio::time::sleep(OFTEN).await;
                continue;
            }
            let mut piece = [0; 4096];
            let n = rustix::io::read(std::io::stdin(), &mut piece).ok()?;
            self.rest.extend_from_slice(piece.get(..n)?);
        }
    }
}

/// Standard input cannot be waited for here.
#[cfg(not(unix))]
pub struct Lines(std::convert::Infallible);

#[cfg(not(unix))]
impl Lines {
    /// Never there.
    #[must_use]
    pub const fn stdin() -> Option<Self> {
        None
    }

    /// Never comes.
    pub async fn next(&mut self) -> Option<String> {
        match self.0 {}
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lines")
    }
}
