//! Key blocks in every form they are pasted, stored and broken in.

use crate::set::draw::Rng;
use crate::set::kinds::encode;
use crate::set::mark::{self, CLOSE, GAP, OPEN, PAG};

/// All forms.
pub const FORMS: &[&str] = &[
    "pem-rsa",
    "pem-ec",
    "pem-pkcs8",
    "pem-openssh",
    "pem-dsa",
    "pem-encrypted",
    "pem-legacy-encrypted",
    "pem-ssh2",
    "pem-with-certificate",
    "pgp-private",
    "ppk-2",
    "ppk-3",
    "pem-crlf",
    "pem-indented-yaml",
    "pem-json-line",
    "pem-json-twice",
    "pem-env-line",
    "pem-concatenated-js",
    "pem-concatenated-java",
    "pem-python-triple",
    "pem-go-raw",
    "pem-c-lines",
    "pem-truncated-end",
    "pem-truncated-start",
    "pem-base64-env",
    "pem-base64-wrapped",
    "pem-diff-added",
    "pem-diff-removed",
    "pem-diff-gutter",
    "pem-quoted-mail",
    "pem-one-line-spaces",
    "pem-one-line-none",
    "pem-xml",
    "pem-html-breaks",
    "pem-terraform-heredoc",
    "pem-shell-heredoc",
    "pem-cat-numbered",
    "pem-tabs",
    "pem-php-dots",
    "pem-ruby-heredoc",
    "pem-log-prefix",
    "pem-array-lines",
    "pem-literal-backslash-crlf",
    "age-file",
    "minisign-key",
    "ssh-in-cloud-init",
    "xml-rsa-key",
];

/// Says whether a form has a gutter of its own already.
pub fn has_gutters(form: &str) -> bool {
    ["diff", "gutter", "numbered", "log", "quoted", "html", "twice", "crlf"].iter().any(|word| form.contains(word))
}

fn any(rng: &mut Rng) -> String {
    let label = rng.pick(&["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY"]);
    encode::pem(rng, label)
}

/// Every line between `before` and `after`; the joints are glue.
fn lines(block: &str, before: &str, after: &str, last: &str) -> String {
    let all: Vec<&str> = block.split('\n').collect();
    let joint = format!("{GAP}{after}\n{before}{PAG}");
    let body = all.join(&joint);
    format!("{before}{body}{last}")
}

