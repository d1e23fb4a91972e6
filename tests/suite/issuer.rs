//! A sign-in server on loopback that follows the RFCs: what a client leaves out or gets wrong is refused, as a real one
//! would, and a story says where the server itself misbehaves.

use std::collections::{BTreeMap, VecDeque};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::upstream::http::{Line, Request};

/// The moment every story happens at, in seconds since 1970.
const NOW: i64 = 1_795_516_200;
/// The one client that is registered.
pub const CLIENT: &str = "app-of-ada";

/// An answer: status, type, body.
type Said = (u16, &'static str, String);

/// A sign-in server and the API behind it.
pub struct Issuer {
    address: SocketAddr,
    play: Arc<Mutex<Play>>,
}

/// What happens, and what has happened.
pub struct Play {
    address: String,
    /// The client's secret; `None` = a public client.
    pub secret: Option<String>,
    /// It must come in the header.
    pub basic: bool,
    /// Said once each, instead of what would be said, by path.
    pub instead: BTreeMap<String, VecDeque<Said>>,
    /// What device polls get, before the token.
    pub polls: VecDeque<Said>,
    /// Changes the published document.
    pub document: Value,
    /// Changes the claims of ID tokens.
    pub claims: Value,
    /// Signs with something else than the published key.
    pub forged: bool,
    /// The user says no.
    pub denies: bool,
    /// Minutes that the server's clock runs ahead of the story's.
    pub ahead: Option<i64>,
    /// Scopes that are granted, if not all.
    pub grants: Option<String>,
    /// The client that is made for an installation.
    pub makes: Option<String>,
    codes: BTreeMap<String, BTreeMap<String, String>>,
    count: u32,
    access: Vec<String>,
    refresh: Vec<String>,
    /// All requests, as path and parameters.
    pub asked: Vec<(String, BTreeMap<String, String>)>,
    /// Headers of calls to the API.
    pub calls: Vec<BTreeMap<String, String>>,
}

impl Issuer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let play = Arc::new(Mutex::new(Play {
            address: format!("http://{address}"),
            secret: None,
            basic: false,
            instead: BTreeMap::new(),
            polls: VecDeque::new(),
            document: json!({}),
            claims: json!({}),
            forged: false,
            denies: false,
            ahead: None,
            grants: None,
            makes: None,
            codes: BTreeMap::new(),
            count: 0,
            access: Vec::new(),
            refresh: Vec::new(),
            asked: Vec::new(),
            calls: Vec::new(),
        }));
        let shared = Arc::clone(&play);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let play = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &play));
            }
        });
        Self { address, play }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What happens next.
    pub fn play(&self) -> MutexGuard<'_, Play> {
        self.play.lock().unwrap()
    }

    /// This path says this once.
    pub fn instead(&self, path: &str, status: u16, kind: &'static str, body: &str) -> &Self {
        self.play().instead.entry(path.to_owned()).or_default().push_back((status, kind, body.to_owned()));
        self
    }

    /// Device polls get these errors first.
    pub fn polls(&self, answers: &[(u16, &str)]) -> &Self {
        let said = answers.iter().map(|(status, body)| (*status, "application/json", (*body).to_owned()));
        self.play().polls = said.collect();
        self
    }

    /// The parameters of the last request to a path.
    #[track_caller]
    pub fn last(&self, path: &str) -> BTreeMap<String, String> {
        let play = self.play();
        play.asked.iter().rev().find(|(p, _)| p == path).expect("somebody asked").1.clone()
    }

    /// How often a path was asked.
    pub fn count(&self, path: &str) -> usize {
        self.play().asked.iter().filter(|(p, _)| p == path).count()
    }

    /// Every secret that was given out or taken.
    pub fn secrets(&self) -> Vec<String> {
        let play = self.play();
        let hidden = ["code", "code_verifier", "client_secret", "device_code", "refresh_token"];
        let sent = play.asked.iter().flat_map(|(_, form)| hidden.iter().filter_map(|n| form.get(*n).cloned()));
        play.access.iter().chain(&play.refresh).cloned().chain(sent).collect()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if let Ok(mut play) = self.play.lock() {
            // A story that scripted something nobody asked for has not told what it says.
            let left: Vec<&String> = play.instead.iter().filter(|(_, q)| !q.is_empty()).map(|(p, _)| p).collect();
            assert!(std::thread::panicking() || left.is_empty(), "nobody came to {left:?}");
            play.instead.clear();
        }
    }
}

