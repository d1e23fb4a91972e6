//! Where a placeholder may become the secret again. Commit messages, reviews, logs and history are no place one can
//! name here, so nothing can be restored into them.

use std::sync::Arc;
use std::time::Duration;

use super::restore::Restorer;
use super::vault::Vault;

/// What a client of `serve` gets, and nothing else. There is no other sink and no way to make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sink {
    /// The text of an answer, shown by the client that sent the secret.
    ClientText,
    /// The arguments of a tool call, carried out by the client that sent the secret.
    ToolArguments,
}

/// How a channel writes its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// As it is.
    Plain,
    /// As JSON, in fragments: tool arguments arrive so. What is put in is escaped.
    Json,
}

/// One content block or one tool call's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Channel<'a> {
    /// Where the text goes.
    pub sink: Sink,
    /// How it is written.
    pub source: Source,
    /// The tool that is called; empty for text.
    pub tool: &'a str,
}

/// What is restored in answers to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Restore {
    /// Nothing.
    #[default]
    Off,
    /// Text, outside links.
    Text,
    /// Text, and tool arguments that send the secret nowhere it did not stand in the request.
    Tools,
}

impl Restore {
    /// Every mode, the most careful first.
    pub const ALL: [Self; 3] = [Self::Off, Self::Text, Self::Tools];

    /// The mode of this name, as written in config.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }

    /// Its name in config.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Text => "text",
            Self::Tools => "tools",
        }
    }

    /// Whether anything is restored there.
    #[must_use]
    pub const fn allows(self, sink: Sink) -> bool {
        match sink {
            Sink::ClientText => matches!(self, Self::Text | Self::Tools),
            Sink::ToolArguments => matches!(self, Self::Tools),
        }
    }

    /// The only way to a [`Restorer`]: one per channel, none where this mode restores nothing. `now` is the time since
    /// any fixed moment, the same that [`Vault::keep`] is told.
    #[must_use]
    pub fn restorer(self, channel: Channel<'_>, vault: &Arc<Vault>, now: Duration) -> Option<Restorer> {
        self.allows(channel.sink).then(|| Restorer::new(channel, Arc::clone(vault), now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_restored_unless_somebody_asked_for_it() {
        let vault = Arc::new(Vault::new());
        let channel = |sink| Channel { sink, source: Source::Plain, tool: "" };
        let made = |mode: Restore, sink| mode.restorer(channel(sink), &vault, Duration::ZERO).is_some();
        assert_eq!(Restore::default(), Restore::Off);
        for (mode, text, tools) in
            [(Restore::Off, false, false), (Restore::Text, true, false), (Restore::Tools, true, true)]
        {
            assert_eq!((made(mode, Sink::ClientText), made(mode, Sink::ToolArguments)), (text, tools), "{mode:?}");
        }
    }

    #[test]
    fn every_name_reads_back_and_others_do_not() {
        for mode in Restore::ALL {
            assert_eq!(Restore::parse(mode.name()), Some(mode));
        }
        assert_eq!(Restore::parse("all"), None);
    }
}
