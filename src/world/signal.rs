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

/// Asks of this process to end, heard from the moment this is made: Ctrl-C, on Unix also SIGTERM.
pub struct Ends {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 2]>,
}

impl Ends {
    /// From now on they no longer end it by themselves.
    #[must_use]
    pub fn new() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let both = signal(SignalKind::interrupt()).and_then(|int| Ok([int, signal(SignalKind::terminate())?]));
            Self { signals: both.ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// The next time.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if let Some([int, term]) = &mut self.signals {
            tokio::select! {
                _ = int.recv() => {}
                _ = term.recv() => {}
            }
            return;
        }
        end(false).await;
    }
}

impl Default for Ends {
    fn default() -> Self {
        Self::new()
    }
}
