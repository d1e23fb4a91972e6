//! Which proxy stands between us and the providers, who names it, and whether it connects.

use std::time::Duration;

use super::accounts::Asked;
use super::{CommandError, Context, Finding, State};
use crate::model::Via;
use crate::net::proxy::{Reached, named};

/// How long a proxy has to connect.
const LIMIT: Duration = Duration::from_secs(10);
/// Where nobody is asked through it, this host says whether it would be.
const ANYBODY: &str = "models.dev";

pub(super) fn check(context: &Context, asked: &Asked) -> Result<Vec<Finding>, CommandError> {
    let settings = &context.config().net;
    let mut through = Vec::new();
    for upstream in &asked.upstreams {
        let Some((host, port)) = crate::net::host(&upstream.base_url) else { continue };
        if let Some(named) = named(settings, &context.env, &upstream.via, &host)
            && !through.iter().any(|(other, _)| *other == named)
        {
            through.push((named, Some((host, port))));
        }
    }
    if through.is_empty()
        && let Some(named) = named(settings, &context.env, &Via::default(), ANYBODY)
    {
        through.push((named, None));
    }
    if through.is_empty() {
        return Ok(vec![Finding::new("proxy", State::Absent, "neither settings nor environment name one")]);
    }
    if let Some(why) = super::unasked(context) {
        return Ok(vec![Finding::new("proxy", State::Absent, why)]);
    }
    context.block_on(async {
        let mut out = Vec::new();
        for (proxy, to) in &through {
            let (by, shown) = (&proxy.by, proxy.shown());
            let kind = match proxy.scheme().as_str() {
                "http" => "an HTTP proxy",
                "https" => "a proxy behind TLS",
                scheme if scheme.starts_with("socks") => "a SOCKS proxy",
                _ => "a proxy",
            };
            let public = |what: &str| format!("{by} names {kind}: {what}");
            let told = to.as_ref().map(|(host, port)| (host.as_str(), *port));
            out.push(match proxy.probe(told, LIMIT).await {
                Ok(Reached::Connects) => {
                    let host = told.map(|(host, _)| host).unwrap_or_default();
                    let says = format!("{shown}, {kind} that {by} names, connects to {host}");
                    Finding::new("proxy", State::Good, says).public("proxy", public("it connects"))
                }
                Ok(Reached::Listens) => {
                    let says = format!("{shown}, {kind} that {by} names, can be reached; nothing was asked of it");
                    Finding::new("proxy", State::Good, says).public("proxy", public("it can be reached"))
                }
                Err(why) => {
                    let hint = match by.as_str() {
                        "net.proxies" | "the upstream's proxy" => "correct it: monster config edit",
                        "net.proxy" => {
                            "correct it: monster config set net.proxy URL; or: monster config unset net.proxy"
                        }
                        _ => "correct or unset that variable; NO_PROXY names hosts that need none",
                    };
                    Finding::new("proxy", State::Bad, format!("{shown}, {kind} that {by} names: {why}"))
                        .hint(hint)
                        .public("proxy", public("it does not connect"))
                }
            });
        }
        Ok(out)
    })
}
