//! Hashes, lock files, digests, object ids.

use crate::set::negatives::Row;

/// Name and template.
pub const HASHES: &[Row] = &[
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
