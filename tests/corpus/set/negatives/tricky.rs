//! Lines that have everything of a secret but the secret: names, operators, flags, forms.

use crate::set::negatives::Row;

/// Name and template.
pub const TRICKY: &[Row] = &[
    (
        "nlp-tokens",
        "{\"token\": \"‹word›\", \"pos\": \"NOUN\", \"lemma\": \"‹word›\"}\n{\"token\": \"##ing\", \"id\": ‹num›}",
    ),
    (
        "lexer-tests",
        "assert_eq!(lex(\"fn main\"), vec![Token::Ident(\"fn\"), Token::Ident(\"main\")]);\ntoken: \"return\", kind: \"keyword\"",
    ),
    ("design-tokens", "\"token\": \"color.brand.500\",\n--token-color-primary: #‹h6›;\n$token-spacing-large: 24px;"),
    ("keybindings", "{ \"key\": \"ctrl+k ctrl+shift+f\", \"command\": \"editor.action.formatSelection\" }"),
    ("key-value-pair", "key: \"arrow_left\"\nkey = \"user:‹num›:profile\"\n\"key\": \"settings.profile.title\""),
    (
        "words-with-pass",
        "passenger: \"‹Person›\"\npassport_label: \"Passport number\"\ncompass = \"NNE\"\nbypass_reason: \"maintenance window\"\nencompass: all",
    ),
    (
        "words-with-key",
        "hockey: \"ice\"\nwhiskey = \"Lagavulin16\"\nmonkeypatch.setattr(os, \"getcwd\", lambda: \"/tmp\")\nkeystone_version: v3\nturkey: 12",
    ),
    ("words-with-token", "tokenize: true\ntokenizer = \"bert-base-uncased\"\ntokens_per_second: ‹d2›.‹d1›"),
    (
        "words-with-secret",
        "secretary: \"‹Person› ‹Word›\"\nsecret_santa_list = [\"‹Person›\", \"‹Person›\"]\nsecretion: none",
    ),
    (
        "words-with-auth",
        "author: \"‹Person› ‹Word›\"\nauthority = \"https://login.‹domain›/common\"\nauthored_by: ‹person›\nauthenticity: verified",
    ),
    (
        "password-hint",
        "\"password_hint\": \"At least 12 characters, one number, one of !@#\",\n\"password_label\": \"Password\",",
    ),
    (
        "zod-schema",
        "password: z.string().min(8).max(128),\ntoken: z.string().uuid(),\napiKey: z.string().regex(/^[a-f0-9]{32}$/),",
    ),
    ("faker", "password: faker.internet.password({ length: 20 }),\napi_key: Faker::Crypto.md5,\ntoken: fake.sha256()"),
    ("expect-any", "expect(body).toEqual({ token: expect.any(String), secret: expect.stringMatching(/^[a-z]+$/) });"),
    (
        "typed-parameters",
        "fn connect(token: impl Into<String>, secret: &'static str, password: Option<SecretString>) -> Result<Client> {",
    ),
    (
        "annotated",
        "api_key: Annotated[str | None, Header(alias=\"x-api-key\")] = None\ntoken: str = Depends(oauth2_scheme)",
    ),
    (
        "hash-call",
        "password = hashlib.pbkdf2_hmac(\"sha256\", raw.encode(), salt, 600_000).hex()\ntoken = secrets.token_urlsafe(32)",
    ),
    (
        "concatenation",
        "headers[\"Authorization\"] = \"Bearer \" + token;\nreq.Header.Set(\"Authorization\", \"Basic \"+encoded)",
    ),
    ("strong-password-check", "return password.length >= 12 && /[A-Z]/.test(password) && /\\d/.test(password);"),
    (
        "csrf-template",
        "<meta name=\"csrf-token\" content=\"{{ csrf_token() }}\">\n<input type=\"hidden\" name=\"_token\" value=\"<%= token %>\">",
    ),
    (
        "service-account-type",
        "type: kubernetes.io/service-account-token\nautomountServiceAccountToken: false\nserviceAccountName: ‹app›",
    ),
    ("cookie-plain", "Set-Cookie: theme=dark; Path=/; Max-Age=31536000\nCookie: cookie_consent=accepted; lang=de"),
    (
        "cookie-deleted",
        "Set-Cookie: session=; Max-Age=0; Path=/\nSet-Cookie: sessionid=deleted; expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ),
    ("flag-p-docker", "docker run -d -p 8080:80 -p 127.0.0.1:‹port›:‹port› ‹word›:latest"),
    ("flag-p-many", "mkdir -p build/‹word›\nssh -p 2222 ‹user›@‹host›\nnmap -p 1-1000 ‹ip›\ncp -p ‹file› /tmp/"),
    (
        "flag-p-prompt",
        "mysql -u root -p ‹db›\nmysqldump -u ‹user› -p --all-databases > all.sql\npsql -U ‹user› -W ‹db›",
    ),
    ("flag-p-compiler", "gcc -O2 -pthread -pipe -o ‹word› ‹word›.c\ngrep -P '^\\d{4}-\\d{2}' access.log"),
    (
        "flag-u-plain",
        "curl -u \"$USER:$PASS\" https://‹host›/\ncurl -k -o out.json https://‹host›/v1/‹word›\nsudo -u ‹user› -- ls",
    ),
    (
        "flag-token-reference",
        "gh auth login --with-token < token.txt\n‹word›ctl login --token \"$TOKEN\" --password-stdin\nvault login -method=oidc",
    ),
    (
        "flag-values-harmless",
        "--auth-type oauth2 --token-format jwt --key-size 4096 --secret-store vault --password-policy strict",
    ),
    (
        "identified-by-parameter",
        "CREATE USER app IDENTIFIED BY :password;\nALTER ROLE app WITH PASSWORD NULL;\nCREATE USER app IDENTIFIED BY '<password>';",
    ),
    (
        "machine-prose",
        "The machine will login after the update; a password is required once. Machine learning needs no password.",
    ),
    ("netrc-docs", "machine HOST login USER password PASSWORD\nmachine example.com login <user> password <password>"),
    (
        "npmrc-reference",
        "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nregistry=https://registry.npmjs.org/\nalways-auth=true",
    ),
    ("docker-config-empty", "{\"auths\": {\"https://index.docker.io/v1/\": {}}, \"credsStore\": \"desktop\"}"),
    (
        "kubeconfig-exec",
        "users:\n- name: ‹word›\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: aws\n      args: [eks, get-token, --cluster-name, ‹word›]",
    ),
    ("pem-placeholder", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"),
    (
        "pem-placeholder-words",
        "-----BEGIN RSA PRIVATE KEY-----\n<your private key here>\n-----END RSA PRIVATE KEY-----",
    ),
    (
        "pem-marker-code",
        "const BEGIN: &str = \"-----BEGIN OPENSSH PRIVATE KEY-----\";\nconst END: &str = \"-----END OPENSSH PRIVATE KEY-----\";",
    ),
    (
        "webhook-placeholder",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX\nhttps://discord.com/api/webhooks/<id>/<token>",
    ),
    (
        "url-parameter-placeholder",
        "https://‹host›/v1/‹word›?api_key=YOUR_KEY&token={token}&key=:key\nGET /reset?token=<token>",
    ),
    (
        "url-with-at",
        "ssh://git@‹host›:22/‹word›/‹word›.git\ngit+ssh://git@github.com/‹word›/‹word›.git@‹h40›\nhttps://medium.com/@‹person›/‹word›-‹word›-‹h12›",
    ),
    (
        "userinfo-example",
        "postgres://user:password@localhost:5432/mydb\namqp://guest:guest@localhost:5672/\nhttp://user:pass@example.com/",
    ),
    (
        "userinfo-reference",
        "redis://:$REDIS_PASSWORD@‹host›:6379\nmysql://{{ user }}:{{ password }}@‹host›/‹db›\nmongodb://<user>:<password>@‹host›",
    ),
    (
        "jdbc-no-secret",
        "jdbc:postgresql://‹host›:5432/‹db›?user=‹user›&sslmode=require\nServer=‹host›;Database=‹db›;Trusted_Connection=True;",
    ),
    ("jwt-shortened", "eyJhbGciOi... (shortened)\nAuthorization: Bearer eyJ...\ntoken=eyJ<snip>"),
    (
        "prefix-prose",
        "Keys begin with sk-ant-, ghp_ or glpat-; AKIA is the prefix of access key ids and xoxb- that of bot tokens.",
    ),
    (
        "prefix-in-code",
        "if token.startswith((\"ghp_\", \"gho_\", \"github_pat_\", \"glpat-\", \"sk_live_\")):\n    return Kind.FORGE",
    ),
    (
        "prefix-in-pattern",
        "{id: 'github-pat', pattern: 'ghp_[0-9a-zA-Z]{36}', keywords: ['ghp_']}\n- regex: 'AKIA[0-9A-Z]{16}'",
    ),
    (
        "identifier-like-token",
        "sk_buff_alloc_with_frags(skb, size);\nhf_register_info hf[] = { { &hf_tcp_flags, { \"Flags\", \"tcp.flags\" } } };\nre_compile_pattern_with_options(buf)",
    ),
    ("css-class-prefix", "class=\"sk-circle-fade-dot sk-chase-dot pa-lg-4 md-input-container npm_config_cache\""),
    (
        "env-names-like-prefix",
        "npm_config_registry=https://registry.npmjs.org/\nnpm_package_devDependencies_typescript=5.‹d1›.2\nnpm_lifecycle_script=build",
    ),
    ("change-id", "Change-Id: I‹h40›\nReviewed-on: https://‹host›/c/‹word›/+/‹d5›\nTested-by: ‹Person› <‹mail›>"),
    ("svn-revision", "git-svn-id: https://‹host›/svn/trunk@‹d5› ‹g›"),
    ("apt-release", "SHA256:\n ‹h64› ‹num› main/binary-amd64/Packages\n ‹h64› ‹num› main/binary-amd64/Packages.gz"),
    ("apk-lock", "C:Q1‹b27›=\nP:‹word›\nV:1.‹small›-r0"),
    ("rpm-payload", "Signature   : RSA/SHA256, Key ID ‹h16›\nPayload: sha256:‹h64›"),
    (
        "cert-serial",
        "Serial Number: ‹h2›:‹h2›:‹h2›:‹h2›:‹h2›:‹h2›:‹h2›:‹h2›\nX509v3 Subject Key Identifier: ‹H2›:‹H2›:‹H2›:‹H2›:‹H2›:‹H2›\nX509v3 Authority Key Identifier: keyid:‹H2›:‹H2›:‹H2›:‹H2›",
    ),
    ("tls-handshake", "TLSv1.3, cipher TLS_AES_256_GCM_SHA384, session-id: ‹H64›\nServer public key is 2048 bit"),
    ("dnssec", "example.com. IN DNSKEY 257 3 8 ‹b172›=\nexample.com. IN DS ‹d5› 13 2 ‹H64›"),
    ("spf-verification", "TXT \"google-site-verification=‹w43›\"\nTXT \"v=spf1 include:_spf.google.com ~all\""),
    ("ssh-cert-log", "Accepted publickey for ‹user› from ‹ip› port ‹d5› ssh2: ED25519 SHA256:‹b43›"),
    (
        "gpg-output",
        "gpg: Signature made Mon 03 Feb 2025\ngpg:                using RSA key ‹H40›\npub   rsa4096 2021-01-01 [SC]\n      ‹H40›",
    ),
    ("parquet-part", "part-‹d5›-‹g›-c000.snappy.parquet"),
    (
        "blob-sha-json",
        "{\"sha\": \"‹h40›\", \"node_id\": \"‹b56›\", \"url\": \"https://api.github.com/repos/‹word›/‹word›/git/blobs/‹h40›\"}",
    ),
    ("webpack-chunks", "(self.webpackChunk=self.webpackChunk||[]).push([[‹d3›],{‹d4›:(e,t,n)=>{n.d(t,{Z:()=>r})}}]);"),
    ("base64-text", "data:text/plain;base64,SGVsbG8sIFdvcmxkIQ==\natob('‹b64of:hello;a12›')"),
    ("gravatar", "https://www.gravatar.com/avatar/‹h32›?s=80&d=identicon"),
    (
        "s3-etag-listing",
        "<Contents><Key>‹word›/‹word›.csv</Key><ETag>&quot;‹h32›&quot;</ETag><Size>‹num›</Size></Contents>",
    ),
    ("s3-key", "Bucket: '‹word›-‹word›', Key: 'uploads/‹g›/‹word›.png'"),
    ("kafka-key", "partition=‹d1› offset=‹num› key=order-‹d8› value.size=‹d3›"),
    (
        "map-key-errors",
        "KeyError: '‹word›_id'\nduplicate key value violates unique constraint \"users_email_key\"\nDETAIL:  Key (email)=(‹word›) already exists.",
    ),
    (
        "auth-results",
        "Authentication-Results: mx.google.com; dkim=pass header.i=@‹domain›; spf=pass; dmarc=pass (p=REJECT)",
    ),
    ("pass-fail", "PASS: test_‹word›\nFAIL: test_‹word›\npass=‹small› fail=0 skip=2\nfirst pass: 0.‹d3›s"),
    ("boarding-pass", "Boarding pass: seat 14C, gate B22, booking ‹u6›\nSki pass valid until ‹day›"),
    (
        "password-list-names",
        "password_fields = [\"password\", \"password_confirmation\", \"current_password\"]\nfilter_parameters += [:password, :token, :secret, :api_key]",
    ),
    (
        "rotation-table",
        "| Secret | Owner | Rotated |\n|---|---|---|\n| stripe-api-key | ‹person› | ‹day› |\n| db-password | ‹person› | ‹day› |",
    ),
    (
        "headers-table",
        "| Header | Required | Meaning |\n|---|---|---|\n| X-Api-Key | yes | your key |\n| Authorization | no | bearer token |",
    ),
    (
        "env-table",
        "| Variable | Default | Description |\n|---|---|---|\n| `DB_PASSWORD` | none | password of the database |\n| `API_TOKEN` | - | token of the api |",
    ),
    ("csv-header-only", "id,user,password,api_key,created\n‹num›,‹person›,,,‹day›"),
    ("csv-hashless", "id,token_count,key_name,pass_rate\n‹num›,‹num›,home,0.‹d2›"),
    (
        "secret-manager-call",
        "client.access_secret_version(name=f\"projects/{project}/secrets/{name}/versions/latest\")\nboto3.client(\"secretsmanager\").get_secret_value(SecretId=\"‹word›/db\")",
    ),
    (
        "spring-placeholders",
        "spring.datasource.password=${DB_PASSWORD:}\nspring.security.user.password=@password@\njasypt.encryptor.password=#{null}",
    ),
    ("github-masked", "  env:\n    NPM_TOKEN: ***\n    GITHUB_TOKEN: ***\nRun npm publish"),
    (
        "terraform-sensitive",
        "      + password = (sensitive value)\n      + token    = (known after apply)\n      ~ secret   = (sensitive value)",
    ),
    ("kubectl-describe", "Type:  Opaque\n\nData\n====\npassword:  16 bytes\ntoken:     1024 bytes"),
    (
        "go-fields",
        "token *oauth2.Token\nsecret []byte\nkey ed25519.PrivateKey // never logged\nPassword string `json:\"-\"`",
    ),
    ("sql-index", "CREATE UNIQUE INDEX idx_users_reset_token ON users (reset_token) WHERE reset_token IS NOT NULL;"),
    (
        "long-camel",
        "AbstractSingletonProxyFactoryBeanTokenSecretProvider\norg.springframework.security.oauth2.client.web.reactive.function.client",
    ),
    (
        "question-answer",
        "What is the password? Ask ‹Person›.\nIs the token still valid? Yes.\nThe key is under the mat, the secret is safe.",
    ),
    (
        "german-prose",
        "Das Passwort muss mindestens zwölf Zeichen haben. Der Schlüssel liegt im Tresor. Das Kennwort ist abgelaufen.",
    ),
    ("chinese-prose", "请输入密码后点击登录。密钥存放在保险库中，令牌每小时刷新一次。"),
    (
        "japanese-prose",
        "パスワードを忘れた場合はこちら。秘密鍵は共有しないでください。トークンの有効期限は一時間です。",
    ),
    (
        "lock-of-words",
        "mnemonic: \"Every Good Boy Does Fine\"\nseed: 42\nrandom_seed = ‹num›\nseed_data: fixtures/‹word›.json",
    ),
    ("numbers-as-seeds", "torch.manual_seed(‹num›)\nPYTHONHASHSEED=0\nnp.random.default_rng(seed=‹num›)"),
    ("wifi-open", "WIFI:T:nopass;S:Guest;;\nwpa_key_mgmt=NONE\nkey-mgmt=none"),
    ("snmp-harmless", "snmp-server location Building-7\nsnmp-server contact ‹mail›\nlogging host ‹ip›"),
    ("redis-harmless", "# requirepass is set by the operator\nuser default on nopass ~* +@all\nprotected-mode yes"),
];
