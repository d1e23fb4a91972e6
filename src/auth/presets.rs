//! Where and how one signs in, provider by provider (sign-in.md). Data: what was never seen live is easy to change here
//! and can be overridden in settings. No line names another vendor's client.

use super::method::Method;

/// An answer that is not the standard's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// RFC 6749.
    Standard,
    /// `OpenRouter`: no client and no state; the code is exchanged, in JSON, for a plain API key.
    KeyExchange,
    /// `OpenAI` for open-source clients: the browser brings back the id of a client made for this installation.
    Agent,
}

/// One way in. An empty text means that there is none, or that only the user knows.
#[derive(Debug)]
pub(super) struct Preset {
    /// Its name in settings.
    pub(super) name: &'static str,
    /// Whom one signs in to.
    pub(super) label: &'static str,
    /// Providers whose own entries have it without being told.
    pub(super) providers: &'static [&'static str],
    /// What it offers beside a key.
    pub(super) methods: &'static [Method],
    /// It was never tried against the real service.
    pub(super) experimental: bool,
    /// Where endpoints are published.
    pub(super) issuer: &'static str,
    /// Where the browser goes. `{authority}` and `{tenant}` stand for what the user says, `{base}` for the
    /// upstream's own address.
    pub(super) authorize: &'static str,
    pub(super) token: &'static str,
    pub(super) device: &'static str,
    pub(super) revoke: &'static str,
    pub(super) authority: &'static str,
    pub(super) tenant: &'static str,
    /// Given by the provider to everybody; otherwise the user's own.
    pub(super) client_id: &'static str,
    /// The token call wants the client's secret even for a person.
    pub(super) secret: bool,
    pub(super) scopes: &'static [&'static str],
    /// Those at single providers, where they differ.
    pub(super) scopes_at: &'static [(&'static str, &'static [&'static str])],
    /// Without a port any free one.
    pub(super) redirect: &'static str,
    /// More parameters of the browser's address. `{installation}` is an id of this installation.
    pub(super) params: &'static [(&'static str, &'static str)],
    pub(super) token_params: &'static [(&'static str, &'static str)],
    /// Seconds before its end at which a token is renewed; `None` = as for everybody (`tokens.rs`).
    pub(super) lead: Option<u32>,
    pub(super) shape: Shape,
    /// How one comes by a client of one's own.
    pub(super) own: &'static str,
}

/// Nothing yet.
const BARE: Preset = Preset {
    name: "",
    label: "",
    providers: &[],
    methods: &[],
    experimental: false,
    issuer: "",
    authorize: "",
    token: "",
    device: "",
    revoke: "",
    authority: "",
    tenant: "",
    client_id: "",
    secret: false,
    scopes: &[],
    scopes_at: &[],
    redirect: "http://127.0.0.1/callback",
    params: &[],
    token_params: &[],
    lead: None,
    shape: Shape::Standard,
    own: "register a client of your own with the provider",
};

