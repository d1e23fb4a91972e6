//! The providers, on loopback and following a script: every dialect, whole and streaming, with faults.
//!
//! Written from the official SDKs' types and the protocol notes, never from `src/wire`: what the program writes and
//! reads is tested against shapes its author did not write. A request that the real service would refuse is refused,
//! and fails the story when it is over.

mod answer;
mod anthropic;
mod call;
mod chat;
mod count;
mod dialect;
mod door;
mod facts;
mod gemini;
pub mod http;
mod ollama;
mod responses;
mod rules;
mod script;
mod serve;
mod tests;
pub mod vendor;

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use answer::{Answer, Fault, Usage};
pub use call::Call;
pub use gemini::camel;

use script::Script;

/// A server that plays all providers.
pub struct Upstream {
    address: SocketAddr,
    script: Arc<Script>,
    over: Arc<AtomicBool>,
}

impl Upstream {
    /// Starts on a free port.
    pub fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Starts on a listener that is there already.
    pub fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Script::default());
        let over = Arc::new(AtomicBool::new(false));
        let (played, ended) = (Arc::clone(&script), Arc::clone(&over));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let script = Arc::clone(&played);
                script.remember(&stream);
                std::thread::spawn(move || serve::connection(stream, &script));
            }
        });
        Self { address, script, over }
    }

    /// The address a provider's SDK would be given.
    pub fn base(&self, provider: &str) -> String {
        door::base(&format!("http://{}", self.address), provider)
    }

    /// The next call gets this, whatever it is; several are taken in turn.
    pub fn next(&self, answer: Answer) -> &Self {
        self.script.play().next.push_back(answer);
        self
    }

    /// Every call to this model gets this, unless something was put first by [`Self::next`].
    pub fn model(&self, model: &str, answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> &Self {
        self.script.play().models.insert(model.to_owned(), Arc::new(answer));
        self
    }

    /// Every other call gets this.
    pub fn always(&self, answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> &Self {
        self.script.play().always = Some(Arc::new(answer));
        self
    }

    /// These models are listed.
    pub fn lists(&self, models: &[&str]) -> &Self {
        self.script.play().listed = models.iter().map(|m| (*m).to_owned()).collect();
        self
    }

    /// Every prompt has so many tokens, for whoever asks; nobody is told otherwise.
    pub fn counts(&self, tokens: u64) -> &Self {
        self.script.play().counted = Some(tokens);
        self
    }

    /// Whoever asks for models is told this time too.
    pub fn dates(&self, date: &str) -> &Self {
        self.script.play().date = Some(date.to_owned());
        self
    }

    /// `GET path` with this key gets this; with another key it is refused.
    pub fn page(&self, path: &str, key: &str, status: u16, body: &str) -> &Self {
        let page = script::Page { key: key.to_owned(), status, body: body.to_owned(), silent: false };
        self.script.play().pages.insert(path.to_owned(), page);
        self
    }

    /// `GET path` is never answered.
    pub fn silent_page(&self, path: &str, key: &str) -> &Self {
        let page = script::Page { key: key.to_owned(), status: 200, body: String::new(), silent: true };
        self.script.play().pages.insert(path.to_owned(), page);
        self
    }

    /// No key is good enough.
    pub fn refuses_keys(&self) -> &Self {
        self.script.play().refuses_keys = true;
        self
    }

    /// Requests that the real service would refuse are part of this story.
    pub fn may_refuse(&self) -> &Self {
        self.script.play().may_refuse = true;
        self
    }

    /// Any body is taken: the story is about who calls, and not about what is said.
    pub fn takes_all(&self) -> &Self {
        self.script.play().takes_all = true;
        self
    }

    /// All generation calls so far, in the order they came.
    pub fn calls(&self) -> Vec<Call> {
        self.script.play().calls.clone()
    }

    /// The one call there was.
    #[track_caller]
    pub fn only(&self) -> Call {
        let calls = self.calls();
        assert_eq!(calls.len(), 1, "exactly one call was expected");
        calls.into_iter().next().unwrap()
    }

    /// All other requests, as `METHOD /path`.
    pub fn others(&self) -> Vec<String> {
        self.script.play().others.clone()
    }

    /// Why requests were refused.
    pub fn refusals(&self) -> Vec<String> {
        self.script.play().refusals.clone()
    }

    /// What this answer to that call is made of: one body, or the values of a stream.
    pub fn raw(call: &Call, answer: &Answer) -> Vec<serde_json::Value> {
        let dialect = door::spoken(call.dialect);
        if !call.stream {
            return vec![dialect.whole(call, answer)];
        }
        let value = |line: &str| serde_json::from_str(line.strip_prefix("data: ").unwrap_or(line)).ok();
        dialect
            .stream(call, answer)
            .iter()
            .flat_map(|f| f.bytes.lines().filter_map(value).collect::<Vec<_>>())
            .collect()
    }

    /// Waits until a caller has hung up in the middle of an answer.
    #[track_caller]
    pub fn wait_for_hang_up(&self, most: Duration) {
        self.wait_for_hang_ups(1, most);
    }

    /// How many have.
    pub fn hang_ups(&self) -> usize {
        self.script.play().hang_ups
    }

    /// Waits until so many callers have.
    #[track_caller]
    pub fn wait_for_hang_ups(&self, count: usize, most: Duration) {
        assert!(self.script.hung_up(count, most), "{} of {count} hung up within {most:?}", self.hang_ups());
    }

    /// Waits until so many calls have come.
    #[track_caller]
    pub fn wait_for_calls(&self, count: usize, most: Duration) {
        assert!(self.script.called(count, most), "{} of {count} calls came within {most:?}", self.calls().len());
    }

    /// Waits until a stalled answer has been sent as far as it goes.
    #[track_caller]
    pub fn wait_for_stall(&self, most: Duration) {
        assert!(self.script.stalled(most), "no answer stalled within {most:?}");
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which sees that it is over.
        drop(TcpStream::connect(self.address));
        for line in self.script.lines().drain(..) {
            drop(line.shutdown(Shutdown::Both));
        }
        let play = self.script.play();
        if !std::thread::panicking() && !play.may_refuse {
            assert!(play.refusals.is_empty(), "the real service would have refused:\n{}", play.refusals.join("\n"));
            assert!(play.surprises.is_empty(), "nothing was scripted for:\n{}", play.surprises.join("\n"));
        }
    }
}
