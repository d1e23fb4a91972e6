//! A token endpoint on this machine that rotates refresh tokens and detects their reuse, as strict ones do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the endpoint does with the next requests.
#[derive(Debug, Clone)]
pub enum Mood {
    /// Rotates.
    Good,
    /// Gives an access token and no new refresh token.
    Keeps,
    /// Answers with this status and body.
    Says(u16, &'static str),
    /// Takes the token before the last one too, as servers do that know of lost answers.
    Forgives,
    /// Takes the request, rotates, and waits before it answers.
    Slow(Duration),
}

#[derive(Default)]
struct State {
    mood: Option<Mood>,
    /// How many tokens were given.
    given: usize,
    /// The access token after each rotation, where a story needs one of its own.
    access: Option<String>,
    /// Every form that came, in order.
    forms: Vec<String>,
    revoked: bool,
}

/// The endpoint; it serves as long as the process lives.
#[derive(Clone)]
pub struct Endpoint {
    port: u16,
    state: Arc<Mutex<State>>,
}

/// The refresh token that is good after `n` rotations.
pub fn refresh(n: usize) -> String {
    format!("refresh{}{n}", "-token-")
}

/// The access token of the `n`th rotation.
pub fn access(n: usize) -> String {
    format!("access{}{n}", "-token-")
}

impl Endpoint {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || drop(serve(stream, &state)));
            }
        });
        Self { port, state }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/token", self.port)
    }

    pub fn mood(&self, mood: Mood) {
        self.state.lock().unwrap().mood = Some(mood);
    }

    /// Every rotation gives this access token.
    pub fn gives(&self, access: &str) {
        self.state.lock().unwrap().access = Some(access.to_owned());
    }

    pub fn forms(&self) -> Vec<String> {
        self.state.lock().unwrap().forms.clone()
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let form = String::from_utf8_lossy(&body).into_owned();
    let (status, text, wait) = answer(&mut state.lock().unwrap(), form);
    std::thread::sleep(wait);
    let kind = if text.starts_with('<') { "text/html" } else { "application/json" };
    let length = text.len();
    write!(
        &stream,
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    )
}

fn answer(state: &mut State, form: String) -> (u16, String, Duration) {
    state.forms.push(form.clone());
    let mood = state.mood.clone().unwrap_or(Mood::Good);
    if let Mood::Says(status, body) = mood {
        return (status, body.to_owned(), Duration::ZERO);
    }
    let sent = form.split('&').find_map(|p| p.strip_prefix("refresh_token=")).unwrap_or_default().to_owned();
    let client = form.contains("grant_type=client_credentials");
    let forgiven = matches!(mood, Mood::Forgives) && state.given > 0 && sent == refresh(state.given - 1);
    if state.revoked || (!client && sent != refresh(state.given) && !forgiven) {
        // Reuse: the whole family is gone.
        state.revoked = true;
        return (400, r#"{"error":"invalid_grant","error_description":"reused"}"#.to_owned(), Duration::ZERO);
    }
    let mut answer = serde_json::json!({ "access_token": state.access.clone().unwrap_or_else(|| access(state.given + 1)), "expires_in": 3600 });
    if matches!(mood, Mood::Keeps) || client {
        return (200, answer.to_string(), Duration::ZERO);
    }
    state.given += 1;
    answer["refresh_token"] = serde_json::json!(refresh(state.given));
    let wait = if let Mood::Slow(wait) = mood { wait } else { Duration::ZERO };
    (200, answer.to_string(), wait)
}
