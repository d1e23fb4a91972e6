//! Secrets that the syntax round them gives away.

use super::{Look, Rule, rule};
use crate::secrets::custom;

pub(in crate::secrets) static STRUCTURES: &[Rule] = &[
    rule("private-key", "private key", "key", &["-----begin"], "").custom(custom::pem).sure(0.99).examples(
        &[
            "-----BEGIN RSA PRIVATE KEY-----\n‹b64›\n‹b64›\n‹b20›==\n-----END RSA PRIVATE KEY-----",
            "+-----BEGIN OPENSSH PRIVATE KEY-----\n+‹b70›\n+‹b70›\n+-----END OPENSSH PRIVATE KEY-----",
            r#""private_key": "-----BEGIN PRIVATE KEY-----\n‹b64›\n‹b64›\n-----END PRIVATE KEY-----\n""#,
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n‹b64›\n=‹b4›\n",
            "k = \"-----BEGIN EC PRIVATE KEY-----\\n\" +\n  \"‹b64›\\n\" +\n  \"‹b40›\"",
            "KEY=-----BEGIN PRIVATE KEY-----‹b120›-----END PRIVATE KEY-----",
            "    1 +-----BEGIN RSA PRIVATE KEY-----\n    2 +‹b64›\n    3 +‹b64›\n    4 +‹b20›==\n    5 +-----END RSA PRIVATE KEY-----",
            "    1 +K = \"\"\"-----BEGIN PRIVATE KEY-----\n    2 +    ‹b64›\n    3 +    ‹b64›\n    4 +    ‹b20›==\n    5 +    -----END PRIVATE KEY-----\"\"\"",
            "    8  key: |\n    9    -----BEGIN OPENSSH PRIVATE KEY-----\n      -  ‹b70›\n   10 +  ‹b70›\n   11    ‹b70›\n",
            "12345 +// -----BEGIN EC PRIVATE KEY-----\n12346 +// ‹b64›\n12347 +// ‹b64›\n",
            "     1\t-----BEGIN PRIVATE KEY-----\n     2\t  ‹b64›\n     3\t  ‹b64›\n",
            "K = (b\"-----BEGIN PRIVATE KEY-----\\n\"\n     b\"‹b64›\\n\"\n     b\"‹b64›\\n\")",
            "12:00 key -----BEGIN PRIVATE KEY-----\n12:00 key ‹b64›\n12:00 key ‹b64›\n",
        ],
        &[
            "-----BEGIN PUBLIC KEY-----\n‹b64›\n-----END PUBLIC KEY-----",
            "if text.contains(\"-----BEGIN PRIVATE KEY-----\") { return refuse(text) }",
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
        ],
    ),
    rule("private-key-part", "private key", "key", &["@@ -", "-----end"], "").custom(custom::pem_part).sure(0.85).examples(
        &[
            "@@ -9,4 +9,4 @@\n ‹b64›\n-‹b64›\n+‹b64›\n ‹b64›\n",
            "@@ -9,4 +9,4 @@\n    9  ‹b64›\n      -‹b64›\n   10 +‹b64›\n   11  ‹b20›\n",
            "@@ -9,3 +9,2 @@\n ‹b64›\n-‹b64›\n\\ No newline at end of file\n+‹b64›\n+‹b64›\n",
            "@@ -2,4 +2,4 @@ key: |\n     ‹b70›\n-    ‹b70›\n+    ‹b70›\n",
            "@@ -9,2 +9,2 @@ ‹b64›\n ‹b64›\n-‹b20›\n+‹b20›\n",
            "@@ -9,2 +9,2 @@\n-‹b64›\n+‹b64›\n-----END RSA PRIVATE KEY-----\n",
            "‹b64›\n‹b20›\n-----END PRIVATE KEY-----\n",
            "@@ -1,3 +1,3 @@\n ‹b64›\n-‹b20›\n+‹b30›\n -----END OPENSSH PRIVATE KEY-----\n",
            "@@ -1,3 +1,3 @@\n-‹b64›\n-‹b20›\n+‹b64›\n+‹b8›\n -----END PRIVATE KEY-----\n",
        ],
        &[
            "‹b64›\n‹b64›\n‹b64›\n",
            "@@ -9,2 +9,2 @@ ‹h64›\n-‹b64›\n+‹b64›\n",
            "@@ -9,4 +9,4 @@\n ‹h64›\n-‹h64›\n+‹h64›\n ‹h64›\n",
            "@@ -1,4 +1,4 @@\n -----BEGIN CERTIFICATE-----\n ‹b64›\n-‹b64›\n+‹b64›\n ‹b64›\n",
            "@@ -5,4 +5,4 @@\n ‹b64›\n-‹b64›\n+‹b64›\n ‹b20›\n -----END CERTIFICATE-----\n",
            "@@ -1,1 +1,4 @@\n+iVBORw0KGgo‹b53›\n+‹b64›\n+‹b64›\n",
            "@@ -1,1 +1,4 @@\nindex\n ‹b64›\n ‹b64›\n ‹b64›\n",
        ],
    ),
    rule("putty-key", "private key", "key", &["putty-user-key-file-"], "").custom(custom::ppk).sure(0.99).examples(
        &["PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 0\nPrivate-Lines: 2\n‹b64›\n‹b40›\nPrivate-MAC: 0"],
        &["PuTTY-User-Key-File-3: see the manual"],
    ),
    rule("aws-secret-key", "AWS secret key", "aws", &["akia", "asia"], "").custom(custom::aws_pair).sure(0.9).examples(
        &["AKIA‹u16›\nx = ‹b40›"],
        &["AKIAIOSFODNN7EXAMPLE\nx = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    ),
    rule("cookie", "session cookie", "cookie", &["cookie"], "").custom(custom::cookies).sure(0.8).examples(
        &["Cookie: theme=dark; session=‹a32›; lang=en", "set-cookie: sid=‹a40›; Path=/; HttpOnly"],
        &["Cookie: theme=dark; lang=en", "const cookie = parseCookie(request.headers.get('x-thing-2'))"],
    ),
    rule("kubernetes-secret", "Kubernetes secret", "kube", &["kind: secret"], "").custom(custom::kube).sure(0.85).examples(
        &["kind: Secret\nmetadata:\n  name: a\ndata:\n  first: ‹b24›\n  second: ‹b12›\n"],
        &["kind: SecretStore\ndata:\n  a: ‹b24›\n", "kind: Secret\nmetadata:\n  name: quite-long-name\n"],
    ),
    rule("url-password", "password in a URL", "password", &["://"], r#"://[^\s:@/?#"'<>`\\]{0,128}:([^\s/"'<>`\\]{1,256})@[A-Za-z0-9\[_$.{-]"#)
        .look(Look::Password)
        .sure(0.9)
        .examples(
            &["postgres://app:‹a12›@db.internal/x", "https://x-access-token:‹a40›@github.com/a/b", "redis://:‹a20›@cache:6379/0"],
            &["postgres://user:password@localhost/db", "http://localhost:8080/@scope", "mysql://u:${PW}@h/d", "https://a.b/c:d@e"],
        ),
    rule(
        "authorization-header",
        "Authorization header",
        "auth",
        &["authorization"],
        r#"(?i:authorization)["'`\\\]]*\s{0,4}[:=,]\s{0,4}["'`\\b]{0,4}(?:(?i:bearer|token|apikey|api-key|key|digest|negotiate|bot|splunk|sso-key|genie-?key|basic)\s+)?([A-Za-z0-9._~+/=:-]{12,})"#,
    )
    .look(Look::Random)
    .sure(0.85)
    .examples(
        &["Authorization: Bearer ‹w40›", r#""authorization": "token ‹h40›""#, "-H 'Authorization: ‹a32›'"],
        &["Authorization: Bearer $TOKEN", "Authorization: Bearer <token>", "authorization = request.headers"],
    ),
    rule("bearer", "bearer token", "bearer", &["bearer "], r"(?i:bearer) {1,4}([A-Za-z0-9._~+/-]{20,}=*)")
        .look(Look::Random)
        .sure(0.8)
        .examples(&["with Bearer ‹a40› set"], &["bearer of the certificate-of-authenticity"]),
    rule("basic-auth", "HTTP Basic credentials", "basic", &["basic "], r"(?i:basic) {1,4}([A-Za-z0-9+/]{8,}={0,2})")
        .look(Look::Basic)
        .sure(0.9)
        .examples(&["Basic QW5uYTpzM2NyZXQ0eW91"], &["basic authentication", "Basic knowledgeable"]),
    rule("netrc", "netrc password", "netrc", &["machine "], r"machine\s+\S{1,200}[\s+]+login\s+\S{1,200}[\s+]+password\s+(\S{3,200})")
        .look(Look::Password)
        .examples(&["machine h.example login ann password ‹a14›", "+machine h\n+  login a\n+  password ‹a9›"], &["machine learning password"]),
    rule("npmrc-auth", "npm registry token", "npm", &[":_authtoken", ":_auth", ":_password"], r#":_(?:authToken|auth|password)\s{0,4}=\s{0,4}["']?([^\s"'$]{8,})"#)
        .look(Look::Password)
        .examples(&["//r.example/:_authToken=‹a36›"], &["//r.example/:_authToken=${NPM_TOKEN}"]),
    rule("docker-auth", "docker credentials", "docker", &["\"auth\""], r#""auth"\s{0,8}:\s{0,8}"([A-Za-z0-9+/]{8,}={0,2})""#)
        .look(Look::Basic)
        .examples(&[r#""auth": "QW5uYTpzM2NyZXQ0eW91""#], &[r#""auth": "required1""#]),
    rule("docker-identity", "docker credentials", "docker", &["\"identitytoken\""], r#""identitytoken"\s{0,8}:\s{0,8}"([^"\s]{16,})""#)
        .look(Look::Random)
        .examples(&[r#""identitytoken": "‹w60›""#], &[r#""identitytoken": """#]),
    rule("kubeconfig-key", "kubeconfig key", "kube", &["client-key-data"], r#"client-key-data["']?:\s{0,4}["']?([A-Za-z0-9+/=]{20,})"#)
        .examples(&["    client-key-data: ‹b200›"], &["client-key-data: /path"]),
    rule("azure-storage-key", "Azure storage key", "azure", &["accountkey=", "sharedaccesskey="], r"(?i:accountkey|sharedaccesskey)=([A-Za-z0-9+/=%]{40,})")
        .examples(&["AccountName=x;AccountKey=‹b86›==;EndpointSuffix=y", "SharedAccessKey=‹b43›="], &["AccountKey=..."]),
    rule("sas-signature", "signed URL", "sas", &["sig="], r"sig=([A-Za-z0-9%+/=_-]{40,})")
        .look(Look::Random)
        .sure(0.9)
        .examples(&["?sv=2024&sig=‹a43›%3D"], &["sig=abc", "config=‹a48›"]),
    rule(
        "presigned-url",
        "signed URL",
        "presigned",
        &["x-amz-signature=", "x-amz-security-token=", "x-goog-signature="],
        r"(?i:x-amz-signature|x-amz-security-token|x-goog-signature)=([A-Za-z0-9%+/=_-]{32,})",
    )
    .examples(&["&X-Amz-Signature=‹h64›", "&X-Amz-Security-Token=‹a200›&x=1"], &["X-Amz-Signature=<sig>"]),
    rule("otpauth", "one-time password seed", "otp", &["otpauth://"], r"otpauth://[ht]otp/[^\s?]{0,200}\?(?:[^\s&]{1,100}&){0,6}secret=([A-Za-z2-7]{16,})")
        .examples(&["otpauth://totp/A:b?issuer=A&secret=‹s32›"], &["otpauth://totp/?secret=x"]),
    rule("sql-identified-by", "database password", "password", &["identified by", "identified with"], r#"(?i:identified\s+(?:with\s+\S{1,40}\s+)?by)\s+(?i:password\s+)?\\?["']([^"'\\]{3,200})"#)
        .look(Look::Password)
        .sure(0.9)
        .examples(&["CREATE USER a IDENTIFIED BY '‹a12›';"], &["IDENTIFIED BY 'password'", "is identified by name"]),
    rule("curl-user", "password on a command line", "password", &["curl "], r#"curl(?:\s[^\n]{0,300}?)?\s(?:-u|--user)[\s=]{0,2}["']?[^\s:"']{1,100}:([^\s"']{3,200})"#)
        .look(Look::Password)
        .sure(0.85)
        .examples(&["curl -s -u ann:‹a12› https://h"], &["curl -u user:password https://h", "curl -u $U:$P https://h"]),
    rule("sshpass", "password on a command line", "password", &["sshpass "], r#"sshpass\s+-p\s{0,2}["']?([^\s"']{3,200})"#)
        .look(Look::Password)
        .examples(&["sshpass -p ‹a10› ssh h"], &["sshpass -p $PW ssh h"]),
    rule("jwk-private", "private JWK", "jwk", &["\"kty\""], r#""d"\s{0,8}:\s{0,8}"([A-Za-z0-9_-]{20,})""#).near(400)
        .look(Look::Random)
        .examples(&[r#"{"kty":"EC","crv":"P-256","d":"‹w43›"}"#], &[r#"{"kty":"RSA","n":"‹w60›","e":"AQAB"}"#]),
    rule("django-key", "Django secret key", "django", &["django-insecure-"], r"django-insecure-([^\s\x22'\\]{30,})")
        .examples(&["'django-insecure-‹a50›'"], &["django-insecure-"]),
];
