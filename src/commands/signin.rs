//! The sign-in flows as a person at a terminal meets them.

use std::cell::RefCell;
use std::time::Duration;

use super::context::Context;
use super::error::{CommandError, Exit};
use crate::auth::{
    Account, Desk, Method, Setup, Shape, Shown, SignInError, Signed, Talk, adc, az, browser, client, device,
    federation, managed, profile, revoke,
};
use crate::model::Secret;
use crate::net::Net;
use crate::providers::Upstream;
use crate::ui::{Choice, INTERRUPT, Spinner, Tone, Ui};
use crate::world::{Env, browser as screen};

/// What the command line gave beside the setup.
pub(super) struct Secrets {
    /// The client's secret, if standard input had it.
    pub(super) given: Option<Secret>,
    /// Scopes were named.
    pub(super) scopes: bool,
}

/// Runs a flow at an upstream, as it is asked for the account that this will be; the token beside what is to be stored
/// is for a check.
pub(super) fn sign_in(
    context: &Context,
    target: &Upstream,
    mut setup: Setup,
    method: Method,
    secrets: Secrets,
) -> Result<(Signed, Secret), CommandError> {
    complete(context, &mut setup, method, secrets.given)?;
    let net = Net::about(context.config().net.clone(), &target.base_url, target.via.clone());
    let talk = Speaker { ui: &context.ui, env: &context.env, spinner: RefCell::new(None) };
    let desk = Desk { net: &net, clock: &context.clock, env: &context.env, talk: &talk };
    let signed = match method {
        Method::Browser => context.block_on(async { Ok(browser(desk, setup).await?) })?,
        Method::Device => context.block_on(async { Ok(device(desk, setup).await?) })?,
        Method::Client => context.block_on(async { Ok(client(desk, setup).await?) })?,
        Method::Adc => context.block_on(async { Ok(adc(desk, &setup, secrets.scopes).await?) })?,
        Method::Managed => context.block_on(async { Ok(managed(desk, &setup).await?) })?,
        Method::Federation => context.block_on(async { Ok(federation(desk, &setup).await?) })?,
        Method::Az => return Ok(az(&setup)?),
        Method::Profile => return Ok(profile(desk, &setup)?),
        Method::Key => return Err(CommandError::new(Exit::Internal, "a key is no flow")),
    };
    if let Some(who) = &signed.who {
        context.ui.status(&format!("signed in as {who}"));
    }
    let token = signed.secret.clone();
    Ok((signed, token))
}

/// A client that was made for this installation serves again (sign-in.md).
pub(super) fn remember<'a>(setup: &mut Setup, mut accounts: impl Iterator<Item = &'a Account>) {
    if setup.shape == Shape::Agent {
        let known = accounts.find_map(|a| a.grant.as_ref().filter(|g| g.method == Method::Browser.name()));
        if let Some(id) = known.and_then(|g| g.client_id.clone()) {
            setup.client_id = Some(id);
        }
    }
}

/// Gives back a sign-in that nobody will use, as well as it goes. With some providers that ends every sign-in of the
/// same person and client, so that it is left as it is where a stored account may be one of them.
pub(super) fn discard<'a>(
    context: &Context,
    target: &Upstream,
    signed: &Signed,
    mut stored: impl Iterator<Item = &'a Account>,
) {
    let Some(grant) = &signed.grant else { return };
    let kin = |account: &Account| account.grant.as_ref().is_some_and(|g| g.client_id == grant.client_id);
    if stored.any(kin) {
        return;
    }
    let net = Net::about(context.config().net.clone(), &target.base_url, target.via.clone());
    let told = context.block_on(async { Ok(revoke(&net, &context.clock, &signed.secret, grant).await) });
    if let Ok(Err(error)) = told {
        context.ui.warn(&format!("the sign-in is not stored, and could not be given back: {error}"));
    }
}

/// Asks for what a flow lacks, if there is somebody to ask.
fn complete(context: &Context, setup: &mut Setup, method: Method, given: Option<Secret>) -> Result<(), CommandError> {
    if !matches!(method, Method::Browser | Method::Device | Method::Client) || setup.shape != Shape::Standard {
        return Ok(());
    }
    if setup.client_id.is_none() && context.ui.interactive() {
        context.ui.status(&format!("this takes a client of your own: {}", setup.own));
        let id = context.ui.line("Client id", "").map(|id| id.trim().to_owned());
        setup.client_id = id.filter(|id| !id.is_empty());
    }
    setup.client_secret = given.or_else(|| setup.client_secret.take());
    let needed = method == Method::Client || (method == Method::Browser && setup.secret_needed);
    if needed && setup.client_secret.is_none() && setup.client_id.is_some() {
        let secret = context.ui.secret("Secret of the client", false).filter(|secret| !secret.is_empty());
        setup.client_secret = Some(secret.ok_or_else(|| {
            CommandError::from(SignInError::Missing {
                what: format!("this way into {} takes the client's secret", setup.label),
                hint: "give it on standard input with --stdin, or name a variable with \
                    upstreams.NAME.oauth.client_secret_env"
                    .to_owned(),
            })
        })?);
    }
    Ok(())
}

/// Says on the terminal what a flow does.
struct Speaker<'a> {
    ui: &'a Ui,
    env: &'a Env,
    spinner: RefCell<Option<Spinner>>,
}

impl Speaker<'_> {
    fn aside(&self, f: impl FnOnce()) {
        match &*self.spinner.borrow() {
            Some(spinner) => spinner.aside(f),
            None => f(),
        }
    }
}

impl Talk for Speaker<'_> {
    fn visit(&self, url: &str, opened: bool) {
        if opened {
            self.ui.status("the sign-in is open in your browser; should it not be, visit");
        } else {
            self.ui.show(Tone::Bold, "to sign in, visit");
        }
        self.ui.show(Tone::Cyan, url);
        if self.ui.interactive() {
            self.ui.status("where the browser runs on another machine, paste here the address it ends at");
        }
    }

    fn code(&self, code: &Shown<'_>) -> bool {
        let minutes = code.lasts.as_secs().div_ceil(60);
        self.ui.show(Tone::Bold, &format!("enter the code {} at", code.code));
        self.ui.show(Tone::Cyan, code.url);
        self.ui.status(&format!("it holds for {minutes} min"));
        const CHOICES: [Choice; 3] = [
            Choice { key: 'o', label: "open the page" },
            Choice { key: 'c', label: "copy the code" },
            Choice { key: 'w', label: "wait" },
        ];
        loop {
            match self.ui.choose(&CHOICES) {
                Some('c') if self.ui.copy(code.code) => self.ui.status("copied, if your terminal allows it"),
                Some('c') => self.ui.status("this terminal has no clipboard"),
                Some('o') => {
                    if !screen::open(code.whole.unwrap_or(code.url), self.env) {
                        self.ui.status("there is no browser here; open the page on any device");
                    }
                    return true;
                }
                Some(INTERRUPT) => return false,
                _ => return true,
            }
        }
    }

    fn waiting(&self, left: Duration) {
        let text = format!("waiting for you ({}:{:02} left)", left.as_secs() / 60, left.as_secs() % 60);
        let mut spinner = self.spinner.borrow_mut();
        match &*spinner {
            Some(spinner) => spinner.text(&text),
            None => *spinner = Some(Spinner::start(self.ui, &text)),
        }
    }

    fn done(&self) {
        self.spinner.replace(None);
    }

    fn tell(&self, text: &str) {
        self.aside(|| self.ui.warn(text));
    }
}
