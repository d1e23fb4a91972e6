//! The ways to sign in.

/// How a user signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// With a key or token that the provider's site shows.
    Key,
    /// In a browser on this machine.
    Browser,
    /// With a code that is entered on any device.
    Device,
    /// As a program of its own, with a client's id and secret.
    Client,
    /// With Google's application default credentials.
    Adc,
    /// With a token from the Azure CLI.
    Az,
    /// With a profile of Anthropic's own programs.
    Profile,
    /// As the machine of Azure's that this runs on.
    Managed,
    /// As a workload whose identity token Anthropic takes.
    Federation,
}

impl Method {
    /// Every way.
    pub const ALL: [Self; 9] = [
        Self::Key,
        Self::Browser,
        Self::Device,
        Self::Client,
        Self::Adc,
        Self::Az,
        Self::Profile,
        Self::Managed,
        Self::Federation,
    ];

    /// Its word on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Browser => "browser",
            Self::Device => "device",
            Self::Client => "client",
            Self::Adc => "adc",
            Self::Az => "az",
            Self::Profile => "profile",
            Self::Managed => "managed",
            Self::Federation => "federation",
        }
    }

    /// What it is, for a person who chooses.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Key => "paste a key or token",
            Self::Browser => "sign in with the browser",
            Self::Device => "enter a code on any device",
            Self::Client => "sign in as a program, with a client's id and secret",
            Self::Adc => "use Google's application default credentials of this machine",
            Self::Az => "use the Azure CLI's sign-in",
            Self::Profile => "use the sign-in of Anthropic's own program",
            Self::Managed => "use the managed identity of this machine in Azure",
            Self::Federation => "exchange an identity token of this workload",
        }
    }

    /// The way of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }
}
