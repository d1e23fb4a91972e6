//! Where a value with a name stands: files, code, logs, prose.

use crate::set::draw::Rng;
use crate::set::fill;
use crate::set::fragments;
use crate::set::kinds::Value;
use crate::set::mark;
use crate::set::template::expand_with;

/// How a context writes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is, one bare shell word.
    Word,
    /// As it is, to the end of the line.
    Line,
    /// As it is, between blanks.
    Prose,
    /// As it is, between separators.
    Cell,
    /// Between double quotes with backslashes.
    Double,
    /// Between single quotes with backslashes.
    Single,
    /// In a shell's single quotes.
    Shell,
    /// In a shell's double quotes.
    ShellDouble,
    /// With doubled single quotes.
    Sql,
    /// With doubled double quotes.
    Csv,
    /// For XML and HTML.
    Xml,
    /// Percent-encoded.
    Percent,
    /// As Java writes properties.
    Properties,
    /// ASCII JSON.
    Ascii,
    /// JSON within JSON.
    Twice,
    /// Between back quotes.
    Back,
}

impl Form {
    fn fits(self, value: &str) -> bool {
        let only = |allowed: &str| value.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c));
        match self {
            Self::Word => only("-_.:/+=@%,~"),
            Self::Line => !value.contains(['"', '\'', '\n', '\\', '#']) && !value.contains(" #"),
            Self::Prose => !value.contains([' ', '"', '\'', '\n', '<', '`', ',', '\\']),
            Self::Cell => !value.contains([',', ';', '|', '\t', '"', '\n', '<', '\\']),
            Self::Back => !value.contains(['`', '\\', '\n', '$']),
            Self::Percent => value.len() < 400,
            _ => !value.contains('\n'),
        }
    }

    fn write(self, value: &str) -> String {
        match self {
            Self::Word | Self::Line | Self::Prose | Self::Cell | Self::Back => value.to_owned(),
            Self::Double => mark::json(value),
            Self::Single => mark::single(value),
            Self::Shell => mark::shell(value),
            Self::ShellDouble => mark::shell_double(value),
            Self::Sql => mark::doubled(value, '\''),
            Self::Csv => mark::doubled(value, '"'),
            Self::Xml => mark::xml(value),
            Self::Percent => mark::percent(value),
            Self::Properties => mark::properties(value),
            Self::Ascii => mark::json_ascii(value),
            Self::Twice => mark::json(&mark::json(value)),
        }
    }
}

/// Name, weight, form, whether a name stands there, template.
type Context = (&'static str, usize, Form, bool, &'static str);

use Form::{
    Ascii, Back, Cell, Csv, Double, Line, Percent, Properties, Prose, Shell, ShellDouble, Single, Sql, Twice, Word, Xml,
};

