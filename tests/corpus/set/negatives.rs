//! What looks like a secret and is none.

use crate::set::draw::Rng;
use crate::set::kinds::{self, encode};
use crate::set::mark;
use crate::set::template::{Name, expand, expand_with};
use crate::set::{contexts, fragments};

/// One kind of look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Its name.
    pub name: &'static str,
    template: &'static str,
}

/// Name and template. A template that is empty is drawn by [`special`].
type Row = (&'static str, &'static str);

const HASHES: &[Row] = &[
    (
        "package-lock",
        "    \"node_modules/‹word›\": {\n      \"version\": \"‹d1›.‹small›.0\",\n      \"resolved\": \"https://registry.npmjs.org/‹word›/-/‹word›-1.0.‹small›.tgz\",\n      \"integrity\": \"sha512-‹b64:64›\",\n      \"dev\": true\n    },",
    ),
    ("package-lock-sha1", "      \"integrity\": \"sha1-‹b64:20›\","),
    (
        "yarn-lock",
        "‹word›@^‹d1›.0.0:\n  version \"‹d1›.‹small›.1\"\n  resolved \"https://registry.yarnpkg.com/‹word›/-/‹word›-1.2.3.tgz#‹h40›\"\n  integrity sha512-‹b64:64›",
    ),
    ("yarn-berry", "  checksum: 10c0/‹h128›\n  languageName: node"),
    (
        "pnpm-lock",
        "  /‹word›@‹d1›.‹small›.0:\n    resolution: {integrity: sha512-‹b64:64›}\n    engines: {node: '>=10'}",
    ),
    ("bun-lock", "    \"‹word›\": [\"‹word›@1.0.‹small›\", \"\", {}, \"sha512-‹b64:64›\"],"),
    (
        "cargo-lock",
        "[[package]]\nname = \"‹word›\"\nversion = \"0.‹small›.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"‹h64›\"",
    ),
    (
        "go-sum",
        "github.com/‹word›/‹word› v1.‹small›.0 h1:‹b64:32›\ngithub.com/‹word›/‹word› v1.‹small›.0/go.mod h1:‹b64:32›",
    ),
    (
        "poetry-lock",
        "files = [\n    {file = \"‹word›-1.0-py3-none-any.whl\", hash = \"sha256:‹h64›\"},\n]\ncontent-hash = \"‹h64›\"",
    ),
    (
        "uv-lock",
        "sdist = { url = \"https://files.pythonhosted.org/packages/‹h2›/‹h2›/‹h60›/‹word›-1.0.tar.gz\", hash = \"sha256:‹h64›\", size = ‹num› }",
    ),
    ("pip-hashes", "‹word›==‹d1›.‹small› \\\n    --hash=sha256:‹h64› \\\n    --hash=sha256:‹h64›"),
    (
        "pipfile-lock",
        "            \"hashes\": [\n                \"sha256:‹h64›\",\n                \"sha256:‹h64›\"\n            ],",
    ),
    (
        "composer-lock",
        "            \"dist\": {\n                \"type\": \"zip\",\n                \"reference\": \"‹h40›\",\n                \"shasum\": \"\"\n            },",
    ),
    ("gemfile-lock-checksums", "CHECKSUMS\n  ‹word› (1.‹d1›) sha256=‹h64›"),
    ("podfile-lock", "SPEC CHECKSUMS:\n  ‹Word›: ‹h40›\nPODFILE CHECKSUM: ‹h40›"),
    ("mix-lock", "  \"‹word›\": {:hex, :‹word›, \"1.‹small›.0\", \"‹h64›\", [:mix], [], \"hexpm\", \"‹h64›\"},"),
    (
        "nix-hash",
        "  src = fetchFromGitHub {\n    owner = \"‹word›\";\n    rev = \"‹h40›\";\n    hash = \"sha256-‹b64:32›\";\n  };",
    ),
    ("nix-base32", "    sha256 = \"0‹l51›\";"),
    (
        "flake-lock",
        "      \"locked\": {\n        \"lastModified\": 17‹d8›,\n        \"narHash\": \"sha256-‹b64:32›\",\n        \"rev\": \"‹h40›\",\n        \"type\": \"github\"\n      },",
    ),
    (
        "sri-script",
        "<script src=\"https://cdn.example.com/‹word›.min.js\" integrity=\"sha384-‹b64:48›\" crossorigin=\"anonymous\"></script>",
    ),
    ("csp-nonce", "Content-Security-Policy: script-src 'self' 'nonce-‹b64:16›' 'sha256-‹b64:32›'"),
    ("csp-nonce-attr", "<script nonce=\"‹b64:16›\">start();</script>"),
    ("sha256sums", "‹h64›  ‹word›-1.‹small›.tar.gz\n‹h64›  ‹word›-1.‹small›.zip"),
    ("md5sums", "‹h32›  usr/share/doc/‹word›/copyright"),
    ("sha1-in-code", "expected_sha1 = \"‹h40›\""),
    ("etag", "ETag: \"‹h32›\"\nLast-Modified: Mon, 03 Feb 2025 10:00:00 GMT"),
    ("etag-weak", "ETag: W/\"‹h6›-‹b27›\""),
    ("if-none-match", "If-None-Match: \"‹h40›\""),
    ("content-md5", "Content-MD5: ‹b64:16›\nDigest: SHA-256=‹b64:32›"),
    (
        "git-commit",
        "commit ‹h40›\nMerge: ‹h8› ‹h8›\nAuthor: ‹Person› ‹Word› <‹mail›>\nDate:   Tue Mar 4 ‹clock› 2025 +0100\n\n    Fix the ‹word› in ‹word›",
    ),
    ("git-index-line", "index ‹h10›..‹h10› 100644\n--- a/‹file›\n+++ b/‹file›"),
    ("git-ls-tree", "100644 blob ‹h40›\t‹file›\n040000 tree ‹h40›\tsrc"),
    ("git-submodule", " ‹h40› vendor/‹word› (v1.‹small›)"),
    ("git-rebase-todo", "pick ‹h8› Add ‹word›\nfixup ‹h8› Add ‹word›"),
    ("actions-pin", "      - uses: actions/checkout@‹h40› # v4.‹d1›.0"),
    ("pre-commit-rev", "  - repo: https://github.com/‹word›/‹word›\n    rev: ‹h40›"),
    ("docker-digest", "FROM debian:12@sha256:‹h64›"),
    ("docker-images", "REPOSITORY   TAG     IMAGE ID       CREATED\n‹word›        latest  ‹h12›   2 days ago"),
    ("docker-inspect-id", "\"Id\": \"sha256:‹h64›\",\n\"RepoDigests\": [\"‹word›@sha256:‹h64›\"],"),
    ("container-id-log", "‹day› ‹clock› started container ‹h64›"),
    ("ipfs-cid", "ipfs://Qm‹x44›"),
    ("ipfs-cid-v1", "bafybei‹z52›"),
    ("torrent-magnet", "magnet:?xt=urn:btih:‹h40›&dn=‹word›"),
    ("eth-address", "const owner = \"0x‹h40›\";"),
    ("eth-tx", "tx hash: 0x‹h64›"),
    ("btc-address", "donate: bc1q‹q38›"),
    ("checksum-field", "checksum: ‹h64›"),
    (
        "fingerprint",
        "fingerprint = \"‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›\"",
    ),
    ("ssh-fingerprint", "256 SHA256:‹b43› ‹person›@‹word› (ED25519)"),
    (
        "bazel-sha",
        "http_archive(\n    name = \"‹word›\",\n    sha256 = \"‹h64›\",\n    urls = [\"https://example.com/‹word›.tar.gz\"],\n)",
    ),
    (
        "terraform-lock",
        "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"5.‹small›.0\"\n  hashes = [\n    \"h1:‹b64:32›\",\n    \"zh:‹h64›\",\n  ]\n}",
    ),
    ("helm-lock-digest", "digest: sha256:‹h64›\ngenerated: \"‹day›T‹clock›Z\""),
    ("hash-password-call", "const hash = await bcrypt.hash(password, 10);"),
    ("build-id", "Build ID: ‹h40›\nBuildID[sha1]=‹h40›"),
    ("snapshot-hash", "exports[`‹word› renders 1`] = `\"sc-‹l6› css-‹l8›\"`;"),
];

