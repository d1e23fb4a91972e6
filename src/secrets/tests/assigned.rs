//! Values of vendors nobody has listed and passwords people choose, by what they are assigned to.

use super::{expand, masked, redactor};

/// Each secret stands between `⟦` and `⟧`.
fn check(marked: &str) {
    let (mut text, mut secrets, mut rest) = (String::new(), Vec::new(), marked);
    while let Some((before, after)) = rest.split_once('⟦') {
        let (secret, after) = after.split_once('⟧').unwrap();
        text.push_str(before);
        text.push_str(secret);
        secrets.push(secret.to_owned());
        rest = after;
    }
    text.push_str(rest);
    masked(&text, &secrets);
}

#[test]
fn passwords_people_choose_are_found_where_a_literal_stands() {
    for text in [
        "username: ann\npassword: ⟦sunshine⟧\n",
        "password: \"⟦Tr0ub4dor&3⟧\"",
        "password = '⟦correct horse battery staple⟧'",
        "PASSWORD=⟦letmein⟧",
        "db:\n  host: h.internal\n  user: app\n  password: ⟦monkeybusiness⟧\n",
        "plain_text_passwd: ⟦valley_umbrella_lemon_anchor⟧",
        "wifi_password: ⟦radar.horizon.guitar.sapphire⟧",
        "password: ⟦%QCCt962⟧",
        "password: \"⟦пароль-Зима24⟧\"",
    ] {
        check(text);
    }
}

#[test]
fn names_of_other_languages_are_understood() {
    for text in [
        "contraseña: ⟦Gato2020!⟧",
        "mot_de_passe = \"⟦Soleil!42⟧\"",
        "密码：⟦Xk29!asd⟧",
        "密码是 ⟦Xk29asd77⟧",
        "パスワードは⟦Himitsu99⟧です。",
        "비밀번호: ⟦Bimil!234⟧",
        "Пароль = \"⟦Krasnaya77⟧\"",
        "hasło: ⟦Tajne#12⟧",
        "Das Passwort lautet ⟦Geheim!99⟧ seit heute",
    ] {
        check(text);
    }
}

#[test]
fn no_ending_makes_a_value_a_description_of_itself() {
    let drawn = |head: &str, tail: &str| format!("{head}{tail}");
    let hex = "9f3a".to_owned() + "27c1" + "5be8" + "40d6" + "a17c" + "e0b2" + "3d94" + "f658";
    for (name, value) in [
        ("password = ", drawn("Tr0ub4dor9z", "Q7kLm-encoded")),
        ("api_key: ", drawn(&hex, "-encrypted")),
        ("password: ", drawn("kX9vQ2m", "Z7pL4-protected")),
        ("secret_key = ", drawn("kX9vQ2m", "Z7pL4-hashed")),
        ("db_password = ", drawn("auth.Hunter2z", "Q9xSecret")),
        ("password = ", drawn("a8f3k2q9z7.", "Secret")),
        ("password = ", drawn("Tr0ub4dor9z", "Q7kLm.password")),
        ("password = ", drawn("Tr0ub4dor9z", "Q7kLm.token")),
    ] {
        check(&format!("{name}\"⟦{value}⟧\"\n"));
    }
}

#[test]
fn what_ties_a_name_to_its_value_is_known_in_many_syntaxes() {
    for text in [
        "<key>Password</key>\n<string>⟦Ab12cd34!⟧</string>",
        "<string name=\"api_key\">⟦k39fKd92mXz01PqLs8Yt⟧</string>",
        "<Password type=\"plain\">⟦Hunter22x!⟧</Password>",
        "conn.set_password(\"⟦Zx9!k2Lq⟧\")",
        ".header(\"X-Api-Key\", \"⟦k39fKd92mXz01PqLs8Yt⟧\")",
        "{\"name\":\"DB_PASSWORD\",\"type\":\"secret\",\"value\":\"⟦Zx9!k2Lq⟧\"}",
        "{\\\\\\\"api_key\\\\\\\": \\\\\\\"⟦k39fKd92mXz01PqLs8Yt⟧\\\\\\\"}",
        "&quot;password&quot;: &quot;⟦Zx9!k2Lq⟧&quot;",
        "password%3D⟦Zx9k2Lq77⟧",
        "password: |\n  ⟦Zx9!k2Lq⟧\nother: 1",
        "password = <<EOT\n⟦Zx9!k2Lq⟧\nEOT\n",
        "password = \"\"\"⟦Zx9!k2Lq⟧\"\"\"",
        "user,password,email\nann,⟦Zx9k2Lq77⟧,a@b.c\nbob,⟦sunshine⟧,b@b.c\n",
        "| User | Password |\n|------|----------|\n| ann | ⟦Zx9k2Lq77⟧ |\n",
        "name,value\nemail_host_password,⟦cFjS?5311⟧\n",
        "${DB_PASSWORD:-⟦Zx9k2Lq77⟧}",
        "process.env.API_KEY || \"⟦k39fKd92mXz01PqLs8Yt⟧\"",
        "apiKey string = \"⟦k39fKd92mXz01PqLs8Yt⟧\"",
        "Dim password As String = \"⟦Zx9k2Lq77⟧\"",
        "requirepass ⟦Zx9k2Lq77⟧",
        "**Password:** ⟦Zx9k2Lq77⟧",
        "{password, \"⟦Zx9k2Lq77⟧\"}",
        "(setq acme-api-key \"⟦k39fKd92mXz01PqLs8Yt⟧\")",
        "static const char acme_api_key[] = \"⟦k39fKd92mXz01PqLs8Yt⟧\";",
        "public string AcmeToken { get; set; } = \"⟦k39fKd92mXz01PqLs8Yt⟧\";",
        "variable \"acme_token\" {\n  type = string\n  default = \"⟦k39fKd92mXz01PqLs8Yt⟧\"\n}",
        "\u{1b}[36macme_token\u{1b}[0m=\u{1b}[33m⟦k39fKd92mXz01PqLs8Yt⟧\u{1b}[0m",
        "2024-01-01T00:00:00Z web | // setx API_TOKEN ⟦k39fKd92mXz01PqLs8Yt⟧",
        "Use the Acme secret key `⟦k39fKd92mXz01PqLs8Yt⟧` from now on.",
        "aes_key[16] = { ⟦0x10, 0xc7, 0x62, 0x06, 0x80, 0xbf, 0x8d, 0xbe, 0xd7, 0x66, 0x36, 0x0e, 0xb4, 0xa4, 0xae, 0xf2⟧ };",
    ] {
        check(text);
    }
}

