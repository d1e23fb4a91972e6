//! The door to signals: what asks this process to end.

/// Waits until somebody asks this process to end: Ctrl-C, on Unix also SIGTERM, and with `terminal` also SIGHUP, which
/// says that the terminal is gone. From the first call on these no longer end it by themselves; off a terminal SIGHUP
/// stays as `nohup` may have left it.
pub async fn end(terminal: bool) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let hung = async {
            match terminal.then(|| signal(SignalKind::hangup())) {
                Some(Ok(mut hangup)) => drop(hangup.recv().await),
                _ => std::future::pending().await,
            }
        };
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
                () = hung => {}
            }
            return;
        }
    }
    #[cfg(not(unix))]
    let _ = terminal;
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the system's own way of ending us stands.
        std::future::pending::<()>().await;
    }
}

/// Asks of this process to read its settings anew (SIGHUP); nobody asks so where there is no such signal.
pub struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    /// From now on SIGHUP no longer ends this process.
    #[must_use]
    pub fn new() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    /// The next time.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

impl Default for Hangup {
    fn default() -> Self {
        Self::new()
    }
}
