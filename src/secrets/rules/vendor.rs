//! Tokens that their vendor's prefix gives away.

use super::{Look, Rule, rule};
use crate::secrets::checksum;

pub(in crate::secrets) static VENDORS: &[Rule] = &[
    rule(
        "openai-key",
        "OpenAI key",
        "openai",
        &["sk-"],
        r"sk-(?:(?:proj|svcacct|admin|none|None)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,})",
    )
    .examples(&["sk-proj-‹w100›", "key sk-‹a48› here", "\\nsk-‹a48›"], &["sk-circle-fade-dot-one-two-three", "risk-‹a24›"]),
    rule("anthropic-key", "Anthropic key", "anthropic", &["sk-ant-"], r"sk-ant-[a-z0-9]{2,12}-[A-Za-z0-9_-]{20,}")
        .examples(&["sk-ant-api03-‹w93›AA", "sk-ant-oat01-‹w90›"], &["sk-ant-api03-…", "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxx"]),
    rule("openrouter-key", "OpenRouter key", "openrouter", &["sk-or-"], r"sk-or-(?:v\d-)?[A-Za-z0-9]{32,}")
        .examples(&["sk-or-v1-‹h64›"], &["sk-or-v1-<key>"]),
    rule("google-key", "Google API key", "google", &["aiza"], r"AIza[A-Za-z0-9_-]{35,}")
        .examples(&["AIza‹w35›", "?key=AIza‹w35›&x"], &["AIzaShort"]),
    rule("google-oauth", "Google OAuth token", "google", &["ya29."], r"ya29\.[A-Za-z0-9_-]{20,}")
        .examples(&["ya29.‹w80›"], &["ya29.x"]),
    rule("google-refresh", "Google refresh token", "google", &["1//0"], r"1//0[A-Za-z0-9_-]{40,}")
        .examples(&["1//0‹w60›"], &["1//01"]),
    rule("google-client-secret", "Google client secret", "google", &["gocspx-"], r"GOCSPX-[A-Za-z0-9_-]{24,}")
        .examples(&["GOCSPX-‹w28›"], &["GOCSPX-"]),
    rule("xai-key", "xAI key", "xai", &["xai-"], r"xai-[A-Za-z0-9]{40,}").examples(&["xai-‹a80›"], &["xai-grok-4-fast"]),
    rule("groq-key", "Groq key", "groq", &["gsk_"], r"gsk_[A-Za-z0-9]{40,}").examples(&["gsk_‹a52›"], &["gsk_short"]),
    rule(
        "hugging-face-token",
        "Hugging Face token",
        "hf",
        &["hf_", "api_org_"],
        r"(?:hf_|api_org_)[A-Za-z]{30,}",
    )
    .examples(&["hf_‹l34›"], &["hf_transfer", "hf_hub_download_with_retries_and_more_words"]),
    rule("replicate-token", "Replicate token", "replicate", &["r8_"], r"r8_[A-Za-z0-9]{37,}")
        .examples(&["r8_‹a37›"], &["r8_unorm"]),
    rule("perplexity-key", "Perplexity key", "perplexity", &["pplx-"], r"pplx-[A-Za-z0-9]{40,}")
        .examples(&["pplx-‹a48›"], &["pplx-7b-online"]),
    rule("fireworks-key", "Fireworks key", "fireworks", &["fw_"], r"fw_[A-Za-z0-9]{22,}")
        .look(Look::Random)
        .examples(&["fw_‹a24›"], &["fw_version_number"]),
    rule("cerebras-key", "Cerebras key", "cerebras", &["csk-"], r"csk-[a-z0-9]{40,}")
        .examples(&["csk-‹h48›"], &["csk-a"]),
    rule("nvidia-key", "NVIDIA key", "nvidia", &["nvapi-"], r"nvapi-[A-Za-z0-9_-]{40,}")
        .examples(&["nvapi-‹w64›"], &["nvapi-docs"]),
    rule("tavily-key", "Tavily key", "tavily", &["tvly-"], r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{20,}")
        .examples(&["tvly-dev-‹a32›"], &["tvly-dev"]),
    rule("langsmith-key", "LangSmith key", "langsmith", &["lsv2_"], r"lsv2_[a-z]{2}_[A-Za-z0-9]{32}_[A-Za-z0-9]{10}")
        .examples(&["lsv2_pt_‹h32›_‹h10›"], &["lsv2_pt_"]),
    rule(
        "aws-access-key-id",
        "AWS access key",
        "aws",
        &["akia", "asia", "abia", "acca"],
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    )
    .examples(&["AKIA‹u16›", "id,AKIA‹u16›,x"], &["AKIAIOSFODNN7EXAMPLE", "ASIAN"]),
    rule("aws-bedrock-key", "AWS Bedrock key", "aws", &["absk"], r"ABSK[A-Za-z0-9+/]{100,}={0,2}")
        .examples(&["ABSK‹b120›"], &["ABSK"]),
    rule(
        "github-token",
        "GitHub token",
        "github",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        r"gh[pousr]_[A-Za-z0-9]{36,255}",
    )
    .check(checksum::crc_base62)
    .examples(&["ghp_‹a36›", "令牌ghs_‹a36›。", "%20gho_‹a36›", "|ghu_‹a36›|"], &["ghp_short", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]),
    rule("github-pat", "GitHub token", "github", &["github_pat_"], r"github_pat_[A-Za-z0-9_]{40,255}")
        .examples(&["github_pat_‹a22›_‹a59›"], &["github_pat_token"]),
    rule(
        "gitlab-token",
        "GitLab token",
        "gitlab",
        &["glpat-", "gldt-", "glptt-", "glft-", "glsoat-", "glcbt-", "glimt-", "glagent-", "glrt-", "gloas-", "glffct-"],
        r"gl(?:pat|dt|ptt|ft|soat|cbt|imt|agent|rt|oas|ffct)-(?:t\d_)?[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9]{2}\.[a-z0-9]{9})?",
    )
    .examples(&["glpat-‹w20›", "glrt-t1_‹w20›"], &["glpat-<token>"]),
    rule("gitlab-runner", "GitLab runner token", "gitlab", &["gr1348941"], r"GR1348941[A-Za-z0-9_-]{20,}")
        .examples(&["GR1348941‹w20›"], &["GR1348941"]),
    rule(
        "slack-token",
        "Slack token",
        "slack",
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.", "xoxc-", "xoxd-", "xapp-"],
        r"(?:xox[abprscd]-|xoxe[.-](?:xox[bp]-)?|xapp-\d-)[A-Za-z0-9%/+-]{20,}",
    )
    .examples(&["xoxb-‹d12›-‹d12›-‹a24›", "xapp-1-A‹u10›-‹d12›-‹h64›"], &["xoxb-your-token", "xoxb-xxxxxxxxxxxx-xxxxxxxxxxxx-xxxxxxxx"]),
    rule(
        "slack-webhook",
        "Slack webhook",
        "slack",
        &["hooks.slack.com/"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{30,})",
    )
    .examples(&["https://hooks.slack.com/services/T‹u9›/B‹u9›/‹a24›"], &["https://hooks.slack.com/services/YOUR/WEBHOOK/URL_GOES_HERE_OK"]),
    rule(
        "stripe-key",
        "Stripe key",
        "stripe",
        &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "sk_org_"],
        r"(?:[sr]k_(?:live|test)_|sk_org_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{16,}",
    )
    .examples(&["sk_live_‹a99›", "rk_test_‹a24›", "whsec_‹a32›"], &["sk_test_...", "pk_live_‹a24›"]),
    rule("twilio-key", "Twilio API key", "twilio", &["sk"], r"SK[0-9a-f]{32}").sure(0.85)
        .examples(&["SK‹h32›"], &["SKU00000000000000000000000000000012"]),
    rule("sendgrid-key", "SendGrid key", "sendgrid", &["sg."], r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}")
        .examples(&["SG.‹w22›.‹w43›"], &["SG.a.b", "msg.sg.example"]),
    rule("npm-token", "npm token", "npm", &["npm_"], r"npm_[A-Za-z0-9]{36,}")
        .check(checksum::crc_base62)
        .examples(&["npm_‹a36›"], &["npm_config_registry"]),
    rule("pypi-token", "PyPI token", "pypi", &["pypi-ageichlwas5vcmc", "pypi-agen"], r"pypi-Ag[A-Za-z0-9_-]{50,}")
        .examples(&["pypi-AgEIcHlwaS5vcmc‹w90›"], &["pypi-publish"]),
    rule("rubygems-key", "RubyGems key", "rubygems", &["rubygems_"], r"rubygems_[0-9a-f]{48}")
        .examples(&["rubygems_‹h48›"], &["rubygems_version"]),
    rule("crates-token", "crates.io token", "crates", &["cio"], r"cio[A-Za-z0-9]{32}").look(Look::Random)
        .examples(&["cio‹a32›"], &["cionnotations"]),
    rule(
        "digitalocean-token",
        "DigitalOcean token",
        "digitalocean",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        r"do[opr]_v1_[0-9a-f]{64}",
    )
    .examples(&["dop_v1_‹h64›"], &["dop_v1_"]),
    rule("azure-ad-secret", "Azure client secret", "azure", &["8q~", "7q~"], r"[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}")
        .near(3)
        .examples(&["‹a3›8Q~‹a34›"], &["8Q~x"]),
    rule("azure-devops-pat", "Azure DevOps token", "azure", &["azdo"], r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}").near(76)
        .examples(&["‹a76›AZDO‹a4›"], &["AZDO1234"]),
    rule(
        "discord-webhook",
        "Discord webhook",
        "discord",
        &["/api/webhooks/"],
        r"/api/webhooks/\d{17,20}/([A-Za-z0-9_-]{60,})",
    )
    .examples(&["https://discord.com/api/webhooks/258526759591938251/‹w68›"], &["/api/webhooks/123/abc"]),
    rule(
        "discord-token",
        "Discord bot token",
        "discord",
        &["discord"],
        r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    )
    .near(200)
    .examples(&["DISCORD_X='M‹a23›.‹w6›.‹w38›'"], &["discord.Message.content"]),
    rule("telegram-token", "Telegram bot token", "telegram", &[":aa"], r"(?:bot)?([0-9]{8,10}:AA[A-Za-z0-9_-]{32,35})").near(13)
        .examples(&["‹d10›:AA‹w33›", "/bot‹d10›:AA‹w33›/x"], &["00:AA:BB:CC:DD:EE"]),
    rule(
        "shopify-token",
        "Shopify token",
        "shopify",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}",
    )
    .examples(&["shpat_‹h32›"], &["shpat_"]),
    rule("mailgun-key", "Mailgun key", "mailgun", &["key-"], r"key-[0-9a-f]{32}").sure(0.85)
        .examples(&["key-‹h32›"], &["key-value"]),
    rule("mailchimp-key", "Mailchimp key", "mailchimp", &["-us"], r"[0-9a-f]{32}-us[0-9]{1,2}").near(32)
        .examples(&["‹h32›-us12"], &["docs-us12"]),
    rule("databricks-token", "Databricks token", "databricks", &["dapi"], r"dapi[0-9a-f]{32}(?:-\d)?")
        .examples(&["dapi‹h32›"], &["dapi"]),
    rule("linear-key", "Linear key", "linear", &["lin_api_", "lin_oauth_"], r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}")
        .examples(&["lin_api_‹a40›"], &["lin_api_key"]),
    rule("notion-token", "Notion token", "notion", &["ntn_", "secret_"], r"(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})")
        .look(Look::Random)
        .examples(&["ntn_‹a46›", "secret_‹a43›"], &["secret_name_of_the_thing"]),
    rule("vault-token", "Vault token", "vault", &["hvs.", "hvb.", "hvr."], r"hv[sbr]\.[A-Za-z0-9_-]{24,}")
        .examples(&["hvs.‹w95›"], &["hvs.x"]),
    rule("terraform-token", "Terraform token", "terraform", &[".atlasv1."], r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}")
        .near(14)
        .examples(&["‹a14›.atlasv1.‹w67›"], &["x.atlasv1.y"]),
    rule("docker-token", "Docker token", "docker", &["dckr_pat_", "dckr_oat_"], r"dckr_[po]at_[A-Za-z0-9_-]{27,}")
        .examples(&["dckr_pat_‹w27›"], &["dckr_pat_"]),
    rule("age-key", "age secret key", "age", &["age-secret-key-1", "age-secret-key-pq-1"], r"AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{58,}")
        .examples(&["AGE-SECRET-KEY-1‹u58›"], &["AGE-SECRET-KEY-1"]),
    rule("atlassian-token", "Atlassian token", "atlassian", &["atatt3", "atctt3", "atbb"], r"(?:AT[AC]TT3[A-Za-z0-9_=-]{60,}|ATBB[A-Za-z0-9]{32})")
        .examples(&["ATATT3‹w180›", "ATBB‹a32›"], &["ATBB"]),
    rule("grafana-token", "Grafana token", "grafana", &["glsa_", "glc_"], r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/=]{32,})")
        .examples(&["glsa_‹a32›_‹h8›"], &["glsa_"]),
    rule("newrelic-key", "New Relic key", "newrelic", &["nrak-", "nriq-", "nraa-"], r"NR(?:AK|IQ|AA)-[A-Z0-9a-z]{27,}")
        .examples(&["NRAK-‹u27›"], &["NRAK-"]),
    rule("sentry-token", "Sentry token", "sentry", &["sntrys_", "sntryu_"], r"(?:sntrys_[A-Za-z0-9+/=_-]{40,}|sntryu_[0-9a-f]{64})")
        .examples(&["sntryu_‹h64›"], &["sntrys_"]),
    rule("supabase-key", "Supabase key", "supabase", &["sbp_", "sb_secret_"], r"(?:sbp_[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{24,})")
        .examples(&["sbp_‹h40›", "sb_secret_‹w31›"], &["sbp_"]),
    rule("postman-key", "Postman key", "postman", &["pmak-"], r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}")
        .examples(&["PMAK-‹h24›-‹h34›"], &["PMAK-"]),
    rule("pulumi-token", "Pulumi token", "pulumi", &["pul-"], r"pul-[0-9a-f]{40}").examples(&["pul-‹h40›"], &["pul-a"]),
    rule("planetscale-token", "PlanetScale token", "planetscale", &["pscale_"], r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,}")
        .examples(&["pscale_tkn_‹w43›"], &["pscale_tkn_"]),
    rule("square-token", "Square token", "square", &["eaaa", "sq0atp-", "sq0csp-"], r"(?:EAAA[A-Za-z0-9_-]{60}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,})")
        .examples(&["sq0csp-‹w43›", "EAAA‹w60›"], &["EAAA"]),
    rule("airtable-token", "Airtable token", "airtable", &["pat"], r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}")
        .examples(&["pat‹a14›.‹h64›"], &["patch.diff"]),
    rule("fly-token", "Fly.io token", "fly", &["fm1_", "fm2_", "fo1_"], r"f(?:m[12]|o1)_[A-Za-z0-9+/=_,-]{40,}")
        .examples(&["fo1_‹w43›"], &["fo1_x"]),
    rule("tailscale-key", "Tailscale key", "tailscale", &["tskey-"], r"tskey-[a-z]+-[A-Za-z0-9]{8,}(?:-[A-Za-z0-9]{16,})?")
        .examples(&["tskey-auth-‹a17›-‹a32›"], &["tskey-auth"]),
    rule("figma-token", "Figma token", "figma", &["figd_"], r"figd_[A-Za-z0-9_-]{40,}").examples(&["figd_‹w40›"], &["figd_"]),
    rule("doppler-token", "Doppler token", "doppler", &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,}")
        .examples(&["dp.pt.‹a43›"], &["dp.pt.x"]),
    rule("twitter-bearer", "Twitter bearer", "twitter", &["aaaaaaaaaaaaaaaaaaaaa"], r"A{20,25}[A-Za-z0-9%]{60,}")
        .look(Look::Random)
        .examples(&["AAAAAAAAAAAAAAAAAAAAA‹a90›"], &["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]),
    rule("facebook-token", "Facebook token", "facebook", &["eaac", "eaag", "eaab"], r"EAA[A-Z][A-Za-z0-9]{80,}").sure(0.85)
        .examples(&["EAAC‹a120›"], &["EAAC"]),
    rule("braintree-token", "Braintree token", "braintree", &["access_token$"], r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$([0-9a-f]{32})")
        .examples(&["access_token$production$abcdefgh12345678$‹h32›"], &["access_token$x"]),
    rule("plaid-token", "Plaid token", "plaid", &["access-sandbox-", "access-production-", "access-development-"], r"access-(?:sandbox|production|development)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
        .examples(&["access-sandbox-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"], &["access-sandbox-x"]),
    rule("cloudflare-ca-key", "Cloudflare key", "cloudflare", &["v1.0-", "cfat_", "cfut_"], r"(?:v1\.0-[0-9a-f]{24}-[0-9a-f]{140,}|cf[au]t_[A-Za-z0-9_-]{40,})")
        .examples(&["v1.0-‹h24›-‹h146›"], &["v1.0-rc"]),
    rule("teams-webhook", "Teams webhook", "teams", &[".webhook.office.com/"], r"\.webhook\.office\.com/webhookb2/([A-Za-z0-9@/_-]{80,})")
        .examples(&["https://x.webhook.office.com/webhookb2/‹h36›@‹h36›/IncomingWebhook/‹h32›/‹h36›"], &["x.webhook.office.com/docs"]),
    rule("jwt", "JSON Web Token", "jwt", &["eyj"], r"eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{0,})\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}")
        .check(checksum::jwt)
        .sure(0.9)
        .examples(&["eyJ‹w30›.eyJ‹w60›.‹w43›"], &["eyJ.eyJ", "data:image/png;base64,eyJ‹a60›"]),
];
