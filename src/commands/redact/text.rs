//! `monster redact [FILE]`: the text with its secrets masked.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc::{Receiver, channel};

use super::form::{self, Form, Reader};
use crate::client::counted;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::listen::let_through;
use crate::secrets::{Mode, Redacted, Redactor, Stream};
use crate::world::clock::Stopwatch;

/// Bytes that are read at a time.
const BLOCK: usize = 64 * 1024;
/// How long a line that came waits for what comes after it.
const PATIENCE: Duration = Duration::from_millis(100);

/// Prints what stands in a file, or on standard input, with its secrets masked. Bytes that are no text pass as they are.
pub(super) fn run(context: &Context, name: Option<&str>) -> Outcome {
    let mut policy = super::policy::whole(context)?;
    // Whoever asks for the masked text wants it masked, whatever is done to requests.
    policy.mode = policy.mode.stricter(Mode::Redact);
    let redactor = context.redactor_with(policy)?;
    if matches!(name, None | Some("-")) && context.ui.interactive() {
        context.ui.status("reading the text from standard input; end with Ctrl-D");
    }
    if context.ui.look().json {
        let mut masked = Vec::new();
        let found = look(context, &redactor, name, &mut masked, true)?;
        context.ui.json(&json!({ "schema": "monster.redact.text/1", "text": String::from_utf8_lossy(&masked),
            "masked": found }))?;
    } else {
        look(context, &redactor, name, &mut context.ui.writer(), false)?;
    }
    let through = redactor.policy().allow.listed.passed();
    if !through.is_empty() {
        context.ui.status(&let_through("left in the text", &counted(through)));
    }
    Ok(Exit::Done)
}

/// Masks all of it; Ctrl-C ends it, and what is still held then may be half a secret and is not printed.
fn look(
    context: &Context,
    redactor: &Redactor,
    name: Option<&str>,
    out: &mut dyn Write,
    plain: bool,
) -> Result<usize, CommandError> {
    let masking = Masking::new(redactor, out, plain);
    context.block_on(async {
        match name {
            None | Some("-") => Ok(masking.follow().await?),
            Some(name) => {
                let mut file = File::open(context.env.cwd().join(name)).map_err(|e| unreadable(name, &e))?;
                masking.read(|block| file.read(block).map_err(|e| unreadable(name, &e))).await
            }
        }
    })
}

fn unreadable(name: &str, error: &std::io::Error) -> CommandError {
    let out = CommandError::new(Exit::Usage, format!("{name} cannot be read: {error}"));
    // A word that is no file may be a command that was mistyped.
    let word = error.kind() == ErrorKind::NotFound && name.bytes().all(|b| b.is_ascii_lowercase());
    let near = if word { crate::catalog::nearest(name, super::SUBCOMMANDS.into_iter()) } else { Vec::new() };
    out.hints(near.first().map(|near| format!("did you mean: monster redact {near}")))
}

/// A stream from bytes to bytes.
struct Masking<'a> {
    reader: Reader,
    stream: Stream<'a>,
    out: &'a mut dyn Write,
    /// What is written is UTF-8, whatever was read.
    plain: bool,
    found: usize,
}

impl<'a> Masking<'a> {
    fn new(redactor: &'a Redactor, out: &'a mut dyn Write, plain: bool) -> Self {
        Self { reader: Reader::default(), stream: Stream::new(redactor), out, plain, found: 0 }
    }

    /// Masks what `read` puts into the block it is given, until there is nothing.
    async fn read<E: From<std::io::Error>>(
        mut self,
        mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let mut block = vec![0; BLOCK];
        loop {
            let length = read(&mut block)?;
            match block.get(..length).unwrap_or_default() {
                [] => return Ok(self.finish()?),
                bytes => drop(self.feed(bytes)?),
            }
            // Between two blocks somebody may want this to end.
            tokio::task::yield_now().await;
        }
    }

    /// Masks standard input as it comes. Where it comes slowly, lines do not wait for what comes after them.
    async fn follow(mut self) -> std::io::Result<usize> {
        let mut pieces = input()?;
        // Since when something waits; what is still held after a pause waits for more.
        let mut waiting: Option<Stopwatch> = None;
        loop {
            let piece = match waiting {
                Some(since) => tokio::time::timeout(PATIENCE.saturating_sub(since.elapsed()), pieces.recv()).await,
                None => Ok(pieces.recv().await),
            };
            match piece {
                Ok(Some(bytes)) => {
                    let given = self.feed(&bytes?)?;
                    waiting = waiting.filter(|_| !given).or_else(|| self.stream.waits().then(Stopwatch::start));
                    tokio::task::yield_now().await;
                }
                Err(_) => {
                    let given = self.stream.pause();
                    self.give(&given)?;
                    waiting = None;
                }
                Ok(None) => return self.finish(),
            }
        }
    }

    /// Whether something was given out.
    fn feed(&mut self, bytes: &[u8]) -> std::io::Result<bool> {
        let text = self.reader.feed(bytes);
        let given = self.stream.feed(&text);
        self.give(&given)
    }

    fn finish(self) -> std::io::Result<usize> {
        let Self { mut reader, mut stream, out, plain, mut found } = self;
        let given = [stream.feed(&reader.finish()), stream.finish()];
        let form = if plain { Form::Utf8 } else { reader.form() };
        for given in given {
            found += masked(&given);
            out.write_all(&form::bytes(&given.text, form))?;
        }
        out.flush()?;
        Ok(found)
    }

    fn give(&mut self, given: &Redacted<'_>) -> std::io::Result<bool> {
        self.found += masked(given);
        if given.text.is_empty() {
            return Ok(false);
        }
        let form = if self.plain { Form::Utf8 } else { self.reader.form() };
        self.out.write_all(&form::bytes(&given.text, form))?;
        self.out.flush()?;
        Ok(true)
    }
}

fn masked(given: &Redacted<'_>) -> usize {
    given.hits.iter().filter(|hit| hit.mode >= Mode::Redact).count()
}

/// Standard input, read aside: nothing else says whether more comes. Two blocks at most wait to be taken.
fn input() -> std::io::Result<Receiver<std::io::Result<Vec<u8>>>> {
    let (sent, pieces) = channel(2);
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut block = vec![0; BLOCK];
        loop {
            let piece = match input.read(&mut block) {
                Ok(0) => return,
                Ok(read) => Ok(block.get(..read).unwrap_or_default().to_vec()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let over = piece.is_err();
            if sent.blocking_send(piece).is_err() || over {
                return;
            }
        }
    })?;
    Ok(pieces)
}
