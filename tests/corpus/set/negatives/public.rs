//! Public keys, certificates, and what is sealed already.

use crate::set::negatives::Row;

/// Name and template.
pub const PUBLIC: &[Row] = &[
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