const CONFIG: &[Context] = &[
    ("env file", 30, Line, true, "‹fill:env›‹us›=‹v›\n‹fill:env›"),
    ("env file, quoted", 14, ShellDouble, true, "‹fill:env›‹us›=\"‹v›\"\n‹fill:env›"),
    ("env file, single quotes", 8, Shell, true, "‹fill:env›‹us›='‹v›'\n‹fill:env›"),
    ("env file, comment", 4, Line, true, "‹fill:env›# ‹us›=‹v›\n‹fill:env›"),
    ("shell export", 18, Word, true, "‹fill:sh›export ‹us›=‹v›\n‹fill:sh›"),
    ("shell export, quoted", 12, ShellDouble, true, "‹fill:sh›export ‹us›=\"‹v›\"\n‹fill:sh›"),
    ("fish set", 3, Shell, true, "set -gx ‹us› '‹v›'\n‹fill:sh›"),
    ("csh setenv", 2, Word, true, "setenv ‹us› ‹v›\n"),
    ("powershell env", 5, ShellDouble, true, "$env:‹us› = \"‹v›\"\n"),
    ("cmd set", 4, Word, true, "@echo off\nset ‹us›=‹v›\ncall build.bat\n"),
    ("inline env before command", 5, Word, true, "$ ‹us›=‹v› npm run ‹word›\n"),
    ("yaml", 26, Double, true, "‹fill:yaml›‹ls›: \"‹v›\"\n‹fill:yaml›"),
    ("yaml, bare", 16, Word, true, "‹fill:yaml›‹cm›: ‹v›\n‹fill:yaml›"),
    ("yaml, single quotes", 8, Sql, true, "‹fill:yaml›‹kb›: '‹v›'\n‹fill:yaml›"),
    (
        "yaml, nested list",
        6,
        Double,
        true,
        "env:\n  - name: ‹us›\n    value: \"‹v›\"\n  - name: PORT\n    value: \"‹port›\"\n",
    ),
    ("toml", 12, Double, true, "‹fill:ini›‹ls› = \"‹v›\"\n‹fill:ini›"),
    ("toml, inline table", 4, Double, true, "[‹word›]\nauth = { user = \"‹user›\", ‹ls› = \"‹v›\" }\n"),
    ("ini", 14, Line, true, "‹fill:ini›‹ls› = ‹v›\n‹fill:ini›"),
    ("ini, tight", 5, Line, true, "‹fill:ini›‹cm›=‹v›\n"),
    ("properties", 10, Properties, true, "‹fill:properties›‹dt›=‹v›\n‹fill:properties›"),
    ("properties, colon", 3, Properties, true, "‹dt›: ‹v›\n‹fill:properties›"),
    ("json", 24, Double, true, "{\n‹fill:json›  \"‹cm›\": \"‹v›\",\n  \"enabled\": true\n}\n"),
    ("json, one line", 12, Double, true, "{\"id\":‹num›,\"‹ls›\":\"‹v›\",\"host\":\"‹host›\"}\n"),
    (
        "json, upper names",
        6,
        Double,
        true,
        "  \"env\": {\n    \"‹us›\": \"‹v›\",\n    \"NODE_ENV\": \"production\"\n  }\n",
    ),
    ("json, ascii", 3, Ascii, true, "{\"‹kb›\": \"‹v›\", \"region\": \"‹region›\"}\n"),
    (
        "json, name and value",
        5,
        Double,
        true,
        "[{\"name\": \"‹us›\", \"value\": \"‹v›\"}, {\"name\": \"PORT\", \"value\": \"‹port›\"}]\n",
    ),
    ("json in json", 6, Twice, true, "{\"level\":\"info\",\"body\":\"{\\\"‹cm›\\\":\\\"‹v›\\\",\\\"id\\\":‹num›}\"}\n"),
    ("xml element", 8, Xml, true, "<config>\n  <host>‹host›</host>\n  <‹cm›>‹v›</‹cm›>\n</config>\n"),
    ("xml attribute", 6, Xml, true, "<service name=\"‹word›\" ‹cm›=\"‹v›\" retries=\"3\"/>\n"),
    (
        "xml key value",
        5,
        Xml,
        true,
        "<appSettings>\n  <add key=\"‹ps›\" value=\"‹v›\" />\n  <add key=\"Region\" value=\"‹region›\" />\n</appSettings>\n",
    ),
    (
        "plist",
        3,
        Xml,
        true,
        "<dict>\n\t<key>‹ps›</key>\n\t<string>‹v›</string>\n\t<key>CFBundleVersion</key>\n\t<string>1.0.‹small›</string>\n</dict>\n",
    ),
    (
        "android strings",
        3,
        Xml,
        true,
        "<resources>\n    <string name=\"app_name\">‹Word›</string>\n    <string name=\"‹ls›\">‹v›</string>\n</resources>\n",
    ),
    (
        "html hidden input",
        3,
        Xml,
        true,
        "<form method=\"post\">\n  <input type=\"hidden\" name=\"‹ls›\" value=\"‹v›\">\n  <button>Send</button>\n</form>\n",
    ),
    ("html data attribute", 2, Xml, true, "<div id=\"app\" data-‹kb›=\"‹v›\"></div>\n"),
    ("html meta", 2, Xml, true, "<meta name=\"‹kb›\" content=\"‹v›\">\n"),
    ("csv", 8, Cell, true, "name,value,updated\nregion,‹region›,‹day›\n‹ls›,‹v›,‹day›\n"),
    ("csv, quoted", 5, Csv, true, "\"name\",\"value\"\n\"‹Sp›\",\"‹v›\"\n\"Region\",\"‹region›\"\n"),
    ("csv, header names", 6, Cell, true, "id,user,‹ls›,created\n‹num›,‹person›,‹v›,‹day›\n"),
    ("csv, semicolons", 3, Cell, true, "id;user;‹ls›\n‹num›;‹person›;‹v›\n"),
    ("tsv", 5, Cell, true, "id\tuser\t‹ls›\n‹num›\t‹person›\t‹v›\n"),
    ("markdown table", 7, Cell, true, "| Setting | Value |\n|---|---|\n| Region | ‹region› |\n| ‹Sp› | `‹v›` |\n"),
    (
        "markdown table, header",
        4,
        Cell,
        true,
        "| Host | User | ‹Sp› |\n|------|------|------|\n| ‹host› | ‹user› | ‹v› |\n",
    ),
    (
        "ascii table",
        5,
        Cell,
        true,
        "+------------+----------------------+\n| key        | value                |\n+------------+----------------------+\n| ‹ls› | ‹v› |\n+------------+----------------------+\n",
    ),
    (
        "aligned columns",
        3,
        Word,
        true,
        "NAME                 VALUE\nregion               ‹region›\n‹kb›           ‹v›\n",
    ),
    ("psql expanded", 2, Cell, true, "-[ RECORD 1 ]---\nid         | ‹num›\nuser       | ‹user›\n‹ls›   | ‹v›\n"),
    ("dockerfile env", 6, Word, true, "FROM debian:12\nENV ‹us›=‹v›\nRUN make\n"),
    ("dockerfile env, old", 3, Word, true, "FROM node:20\nENV ‹us› ‹v›\nEXPOSE ‹port›\n"),
    ("dockerfile arg", 3, Double, true, "FROM alpine\nARG ‹us›=\"‹v›\"\nRUN ./build.sh\n"),
    (
        "compose, map",
        7,
        Double,
        true,
        "services:\n  ‹word›:\n    image: ‹word›:1.‹small›\n    environment:\n      ‹us›: \"‹v›\"\n      TZ: UTC\n",
    ),
    ("compose, list", 7, Word, true, "services:\n  ‹word›:\n    environment:\n      - TZ=UTC\n      - ‹us›=‹v›\n"),
    ("terraform variable", 5, Double, true, "variable \"‹ls›\" {\n  type    = string\n  default = \"‹v›\"\n}\n"),
    ("terraform tfvars", 5, Double, true, "region = \"‹region›\"\n‹ls›   = \"‹v›\"\n"),
    (
        "terraform attribute",
        4,
        Double,
        true,
        "resource \"aws_db_instance\" \"‹word›\" {\n  engine = \"postgres\"\n  ‹ls› = \"‹v›\"\n}\n",
    ),
    ("ansible vars", 4, Double, true, "- hosts: all\n  vars:\n    ‹ls›: \"‹v›\"\n  tasks:\n    - ping:\n"),
    ("ansible module", 3, Word, true, "    - name: login\n      command: app login --‹kb› ‹v›\n"),
    (
        "github workflow",
        6,
        Double,
        true,
        "jobs:\n  build:\n    runs-on: ubuntu-latest\n    env:\n      ‹us›: \"‹v›\"\n    steps:\n      - uses: actions/checkout@v4\n",
    ),
    ("gitlab ci variables", 4, Double, true, "variables:\n  ‹us›: \"‹v›\"\nbuild:\n  script: make\n"),
    ("jenkinsfile", 3, Single, true, "pipeline {\n  environment {\n    ‹us› = '‹v›'\n  }\n}\n"),
    ("kubernetes configmap", 4, Double, true, "kind: ConfigMap\ndata:\n  LOG_LEVEL: info\n  ‹us›: \"‹v›\"\n"),
    ("helm values", 4, Double, true, "image:\n  tag: 1.‹small›.0\nauth:\n  ‹cm›: \"‹v›\"\n"),
    (
        "nginx",
        2,
        Double,
        true,
        "location /api {\n    proxy_set_header X-‹hd› \"‹v›\";\n    proxy_pass http://‹host›;\n}\n",
    ),
    ("systemd", 3, Word, true, "[Service]\nEnvironment=‹us›=‹v›\nRestart=always\n"),
    ("makefile", 3, Word, true, "‹us› ?= ‹v›\nbuild:\n\tgo build ./...\n"),
    ("cmake", 2, Double, true, "set(‹us› \"‹v›\")\n"),
    ("gradle", 3, Double, true, "buildConfigField \"String\", \"‹us›\", \"\\\"‹v›\\\"\"\n"),
    ("lisp", 2, Double, true, "(setq ‹kb› \"‹v›\")\n"),
    ("nix", 2, Double, true, "  services.‹word› = {\n    enable = true;\n    ‹cm› = \"‹v›\";\n  };\n"),
    ("registry file", 2, Double, true, "[HKEY_CURRENT_USER\\Software\\‹Word›]\n\"‹ps›\"=\"‹v›\"\n"),
    (
        "vscode settings",
        3,
        Double,
        true,
        "{\n  // local only\n  \"‹word›.‹cm›\": \"‹v›\",\n  \"editor.tabSize\": 2,\n}\n",
    ),
    ("rust config ron", 1, Double, true, "Config(\n    host: \"‹host›\",\n    ‹ls›: \"‹v›\",\n)\n"),
    ("hocon", 2, Double, true, "‹word› {\n  ‹kb› = \"‹v›\"\n  timeout = 5s\n}\n"),
    ("edn", 1, Double, true, "{:host \"‹host›\" :‹kb› \"‹v›\"}\n"),
];

