//! What was masked comes back as it was, in every sink and however it is cut; what is no placeholder of ours stays.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use monster::secrets::{Channel, Mode, Redactor, Restore, Sink, Source, Vault};

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Mode::Redact, Vec::new(), [7; 8]));
const NOW: Duration = Duration::ZERO;

fn restored(vault: &Arc<Vault>, channel: Channel<'_>, pieces: std::slice::Chunks<'_, u8>) -> (Vec<u8>, usize) {
    let Some(mut restorer) = Restore::Tools.restorer(channel, vault, NOW) else { return (Vec::new(), 0) };
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(restorer.feed(piece).forward());
    }
    let (last, refusals) = restorer.finish();
    out.extend(last.forward());
    (out, refusals.len())
}

fuzz_target!(|data: &[u8]| {
    let Some((&cut, body)) = data.split_first() else { return };
    let size = usize::from(cut).max(1);
    let text = String::from_utf8_lossy(body);
    let redacted = REDACTOR.redact(&text);
    let vault = Arc::new(Vault::new());
    vault.keep(&text, &redacted.hits, true, NOW);
    // A word that stood in the text already is one more, and would come back too.
    let own = redacted.hits.iter().any(|h| text.to_lowercase().contains(&h.placeholder.to_lowercase()));
    let plain = |sink| Channel { sink, source: Source::Plain, tool: "Edit" };
    let json = |sink| Channel { sink, source: Source::Json, tool: "Edit" };
    let argument = serde_json::json!({ "content": redacted.text }).to_string();
    for (channel, sent, wanted) in [
        (plain(Sink::ClientText), redacted.text.to_string(), text.to_string()),
        (plain(Sink::ToolArguments), redacted.text.to_string(), text.to_string()),
        (json(Sink::ClientText), argument.clone(), serde_json::json!({ "content": text }).to_string()),
        (json(Sink::ToolArguments), argument, serde_json::json!({ "content": text }).to_string()),
    ] {
        let whole = restored(&vault, channel, sent.as_bytes().chunks(sent.len().max(1)));
        assert_eq!(whole, restored(&vault, channel, sent.as_bytes().chunks(size)));
        if whole.1 == 0 && !own {
            assert_eq!(String::from_utf8_lossy(&whole.0), wanted);
        }
    }
    // Nothing of it is ours for another conversation.
    let other = Arc::new(Vault::new());
    let sent = redacted.text.as_bytes();
    assert_eq!(restored(&other, plain(Sink::ClientText), sent.chunks(size)).0, sent);
});
