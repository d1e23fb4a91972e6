//! The words of names, as data.

/// In any ASCII case; one of them is in every name that weighs something.
pub(in crate::secrets) const KEYS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "credential",
    "creds",
    "key",
    "jwt",
    "salt",
    "auth",
    "sessionid",
    "session_id",
    "session-id",
    "psk",
    "seed",
    "mnemonic",
    "_pw",
    "-pw",
    "pw=",
    "pw:",
    "pw\"",
    "pw'",
    "pw =",
    "_pat=",
    "_pat:",
    "_pat\"",
    "_pat =",
    "_pat'",
    "pat =",
    "pat=",
    "pat:",
    "-pat",
    // German, Dutch, Nordic, Finnish
    "kennwort",
    "wachtwoord",
    "lösenord",
    "LÖSENORD",
    "losenord",
    "adgangskode",
    "kodeord",
    "salasana",
    // Romance
    "contrase",
    "senha",
    "palavra",
    "clave",
    "parola",
    // Slavic, Hungarian, Baltic, Turkish, Indonesian, Vietnamese
    "hasło",
    "HASŁO",
    "haslo",
    "heslo",
    "lozinka",
    "geslo",
    "jelszó",
    "JELSZÓ",
    "jelszo",
    "parool",
    "parole",
    "şifre",
    "ŞİFRE",
    "sifre",
    "sandi",
    "mật khẩu",
    "mat_khau",
    "пароль",
    "Пароль",
    "ПАРОЛЬ",
    "пароля",
    "токен",
    "Токен",
    "κωδικός",
    // Chinese, Japanese, Korean, others
    "密码",
    "密碼",
    "口令",
    "密钥",
    "密鑰",
    "金鑰",
    "秘钥",
    "令牌",
    "パスワード",
    "トークン",
    "비밀번호",
    "암호",
    "סיסמה",
    "كلمة المرور",
    "पासवर्ड",
    "รหัสผ่าน",
];

/// How words for a password end.
pub(super) const PASSWORDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "pwd",
    "kennwort",
    "wachtwoord",
    "lösenord",
    "LÖSENORD",
    "losenord",
    "adgangskode",
    "kodeord",
    "salasana",
    "contraseña",
    "CONTRASEÑA",
    "contrasena",
    "contrasenya",
    "senha",
    "motdepasse",
    "hasło",
    "HASŁO",
    "haslo",
    "heslo",
    "lozinka",
    "geslo",
    "jelszó",
    "JELSZÓ",
    "jelszo",
    "parool",
    "şifre",
    "ŞİFRE",
    "sifre",
    "пароль",
    "пароля",
    "Пароль",
    "ПАРОЛЬ",
    "κωδικός",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "비밀번호",
    "암호",
    "סיסמה",
    "كلمة المرور",
    "पासवर्ड",
    "รหัสผ่าน",
    "mật khẩu",
    "passwordhere",
];

/// Words that are a password only alone or whole.
pub(super) const PASSES: &str = "
    pass pw dbpass dbpw userpass userpw rootpass rootpw smtppass mypass requirepass masterauth storepass keypass
    sshpass bindpw passe clave parola adminpass adminpw mailpass sandi pword psk authpass loginpass ftppass
    wifipass parole spass dpass
";

/// Words before `pass` that make it a password, not a round of rendering or testing.
pub(super) const OWNERS: &str = "
    db database user smtp mail email admin root mysql pg postgres redis ftp sftp ssh sudo ldap proxy http auth
    bind rabbitmq mq mongo mongodb imap pop login wifi wlan vpn sql sa backup service app key cert keystore
    truststore store master my ora oracle basic web api client server jenkins docker registry nexus elastic
    kibana grafana amqp mqtt ansible become su default initial new old current tmp temp test prod dev staging
    github gitlab jira account owner system sys host remote aws s3 zip pdf p12 pfx jks mariadb mssql cassandra
    influx influxdb couchdb neo4j portal site wp encryption de
";

/// How words for keys and tokens end that are written together.
pub(super) const TOGETHER: &[&str] = &[
    "secret",
    "secretkey",
    "apikey",
    "accesskey",
    "privatekey",
    "masterkey",
    "authkey",
    "accountkey",
    "sharedkey",
    "presharedkey",
    "signingkey",
    "encryptionkey",
    "decryptionkey",
    "sessionkey",
    "deploykey",
    "adminkey",
    "servicekey",
    "hmackey",
    "appkey",
    "clientkey",
    "storagekey",
    "cipherkey",
    "cryptkey",
    "hmac_key",
    "aeskey",
    "rootkey",
    "subscriptionkey",
    "integrationkey",
    "ingestkey",
    "writekey",
    "licensekey",
    "licencekey",
    "appsecret",
];