/// Draws one form.
pub fn draw(rng: &mut Rng, form: &str) -> String {
    match form {
        "pem-rsa" => encode::pem(rng, "RSA PRIVATE KEY"),
        "pem-ec" => encode::pem(rng, "EC PRIVATE KEY"),
        "pem-pkcs8" => encode::pem(rng, "PRIVATE KEY"),
        "pem-openssh" => encode::pem(rng, "OPENSSH PRIVATE KEY"),
        "pem-dsa" => encode::pem(rng, "DSA PRIVATE KEY"),
        "pem-encrypted" => encode::pem(rng, "ENCRYPTED PRIVATE KEY"),
        "pem-legacy-encrypted" => {
            let bytes = encode::key(rng, "RSA PRIVATE KEY");
            let iv = rng.chars("0123456789ABCDEF", 32);
            let head = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{iv}\n\n");
            encode::armour("RSA PRIVATE KEY", &head, &bytes, "")
        }
        "pem-ssh2" => {
            let bytes = rng.bytes(420);
            encode::armour("SSH2 ENCRYPTED PRIVATE KEY", "Comment: \"rsa-key\"\n", &bytes, "")
                .replace("-----BEGIN SSH2 ENCRYPTED PRIVATE KEY-----", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----")
                .replace("-----END SSH2 ENCRYPTED PRIVATE KEY-----", "---- END SSH2 ENCRYPTED PRIVATE KEY ----")
        }
        "pem-with-certificate" => format!("{}\n{}\n{}", encode::certificate(rng), any(rng), encode::certificate(rng)),
        "pgp-private" => encode::pgp(rng, "PGP PRIVATE KEY BLOCK"),
        "ppk-2" => encode::ppk(rng, 2),
        "ppk-3" => encode::ppk(rng, 3),
        "pem-crlf" => any(rng).replace('\n', "\r\n"),
        "pem-indented-yaml" => format!("tls:\n  key: |\n{}", mark::prefixed(&any(rng), |_| "    ".into())),
        "pem-json-line" => {
            format!("{{\"host\": \"example.com\", \"privateKey\": \"{}\", \"port\": 443}}", mark::json(&any(rng)))
        }
        "pem-json-twice" => {
            let inner = format!("{{\"key\": \"{}\"}}", mark::json(&any(rng)));
            format!("{{\"body\": \"{}\"}}", mark::json(&inner))
        }
        "pem-env-line" => format!("PRIVATE_KEY=\"{}\"", mark::json(&any(rng))),
        "pem-concatenated-js" => {
            let body = any(rng);
            format!("const key =\n{};", lines(&body, "  \"", "\\n\" +", "\\n\""))
        }
        "pem-concatenated-java" => {
            let body = any(rng);
            format!("String key = {};", lines(&body, "            \"", "\\n\"\n          +", "\\n\"").trim_start())
        }
        "pem-python-triple" => format!("KEY = \"\"\"\\\n{}\n\"\"\"", any(rng)),
        "pem-go-raw" => format!("var pemKey = []byte(`{}`)", any(rng)),
        "pem-c-lines" => format!("static const char key[] =\n{};", lines(&any(rng), "\"", "\\r\\n\"", "\\r\\n\"")),
        "pem-php-dots" => format!("$key = {};", lines(&any(rng), "'", "' . \"\\n\" .", "'")),
        "pem-truncated-end" => {
            let block = any(rng);
            let marked: Vec<char> = block.chars().collect();
            let at = marked.len() * rng.between(50, 85) / 100;
            // The cut falls into the body: no form is open there.
            let mut cut: String = marked[..at].iter().collect();
            cut.push(CLOSE);
            cut
        }
        "pem-truncated-start" => {
            let block = encode::pem(rng, "RSA PRIVATE KEY");
            let body: Vec<&str> = block.split('\n').collect();
            let from = rng.between(2, body.len().saturating_sub(6).max(2));
            format!("{OPEN}{}", body[from..].join("\n"))
        }
        "pem-base64-env" => format!("TLS_PRIVATE_KEY_B64={OPEN}{}{CLOSE}", encode::pem_base64(rng)),
        "pem-base64-wrapped" => {
            let text = encode::pem_base64(rng);
            let rows: Vec<String> =
                text.as_bytes().chunks(76).map(|row| String::from_utf8_lossy(row).into_owned()).collect();
            format!("private_key: >-\n  {OPEN}{}{CLOSE}", rows.join(&format!("\n{GAP}  {PAG}")))
        }
        "pem-diff-added" => format!(
            "diff --git a/id_rsa b/id_rsa\nnew file mode 100600\n--- /dev/null\n+++ b/id_rsa\n@@ -0,0 +1,27 @@\n{}",
            mark::prefixed(&any(rng), |_| "+".into())
        ),
        "pem-diff-removed" => format!(
            "diff --git a/server.key b/server.key\ndeleted file mode 100644\n--- a/server.key\n+++ /dev/null\n@@ -1,27 +0,0 @@\n{}",
            mark::prefixed(&any(rng), |_| "-".into())
        ),
        "pem-diff-gutter" => {
            let first = rng.between(1, 80);
            mark::prefixed(&any(rng), |at| format!("{:>5} +", first + at))
        }
        "pem-quoted-mail" => mark::prefixed(&any(rng), |_| "> ".into()),
        "pem-one-line-spaces" => format!("key = {}", any(rng).replace('\n', " ")),
        "pem-one-line-none" => any(rng).replace('\n', ""),
        "pem-xml" => format!("<PrivateKey>{}</PrivateKey>", any(rng)),
        "pem-html-breaks" => any(rng).replace('\n', &format!("{GAP}<br>\n{PAG}")),
        "pem-terraform-heredoc" => format!("  private_key = <<EOT\n{}\nEOT", any(rng)),
        "pem-shell-heredoc" => {
            format!("cat > /etc/ssl/server.key <<'EOF'\n{}\nEOF\nchmod 600 /etc/ssl/server.key", any(rng))
        }
        "pem-ruby-heredoc" => format!("KEY = <<~PEM\n{}\nPEM", mark::prefixed(&any(rng), |_| "  ".into())),
        "pem-cat-numbered" => mark::prefixed(&any(rng), |at| format!("{:>6}\t", at + 1)),
        "pem-tabs" => mark::prefixed(&any(rng), |_| "\t\t".into()),
        "pem-log-prefix" => {
            let head = format!("2024-05-0{} 12:00:0{} INFO  dump: ", rng.between(1, 9), rng.below(10));
            mark::prefixed(&any(rng), |_| head.clone())
        }
        "pem-array-lines" => format!("[\n{}\n].join(\"\\n\")", lines(&any(rng), "  \"", "\",", "\"")),
        "pem-literal-backslash-crlf" => any(rng).replace('\n', &format!("{GAP}\\r\\n{PAG}")),
        "age-file" => format!(
            "# created: 2024-02-01T10:00:00Z\n# public key: {}\n{OPEN}{}{CLOSE}",
            crate::set::template::draw(rng, "bech:age"),
            crate::set::template::draw(rng, "BECH:age-secret-key-")
        ),
        "minisign-key" => {
            let body = crate::set::template::draw(rng, "b64:158");
            format!("untrusted comment: minisign encrypted secret key\n{OPEN}RWRTY0Iy{body}{CLOSE}")
        }
        "ssh-in-cloud-init" => format!(
            "ssh_keys:\n  rsa_private: |\n{}\n  rsa_public: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{} host",
            mark::prefixed(&any(rng), |_| "    ".into()),
            crate::set::template::draw(rng, "b360")
        ),
        "xml-rsa-key" => format!(
            "<RSAKeyValue><Modulus>{}</Modulus><Exponent>AQAB</Exponent><P>{OPEN}{}{CLOSE}</P><Q>{OPEN}{}{CLOSE}</Q><D>{OPEN}{}{CLOSE}</D></RSAKeyValue>",
            crate::set::template::draw(rng, "b64:128"),
            crate::set::template::draw(rng, "b64:64"),
            crate::set::template::draw(rng, "b64:64"),
            crate::set::template::draw(rng, "b64:128")
        ),
        _ => panic!("an unknown form of a key block: {form}"),
    }
}
