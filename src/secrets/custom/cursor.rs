//! A place in a text, moved by hand: what patterns would cost too much for.

/// Where reading stands. Copies are how it looks ahead.
#[derive(Clone, Copy)]
pub(in crate::secrets) struct Cursor<'a> {
    pub(in crate::secrets) bytes: &'a [u8],
    pub(in crate::secrets) at: usize,
}

impl<'a> Cursor<'a> {
    pub(in crate::secrets) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The byte here; 0 at the end.
    pub(in crate::secrets) fn peek(&self) -> u8 {
        self.look(0)
    }

    /// The byte so far ahead; 0 past the end.
    pub(in crate::secrets) fn look(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or_default()
    }

    /// What is left, as far as `most` bytes.
    pub(in crate::secrets) fn rest(&self, most: usize) -> &'a [u8] {
        let to = self.bytes.len().min(self.at.saturating_add(most));
        self.bytes.get(self.at..to).unwrap_or_default()
    }

    /// Steps over `word` if it stands here.
    pub(in crate::secrets) fn eat(&mut self, word: &str) -> bool {
        let here = self.rest(word.len()) == word.as_bytes();
        self.at += if here { word.len() } else { 0 };
        here
    }

    /// Steps over `word` in any ASCII case.
    pub(in crate::secrets) fn fold(&mut self, word: &str) -> bool {
        let here = self.rest(word.len()).eq_ignore_ascii_case(word.as_bytes());
        self.at += if here { word.len() } else { 0 };
        here
    }

    /// Steps over bytes of a kind, at most so many, and says how many there were.
    pub(in crate::secrets) fn run(&mut self, most: usize, kind: impl Fn(u8) -> bool) -> usize {
        let count = self.rest(most).iter().take_while(|b| kind(**b)).count();
        self.at += count;
        count
    }

    /// Steps over blanks of a line, and over colours of a terminal.
    pub(in crate::secrets) fn blanks(&mut self) -> usize {
        let mut count = self.run(64, |b| matches!(b, b' ' | b'\t'));
        while self.peek() == 0x1b && self.colour() {
            count += self.run(64, |b| matches!(b, b' ' | b'\t'));
        }
        count
    }

    /// Steps over `ESC[…m`.
    fn colour(&mut self) -> bool {
        let mut next = *self;
        if !next.eat("\u{1b}[") {
            return false;
        }
        next.run(12, |b| b.is_ascii_digit() || b == b';');
        let whole = next.eat("m");
        if whole {
            *self = next;
        }
        whole
    }

    /// Steps over a line end, a diff's mark and the indentation of the next line.
    pub(in crate::secrets) fn down(&mut self) -> bool {
        let mut next = *self;
        next.eat("\r");
        if !next.eat("\n") {
            return false;
        }
        if matches!(next.peek(), b'+' | b'-') && matches!(next.look(1), b' ' | b'\t' | b'"' | b'\'') {
            next.at += 1;
        }
        // Quoted mail and boxes.
        if !next.eat("> ") {
            next.eat("│ ");
        }
        next.blanks();
        *self = next;
        true
    }
}