/// Words before `key` that make it a secret one.
pub(super) const SECRET_KEYS: &str = "
    validation machine network stream sdk personal consumer
    api access private priv signing sign signature encryption encrypt decryption crypt enc master account
    service secret auth deploy shared preshared hmac aes des admin root session license licence app application
    subscription storage client webhook cipher crypto vapid wireguard wg server integration ingest ingestion
    instrumentation write project developer security cookie jwt token fernet vault unseal recovery data kms
    function functions host rest stripe openai anthropic sendgrid mailgun twilio datadog gemini mistral groq
    logged in nonce xapi
";

/// Last words that make a name speak about a secret instead of holding one.
pub(super) const ABOUT: &str = "
    type types id ids name names path paths file files filename dir directory folder url urls uri uris endpoint
    endpoints hash hashed hashes digest checksum length len size count limit max min ttl expiry expires expire
    expiration expired exp at age lifetime duration timeout interval field fields label labels placeholder hint
    title text message msg error errors err warning regex regexp pattern format policy policies rule rules
    strength header headers prefix suffix param params parameter parameters index usage used budget price cost
    provider providers source store manager service services handler handlers validator validation callback func
    function fn input form view page screen dialog modal reset change changed required require enabled disabled
    visible visibility valid invalid ref refs arn alias aliases version kind algorithm alg algo mode env
    variable var command cmd script attempts retries rotation date time timestamp created updated row column col
    event events map list set table stream tree class style color icon css selector xpath link button btn
    description desc help prompt scheme schema issuer audience scope scopes domain host hostname port user
    username email method methods status state code codes rounds iterations bits fingerprint thumbprint location
    region namespace template engine backend driver plugin module util utils helper helpers test tests spec
    factory builder reader writer parser generator filter interceptor middleware guard checker check exists
    missing present encoding encoder position offset start end range span kinds flow grant lookup mapping ring
    press down up frame frames board word words value_type constraint bytes width sort order group groups role
    roles permission permissions owner tag tags note notes comment comments doc docs option options spacing
    colour display policyarn request response exception needed
";

/// Words that make any name harmless wherever they stand.
pub(super) const HARMLESS: &str = "
    sitekey
    public pub publishable tokenizer tokenize tokenized tokenization integrity checksum foreign hashed
    translation i18n l10n keyboard author authors authored authority authorize authorized authorization passed
    passes passing passage passenger passengers passive bypass compass compassion encompass surpass passport
    secretary passthrough md5 sha1 sha256 sha512 keyword keywords keyframe keyframes keystroke keymap keycode
    keydown keyup keypress keyof keynote monkey turkey hockey jockey whiskey donkey tokenstream basalt asphalt
    authentic example dummy fake sample placeholder seeded seeds reseed linseed passable impasse trespass
";

/// Words that make a key or a token harmless, but no password.
pub(super) const IDLE: &str = "
    hash nextpage
    site sitekey measurement tracking
    max min num total avg count partition sort cache idempotency csrf xsrf cancel cancellation
    continuation pagination design stop eos bos pad mask unk sep cls lookup row column range index unique
    composite natural surrogate hot shortcut arrow enter escape tab shift ctrl alt meta map object dict
    dictionary json yaml query search message routing route i18n locale lang language text label tooltip
    translation syntax lexer parse parsed ast punct ident operator whitespace css theme color spacing anti
    verification request dedup deduplication group event sync watermark resume batch input output prompt
    completion cached reasoning context
";

/// Words behind which a name goes on without saying anything: `password_prod`, `API_KEY_V2`, `secret_key_base`.
pub(super) const NEUTRAL: &str = "
    secreta secreto secrete acceso accès d
    dev prod production staging stage live test sandbox qa uat local old new current previous backup raw plain
    plaintext plain_text value val str string base64 b64 base v1 v2 v3 v4 primary secondary default confirm
    confirmation repeat again verify eu us main alt override hex data content text_value encoded unsafe
    temp tmp initial fallback master alpha beta demo literal const env here x banco bd datos datenbank
";

/// Names of one word that hold a secret only when its value looks like one.
pub(super) const WEAK: &str = "
    token tokens auth jwt salt credential credentials creds cred secrets sessionid licensekey key keys pat seed
    mnemonic keydata keymaterial 密钥 密鑰 金鑰 秘钥 令牌 токен トークン pepper authentication
";
