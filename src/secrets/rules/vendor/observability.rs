//! Logs, metrics, errors, incidents, analytics and feature flags.

use super::{Rule, named, specs, token};
use crate::secrets::checksum;

pub(super) const RULES: &[Rule] = &[
    token("grafana-token", "Grafana token", "grafana", &["glsa_"], specs!["glsa_{a32}_{H8}"])
        .check(checksum::grafana)
        .examples(&["glsa_‹a32›_‹h8›"], &["glsa_"]),
    token("grafana-cloud", "Grafana Cloud token", "grafana", &["glc_"], specs!["glc_{b32+}?==", "glc_{e32+}"])
        .check(checksum::grafana_cloud)
        .examples(&["glc_eyJ‹b80›=="], &["glc_version"]),
    token("grafana-key", "Grafana key", "grafana", &["eyjrijoi"], specs!["eyJrIjoi{b40+}"])
        .sure(0.93)
        .check(checksum::grafana_key)
        .examples(&["eyJrIjoi‹b40›"], &["eyJrIjoi"]),
    token(
        "sentry-token",
        "Sentry token",
        "sentry",
        &["sntrys_", "sntryu_", "sntrya_", "sntryi_"],
        specs!["sntrys_{e60+}", "sntryu_{h64}", "sntrya_{h64}", "sntryi_{h64}"],
    )
    .examples(&["sntrys_‹a60›", "sntryu_‹h64›", "sntrya_‹h64›", "sntryi_‹h64›"], &["sntrys_"]),
    named("sentry-key", "Sentry token", "sentry", &["sentry"], specs!["{h64}"])
        .examples(&["SENTRY_AUTH_TOKEN=‹h64›"], &["sentry version ‹h64›", "sentry_key = ‹a5›"]),
    named(
        "datadog-key",
        "Datadog key",
        "datadog",
        &[
            "datadog",
            "dd_api",
            "dd-api",
            "dd api",
            "dd.api",
            "ddapi",
            "dd_app",
            "dd-app",
            "dd app",
            "dd.app",
            "ddapp",
            "dd-application",
        ],
        specs!["{h32}", "{h40}", "{a34}"],
    )
    .sure(0.88)
    .examples(&["DD_API_KEY=‹h32›"], &["datadog version ‹h32›", "datadog_key = ‹a5›"]),
    token(
        "newrelic-key",
        "New Relic key",
        "newrelic",
        &["nrak-", "nriq-", "nrii-", "nrra-", "nral-", "nraa-", "nrsp-"],
        specs!["NRAK-{u27}", "NRIQ-{w25+}", "NRII-{w25+}", "NRRA-{h42}", "NRAL-{w25+}", "NRAA-{a27+}", "NRSP-{a20+}"],
    )
    .examples(&["NRAK-‹x27›", "NRIQ-‹w25›", "NRII-‹w25›", "NRRA-‹h42›"], &["NRAK-", "NRJS-‹h19›"]),
    token(
        "newrelic-license",
        "New Relic licence key",
        "newrelic",
        &["ffffnral", "nral"],
        specs!["{n32}FFFFNRAL", "{n36}NRAL", "{n32}NRAL", "{h36}FFFFNRAL"],
    )
    .examples(
        &["‹n32›FFFFNRAL", "‹n36›NRAL", "‹n32›NRAL", "‹h36›FFFFNRAL", "‹h32›FFFFNRAL", "eu01xx‹h26›FFFFNRAL"],
        &["FFFFNRAL"],
    ),
    token("newrelic-mobile", "New Relic mobile token", "newrelic", &["-nrma"], specs!["{a42}-NRMA"])
        .examples(&["AA‹h40›-NRMA"], &["-NRMA"]),
    token(
        "dynatrace-token",
        "Dynatrace token",
        "dynatrace",
        &["dt0c01.", "dt0s", "dt0a01."],
        specs![
            "dt0c01.{u24}.{u64}",
            "dt0s01.{u8-24}.{u64}",
            "dt0s02.{u8-24}.{u64}",
            "dt0s06.{u8-24}.{u64}",
            "dt0s16.{u8-24}.{u64}",
            "dt0s{d2}.{u6-24}.{u64}",
            "dt0a01.{u24}.{u64}"
        ],
    )
    .examples(&["dt0c01.‹x24›.‹x64›", "dt0s01.‹x8›.‹x64›", "dt0s02.‹x8›.‹x64›", "dt0s06.‹x8›.‹x64›"], &["dt0c01.x"]),
    token(
        "honeycomb-key",
        "Honeycomb key",
        "honeycomb",
        &["hcaik_", "hcaic_", "hcalk_", "hcamk_", "hcxik_"],
        specs!["hcaik_{n58}", "hcaic_{n58}", "hcalk_{n58}", "hcamk_{n58}", "hcxik_{n58}"],
    )
    .examples(&["hcaik_‹n58›", "hcaic_‹n58›", "hcalk_‹n58›", "hcamk_‹n58›"], &["hcaik_"]),
    named("honeycomb-old", "Honeycomb key", "honeycomb", &["honeycomb", "x-honeycomb-team"], specs!["{h32}", "{a22}"])
        .examples(&["HONEYCOMB_API_KEY=‹h32›"], &["honeycomb version ‹h32›", "honeycomb_key = ‹a5›"]),
    named(
        "betterstack-token",
        "Better Stack token",
        "logtail",
        &["logtail", "betterstack", "betteruptime"],
        specs!["{a24}"],
    )
    .examples(&["LOGTAIL_SOURCE_TOKEN=‹a24›"], &["logtail version ‹a24›", "logtail_key = ‹a5›"]),
    named("axiom-old", "Axiom token", "axiom", &["axiom"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["AXIOM_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["axiom version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "axiom_key = ‹a5›"],
    ),
    token(
        "axiom-token",
        "Axiom token",
        "axiom",
        &["xaat-", "xapt-"],
        specs!["xaat-{h8}-{h4}-{h4}-{h4}-{h12}", "xapt-{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(&["xaat-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "xapt-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"], &["xaat-"]),
    token(
        "posthog-key",
        "PostHog key",
        "posthog",
        &["phx_", "phs_", "pha_", "phr_"],
        specs!["phx_{w40+}", "phs_{w40+}", "pha_{w40+}", "phr_{w40+}"],
    )
    .examples(&["phx_‹w40›", "phs_‹w40›", "pha_‹w40›", "phr_‹w40›"], &["phx_", "phc_‹a43›"]),
    token(
        "launchdarkly-key",
        "LaunchDarkly key",
        "launchdarkly",
        &["sdk-", "api-", "mob-", "rel-"],
        specs![
            "!sdk-{h8}-{h4}-{h4}-{h4}-{h12}",
            "!api-{h8}-{h4}-{h4}-{h4}-{h12}",
            "!mob-{h8}-{h4}-{h4}-{h4}-{h12}",
            "!rel-{h8}-{h4}-{h4}-{h4}-{h12}"
        ],
    )
    .sure(0.93)
    .examples(
        &[
            "sdk-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "api-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "mob-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "rel-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
        ],
        &["sdk-1.2", "api-v2"],
    ),
    named(
        "segment-key",
        "Segment key",
        "segment",
        &["segment_", "segment-", "segment ", "segment.", "segment-write"],
        specs!["{a32}"],
    )
    .examples(&["SEGMENT_WRITE_KEY=‹a32›"], &["segment_ version ‹a32›", "segment__key = ‹a5›"]),
    token("segment-token", "Segment token", "segment", &["sgp_"], specs!["sgp_{a64}"])
        .examples(&["sgp_‹a64›"], &["sgp_x"]),
    named("mixpanel-secret", "Mixpanel secret", "mixpanel", &["mixpanel"], specs!["{h32}"])
        .examples(&["MIXPANEL_API_SECRET=‹h32›"], &["mixpanel version ‹h32›", "mixpanel_key = ‹a5›"]),
    named("amplitude-key", "Amplitude key", "amplitude", &["amplitude"], specs!["{h32}"])
        .examples(&["AMPLITUDE_SECRET_KEY=‹h32›"], &["amplitude version ‹h32›", "amplitude_key = ‹a5›"]),
    named(
        "heap-key",
        "Heap key",
        "heap",
        &[
            "heap_app", "heap-app", "heap app", "heap.app", "heapapp", "heap_api", "heap-api", "heap api", "heap.api",
            "heapapi",
        ],
        specs!["{h32}", "{a40}"],
    )
    .examples(&["HEAP_API_KEY=‹h32›"], &["heap_app version ‹h32›", "heap_app_key = ‹a5›"]),
    token("fullstory-key", "FullStory key", "fullstory", &["na1.", "eu1."], specs!["!na1.{b80+}", "!eu1.{b80+}"])
        .sure(0.92)
        .examples(&["na1.‹b80›", "eu1.‹b80›"], &["na1.example"]),
    named("bugsnag-key", "Bugsnag key", "bugsnag", &["bugsnag"], specs!["{h32}"])
        .examples(&["BUGSNAG_API_KEY=‹h32›"], &["bugsnag version ‹h32›", "bugsnag_key = ‹a5›"]),
    named("rollbar-token", "Rollbar token", "rollbar", &["rollbar"], specs!["{h32}"])
        .examples(&["ROLLBAR_ACCESS_TOKEN=‹h32›"], &["rollbar version ‹h32›", "rollbar_key = ‹a5›"]),
    named("airbrake-key", "Airbrake key", "airbrake", &["airbrake"], specs!["{h32}", "{h40}"])
        .examples(&["AIRBRAKE_API_KEY=‹h32›"], &["airbrake version ‹h32›", "airbrake_key = ‹a5›"]),
    named(
        "honeybadger-key",
        "Honeybadger key",
        "honeybadger",
        &["honeybadger"],
        specs!["hbp_{a36}", "{a20-24}", "{h8}"],
    )
    .examples(&["HONEYBADGER_API_KEY=‹a24›"], &["honeybadger version hbp_‹a36›", "honeybadger_key = ‹a5›"]),
    named("logdna-key", "LogDNA key", "logdna", &["logdna", "mezmo"], specs!["{h32}"])
        .examples(&["LOGDNA_INGESTION_KEY=‹h32›"], &["logdna version ‹h32›", "logdna_key = ‹a5›"]),
    named("loggly-token", "Loggly token", "loggly", &["loggly"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["LOGGLY_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["loggly version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "loggly_key = ‹a5›"],
    ),
    named("papertrail-token", "Papertrail token", "papertrail", &["papertrail"], specs!["{a20}"])
        .examples(&["PAPERTRAIL_API_TOKEN=‹a20›"], &["papertrail version ‹a20›", "papertrail_key = ‹a5›"]),
    named(
        "sumologic-key",
        "Sumo Logic key",
        "sumologic",
        &["sumologic", "sumo_", "sumo-", "sumo ", "sumo."],
        specs!["{a64}"],
    )
    .examples(&["SUMOLOGIC_ACCESS_KEY=‹a64›"], &["sumologic version ‹a64›", "sumologic_key = ‹a5›"]),
    named(
        "splunk-token",
        "Splunk token",
        "splunk",
        &[
            "splunk",
            "hec_token",
            "hec-token",
            "hec token",
            "hec.token",
            "hectoken",
            "signalfx",
            "sfx_",
            "sfx-",
            "sfx ",
            "sfx.",
        ],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}", "{w22}"],
    )
    .examples(
        &["SPLUNK_HEC_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["splunk version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "splunk_key = ‹a5›"],
    ),
    named(
        "logzio-token",
        "Logz.io token",
        "logzio",
        &["logzio", "logz_io", "logz-io", "logz io", "logz.io"],
        specs!["{a32}", "{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(&["LOGZIO_TOKEN=‹a32›"], &["logzio version ‹a32›", "logzio_key = ‹a5›"]),
    named(
        "coralogix-key",
        "Coralogix key",
        "coralogix",
        &["coralogix"],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}", "cxtp_{a30}", "cxup_{a30}"],
    )
    .examples(
        &["CORALOGIX_PRIVATE_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["coralogix version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "coralogix_key = ‹a5›"],
    ),
    token(
        "coralogix-token",
        "Coralogix key",
        "coralogix",
        &["cxtp_", "cxup_", "cxth_"],
        specs!["cxtp_{a30}", "cxup_{a30}", "cxth_{a30}"],
    )
    .examples(&["cxtp_‹a30›", "cxup_‹a30›", "cxth_‹a30›"], &["cxtp_"]),
    named(
        "lightstep-token",
        "Lightstep token",
        "lightstep",
        &["lightstep", "ls_access", "ls-access", "ls access", "ls.access", "lsaccess"],
        specs!["{b120-132}"],
    )
    .examples(&["LS_ACCESS_TOKEN=‹b120›"], &["lightstep version ‹b120›", "lightstep_key = ‹a5›"]),
    named("instana-key", "Instana key", "instana", &["instana"], specs!["{w22}"])
        .examples(&["INSTANA_AGENT_KEY=‹w22›"], &["instana version ‹w22›", "instana_key = ‹a5›"]),
    named(
        "pagerduty-key",
        "PagerDuty key",
        "pagerduty",
        &["pagerduty", "pd_api", "pd-api", "pd api", "pd.api", "pdapi"],
        specs!["u+{w18}", "y_{w18}", "{w20}", "{h32}", "R0{u28-30}"],
    )
    .examples(&["PAGERDUTY_TOKEN=u+‹w18›"], &["pagerduty version u+‹w18›", "pagerduty_key = ‹a5›"]),
    named("opsgenie-key", "Opsgenie key", "opsgenie", &["opsgenie", "genie"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(
            &["OPSGENIE_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
            &["opsgenie version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "opsgenie_key = ‹a5›"],
        ),
    named(
        "statuspage-key",
        "Statuspage key",
        "statuspage",
        &["statuspage"],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}", "{h64}"],
    )
    .examples(
        &["STATUSPAGE_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["statuspage version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "statuspage_key = ‹a5›"],
    ),
    named("victorops-key", "VictorOps key", "victorops", &["victorops"], specs!["{h32}", "{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(&["VICTOROPS_API_KEY=‹h32›"], &["victorops version ‹h32›", "victorops_key = ‹a5›"]),
    token("rootly-key", "Rootly key", "rootly", &["rootly_"], specs!["rootly_{h64}"])
        .examples(&["rootly_‹h64›"], &["rootly_"]),
    named(
        "incident-key",
        "incident.io key",
        "incident",
        &["incident_io", "incident-io", "incident io", "incident.io", "incidentio"],
        specs!["inc_{a50+}", "{h64}"],
    )
    .examples(&["INCIDENT_IO_API_KEY=inc_‹a50›"], &["incident_io version inc_‹a50›", "incident_io_key = ‹a5›"]),
    named(
        "uptimerobot-key",
        "UptimeRobot key",
        "uptimerobot",
        &["uptimerobot"],
        specs!["u{d5-8}-{a24}", "m{d5-9}-{a24}"],
    )
    .sure(0.92)
    .examples(&["UPTIMEROBOT_API_KEY=u‹d5›-‹a24›"], &["uptimerobot version u‹d5›-‹a24›", "uptimerobot_key = ‹a5›"]),
    named("pingdom-token", "Pingdom token", "pingdom", &["pingdom"], specs!["{w74}", "{w80}"])
        .examples(&["PINGDOM_API_TOKEN=‹w74›"], &["pingdom version ‹w74›", "pingdom_key = ‹a5›"]),
    token("checkly-key", "Checkly key", "checkly", &["cu_", "sv_"], specs!["!cu_{h32}", "!sv_{h32}"])
        .sure(0.92)
        .examples(&["cu_‹h32›", "sv_‹h32›"], &["cu_x"]),
    named("statuscake-key", "StatusCake key", "statuscake", &["statuscake"], specs!["{a20}"])
        .examples(&["STATUSCAKE_API_KEY=‹a20›"], &["statuscake version ‹a20›", "statuscake_key = ‹a5›"]),
    token(
        "configcat-key",
        "ConfigCat key",
        "configcat",
        &["configcat-sdk-"],
        specs!["configcat-sdk-1/{w22}/{w22}", "configcat-sdk-2/{w22}/{w22}"],
    )
    .examples(&["configcat-sdk-1/‹w22›/‹w22›", "configcat-sdk-2/‹w22›/‹w22›"], &["configcat-sdk-js"]),
    token(
        "devcycle-key",
        "DevCycle key",
        "devcycle",
        &["dvc_server_", "dvc_mobile_"],
        specs!["dvc_server_{m20+}", "dvc_mobile_{m20+}"],
    )
    .examples(&["dvc_server_‹a20›", "dvc_mobile_‹a20›"], &["dvc_server_"]),
    named(
        "split-key",
        "Split key",
        "split",
        &[
            "splitio",
            "split_api",
            "split-api",
            "split api",
            "split.api",
            "splitapi",
            "split_sdk",
            "split-sdk",
            "split sdk",
            "split.sdk",
            "splitsdk",
        ],
        specs!["{n36}", "{n50}"],
    )
    .examples(&["SPLIT_API_KEY=‹n36›"], &["splitio version ‹n36›", "splitio_key = ‹a5›"]),
    named(
        "unleash-token",
        "Unleash token",
        "unleash",
        &["unleash"],
        specs!["{w1-40}:{w1-40}.{h56-64}", "*:{w1-40}.{h56-64}"],
    )
    .sure(0.92)
    .examples(&["UNLEASH_API_TOKEN=*:development.‹h60›"], &["unleash version ‹w1›:‹w1›.‹h56›", "unleash_key = ‹a5›"]),
    token("flagsmith-key", "Flagsmith key", "flagsmith", &["ser."], specs!["!ser.{a22}"])
        .sure(0.93)
        .examples(&["ser.‹a22›"], &["user.name"]),
    token(
        "growthbook-key",
        "GrowthBook key",
        "growthbook",
        &["secret_admin_", "secret_readonly_", "secret_user_"],
        specs!["secret_admin_{e30+}", "secret_readonly_{e30+}", "secret_user_{e30+}"],
    )
    .examples(&["secret_admin_‹a30›", "secret_readonly_‹a30›", "secret_user_‹a30›"], &["secret_admin_password"]),
    token(
        "statsig-key",
        "Statsig key",
        "statsig",
        &["secret-", "console-"],
        specs!["!secret-{a40-50}", "!console-{a40-50}"],
    )
    .sure(0.92)
    .examples(&["secret-‹a40›", "console-‹a40›"], &["secret-manager"]),
    token("elastic-key", "Elastic Cloud key", "elastic", &["essu_"], specs!["essu_{e60+}", "ESSU_{e60+}"])
        .examples(&["essu_‹a60›", "ESSU_‹a60›"], &["essu_"]),
    token("datadog-app-key", "Datadog key", "datadog", &["ddapp_", "ddpat_"], specs!["ddapp_{a30+}", "ddpat_{m40+}"])
        .examples(&["ddapp_‹a30›", "ddpat_‹a40›"], &["ddapp_"]),
    token(
        "inngest-key",
        "Inngest key",
        "inngest",
        &["signkey-prod-", "signkey-test-", "signkey-branch-"],
        specs!["signkey-prod-{h32+}", "signkey-test-{h32+}", "signkey-branch-{h32+}"],
    )
    .examples(&["signkey-prod-‹h32›", "signkey-test-‹h32›", "signkey-branch-‹h32›"], &["signkey-prod-"]),
];
