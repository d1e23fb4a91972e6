//! Secrets that the syntax round them gives away.

use super::{Look, Rule, rule};
use crate::secrets::custom;

pub(in crate::secrets) static STRUCTURES: &[Rule] = &[
    rule("private-key", "private key", "key", &["-----begin", "---- begin ssh2"], "").custom(custom::pem).sure(0.99).examples(
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
    rule("cookie", "session cookie", "cookie", &["cookie"], "").custom(custom::cookies).sure(0.9).examples(
        &["Cookie: theme=dark; session=‹a32›; lang=en", "set-cookie: sid=‹a40›; Path=/; HttpOnly"],
        &["Cookie: theme=dark; lang=en", "const cookie = parseCookie(request.headers.get('x-thing-2'))"],
    ),
    rule("kubernetes-secret", "Kubernetes secret", "kube", &["kind: secret"], "").custom(custom::kube).sure(0.85).examples(
        &["kind: Secret\nmetadata:\n  name: a\ndata:\n  first: ‹b24›\n  second: ‹b12›\n"],
        &["kind: SecretStore\ndata:\n  a: ‹b24›\n", "kind: Secret\nmetadata:\n  name: quite-long-name\n"],
    ),
    rule("kubernetes-json", "Kubernetes secret", "kube", &["\"kind\":\"secret\"", "\"kind\": \"secret\""], "").custom(custom::manifest).sure(0.85).examples(
        &[r#"{"kind": "Secret", "metadata": {"name": "a"}, "data": {"first": "‹b24›", "second": "‹b12›"}}"#],
        &[r#"{"kind": "Secret", "metadata": {"name": "quite-long-name"}}"#],
    ),
    rule("url-password", "password in a URL", "password", &["://"], "").custom(custom::password).sure(0.9).examples(
        &[
            "postgres://app:‹a12›@db.internal/x",
            "https://x-access-token:‹a40›@github.com/a/b",
            "redis://:‹a20›@cache:6379/0",
            "amqp://svc:‹a6›%40‹a6›@mq/v",
            "mongodb+srv://u:‹a4›!‹a6›@c.example.net/db?w=1",
            "mysql://app:‹a5›/‹a5›@db.internal:3306/x",
            "postgres://app:‹a5›@‹a5›@db.internal/x",
        ],
        &[
            "postgres://user:password@localhost/db",
            "http://localhost:8080/@scope",
            "mysql://u:${PW}@h/d",
            "https://a.b/c:d@e",
            "postgres://postgres:postgres@db/x",
            "https://medium.com/@ann/post-1",
            "https://$USER:$PASS@h/x",
            "http://h:8080/a@b",
        ],
    ),
    rule("url-token", "token in a URL", "token", &["://"], "").custom(custom::token).sure(0.9).examples(
        &["https://‹a40›@github.com/a/b", "https://‹a40›:x-oauth-basic@github.com/a/b", "postgres://app:‹a24›@db.internal/x"],
        &["https://ann@host.example/x", "https://deploy-user-2024@host.example", "https://‹h32›@o1.ingest.sentry.io/2"],
    ),
    rule("url-encoded", "password in a URL", "password", &[":\\/\\/", "%3a%2f%2f"], "").custom(custom::escaped).sure(0.9).examples(
        &["postgres%3A%2F%2Fapp%3A‹a14›%40db%2Fx", r"postgres:\/\/app:‹a14›@db\/x"],
        &["https%3A%2F%2Fa.b%2Fc", r"https:\/\/a.b\/c@d", "postgres%3A%2F%2Fuser%3Apassword%40h%2Fd"],
    ),
    rule("authorization-header", "Authorization header", "auth", &["authorization"], "")
        .custom(custom::authorization::<true>)
        .sure(0.9)
        .examples(
            &[
                "Authorization: Bearer ‹w40›",
                r#""authorization": "token ‹h40›""#,
                "-H 'Authorization: Bearer ‹a32›'",
                "Proxy-Authorization: Basic QW5uYTpzM2NyZXQ0eW91",
                r#"Authorization: Digest username="a", realm="b", response="‹h32›""#,
                "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/2024/us, SignedHeaders=host, Signature=‹h64›",
                r#"{\"Authorization\": \"GenieKey ‹a36›\"}"#,
                r#"headers["Authorization"] = f"Bearer ‹a40›""#,
            ],
            &["Authorization: Bearer $TOKEN", "Authorization: Bearer <token>", "authorization = request.headers", "Authorization: Basic realm"],
        ),
    rule("authorization-value", "Authorization header", "auth", &["authorization"], "")
        .custom(custom::authorization::<false>)
        .sure(0.8)
        .examples(
            &["-H 'Authorization: ‹a32›'", r#".header("Authorization", "Bearer ‹a14›7")"#, "Authorization: SSWS ‹a6›7‹a6›"],
            &["Authorization: Bearer {token}", "authorization: required", "Authorization: Bearer your-token-goes-here"],
        ),
    rule("bearer", "bearer token", "bearer", &["bearer "], r"(?i:bearer) {1,4}([A-Za-z0-9._~+/-]{20,}=*)")
        .look(Look::Random)
        .sure(0.8)
        .examples(&["with Bearer ‹a40› set"], &["bearer of the certificate-of-authenticity"]),
    rule("basic-auth", "HTTP Basic credentials", "basic", &["basic "], r"(?i:basic) {1,4}([A-Za-z0-9+/]{8,}={0,2})")
        .look(Look::Basic)
        .sure(0.9)
        .examples(&["Basic QW5uYTpzM2NyZXQ0eW91"], &["basic authentication", "Basic knowledgeable"]),
    rule("netrc", "netrc password", "netrc", &["machine "], r"machine\s+\S{1,200}[\s+]+login\s+\S{1,200}[\s+]+password\s+([^\s\\\x22\x27<>]{3,200})")
        .look(Look::Password)
        .examples(&["machine h.example login ann password ‹a14›", "+machine h\n+  login a\n+  password ‹a9›"], &["machine learning password"]),
    rule("npmrc-auth", "npm registry token", "npm", &[":_authtoken", ":_auth", ":_password"], r#":_(?:authToken|auth|password)\s{0,4}=\s{0,4}["']?([^\s"'$:]{8,})"#)
        .look(Look::Password)
        .examples(&["//r.example/:_authToken=‹a36›"], &["//r.example/:_authToken=${NPM_TOKEN}"]),
    rule("docker-auth", "docker credentials", "docker", &["\"auth\"", "\"auth\\\""], r#""auth\\{0,3}"\s{0,8}:\s{0,8}\\{0,3}"([A-Za-z0-9+/]{8,}={0,2})\\{0,3}""#)
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
        &["x-amz-signature=", "x-amz-security-token=", "x-goog-signature=", "x-oss-signature=", "x-tos-signature=", "q-signature=", "x-obs-signature="],
        r"(?i:x-(?:amz|goog|oss|tos|obs)-signature|x-amz-security-token|q-signature)=([A-Za-z0-9%+/=_-]{32,})",
    )
    .look(Look::Shape)
    .examples(&["&X-Amz-Signature=‹h64›", "&X-Amz-Security-Token=‹a200›&x=1"], &["X-Amz-Signature=<sig>"]),
    rule("signed-url", "signed URL", "presigned", &["&signature=", "?signature=", "&amp;signature="], r"(?:[?&]|&amp;)(?i:signature)=([A-Za-z0-9%+/=_~-]{20,})")
        .look(Look::Random)
        .sure(0.9)
        .examples(&["https://h/x?Expires=1&Signature=‹a60›~&Key-Pair-Id=K", "?Signature=‹b24›%3D&OSSAccessKeyId=x"], &["?signature=required", "&signature=<sig>"]),
    rule("otpauth", "one-time password seed", "otp", &["otpauth://"], r"otpauth://[ht]otp/[^\s?]{0,200}\?(?:[^\s&]{1,100}&){0,6}secret=([A-Za-z2-7]{16,})")
        .examples(&["otpauth://totp/A:b?issuer=A&secret=‹s32›"], &["otpauth://totp/?secret=x"]),
    rule("sql-identified-by", "database password", "password", &["identified by", "identified with"], r#"(?i:identified\s+(?:with\s+\S{1,40}\s+)?by)\s+(?i:password\s+)?\\?["']([^"'\\]{3,200})"#)
        .look(Look::Password)
        .sure(0.9)
        .examples(&["CREATE USER a IDENTIFIED BY '‹a12›';"], &["IDENTIFIED BY 'password'", "is identified by name"]),
    rule("command-line", "password on a command line", "password", custom::COMMANDS, "").custom(custom::command).sure(0.9).examples(
        &[
            "curl -s -u ann:‹a12› https://h",
            "curl -sSu ann:‹a12› https://h",
            "curl https://h --user 'ann:‹a6›!x‹a3›'",
            "sshpass -p ‹a10› ssh h",
            "sshpass -p'‹a10›' ssh h",
            "mysql -u root -p‹a12› shop",
            "mysqldump --host=h -uroot -p'‹a12›' shop > x",
            "redis-cli -h h -a ‹a16› ping",
            "docker login -u ann -p ‹a16› registry.example.com",
            "mongosh --host h -u a -p ‹a12›",
            "smbclient //h/s -U ann%‹a12›",
            "ldapsearch -x -D cn=admin -w ‹a12› -b dc=x",
            "openssl rsa -in k.pem -passin pass:‹a12›",
            "openssl enc -aes-256-cbc -k ‹a12› -in a",
            "htpasswd -bc .htpasswd ann ‹a12›",
            "kubectl create secret generic db --from-literal=password=‹a12›",
            "az login --service-principal -u x -p ‹a14› --tenant y",
            "sqlcmd -S h -U sa -P ‹a12› -Q x",
            "7z a -p‹a12› out.7z dir",
            "zip -P ‹a12› out.zip a",
            "xfreerdp /u:ann /p:‹a12› /v:h",
            "lftp -u ann,‹a12› sftp://h",
            "sqlplus ann/‹a12›@db",
            "nmcli dev wifi connect home password ‹a12›",
            "rabbitmqctl add_user ann ‹a12›",
            "vault login ‹a26›",
            "$ curl -u ann:‹a12› \\\n  https://h",
        ],
        &[
            "curl -u user:password https://h",
            "curl -u $U:$P https://h",
            "curl -u \"$USER:${PASS}\" https://h",
            "sshpass -p $PW ssh h",
            "mysql -u root -p shop",
            "docker login -u ann --password-stdin",
            "docker run -p 8080:80 image",
            "zip -r out.zip dir",
            "openssl x509 -in cert.pem -noout",
            "the mysql -p flag asks",
            "unzip -p a.zip",
        ],
    ),
    rule("piped-password", "password on a command line", "password",
        &["| sudo -s", "|sudo -s", "| chpasswd", "| sudo chpasswd", "| passwd --stdin", "| docker login", "| podman login", "| cryptsetup", "| gh auth login", "| wrangler secret put", "| npx wrangler secret put", "| gh secret set", "| flyctl secrets"], "")
        .custom(custom::piped)
        .sure(0.9)
        .examples(
            &["echo '‹a12›' | sudo -S apt update", "echo \"root:‹a12›\" | chpasswd", "echo ‹a30› | docker login -u a --password-stdin"],
            &["echo $PW | sudo -S true", "cat key | docker login --password-stdin", "echo \"$U:$P\" | chpasswd"],
        ),
    rule("webhook", "webhook address", "webhook", custom::WEBHOOKS, "").custom(custom::webhook).sure(0.9).examples(
        &[
            "https://hooks.zapier.com/hooks/catch/123456/‹a7›9/",
            "https://open.feishu.cn/open-apis/bot/v2/hook/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "https://oapi.dingtalk.com/robot/send?access_token=‹h64›",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "https://maker.ifttt.com/trigger/door/with/key/‹a43›",
            "https://hook.eu1.make.com/‹a31›7",
            "https://chat.googleapis.com/v1/spaces/AAA/messages?key=x&token=‹w43›",
            "https://chat.example.org/hooks/‹a26›",
            "https://n8n.example.org/webhook/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
        ],
        &[
            "https://example.org/hooks/pre-commit-and-pre-push-hooks",
            "https://api.example.com/webhooks/incoming-messages-received",
            "https://hooks.zapier.com/hooks/catch/",
            "/webhooks/:id/deliveries",
        ],
    ),
    rule("password-file", "password hash of an account", "hash",
        &["$apr1$", "$2y$", "$2a$", "$2b$", "$6$", "$5$", "$1$", "$y$", "$argon2", "{ssha", "{sha}"], "")
        .custom(custom::crypt)
        .sure(0.9)
        .examples(
            &["root:$6$‹a16›$‹a86›:19000:0:99999:7:::", "ann:$apr1$‹a8›$‹a22›", "ann:$2y$10$‹a53›", "bob:{SHA}‹b27›="],
            &["hash = \"$2b$12$‹a53›\"", "cost: $1$"],
        ),
    rule("pgpass", "database password", "password", &[":5432:", ":5433:", ":6432:", ":*:"], "").custom(custom::pgpass).sure(0.9).examples(
        &["db.internal:5432:shop:app:‹a14›", "*:*:*:app:‹a14›\n"],
        &["tcp://0.0.0.0:5432:5432", "- 5432:5432", "a:5432:b:c:password"],
    ),
    rule("jwk-private", "private JWK", "jwk", &["\"kty\"", "\"kty\\\"", "kty\\\"", "kty&quot;"], "").custom(custom::jwk).sure(0.95).examples(
        &[
            r#"{"kty":"EC","crv":"P-256","d":"‹w43›"}"#,
            r#"{"d": "‹w86›", "e": "AQAB", "kty": "RSA", "p": "‹w43›"}"#,
            r#"{\"kty\":\"oct\",\"k\":\"‹w43›\"}"#,
        ],
        &[r#"{"kty":"RSA","n":"‹w60›","e":"AQAB"}"#],
    ),
    rule("encoded-key", "private key", "key", &["ls0tls1crudjti"], "").custom(custom::encoded).sure(0.99).examples(
        &["key: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo‹b200›=", "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS0K‹b64›\n  ‹b64›"],
        &["LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JS‹b200›=", "LS0tLS1CRUdJTi"],
    ),
    rule("seed-phrase", "wallet seed phrase", "seed",
        &["mnemonic", "seed phrase", "seed_phrase", "seedphrase", "seed words", "recovery phrase", "recovery_phrase", "wallet seed", "secret phrase", "secret_phrase", "backup phrase"], "")
        .custom(custom::mnemonic)
        .sure(0.9)
        .examples(
            &[
                "MNEMONIC=\"‹m12›\"",
                "seed phrase: ‹m24›",
                "mnemonic = [\"‹m12›\"]\n",
            ],
            &[
                "mnemonic: abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
                "the mnemonic can be used to restore the wallet on any other device you own",
            ],
        ),
    rule("backup-codes", "backup codes", "codes",
        &["backup code", "backup_code", "backupcode", "backup-code", "recovery code", "recovery_code", "recoverycode", "recovery-code", "scratch code"], "")
        .custom(custom::codes)
        .sure(0.8)
        .examples(
            &["Backup codes: 4821‹d4›, 9031‹d4›, 1187‹d4›", "recovery_codes = [\"1a2b3-‹h5›\", \"9f8e7-‹h5›\"]"],
            &["backup codes: 10", "recovery code path: see error handling", "backup code: 2024-01-01"],
        ),
    rule("terraform-sensitive", "sensitive Terraform value", "secret", &["\"sensitive\": true", "\"sensitive\":true", "sensitive = true", "sensitive   = true"], "")
        .custom(custom::sensitive)
        .sure(0.9)
        .examples(
            &[
                "\"db\": {\n  \"value\": \"‹a14›\",\n  \"type\": \"string\",\n  \"sensitive\": true\n}",
                "variable \"x\" {\n  default = \"‹a14›\"\n  sensitive = true\n}",
            ],
            &["output \"x\" {\n  value     = module.a.b\n  sensitive = true\n}"],
        ),
    rule("sql-insert", "password in SQL", "password", &["insert into "], "").custom(custom::insert).sure(0.8).examples(
        &["INSERT INTO users (name, password) VALUES ('ann', '‹a12›'), ('bob', '‹a12›');"],
        &["INSERT INTO users (name, email) VALUES ('ann', '‹a12›');", "insert into t (password) select x from y"],
    ),
    rule("docker-config", "docker credentials", "docker", &["eyjhdxrocyi6"], "").custom(custom::docker).sure(0.95).examples(
        &[".dockerconfigjson: eyJhdXRocyI6eyJyLmV4YW1wbGUub3JnIjp7ImF1dGgiOiJRVzV1WVRwek0yTnlaWFEwZVc5MSJ9fX0="],
        &["eyJhdXRocyI6", "eyJhdXRocyI6eyJyLmV4YW1wbGUub3JnIjp7fX0sImNyZWRzU3RvcmUiOiJkZXNrdG9wIn0="],
    ),
    rule("smtp-auth", "SMTP credentials", "smtp", &["auth plain ", "auth login "], r"(?i:auth) (?i:plain|login) {1,4}([A-Za-z0-9+/]{12,}={0,2})")
        .look(Look::Random)
        .sure(0.9)
        .examples(&["AUTH PLAIN ‹b30›Q7="], &["AUTH PLAIN credentials"]),
    rule("network-device", "password of a network device", "password",
        &["enable secret ", "enable password ", "password 7 ", "secret 5 ", "secret 9 ", "key 7 ", "secret 0 ", "password 0 "],
        r"(?i:enable (?:secret|password)|password|secret|key) (?:[0-9] )?([^\s\x22'<>]{4,120})")
        .look(Look::Random)
        .sure(0.9)
        .examples(&["enable secret 5 $1$‹a4›$‹a22›", "username ann password 7 0822455D‹h12›", "enable password ‹a9›4"], &["enable secret rotation", "password 7 days"]),
    rule("snmp-community", "SNMP community", "snmp", &["snmp-server community ", "rocommunity ", "rwcommunity ", "rocommunity6 "],
        r"(?i:snmp-server community|r[ow]community6?)\s{1,4}([^\s\x22']{4,64})")
        .look(Look::Password)
        .sure(0.9)
        .examples(&["snmp-server community ‹a10› RO", "rocommunity ‹a10›"], &["rocommunity public", "snmp-server community private RW"]),
    rule("call-argument", "password in a call", "password", custom::CALLS, "").custom(custom::call).sure(0.9).examples(
        &[
            "new NetworkCredential(\"svc\", \"‹a14›7\")",
            "DriverManager.getConnection(\"jdbc:mysql://h/app\", \"deploy\", \"‹a14›7\");",
            "new PDO('mysql:host=h;dbname=o', 'root', '‹a14›7');",
            "server.login(\"ann@example.com\", \"‹a14›7\")",
            "crypto.createHmac('sha256', '‹a32›')",
            "cipher = Fernet(b'‹w43›=')",
            "ConvertTo-SecureString '‹a9›@7' -AsPlainText -Force",
        ],
        &[
            "server.login(user, password)",
            "auth=(\"user\", \"password\")",
            "new PDO($dsn, $user, $pass)",
            "app.login(\"ann\", \"/home/dashboard\")",
            "crypto.createHmac('sha256', process.env.KEY)",
        ],
    ),
    rule("xml-rsa-key", "private key", "key", &["<modulus>", "&lt;modulus&gt;"], "").custom(custom::rsa).sure(0.95).examples(
        &["<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent><P>‹b86›==</P><D>‹b90›=</D></RSAKeyValue>"],
        &["<RSAKeyValue><Modulus>‹b40›</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"],
    ),
    rule("rails-master-key", "Rails master key", "rails", &["master.key"], r"master\.key[^\n]{0,24}\n[+>\s]{0,8}([0-9a-f]{32})")
        .sure(0.85)
        .examples(&["# config/master.key\n‹h32›"], &["config/master.key\n"]),
    rule("macaroon", "Lightning macaroon", "macaroon", &["0201036c6e64"], r"0201036c6e64[0-9a-f]{60,}")
        .sure(0.95)
        .examples(&["0201036c6e64‹h200›"], &["0201036c6e64"]),
    rule("go-dsn", "database password", "password", &["@tcp(", "@unix("], "").custom(custom::dsn).sure(0.9).examples(
        &["root:‹a14›@tcp(db:3306)/x"],
        &["root:password@tcp(db:3306)/x", "root@tcp(db:3306)/x"],
    ),
    rule("oracle-thin", "database password", "password", &["oracle:thin:"], r#"oracle:thin:[^\s/@:"']{1,60}/([^\s@"']{3,100})@"#)
        .look(Look::Password).sure(0.9)
        .examples(&["jdbc:oracle:thin:app/‹a12›@//db:1521/x"], &["jdbc:oracle:thin:@db:1521:x"]),
    rule("function-code", "function key", "azure", &["?code=", "&code="], r"[?&]code=([A-Za-z0-9_%/+-]{40,}={0,2})")
        .look(Look::Random).sure(0.9)
        .examples(&["https://x.azurewebsites.net/api/f?code=‹a54›=="], &["?code=200", "&code={code}"]),
    rule("erlang-cookie", "Erlang cookie", "cookie", &["-setcookie "], r"-setcookie\s{1,4}'?([A-Za-z0-9_]{8,80})")
        .look(Look::Password).sure(0.9)
        .examples(&["erl -sname a -setcookie ‹u20›"], &["-setcookie $COOKIE", "-setcookie secret"]),
    rule("nagios-macro", "Nagios macro", "nagios", &["$user"], r"\$USER[0-9]{1,2}\$=([^\s]{6,200})")
        .look(Look::Random).sure(0.75)
        .examples(&["$USER3$=‹a17›7"], &["$USER1$=/usr/lib/nagios/plugins"]),
    rule("snmp-user", "SNMP password", "snmp", &["createuser "], r#"createUser\s{1,4}\S{1,60}\s{1,4}(?:MD5|SHA[0-9-]{0,4})\s{1,4}"?([^\s"]{8,100})"#)
        .look(Look::Password).sure(0.9)
        .examples(&["createUser ann SHA \"‹a12›\" AES \"x\""], &["createUser ann"]),
    rule("snmp-privacy", "SNMP password", "snmp", &["createuser "], r#"createUser\s{1,4}\S{1,60}\s{1,4}\S{1,12}\s{1,4}\S{1,100}\s{1,4}(?:DES|AES[0-9-]{0,4})\s{1,4}"?([^\s"]{8,100})"#)
        .look(Look::Password).sure(0.9)
        .examples(&["createUser ann SHA \"passw\" AES \"‹a12›\""], &["createUser ann SHA x"]),
    rule("wifi-code", "Wi-Fi password", "wifi", &["wifi:"], r"WIFI:(?:[TSH]:[^;\n]{0,64};){0,4}P:((?:[^;\\\n]|\\.){4,64});")
        .look(Look::Password).sure(0.9)
        .examples(&["WIFI:T:WPA;S:Home;P:‹a14›;;"], &["WIFI:T:nopass;S:Guest;;", "wifi: on"]),
    rule("login-note", "password in a note", "password", &["login: ", "creds: ", "credentials: "], r"(?i:login|creds|credentials): \S{1,60} [/|] ([^\s]{3,40}?(?:[a-z][A-Z]|[0-9])[^\s]{2,60})")
        .look(Look::Password).sure(0.7)
        .examples(&["login: root / ‹a10›77"], &["login: see wiki / intranet", "Last login: Mon Jan 1 00:00:01"]),
    rule("expect-send", "password in a dialogue", "password", &["send \"", "send -- \""], r#"(?i:assword)[^\n]{0,24}\n[+\s]{0,12}send (?:-- )?"([^"\\\s$]{4,100})"#)
        .near(80).look(Look::Password).sure(0.9)
        .examples(&["expect \"assword:\"\nsend \"‹a14›\\r\""], &["expect \"$ \"\nsend \"ls -l\\r\""]),
    rule("wallet-account", "wallet key", "wallet", &["accounts: [\"0x", "accounts: ['0x", "accounts: [`0x", "accounts\": [\"0x"], r#"accounts"?: \[["'`]((?:0x)?[0-9a-fA-F]{64})"#)
        .sure(0.9)
        .examples(&["accounts: [\"0x‹h64›\"]"], &["accounts: [\"0x‹h40›\"]"]),
    rule("minisign-key", "minisign secret key", "minisign", &["rwrty0iy"], r"RWRTY0Iy[A-Za-z0-9+/]{60,}={0,2}")
        .sure(0.95)
        .examples(&["RWRTY0Iy‹b200›="], &["RWRTY0Iy"]),
    rule("tor-control", "hashed Tor password", "tor", &["hashedcontrolpassword 16:"], r"(?i:hashedcontrolpassword) (16:[0-9A-Fa-f]{58})")
        .sure(0.9)
        .examples(&["HashedControlPassword 16:‹h58›"], &["HashedControlPassword 16:872860"]),
    rule("smtp-dialogue", "SMTP credentials", "smtp", &["ugfzc3dvcmq6"], r"UGFzc3dvcmQ6\s{1,4}(?:\S{0,3}\s)?([A-Za-z0-9+/]{6,}={0,2})")
        .sure(0.9)
        .examples(&["S: 334 UGFzc3dvcmQ6\nC: ‹b20›"], &["334 UGFzc3dvcmQ6"]),
    rule("stream-key", "stream key", "stream", &["rtmp://", "rtmps://"], r"rtmps?://[^\s/]{1,100}/[a-z0-9]{1,12}/([A-Za-z0-9_-]{16,})")
        .look(Look::Random).sure(0.9)
        .examples(&["rtmp://live.example.tv/app/live_2335_‹a30›"], &["rtmp://live.example.tv/app/name"]),
    rule("redis-acl", "Redis password", "redis", &[" on >"], r" on >([^\s~+&]{6,100})")
        .look(Look::Random).sure(0.8)
        .examples(&["user ann on >‹a20› ~* +@all"], &["lamp on >office"]),
    rule("imap-login", "mail password", "password", &[" login "], r#" LOGIN "?[^\s"]{1,80}"? "?([^\s"]{6,100})"#)
        .look(Look::Random).sure(0.75)
        .examples(&["a001 LOGIN ann@example.com ‹a15›7"], &["CREATE USER LOGIN on first use", "the login form2 field3"]),
    rule("bundle-config", "RubyGems credentials", "rubygems", &["bundle_"], r#"BUNDLE_[A-Z0-9_]{2,80}["']?[:=]\s{0,2}["']?([^\s"':]{1,60}:[^\s"'/][^\s"']{7,200})"#)
        .look(Look::Password).sure(0.9)
        .examples(&["BUNDLE_GEMS__EXAMPLE__COM: \"ann:‹a20›\""], &["BUNDLE_PATH: vendor/bundle"]),
    rule("terraform-random", "generated password", "password", &["\"random_password\""], r#""random_password"[^\x00]{0,400}?"result":\s{0,4}"([^"\n]{6,200})""#)
        .look(Look::Password).sure(0.9)
        .examples(&["{\"type\": \"random_password\", \"instances\": [{\"attributes\": {\"length\": 24, \"result\": \"‹a24›\"}}]}"], &["\"random_password\" \"db\" {}"]),
    rule("mail-relay", "mail password", "password", &["]:587 ", "]:465 ", "]:25 ", "]:2525 "], r"\]:[0-9]{2,4}\s{1,4}[^\s:]{1,100}:([^\s]{4,100})")
        .look(Look::Password).sure(0.9)
        .examples(&["[smtp.example.com]:587 ann@example.com:‹a14›"], &["[::]:587 LISTEN"]),
    rule("squid-password", "proxy password", "password", &["cachemgr_passwd "], r"cachemgr_passwd\s{1,4}([^\s]{4,100})")
        .look(Look::Password).sure(0.9)
        .examples(&["cachemgr_passwd ‹a12› all"], &["cachemgr_passwd none all"]),
    rule("cloud-init", "password of an account", "password", &["chpasswd:"], r"chpasswd:[\s+>|]{1,16}list:\s{0,2}\|?[\s+>|]{1,16}[A-Za-z0-9._-]{1,40}:([^\s]{4,100})")
        .look(Look::Password).sure(0.9)
        .examples(&["chpasswd:\n  list: |\n    deploy:‹a14›\n"], &["chpasswd:\n  expire: false"]),
    rule("ipsec-psk", "pre-shared key", "psk", &[": psk \""], r#": PSK "([^"\n]{6,200})""#)
        .look(Look::Password).sure(0.9)
        .examples(&["10.0.0.1 10.0.0.2 : PSK \"‹a30›\""], &[": PSK \"\""]),
    rule("sql-identified-bare", "database password", "password", &["identified by "], "").custom(custom::chosen).sure(0.8)
        .examples(&["ALTER USER svc IDENTIFIED BY ‹a12›7q;"], &["is identified by number", "identified by thumbprint2"]),
    rule("enabled-password", "password of a network device", "password", &["enable password ", "enable secret "], "")
        .custom(custom::chosen)
        .sure(0.8)
        .examples(&["enable password ‹a9›4q", "enable secret 5 ‹a12›4q"], &["enable secret rotation", "enable password protection"]),
    rule("sql-update", "password in SQL", "password", &["where name = '", "where key = '", "where name='", "where setting = '", "where option_name = '", "where config_key = '"], "")
        .custom(custom::update)
        .sure(0.8)
        .examples(&["UPDATE settings SET value = '‹a12›7q' || '‹a12›' WHERE name = 'smtp_password';"], &["UPDATE t SET value = 'on' WHERE name = 'theme';", "SELECT v FROM t WHERE name = 'password'"]),
    rule("chap-secret", "PPP password", "ppp", &[" *\n", "\t*\n", " *\\n"], "").custom(custom::chap).sure(0.8)
        .examples(&["ann * ‹a16›7 *\n", "\"ann\" * \"‹a16›7\" *\n"], &["/**\n *\n * text\n", "a * b2 * c *\n", "* ann * text *\n"]),
    rule("block-comparison", "password in code", "password", &["auth::basic"], r#"(?i:auth::basic)[^\x00]{0,200}?&& ?\w{1,24} == ["']([^"'\n]{4,100})["']"#)
        .look(Look::Password)
        .sure(0.9)
        .examples(&["use Rack::Auth::Basic do |u, p|\n  u == \"ann\" && p == \"‹a14›\"\nend"], &["use Rack::Auth::Basic do |u, p|\n  check(u, p)\nend"]),
    rule("plain-dsn", "database password", "password", &[":5432/", ":3306/", ":1521/", ":27017/", ":6379/", ":5672/", ":1433/", "?warehouse=", "&warehouse="],
        r#"(?:^|[\s"'`=(>])[A-Za-z0-9_.-]{1,60}:([^\s:@/"'<>]{4,100})@[A-Za-z0-9_.-]{1,100}[:/]"#)
        .near(160)
        .look(Look::Password)
        .sure(0.8)
        .examples(&["app:‹a14›@acme.eu-west-1/shop/public?warehouse=wh", "DSN=app:‹a14›@db.internal:5432/shop"], &["user:password@db:5432/shop", "curl http://h:5432/", "image: a/b:1@sha256:5432/"]),
    rule("magento-crypt", "Magento key", "magento", &["'crypt'"], r"'crypt' {0,4}=> {0,4}(?:\[|array\()[^']{0,60}'key' {0,4}=> {0,4}'([^'\n]{16,200})'")
        .examples(&["'crypt' => [\n    'key' => '‹h32›'\n],"], &["'crypt' => ['key' => getenv('K')]"]),
    rule("registry-auth", "npm registry token", "npm", &["_auth=", "_auth =", "_auth\""], r#"_auth"?\s{0,2}[=:]\s{0,2}"?([A-Za-z0-9+/]{12,}={0,2})"#)
        .near(0)
        .look(Look::Basic)
        .sure(0.9)
        .examples(&["_auth=QW5uYTpzM2NyZXQ0eW91"], &["_auth = required", "_auth=QUJDREVGR0hJSktM"]),
    rule("pair-note", "password in a note", "password", &["credentials ", "creds ", "login ", "credentials: ", "creds: "], r"(?i:credentials|creds|login):? [A-Za-z0-9_.@-]{1,60}:([^\s/:]{6,60})")
        .look(Look::Random)
        .sure(0.75)
        .examples(&["credentials ann:‹a14›7", "creds: ann:‹a14›7"], &["login time: 12:30:45", "credentials provider: default2"]),
    rule("django-key", "Django secret key", "django", &["django-insecure-"], r"django-insecure-([^\s\x22'\\]{30,})")
        .examples(&["'django-insecure-‹a50›'"], &["django-insecure-"]),
];
