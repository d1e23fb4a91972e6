//! Addresses that are a key themselves: whoever knows the path may post, deploy or read.

use std::ops::Range;

use super::Cursor;
use crate::secrets::value;

/// Where in the address the secret stands.
#[derive(Clone, Copy)]
enum Part {
    /// All of the path behind the key.
    Path,
    /// The path behind so many segments.
    Behind(usize),
    /// The value of this parameter, or of the path behind these words.
    After(&'static str),
}

static HOOKS: &[(&str, Part)] = &[
    ("hooks.zapier.com/hooks/catch/", Part::Behind(1)),
    ("hooks.zapier.com/hooks/standard/", Part::Behind(1)),
    (".make.com/", Part::Path),
    ("hook.integromat.com/", Part::Path),
    ("/open-apis/bot/v2/hook/", Part::Path),
    ("/open-apis/bot/hook/", Part::Path),
    ("oapi.dingtalk.com/robot/send", Part::After("access_token=")),
    ("qyapi.weixin.qq.com/cgi-bin/webhook/send", Part::After("key=")),
    ("maker.ifttt.com/trigger/", Part::After("with/key/")),
    ("chat.googleapis.com/v1/spaces/", Part::After("token=")),
    ("events.pagerduty.com/integration/", Part::Path),
    ("hc-ping.com/", Part::Path),
    ("api.netlify.com/build_hooks/", Part::Path),
    ("api.vercel.com/v1/integrations/deploy/", Part::Behind(1)),
    ("api.render.com/deploy/", Part::After("key=")),
    ("/pages/webhooks/deploy_hooks/", Part::Path),
    ("alert.victorops.com/integrations/generic/", Part::After("/alert/")),
    ("api.opsgenie.com/v1/json/", Part::After("apikey=")),
    ("sctapi.ftqq.com/", Part::Path),
    ("api.day.app/", Part::Path),
    ("automation.atlassian.com/pro/hooks/", Part::Path),
    ("calendar.google.com/calendar/ical/", Part::After("/private-")),
    ("outlook.office.com/webhook/", Part::Path),
    ("outlook.office365.com/webhook/", Part::Path),
    ("api.pushcut.io/", Part::Path),
    ("hooks.glip.com/webhook/", Part::Path),
    ("api.guilded.gg/webhooks/", Part::Behind(1)),
    ("media.guilded.gg/webhooks/", Part::Behind(1)),
    ("webexapis.com/v1/webhooks/incoming/", Part::Path),
    ("api.flock.com/hooks/sendmessage/", Part::Path),
    ("hook.us.webex.com/", Part::Path),
    ("/hooks/", Part::Path),
    ("/webhook/", Part::Path),
    ("/webhooks/", Part::Path),
    ("/incoming-webhook/", Part::Path),
];

/// What leads here.
pub(in crate::secrets) const KEYS: &[&str] = &[
    "hooks.zapier.com/hooks/",
    ".make.com/",
    "hook.integromat.com/",
    "/open-apis/bot/",
    "oapi.dingtalk.com/robot/send",
    "qyapi.weixin.qq.com/cgi-bin/webhook/send",
    "maker.ifttt.com/trigger/",
    "chat.googleapis.com/v1/spaces/",
    "events.pagerduty.com/integration/",
    "hc-ping.com/",
    "api.netlify.com/build_hooks/",
    "api.vercel.com/v1/integrations/deploy/",
    "api.render.com/deploy/",
    "/pages/webhooks/deploy_hooks/",
    "alert.victorops.com/integrations/generic/",
    "api.opsgenie.com/v1/json/",
    "sctapi.ftqq.com/",
    "api.day.app/",
    "automation.atlassian.com/pro/hooks/",
    "calendar.google.com/calendar/ical/",
    "outlook.office.com/webhook/",
    "outlook.office365.com/webhook/",
    "api.pushcut.io/",
    "hooks.glip.com/webhook/",
    "api.guilded.gg/webhooks/",
    "media.guilded.gg/webhooks/",
    "webexapis.com/v1/webhooks/incoming/",
    "api.flock.com/hooks/sendmessage/",
    "/hooks/",
    "/webhook/",
    "/webhooks/",
];

/// The secret part of a webhook's address.
pub(in crate::secrets) fn webhook(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let rest = text.get(at..).unwrap_or_default();
    let Some((key, part)) = HOOKS.iter().find(|(k, _)| value::begins(rest, k)) else { return };
    let bytes = text.as_bytes();
    let start = at + key.len();
    let mut c = Cursor::new(bytes, start);
    c.run(512, |b| b.is_ascii_alphanumeric() || b"-._~%/?&=@:+".contains(&b));
    let Some(path) = text.get(start..c.at) else { return };
    let (mut skip, mut to) = match part {
        Part::Path => (0, path.len()),
        Part::Behind(n) => match path.match_indices('/').nth(n - 1) {
            Some((p, _)) => (p + 1, path.len()),
            None => return,
        },
        Part::After(word) => match path.find(word) {
            Some(p) => (p + word.len(), path.len()),
            None => return,
        },
    };
    if let Some(end) = path.get(skip..).and_then(|p| p.find(['?', '&'])) {
        to = skip + end;
    }
    if matches!(part, Part::After(_)) {
        to = path.get(skip..to).and_then(|p| p.find('/')).map_or(to, |p| skip + p);
    }
    let generic = key.starts_with('/') && !key.contains("open-apis");
    if generic {
        // Only from the first segment on that could be no word.
        let mut from = skip;
        for segment in path.get(skip..to).unwrap_or_default().split('/') {
            if segment.len() >= 24 && (value::uuid(segment) || value::random(segment) && !value::wordy(segment)) {
                break;
            }
            from += segment.len() + 1;
        }
        skip = from;
    }
    let secret = path.get(skip..to).unwrap_or_default().trim_end_matches(['/', '.']);
    let long = secret.len() >= if generic { 24 } else { 6 };
    let telling = secret.bytes().any(|b| b.is_ascii_digit()) && !value::dummy(secret) && !value::template(secret);
    if long && telling && !value::wordy(secret) {
        out.push(start + skip..start + skip + secret.len());
    }
}
