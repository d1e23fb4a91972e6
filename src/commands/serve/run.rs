//! `monster serve run`: listens, serves, reloads, and comes to its end without cutting anybody off.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::redact;
use crate::model::ModelName;
use crate::net::probe;
use crate::secrets::{Mode, Restore};
use crate::serve::access::Access;
use crate::serve::{Address, Board, Bound, Crew, Desk, House, Journal, ListenError, Settings, Tls, Token, tls, told};
use crate::store::Store;
use crate::world::{files, ports, random, signal};

/// The socket of this machine that is always there, in the state folder: the dashboard and `serve status` look in through
/// it.
const SOCKET: &str = "serve.sock";
/// Files are looked at so often.
const LOOK: Duration = Duration::from_secs(2);
/// What has changed is read once nothing changed for this long: whoever writes a file may be in the middle of it.
const SETTLE: Duration = Duration::from_millis(150);
/// ... and after so many looks in any case.
const LOOKS: usize = 12;
/// Threads that carry requests come to their end within this.
const LAST: Duration = Duration::from_secs(1);
/// What telemetry has left is sent within this at the end.
const TOLD: Duration = Duration::from_secs(5);
/// ... and within this, when there is no time left.
const HASTE: Duration = Duration::from_millis(250);
/// A private key is no longer than this (bytes).
const PEM: u64 = 1 << 20;

/// How it serves.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Run {
    /// Where to listen, in the place of `serve.listen`: 127.0.0.1:7766, unix:PATH; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
    /// Ask callers at addresses of this machine for no key.
    #[arg(long)]
    no_auth: bool,
    /// Serve addresses beyond this machine without TLS: whoever is on the way reads keys, prompts and answers.
    #[arg(long)]
    plain: bool,
}

/// Threads that carry requests.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().clamp(1, 4))
}

/// A thread that carries requests, with what takes long to look through done beside it.
fn carrier() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// Where the keys are kept: in the ledger that requests go to, or in the one on disk where those go nowhere.
fn keys(context: &Context) -> Result<Store, CommandError> {
    let ledger = context.store();
    if !ledger.lasts() {
        return context.kept();
    }
    ledger.expire();
    Ok(ledger.clone())
}

impl Run {
    pub(super) fn run(self, context: &Context) -> Outcome {
        let addresses = self.addresses(context)?;
        let first = carrier()?;
        let others = (1..workers()).map(|_| carrier()).collect::<Result<Vec<_>, _>>()?;
        let crew = Crew::new([&first].into_iter().chain(&others).map(|runtime| runtime.handle().clone()));
        let outcome = first.block_on(self.serve(context, addresses, crew));
        // Callers that are still there at the end are cut, not waited for; how their answers ended is written.
        let until = tokio::time::Instant::now() + LAST;
        for runtime in others.into_iter().chain([first]) {
            runtime.shutdown_timeout(until.saturating_duration_since(tokio::time::Instant::now()));
        }
        outcome
    }

