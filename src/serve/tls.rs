//! TLS for addresses beyond this machine, with the certificate that the user gives.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// What a door beyond this machine shows. Clones show the same, also after it was renewed.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
}

/// The certificate that new callers are shown.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// What handshakes are made with.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// New callers are shown what `other` shows; those who are in stay.
    pub fn renew(&self, other: &Self) {
        let new = Arc::clone(&other.shown.0.read().unwrap_or_else(PoisonError::into_inner));
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = new;
    }
}

/// What a door beyond this machine shows, out of two PEM texts: a certificate with its chain, and its private key.
///
/// # Errors
/// A sentence; never a part of the key.
pub fn tls(certificate: &[u8], key: &[u8]) -> Result<Tls, String> {
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>();
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or("there is no certificate in the file")?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| "there is no private key in the file")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let whole = CertifiedKey::from_der(chain, key, &provider);
    let whole = whole.map_err(|e| format!("certificate and key do not fit ({e})"))?;
    let shown = Arc::new(Shown(RwLock::new(Arc::new(whole))));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Tls { config: Arc::new(config), shown })
}
