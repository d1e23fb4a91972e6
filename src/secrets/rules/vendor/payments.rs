//! Payment, banking, shops and shipping.

use super::{Rule, named, specs, token};

pub(super) const RULES: &[Rule] = &[
    token(
        "stripe-key",
        "Stripe key",
        "stripe",
        &["sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_", "sk_org_live_", "sk_org_test_"],
        specs![
            "sk_live_{a16+}",
            "sk_test_{a16+}",
            "sk_prod_{a16+}",
            "rk_live_{a16+}",
            "rk_test_{a16+}",
            "rk_prod_{a16+}",
            "sk_org_live_{a16+}",
            "sk_org_test_{a16+}",
            "sk_live_51{a16+}"
        ],
    )
    .examples(
        &["sk_live_‹a16›", "sk_test_‹a16›", "sk_prod_‹a16›", "rk_live_‹a16›", "sk_live_‹a99›"],
        &["sk_test_...", "pk_live_‹a24›", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"],
    ),
    token("stripe-webhook-secret", "Stripe webhook secret", "stripe", &["whsec_"], specs!["whsec_{e24+}"])
        .examples(&["whsec_‹a24›"], &["whsec_...", "whsec_test_secret"]),
    token(
        "stripe-client-secret",
        "Stripe client secret",
        "stripe",
        &["pi_", "seti_", "cs_live_"],
        specs!["pi_{a24}_secret_{a24-32}", "seti_{a24}_secret_{a24-32}", "cs_live_{a40+}_secret_{a24-64}"],
    )
    .sure(0.93)
    .examples(&["pi_‹a24›_secret_‹a24›", "seti_‹a24›_secret_‹a24›", "cs_live_‹a40›_secret_‹a24›"], &["pi_estimate"]),
    token(
        "square-token",
        "Square token",
        "square",
        &["eaaa", "sq0atp-", "sq0csp-", "sq0isp-", "sandbox-sq0csb-"],
        specs!["EAAA{w60}", "sq0atp-{w22+}", "sq0csp-{w40+}", "sq0isp-{w22+}", "sandbox-sq0csb-{w40+}"],
    )
    .sure(0.93)
    .examples(&["EAAA‹w60›", "sq0atp-‹w22›", "sq0csp-‹w40›", "sq0isp-‹w22›"], &["EAAA"]),
    token(
        "shopify-token",
        "Shopify token",
        "shopify",
        &["shpat_", "shpca_", "shppa_", "shpss_", "shptka_", "shpua_", "shpit_"],
        specs![
            "shpat_{H32}",
            "shpca_{H32}",
            "shppa_{H32}",
            "shpss_{H32}",
            "shptka_{H32}",
            "shpua_{H32}",
            "shpit_{H32}"
        ],
    )
    .examples(&["shpat_‹h32›", "shpca_‹h32›", "shppa_‹h32›", "shpss_‹h32›"], &["shpat_"]),
    token(
        "shopify-partner-token",
        "Shopify token",
        "shopify",
        &["prtapi_", "atkn_", "shpcli_"],
        specs!["prtapi_{h32}", "atkn_{h32+}", "shpcli_{w30+}"],
    )
    .examples(&["prtapi_‹h32›", "atkn_‹h32›", "shpcli_‹w30›"], &["prtapi_"]),
    token(
        "braintree-token",
        "Braintree token",
        "braintree",
        &["access_token$"],
        specs!["access_token$production${n16}$({h32})", "access_token$sandbox${n16}$({h32})"],
    )
    .examples(&["access_token$production$abcdefgh12345678$‹h32›"], &["access_token$x"]),
    named("braintree-key", "Braintree key", "braintree", &["braintree"], specs!["{h32}"])
        .examples(&["BRAINTREE_PRIVATE_KEY=‹h32›"], &["braintree version ‹h32›", "braintree_key = ‹a5›"]),
    named("paypal-secret", "PayPal secret", "paypal", &["paypal"], specs!["E{w79}", "{w80}"])
        .sure(0.92)
        .examples(&["PAYPAL_CLIENT_SECRET=E‹w79›"], &["paypal version E‹w79›", "paypal_key = ‹a5›"]),
    token(
        "plaid-token",
        "Plaid token",
        "plaid",
        &["access-sandbox-", "access-production-", "access-development-"],
        specs![
            "access-sandbox-{h8}-{h4}-{h4}-{h4}-{h12}",
            "access-production-{h8}-{h4}-{h4}-{h4}-{h12}",
            "access-development-{h8}-{h4}-{h4}-{h4}-{h12}"
        ],
    )
    .examples(
        &[
            "access-sandbox-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "access-production-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
            "access-development-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
        ],
        &["access-sandbox-x"],
    ),
    named("plaid-secret", "Plaid secret", "plaid", &["plaid"], specs!["{h30}"])
        .examples(&["PLAID_SECRET=‹h30›"], &["plaid version ‹h30›", "plaid_key = ‹a5›"]),
    token("adyen-key", "Adyen key", "adyen", &["aqe"], specs!["AQE{a2}hm{e60+}", "AQE{e80+}"])
        .sure(0.93)
        .examples(&["AQE‹a2›hm‹a60›", "AQE‹a80›"], &["AQE"]),
    token(
        "mollie-key",
        "Mollie key",
        "mollie",
        &["live_", "test_", "access_"],
        specs!["!live_{a30}", "!test_{a30}", "!access_{a30}"],
    )
    .sure(0.85)
    .examples(&["live_‹a30›", "test_‹a30›", "access_‹a30›"], &["live_x", "test_that_the_thing_works_as_expected"]),
    token("gocardless-token", "GoCardless token", "gocardless", &["live_"], specs!["!live_{w40}"])
        .sure(0.9)
        .examples(&["live_‹w40›"], &["live_"]),
    token("lob-key", "Lob key", "lob", &["live_", "test_"], specs!["!live_{h35}", "!test_{h35}"])
        .sure(0.93)
        .examples(&["live_‹h35›", "test_‹h35›"], &["test_x"]),
    token(
        "checkout-key",
        "Checkout.com key",
        "checkout",
        &["sk_"],
        specs!["!sk_{h8}-{h4}-{h4}-{h4}-{h12}", "!sk_test_{h8}-{h4}-{h4}-{h4}-{h12}", "!sk_sbox_{n26-40}"],
    )
    .sure(0.93)
    .examples(&["sk_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "sk_test_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "sk_sbox_‹n26›"], &["sk_‹h8›"]),
    token(
        "razorpay-key",
        "Razorpay key",
        "razorpay",
        &["rzp_live_", "rzp_test_"],
        specs!["rzp_live_{a14}", "rzp_test_{a14}"],
    )
    .sure(0.9)
    .examples(&["rzp_live_‹a14›", "rzp_test_‹a14›"], &["rzp_live_"]),
    named("razorpay-secret", "Razorpay secret", "razorpay", &["razorpay"], specs!["{a24}"])
        .examples(&["RAZORPAY_KEY_SECRET=‹a24›"], &["razorpay version ‹a24›", "razorpay_key = ‹a5›"]),
    token(
        "paystack-key",
        "Paystack key",
        "paystack",
        &["sk_live_", "sk_test_"],
        specs!["sk_live_{h40}", "sk_test_{h40}"],
    )
    .examples(&["sk_live_‹h40›", "sk_test_‹h40›"], &["sk_live_"]),
    token(
        "flutterwave-key",
        "Flutterwave key",
        "flutterwave",
        &["flwseck"],
        specs!["FLWSECK-{n32}-X", "FLWSECK_TEST-{n32}-X", "FLWSECK_TEST{n12}", "FLWSECK_TEST-{n12}"],
    )
    .examples(
        &["FLWSECK-‹n32›-X", "FLWSECK_TEST-‹n32›-X", "FLWSECK_TEST‹n12›", "FLWSECK_TEST-‹n12›"],
        &["FLWSECK-", "FLWPUBK_TEST-‹h32›-X"],
    ),
    token(
        "paddle-key",
        "Paddle key",
        "paddle",
        &["pdl_live_apikey_", "pdl_sdbx_apikey_", "pdl_ntfset_"],
        specs!["pdl_live_apikey_{n26}_{a22}_{a3}", "pdl_sdbx_apikey_{n26}_{a22}_{a3}", "pdl_ntfset_{n26}_{b32+}"],
    )
    .examples(
        &["pdl_live_apikey_‹n26›_‹a22›_‹a3›", "pdl_sdbx_apikey_‹n26›_‹a22›_‹a3›", "pdl_ntfset_‹n26›_‹b32›"],
        &["pdl_live_apikey_"],
    ),
    token(
        "polar-token",
        "Polar token",
        "polar",
        &["polar_oat_", "polar_pat_", "polar_at_", "polar_rt_", "polar_whs_", "polar_cs_", "polar_ci_"],
        specs![
            "polar_oat_{w20+}",
            "polar_pat_{w20+}",
            "polar_at_{w20+}",
            "polar_rt_{w20+}",
            "polar_whs_{w20+}",
            "polar_cs_{w20+}",
            "polar_ci_{w20+}"
        ],
    )
    .examples(&["polar_oat_‹w20›", "polar_pat_‹w20›", "polar_at_‹w20›", "polar_rt_‹w20›"], &["polar_oat_"]),
    token(
        "xendit-key",
        "Xendit key",
        "xendit",
        &["xnd_production_", "xnd_development_"],
        specs!["xnd_production_{a40+}", "xnd_development_{a40+}"],
    )
    .examples(&["xnd_production_‹a40›", "xnd_development_‹a40›"], &["xnd_production_"]),
    token("midtrans-key", "Midtrans key", "midtrans", &["mid-server-"], specs!["Mid-server-{w16-30}"])
        .sure(0.93)
        .examples(&["Mid-server-‹w16›"], &["Mid-server-"]),
    token(
        "pagarme-key",
        "Pagar.me key",
        "pagarme",
        &["ak_live_", "ak_test_"],
        specs!["ak_live_{a30}", "ak_test_{a30}"],
    )
    .examples(&["ak_live_‹a30›", "ak_test_‹a30›"], &["ak_live_"]),
    token(
        "asaas-key",
        "Asaas key",
        "asaas",
        &["$aact_"],
        specs!["$aact_prod_{e40+}", "$aact_hmlg_{e40+}", "$aact_{e60+}"],
    )
    .examples(&["$aact_prod_‹a40›", "$aact_hmlg_‹a40›", "$aact_‹a60›"], &["$aact_x"]),
    token(
        "mercadopago-token",
        "Mercado Pago token",
        "mercadopago",
        &["app_usr-", "test-"],
        specs![
            "APP_USR-{d14-18}-{d6}-{h32}-{d6-12}",
            "TEST-{d14-18}-{d6}-{h32}-{d6-12}",
            "APP_USR-{h8}-{h4}-{h4}-{h4}-{h12}"
        ],
    )
    .examples(
        &["APP_USR-‹d14›-‹d6›-‹h32›-‹d6›", "TEST-‹d14›-‹d6›-‹h32›-‹d6›", "APP_USR-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["APP_USR-x", "TEST-1234"],
    ),
    token(
        "mercury-token",
        "Mercury token",
        "mercury",
        &["mercury_production_"],
        specs!["mercury_production_{z3-6}_{a40-50}_yrucrem"],
    )
    .examples(&["mercury_production_‹z3›_‹a40›_yrucrem"], &["mercury_production_"]),
    token("ramp-secret", "Ramp secret", "ramp", &["ramp_sec_"], specs!["ramp_sec_{a40+}"])
        .examples(&["ramp_sec_‹a40›"], &["ramp_sec_"]),
    token(
        "highnote-key",
        "Highnote or WorkOS key",
        "highnote",
        &["sk_live_a2v5xz", "sk_test_a2v5xz"],
        specs!["sk_live_a2V5Xz{e40+}", "sk_test_a2V5Xz{e40+}"],
    )
    .examples(&["sk_live_a2V5Xz‹a40›", "sk_test_a2V5Xz‹a40›"], &["sk_live_a2V5Xz"]),
    named("chargebee-key", "Chargebee key", "chargebee", &["chargebee"], specs!["live_{a30-60}", "test_{a30-60}"])
        .sure(0.92)
        .examples(&["CHARGEBEE_API_KEY=live_‹a30›"], &["chargebee version live_‹a30›", "chargebee_key = ‹a5›"]),
    named("recurly-key", "Recurly key", "recurly", &["recurly"], specs!["{h32}"])
        .examples(&["RECURLY_PRIVATE_KEY=‹h32›"], &["recurly version ‹h32›", "recurly_key = ‹a5›"]),
    named(
        "wise-token",
        "Wise token",
        "wise",
        &[
            "transferwise",
            "wise_api",
            "wise-api",
            "wise api",
            "wise.api",
            "wiseapi",
            "wise_",
            "wise-",
            "wise ",
            "wise.",
        ],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["WISE_API_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["transferwise version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "transferwise_key = ‹a5›"],
    ),
    named(
        "klarna-secret",
        "Klarna secret",
        "klarna",
        &["klarna"],
        specs!["klarna_live_api_{e40+}", "klarna_test_api_{e40+}"],
    )
    .sure(0.95)
    .examples(&["KLARNA_SECRET=klarna_live_api_‹a40›"], &["klarna version klarna_live_api_‹a40›", "klarna_key = ‹a5›"]),
    named("coinbase-secret", "Coinbase key", "coinbase", &["coinbase"], specs!["{a32}", "{w64}", "{b86}=="])
        .examples(&["COINBASE_API_SECRET=‹a32›"], &["coinbase version ‹a32›", "coinbase_key = ‹a5›"]),
    named("binance-key", "Binance key", "binance", &["binance"], specs!["{a64}"])
        .examples(&["BINANCE_API_SECRET=‹a64›"], &["binance version ‹a64›", "binance_key = ‹a5›"]),
    named("kraken-key", "Kraken key", "kraken", &["kraken"], specs!["{b86}==", "{b56}"])
        .examples(&["KRAKEN_API_SECRET=‹b86›=="], &["kraken version ‹b86›==", "kraken_key = ‹a5›"]),
    named("kucoin-key", "KuCoin key", "kucoin", &["kucoin"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}", "{h24}"]).examples(
        &["KUCOIN_API_SECRET=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["kucoin version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "kucoin_key = ‹a5›"],
    ),
    named(
        "bybit-key",
        "Bybit key",
        "bybit",
        &["bybit", "okx_", "okx-", "okx ", "okx.", "bitfinex", "bitmex", "gateio", "huobi"],
        specs!["{a36}", "{h32}", "{a43}", "{h64}"],
    )
    .examples(&["BYBIT_API_SECRET=‹a36›"], &["bybit version ‹a36›", "bybit_key = ‹a5›"]),
    token("robinhood-key", "Robinhood key", "robinhood", &["rh-api-"], specs!["rh-api-{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(&["rh-api-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"], &["rh-api-"]),
    named("alpaca-key", "Alpaca key", "alpaca", &["alpaca", "apca"], specs!["{a40}", "{a44}"])
        .examples(&["APCA_API_SECRET_KEY=‹a40›"], &["alpaca version ‹a40›", "alpaca_key = ‹a5›"]),
    token(
        "duffel-token",
        "Duffel token",
        "duffel",
        &["duffel_test_", "duffel_live_"],
        specs!["duffel_test_{w40+}", "duffel_live_{w40+}"],
    )
    .examples(&["duffel_test_‹w40›", "duffel_live_‹w40›"], &["duffel_test_"]),
    token("easypost-key", "EasyPost key", "easypost", &["ezak", "eztk"], specs!["EZAK{a54}", "EZTK{a54}"])
        .examples(&["EZAK‹a54›", "EZTK‹a54›"], &["EZAK"]),
    token(
        "shippo-token",
        "Shippo token",
        "shippo",
        &["shippo_live_", "shippo_test_"],
        specs!["shippo_live_{H40}", "shippo_test_{H40}"],
    )
    .examples(&["shippo_live_‹h40›", "shippo_test_‹h40›"], &["shippo_live_"]),
    token("flexport-token", "Flexport token", "flexport", &["shltm_"], specs!["shltm_{w40}"])
        .examples(&["shltm_‹w40›"], &["shltm_"]),
    token("samsara-token", "Samsara token", "samsara", &["samsara_api_"], specs!["samsara_api_{a24+}"])
        .examples(&["samsara_api_‹a24›"], &["samsara_api_"]),
    token(
        "ebay-secret",
        "eBay secret",
        "ebay",
        &["prd-", "sbx-"],
        specs![
            "!PRD-{h8}-{h4}-{h4}-{h4}-{h4-12}",
            "!SBX-{h8}-{h4}-{h4}-{h4}-{h4-12}",
            "!PRD-{h12}-{h4}-{h4}-{h4}-{h4}",
            "!SBX-{h12}-{h4}-{h4}-{h4}-{h4}"
        ],
    )
    .sure(0.92)
    .examples(
        &[
            "PRD-‹h8›-‹h4›-‹h4›-‹h4›-‹h4›",
            "SBX-‹h8›-‹h4›-‹h4›-‹h4›-‹h4›",
            "PRD-‹h12›-‹h4›-‹h4›-‹h4›-‹h4›",
            "SBX-‹h12›-‹h4›-‹h4›-‹h4›-‹h4›",
        ],
        &["PRD-1234"],
    ),
    named("etsy-key", "Etsy key", "etsy", &["etsy"], specs!["{n24}"])
        .examples(&["ETSY_API_KEY=‹n24›"], &["etsy version ‹n24›", "etsy_key = ‹a5›"]),
    token(
        "fleetbase-key",
        "Fleetbase key",
        "fleetbase",
        &["flb_live_", "flb_test_"],
        specs!["flb_live_{a20+}", "flb_test_{a20+}"],
    )
    .examples(&["flb_live_‹a20›", "flb_test_‹a20›"], &["flb_live_"]),
    token("walmart-key", "WooCommerce secret", "woocommerce", &["cs_", "ck_"], specs!["!cs_{h40}", "!ck_{h40}"])
        .sure(0.93)
        .examples(&["cs_‹h40›", "ck_‹h40›"], &["cs_x"]),
    token(
        "recharge-token",
        "Recharge token",
        "recharge",
        &["sk_"],
        specs!["sk_{d1-2}x{d1}_{h64}", "sk_test_{d1-2}x{d1}_{h64}"],
    )
    .examples(&["sk_‹d1›x‹d1›_‹h64›", "sk_test_‹d1›x‹d1›_‹h64›"], &["sk_1x1_"]),
];
