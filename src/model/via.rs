//! How an upstream is reached, where that differs from what the settings say under `net`.

/// Proxy, certificates and time-outs of one upstream; `None` = as everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Via {
    /// A proxy's URL; [`Via::NONE`] = none at all.
    pub proxy: Option<String>,
    /// More trusted certificates, a PEM file.
    pub ca_file: Option<String>,
    /// Seconds to connect.
    pub connect_timeout: Option<u64>,
    /// Seconds from sending to the first byte of an answer.
    pub first_byte_timeout: Option<u64>,
    /// Seconds between two pieces of an answer.
    pub idle_timeout: Option<u64>,
    /// Whose call it is: `upstream/account`; an account may have a proxy of its own.
    pub account: Option<String>,
    /// Somebody else named the address: it must be public, and https.
    pub public: bool,
}

impl Via {
    /// In a proxy's place: none at all.
    pub const NONE: &str = "none";
}