const IDS: &[Row] = &[
    ("uuid-key", "idempotency_key: ‹g›"),
    ("uuid-partition", "partition_key = \"‹g›\"\nsort_key = \"‹g›\""),
    ("uuid-primary", "primary_key: \"‹g›\""),
    ("uuid-json", "{\"id\": \"‹g›\", \"parent_key\": \"‹g›\", \"name\": \"‹word›\"}"),
    ("uuid-tenant", "AZURE_TENANT_ID=‹g›\nAZURE_CLIENT_ID=‹g›\nAZURE_SUBSCRIPTION_ID=‹g›"),
    (
        "project-guid",
        "Project(\"{‹H8›-‹H4›-‹H4›-‹H4›-‹H12›}\") = \"‹Word›\", \"‹Word›.csproj\", \"{‹H8›-‹H4›-‹H4›-‹H4›-‹H12›}\"",
    ),
    ("public-key-token", "<assemblyIdentity name=\"System.Text.Json\" publicKeyToken=\"‹h16›\" culture=\"neutral\" />"),
    ("cache-key", "cache_key: ‹word›-‹h32›-v‹d1›"),
    ("cache-key-ci", "        key: ${{ runner.os }}-cargo-${{ hashFiles('**/Cargo.lock') }}"),
    ("redis-cache-key", "cacheKey = \"user:‹num›:profile:‹h16›\""),
    ("cursor", "{\"next_cursor\": \"‹b64of:cursor;:;d12›\", \"has_more\": true}"),
    ("page-token", "nextPageToken: \"CAUQAA\"\npage_token=‹d6›"),
    ("graphql-node", "{\"node_id\": \"MDEwOlJlcG9zaXRvcnk‹d8›=\", \"name\": \"‹word›\"}"),
    ("request-id", "x-request-id: ‹g›\nx-amz-request-id: ‹u16›\nx-amz-id-2: ‹b64:48›"),
    ("trace-parent", "traceparent: 00-‹h32›-‹h16›-01"),
    ("trace-log", "‹day› ‹clock› INFO trace_id=‹h32› span_id=‹h16› GET /‹word› 200"),
    ("cf-ray", "CF-RAY: ‹h16›-FRA\nServer: cloudflare"),
    ("correlation-id", "Correlation-Id: ‹u10›-‹d6›"),
    ("message-id", "Message-ID: <‹a24›.‹d8›@mail.‹domain›>\nIn-Reply-To: <CA+‹w40›@mail.gmail.com>"),
    (
        "dkim-header",
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=‹domain›; s=‹word›;\n bh=‹b64:32›;\n b=‹b64:96›",
    ),
    ("dkim-dns", "‹word›._domainkey IN TXT \"v=DKIM1; k=rsa; p=‹b64:162›\""),
    ("arc-seal", "X-Google-DKIM-Signature: v=1; a=rsa-sha256; s=20230601; bh=‹b64:32›"),
    ("snowflake", "{\"channel_id\": \"‹d18›\", \"guild_id\": \"‹d19›\"}"),
    ("object-id", "{\"_id\": ObjectId(\"‹h24›\"), \"user_id\": ObjectId(\"‹h24›\")}"),
    ("ulid", "order 01‹c24› created"),
    ("nanoid", "<div id=\"‹w21›\" class=\"card\">"),
    (
        "firebase-public",
        "  projectId: \"‹word›-‹d4›\",\n  messagingSenderId: \"‹d12›\",\n  appId: \"1:‹d12›:web:‹h22›\",",
    ),
    ("oauth-client-id", "client_id: \"‹d12›-‹l32›.apps.googleusercontent.com\""),
    ("client-id", "OAUTH_CLIENT_ID=‹h20›"),
    ("auth0-client-id", "AUTH0_CLIENT_ID=‹a32›\nAUTH0_DOMAIN=‹word›.eu.auth0.com"),
    ("posthog-public", "NEXT_PUBLIC_POSTHOG_HOST=https://eu.posthog.com"),
    ("ga-id", "gtag('config', 'G-‹u10›');\nga('create', 'UA-‹d8›-1');"),
    ("gtm-id", "GTM-‹u7›"),
    ("arn", "arn:aws:iam::‹d12›:role/‹word›-‹word›\narn:aws:kms:‹region›:‹d12›:key/‹g›"),
    ("arn-secret", "secret_arn = \"arn:aws:secretsmanager:‹region›:‹d12›:secret:‹word›/‹word›-‹a6›\""),
    ("kms-key-id", "kms_key_id = \"‹g›\""),
    ("s3-bucket", "s3://‹word›-‹word›-artifacts-‹d12›-‹region›/‹word›/key=‹d8›/part-0000‹d1›.parquet"),
    ("ami", "ami = \"ami-0‹h16›\"\nsubnet_id = \"subnet-0‹h16›\"\nsecurity_groups = [\"sg-0‹h16›\"]"),
    ("hosted-zone", "zone_id = \"Z0‹u18›\""),
    ("cloudfront-id", "distribution: E‹u13›"),
    ("gcp-project", "gcloud config set project ‹word›-‹word›-‹d6›"),
    ("stripe-ids", "customer: cus_‹a14›\ninvoice: in_1‹a23›\nprice: price_1‹a23›\npayment_intent: pi_3‹a23›"),
    ("twilio-sids", "MessageSid=SM‹h32›&To=%2B1555‹d7›"),
    ("slack-ids", "channel C‹u10›, user U‹u10›, team T‹u8›"),
    ("notion-page", "https://www.notion.so/‹word›/‹Word›-‹Word›-‹h32›"),
    ("google-doc", "https://docs.google.com/document/d/1‹w43›/edit"),
    ("youtube-url", "https://www.youtube.com/watch?v=‹w11›&list=PL‹w32›"),
    ("figma-url", "https://www.figma.com/file/‹a22›/‹Word›?node-id=‹d3›%3A‹d2›"),
    ("url-slug", "https://blog.‹domain›/2025/01/‹word›-‹word›-‹word›-‹word›-‹word›-‹word›-‹word›-‹h8›"),
    ("amazon-url", "https://www.amazon.com/dp/B0‹u8›/ref=sr_1_‹d1›?keywords=‹word›&qid=17‹d8›&sr=8-‹d1›"),
    ("cdn-asset", "/assets/index-‹w8›.js\n/static/media/‹word›.‹h20›.woff2"),
    ("tracking-params", "https://‹host›/?utm_source=‹word›&utm_campaign=‹word›&fbclid=IwAR‹w50›&gclid=Cj0‹w60›"),
    ("jira-keys", "PROJ-‹d4› OPS-‹d3›: ‹word› the ‹word›"),
    ("test-ids", "data-testid=\"‹word›-‹word›-button\"\ngetByTestId('login-password-input')"),
    ("phone-like", "order number ‹d10›, tracking 1Z‹u16›"),
    ("isbn", "ISBN 978-3-‹d2›-‹d6›-‹d1›"),
    ("version", "version: 1.‹small›.0-beta.‹d1›+build.‹d8›.‹h8›"),
    (
        "user-agent",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12‹d1›.0.0.0 Safari/537.36",
    ),
    ("mac-address", "link/ether ‹h2›:‹h2›:‹h2›:‹h2›:‹h2›:‹h2› brd ff:ff:ff:ff:ff:ff"),
    ("ipv6", "inet6 fe80::‹h4›:‹h4›:‹h4›:‹h4›/64"),
    ("pci-usb", "Bus 00‹d1› Device 00‹d1›: ID ‹h4›:‹h4› ‹Word› Hub"),
    ("disk-uuid", "UUID=‹g› / ext4 defaults 0 1"),
    ("sentry-dsn-public", "dsn: \"https://‹h32›@o‹d6›.ingest.sentry.io/‹d7›\""),
    ("recaptcha-site", "<div class=\"g-recaptcha\" data-sitekey=\"6L‹w38›\"></div>"),
    ("key-event", "if (event.key === 'Enter' && keyCode === 13) { submit(); }"),
    ("keyboard-map", "key_code = 0x‹h4›\nkey_name = \"KEY_LEFTSHIFT\""),
    ("foreign-key", "ALTER TABLE orders ADD CONSTRAINT fk_‹word›_‹word› FOREIGN KEY (user_id) REFERENCES users (id);"),
    ("sort-key", "sorted(items, key=lambda item: item.created_at)"),
    ("react-key", "<Row key={`${item.id}-${index}`} item={item} />"),
    (
        "i18n-key",
        "\"login.password.placeholder\": \"Enter your password\",\n\"login.token.expired\": \"Your token has expired, please sign in again\",",
    ),
    ("bundle-identifier", "PRODUCT_BUNDLE_IDENTIFIER = com.‹word›.‹word›;\nDEVELOPMENT_TEAM = ‹u10›;"),
    (
        "pbxproj",
        "\t\t‹H24› /* ‹Word›.swift in Sources */ = {isa = PBXBuildFile; fileRef = ‹H24› /* ‹Word›.swift */; };",
    ),
    ("unity-guid", "fileFormatVersion: 2\nguid: ‹h32›\nMonoImporter:"),
    ("discord-invite", "https://discord.gg/‹a10›"),
    ("short-link", "https://bit.ly/3‹a6›"),
    ("zoom-less-path", "https://‹host›/files/‹g›/download"),
];