/// The table.
pub(super) static PRESETS: [Preset; 7] = [
    Preset {
        name: "openrouter",
        label: "OpenRouter",
        providers: &["openrouter"],
        methods: &[Method::Browser],
        authorize: "https://openrouter.ai/auth",
        token: "https://openrouter.ai/api/v1/auth/keys",
        shape: Shape::KeyExchange,
        ..BARE
    },
    Preset {
        name: "chatgpt",
        label: "ChatGPT",
        providers: &["openai"],
        methods: &[Method::Browser],
        experimental: true,
        issuer: "https://auth.openai.com",
        // Documented for open-source programs: it stands for "no client yet" and is never stored.
        client_id: "dynamic_agent_client",
        scopes: &["openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct"],
        redirect: "http://127.0.0.1/auth/callback",
        params: &[
            ("ext_agent_host_id", "{installation}"),
            ("agent_name_hint", "monster"),
            ("resource", "https://api.openai.com/v1"),
        ],
        token_params: &[("resource", "https://api.openai.com/v1")],
        shape: Shape::Agent,
        ..BARE
    },
    Preset {
        name: "anthropic",
        label: "Anthropic",
        providers: &["anthropic"],
        methods: &[Method::Profile, Method::Federation],
        // A token serves where it was made alone.
        token: "{base}/v1/oauth/token",
        ..BARE
    },
    Preset {
        name: "google",
        label: "Google",
        providers: &["gemini", "vertex"],
        methods: &[Method::Adc, Method::Browser],
        authorize: "https://accounts.google.com/o/oauth2/v2/auth",
        token: "https://oauth2.googleapis.com/token",
        revoke: "https://oauth2.googleapis.com/revoke",
        secret: true,
        scopes: &[
            "https://www.googleapis.com/auth/cloud-platform",
            "https://www.googleapis.com/auth/generative-language.retriever",
        ],
        redirect: "http://127.0.0.1",
        // As Google's own libraries have it.
        lead: Some(225),
        params: &[("access_type", "offline"), ("prompt", "consent")],
        own: "make a client of the type Desktop in your own project: https://console.cloud.google.com/apis/credentials",
        ..BARE
    },
    Preset {
        name: "entra",
        label: "Microsoft Entra",
        providers: &["azure", "azure-foundry"],
        methods: &[Method::Browser, Method::Device, Method::Client, Method::Az, Method::Managed],
        authorize: "https://{authority}/{tenant}/oauth2/v2.0/authorize",
        token: "https://{authority}/{tenant}/oauth2/v2.0/token",
        device: "https://{authority}/{tenant}/oauth2/v2.0/devicecode",
        authority: "login.microsoftonline.com",
        tenant: "organizations",
        scopes: &["https://cognitiveservices.azure.com/.default", "offline_access"],
        scopes_at: &[("azure-foundry", &["https://ai.azure.com/.default", "offline_access"])],
        redirect: "http://localhost",
        // As Microsoft's own libraries have it.
        lead: Some(300),
        own: "register an app in your own directory, and allow public client flows: https://entra.microsoft.com",
        ..BARE
    },
    Preset {
        name: "github",
        label: "GitHub",
        providers: &["github"],
        methods: &[Method::Device],
        token: "https://github.com/login/oauth/access_token",
        device: "https://github.com/login/device/code",
        own: "make an app with the device flow switched on: https://github.com/settings/apps/new",
        ..BARE
    },
    Preset {
        name: "huggingface",
        label: "Hugging Face",
        providers: &["huggingface"],
        methods: &[Method::Browser, Method::Device],
        authorize: "https://huggingface.co/oauth/authorize",
        token: "https://huggingface.co/oauth/token",
        device: "https://huggingface.co/oauth/device",
        // Who signs in is not needed: nothing is asked but what is used.
        scopes: &["inference-api"],
        own: "make an OAuth app of your own: https://huggingface.co/settings/applications/new",
        ..BARE
    },
];

/// What a settings row without a preset starts from.
pub(super) static GENERIC: Preset = Preset { name: "generic", ..BARE };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_names_another_vendor_s_client() {
        for preset in PRESETS.iter().chain([&GENERIC]) {
            // The one that a provider offers to every open-source program (sign-in.md).
            let offered = preset.name == "chatgpt" && preset.client_id == "dynamic_agent_client";
            assert!(preset.client_id.is_empty() || offered, "{}", preset.name);
            assert!(!preset.experimental || preset.name == "chatgpt", "{}", preset.name);
        }
    }

    #[test]
    fn every_address_is_encrypted() {
        for preset in &PRESETS {
            let all = [preset.issuer, preset.authorize, preset.token, preset.device, preset.revoke];
            assert!(
                all.iter().all(|url| url.is_empty() || url.starts_with("https://") || url.starts_with("{base}/")),
                "{}",
                preset.name
            );
        }
    }
}