const CODE: &[Context] = &[
    ("python assignment", 16, Double, true, "‹fill:py›‹us› = \"‹v›\"\n‹fill:py›"),
    ("python, single quotes", 8, Single, true, "‹fill:py›‹ls› = '‹v›'\n‹fill:py›"),
    ("python typed", 4, Double, true, "    ‹ls›: str = \"‹v›\"\n    timeout: int = 30\n"),
    ("python kwarg", 10, Double, true, "client = Client(region=\"‹region›\", ‹ls›=\"‹v›\")\n‹fill:py›"),
    ("python dict", 8, Double, true, "config = {\n    \"‹ls›\": \"‹v›\",\n    \"timeout\": 30,\n}\n"),
    ("python environ", 6, Double, true, "import os\nos.environ[\"‹us›\"] = \"‹v›\"\n"),
    ("python dict call", 3, Single, true, "options = dict(host='‹host›', ‹ls›='‹v›')\n"),
    ("python f-string", 3, Double, true, "print(f\"‹sp›: ‹v›\")\n"),
    ("python bytes", 2, Double, true, "‹us› = b\"‹v›\"\n"),
    ("javascript const", 14, Double, true, "‹fill:js›const ‹cm› = \"‹v›\";\n‹fill:js›"),
    ("javascript, back quotes", 4, Back, true, "const ‹cm› = `‹v›`;\n‹fill:js›"),
    ("javascript object", 10, Single, true, "module.exports = {\n  ‹cm›: '‹v›',\n  port: ‹port›,\n};\n"),
    ("javascript process.env", 4, Single, true, "process.env.‹us› = '‹v›';\n"),
    ("typescript typed", 6, Double, true, "export const ‹us›: string = \"‹v›\";\n"),
    ("typescript class", 3, Single, true, "class Api {\n  private readonly ‹cm› = '‹v›';\n}\n"),
    ("javascript call", 6, Single, true, "const api = createClient({ baseUrl: 'https://‹host›', ‹cm›: '‹v›' });\n"),
    ("jsx attribute", 2, Double, true, "<Provider ‹cm›=\"‹v›\" region=\"eu\">\n"),
    ("javascript setter", 3, Double, true, "client.set‹ps›(\"‹v›\");\n"),
    ("go const", 8, Double, true, "package main\n\nconst ‹cm› = \"‹v›\"\n‹fill:go›"),
    ("go struct field", 6, Double, true, "cfg := Config{\n\tHost: \"‹host›\",\n\t‹ps›: \"‹v›\",\n}\n"),
    ("go short", 5, Double, true, "\t‹cm› := \"‹v›\"\n‹fill:go›"),
    ("go setenv", 3, Double, true, "\tos.Setenv(\"‹us›\", \"‹v›\")\n"),
    ("go raw", 2, Back, true, "var ‹cm› = `‹v›`\n"),
    ("go map", 3, Double, true, "m := map[string]string{\"‹ls›\": \"‹v›\"}\n"),
    ("java field", 8, Double, true, "    private static final String ‹us› = \"‹v›\";\n‹fill:java›"),
    ("java setter", 4, Double, true, "        config.set‹ps›(\"‹v›\");\n"),
    ("java annotation", 3, Double, true, "    @Value(\"${‹dt›:‹v›}\")\n    private String ‹cm›;\n"),
    ("java map put", 3, Double, true, "        props.put(\"‹dt›\", \"‹v›\");\n"),
    ("java builder", 4, Double, true, "        Client.builder().region(\"‹region›\").‹cm›(\"‹v›\").build();\n"),
    ("kotlin val", 4, Double, true, "    private val ‹cm›: String = \"‹v›\"\n"),
    ("scala val", 2, Double, true, "  val ‹cm› = \"‹v›\"\n"),
    ("csharp const", 5, Double, true, "        private const string ‹ps› = \"‹v›\";\n"),
    ("csharp property", 3, Double, true, "        public string ‹ps› { get; set; } = \"‹v›\";\n"),
    ("csharp verbatim", 2, Csv, true, "        var ‹cm› = @\"‹v›\";\n"),
    ("csharp indexer", 2, Double, true, "        config[\"‹ps›\"] = \"‹v›\";\n"),
    ("rust const", 5, Double, true, "const ‹us›: &str = \"‹v›\";\n‹fill:rs›"),
    ("rust let", 4, Double, true, "    let ‹ls› = \"‹v›\";\n‹fill:rs›"),
    ("rust struct", 4, Double, true, "    Config { host: \"‹host›\".into(), ‹ls›: \"‹v›\".to_string() }\n"),
    ("rust builder", 3, Double, true, "    .‹ls›(\"‹v›\")\n    .build()?;\n"),
    ("rust raw string", 2, Line, true, "    let ‹ls› = r#\"‹v›\"#;\n"),
    ("c define", 4, Double, true, "#define ‹us› \"‹v›\"\n#define PORT ‹port›\n"),
    ("c string", 4, Double, true, "static const char ‹ls›[] = \"‹v›\";\n"),
    ("cpp constexpr", 2, Double, true, "constexpr auto k‹ps› = \"‹v›\";\n"),
    ("objective-c", 3, Double, true, "static NSString *const k‹ps› = @\"‹v›\";\n"),
    ("swift let", 4, Double, true, "    let ‹cm› = \"‹v›\"\n"),
    ("swift static", 2, Double, true, "    static let ‹cm›: String = \"‹v›\"\n"),
    ("php define", 5, Single, true, "<?php\ndefine('‹us›', '‹v›');\n"),
    ("php array", 6, Single, true, "return [\n    '‹ls›' => '‹v›',\n    'debug' => false,\n];\n"),
    ("php variable", 5, Double, true, "$‹ls› = \"‹v›\";\n"),
    ("php env default", 3, Single, true, "    'key' => env('‹us›', '‹v›'),\n"),
    ("ruby constant", 4, Single, true, "‹us› = '‹v›'.freeze\n"),
    ("ruby hash", 4, Single, true, "config = { region: '‹region›', ‹ls›: '‹v›' }\n"),
    ("ruby rocket", 3, Double, true, "options = { :‹ls› => \"‹v›\" }\n"),
    ("ruby env", 3, Single, true, "ENV['‹us›'] ||= '‹v›'\n"),
    ("ruby configure", 3, Single, true, "Service.configure do |c|\n  c.‹ls› = '‹v›'\nend\n"),
    ("perl", 3, Single, true, "my $‹ls› = '‹v›';\n"),
    ("perl hash", 2, Single, true, "my %conf = (\n    ‹ls› => '‹v›',\n);\n"),
    ("lua", 3, Double, true, "local ‹ls› = \"‹v›\"\n"),
    ("elixir config", 3, Double, true, "config :‹word›, ‹word›.Mailer,\n  ‹ls›: \"‹v›\"\n"),
    ("erlang", 1, Double, true, "{‹ls›, \"‹v›\"}.\n"),
    ("clojure", 1, Double, true, "(def ‹kb› \"‹v›\")\n"),
    ("haskell", 2, Double, true, "‹cm› :: String\n‹cm› = \"‹v›\"\n"),
    ("dart", 3, Single, true, "  static const String ‹cm› = '‹v›';\n"),
    ("r", 2, Double, true, "‹ls› <- \"‹v›\"\nSys.setenv(‹us› = \"‹v›\")\n"),
    ("matlab", 1, Single, true, "‹ls› = '‹v›';\n"),
    ("julia", 1, Double, true, "ENV[\"‹us›\"] = \"‹v›\"\n"),
    ("groovy", 2, Single, true, "def ‹cm› = '‹v›'\n"),
    ("vb", 2, Csv, true, "    Private Const ‹ps› As String = \"‹v›\"\n"),
    ("pascal", 1, Sql, true, "const\n  ‹ps› = '‹v›';\n"),
    ("powershell variable", 4, Shell, true, "$‹ps› = '‹v›'\n"),
    ("solidity comment", 1, Prose, true, "// ‹sp›: ‹v›\ncontract ‹Word› {}\n"),
    ("comment line", 6, Prose, true, "// TODO remove before release, ‹sp›: ‹v›\n‹fill:js›"),
    ("comment hash", 5, Prose, true, "# ‹sp› = ‹v›\n‹fill:py›"),
    ("comment block", 3, Prose, true, "/*\n * old ‹sp›: ‹v›\n */\n‹fill:js›"),
    (
        "test case",
        5,
        Double,
        true,
        "    def test_login(self):\n        ‹ls› = \"‹v›\"\n        self.assertTrue(login(‹ls›))\n",
    ),
    ("test fixture go", 3, Double, true, "\t\t{name: \"ok\", ‹cm›: \"‹v›\", want: 200},\n"),
    ("sql insert", 6, Sql, true, "INSERT INTO settings (name, value) VALUES ('‹ls›', '‹v›');\n"),
    ("sql columns", 4, Sql, true, "INSERT INTO accounts (id, email, ‹ls›) VALUES (‹num›, '‹mail›', '‹v›');\n"),
    ("sql update", 4, Sql, true, "UPDATE accounts SET ‹ls› = '‹v›' WHERE id = ‹num›;\n"),
    (
        "jupyter cell",
        5,
        Twice,
        true,
        "  {\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"import os\\n\",\n    \"‹us› = \\\"‹v›\\\"\\n\"\n   ]\n  },\n",
    ),
    ("jupyter cell, single quotes", 3, Double, true, "   \"source\": [\"‹ls› = '‹v›'\\n\", \"client.run()\"],\n"),
    ("graphql", 2, Double, true, "mutation { login(user: \"‹user›\", ‹cm›: \"‹v›\") { ok } }\n"),
    ("protobuf text", 1, Double, true, "server { host: \"‹host›\" ‹ls›: \"‹v›\" }\n"),
    ("vim", 1, Single, true, "let g:‹ls› = '‹v›'\n"),
];

