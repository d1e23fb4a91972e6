//! Offices, shops of content, forms, support, automation and the house.

use super::{Look, Rule, named, rule, specs, token};

pub(super) const RULES: &[Rule] = &[
    token("notion-token", "Notion token", "notion", &["ntn_", "secret_"], specs!["ntn_{a40+}", "!secret_{a43}"])
        .sure(0.93)
        .examples(&["ntn_‹a40›", "secret_‹a43›"], &["secret_name_of_the_thing", "ntn_"]),
    token(
        "linear-key",
        "Linear key",
        "linear",
        &["lin_api_", "lin_oauth_", "lin_wh_"],
        specs!["lin_api_{a32+}", "lin_oauth_{a32+}", "lin_wh_{a32+}"],
    )
    .examples(&["lin_api_‹a32›", "lin_oauth_‹a32›", "lin_wh_‹a32›"], &["lin_api_key"]),
    rule(
        "asana-token",
        "Asana token",
        "asana",
        &["1/1", "2/1"],
        r"(?:[12]/[0-9]{13,20}(?:/[0-9]{13,20})?:[0-9a-f]{32})",
    )
    .look(Look::Random)
    .examples(&["1/1‹d15›:‹h32›", "2/1‹d15›/1‹d15›:‹h32›"], &["1/12:30"]),
    named("asana-secret", "Asana secret", "asana", &["asana"], specs!["{h32}"])
        .examples(&["ASANA_CLIENT_SECRET=‹h32›"], &["asana version ‹h32›", "asana_key = ‹a5›"]),
    token("figma-token", "Figma token", "figma", &["figd_", "figp_"], specs!["figd_{w38+}", "figp_{w38+}"])
        .examples(&["figd_‹w38›", "figp_‹w38›"], &["figd_"]),
    token("postman-key", "Postman key", "postman", &["pmak-", "pmat-"], specs!["PMAK-{h24}-{h34}", "PMAT-{u26}"])
        .examples(&["PMAK-‹h24›-‹h34›", "PMAT-‹x26›"], &["PMAK-"]),
    token("typeform-token", "Typeform token", "typeform", &["tfp_"], specs!["tfp_{o40+}", "tfp_{m40+}"])
        .examples(&["tfp_‹a40›"], &["tfp_"]),
    token(
        "hubspot-token",
        "HubSpot token",
        "hubspot",
        &["pat-na1-", "pat-na2-", "pat-na3-", "pat-eu1-", "pat-ap1-"],
        specs![
            "pat-na1-{h8}-{h4}-{h4}-{h4}-{h12}",
            "pat-na2-{h8}-{h4}-{h4}-{h4}-{h12}",
            "pat-na3-{h8}-{h4}-{h4}-{h4}-{h12}",
            "pat-eu1-{h8}-{h4}-{h4}-{h4}-{h12}",
            "pat-ap1-{h8}-{h4}-{h4}-{h4}-{h12}"
        ],
    )
    .examples(
        &[
            "pat-na1-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "pat-na2-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "pat-na3-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "pat-eu1-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
        ],
        &["pat-na1-"],
    ),
    named("hubspot-key", "HubSpot key", "hubspot", &["hubspot", "hapikey"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(
            &["HUBSPOT_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
            &["hubspot version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "hubspot_key = ‹a5›"],
        ),
    token("intercom-token", "Intercom token", "intercom", &["dg9ro"], specs!["dG9rO{b54}="])
        .examples(&["dG9rO‹b54›="], &["dG9rO"]),
    named(
        "intercom-secret",
        "Intercom secret",
        "intercom",
        &["intercom"],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}", "{w43}", "{b59}="],
    )
    .examples(
        &["INTERCOM_SECRET_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["intercom version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "intercom_key = ‹a5›"],
    ),
    named("zendesk-token", "Zendesk token", "zendesk", &["zendesk"], specs!["{a40}", "{h64}"])
        .examples(&["ZENDESK_API_TOKEN=‹a40›"], &["zendesk version ‹a40›", "zendesk_key = ‹a5›"]),
    named(
        "freshdesk-key",
        "Freshdesk key",
        "freshdesk",
        &["freshdesk", "freshservice", "freshworks"],
        specs!["{a20}", "{a19-22}"],
    )
    .examples(&["FRESHDESK_API_KEY=‹a20›"], &["freshdesk version ‹a20›", "freshdesk_key = ‹a5›"]),
    token("contentful-token", "Contentful token", "contentful", &["cfpat-"], specs!["CFPAT-{w40+}"])
        .examples(&["CFPAT-‹w40›"], &["CFPAT-"]),
    named("contentful-key", "Contentful token", "contentful", &["contentful"], specs!["{w43}"])
        .examples(&["CONTENTFUL_ACCESS_TOKEN=‹w43›"], &["contentful version ‹w43›", "contentful_key = ‹a5›"]),
    named("sanity-token", "Sanity token", "sanity", &["sanity"], specs!["sk{a78-200}"])
        .sure(0.92)
        .examples(&["SANITY_API_TOKEN=sk‹a78›"], &["sanity version sk‹a78›", "sanity_key = ‹a5›"]),
    named("storyblok-token", "Storyblok token", "storyblok", &["storyblok"], specs!["{a22}tt", "{a24}"]).examples(
        &["STORYBLOK_API_TOKEN=‹a22›tt", "STORYBLOK_OAUTH_TOKEN=‹a24›"],
        &["storyblok version ‹a22›tt", "storyblok_key = ‹a5›"],
    ),
    named("prismic-token", "Prismic token", "prismic", &["prismic"], specs!["MC5{o60+}", "{o80+}"])
        .examples(&["PRISMIC_ACCESS_TOKEN=MC5‹a60›"], &["prismic version MC5‹a60›", "prismic_key = ‹a5›"]),
    named("ghost-key", "Ghost admin key", "ghost", &["ghost"], specs!["{h24}:{h64}"])
        .sure(0.93)
        .examples(&["GHOST_ADMIN_API_KEY=‹h24›:‹h64›"], &["ghost version ‹h24›:‹h64›", "ghost_key = ‹a5›"]),
    named(
        "wordpress-password",
        "WordPress application password",
        "wordpress",
        &["wordpress", "wp_app", "wp-app", "wp app", "wp.app", "wpapp", "wp_", "wp-", "wp ", "wp."],
        specs!["{a4} {a4} {a4} {a4} {a4} {a4}"],
    )
    .sure(0.9)
    .examples(
        &[r#"WP_APP_PASSWORD="‹a4› ‹a4› ‹a4› ‹a4› ‹a4› ‹a4›""#],
        &["wordpress version ‹a4› ‹a4› ‹a4› ‹a4› ‹a4› ‹a4›", "wordpress_key = ‹a5›"],
    ),
    named("webflow-token", "Webflow token", "webflow", &["webflow"], specs!["{h64}"])
        .examples(&["WEBFLOW_API_TOKEN=‹h64›"], &["webflow version ‹h64›", "webflow_key = ‹a5›"]),
    token("dropbox-token", "Dropbox token", "dropbox", &["sl."], specs!["!sl.u.{w100+}", "!sl.{w100+}"])
        .examples(&["sl.u.‹w100›", "sl.‹w100›"], &["sl.example"]),
    named("dropbox-secret", "Dropbox secret", "dropbox", &["dropbox"], specs!["{n15}"])
        .examples(&["DROPBOX_APP_SECRET=‹n15›"], &["dropbox version ‹n15›", "dropbox_key = ‹a5›"]),
    named(
        "box-secret",
        "Box secret",
        "box",
        &[
            "box_client",
            "box-client",
            "box client",
            "box.client",
            "boxclient",
            "boxapp",
            "box_dev",
            "box-dev",
            "box dev",
            "box.dev",
            "boxdev",
            "box_api",
            "box-api",
            "box api",
            "box.api",
            "boxapi",
        ],
        specs!["{a32}"],
    )
    .examples(&["BOX_CLIENT_SECRET=‹a32›"], &["box_client version ‹a32›", "box_client_key = ‹a5›"]),
    token("frameio-token", "Frame.io token", "frameio", &["fio-u-"], specs!["fio-u-{w64}"])
        .examples(&["fio-u-‹w64›"], &["fio-u-"]),
    token("adobe-secret", "Adobe secret", "adobe", &["p8e-"], specs!["p8e-{w32}"]).examples(&["p8e-‹w32›"], &["p8e-x"]),
    named("adobe-key", "Adobe key", "adobe", &["adobe"], specs!["{h32}"])
        .examples(&["ADOBE_CLIENT_SECRET=‹h32›"], &["adobe version ‹h32›", "adobe_key = ‹a5›"]),
    named("slack-secret", "Slack secret", "slack", &["slack"], specs!["{h32}"])
        .examples(&["SLACK_SIGNING_SECRET=‹h32›"], &["slack version ‹h32›", "slack_key = ‹a5›"]),
    named(
        "newsapi-key",
        "News API key",
        "newsapi",
        &["newsapi", "news_api", "news-api", "news api", "news.api"],
        specs!["{h32}"],
    )
    .examples(&["NEWSAPI_KEY=‹h32›"], &["newsapi version ‹h32›", "newsapi_key = ‹a5›"]),
    token("canva-secret", "Canva secret", "canva", &["cnvca"], specs!["cnvca{w51}"])
        .examples(&["cnvca‹w51›"], &["cnvca"]),
    token("miro-token", "Miro token", "miro", &["eyjtaxjv"], specs!["eyJtaXJv{p10-64}_{w20-64}"])
        .examples(&["eyJtaXJv‹a10›_‹w20›"], &["eyJtaXJv"]),
    named("miro-key", "Miro token", "miro", &["miro_", "miro-", "miro ", "miro."], specs!["{w27}"])
        .examples(&["MIRO_ACCESS_TOKEN=‹w27›"], &["miro_ version ‹w27›", "miro__key = ‹a5›"]),
    named("trello-token", "Trello token", "trello", &["trello"], specs!["ATTA{H56}{H8}", "{h64}", "{h32}"])
        .examples(&["TRELLO_TOKEN=ATTA‹h56›‹h8›"], &["trello version ATTA‹h56›‹h8›", "trello_key = ‹a5›"]),
    token("trello-new-token", "Trello token", "trello", &["atta"], specs!["ATTA{H56-72}"])
        .sure(0.93)
        .examples(&["ATTA‹h56›"], &["ATTA"]),
    named("jira-key", "Jira token", "jira", &["jira", "confluence"], specs!["{a24}", "{b43}=", "{b44}"])
        .examples(&["JIRA_API_TOKEN=‹a24›"], &["jira version ‹a24›", "jira_key = ‹a5›"]),
    named("todoist-token", "Todoist token", "todoist", &["todoist"], specs!["{h40}"])
        .examples(&["TODOIST_API_TOKEN=‹h40›"], &["todoist version ‹h40›", "todoist_key = ‹a5›"]),
    named(
        "shortcut-token",
        "Shortcut token",
        "shortcut",
        &["shortcut_api", "shortcut-api", "shortcut api", "shortcut.api", "shortcutapi", "clubhouse"],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["SHORTCUT_API_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["shortcut_api version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "shortcut_api_key = ‹a5›"],
    ),
    named("toggl-token", "Toggl token", "toggl", &["toggl"], specs!["{h32}"])
        .examples(&["TOGGL_API_TOKEN=‹h32›"], &["toggl version ‹h32›", "toggl_key = ‹a5›"]),
    named(
        "harvest-token",
        "Harvest token",
        "harvest",
        &["harvest_", "harvest-", "harvest ", "harvest."],
        specs!["{d6-8}.pt.{w80-90}"],
    )
    .sure(0.93)
    .examples(&["HARVEST_ACCESS_TOKEN=‹d6›.pt.‹w80›"], &["harvest_ version ‹d6›.pt.‹w80›", "harvest__key = ‹a5›"]),
    token(
        "wakatime-key",
        "WakaTime key",
        "wakatime",
        &["waka_"],
        specs!["waka_{h8}-{h4}-{h4}-{h4}-{h12}", "waka_{n36+}"],
    )
    .examples(&["waka_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "waka_‹n36›"], &["waka_"]),
    named("calendly-token", "Calendly token", "calendly", &["calendly"], specs!["eyJ{o100+}"])
        .examples(&["CALENDLY_TOKEN=eyJ‹a100›"], &["calendly version eyJ‹a100›", "calendly_key = ‹a5›"]),
    token("cal-key", "Cal.com key", "cal", &["cal_live_", "cal_test_"], specs!["cal_live_{h32}", "cal_test_{h32}"])
        .examples(&["cal_live_‹h32›", "cal_test_‹h32›"], &["cal_live_"]),
    token(
        "salesforce-token",
        "Salesforce token",
        "salesforce",
        &["00d"],
        specs!["!00D{a12}!{o80+}", r"!00D{a12}\!{o80+}"],
    )
    .examples(&["00D‹a12›!‹w96›"], &["00D"]),
    token("salesforce-key", "Salesforce consumer key", "salesforce", &["3mvg9"], specs!["3MVG9{o70+}"])
        .examples(&["3MVG9‹a70›"], &["3MVG9"]),
    token("salesforce-refresh", "Salesforce refresh token", "salesforce", &["5aep861"], specs!["5AEP861{o70+}"])
        .examples(&["5AEP861‹a70›"], &["5AEP861"]),
    named("salesforce-secret", "Salesforce secret", "salesforce", &["salesforce", "sfdc"], specs!["{x64}", "{d19}"])
        .examples(&["SALESFORCE_CLIENT_SECRET=‹x64›"], &["salesforce version ‹x64›", "salesforce_key = ‹a5›"]),
    token("zoho-token", "Zoho token", "zoho", &["1000."], specs!["!1000.{h32}.{h32}"])
        .examples(&["1000.‹h32›.‹h32›"], &["1000.00"]),
    named("zoho-secret", "Zoho secret", "zoho", &["zoho"], specs!["{h42}"])
        .examples(&["ZOHO_CLIENT_SECRET=‹h42›"], &["zoho version ‹h42›", "zoho_key = ‹a5›"]),
    token("tableau-token", "Tableau token", "tableau", &["==:"], specs!["{b22}==:{a32}"])
        .sure(0.93)
        .examples(&["‹b22›==:‹a32›"], &["==:"]),
    token("tally-key", "Tally key", "tally", &["tly-"], specs!["tly-{a32+}"]).examples(&["tly-‹a32›"], &["tly-x"]),
    named("looker-secret", "Looker secret", "looker", &["looker"], specs!["{a24}"])
        .examples(&["LOOKERSDK_CLIENT_SECRET=‹a24›"], &["looker version ‹a24›", "looker_key = ‹a5›"]),
    token("nylas-key", "Nylas key", "nylas", &["nyk_"], specs!["nyk_v0_{a60+}", "nyk_{a60+}"])
        .examples(&["nyk_v0_‹a60›", "nyk_‹a60›"], &["nyk_"]),
    token(
        "persona-key",
        "Persona key",
        "persona",
        &["persona_production_", "persona_sandbox_"],
        specs!["persona_production_{w20+}", "persona_sandbox_{w20+}"],
    )
    .sure(0.93)
    .examples(&["persona_production_‹w20›", "persona_sandbox_‹w20›"], &["persona_production_"]),
    token(
        "onfido-token",
        "Onfido token",
        "onfido",
        &["api_live", "api_sandbox"],
        specs![
            "api_live.{w10-14}.{w32}",
            "api_live_us.{w10-14}.{w32}",
            "api_live_ca.{w10-14}.{w32}",
            "api_sandbox.{w10-14}.{w32}"
        ],
    )
    .examples(
        &["api_live.‹w10›.‹w32›", "api_live_us.‹w10›.‹w32›", "api_live_ca.‹w10›.‹w32›", "api_sandbox.‹w10›.‹w32›"],
        &["api_live.x"],
    ),
    token(
        "zapier-webhook",
        "Zapier webhook",
        "zapier",
        &["hooks.zapier.com/"],
        specs!["hooks.zapier.com/hooks/catch/({d4-12}/{a5-20}"],
    )
    .examples(&["https://hooks.zapier.com/hooks/catch/2585264/‹a16›"], &["hooks.zapier.com/hooks/catch/"]),
    token(
        "make-webhook",
        "Make webhook",
        "make",
        &["hook.eu", "hook.us", "hook.integromat.com"],
        specs![
            "hook.eu1.make.com/({n32}",
            "hook.eu2.make.com/({n32}",
            "hook.us1.make.com/({n32}",
            "hook.us2.make.com/({n32}",
            "hook.integromat.com/({n32}"
        ],
    )
    .examples(
        &["hook.eu1.make.com/‹n32›", "hook.eu2.make.com/‹n32›", "hook.us1.make.com/‹n32›", "hook.us2.make.com/‹n32›"],
        &["hook.eu1.make.com/"],
    ),
    token(
        "ifttt-webhook",
        "IFTTT webhook",
        "ifttt",
        &["maker.ifttt.com/"],
        specs![
            "maker.ifttt.com/trigger/{w1-60}/with/key/({w22+}",
            "maker.ifttt.com/trigger/{w1-60}/json/with/key/({w22+}"
        ],
    )
    .examples(&["https://maker.ifttt.com/trigger/door/with/key/‹w43›"], &["maker.ifttt.com/trigger/door"]),
    token("tines-webhook", "Tines webhook", "tines", &[".tines.com/"], specs![".tines.com/webhook/{h32}/({h32}"])
        .examples(&["https://x.tines.com/webhook/cdf1a0b5e2d34697881f0a2b3c4d5e6f/‹h32›"], &["x.tines.com/"]),
    token(
        "workato-token",
        "Workato token",
        "workato",
        &["wrka"],
        specs!["wrkatoken-{a40+}", "wrkaus-{o60+}", "wrkaeu-{o60+}", "wrka-eyJ{o60+}"],
    )
    .examples(&["wrkatoken-‹a40›", "wrkaus-‹a60›", "wrkaeu-‹a60›", "wrka-eyJ‹a60›"], &["wrka-"]),
    named("n8n-key", "n8n key", "n8n", &["n8n"], specs!["n8n_api_{a40+}", "{h32}"])
        .examples(&["N8N_ENCRYPTION_KEY=n8n_api_‹a40›"], &["n8n version n8n_api_‹a40›", "n8n_key = ‹a5›"]),
    named("homey-token", "SmartThings token", "smartthings", &["smartthings"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(
            &["SMARTTHINGS_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
            &["smartthings version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "smartthings_key = ‹a5›"],
        ),
    named(
        "particle-token",
        "Particle token",
        "particle",
        &["particle_", "particle-", "particle ", "particle."],
        specs!["{h40}"],
    )
    .examples(&["PARTICLE_ACCESS_TOKEN=‹h40›"], &["particle_ version ‹h40›", "particle__key = ‹a5›"]),
    named("bitly-token", "Bitly token", "bitly", &["bitly"], specs!["{h40}"])
        .examples(&["BITLY_ACCESS_TOKEN=‹h40›"], &["bitly version ‹h40›", "bitly_key = ‹a5›"]),
    named("giphy-key", "Giphy key", "giphy", &["giphy"], specs!["{a32}"])
        .examples(&["GIPHY_API_KEY=‹a32›"], &["giphy version ‹a32›", "giphy_key = ‹a5›"]),
    named("unsplash-key", "Unsplash key", "unsplash", &["unsplash"], specs!["{w43}", "{h64}"])
        .examples(&["UNSPLASH_ACCESS_KEY=‹w43›"], &["unsplash version ‹w43›", "unsplash_key = ‹a5›"]),
    named("cloudinary-secret", "Cloudinary secret", "cloudinary", &["cloudinary"], specs!["{w27}"])
        .examples(&["CLOUDINARY_API_SECRET=‹w27›"], &["cloudinary version ‹w27›", "cloudinary_key = ‹a5›"]),
    token("imagekit-key", "ImageKit key", "imagekit", &["private_"], specs!["private_{w27}="])
        .sure(0.95)
        .examples(&["private_‹w27›="], &["private_key"]),
    named("mux-secret", "Mux secret", "mux", &["mux_", "mux-", "mux ", "mux."], specs!["{b75}"])
        .examples(&["MUX_TOKEN_SECRET=‹b75›"], &["mux_ version ‹b75›", "mux__key = ‹a5›"]),
    token(
        "bannerbear-key",
        "Bannerbear key",
        "bannerbear",
        &["bb_pr_", "bb_ma_"],
        specs!["bb_pr_{h30}", "bb_ma_{h30}"],
    )
    .examples(&["bb_pr_‹h30›", "bb_ma_‹h30›"], &["bb_pr_"]),
    token("pubnub-secret", "PubNub secret", "pubnub", &["sec-c-"], specs!["!sec-c-{e40+}"])
        .examples(&["sec-c-‹a40›"], &["sec-c-"]),
    named("pusher-secret", "Pusher secret", "pusher", &["pusher"], specs!["{h20}"])
        .examples(&["PUSHER_APP_SECRET=‹h20›"], &["pusher version ‹h20›", "pusher_key = ‹a5›"]),
    named("ably-key", "Ably key", "ably", &["ably_", "ably-", "ably ", "ably."], specs!["{w6}.{w6}:{w43}"])
        .sure(0.93)
        .examples(&["ABLY_API_KEY=‹w6›.‹w6›:‹w43›"], &["ably_ version ‹w6›.‹w6›:‹w43›", "ably__key = ‹a5›"]),
    named("agora-key", "Agora certificate", "agora", &["agora"], specs!["{h32}"])
        .examples(&["AGORA_APP_CERTIFICATE_KEY=‹h32›"], &["agora version ‹h32›", "agora_key = ‹a5›"]),
    named("livekit-secret", "LiveKit secret", "livekit", &["livekit"], specs!["{a43-48}"])
        .examples(&["LIVEKIT_API_SECRET=‹a43›"], &["livekit version ‹a43›", "livekit_key = ‹a5›"]),
    named(
        "recaptcha-secret",
        "reCAPTCHA secret",
        "recaptcha",
        &[
            "recaptcha_secret",
            "recaptcha-secret",
            "recaptcha secret",
            "recaptcha.secret",
            "recaptchasecret",
            "recaptcha_private",
            "recaptcha-private",
            "recaptcha private",
            "recaptcha.private",
            "recaptchaprivate",
            "captcha_secret",
            "captcha-secret",
            "captcha secret",
            "captcha.secret",
            "captchasecret",
        ],
        specs!["6L{w38}"],
    )
    .sure(0.93)
    .examples(&["RECAPTCHA_SECRET_KEY=6L‹w38›"], &["recaptcha_secret version 6L‹w38›", "recaptcha_secret_key = ‹a5›"]),
    token("turnstile-secret", "Turnstile secret", "turnstile", &["0x4aaaaaa"], specs!["0x4AAAAAA{w27+}"])
        .sure(0.9)
        .examples(&["0x4AAAAAA‹w27›"], &["0x4AAAAAA", "0x4AAAAAA‹w14›"]),
    token("hcaptcha-secret", "hCaptcha secret", "hcaptcha", &["es_"], specs!["ES_{h32}"])
        .sure(0.93)
        .examples(&["ES_‹h32›"], &["ES_"]),
    token(
        "settlemint-token",
        "SettleMint token",
        "settlemint",
        &["sm_pat_", "sm_aat_", "sm_sat_"],
        specs!["sm_pat_{a16}", "sm_aat_{a16}", "sm_sat_{a16}"],
    )
    .examples(&["sm_pat_‹a16›", "sm_aat_‹a16›", "sm_sat_‹a16›"], &["sm_pat_"]),
    token("thunderstore-token", "Thunderstore token", "thunderstore", &["tss_"], specs!["tss_{w20+}"])
        .sure(0.92)
        .examples(&["tss_‹w20›"], &["tss_"]),
    token(
        "voiceflow-key",
        "Voiceflow key",
        "voiceflow",
        &["vf."],
        specs!["VF.DM.{h24}.{a16}", "VF.WS.{h24}.{a16}", "VF.{h24}.{a16}"],
    )
    .examples(&["VF.DM.‹h24›.‹a16›", "VF.WS.‹h24›.‹a16›", "VF.‹h24›.‹a16›"], &["VF.x"]),
    token("gumroad-token", "Teamwork token", "teamwork", &["tkn.v1_"], specs!["tkn.v1_{b60+}"])
        .examples(&["tkn.v1_‹b60›"], &["tkn.v1_"]),
    named("imgur-secret", "Imgur secret", "imgur", &["imgur"], specs!["{h40}"])
        .examples(&["IMGUR_CLIENT_SECRET=‹h40›"], &["imgur version ‹h40›", "imgur_key = ‹a5›"]),
    named("tmdb-key", "TMDB key", "tmdb", &["tmdb", "themoviedb"], specs!["{h32}"])
        .examples(&["TMDB_API_KEY=‹h32›"], &["tmdb version ‹h32›", "tmdb_key = ‹a5›"]),
    named("hcaptcha-old", "hCaptcha secret", "hcaptcha", &["hcaptcha"], specs!["0x{H40}"])
        .sure(0.92)
        .examples(&["HCAPTCHA_SECRET=0x‹h40›"], &["hcaptcha version 0x‹h40›", "hcaptcha_key = ‹a5›"]),
    rule(
        "staged-key",
        "live key",
        "live",
        &["_live_", "-live-", "_prod_", "-prod-", "_test_", "_sandbox_", "_sk_", "-sk-"],
        "",
    )
    .custom(crate::secrets::token::staged)
    .sure(0.85)
    .examples(
        &["acme_live_‹a32›", "key: acme-prod-‹h40›", "zed_sk_test_‹a24›", "zed_sk_‹a40›"],
        &["pk_live_‹a24›", "acme_pub_live_‹a32›", "should_test_thatTheThingWorksAsWeWant", "my-prod-cluster"],
    ),
];
