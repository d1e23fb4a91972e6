//! Innocent lines that stand round a secret, as they do in life.

use crate::set::draw::Rng;
use crate::set::template::expand;

const ENV: &[&str] = &[
    "PORT=‹port›",
    "NODE_ENV=production",
    "LOG_LEVEL=info",
    "DB_HOST=‹host›",
    "REGION=‹region›",
    "DEBUG=false",
    "CACHE_TTL=‹num›",
    "# ‹word› settings",
    "APP_NAME=‹app›",
    "TZ=Europe/Berlin",
    "WORKERS=‹small›",
    "PUBLIC_URL=https://‹host›",
    "FEATURE_‹Z5›=true",
    "MAX_TOKENS=4096",
    "TOKEN_TTL_SECONDS=3600",
];
const SH: &[&str] = &[
    "set -euo pipefail",
    "cd \"$(dirname \"$0\")\"",
    "make -j4 ‹word›",
    "echo \"deploying ‹app›\"",
    "export PATH=$HOME/bin:$PATH",
    "if [ -f .env ]; then . ./.env; fi",
    "docker build -t ‹app›:latest .",
    "kubectl -n ‹env› get pods",
    "sleep ‹small›",
];
const YAML: &[&str] = &[
    "host: ‹host›",
    "port: ‹port›",
    "replicas: ‹small›",
    "enabled: true",
    "# ‹word› ‹word›",
    "timeout: 30s",
    "name: ‹app›",
    "region: ‹region›",
    "log_level: debug",
    "image: registry.example.com/‹app›:1.‹small›.0",
];
const INI: &[&str] = &[
    "host = \"‹host›\"",
    "port = ‹port›",
    "# ‹word›",
    "timeout = 30",
    "user = \"‹user›\"",
    "retries = ‹d1›",
    "name = \"‹app›\"",
];
const PROPERTIES: &[&str] = &[
    "server.port=‹port›",
    "spring.application.name=‹app›",
    "# ‹word› ‹word›",
    "logging.level.root=INFO",
    "management.endpoints.web.exposure.include=health",
    "app.region=‹region›",
];
const JSON: &[&str] = &[
    "  \"name\": \"‹app›\",",
    "  \"port\": ‹port›,",
    "  \"host\": \"‹host›\",",
    "  \"retries\": ‹d1›,",
    "  \"tags\": [\"‹word›\", \"‹word›\"],",
    "  \"region\": \"‹region›\",",
    "  \"version\": \"1.‹small›.0\",",
];
const PY: &[&str] = &[
    "import os",
    "import json",
    "TIMEOUT = 30",
    "def ‹word›(x):\n    return x * 2",
    "logger = logging.getLogger(__name__)",
    "BASE_URL = \"https://‹host›/api\"",
    "# ‹word› the ‹word›",
    "for item in items:\n    process(item)",
    "MAX_RETRIES = ‹small›",
];
const JS: &[&str] = &[
    "import fs from 'node:fs';",
    "const port = ‹port›;",
    "function ‹word›(a, b) { return a + b; }",
    "// ‹word› ‹word›",
    "export default app;",
    "app.get('/‹word›', (req, res) => res.send('ok'));",
    "const url = 'https://‹host›/‹word›';",
    "let count = ‹num›;",
];
const GO: &[&str] = &[
    "\tif err != nil {\n\t\treturn err\n\t}",
    "\tlog.Println(\"‹word› started\")",
    "// ‹Word› does the ‹word›.",
    "\tctx := context.Background()",
    "\ttimeout := ‹small› * time.Second",
];
const JAVA: &[&str] = &[
    "    private final int port = ‹port›;",
    "    // ‹word› ‹word›",
    "    public void ‹word›() { }",
    "    @Override\n    public String toString() { return name; }",
];
const RS: &[&str] = &[
    "use std::io::Read;",
    "    let port: u16 = ‹port›;",
    "// The ‹word› waits for the ‹word›.",
    "    println!(\"{count} rows\");",
    "#[derive(Debug, Clone)]\nstruct ‹Word›;",
];
const LOG: &[&str] = &[
    "‹day› ‹clock› [main] INFO c.a.‹Word› - started in ‹num› ms",
    "‹day› ‹clock› [worker-‹d1›] WARN c.a.‹Word› - retry ‹d1› of 5",
    "‹day› ‹clock› [main] INFO c.a.‹Word› - listening on ‹ip›:‹port›",
];

/// Some lines in a style, perhaps none.
pub fn lines(rng: &mut Rng, style: &str) -> String {
    let list = match style {
        "env" => ENV,
        "sh" => SH,
        "yaml" => YAML,
        "ini" => INI,
        "properties" => PROPERTIES,
        "json" => JSON,
        "py" => PY,
        "js" => JS,
        "go" => GO,
        "java" => JAVA,
        "rs" => RS,
        "log" => LOG,
        _ => panic!("a table uses an unknown style of filling: {style}"),
    };
    let mut out = String::new();
    for _ in 0..rng.below(6) {
        let line = rng.pick(list);
        out.push_str(&expand(rng, line));
        out.push('\n');
    }
    out
}