const TALK: &[Context] = &[
    ("prose, english", 8, Prose, true, "Hi ‹Person›, the ‹sp› is ‹v› and please do not pass it on.\n"),
    ("prose, english colon", 6, Prose, true, "You asked for access. ‹Sp›: ‹v›\nBest, ‹Person›\n"),
    ("prose, back quotes", 7, Back, true, "Use the ‹sp› `‹v›` until we rotate it.\n"),
    ("prose, quoted", 4, Line, true, "I changed the ‹sp› to \"‹v›\" yesterday.\n"),
    ("prose, german", 5, Prose, true, "Hallo ‹Person›, das ‹sp› lautet ‹v› und gilt bis Freitag.\n"),
    ("prose, spanish", 4, Prose, true, "Hola, el ‹sp› es ‹v› y caduca mañana.\n"),
    ("prose, french", 3, Prose, true, "Bonjour, le ‹sp› est : ‹v› (valable jusqu'à lundi).\n"),
    ("prose, portuguese", 2, Prose, true, "Oi, a ‹sp› é ‹v›; por favor troque depois.\n"),
    ("prose, russian", 2, Prose, true, "Привет, ‹sp›: ‹v› — поменяй потом.\n"),
    ("prose, chinese", 5, Word, true, "你好，‹sp›是‹v›，请不要外传。\n"),
    ("prose, chinese colon", 4, Word, true, "请使用‹sp›：‹v›登录系统\n"),
    ("prose, japanese", 5, Word, true, "‹sp›は‹v›です。よろしくお願いします。\n"),
    ("prose, japanese brackets", 3, Prose, true, "新しい‹sp›「‹v›」を設定してください。\n"),
    ("prose, korean", 2, Word, true, "‹sp›는 ‹v› 입니다. 공유하지 마세요.\n"),
    ("chat, question", 5, Prose, true, "why do I get 401 with ‹us›=‹v› when I call ‹host›?\n"),
    ("chat, pasted prefix only", 4, Prose, false, "can you check whether ‹v› still works?\n"),
    ("chat, chinese glued", 3, Word, false, "这个‹v›还能用吗？\n"),
    ("chat, japanese glued", 3, Word, false, "キーは‹v›になりました\n"),
    ("chat, parentheses", 3, Prose, false, "deployed with the new one (‹v›) this morning\n"),
    ("chat, end of sentence", 3, Prose, false, "I accidentally pushed ‹v›.\n"),
    ("chat, list", 2, Prose, false, "- ‹host›\n- ‹v›\n- port ‹port›\n"),
    (
        "slack export",
        3,
        Double,
        true,
        "{\"type\":\"message\",\"user\":\"U‹u8›\",\"text\":\"new ‹sp›: ‹v›\",\"ts\":\"17‹d8›.000200\"}\n",
    ),
    ("commit message", 6, Prose, true, "fix: rotate ‹sp›\n\nold ‹sp› was ‹v›, revoked now\n"),
    (
        "issue template",
        3,
        Back,
        true,
        "### Steps\n1. set `‹us›=‹v›`\n2. run `‹word› serve`\n\n### Expected\nIt starts.\n",
    ),
    ("readme block", 4, Word, true, "## Setup\n\n```sh\nexport ‹us›=‹v›\nmake run\n```\n"),
    ("mail", 3, Prose, true, "From: ‹mail›\nTo: ‹mail›\nSubject: access\n\n‹Sp›: ‹v›\n"),
    ("sticky note", 2, Word, true, "‹sp› ‹v›\n"),
    ("diagram arrow", 1, Prose, true, "‹sp› -> ‹v›\n"),
];

