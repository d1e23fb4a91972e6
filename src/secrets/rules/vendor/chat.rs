//! Chat, mail, telephones and social networks.

use super::{Look, Rule, named, rule, specs, token};
use crate::secrets::checksum;

pub(super) const RULES: &[Rule] = &[
    token(
        "slack-token",
        "Slack token",
        "slack",
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxe.", "xoxe-", "xoxc-", "xoxd-", "xapp-", "xwfp-"],
        specs![
            "xoxb-{d8-14}-{p16+}",
            "xoxp-{d8-14}-{p16+}",
            "xoxa-{p20+}",
            "xoxr-{p20+}",
            "xoxs-{d8-14}-{p16+}",
            "xoxo-{d8-14}-{p16+}",
            "xoxe.xoxp-{d1}-{a20+}",
            "xoxe.xoxb-{d1}-{a20+}",
            "xoxe-{d1}-{a20+}",
            "xoxe-{d8-14}-{p16+}",
            "xoxc-{d8-14}-{p16+}",
            "xoxd-{v20+}",
            "xapp-{d1}-{u8-14}-{d8-16}-{h40+}",
            "xapp-{d1}-{p20+}",
            "xwfp-{d8-14}-{p16+}"
        ],
    )
    .examples(
        &[
            "xoxb-‹d8›-‹a16›",
            "xoxp-‹d8›-‹a16›",
            "xoxa-‹a20›",
            "xoxr-‹a20›",
            "xoxb-‹d12›-‹d12›-‹a24›",
            "xapp-1-A‹u10›-‹d12›-‹h64›",
            "xoxe.xoxp-1-‹u163›",
            "xoxd-‹a100›%3D",
        ],
        &["xoxb-your-token", "xoxb-xxxxxxxxxxxx-xxxxxxxxxxxx-xxxxxxxx"],
    ),
    token(
        "slack-webhook",
        "Slack webhook",
        "slack",
        &["hooks.slack"],
        specs![
            "hooks.slack.com/services/({b30+}",
            "hooks.slack.com/workflows/({b30+}",
            "hooks.slack.com/triggers/({b30+}",
            "hooks.slack-gov.com/services/({b30+}"
        ],
    )
    .examples(
        &["https://hooks.slack.com/services/T‹u9›/B‹u9›/‹a24›"],
        &[
            "https://hooks.slack.com/services/YOUR/WEBHOOK/URL_GOES_HERE_OK",
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        ],
    ),
    token(
        "discord-webhook",
        "Discord webhook",
        "discord",
        &["/api/webhooks/"],
        specs!["/api/webhooks/{d17-20}/({w60+}"],
    )
    .examples(&["https://discord.com/api/webhooks/258526759591938251/‹w68›"], &["/api/webhooks/123/abc"]),
    rule(
        "discord-token",
        "Discord bot token",
        "discord",
        &["discord", "bot "],
        r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    )
    .near(200)
    .check(checksum::discord)
    .examples(&["DISCORD_X='M‹a23›.‹w6›.‹w38›'", "Bot M‹a23›.‹w6›.‹w38›"], &["discord.Message.content"]),
    token("discord-mfa", "Discord token", "discord", &["mfa."], specs!["mfa.{w84}"])
        .sure(0.93)
        .examples(&["mfa.‹w84›"], &["mfa.enabled"]),
    rule("telegram-token", "Telegram bot token", "telegram", &[":aa"], r"(?:bot)?([0-9]{8,10}:AA[A-Za-z0-9_-]{32,35})")
        .near(13)
        .look(Look::Random)
        .examples(&["‹d10›:AA‹w33›", "/bot‹d10›:AA‹w33›/x"], &["00:AA:BB:CC:DD:EE"]),
    token(
        "teams-webhook",
        "Teams webhook",
        "teams",
        &[".webhook.office.com", "outlook.office.com"],
        specs![
            ".webhook.office.com/webhookb2/({p36}@{p36}/IncomingWebhook/{h32}/{p36}",
            ".webhook.office.com/webhookb2/({b20+}",
            "outlook.office.com/webhook/({p36}@{p36}/IncomingWebhook/{h32}/{p36}"
        ],
    )
    .examples(
        &["https://x.webhook.office.com/webhookb2/‹h36›@‹h36›/IncomingWebhook/‹h32›/‹h36›"],
        &["x.webhook.office.com/docs"],
    ),
    rule(
        "google-chat-webhook",
        "Google Chat webhook",
        "google",
        &["chat.googleapis.com/v1/spaces/"],
        r"chat\.googleapis\.com/v1/spaces/[\w-]{6,20}/messages\?(?:key=[\w&;\\-]{20,70})?token=([\w%=-]{30,})",
    )
    .examples(
        &["https://chat.googleapis.com/v1/spaces/AAAAbcd1efg/messages?key=AIza‹w35›&token=‹w43›%3D"],
        &["https://chat.googleapis.com/v1/spaces/AAAAbcd1efg/messages"],
    ),
    token(
        "feishu-webhook",
        "Feishu webhook",
        "feishu",
        &["open.feishu.cn/", "open.larksuite.com/"],
        specs![
            "open.feishu.cn/open-apis/bot/v2/hook/({h8}-{h4}-{h4}-{h4}-{h12}",
            "open.larksuite.com/open-apis/bot/v2/hook/({h8}-{h4}-{h4}-{h4}-{h12}",
            "open.feishu.cn/open-apis/bot/hook/({h32}"
        ],
    )
    .examples(
        &[
            "open.feishu.cn/open-apis/bot/v2/hook/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "open.larksuite.com/open-apis/bot/v2/hook/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "open.feishu.cn/open-apis/bot/hook/‹h32›",
        ],
        &["open.feishu.cn/open-apis/bot/v2/hook/"],
    ),
    rule(
        "dingtalk-webhook",
        "DingTalk webhook",
        "dingtalk",
        &["oapi.dingtalk.com"],
        r"oapi\.dingtalk\.com(?:\\?/)robot(?:\\?/)send\?access_token(?:=|%3D|\\u003[dD])([0-9a-f]{64})",
    )
    .examples(&["https://oapi.dingtalk.com/robot/send?access_token=‹h64›"], &["https://oapi.dingtalk.com/robot/send"]),
    rule(
        "wecom-webhook",
        "WeCom webhook",
        "wecom",
        &["qyapi.weixin.qq.com"],
        r"qyapi\.weixin\.qq\.com(?:\\?/)cgi-bin(?:\\?/)webhook(?:\\?/)send\?key(?:=|%3D|\\u003[dD])([0-9a-f-]{36})",
    )
    .examples(
        &["https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY"],
    ),
    named(
        "feishu-secret",
        "Feishu secret",
        "feishu",
        &["feishu", "larksuite", "lark_", "lark-", "lark ", "lark."],
        specs!["{a32}"],
    )
    .examples(&["FEISHU_APP_SECRET=‹a32›"], &["feishu version ‹a32›", "feishu_key = ‹a5›"]),
    named(
        "wechat-secret",
        "WeChat secret",
        "wechat",
        &["wechat", "weixin", "wecom", "corpsecret"],
        specs!["{h32}", "{w43}"],
    )
    .examples(&["WECHAT_APP_SECRET=‹h32›"], &["wechat version ‹h32›", "wechat_key = ‹a5›"]),
    token(
        "serverchan-key",
        "ServerChan key",
        "serverchan",
        &["sct", "scu"],
        specs!["SCT{d3-8}T{a24-40}", "!SCU{d3-8}T{h24-64}"],
    )
    .sure(0.9)
    .examples(&["SCT‹d3›T‹a24›", "SCU‹d3›T‹h24›"], &["SCT"]),
    token("mattermost-webhook", "Mattermost webhook", "mattermost", &["/hooks/"], specs!["/hooks/({n26}"])
        .sure(0.85)
        .examples(&["https://chat.acme.example/hooks/‹n26›"], &["/hooks/useState"]),
    named("mattermost-token", "Mattermost token", "mattermost", &["mattermost"], specs!["{n26}"])
        .examples(&["MATTERMOST_TOKEN=‹n26›"], &["mattermost version ‹n26›", "mattermost_key = ‹a5›"]),
    named(
        "rocket-token",
        "Rocket.Chat token",
        "rocketchat",
        &["rocketchat", "rocket_chat", "rocket-chat", "rocket chat", "rocket.chat", "x-auth-token"],
        specs!["{w43}"],
    )
    .examples(&["ROCKETCHAT_AUTH_TOKEN=‹w43›"], &["rocketchat version ‹w43›", "rocketchat_key = ‹a5›"]),
    token(
        "matrix-token",
        "Matrix token",
        "matrix",
        &["syt_", "mct_", "mat_"],
        specs!["syt_{a1-60}_{a16-24}_{a4-8}", "mct_{a20-60}_{a6}", "mat_{a20-40}_{a6}"],
    )
    .examples(&["syt_‹a1›_‹a16›_‹a4›", "mct_‹a20›_‹a6›", "mat_‹a20›_‹a6›"], &["syt_", "mat_mul"]),
    named(
        "line-token",
        "LINE token",
        "line",
        &[
            "line_channel",
            "line-channel",
            "line channel",
            "line.channel",
            "linechannel",
            "line_notify",
            "line-notify",
            "line notify",
            "line.notify",
            "linenotify",
            "linebot",
            "line_bot",
            "line-bot",
            "line bot",
            "line.bot",
        ],
        specs!["{b170-176}=", "{h32}", "{a43}"],
    )
    .examples(
        &["LINE_CHANNEL_SECRET=‹b170›=", "LINE_CHANNEL_ACCESS_TOKEN=‹b172›="],
        &["line_channel version ‹b170›=", "line_channel_key = ‹a5›"],
    ),
    named("kakao-key", "Kakao key", "kakao", &["kakao"], specs!["{h32}"])
        .examples(&["KAKAO_REST_API_KEY=‹h32›"], &["kakao version ‹h32›", "kakao_key = ‹a5›"]),
    named("viber-token", "Viber token", "viber", &["viber"], specs!["{h16}-{h16}-{h16}"])
        .examples(&["VIBER_AUTH_TOKEN=‹h16›-‹h16›-‹h16›"], &["viber version ‹h16›-‹h16›-‹h16›", "viber_key = ‹a5›"]),
    named("webex-token", "Webex token", "webex", &["webex"], specs!["{a64}_{a4}_{h8}-{h4}-{h4}-{h4}-{h12}"])
        .sure(0.95)
        .examples(
            &["WEBEX_ACCESS_TOKEN=‹a64›_‹a4›_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
            &["webex version ‹a64›_‹a4›_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "webex_key = ‹a5›"],
        ),
    named("zoom-secret", "Zoom secret", "zoom", &["zoom_", "zoom-", "zoom ", "zoom."], specs!["{a32}", "{w22}"])
        .examples(&["ZOOM_CLIENT_SECRET=‹a32›"], &["zoom_ version ‹a32›", "zoom__key = ‹a5›"]),
    named("zulip-key", "Zulip key", "zulip", &["zulip"], specs!["{a32}"])
        .examples(&["ZULIP_API_KEY=‹a32›"], &["zulip version ‹a32›", "zulip_key = ‹a5›"]),
    token(
        "twilio-key",
        "Twilio API key",
        "twilio",
        &[
            "sk0", "sk1", "sk2", "sk3", "sk4", "sk5", "sk6", "sk7", "sk8", "sk9", "ska", "skb", "skc", "skd", "ske",
            "skf",
        ],
        specs!["!SK{h32}"],
    )
    .sure(0.88)
    .examples(&["SK‹h32›"], &["SKU00000000000000000000000000000012", "SK00000000000000000000000000000000"]),
    named("twilio-token", "Twilio auth token", "twilio", &["twilio"], specs!["{h32}", "{a32}"])
        .sure(0.88)
        .examples(&["TWILIO_AUTH_TOKEN=‹h32›"], &["twilio version ‹h32›", "twilio_key = ‹a5›"]),
    token("sendgrid-key", "SendGrid key", "sendgrid", &["sg."], specs!["SG.{w16-32}.{w32-64}"])
        .examples(&["SG.‹w16›.‹w32›"], &["SG.a.b", "msg.sg.example"]),
    token("mailgun-key", "Mailgun key", "mailgun", &["key-"], specs!["!key-{h32}"])
        .sure(0.88)
        .examples(&["key-‹h32›"], &["key-value"]),
    named(
        "mailgun-new",
        "Mailgun key",
        "mailgun",
        &["mailgun", "mg_api", "mg-api", "mg api", "mg.api", "mgapi"],
        specs!["{h32}-{h8}-{h8}", "key-{h32}"],
    )
    .sure(0.93)
    .examples(&["MAILGUN_API_KEY=‹h32›-‹h8›-‹h8›"], &["mailgun version ‹h32›-‹h8›-‹h8›", "mailgun_key = ‹a5›"]),
    token(
        "mailchimp-key",
        "Mailchimp key",
        "mailchimp",
        &["-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9"],
        specs!["{h32}-us{d1-2}"],
    )
    .examples(&["‹h32›-us12"], &["docs-us12"]),
    named("mandrill-key", "Mandrill key", "mandrill", &["mandrill"], specs!["md-{w22}", "{w22}"])
        .examples(&["MANDRILL_API_KEY=md-‹w22›"], &["mandrill version md-‹w22›", "mandrill_key = ‹a5›"]),
    token(
        "brevo-key",
        "Brevo key",
        "brevo",
        &["xkeysib-", "xsmtpsib-"],
        specs!["xkeysib-{h64}-{a16}", "xsmtpsib-{h64}-{a16}"],
    )
    .examples(&["xkeysib-‹h64›-‹a16›", "xsmtpsib-‹h64›-‹a16›"], &["xkeysib-"]),
    token("mailersend-token", "MailerSend token", "mailersend", &["mlsn."], specs!["mlsn.{h40+}", "mlsn.{a40+}"])
        .examples(&["mlsn.‹h40›", "mlsn.‹a40›"], &["mlsn.x"]),
    token("resend-key", "Resend key", "resend", &["re_"], specs!["re_{c8}_{c24}"])
        .examples(&["re_‹c8›_‹c24›"], &["re_compile", "re_some_long_name_of_a_thing"]),
    named("postmark-token", "Postmark token", "postmark", &["postmark"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["POSTMARK_SERVER_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["postmark version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "postmark_key = ‹a5›"],
    ),
    named("sparkpost-key", "SparkPost key", "sparkpost", &["sparkpost"], specs!["{h40}"])
        .examples(&["SPARKPOST_API_KEY=‹h40›"], &["sparkpost version ‹h40›", "sparkpost_key = ‹a5›"]),
    named(
        "mailjet-key",
        "Mailjet key",
        "mailjet",
        &["mailjet", "mj_apikey", "mj-apikey", "mj apikey", "mj.apikey", "mjapikey"],
        specs!["{h32}"],
    )
    .examples(&["MAILJET_SECRET_KEY=‹h32›"], &["mailjet version ‹h32›", "mailjet_key = ‹a5›"]),
    token("klaviyo-key", "Klaviyo key", "klaviyo", &["pk_"], specs!["!pk_{h34}", "!pk_{a6}_{h34}"])
        .sure(0.93)
        .examples(&["pk_‹h34›", "pk_‹a6›_‹h34›"], &["pk_live_‹a24›"]),
    token("customerio-key", "Clickup key", "clickup", &["pk_"], specs!["!pk_{d6-10}_{u32}"])
        .examples(&["pk_‹d6›_‹x32›"], &["pk_12345678_"]),
    token(
        "onesignal-key",
        "OneSignal key",
        "onesignal",
        &["os_v2_app_", "os_v2_org_"],
        specs!["os_v2_app_{t100-110}", "os_v2_org_{t100-110}"],
    )
    .examples(&["os_v2_app_‹t100›", "os_v2_org_‹t100›"], &["os_v2_app_"]),
    named("pushover-token", "Pushover token", "pushover", &["pushover"], specs!["{a30}"])
        .examples(&["PUSHOVER_TOKEN=‹a30›"], &["pushover version ‹a30›", "pushover_key = ‹a5›"]),
    named("pushbullet-token", "Pushbullet token", "pushbullet", &["pushbullet"], specs!["o.{a32}"])
        .sure(0.93)
        .examples(&["PUSHBULLET_TOKEN=o.‹a32›"], &["pushbullet version o.‹a32›", "pushbullet_key = ‹a5›"]),
    token("ntfy-token", "ntfy token", "ntfy", &["tk_"], specs!["!tk_{n29}"])
        .sure(0.9)
        .examples(&["tk_‹n29›"], &["tk_x"]),
    named("vonage-secret", "Vonage secret", "vonage", &["vonage", "nexmo"], specs!["{a16}"])
        .examples(&["VONAGE_API_SECRET=‹a16›"], &["vonage version ‹a16›", "vonage_key = ‹a5›"]),
    named("plivo-token", "Plivo token", "plivo", &["plivo"], specs!["{w40}"])
        .examples(&["PLIVO_AUTH_TOKEN=‹w40›"], &["plivo version ‹w40›", "plivo_key = ‹a5›"]),
    named("messagebird-key", "MessageBird key", "messagebird", &["messagebird"], specs!["{a25}", "{a41}"])
        .examples(&["MESSAGEBIRD_API_KEY=‹a25›"], &["messagebird version ‹a25›", "messagebird_key = ‹a5›"]),
    token("telnyx-key", "Telnyx key", "telnyx", &["key0"], specs!["!KEY0{a28-34}_{w20-24}"])
        .examples(&["KEY0‹a28›_‹w20›"], &["KEY01"]),
    named("infobip-key", "Infobip key", "infobip", &["infobip"], specs!["{h32}-{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["INFOBIP_API_KEY=‹h32›-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["infobip version ‹h32›-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "infobip_key = ‹a5›"],
    ),
    named("twitch-secret", "Twitch secret", "twitch", &["twitch"], specs!["oauth:{n30}", "{n30}"])
        .examples(&["TWITCH_CLIENT_SECRET=oauth:‹n30›"], &["twitch version oauth:‹n30›", "twitch_key = ‹a5›"]),
    token("twitch-oauth", "Twitch token", "twitch", &["oauth:"], specs!["oauth:{n30}"])
        .sure(0.92)
        .examples(&["oauth:‹n30›"], &["oauth:urlencoded"]),
    rule(
        "twitter-bearer",
        "Twitter bearer",
        "twitter",
        &["aaaaaaaaaaaaaaaaaaaaa"],
        r"A{20,25}[B-Za-z0-9%][A-Za-z0-9%]{59,}",
    )
    .look(Look::Random)
    .examples(
        &["AAAAAAAAAAAAAAAAAAAAA‹a90›", "Bearer AAAAAAAAAAAAAAAAAAAAAM‹a12›%2F‹a50›"],
        &["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ),
    named(
        "twitter-secret",
        "Twitter secret",
        "twitter",
        &[
            "twitter",
            "x_api",
            "x-api",
            "x api",
            "x.api",
            "xapi",
            "x_consumer",
            "x-consumer",
            "x consumer",
            "x.consumer",
            "xconsumer",
            "x_access",
            "x-access",
            "x access",
            "x.access",
            "xaccess",
        ],
        specs!["{d15-20}-{a40}", "{a50}", "{a45}", "{a25}"],
    )
    .examples(&["TWITTER_API_SECRET=‹d15›-‹a40›"], &["twitter version ‹d15›-‹a40›", "twitter_key = ‹a5›"]),
    token("facebook-token", "Facebook token", "facebook", &["eaa"], specs!["EAA{a80+}"])
        .sure(0.88)
        .examples(&["EAAC‹a120›"], &["EAAC"]),
    named(
        "facebook-secret",
        "Facebook secret",
        "facebook",
        &[
            "facebook", "fb_app", "fb-app", "fb app", "fb.app", "fbapp", "meta_app", "meta-app", "meta app",
            "meta.app", "metaapp", "whatsapp",
        ],
        specs!["{h32}", "{d15-17}|{w27}"],
    )
    .examples(&["FACEBOOK_APP_SECRET=‹h32›"], &["facebook version ‹h32›", "facebook_key = ‹a5›"]),
    token("instagram-token", "Instagram token", "instagram", &["igq", "igaa"], specs!["IGQ{w80+}", "IGAA{w80+}"])
        .sure(0.9)
        .examples(&["IGQ‹w80›", "IGAA‹w80›"], &["IGQ"]),
    token("pinterest-token", "Pinterest token", "pinterest", &["pina_", "pinr_"], specs!["pina_{w40+}", "pinr_{w40+}"])
        .examples(&["pina_‹w40›", "pinr_‹w40›"], &["pina_colada"]),
    named(
        "linkedin-secret",
        "LinkedIn secret",
        "linkedin",
        &["linkedin", "linked_in", "linked-in", "linked in", "linked.in"],
        specs!["WPL_AP1.{a16}.{b6-10}==", "WPL_AP{d1}.{a14-20}.{b4-12}", "{a16}"],
    )
    .examples(
        &["LINKEDIN_CLIENT_SECRET=WPL_AP1.‹a16›.‹b6›=="],
        &["linkedin version WPL_AP1.‹a16›.‹b6›==", "linkedin_key = ‹a5›"],
    ),
    token(
        "linkedin-new-secret",
        "LinkedIn secret",
        "linkedin",
        &["wpl_ap"],
        specs!["WPL_AP1.{a14-20}.{b4-12}", "WPL_AP0.{a14-20}.{b4-12}"],
    )
    .examples(&["WPL_AP1.‹a14›.‹b4›", "WPL_AP0.‹a14›.‹b4›"], &["WPL_AP1."]),
    named("tiktok-secret", "TikTok secret", "tiktok", &["tiktok"], specs!["{a32}", "{h40}"])
        .examples(&["TIKTOK_CLIENT_SECRET=‹a32›"], &["tiktok version ‹a32›", "tiktok_key = ‹a5›"]),
    named("reddit-secret", "Reddit secret", "reddit", &["reddit"], specs!["{w27}", "{w30}"])
        .examples(&["REDDIT_CLIENT_SECRET=‹w27›"], &["reddit version ‹w27›", "reddit_key = ‹a5›"]),
    named("spotify-secret", "Spotify secret", "spotify", &["spotify"], specs!["{h32}"])
        .examples(&["SPOTIFY_CLIENT_SECRET=‹h32›"], &["spotify version ‹h32›", "spotify_key = ‹a5›"]),
    named("steam-key", "Steam key", "steam", &["steam_", "steam-", "steam ", "steam."], specs!["{x32}", "{H32}"])
        .examples(&["STEAM_API_KEY=‹x32›"], &["steam_ version ‹x32›", "steam__key = ‹a5›"]),
    token("lichess-token", "Lichess token", "lichess", &["lip_"], specs!["lip_{a20}"])
        .sure(0.92)
        .examples(&["lip_‹a20›"], &["lip_sync"]),
    token(
        "roblox-cookie",
        "Roblox cookie",
        "roblox",
        &["_|warning:-do-not-share-this"],
        specs!["_|WARNING:-DO-NOT-SHARE-THIS.--{o10-90}|_({x100+}"],
    )
    .examples(&["_|WARNING:-DO-NOT-SHARE-THIS.--Sharing-this.|_‹x200›"], &["_|WARNING:-DO-NOT-SHARE-THIS"]),
    named("vk-token", "VK token", "vk", &["vk_", "vk-", "vk ", "vk."], specs!["vk1.a.{w80+}", "{h85}"])
        .examples(&["VK_ACCESS_TOKEN=vk1.a.‹w80›"], &["vk_ version vk1.a.‹w80›", "vk__key = ‹a5›"]),
    token("vk-access-token", "VK token", "vk", &["vk1.a."], specs!["vk1.a.{w80+}"])
        .examples(&["vk1.a.‹w80›"], &["vk1.a."]),
    named("discord-secret", "Discord secret", "discord", &["discord"], specs!["{w32}"])
        .examples(&["DISCORD_CLIENT_SECRET=‹w32›"], &["discord version ‹w32›", "discord_key = ‹a5›"]),
    token("firebase-server-key", "Firebase server key", "firebase", &[":apa91b"], specs!["{w11}:APA91b{w100+}"])
        .examples(&["‹w11›:APA91b‹w100›"], &[":APA91b"]),
    token("loops-key", "Loops key", "loops", &["loops_"], specs!["!loops_{h32}"])
        .sure(0.93)
        .examples(&["loops_‹h32›"], &["loops_per_second"]),
    named("knock-key", "Knock key", "knock", &["knock"], specs!["sk_{w40-50}"])
        .sure(0.9)
        .examples(&["KNOCK_API_KEY=sk_‹w40›"], &["knock version sk_‹w40›", "knock_key = ‹a5›"]),
    named(
        "dingtalk-app-secret",
        "DingTalk secret",
        "dingtalk",
        &["dingtalk", "dingding"],
        specs!["{w64}", "SEC{h64}", "{h64}"],
    )
    .examples(&["DINGTALK_APP_SECRET=‹w64›"], &["dingtalk version ‹w64›", "dingtalk_key = ‹a5›"]),
];