#[test]
fn every_piece_of_a_joined_literal_goes() {
    for text in [
        "api_key = (\n    \"⟦k39fKd92mX⟧\"\n    \"⟦z01PqLs8Yt⟧\"\n)",
        "$acmeToken = '⟦k39fKd92mXz0⟧' . '⟦1PqLs8YtQq7⟧';",
        "acmeToken = \"⟦k39fKd92mXz0⟧\" ++ \"⟦1PqLs8YtQq7⟧\"",
        "@acme_token \"⟦k39fKd92mXz0⟧\" <> \"⟦1PqLs8YtQq7⟧\"",
        "ACME_TOKEN=\"⟦k39fKd92mXz0⟧\"\"⟦1PqLs8YtQq7⟧\"",
        "acme_token = \"⟦k39fKd92mXz0⟧\" + \\\n    \"⟦1PqLs8YtQq7⟧\"",
        "String acmeToken = new StringBuilder(\"⟦k39fKd92⟧\").append(\"⟦mXz01Pq⟧\").toString();",
        "const ACME_TOKEN: &str = concat!(\"⟦k39fKd92mXz0⟧\", \"⟦1PqLs8YtQq7⟧\");",
        "acme_token = join(\"\", [\"⟦k39fKd92mXz0⟧\", \"⟦1PqLs8YtQq7⟧\"])",
    ] {
        check(text);
    }
}

#[test]
fn what_only_speaks_of_secrets_is_left_alone() {
    for text in [
        "\"password\": {\"type\": \"string\", \"format\": \"password\", \"minLength\": 8},",
        "kind: SealedSecret\nspec:\n  encryptedData:\n    password: Ag‹b160›\n",
        "s3://bucket-artifacts-12/amber/key=35925399/part-00001.parquet",
        "<div class=\"g-recaptcha\" data-sitekey=\"6L‹w38›\"></div>",
        "secret_arn = \"arn:aws:secretsmanager:eu-west-1:269803717669:secret:lagoon/eagle-FWqey3\"",
        "<label for=\"password\">Password</label>\n<input type=\"password\" id=\"password\">",
        "minisign public key: RW‹b54›",
        "var c=function(a){return a.passwd=b(a.pwd),a.token=a.t||d.tk,a},e={key:c,auth:f}",
        "?api_key=%24%7BACME_KEY%7D&token=vault%3Asecret%2Fdata%2Fapp",
        "PASSWORD=from-keyring",
        "MOT_DE_PASSE=<your mot de passe>",
        "gpg --recv-keys ‹h40›",
        "let traffic_secret = TLS13_CHACHA20_POLY1305_SHA256_INTERNAL;",
        "stream.all(|pass| pass).await;",
        "key: SelectedTls12UsingTls13VersionExtension,",
        "\"forgot_password\": \"Forgot your password?\",",
        "let keys = [\n  keys[0],\n  _mm_aesimc_si128(keys[1]),\n];",
    ] {
        for seed in 0..5 {
            let (text, _) = expand(text, seed);
            let found = redactor().redact(&text);
            assert!(found.hits.is_empty(), "{text}\n-> {}\n{:?}", found.text, found.hits);
        }
    }
}

#[test]
fn a_text_of_nothing_but_names_and_marks_costs_linear_time() {
    for piece in [
        "password",
        "token ",
        "api key ",
        "password,",
        "|password|",
        "password=\\\n",
        "\"password\" + ",
        "password: |\n ",
        "key[",
        "Authorization: ",
        "\"kty\"",
        "insert into (password) values ('",
        "mnemonic a ",
        "backup codes ",
        "{\"sensitive\": true",
        "<Modulus>",
        "curl -u ",
        "://a:b/",
        "$6$",
        ":5432:",
        "/webhook/",
        "LS0tLS1CRUdJTi",
        "\"name\":\"token\",",
        "password is ",
    ] {
        let text = piece.repeat(10_000 / piece.len());
        // Quadratic work even on 10 kB takes many seconds unoptimised: whoever brings it in sees this test hang.
        let hits = redactor().scan(&text);
        assert!(hits.len() <= text.len(), "{piece}");
    }
}