const TRACES: &[Context] = &[
    ("shell history", 8, Word, true, "cd ~/src/‹word›\nexport ‹us›=‹v›\n./run.sh\n"),
    ("zsh history", 4, Word, true, ": 17‹d8›:0;‹us›=‹v› make deploy\n: 17‹d8›:0;git status\n"),
    ("flag, equals", 8, Word, true, "$ ‹word› deploy --region ‹region› --‹kb›=‹v›\n"),
    ("flag, blank", 8, Word, true, "$ ‹word›ctl login --user ‹user› --‹kb› ‹v› --verbose\n"),
    ("flag, quoted", 4, Shell, true, "$ ‹word› push --‹kb› '‹v›'\n"),
    ("json args", 2, Double, true, "\"args\": [\"serve\", \"--‹kb›\", \"‹v›\", \"--port\", \"‹port›\"]\n"),
    ("curl header", 6, Line, true, "curl -X POST https://‹host›/v1/‹word› -H \"X-‹hd›: ‹v›\" -d '{}'\n"),
    ("curl bearer", 6, Word, false, "curl https://‹host›/v1/‹word› -H \"Authorization: Bearer ‹v›\"\n"),
    ("curl json body", 4, Double, true, "curl -d '{\"‹ls›\": \"‹v›\"}' https://‹host›/login\n"),
    ("curl form", 3, Percent, true, "curl -X POST -d '‹ls›=‹v›&user=‹user›' https://‹host›/login\n"),
    ("url query", 7, Percent, true, "https://‹host›/api/‹word›?‹ls›=‹v›&page=2\n"),
    ("url query, last", 4, Percent, true, "GET /v2/‹word›?limit=5&‹cm›=‹v› HTTP/1.1\nHost: ‹host›\n"),
    ("form body", 4, Percent, true, "‹ls›=‹v›&remember=1&user=‹user›\n"),
    (
        "access log",
        4,
        Percent,
        true,
        "‹ip› - - [01/Feb/2025:‹clock› +0000] \"GET /cb?‹ls›=‹v› HTTP/1.1\" 200 512 \"-\" \"curl/8.5\"\n",
    ),
    ("http header", 5, Line, true, "POST /v1/‹word› HTTP/1.1\nHost: ‹host›\nX-‹hd›: ‹v›\nContent-Length: 0\n"),
    ("log, key value", 7, Word, true, "‹day›T‹clock›Z INFO  starting worker id=‹num› ‹ls›=‹v› region=‹region›\n"),
    ("log, message", 6, Prose, true, "‹day› ‹clock› [main] DEBUG c.a.‹Word› - using ‹sp›: ‹v›\n‹fill:log›"),
    (
        "log, json",
        6,
        Double,
        true,
        "{\"ts\":\"‹day›T‹clock›Z\",\"level\":\"debug\",\"msg\":\"config\",\"‹ls›\":\"‹v›\"}\n",
    ),
    ("log, python repr", 4, Single, true, "‹day› ‹clock› DEBUG settings={'host': '‹host›', '‹ls›': '‹v›'}\n"),
    ("log, ruby inspect", 2, Double, true, "Parameters: {\"user\"=>\"‹user›\", \"‹ls›\"=>\"‹v›\"}\n"),
    ("log, java toString", 3, Cell, true, "‹clock› INFO Config(host=‹host›, ‹cm›=‹v›, port=‹port›)\n"),
    ("log, go struct", 3, Word, true, "‹clock› config: {Host:‹host› ‹ps›:‹v› Port:‹port›}\n"),
    ("log, rust debug", 3, Double, true, "DEBUG Config { host: \"‹host›\", ‹ls›: \"‹v›\", port: ‹port› }\n"),
    ("log, go %q", 2, Double, true, "level=debug msg=\"loaded\" ‹ls›=\"‹v›\"\n"),
    (
        "log, ansi colours",
        6,
        Word,
        true,
        "\u{1b}[32mINFO\u{1b}[0m ‹clock› \u{1b}[36m‹ls›\u{1b}[0m=\u{1b}[33m‹v›\u{1b}[0m\n",
    ),
    ("log, ansi bold value", 3, Word, false, "\u{1b}[1mtoken created:\u{1b}[0m \u{1b}[1;35m‹v›\u{1b}[0m\n"),
    ("log, syslog", 3, Word, true, "Feb  1 ‹clock› ‹host› ‹word›[‹num›]: auth ok ‹ls›=‹v›\n"),
    ("set -x trace", 4, Word, true, "+ ‹us›=‹v›\n+ ./deploy.sh ‹region›\n"),
    ("env dump", 6, Line, true, "HOME=/home/‹person›\nPATH=/usr/bin:/bin\n‹us›=‹v›\nSHLVL=1\n"),
    (
        "docker inspect",
        3,
        Double,
        true,
        "            \"Env\": [\n                \"PATH=/usr/bin\",\n                \"‹us›=‹v›\"\n            ],\n",
    ),
    ("process list", 4, Word, true, "root  ‹num›  0.0  0.1 java -D‹dt›=‹v› -jar app.jar\n"),
    (
        "stack trace",
        4,
        Prose,
        true,
        "Traceback (most recent call last):\n  File \"/app/main.py\", line ‹small›, in <module>\nValueError: invalid ‹sp›: ‹v›\n",
    ),
    (
        "stack trace, java",
        3,
        Prose,
        true,
        "java.lang.IllegalStateException: bad ‹sp› [‹v›]\n\tat com.acme.‹Word›.run(‹Word›.java:‹small›)\n",
    ),
    (
        "error with arguments",
        3,
        Single,
        true,
        "TypeError: connect() got an unexpected keyword argument: {'‹ls›': '‹v›'}\n",
    ),
    (
        "rust panic",
        2,
        Double,
        true,
        "thread 'main' panicked at src/main.rs:‹small›:5:\ncalled `Result::unwrap()` on an `Err` value: Auth { ‹ls›: \"‹v›\" }\n",
    ),
    ("git config", 3, Word, true, "[‹word›]\n\t‹cm› = ‹v›\n[core]\n\tbare = false\n"),
    (
        "git log patch",
        5,
        Line,
        true,
        "commit ‹h40›\nAuthor: ‹Person› <‹mail›>\nDate:   Mon Feb 3 ‹clock› 2025 +0100\n\n    config\n\ndiff --git a/.env b/.env\n--- a/.env\n+++ b/.env\n@@ -1,2 +1,3 @@\n PORT=‹port›\n+‹us›=‹v›\n",
    ),
    ("grep output", 4, Double, true, "‹file›:‹small›:    ‹ls› = \"‹v›\"\n"),
    ("ripgrep heading", 2, Double, true, "‹file›\n‹small›:const ‹cm› = \"‹v›\";\n"),
    (
        "terraform plan",
        3,
        Double,
        true,
        "  + resource \"aws_ssm_parameter\" \"‹word›\" {\n      + name  = \"/‹word›/‹kb›\"\n      + ‹ls› = \"‹v›\"\n    }\n",
    ),
    ("ansible output", 2, Double, true, "ok: [‹host›] => {\n    \"‹ls›\": \"‹v›\"\n}\n"),
    ("redis monitor", 2, Double, true, "17‹d8›.123456 [0 ‹ip›:50000] \"SET\" \"‹ls›\" \"‹v›\"\n"),
    (
        "mongo document",
        3,
        Double,
        true,
        "{ \"_id\" : ObjectId(\"‹h24›\"), \"user\" : \"‹person›\", \"‹cm›\" : \"‹v›\" }\n",
    ),
    ("har query", 2, Double, true, "\"queryString\": [{\"name\": \"‹ls›\", \"value\": \"‹v›\"}]\n"),
    ("wireshark text", 1, Line, true, "    HTML Form URL Encoded\n        Form item: \"‹ls›\" = \"‹v›\"\n"),
    (
        "tool call",
        4,
        Twice,
        true,
        "{\"type\":\"function\",\"function\":{\"name\":\"run\",\"arguments\":\"{\\\"command\\\":\\\"login\\\",\\\"‹ls›\\\":\\\"‹v›\\\"}\"}}\n",
    ),
    ("python repr list", 1, Single, true, "['--user', '‹user›', '--‹kb›', '‹v›']\n"),
    ("hidden after tag", 1, Prose, false, "<b>‹v›</b> is what support gave me\n"),
    ("path segment", 2, Word, false, "https://‹host›/hooks/‹v›/run\n"),
];

