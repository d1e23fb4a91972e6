//! Keepers of secrets, identity, infrastructure, crypto.

use super::{Rule, named, rule, specs, token};
use crate::secrets::checksum;

pub(super) const RULES: &[Rule] = &[
    token(
        "vault-token",
        "Vault token",
        "vault",
        &["hvs.", "hvb.", "hvr."],
        specs!["hvs.{w24+}", "hvb.{w40+}", "hvr.{w40+}"],
    )
    .examples(&["hvs.‹w24›", "hvb.‹w40›", "hvr.‹w40›"], &["hvs.x", "hvs.some_words_in_a_row_without_digits"]),
    named(
        "vault-old-token",
        "Vault token",
        "vault",
        &[
            "vault_token",
            "vault-token",
            "vault token",
            "vault.token",
            "vaulttoken",
            "x-vault-token",
            "root token",
            "vault login",
        ],
        specs!["s.{a24}", "b.{w60+}", "{a24-28}"],
    )
    .sure(0.88)
    .examples(&["VAULT_TOKEN=s.‹a24›"], &["vault_token version s.‹a24›", "vault_token_key = ‹a5›"]),
    named("vault-unseal", "Vault unseal key", "vault", &["unseal key"], specs!["{b43}=", "{b44}", "{h66}"])
        .sure(0.93)
        .examples(&["Unseal Key 1: ‹b44›", "Unseal Key 1: ‹b44›"], &["Unseal Key 1: <key>"]),
    token("terraform-token", "Terraform token", "terraform", &[".atlasv1."], specs!["{a14}.atlasv1.{w60+}"])
        .examples(&["‹a14›.atlasv1.‹w67›"], &["x.atlasv1.y"]),
    token("pulumi-token", "Pulumi token", "pulumi", &["pul-"], specs!["pul-{h40}"])
        .examples(&["pul-‹h40›"], &["pul-a"]),
    token("infracost-key", "Infracost key", "infracost", &["ico-"], specs!["ico-{a32}"])
        .examples(&["ico-‹a32›"], &["ico-x"]),
    token(
        "doppler-token",
        "Doppler token",
        "doppler",
        &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."],
        specs![
            "dp.pt.{a40+}",
            "dp.st.{k2-35}.{a40+}",
            "dp.st.{a40+}",
            "dp.ct.{a40+}",
            "dp.sa.{a40+}",
            "dp.scim.{a40+}",
            "dp.audit.{a40+}"
        ],
    )
    .examples(&["dp.pt.‹a40›", "dp.st.‹n2›.‹a40›", "dp.st.‹a40›", "dp.ct.‹a40›"], &["dp.pt.x"]),
    token(
        "onepassword-token",
        "1Password token",
        "onepassword",
        &["ops_eyj"],
        specs!["ops_eyJ{e200+}", "ops_eyJ{e80+}"],
    )
    .check(checksum::onepassword)
    .examples(&["ops_eyJ‹a200›", "ops_eyJ‹a80›"], &["ops_eyJ"]),
    token(
        "onepassword-secret-key",
        "1Password secret key",
        "onepassword",
        &["a3-"],
        specs!["!A3-{u6}-{u11}-{u5}-{u5}-{u5}", "!A3-{u6}-{u6}-{u5}-{u5}-{u5}-{u5}"],
    )
    .examples(&["A3-‹x6›-‹x11›-‹x5›-‹x5›-‹x5›", "A3-‹x6›-‹x6›-‹x5›-‹x5›-‹x5›-‹x5›"], &["A3-SIZE"]),
    rule(
        "bitwarden-token",
        "Bitwarden token",
        "bitwarden",
        &["bws_", "bitwarden"],
        r"0\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==",
    )
    .near(0)
    .examples(&["BWS_ACCESS_TOKEN=0.‹h8›-‹h4›-‹h4›-‹h4›-‹h12›.‹a30›:‹b22›=="], &["bws_access_token=x"]),
    named(
        "infisical-token",
        "Infisical token",
        "infisical",
        &["infisical"],
        specs!["st.{h24}.{h32}.{h32}", "eyJ{o80+}", "{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["INFISICAL_TOKEN=st.‹h24›.‹h32›.‹h32›"],
        &["infisical version st.‹h24›.‹h32›.‹h32›", "infisical_key = ‹a5›"],
    ),
    token(
        "age-key",
        "age secret key",
        "age",
        &["age-secret-key-"],
        specs!["AGE-SECRET-KEY-1{u58}", "AGE-SECRET-KEY-PQ-1{u58+}"],
    )
    .check(checksum::bech32)
    .examples(&["AGE-SECRET-KEY-1‹u58›"], &["AGE-SECRET-KEY-1"]),
    token(
        "age-plugin-key",
        "age plugin key",
        "age",
        &["age-plugin-"],
        specs!["AGE-PLUGIN-YUBIKEY-1{u30+}", "AGE-PLUGIN-TPM-1{u30+}", "AGE-PLUGIN-SE-1{u30+}"],
    )
    .check(checksum::bech32)
    .examples(&["AGE-PLUGIN-YUBIKEY-1‹x30›", "AGE-PLUGIN-TPM-1‹x30›", "AGE-PLUGIN-SE-1‹x30›"], &["age-plugin-yubikey"]),
    named("akeyless-key", "Akeyless key", "akeyless", &["akeyless"], specs!["{b43}="])
        .examples(&["AKEYLESS_ACCESS_KEY=‹b43›="], &["akeyless version ‹b43›=", "akeyless_key = ‹a5›"]),
    named("okta-token", "Okta token", "okta", &["okta", "ssws"], specs!["00{w40}", "{w40}", "{w64}"])
        .sure(0.92)
        .examples(
            &["OKTA_API_TOKEN=00‹w40›", "Authorization: SSWS 00‹w40›"],
            &["okta version 00‹w40›", "okta_key = ‹a5›"],
        ),
    named("auth0-secret", "Auth0 secret", "auth0", &["auth0"], specs!["{w64}"])
        .examples(&["AUTH0_CLIENT_SECRET=‹w64›"], &["auth0 version ‹w64›", "auth0_key = ‹a5›"]),
    named("onelogin-secret", "OneLogin secret", "onelogin", &["onelogin"], specs!["{h64}"])
        .examples(&["ONELOGIN_CLIENT_SECRET=‹h64›"], &["onelogin version ‹h64›", "onelogin_key = ‹a5›"]),
    named("duo-secret", "Duo secret", "duo", &["duo_", "duo-", "duo ", "duo."], specs!["{a40}"])
        .examples(&["DUO_SECRET_KEY=‹a40›"], &["duo_ version ‹a40›", "duo__key = ‹a5›"]),
    named("jumpcloud-key", "JumpCloud key", "jumpcloud", &["jumpcloud"], specs!["{a40}", "jca_{a36}"])
        .examples(&["JUMPCLOUD_API_KEY=‹a40›"], &["jumpcloud version ‹a40›", "jumpcloud_key = ‹a5›"]),
    named(
        "keycloak-secret",
        "Keycloak secret",
        "keycloak",
        &["keycloak"],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}", "{a32}"],
    )
    .examples(
        &["KEYCLOAK_CLIENT_SECRET=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["keycloak version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "keycloak_key = ‹a5›"],
    ),
    token(
        "stytch-secret",
        "Stytch secret",
        "stytch",
        &["secret-live-", "secret-test-"],
        specs!["secret-live-{w36}", "secret-test-{w36}"],
    )
    .examples(&["secret-live-‹w36›", "secret-test-‹w36›"], &["secret-live-"]),
    token(
        "authress-key",
        "Authress key",
        "authress",
        &["sc_", "ext_", "authress_"],
        specs![
            "!sc_{n5-30}.{n4-6}.acc_{p10-32}.{e30+}",
            "!ext_{n5-30}.{n4-6}.acc_{p10-32}.{e30+}",
            "!authress_{n5-30}.{n4-6}.acc_{p10-32}.{e30+}"
        ],
    )
    .examples(
        &["sc_‹n5›.‹n4›.acc_‹a10›.‹a30›", "ext_‹n5›.‹n4›.acc_‹a10›.‹a30›", "authress_‹n5›.‹n4›.acc_‹a10›.‹a30›"],
        &["sc_x"],
    ),
    token("unkey-key", "Unkey key", "unkey", &["unkey_"], specs!["unkey_{a20+}"])
        .examples(&["unkey_‹a20›"], &["unkey_"]),
    token("zuplo-key", "Zuplo key", "zuplo", &["zpka_"], specs!["zpka_{h32}_{h8}", "zpka_{n32}_{h8}"])
        .check(checksum::crc_tail)
        .examples(&["zpka_‹h32›_‹h8›", "zpka_‹n32›_‹h8›"], &["zpka_"]),
    token("truffle-key", "TruffleHog key", "trufflehog", &["thog-secret-"], specs!["thog-secret-{h32}"])
        .examples(&["thog-secret-‹h32›"], &["thog-secret-"]),
    token("nightfall-key", "Nightfall key", "nightfall", &["nf-"], specs!["!NF-{a32}"])
        .sure(0.92)
        .examples(&["NF-‹a32›"], &["NF-x"]),
    token("stackhawk-key", "StackHawk key", "stackhawk", &["hawk."], specs!["hawk.{w20}.{w20}"])
        .examples(&["hawk.‹w20›.‹w20›"], &["hawk.x"]),
    named("wiz-secret", "Wiz secret", "wiz", &["wiz_", "wiz-", "wiz ", "wiz."], specs!["{a64}"])
        .examples(&["WIZ_CLIENT_SECRET=‹a64›"], &["wiz_ version ‹a64›", "wiz__key = ‹a5›"]),
    named("lacework-secret", "Lacework secret", "lacework", &["lacework"], specs!["_{h32}", "{h32}"])
        .examples(&["LACEWORK_API_SECRET=_‹h32›"], &["lacework version _‹h32›", "lacework_key = ‹a5›"]),
    named(
        "nomad-token",
        "Nomad or Consul token",
        "hashicorp",
        &[
            "nomad_token",
            "nomad-token",
            "nomad token",
            "nomad.token",
            "nomadtoken",
            "consul_http_token",
            "consul-http-token",
            "consul http token",
            "consul.http.token",
            "consulhttptoken",
            "x-consul-token",
            "x-nomad-token",
            "consul_token",
            "consul-token",
            "consul token",
            "consul.token",
            "consultoken",
        ],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["CONSUL_HTTP_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["nomad_token version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "nomad_token_key = ‹a5›"],
    ),
    named(
        "ansible-token",
        "Ansible token",
        "ansible",
        &[
            "ansible_galaxy",
            "ansible-galaxy",
            "ansible galaxy",
            "ansible.galaxy",
            "ansiblegalaxy",
            "galaxy_token",
            "galaxy-token",
            "galaxy token",
            "galaxy.token",
            "galaxytoken",
            "tower_oauth",
            "tower-oauth",
            "tower oauth",
            "tower.oauth",
            "toweroauth",
        ],
        specs!["{h40}", "{a30}"],
    )
    .examples(&["ANSIBLE_GALAXY_TOKEN=‹h40›"], &["ansible_galaxy version ‹h40›", "ansible_galaxy_key = ‹a5›"]),
    named("meraki-key", "Meraki key", "meraki", &["meraki"], specs!["{h40}"])
        .examples(&["MERAKI_API_KEY=‹h40›"], &["meraki version ‹h40›", "meraki_key = ‹a5›"]),
    named(
        "ethereum-key",
        "Ethereum key",
        "ethereum",
        &[
            "private_key",
            "private-key",
            "private key",
            "private.key",
            "privatekey",
            "deployer",
            "mnemonic_key",
            "mnemonic-key",
            "mnemonic key",
            "mnemonic.key",
            "mnemonickey",
            "eth_key",
            "eth-key",
            "eth key",
            "eth.key",
            "ethkey",
            "wallet_key",
            "wallet-key",
            "wallet key",
            "wallet.key",
            "walletkey",
            "signer_key",
            "signer-key",
            "signer key",
            "signer.key",
            "signerkey",
        ],
        specs!["0x{H64}", "{h64}"],
    )
    .sure(0.88)
    .examples(&["DEPLOYER_PRIVATE_KEY=0x‹h64›", "PRIVATE_KEY=0x‹h64›"], &["private_key_hash=0x‹h64›"]),
    named(
        "solana-key",
        "Solana key",
        "solana",
        &["solana", "phantom", "secret_key", "secret-key", "secret key", "secret.key", "secretkey", "keypair"],
        specs!["{c86-88}"],
    )
    .examples(&["SOLANA_PRIVATE_KEY=‹c86›"], &["solana version ‹c86›", "solana_key = ‹a5›"]),
    named(
        "bitcoin-key",
        "Bitcoin key",
        "bitcoin",
        &["bitcoin", "btc_", "btc-", "btc ", "btc.", "wif", "privkey", "wallet"],
        specs!["5{c50}", "K{c51}", "L{c51}", "c{c51}", "9{c50}"],
    )
    .sure(0.88)
    .check(checksum::base58check)
    .examples(&["BTC_PRIVATE_KEY_WIF=5‹c50›"], &["bitcoin version 5‹c50›", "bitcoin_key = ‹a5›"]),
    token(
        "bitcoin-extended-key",
        "Bitcoin key",
        "bitcoin",
        &["xprv", "yprv", "zprv", "tprv", "uprv", "vprv"],
        specs!["xprv{c107}", "yprv{c107}", "zprv{c107}", "tprv{c107}", "uprv{c107}", "vprv{c107}"],
    )
    .check(checksum::base58check)
    .examples(&["xprv‹c107›", "yprv‹c107›", "zprv‹c107›", "tprv‹c107›"], &["xprv"]),
    token("nostr-key", "Nostr key", "nostr", &["nsec1"], specs!["nsec1{n58}"])
        .check(checksum::bech32)
        .examples(&["nsec1‹n58›"], &["nsec1", "npub1‹n58›"]),
    token(
        "cardano-key",
        "Cardano key",
        "cardano",
        &["ed25519_sk1", "ed25519e_sk1", "addr_xsk1", "stake_xsk1"],
        specs!["ed25519_sk1{n50+}", "ed25519e_sk1{n50+}", "addr_xsk1{n50+}", "stake_xsk1{n50+}"],
    )
    .check(checksum::bech32)
    .examples(&["ed25519_sk1‹n50›", "ed25519e_sk1‹n50›", "addr_xsk1‹n50›", "stake_xsk1‹n50›"], &["ed25519_sk1"]),
    token("sui-key", "Sui key", "sui", &["suiprivkey1"], specs!["suiprivkey1{n50+}"])
        .check(checksum::bech32)
        .examples(&["suiprivkey1‹n50›"], &["suiprivkey1"]),
    token("lightning-macaroon", "Lightning macaroon", "lightning", &["0201036c6e64"], specs!["0201036c6e64{h100+}"])
        .examples(&["0201036c6e64‹h100›"], &["0201036c6e64"]),
    named("stellar-seed", "Stellar seed", "stellar", &["stellar", "soroban"], specs!["S{s55}"])
        .sure(0.93)
        .examples(&["STELLAR_SECRET_KEY=S‹s55›"], &["stellar version S‹s55›", "stellar_key = ‹a5›"]),
    named(
        "ripple-seed",
        "XRP seed",
        "xrp",
        &["xrp", "ripple", "wallet_seed", "wallet-seed", "wallet seed", "wallet.seed", "walletseed"],
        specs!["s{c28}"],
    )
    .examples(&["XRP_WALLET_SECRET=s‹c28›"], &["xrp version s‹c28›", "xrp_key = ‹a5›"]),
    named(
        "algorand-mnemonic",
        "TRON key",
        "tron",
        &["tron_", "tron-", "tron ", "tron.", "trongrid"],
        specs!["{h64}", "{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(&["TRON_PRIVATE_KEY=‹h64›"], &["tron_ version ‹h64›", "tron__key = ‹a5›"]),
    rule(
        "jwt",
        "JSON Web Token",
        "jwt",
        &["eyj"],
        r"eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{0,})\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}",
    )
    .check(checksum::jwt)
    .sure(0.9)
    .examples(&["eyJ‹w30›.eyJ‹w60›.‹w43›"], &["eyJ.eyJ", "data:image/png;base64,eyJ‹a60›"]),
];