fn serve(stream: TcpStream, play: &Mutex<Play>) {
    let Ok(mut line) = Line::new(stream) else { return };
    while let Ok(Some(request)) = line.request() {
        let mut play = play.lock().unwrap();
        let (status, kind, body, place) = play.answer(&request);
        let mut headers: Vec<(String, String)> = place.map(|p| ("location".to_owned(), p)).into_iter().collect();
        if let Some(ahead) = play.ahead {
            let at = jiff::Timestamp::from_second(NOW + ahead * 60).unwrap();
            headers.push(("date".to_owned(), at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        }
        drop(play);
        if line.answer(status, kind, &headers, body.as_bytes()).is_err() {
            return;
        }
    }
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()).into_owned() {
        assert!(out.insert(name.clone(), value).is_none(), "{name} was sent twice");
    }
    out
}

fn no(code: &str, said: &str) -> Value {
    json!({ "error": code, "error_description": said })
}

impl Play {
    fn answer(&mut self, request: &Request) -> (u16, &'static str, String, Option<String>) {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let header = |name: &str| request.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let form = match header("content-type").as_deref() {
            Some("application/json") => {
                let value: Value = serde_json::from_str(&body).unwrap();
                let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
                value.as_object().unwrap().iter().map(|(k, v)| (k.clone(), text(v))).collect()
            }
            _ => pairs(if request.method == "POST" { &body } else { query }),
        };
        self.asked.push((path.to_owned(), form.clone()));
        if let Some((status, kind, body)) = self.instead.get_mut(path).and_then(VecDeque::pop_front) {
            return (status, kind, body, None);
        }
        let json = |status: u16, value: Value| (status, "application/json", value.to_string(), None);
        match (request.method.as_str(), path) {
            ("GET", "/.well-known/openid-configuration") => json(200, self.published()),
            ("GET", "/jwks") => json(200, json!({ "keys": [jwk()] })),
            ("GET", "/authorize") => match self.authorize(&form) {
                Ok(back) => (302, "text/html", String::new(), Some(back)),
                Err(why) => (400, "text/html", format!("<p>{why}</p>"), None),
            },
            ("GET", "/auth") => {
                let code = self.fresh("code");
                let back = form.get("callback_url").unwrap().clone();
                self.codes.insert(code.clone(), form);
                (302, "text/html", String::new(), Some(format!("{back}?code={code}")))
            }
            ("POST", "/keys") => {
                let known = self.codes.remove(&form["code"]);
                let good = known.is_some_and(|k| k["code_challenge"] == hashed(&form["code_verifier"]));
                if good && form["code_challenge_method"] == "S256" {
                    let key = crate::key::key("openrouter");
                    self.access.push(key.clone());
                    return json(200, json!({ "key": key, "user_id": "u1" }));
                }
                json(403, json!({ "error": { "code": 403, "message": "Invalid code or code_verifier" } }))
            }
            ("POST", "/device") => json(200, self.device(&form)),
            ("POST", "/token") => {
                let given = self.token(&form, header("authorization").as_deref());
                match given {
                    Ok(value) => json(200, value),
                    Err((status, kind, body)) => (status, kind, body, None),
                }
            }
            ("GET", "/metadata/identity/oauth2/token") => {
                assert_eq!(header("metadata").as_deref(), Some("true"));
                assert_eq!(form["api-version"], "2018-02-01");
                // The numbers are texts there.
                json(200, self.identity(&json!({ "expires_in": "3599", "expires_on": (NOW + 3599).to_string() })))
            }
            ("GET", "/msi/token") => {
                assert_eq!(header("x-identity-header").as_deref(), Some("word-of-the-house"));
                assert_eq!(form["api-version"], "2019-08-01");
                json(200, self.identity(&json!({ "expires_on": (NOW + 3600).to_string() })))
            }
            ("POST", "/v1/oauth/token") => {
                assert_eq!(header("anthropic-beta").as_deref(), Some("oauth-2025-04-20,oidc-federation-2026-04-01"));
                assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
                json(200, self.identity(&json!({ "expires_in": 600 })))
            }
            ("POST", "/revoke") => {
                self.refresh.retain(|t| *t != form["token"]);
                (200, "text/plain", String::new(), None)
            }
            ("GET", path) if path.ends_with("/models") => {
                self.calls.push(request.headers.iter().cloned().collect());
                let bearer = header("authorization").unwrap_or_default();
                let token = bearer.strip_prefix("Bearer ").unwrap_or_default().to_owned();
                if self.access.contains(&token) {
                    json(200, json!({ "data": [{ "id": "m1" }] }))
                } else {
                    json(401, json!({ "error": { "message": "no such token", "type": "invalid_request_error" } }))
                }
            }
            _ => json(404, json!({})),
        }
    }

    /// A token for a machine or a workload, with what is said beside it.
    fn identity(&mut self, more: &Value) -> Value {
        let access = self.fresh("access");
        self.access.push(access.clone());
        let mut out = json!({ "access_token": access, "token_type": "Bearer" });
        for (name, value) in more.as_object().unwrap() {
            out[name] = value.clone();
        }
        out
    }

    fn published(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.address);
        let mut out = json!({ "issuer": self.address, "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"), "device_authorization_endpoint": at("/device"),
            "revocation_endpoint": at("/revoke"), "jwks_uri": at("/jwks"),
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": true });
        for (name, value) in self.document.as_object().unwrap() {
            out[name] = value.clone();
        }
        out
    }

    fn authorize(&mut self, form: &BTreeMap<String, String>) -> Result<String, String> {
        let get = |name: &str| form.get(name).cloned().ok_or_else(|| format!("{name} is missing"));
        let random =
            |name: &str| get(name).and_then(|v| if v.len() >= 22 { Ok(v) } else { Err(format!("weak {name}")) });
        let (back, state) = (get("redirect_uri")?, random("state")?);
        if get("response_type")? != "code"
            || get("code_challenge_method")? != "S256"
            || get("code_challenge")?.len() != 43
        {
            return Err("no code with S256".to_owned());
        }
        if form.get("scope").is_some_and(|s| s.contains("openid")) {
            random("nonce")?;
        }
        let mut url = url::Url::parse(&back).map_err(|e| e.to_string())?;
        url.query_pairs_mut().append_pair("state", &state).append_pair("iss", &self.address);
        if self.denies {
            url.query_pairs_mut().append_pair("error", "access_denied").append_pair("error_description", "Ada said no");
            return Ok(url.into());
        }
        let code = self.fresh("code");
        url.query_pairs_mut().append_pair("code", &code);
        if let Some(made) = &self.makes {
            url.query_pairs_mut().append_pair("client_id", made);
        }
        self.codes.insert(code, form.clone());
        Ok(url.into())
    }

    fn device(&mut self, form: &BTreeMap<String, String>) -> Value {
        assert_eq!(form.get("client_id").map(String::as_str), Some(CLIENT));
        let code = self.fresh("device");
        self.codes.insert(code.clone(), form.clone());
        json!({ "device_code": code, "user_code": "WDJB-MJHT", "verification_uri": format!("{}/activate", self.address),
            "expires_in": 900, "interval": 1 })
    }

    fn token(&mut self, form: &BTreeMap<String, String>, header: Option<&str>) -> Result<Value, Said> {
        let refuse = |status: u16, value: Value| (status, "application/json", value.to_string());
        let get = |name: &str| {
            form.get(name).cloned().ok_or_else(|| refuse(400, no("invalid_request", &format!("{name} is missing"))))
        };
        if let Some(secret) = &self.secret {
            let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
            let good = if self.basic { header == Some(&basic) } else { form.get("client_secret") == Some(secret) };
            if !good {
                return Err(refuse(401, no("invalid_client", "the client is not known")));
            }
        }
        let invalid = || refuse(400, no("invalid_grant", "the grant is used, over or not yours"));
        let asked = match get("grant_type")?.as_str() {
            "authorization_code" => {
                let asked = self.codes.remove(&get("code")?).ok_or_else(invalid)?;
                let client = self.makes.clone().unwrap_or_else(|| asked["client_id"].clone());
                let good = asked["code_challenge"] == hashed(&get("code_verifier")?)
                    && asked["redirect_uri"] == get("redirect_uri")?
                    && (self.basic || client == get("client_id")?);
                if !good {
                    return Err(invalid());
                }
                asked
            }
            "urn:ietf:params:oauth:grant-type:device_code" => {
                let code = get("device_code")?;
                if let Some(said) = self.polls.pop_front() {
                    return Err(said);
                }
                self.codes.remove(&code).ok_or_else(invalid)?
            }
            "client_credentials" => form.clone(),
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => form.clone(),
            "refresh_token" => {
                let token = get("refresh_token")?;
                // Rotation: the old one is used up.
                self.refresh.iter().position(|t| *t == token).map(|at| self.refresh.remove(at)).ok_or_else(invalid)?;
                form.clone()
            }
            _ => return Err(refuse(400, no("unsupported_grant_type", ""))),
        };
        let scope = asked.get("scope").cloned().unwrap_or_default();
        let scope = self.grants.clone().unwrap_or(scope);
        let access = self.fresh("access");
        self.access.push(access.clone());
        let mut out = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 3600, "scope": scope });
        if scope.contains("offline_access") {
            let refresh = self.fresh("refresh");
            self.refresh.push(refresh.clone());
            out["refresh_token"] = json!(refresh);
        }
        if scope.contains("openid") {
            let client = form.get("client_id").cloned().unwrap_or_else(|| CLIENT.to_owned());
            out["id_token"] = json!(self.id_token(&client, asked.get("nonce").cloned()));
        }
        Ok(out)
    }

    fn id_token(&self, client: &str, nonce: Option<String>) -> String {
        let mut claims = json!({ "iss": self.address, "aud": client, "sub": "ada", "email": "ada@example.org",
            "iat": NOW, "exp": NOW + 3600, "nonce": nonce });
        for (name, value) in self.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let token = signed(&json!({ "alg": "RS256", "kid": "k1" }), &claims);
        if !self.forged {
            return token;
        }
        // Another person under the same signature.
        claims["email"] = json!("eve@example.org");
        let parts: Vec<&str> = token.split('.').collect();
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
    }

    fn fresh(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{what}.{}", crate::key::key(&format!("{what}{}", self.count)))
    }
}

fn hashed(verifier: &str) -> String {
    assert!((43..=128).contains(&verifier.len()), "a verifier has 43 to 128 characters");
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// The key of tests; its lines stand in reverse.
pub fn der() -> Vec<u8> {
    STANDARD.decode(include_str!("../../src/auth/tests/rsa.txt").lines().rev().collect::<String>()).unwrap()
}

fn jwk() -> Value {
    let pair = RsaKeyPair::from_pkcs8(&der()).unwrap();
    let public: ring::rsa::PublicKeyComponents<Vec<u8>> = pair.public().into();
    json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1", "n": URL_SAFE_NO_PAD.encode(public.n),
        "e": URL_SAFE_NO_PAD.encode(public.e) })
}

fn signed(head: &Value, claims: &Value) -> String {
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let pair = RsaKeyPair::from_pkcs8(&der()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