/// Puts a value into one of the contexts that can hold it, and that into an outer one; answers with the text and both
/// names.
pub fn around(rng: &mut Rng, value: &Value, needs_name: bool) -> (String, String) {
    place(rng, value, |context| context.3 || !needs_name)
}

/// Puts a reference or a placeholder where a value would stand. Nobody percent-encodes one.
pub fn instead(rng: &mut Rng, value: &Value) -> (String, String) {
    place(rng, value, |context| context.3 && context.2 != Percent)
}

fn place(rng: &mut Rng, value: &Value, may: impl Fn(&Context) -> bool) -> (String, String) {
    let plain = mark::plain(&value.text);
    let fitting: Vec<&Context> = [CONFIG, CODE, TALK, TRACES]
        .into_iter()
        .flatten()
        .filter(|context| context.2.fits(&plain) && may(context))
        .collect();
    let at = rng.weighted(fitting.iter().map(|context| context.1));
    let (name, _, form, _, template) = fitting[at];
    let written = form.write(&value.text);
    let text = expand_with(rng, template, &mut |rng, field| match field {
        "v" => Some(written.clone()),
        "us" | "ls" | "kb" | "dt" | "sp" | "Sp" | "ps" | "hd" | "cm" => Some(value.name.written(field)),
        field => field.strip_prefix("fill:").map(|style| fill::lines(rng, style)),
    });
    fragments::wrap(rng, &text, name)
}
