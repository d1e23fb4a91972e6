//! Google's application default credentials: the file that `gcloud` or an administrator made (sign-in.md, "Google").

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::token::{self, Granted, TokenError};
use crate::model::Secret;
use crate::net::Net;
use crate::vault::Grant;
use crate::world::{Clock, Env, files};

/// Where tokens are asked for, unless the file or the user says otherwise.
const TOKEN: &str = "https://oauth2.googleapis.com/token";
/// What may be done with a token, unless the user says otherwise.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// A signed request for a token holds this long (seconds); Google takes no longer one.
const HOUR: i64 = 3600;
/// No such file is larger (bytes).
const LIMIT: u64 = 1 << 18;

/// A credentials file that can be used.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it lies.
    pub(super) file: PathBuf,
    /// The project that is charged, if it names one.
    pub(super) project: Option<String>,
}

/// Looks where Google's own libraries look; the error is a sentence.
pub(super) fn find(env: &Env) -> Result<Found, String> {
    let named = env.get("GOOGLE_APPLICATION_CREDENTIALS").map(|path| env.cwd().join(path));
    let file = match named.or_else(|| usual(env).filter(|path| path.exists())) {
        Some(file) => file,
        None => return Err("there are no application default credentials on this machine".to_owned()),
    };
    let value = read(&file)?;
    kind(&value, &file)?;
    let project = env.get("GOOGLE_CLOUD_QUOTA_PROJECT").or_else(|| value["quota_project_id"].as_str());
    Ok(Found { file, project: project.map(str::to_owned) })
}

/// Where `gcloud auth application-default login` puts its file.
fn usual(env: &Env) -> Option<PathBuf> {
    let dir = match env.get("CLOUDSDK_CONFIG") {
        Some(dir) => PathBuf::from(dir),
        None if cfg!(windows) => PathBuf::from(env.get("APPDATA")?).join("gcloud"),
        None => env.home()?.join(".config").join("gcloud"),
    };
    Some(dir.join("application_default_credentials.json"))
}

/// Gets an access token with what the grant's file holds. The file is read each time, and never written.
pub(super) async fn mint(net: &Net, clock: &Clock, grant: &Grant) -> Result<Granted, TokenError> {
    let broken = TokenError::Unavailable;
    let file = grant.file.as_deref().ok_or_else(|| broken("the account names no credentials file".to_owned()))?;
    let value = read(file).map_err(broken)?;
    let text = |name: &str| {
        let there = value[name].as_str().filter(|t| !t.is_empty());
        there.ok_or_else(|| broken(format!("{} holds no {name}", file.display())))
    };
    let own = value["token_uri"].as_str().filter(|t| !t.is_empty()).unwrap_or(TOKEN);
    let url = if grant.token_url.is_empty() { own } else { &grant.token_url };
    match kind(&value, file).map_err(broken)? {
        Kind::User => {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", text("refresh_token")?),
                ("client_id", text("client_id")?),
                ("client_secret", text("client_secret")?),
            ];
            let granted = token::exchange(net, clock, url, &form, None).await?;
            // Should a new one ever come, it belongs to the file's owner.
            Ok(Granted { refresh: None, ..granted })
        }
        Kind::Service => {
            let scope = if grant.scope.is_empty() { SCOPE } else { &grant.scope };
            let now = clock.now().as_second();
            let claims =
                json!({ "iss": text("client_email")?, "scope": scope, "aud": url, "iat": now, "exp": now + HOUR });
            let key = Secret::new(text("private_key")?.to_owned());
            let assertion = signed(&claims, value["private_key_id"].as_str(), &key)
                .map_err(|why| broken(format!("the key in {} {why}", file.display())))?;
            let form =
                [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.expose())];
            token::exchange(net, clock, url, &form, None).await
        }
    }
}

/// The two kinds of file that can be used.
enum Kind {
    /// A person's, made by `gcloud`.
    User,
    /// A service account's key.
    Service,
}

fn kind(value: &Value, file: &Path) -> Result<Kind, String> {
    match value["type"].as_str() {
        Some("authorized_user") => Ok(Kind::User),
        Some("service_account") => Ok(Kind::Service),
        Some(other @ ("external_account" | "external_account_authorized_user" | "impersonated_service_account")) => {
            Err(format!("{} is of the type {other}, which monster does not use", file.display()))
        }
        _ => Err(format!("{} holds no Google credentials", file.display())),
    }
}

fn read(file: &Path) -> Result<Value, String> {
    let bytes = files::read_bounded(file, LIMIT).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    // What the parser says could repeat a part of the file.
    serde_json::from_slice(&bytes).map_err(|_| format!("{} is no JSON", file.display()))
}

/// A JSON Web Token over `claims`, signed with RS256.
fn signed(claims: &Value, id: Option<&str>, key: &Secret) -> Result<Secret, &'static str> {
    let body: String = key.expose().lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let der = STANDARD.decode(body).map_err(|_| "is no PEM")?;
    let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| "is no RSA key in PKCS #8")?;
    let mut header = json!({ "alg": "RS256", "typ": "JWT" });
    if let Some(id) = id {
        header["kid"] = json!(id);
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .map_err(|_| "cannot sign")?;
    Ok(Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
}