const PUBLIC: &[Row] = &[
    ("public-key-pem", ""),
    ("certificate", ""),
    ("certificate-base64", ""),
    ("ssh-public", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ‹b360› ‹person›@‹word›"),
    ("ssh-ed25519-public", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI‹b43› ‹mail›"),
    (
        "known-hosts",
        "|1|‹b64:20›|‹b64:20› ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB‹b87›=",
    ),
    ("pgp-public", ""),
    ("pgp-signature", ""),
    ("age-recipient", "recipient: ‹bech:age›"),
    ("wireguard-public", "[Peer]\nPublicKey = ‹b64:32›\nAllowedIPs = 10.0.0.0/24"),
    (
        "public-jwk",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"‹u64:32›\",\"y\":\"‹u64:32›\",\"use\":\"sig\",\"kid\":\"‹w22›\"}",
    ),
    ("jwks-rsa", "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"use\":\"sig\",\"alg\":\"RS256\",\"n\":\"‹u64:256›\"}]}"),
    ("vapid-public", "VAPID_PUBLIC_KEY=B‹w86›"),
    ("nostr-public", "npub: ‹bech:npub›"),
    ("xpub-name", "minisign public key: RW‹b54›"),
    (
        "apt-signed-by",
        "deb [signed-by=/usr/share/keyrings/‹word›-archive-keyring.gpg] https://apt.‹domain› stable main",
    ),
    ("gpg-key-id", "gpg --recv-keys ‹H40›"),
    ("public-key-config", "public_key = \"‹b64:32›\""),
    ("tls-pin", "pin-sha256=\"‹b64:32›\"; max-age=5184000"),
    ("sops-encrypted", "password: ENC[AES256_GCM,data:‹b64:24›,iv:‹b64:32›,tag:‹b64:16›,type:str]"),
    ("ansible-vaulted", "db_password: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          ‹h80›\n          ‹h80›"),
    ("sealed-secret", "kind: SealedSecret\nspec:\n  encryptedData:\n    password: Ag‹b64:180›"),
    ("age-encrypted", "-----BEGIN AGE ENCRYPTED FILE-----\n‹b64:96›\n-----END AGE ENCRYPTED FILE-----"),
    ("travis-secure", "env:\n  global:\n    secure: \"‹b64:128›\""),
    ("eyaml", "password: ENC[PKCS7,‹b64:180›]"),
];

const CODE: &[Row] = &[
    ("getenv-python", "api_key = os.environ[\"API_KEY\"]\npassword = os.getenv(\"DB_PASSWORD\")"),
    ("getenv-js", "const apiKey = process.env.STRIPE_SECRET_KEY;\nconst { DB_PASSWORD, JWT_SECRET } = process.env;"),
    (
        "getenv-go",
        "token := os.Getenv(\"GITHUB_TOKEN\")\nif token == \"\" {\n\tlog.Fatal(\"GITHUB_TOKEN is not set\")\n}",
    ),
    ("getenv-rust", "let token = std::env::var(\"GITHUB_TOKEN\").unwrap_or_default();"),
    (
        "getenv-java",
        "String password = System.getenv(\"DB_PASSWORD\");\nString secret = config.getString(\"app.secret\");",
    ),
    ("getenv-ruby", "config.secret_key = ENV.fetch(\"SECRET_KEY_BASE\")\npassword: <%= ENV['DB_PASSWORD'] %>"),
    ("getenv-php", "'password' => env('DB_PASSWORD', ''),\n'secret' => getenv('APP_SECRET'),"),
    ("vite-env", "const key = import.meta.env.VITE_API_KEY;"),
    ("function-call", "password = generate_random_password(length=24)\ntoken = self.client.fetch_token(scope=SCOPES)"),
    (
        "function-nested",
        "const secret = crypto.randomBytes(32).toString('hex');\nconst token = jwt.sign(payload, getSigningSecret());",
    ),
    ("identifier", "password = user_password\nself.access_token = access_token\napiKey: settings.apiKey,"),
    ("member", "token = response.json()[\"access_token\"]\nsecret = settings.SECRET_KEY"),
    ("optional-chain", "const token = session?.user?.accessToken ?? null;"),
    ("type-annotation", "password: string;\napiKey?: string;\ntoken: Option<String>,\nsecret: SecretString,"),
    (
        "type-go",
        "type Config struct {\n\tPassword string `json:\"password,omitempty\"`\n\tAPIKey   string `env:\"API_KEY,required\"`\n}",
    ),
    (
        "type-java",
        "private String password;\nprivate final SecretKeySpec secretKeySpec;\npublic void setAccessToken(String accessToken) { this.accessToken = accessToken; }",
    ),
    ("type-python", "def login(username: str, password: str, token: Optional[str] = None) -> bool:"),
    (
        "type-csharp",
        "public string? ClientSecret { get; init; }\npublic required string ConnectionString { get; set; }",
    ),
    ("sql-column", "password_hash VARCHAR(255) NOT NULL,\napi_token CHAR(64) DEFAULT NULL,\nsecret_key TEXT"),
    (
        "regex-token",
        "TOKEN_RE = re.compile(r\"^gh[pousr]_[A-Za-z0-9]{36}$\")\nSECRET = /sk_(live|test)_[0-9a-zA-Z]{24,}/",
    ),
    ("regex-password", "const passwordPattern = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{8,}$/;"),
    ("regex-pem", "if strings.Contains(s, \"-----BEGIN RSA PRIVATE KEY-----\") {\n\treturn ErrPrivateKey\n}"),
    (
        "error-text",
        "raise ValueError(\"password must be at least 12 characters\")\nthrow new Error('Invalid API key or token');",
    ),
    (
        "validation",
        "password: Yup.string().required('Password is required').min(8),\nvalidates :password, presence: true, length: { minimum: 8 }",
    ),
    (
        "label",
        "<label for=\"password\">Password</label>\n<input type=\"password\" id=\"password\" name=\"password\" autocomplete=\"current-password\">",
    ),
    ("css-selectors", ".password-field__toggle--visible { color: #‹h6›; }\n#token-input:focus { border-color: #‹h6› }"),
    (
        "token-parser",
        "tokens = tokenizer.encode(text)\ntoken_type = lexer.next_token().kind\nif token == TokenKind::RightParen {",
    ),
    ("max-tokens", "max_tokens: 4096\ntoken_limit = 128000\nprompt_tokens=‹num› completion_tokens=‹num›"),
    ("token-enum", "enum TokenType { Identifier = 'IDENTIFIER', StringLiteral = 'STRING_LITERAL' }"),
    ("token-usage", "{\"usage\": {\"prompt_tokens\": ‹num›, \"completion_tokens\": ‹num›, \"total_tokens\": ‹num›}}"),
    ("token-url", "token_url = \"https://‹host›/oauth/token\"\ntoken_endpoint: https://‹host›/oauth2/v1/token"),
    ("secret-name", "secretName: ‹app›-tls\nsecretKeyRef:\n  name: ‹app›-credentials\n  key: password"),
    (
        "secret-path",
        "password_file: /run/secrets/db_password\nPOSTGRES_PASSWORD_FILE=/run/secrets/postgres\nkey_path = \"/etc/ssl/private/‹host›.key\"",
    ),
    ("key-file", "private_key: ~/.ssh/id_ed25519\nssl_certificate_key /etc/nginx/certs/privkey.pem;"),
    ("vault-reference", "password: vault:secret/data/‹word›#password\napi_key: \"op://‹Word›/‹word›/credential\""),
    (
        "aws-reference",
        "valueFrom: arn:aws:ssm:‹region›:‹d12›:parameter/‹word›/db-password\npassword: '{{resolve:secretsmanager:‹word›:SecretString:password}}'",
    ),
    ("gcp-reference", "secret: projects/‹d12›/secrets/‹word›/versions/latest"),
    ("azure-reference", "password: \"@Microsoft.KeyVault(SecretUri=https://‹word›.vault.azure.net/secrets/‹word›/)\""),
    ("actions-secrets", "env:\n  GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}\n  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}"),
    (
        "terraform-reference",
        "password = var.db_password\napi_key  = data.aws_secretsmanager_secret_version.‹word›.secret_string\nsecret   = random_password.‹word›.result",
    ),
    (
        "helm-template",
        "password: {{ .Values.auth.password | quote }}\ntoken: {{ include \"‹word›.token\" . | b64enc }}",
    ),
    (
        "ansible-reference",
        "password: \"{{ vault_db_password }}\"\nansible_become_pass: \"{{ lookup('env', 'BECOME_PASS') }}\"",
    ),
    (
        "shell-reference",
        "export PGPASSWORD=\"$DB_PASSWORD\"\ncurl -H \"Authorization: Bearer ${TOKEN}\" https://‹host›/",
    ),
    (
        "shell-command-substitution",
        "TOKEN=$(vault read -field=token auth/token/create)\nPASSWORD=`cat /run/secrets/pw`",
    ),
    ("powershell-reference", "$password = $env:DB_PASSWORD\n$secret = Get-Secret -Name ‹word› -AsPlainText"),
    ("compose-reference", "    environment:\n      - DB_PASSWORD=${DB_PASSWORD:?required}\n      - API_KEY"),
    ("jinja-js", "headers: { Authorization: `Bearer ${accessToken}` }"),
    ("f-string", "headers = {\"Authorization\": f\"Bearer {token}\", \"X-Api-Key\": api_key}"),
    ("format-call", "url = format!(\"postgres://{user}:{password}@{host}/{db}\");"),
    ("dsn-template", "DATABASE_URL=postgres://${DB_USER}:${DB_PASSWORD}@${DB_HOST}:5432/${DB_NAME}"),
    ("dsn-no-password", "redis://‹host›:6379/0\npostgres://‹user›@‹host›/‹db›\nhttps://‹user›@‹host›/‹word›.git"),
    ("basic-doc", "Authorization: Basic <credentials>\nAuthorization: Bearer <token>"),
    ("password-prompt", "password = getpass.getpass(\"Password: \")\nread -s -p \"Password: \" PASSWORD"),
    ("password-compare", "if password != confirm_password:\n    raise Mismatch(\"passwords do not match\")"),
    ("password-empty", "password = \"\"\nPASSWORD=\ntoken: null\nsecret: None\napi_key: ''"),
    ("boolean", "use_password: true\nrequire_token = False\nhas_secret: yes\npassword_protected=1"),
    ("numbers", "token_expiry = 3600\npassword_min_length: 12\nkey_size = 2048\nsecret_version: 3"),
    ("masked", "password: ********\ntoken=***\nsecret: [REDACTED]\napi_key=xxxxxxxxxxxxxxxx"),
    ("masked-tail", "key ending in ••••‹d4›\ntoken: sk_live_...‹a4›\nghp_****‹a4›"),
    (
        "constants",
        "PASSWORD_FIELD = \"password\"\nTOKEN_HEADER = \"X-Auth-Token\"\nconst API_KEY_HEADER = 'x-api-key';",
    ),
    (
        "constants-names",
        "SECRET_NAME = \"‹word›-‹word›-secret\"\nKEY_ALIAS = \"‹word›-signing-key\"\nTOKEN_CACHE = \"token_cache\"",
    ),
    (
        "enum-values",
        "auth_type: \"api_key\"\ngrant_type = \"refresh_token\"\ntoken_type: Bearer\ncredential_source: Environment",
    ),
    (
        "algorithm",
        "password_hasher = \"argon2id\"\nkey_algorithm: RSA_2048\ntoken_signing_alg = \"RS256\"\nsecret_engine: kv-v2",
    ),
    ("scope", "token_scope: \"repo:read user:email\"\naccess_token_scopes=openid,profile,email"),
    (
        "jest-mock",
        "jest.mock('./auth', () => ({ getToken: jest.fn() }));\nexpect(setPassword).toHaveBeenCalledWith(password);",
    ),
    (
        "imports",
        "import { SecretManagerServiceClient } from '@google-cloud/secret-manager';\nfrom cryptography.hazmat.primitives.asymmetric import padding\nuse secrecy::{ExposeSecret, SecretString};",
    ),
    (
        "java-import",
        "import java.security.PrivateKey;\nimport org.springframework.security.crypto.password.PasswordEncoder;",
    ),
    (
        "log-statement",
        "log.info(\"token refreshed for user {}\", user.getId());\nlogger.debug(\"password reset requested: user_id=%s\", user_id)",
    ),
    (
        "docs-prose",
        "Set the password in the environment and never commit the token. The secret key is read at start; api keys are rotated monthly.",
    ),
    (
        "docs-prose-colon",
        "Password: the password of the database user. Token: optional, see below. Secret: required for webhooks.",
    ),
    (
        "cli-help",
        "      --token string      API token (env: APP_TOKEN)\n      --password string   password for basic auth (default \"\")\n  -k, --key-file path     private key file",
    ),
    ("man-options", "-p, --password=PASSWORD\n       Read the password from PASSWORD\n--api-key KEY"),
    (
        "openapi",
        "securitySchemes:\n  bearerAuth:\n    type: http\n    scheme: bearer\n    bearerFormat: JWT\n  apiKey:\n    type: apiKey\n    in: header\n    name: X-API-KEY",
    ),
    (
        "json-schema",
        "\"password\": {\"type\": \"string\", \"format\": \"password\", \"minLength\": 8},\n\"token\": {\"$ref\": \"#/definitions/Token\"}",
    ),
    ("proto", "message LoginRequest {\n  string username = 1;\n  string password = 2;\n  bytes session_token = 3;\n}"),
    ("graphql-schema", "type Mutation {\n  login(email: String!, password: String!): AuthPayload!\n}"),
    (
        "migration",
        "add_column :users, :encrypted_password, :string, null: false, default: \"\"\nadd_index :users, :reset_password_token, unique: true",
    ),
    ("route-table", "Route::get('/password/reset/{token}', 'ResetController@show')->name('password.reset');"),
    (
        "css-minified",
        ".a{color:#‹h6›;background:url(data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7)}.b_‹l5›{margin:0}",
    ),
    (
        "js-minified",
        "!function(e,t){var n=e.key,r=t.token;function o(e){return e&&e.password?i(e.secret):null}for(var a=0;a<n.length;a++)r[a]=o(n[a])}(window,document);",
    ),
    ("js-minified-pass", "var c=function(a){return a.passwd=b(a.pwd),a.token=a.t||d.tk,a},e={key:c,auth:f,pass:!0};"),
    ("source-map", "//# sourceMappingURL=data:application/json;base64,‹b64:240›"),
    (
        "mappings",
        "{\"version\":3,\"sources\":[\"‹word›.ts\"],\"mappings\":\"AAAA,SAAS,‹Z4›,CAAC,‹Z4›;IACI,OAAO,GAAG,CAAC,KAAK\"}",
    ),
    ("image-base64", "<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA‹b400›\">"),
    ("font-base64", "src: url(data:font/woff2;base64,d09GMgABAAAAA‹b300›) format('woff2');"),
    (
        "svg-path",
        "<path d=\"M‹d2›.‹d2› ‹d1›.‹d2›c-1.‹d2›-‹d1›.5-2.‹d1›-3.‹d2› 0-‹d1›.‹d2›l‹d1›.‹d3›-‹d1›.‹d3›z\" fill=\"#‹h6›\"/>",
    ),
    (
        "hex-dump",
        "00000000  ‹h2› ‹h2› ‹h2› ‹h2› ‹h2› ‹h2› ‹h2› ‹h2›  ‹h2› ‹h2› ‹h2› ‹h2› ‹h2› ‹h2› ‹h2› ‹h2›  |................|",
    ),
    ("xxd", "00000010: ‹h4› ‹h4› ‹h4› ‹h4› ‹h4› ‹h4› ‹h4› ‹h4›  ..k.e.y....=...."),
    (
        "byte-table",
        "static const uint8_t sbox[16] = { 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2› };",
    ),
    ("golden-bytes", "let frame: [u8; 8] = [0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›, 0x‹h2›];"),
    ("maths", "f(x) = x^2 + 2*x*y - ‹num›.‹d4›; x_{k+1} = x_k - f(x_k)/f'(x_k); E = 1.602176634e-19"),
    ("latex", "\\begin{equation} \\label{eq:key} K = \\sum_{i=1}^{n} \\alpha_i \\otimes h(x_i) \\end{equation}"),
    ("latex-key", "\\bibitem{‹Word›2019} ‹Person› ‹Word›, \\emph{On Public Key Cryptography}, 2019."),
    ("constants-maths", "const K: [u32; 4] = [0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5];"),
    ("assembly", "mov rax, qword ptr [rbp - 0x‹h2›]\ncall 0x‹h8› <key_schedule>\nxor eax, eax"),
    ("mangled", "_ZN‹d1›‹word›7encrypt17h‹h16›E\n_$s4‹Word›3keySSvp"),
    ("core-names", "KeyError: 'password'\nMissingTokenError: token\nAuthenticationException: Bad credentials"),
    (
        "ordinary-diff",
        "diff --git a/‹file› b/‹file›\nindex ‹h7›..‹h7› 100644\n--- a/‹file›\n+++ b/‹file›\n@@ -1,4 +1,4 @@\n-    let total = items.iter().sum();\n+    let total: u64 = items.iter().map(|i| i.price).sum();\n     total",
    ),
    (
        "auth-diff",
        "@@ -10,3 +10,4 @@ class Auth:\n-    token = request.headers.get('Authorization')\n+    token = request.headers.get('Authorization', '')\n+    secret = load_secret(name)",
    ),
    (
        "changelog",
        "## 1.‹small›.0\n- Add password strength meter (#‹d4›)\n- Rotate api keys without restart, thanks @‹person›\n- Fix token refresh in ‹h7›",
    ),
    (
        "licence",
        "Copyright (c) 2019-2025 ‹Person› ‹Word› <‹mail›>\nPermission is hereby granted, free of charge, to any person obtaining a copy",
    ),
    (
        "authors",
        "Author: ‹Person› ‹Word› <‹mail›>\nSigned-off-by: ‹Person› ‹Word› <‹mail›>\nCo-authored-by: ‹Person› <‹d8›+‹person›@users.noreply.github.com>",
    ),
    ("cargo-authors", "authors = [\"‹Person› ‹Word› <‹mail›>\"]"),
    (
        "i18n-de",
        "passwort_vergessen: \"Passwort vergessen?\"\npasswort.hinweis = Mindestens 12 Zeichen mit Sonderzeichen",
    ),
    ("i18n-zh", "\"password\": \"密码\",\n\"token_expired\": \"令牌已过期，请重新登录\","),
    ("i18n-ja", "password: パスワードを入力してください\ntoken: トークンが無効です"),
    ("i18n-es", "\"contraseña\": \"Introduce tu contraseña\",\n\"clave\": \"La clave no es válida\""),
    ("i18n-po", "msgid \"Password\"\nmsgstr \"Mot de passe\"\n\nmsgid \"API key\"\nmsgstr \"Clé d'API\""),
    (
        "quiz-prose",
        "The pass is closed in winter. The key to success is patience; the secret of good bread is time. Pass the salt: it is on the table.",
    ),
    ("keys-prose", "Key: G major, tempo 120. Secret: none. Pass: 12 of 13 tests. Auth: required."),
    ("test-results", "PASS src/auth/token.test.ts (‹d1›.‹d3› s)\nTests: ‹small› passed, 0 failed"),
    ("passes", "pass: ‹num›\nfail: 0\nbypass = enabled\ncompass_heading=‹d3›"),
    ("monkey", "monkey: true\nturkey = \"‹Word›\"\nkeyboard: \"de-nodeadkeys\"\nauthor: \"‹Person› ‹Word›\""),
    ("gradle-ref", "storePassword System.getenv(\"KEYSTORE_PASSWORD\")\nkeyPassword keystoreProperties['keyPassword']"),
    ("kotlin-lambda", "val password by remember { mutableStateOf(\"\") }\nonValueChange = { password = it }"),
    (
        "swift-keychain",
        "let token = try Keychain.read(account: account)\nguard let secret = Bundle.main.object(forInfoDictionaryKey: \"API_SECRET\") as? String else { return }",
    ),
    (
        "rust-code",
        "let key = Key::from_slice(&bytes);\nlet secret = SharedSecret::new(key, nonce);\npub fn token(&self) -> &str { &self.token }",
    ),
    ("c-code", "char *password = getpass(\"Password: \");\nmemset(secret, 0, sizeof(secret));\nEVP_PKEY *pkey = NULL;"),
    ("sql-query", "SELECT token, secret FROM oauth_clients WHERE client_id = ? AND password = crypt($1, password);"),
    ("nginx-auth", "auth_basic \"Restricted\";\nauth_basic_user_file /etc/nginx/.htpasswd;\nssl_session_tickets off;"),
    ("robots", "User-agent: *\nDisallow: /admin\nSitemap: https://‹host›/sitemap.xml"),
    ("csv-plain", "id,name,city,score\n‹num›,‹Person›,‹Word›,‹d2›.‹d3›\n‹num›,‹Person›,‹Word›,‹d2›.‹d3›"),
    (
        "log-plain",
        "‹day› ‹clock› INFO worker-‹d1› processed ‹num› rows in ‹d3› ms\n‹day› ‹clock› WARN slow query: ‹d4› ms",
    ),
    ("coordinates", "{\"lat\": 48.‹d6›, \"lng\": 11.‹d6›, \"geohash\": \"u281‹l5›\"}"),
    ("embedding", "[0.0‹d8›, -0.0‹d8›, 0.1‹d7›, -0.0‹d8›, 0.0‹d8›]"),
    ("train-log", "epoch ‹d2› loss 0.‹d4› lr 3e-04 tokens/s ‹num› checkpoint step_‹d6›.safetensors"),
    ("dna", ">seq‹d3›\nACGTTGCAAGCTTAGCCATGACGTTGCAAGCTTAGCCATGGATCCGATTACAGATTACA"),
    ("lorem", "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore"),
    ("crontab", "*/5 * * * * /usr/local/bin/rotate-keys --all >> /var/log/rotate.log 2>&1"),
    ("password-policy", "minlen = 14\npasswd_retries=3\npassword requisite pam_pwquality.so retry=3 minlen=12 difok=3"),
    (
        "ssh-config",
        "Host ‹word›\n  HostName ‹host›\n  User ‹user›\n  IdentityFile ~/.ssh/id_rsa\n  PasswordAuthentication no",
    ),
];

const PLACEHOLDERS: &[&str] = &[
    "your-api-key",
    "your_api_key_here",
    "YOUR_TOKEN",
    "<your-token>",
    "<token>",
    "<API_KEY>",
    "xxxx",
    "xxxxxxxxxxxxxxxxxxxx",
    "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "changeme",
    "change-me",
    "CHANGE_ME",
    "${VAR}",
    "${API_KEY}",
    "$API_KEY",
    "{{ api_key }}",
    "{{token}}",
    "%(password)s",
    "%API_KEY%",
    "<%= secret %>",
    "#{token}",
    "@@TOKEN@@",
    "__API_KEY__",
    "...",
    "***",
    "********",
    "TODO",
    "FIXME",
    "REPLACE_ME",
    "replace-with-your-key",
    "insert-your-key-here",
    "example",
    "EXAMPLE_KEY",
    "placeholder",
    "dummy",
    "your-secret-here",
    "my-secret-value-here",
    "sk-your-key-here",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "null",
    "none",
    "undefined",
    "REDACTED",
    "[redacted]",
    "(hidden)",
    "<REDACTED>",
    "your password",
    "sk-...",
    "ghp_...",
    "process.env.API_KEY",
    "os.environ[...]",
    "see-vault",
    "set-in-ci",
    "SecretManager.get",
    "from-keyring",
    "op://vault/item/field",
    "vault:secret/app#key",
    "env:API_KEY",
    "file:/run/secrets/key",
    "0000000000000000",
    "1234567890abcdef1234567890abcdef",
    "abcdefghijklmnopqrstuvwxyz",
    "00000000-0000-0000-0000-000000000000",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "0x0000000000000000000000000000000000000000000000000000000000000000",
    "ENC[AES256_GCM,data:abc]",
    "enter-password",
    "secret-goes-here",
    "not-a-real-token",
    "fake-token",
    "test-placeholder",
    "put_your_key_here",
    "user-provided",
    "<paste here>",
    "[your key]",
    "{apiKey}",
    ":token",
    "$1",
    "?",
    "lorem",
    "{{ vault_password }}",
    "!vault",
    "${{ secrets.TOKEN }}",
];

/// Every look there is.
pub fn all() -> Vec<Look> {
    let mut all: Vec<Look> =
        [HASHES, IDS, PUBLIC, CODE].into_iter().flatten().map(|(name, template)| Look { name, template }).collect();
    // Files of the positives with a reference or a placeholder in the secret's place: often, they are the commonest.
    for _ in 0..30 {
        all.push(Look { name: "placeholder in a positive's place", template: "*placeholder" });
        all.push(Look { name: "reference in a positive's place", template: "*reference" });
    }
    all
}

fn reference(rng: &mut Rng, name: &Name) -> String {
    let upper = name.written("us");
    let lower = name.written("ls");
    match rng.below(10) {
        0 => format!("${{{upper}}}"),
        1 => format!("${upper}"),
        2 => format!("{{{{ {lower} }}}}"),
        3 => format!("${{{{ secrets.{upper} }}}}"),
        4 => format!("op://Private/{lower}/credential"),
        5 => format!("vault:secret/data/app#{lower}"),
        6 => format!("<{}>", name.written("kb")),
        7 => format!("%{upper}%"),
        8 => format!("/run/secrets/{lower}"),
        _ => format!("<your {}>", name.written("sp")),
    }
}

/// Draws a sample of a look: the text and the name of its context.
pub fn sample(rng: &mut Rng, look: &Look) -> (String, String) {
    match look.template {
        "*placeholder" | "*reference" => {
            let mut value = if rng.chance(50) { kinds::prefixed(rng) } else { kinds::bare(rng) };
            value.text = match look.template {
                "*reference" => reference(rng, &value.name),
                _ => rng.pick(PLACEHOLDERS).to_owned(),
            };
            contexts::around(rng, &value, true)
        }
        "" => {
            let text = special(rng, look.name);
            fragments::around(rng, &text)
        }
        template => {
            let text = expand_with(rng, template, &mut |_, _| None);
            fragments::around(rng, &mark::plain(&text))
        }
    }
}

fn special(rng: &mut Rng, name: &str) -> String {
    match name {
        "public-key-pem" => encode::public_key(rng),
        "certificate" => encode::certificate(rng),
        "certificate-base64" => expand(rng, "certificate-authority-data: ") + &encode::certificate_base64(rng),
        "pgp-public" => mark::plain(&encode::pgp(rng, "PGP PUBLIC KEY BLOCK")),
        "pgp-signature" => mark::plain(&encode::pgp(rng, "PGP SIGNATURE")),
        _ => panic!("a look without a template: {name}"),
    }
}
