//! Sixteen secrets in the places where people leave them.

use super::{expand, masked};

const DIFF: &str = "\
diff --git a/deploy/app.env b/deploy/app.env
--- a/deploy/app.env
+++ b/deploy/app.env
@@ -1,6 +1,24 @@
 APP_NAME=shop
+OPENAI_API_KEY=sk-proj-‹w120›
+ANTHROPIC_API_KEY=sk-ant-api03-‹w93›AA
+GEMINI=AIza‹w35›
+AWS_ACCESS_KEY_ID=AKIA‹u16›
+AWS_SECRET_ACCESS_KEY=‹b40›
+GH_TOKEN=ghp_‹a36›
+SLACK=https://hooks.slack.com/services/T‹u9›/B‹u9›/‹a24›
+STRIPE=sk_live_‹a99›
+DATABASE_URL=postgres://shop:‹a16›@db.internal:5432/shop
-SMTP_PASS=‹a13›
+SMTP_PASS=‹a13›
diff --git a/src/client.ts b/src/client.ts
@@ -3,3 +3,12 @@ export class Client {
   const url = base;
+  headers: { 'Authorization': 'Bearer ‹w44›' },
+  const clientSecret = \"‹a32›\";
+  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\n‹b64›\\n‹b64›\\n-----END PRIVATE KEY-----\\n\",
+  cookie: 'theme=dark; session=‹a40›',
diff --git a/.npmrc b/.npmrc
+//registry.example.org/:_authToken=npm_‹a36›
diff --git a/id b/id
+-----BEGIN OPENSSH PRIVATE KEY-----
+‹b70›
+‹b70›
+‹b32›==
+-----END OPENSSH PRIVATE KEY-----
+curl -u deploy:‹a18› https://internal
";

#[test]
fn sixteen_canaries_in_a_diff_are_masked() {
    for seed in 0..50 {
        let (text, secrets) = expand(DIFF, seed);
        let out = masked(&text, &secrets);
        assert_eq!(out.lines().count(), text.lines().count());
        for kept in [
            "postgres://shop:",
            "@db.internal:5432/shop",
            "theme=dark",
            "APP_NAME=shop",
            "-----END OPENSSH PRIVATE KEY-----",
            "curl -u deploy:",
        ] {
            assert!(out.contains(kept), "{kept} is gone:\n{out}");
        }
    }
}

#[test]
fn a_numbered_diff_hides_none_of_them_and_keeps_its_numbers() {
    let more = "+kind: Secret\n+data:\n+  first: ‹b24›\n+machine h\n+  login a\n+  password ‹a9›\n";
    let numbered = |(n, line): (usize, &str)| match line.as_bytes() {
        [b'+' | b' ', ..] => format!("{:>5} {line}\n", n + 1),
        [b'-', ..] => format!("      {line}\n"),
        _ => format!("{line}\n"),
    };
    let listing: String = format!("{DIFF}{more}").lines().enumerate().map(numbered).collect();
    for seed in 0..50 {
        let (text, secrets) = expand(&listing, seed);
        let out = masked(&text, &secrets);
        for (before, after) in text.lines().zip(out.lines()) {
            assert_eq!(before.get(..7), after.get(..7), "number and mark stay:\n{out}");
        }
        assert_eq!(out.lines().count(), text.lines().count());
    }
}

#[test]
fn vendors_nobody_has_listed_are_found_by_what_they_are_assigned_to() {
    for syntax in [
        "ACME_API_KEY=‹a28›",
        "export ACME_TOKEN='‹a28›'",
        "acmeApiKey: \"‹a28›\",",
        "\"acme_client_secret\": \"‹a28›\"",
        "{\\\"password\\\": \\\"‹a12›\\\"}",
        "password: ‹a4›7x‹a6›",
        "db_password = \"‹a10›!\"",
        "let api_key = String::from(\"‹a28›\");",
        "const API_KEY: &str = \"‹a28›\";",
        "var apiKey string = \"‹a28›\"",
        "private static final String API_KEY = \"‹a28›\";",
        "password := \"‹a4›-9‹a8›\"",
        ":secret_key => '‹a40›'",
        "define('DB_PASSWORD', '‹a4›!9‹a4›');",
        "os.environ[\"ACME_TOKEN\"] = \"‹a28›\"",
        "setenv(\"ACME_SECRET\", \"‹a28›\", 1)",
        "<password>‹a4›8!‹a5›</password>",
        "<add key=\"ApiKey\" value=\"‹a28›\"/>",
        "- name: DB_PASSWORD\n  value: ‹a4›4‹a10›",
        "mytool --password ‹a4›!7‹a8› --verbose",
        "mytool --api-key=‹a28›",
        "ENV ACME_TOKEN ‹a28›",
        "| password | ‹a4›9#‹a5› |",
        "Server=h;User Id=sa;Password=‹a4›1!‹a6›;Encrypt=true",
        "jdbc:mysql://h/d?user=a&password=‹a4›2‹a8›&x=1",
        "the password is ‹a4›77‹a4› until Friday",
        "密码 password=‹a4›5!‹a6›。",
        "secret=`‹a28›`",
        "PrivateKey = ‹b40›7Q=",
        "X-Api-Key: ‹a28›",
    ] {
        for seed in 0..20 {
            let (text, secrets) = expand(syntax, seed);
            let long: Vec<String> = secrets.into_iter().filter(|s| s.len() >= 5).collect();
            masked(&text, &long);
        }
    }
}

#[test]
fn context_does_not_hide_a_token() {
    for place in [
        "令牌ghp_‹a36›結束",
        "a,ghp_‹a36›,b",
        "\u{1b}[31mghp_‹a36›\u{1b}[0m",
        "|ghp_‹a36›|",
        "<k>ghp_‹a36›</k>",
        "x%3Dghp_‹a36›%26",
        "\\\\nghp_‹a36›\\\\n",
        "\\u003dghp_‹a36›",
    ] {
        let (text, secrets) = expand(place, 7);
        masked(&text, &secrets);
    }
}
