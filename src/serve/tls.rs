//! TLS for addresses beyond this machine, with the certificate that the user gives.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What a door beyond this machine shows.
pub type Tls = Arc<ServerConfig>;

/// What a door beyond this machine shows, out of two PEM texts: a certificate with its chain, and its private key.
///
/// # Errors
/// A sentence; never a part of the key.
pub fn tls(certificate: &[u8], key: &[u8]) -> Result<Tls, String> {
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>();
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or("there is no certificate in the file")?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| "there is no private key in the file")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key);
    let mut config = config.map_err(|e| format!("certificate and key do not fit ({e})"))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