    fn addresses(&self, context: &Context) -> Result<Vec<Address>, CommandError> {
        let config = &context.config().serve;
        let texts = if self.listen.is_empty() { &config.listen } else { &self.listen };
        let mut addresses: Vec<Address> = Vec::new();
        for text in texts {
            let address = Address::parse(text).map_err(|what| CommandError::new(Exit::Usage, what))?;
            // What is named twice is one door; any port is another each time.
            if matches!(address, Address::Tcp(at) if at.port() == 0) || !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(addresses)
    }

    async fn serve(&self, context: &Context, addresses: Vec<Address>, crew: Crew) -> Outcome {
        let mut ends = signal::Ends::new();
        // Whoever reads that it listens may ask it at once to read anew what he has changed.
        let news = News { hangup: signal::Hangup::new(), seen: Seen::of(context) };
        let certificate = certificate(context)?;
        let telemetry = super::telemetry::open(context)?;
        let doors = self.doors(context, addresses, certificate.as_ref()).await?;
        let access = Access::open(keys(context)?, &context.clock)?;
        let beyond = doors.iter().any(|door| !door.address.local());
        if beyond && access.is_empty() {
            return Err(keyless());
        }
        let desk = self.desk(context).await?;
        let connected = !desk.upstreams().is_empty();
        for door in &doors {
            let shown = match &door.address {
                Address::Tcp(at) if door.encrypted() => format!("https://{at}"),
                Address::Tcp(at) => format!("http://{at}"),
                other => other.to_string(),
            };
            context.ui.out(&format!("listening on {shown}"))?;
        }
        if !connected {
            context.ui.warn("nothing is connected yet, so every request will be refused");
            context.ui.hint("connect an account with: monster login");
        }
        if access.is_empty() && !self.no_auth && doors.iter().any(|door| matches!(door.address, Address::Tcp(_))) {
            context.ui.warn("there is no key yet, so nobody is let in over TCP");
            context.ui.hint("make one with: monster serve key add NAME, or trust all of this machine with: --no-auth");
        }
        let config = context.config().serve.clone();
        let journal = Journal::at(context.env.state_dir().as_deref());
        let token = Token::at(&context.state_dir()?);
        if let Err(error) = token.made() {
            context.ui.warn(&format!("nobody looks into this monster serve over TCP: {error}"));
        }
        let board = Board::new(context.clock.clone(), journal, telemetry.clone());
        let house = House::new(desk, (config.connections, crew), board, access, token);
        let drain = Duration::from_secs(config.drain);
        let mut served = tokio::task::JoinSet::new();
        let running = Arc::clone(&house);
        served.spawn(async move { running.run(doors, drain).await });
        self.mind(context, &house, certificate.as_ref(), news, &mut ends).await;
        house.close();
        let until = tokio::time::Instant::now() + drain;
        if let Some(telemetry) = &telemetry {
            telemetry.flush();
        }
        if house.busy() > 0 {
            let (busy, most) = (house.busy(), drain.as_secs());
            let open = if busy == 1 { "1 open answer has".to_owned() } else { format!("{busy} open answers have") };
            context.ui.status(&format!("stopping: {open} {most} s"));
        }
        let (mut asked, mut cut) = (0, 0);
        loop {
            tokio::select! {
                late = served.join_next() => {
                    cut = cut.max(late.and_then(Result::ok).unwrap_or_default());
                    break;
                }
                // Asked twice, open answers are ended; asked once more, nobody is told of it.
                () = ends.next() => {
                    asked += 1;
                    cut = cut.max(house.busy());
                    house.cut();
                    if asked > 1 {
                        break;
                    }
                }
            }
        }
        if cut > 0 {
            let answers = if cut == 1 { "1 answer was".to_owned() } else { format!("{cut} answers were") };
            context.ui.warn(&format!("{answers} cut off"));
        }
        if let Some(telemetry) = telemetry {
            // A part of the drain's time, and no more than a collector that is well needs.
            let left = until.saturating_duration_since(tokio::time::Instant::now()).min(TOLD);
            let left = if asked > 0 { HASTE } else { left.max(HASTE) };
            let took = tokio::select! {
                took = telemetry.close(left) => took,
                () = ends.next() => false,
            };
            if !took {
                context.ui.warn("the collector did not take all telemetry");
            }
        }
        Ok(Exit::Done)
    }

    /// Looks after what is served with, until somebody asks it to end: settings and accounts that change are read anew.
    async fn mind(
        &self,
        context: &Context,
        house: &Arc<House>,
        tls: Option<&Tls>,
        News { mut hangup, mut seen }: News,
        ends: &mut signal::Ends,
    ) {
        let mut last: Option<Context> = None;
        let mut adrift = false;
        loop {
            let asked = tokio::select! {
                () = ends.next() => return,
                () = hangup.next() => true,
                () = house.reload_asked() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            adrift = unwritten(context, house, adrift);
            let look = || Seen::of(last.as_ref().unwrap_or(context));
            let mut now = look();
            if !asked && now == seen {
                continue;
            }
            if !asked {
                now = tokio::select! {
                    () = ends.next() => return,
                    now = settled(now, look) => now,
                };
            }
            seen = now;
            // Reading may take a while: a keychain, local servers, commands that give keys.
            let again = tokio::select! {
                () = ends.next() => return,
                again = self.again(last.as_ref().unwrap_or(context), tls) => again,
            };
            match again {
                Ok((fresh, desk, whole)) => {
                    house.furnish(desk);
                    let mut what = "settings and accounts were read anew".to_owned();
                    if !whole {
                        what = "settings were read anew; the accounts, which need somebody to open them, stay as they were".to_owned();
                    }
                    house.board().note("reloaded", &what);
                    context.ui.status(&what);
                    for setting in self.later(context, &fresh, tls.is_some()) {
                        let what = format!("{setting} has changed, and counts from the next start on");
                        house.board().note("restart_wanted", &what);
                        context.ui.warn(&what);
                    }
                    last = Some(fresh);
                }
                Err(error) => {
                    let causes: String = error.causes.iter().map(|cause| format!("; {cause}")).collect();
                    let what = format!("settings and accounts stay as they were: {}{causes}", error.what);
                    let what = house.desk().client.redactor.hide(&what);
                    house.board().note("reload_failed", &what);
                    context.ui.warn(&what);
                    // Requests are served as before: what other commands would do now is not said.
                    let hints = error.hints.iter().filter(|hint| !hint.starts_with(redact::UNSENT));
                    hints.for_each(|hint| context.ui.hint(hint));
                    context.ui.hint("requests are served as before; what is mended is read by itself");
                }
            }
        }
    }

    /// What requests are served with from now on, and whether the accounts are those that the file has now; new callers from
    /// beyond this machine see the certificate as it is now.
    async fn again(&self, before: &Context, tls: Option<&Tls>) -> Result<(Context, Desk, bool), CommandError> {
        let fresh = Context::new(before.globals.clone()).map_err(|both| both.1)?;
        fresh.store_of(before);
        if let Some(problem) = fresh.loaded().unread() {
            let what = format!("your settings cannot be wholly read ({problem})");
            return Err(CommandError::new(Exit::Failed, what).hint("mend them with: monster config edit"));
        }
        let whole = fresh.succeed(before);
        let shown = if tls.is_some() { certificate(&fresh)? } else { None };
        let desk = self.desk(&fresh).await?;
        if let Some((tls, shown)) = tls.zip(shown) {
            tls.renew(&shown);
        }
        Ok((fresh, desk, whole))
    }

    /// Settings that differ from those it was started with and hold only from a start on.
    fn later(&self, began: &Context, now: &Context, encrypted: bool) -> Vec<&'static str> {
        let (began, now) = (&began.config().serve, &now.config().serve);
        let changed = [
            ("serve.listen", self.listen.is_empty() && began.listen != now.listen),
            ("serve.certificate", encrypted != now.certificate.is_some()),
            ("serve.connections", began.connections != now.connections),
            ("serve.drain", began.drain != now.drain),
            ("serve.telemetry", began.telemetry != now.telemetry),
            ("serve.telemetry_headers", began.telemetry_headers != now.telemetry_headers),
        ];
        changed.into_iter().filter(|(_, changed)| *changed).map(|(setting, _)| setting).collect()
    }

    async fn doors(
        &self,
        context: &Context,
        addresses: Vec<Address>,
        certificate: Option<&Tls>,
    ) -> Result<Vec<Bound>, CommandError> {
        let mut doors = Vec::new();
        #[cfg(unix)]
        doors.extend(Bound::inherited(certificate)?);
        if let Some(door) = doors.iter().find(|door| !door.address.local() && !door.encrypted() && !self.plain) {
            return Err(bare(&door.address));
        }
        // What the system opened is what the user told the system.
        let addresses = if doors.is_empty() || !self.listen.is_empty() { addresses } else { Vec::new() };
        for address in addresses {
            if !address.local() && certificate.is_none() && !self.plain {
                return Err(bare(&address));
            }
            let shown = certificate.filter(|_| !address.local()).cloned();
            doors.push(match Bound::open(address, shown).await {
                Err(ListenError::Taken(address, found)) => {
                    let who = holder(context, &address).or(found);
                    return Err(refused(ListenError::Taken(address, who)));
                }
                door => door.map_err(refused)?,
            });
        }
        if let Some(path) = socket(context)
            && !doors.iter().any(|door| door.address == Address::Unix(path.clone()))
        {
            match Bound::open(Address::Unix(path), None).await {
                Ok(door) => doors.push(door),
                Err(ListenError::Foreign(_)) => {}
                Err(ListenError::Taken(address, found)) => {
                    let who = holder(context, &address).or(found);
                    let error = ListenError::Taken(address, who);
                    context.ui.warn(&format!("nobody can look into this monster serve: {error}"));
                }
                Err(error) => context.ui.warn(&format!("nobody can look into this monster serve: {error}")),
            }
        }
        Ok(doors)
    }

    /// What requests are served with, as the settings and accounts are now.
    async fn desk(&self, context: &Context) -> Result<Desk, CommandError> {
        let mut client = context.connect(&ModelName::any(), false).await?;
        // A server does not end: the limit is one of each request.
        client.purse = Arc::default();
        let wish = context.effort(crate::model::Purpose::Serve);
        client.landscape.wish = Some(wish).filter(|wish| !wish.idle() || wish.strict);
        let config = &context.config().serve;
        let settings = Settings {
            open: self.no_auth,
            hosts: config.hosts.clone(),
            restore: Restore::parse(&config.restore).unwrap_or_default(),
            park: context.patience(crate::model::Purpose::Serve),
            deadline: Duration::from_secs(config.deadline),
            body: config.body,
        };
        let within = |mode| {
            let policy = redact::within(redact::policy(context)?, mode);
            let nonce = random::bytes().map_err(|e| CommandError::of(Exit::Failed, &e))?;
            // What the client learns, a token that was just refreshed, all of them know.
            Ok((mode, Arc::new(client.redactor.beside(policy, nonce))))
        };
        let redactors = Mode::ALL.into_iter().map(within).collect::<Result<Vec<_>, CommandError>>()?;
        Ok(Desk::new(client, settings, redactors))
    }
}

/// The socket that is always there.
pub(super) fn socket(context: &Context) -> Option<PathBuf> {
    if cfg!(unix) { context.env.state_dir().map(|dir| dir.join(SOCKET)) } else { None }
}

/// What the one that runs says of itself, through that socket.
pub(super) fn inside(context: &Context) -> Option<Value> {
    let told = probe::socket(&socket(context)?, "/monster/v1/status").ok()?;
    serde_json::from_str(told.split_once("\r\n\r\n")?.1).ok()
}

/// Tells the owner when rows of requests begin to lie nowhere on disk, and when that is over; whether they do.
fn unwritten(context: &Context, house: &House, before: bool) -> bool {
    let now = house.desk().client.store.adrift();
    match &now {
        Some(adrift) if !before => {
            let hint = adrift.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
            let what = format!(
                "rows of requests wait in memory alone, and a monster that is killed now loses them: caused by: {}{hint}",
                adrift.why
            );
            context.ui.warn(&what);
            house.board().note("rows_unwritten", &what);
        }
        None if before => {
            let what = "rows of requests lie on disk again";
            context.ui.status(what);
            house.board().note("rows_written", what);
        }
        _ => {}
    }
    now.is_some()
}

/// Who listens there: a `monster serve` with these files says so itself, of others the system may know.
fn holder(context: &Context, address: &Address) -> Option<String> {
    let status = inside(context).filter(|status| listening(status).iter().any(|there| there.overlaps(address)));
    if let Some(status) = status {
        return Some(format!("another monster serve (process {})", status["pid"]));
    }
    let Address::Tcp(at) = address else { return None };
    let (name, process) = ports::listener(*at)?;
    Some(told(&name, process))
}

/// Where the one that runs says that it listens.
pub(super) fn listening(status: &Value) -> Vec<Address> {
    let texts = status["listen"].as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.filter_map(|text| Address::parse(text).ok()).collect()
}

/// The certificate for addresses beyond this machine.
fn certificate(context: &Context) -> Result<Option<Tls>, CommandError> {
    let config = &context.config().serve;
    let (certificate, key) = match (&config.certificate, &config.key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (Path::new(certificate), Path::new(key)),
        _ => {
            let what = "serve.certificate and serve.key belong together, and one of them is not set";
            return Err(CommandError::new(Exit::Failed, what));
        }
    };
    let unread = |path: &Path, why: String| CommandError::new(Exit::Failed, format!("{}: {why}", path.display()));
    let chain = files::read_bounded(certificate, PEM).map_err(|e| unread(certificate, e.to_string()))?;
    let secret = files::read_private(key, PEM).map_err(|e| unread(key, e.to_string()))?;
    tls(&chain, &secret).map(Some).map_err(|why| unread(certificate, why))
}

/// What tells that settings are to be read anew, from before they were first used.
struct News {
    hangup: signal::Hangup,
    seen: Seen,
}

/// What files looked like: their times and sizes.
#[derive(PartialEq, Eq)]
struct Seen(Vec<Option<(std::time::SystemTime, u64)>>);

impl Seen {
    fn of(context: &Context) -> Self {
        let dir = context.env.config_dir();
        let names = ["config.toml", "accounts.age", "models.toml", "allow.toml", "slots.json"];
        let paths = names.iter().filter_map(|name| Some(dir.as_ref()?.join(name)));
        let config = &context.config().serve;
        let shown = [&config.certificate, &config.key].into_iter().flatten().map(PathBuf::from);
        Self(paths.chain(shown).map(|path| files::look(&path)).collect())
    }
}

/// What is seen once it stays the same.
async fn settled<T: PartialEq>(mut seen: T, look: impl Fn() -> T) -> T {
    for _ in 0..LOOKS {
        tokio::time::sleep(SETTLE).await;
        let now = look();
        if now == seen {
            break;
        }
        seen = now;
    }
    seen
}

/// Whether these addresses could be served as things are now: for whoever writes down that they will be.
///
/// # Errors
/// As serving them would give: a certificate is missing or cannot be read, or nobody has a key.
pub(super) fn servable(context: &Context, addresses: &[Address], plain: bool) -> Result<(), CommandError> {
    let certificate = certificate(context)?;
    let Some(beyond) = addresses.iter().find(|address| !address.local()) else { return Ok(()) };
    if certificate.is_none() && !plain {
        return Err(bare(beyond));
    }
    if Access::open(context.kept()?, &context.clock)?.is_empty() { Err(keyless()) } else { Ok(()) }
}

/// There would be nobody to let in.
fn keyless() -> CommandError {
    let what = "addresses that other machines reach are served to holders of keys alone, and there is no key";
    CommandError::new(Exit::Usage, what).hint("make one with: monster serve key add NAME")
}

/// What is said there could be read on the way.
fn bare(address: &Address) -> CommandError {
    let what = format!("{address} can be reached from other machines, and there is no certificate for it");
    CommandError::new(Exit::Usage, what)
        .hint("set serve.certificate and serve.key, or listen on 127.0.0.1")
        .hint("behind something that speaks TLS itself: monster serve --plain")
}

/// Nobody can come in.
fn refused(error: ListenError) -> CommandError {
    let hint = match &error {
        ListenError::Taken(..) => Some("stop it, or choose another with: monster serve --listen ADDRESS"),
        ListenError::File(..) => Some("choose another path: what lies there is left alone"),
        _ => None,
    };
    let told = CommandError::of(Exit::Failed, &error);
    match hint {
        Some(hint) => told.hint(hint),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_still_being_written_is_not_read_yet() {
        let (began, looks) = (tokio::time::Instant::now(), Cell::new(0));
        let grows = |till: usize| {
            looks.set((looks.get() + 1).min(till));
            looks.get()
        };
        assert_eq!(settled(0, || grows(3)).await, 3);
        assert_eq!(began.elapsed(), 4 * SETTLE, "once more after the last change");
        looks.set(0);
        assert_eq!(settled(0, || grows(usize::MAX)).await, LOOKS, "who never stops writing is not waited for");
    }
}
