//! What is to be said, and what was heard.

use std::collections::{HashMap, VecDeque};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::Answer;
use super::call::Call;

/// Makes an answer of a call.
pub type Maker = Arc<dyn Fn(&Call) -> Answer + Send + Sync>;

/// Something to get that is no dialect's.
#[derive(Clone)]
pub struct Page {
    pub key: String,
    pub status: u16,
    pub body: String,
    /// It is never sent.
    pub silent: bool,
}

/// The script and the record.
#[derive(Default)]
pub struct Play {
    pub next: VecDeque<Answer>,
    pub models: HashMap<String, Maker>,
    pub always: Option<Maker>,
    pub listed: Vec<String>,
    /// What a prompt is counted as; `None` = nobody counts.
    pub counted: Option<u64>,
    /// What a listing says the time is.
    pub date: Option<String>,
    /// What else there is to get, by path: the key that opens it, and the answer.
    pub pages: HashMap<String, Page>,
    pub refuses_keys: bool,
    pub may_refuse: bool,
    /// Bodies are not held against what the real service takes.
    pub takes_all: bool,
    pub calls: Vec<Call>,
    pub others: Vec<String>,
    /// Requests that the real service would refuse.
    pub refusals: Vec<String>,
    /// Calls for which nothing was scripted.
    pub surprises: Vec<String>,
    pub hang_ups: usize,
    pub stalls: usize,
}

/// Shared by all connections.
#[derive(Default)]
pub struct Script {
    play: Mutex<Play>,
    heard: Condvar,
    lines: Mutex<Vec<TcpStream>>,
}

impl Script {
    /// Everything; a story that panicked elsewhere does not matter here.
    pub fn play(&self) -> MutexGuard<'_, Play> {
        self.play.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Open connections.
    pub fn lines(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a connection to be closed at the end.
    pub fn remember(&self, stream: &TcpStream) {
        self.lines().extend(stream.try_clone());
    }

    /// Records a call and finds its answer. The maker runs unlocked: it may look at the upstream itself.
    pub fn answer(&self, call: &mut Call) -> Answer {
        self.record(call);
        let mut play = self.play();
        if let Some(answer) = play.next.pop_front() {
            return answer;
        }
        let maker = play.models.get(&call.model).or(play.always.as_ref()).cloned();
        if maker.is_none() {
            play.surprises.push(format!("{} {} for {}", call.dialect, call.path, call.model));
        }
        drop(play);
        maker.map_or_else(|| Answer::status(500, "server_error", "Nothing is scripted."), |maker| maker(call))
    }

    /// Records a call and gives it its number.
    pub fn record(&self, call: &mut Call) {
        let mut play = self.play();
        call.number = play.calls.len() + 1;
        play.calls.push(call.clone());
        self.heard.notify_all();
    }

    pub fn hang_up(&self) {
        self.play().hang_ups += 1;
        self.heard.notify_all();
    }

    pub fn stall(&self) {
        self.play().stalls += 1;
        self.heard.notify_all();
    }

    pub fn hung_up(&self, count: usize, most: Duration) -> bool {
        self.wait(most, |play| play.hang_ups >= count)
    }

    pub fn stalled(&self, most: Duration) -> bool {
        self.wait(most, |play| play.stalls > 0)
    }

    pub fn called(&self, count: usize, most: Duration) -> bool {
        self.wait(most, |play| play.calls.len() >= count)
    }

    fn wait(&self, most: Duration, there: impl Fn(&Play) -> bool) -> bool {
        let waited = self.heard.wait_timeout_while(self.play(), most, |play| !there(play));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}
