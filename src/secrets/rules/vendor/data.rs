//! Databases, stores, streams, search and maps.

use super::{Look, Rule, named, rule, specs, token};
use crate::secrets::checksum;

pub(super) const RULES: &[Rule] = &[
    token(
        "databricks-token",
        "Databricks token",
        "databricks",
        &["dapi", "dose", "dkea", "dsapi"],
        specs!["dapi{h32}?-{d1}", "dose{h32}", "dkea{h32}", "dsapi{h32}"],
    )
    .sure(0.95)
    .examples(&["dapi‹h32›-‹d1›", "dose‹h32›", "dkea‹h32›", "dsapi‹h32›"], &["dapi", "dosebackend"]),
    named("snowflake-token", "Snowflake token", "snowflake", &["snowflake"], specs!["{w180+}", "eyJ{o200+}"]).examples(
        &["SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN=‹w220›"],
        &["snowflake version ‹w180›", "snowflake_key = ‹a5›"],
    ),
    token("confluent-secret", "Confluent secret", "confluent", &["cflt"], specs!["cflt{b60}"])
        .check(checksum::crc_tail)
        .examples(&["cflt‹b60›"], &["cflt"]),
    named("confluent-key", "Confluent secret", "confluent", &["confluent", "ccloud"], specs!["{b64}"])
        .examples(&["CONFLUENT_API_SECRET=‹b64›"], &["confluent version ‹b64›", "confluent_key = ‹a5›"]),
    token(
        "planetscale-token",
        "PlanetScale token",
        "planetscale",
        &["pscale_tkn_", "pscale_pw_", "pscale_oauth_", "pscale_api_"],
        specs!["pscale_tkn_{o32+}", "pscale_pw_{o32+}", "pscale_oauth_{o32+}", "pscale_api_{o32+}"],
    )
    .examples(&["pscale_tkn_‹a32›", "pscale_pw_‹a32›", "pscale_oauth_‹a32›", "pscale_api_‹a32›"], &["pscale_tkn_"]),
    token("neon-key", "Neon key", "neon", &["napi_", "npg_"], specs!["napi_{a40+}", "npg_{a12-20}"])
        .sure(0.93)
        .examples(&["napi_‹a40›", "npg_‹a12›"], &["napi_env", "napi_create_string_utf8", "npg_x"]),
    named("turso-token", "Turso token", "turso", &["turso"], specs!["eyJ{o60+}"])
        .examples(&["TURSO_AUTH_TOKEN=eyJ‹a60›"], &["turso version eyJ‹a60›", "turso_key = ‹a5›"]),
    token(
        "supabase-key",
        "Supabase key",
        "supabase",
        &["sbp_", "sb_secret_"],
        specs!["sbp_{h40}", "sbp_oauth_{h40}", "sbp_v0_{h40}", "sb_secret_{w22+}"],
    )
    .examples(&["sbp_‹h40›", "sbp_oauth_‹h40›", "sbp_v0_‹h40›", "sb_secret_‹w22›"], &["sbp_", "sb_publishable_‹w31›"]),
    token("atlas-secret", "MongoDB Atlas secret", "mongodb", &["mdb_sa_sk_"], specs!["mdb_sa_sk_{w40}"])
        .examples(&["mdb_sa_sk_‹w40›"], &["mdb_sa_sk_"]),
    named(
        "atlas-key",
        "MongoDB Atlas key",
        "mongodb",
        &[
            "mongodb_atlas",
            "mongodb-atlas",
            "mongodb atlas",
            "mongodb.atlas",
            "mongodbatlas",
            "atlas_private",
            "atlas-private",
            "atlas private",
            "atlas.private",
            "atlasprivate",
            "atlas_api",
            "atlas-api",
            "atlas api",
            "atlas.api",
            "atlasapi",
            "mcli_private",
            "mcli-private",
            "mcli private",
            "mcli.private",
            "mcliprivate",
            "atlas_",
            "atlas-",
            "atlas ",
            "atlas.",
        ],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["ATLAS_PRIVATE_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["mongodb_atlas version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "mongodb_atlas_key = ‹a5›"],
    ),
    token("astra-token", "Astra DB token", "astra", &["astracs:"], specs!["AstraCS:{a20-24}:{h64}", "AstraCS:{a20+}"])
        .examples(&["AstraCS:‹a20›:‹h64›", "AstraCS:‹a20›"], &["AstraCS:"]),
    named(
        "upstash-token",
        "Upstash token",
        "upstash",
        &["upstash"],
        specs!["A{w30-100}?=", "{h32}", "{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(&[r#"UPSTASH_REDIS_REST_TOKEN="A‹w58›=""#], &["upstash version A‹w30›=", "upstash_key = ‹a5›"]),
    named("redis-cloud-key", "Redis Cloud key", "redis", &["rediscloud", "redislabs"], specs!["{a48-60}", "S{n45-60}"])
        .examples(&["REDISCLOUD_SECRET_KEY=‹a48›"], &["rediscloud version ‹a48›", "rediscloud_key = ‹a5›"]),
    token("aiven-token", "Aiven token", "aiven", &["avns_", "aivenv1"], specs!["AVNS_{w16-24}", "aivenv1{b90+}"])
        .sure(0.93)
        .examples(&["AVNS_‹w16›", "aivenv1‹b90›"], &["AVNS_"]),
    named("aiven-api", "Aiven token", "aiven", &["aiven"], specs!["{b372}"])
        .examples(&["AIVEN_TOKEN=‹b372›"], &["aiven version ‹b372›", "aiven_key = ‹a5›"]),
    token("clickhouse-key", "ClickHouse key", "clickhouse", &["4b1d"], specs!["!4b1d{a38}"])
        .sure(0.92)
        .examples(&["4b1d‹a38›"], &["4b1d"]),
    named("influx-token", "InfluxDB token", "influx", &["influx"], specs!["{w86}==", "{w60-100}"])
        .examples(&["INFLUXDB_TOKEN=‹w86›=="], &["influx version ‹w86›==", "influx_key = ‹a5›"]),
    token("tinybird-token", "Tinybird token", "tinybird", &["p.eyj"], specs!["p.eyJ{w20+}.{w20+}"])
        .examples(&["p.eyJ‹w80›.‹w43›"], &["p.eyJ"]),
    named("elastic-cloud-key", "Elastic key", "elastic", &["elastic"], specs!["{b58}==", "{b80}", "{a24}"])
        .examples(&["ELASTIC_API_KEY=‹b58›=="], &["elastic version ‹b58›==", "elastic_key = ‹a5›"]),
    named("algolia-key", "Algolia key", "algolia", &["algolia"], specs!["{h32}"])
        .examples(&["ALGOLIA_ADMIN_KEY=‹h32›"], &["algolia_search_key=‹h32›"]),
    named("typesense-key", "Typesense key", "typesense", &["typesense"], specs!["{a32}", "{a50}"])
        .examples(&["TYPESENSE_API_KEY=‹a32›"], &["typesense version ‹a32›", "typesense_key = ‹a5›"]),
    named("meili-key", "Meilisearch key", "meili", &["meili"], specs!["{h64}", "{w43}"])
        .examples(&["MEILI_MASTER_KEY=‹h64›"], &["meili version ‹h64›", "meili_key = ‹a5›"]),
    named("qdrant-key", "Qdrant key", "qdrant", &["qdrant"], specs!["{w54}", "{w50-60}"])
        .examples(&["QDRANT_API_KEY=‹w54›"], &["qdrant version ‹w54›", "qdrant_key = ‹a5›"]),
    named(
        "weaviate-key",
        "Weaviate key",
        "weaviate",
        &["weaviate", "wcd_", "wcd-", "wcd ", "wcd."],
        specs!["{a36}", "{a40}", "{b90+}"],
    )
    .examples(&["WEAVIATE_API_KEY=‹a36›"], &["weaviate version ‹a36›", "weaviate_key = ‹a5›"]),
    named("milvus-token", "Zilliz token", "zilliz", &["zilliz", "milvus"], specs!["{h80+}", "{h72}"])
        .examples(&["ZILLIZ_TOKEN=‹h80›"], &["zilliz version ‹h80›", "zilliz_key = ‹a5›"]),
    token("airtable-token", "Airtable token", "airtable", &["pat"], specs!["pat{a14}.{h64}"])
        .examples(&["pat‹a14›.‹h64›"], &["patch.diff", "pattern.Match"]),
    named("airtable-key", "Airtable key", "airtable", &["airtable"], specs!["key{a14}"])
        .examples(&["AIRTABLE_API_KEY=key‹a14›"], &["airtable version key‹a14›", "airtable_key = ‹a5›"]),
    named("hasura-secret", "Hasura secret", "hasura", &["hasura"], specs!["{a64}", "{a32}"])
        .examples(&["HASURA_ADMIN_SECRET=‹a64›"], &["hasura version ‹a64›", "hasura_key = ‹a5›"]),
    token("xata-key", "Xata key", "xata", &["xau_"], specs!["xau_{a32-40}"]).examples(&["xau_‹a32›"], &["xau_"]),
    token(
        "convex-key",
        "Convex key",
        "convex",
        &["prod:", "dev:", "preview:"],
        specs!["prod:{k8-40}|{e60+}", "dev:{k8-40}|{e60+}", "preview:{k1-40}|{e60+}"],
    )
    .examples(&["prod:‹n8›|‹a60›", "dev:‹n8›|‹a60›", "preview:‹n1›|‹a60›"], &["prod:", "dev:watch"]),
    token("nile-key", "Fauna key", "fauna", &["fna"], specs!["fnA{w37}"]).sure(0.92).examples(&["fnA‹w37›"], &["fnA"]),
    token(
        "dbt-token",
        "dbt Cloud token",
        "dbt",
        &["dbtc_", "dbtu_", "dbts_"],
        specs!["dbtc_{w30+}", "dbtu_{w30+}", "dbts_{w30+}"],
    )
    .examples(&["dbtc_‹w30›", "dbtu_‹w30›", "dbts_‹w30›"], &["dbtc_"]),
    token("prefect-key", "Prefect key", "prefect", &["pnu_", "pnb_"], specs!["pnu_{a36}", "pnb_{a36}"])
        .examples(&["pnu_‹a36›", "pnb_‹a36›"], &["pnu_"]),
    named("fivetran-secret", "Fivetran secret", "fivetran", &["fivetran"], specs!["{a32}"])
        .examples(&["FIVETRAN_API_SECRET=‹a32›"], &["fivetran version ‹a32›", "fivetran_key = ‹a5›"]),
    named("airbyte-secret", "Airbyte secret", "airbyte", &["airbyte"], specs!["{a32}"])
        .examples(&["AIRBYTE_CLIENT_SECRET=‹a32›"], &["airbyte version ‹a32›", "airbyte_key = ‹a5›"]),
    named("kaggle-key", "Kaggle key", "kaggle", &["kaggle"], specs!["{h32}"])
        .examples(&[r#"export KAGGLE_KEY="‹h32›""#], &["kaggle version ‹h32›", "kaggle_key = ‹a5›"]),
    token("kaggle-token", "Kaggle token", "kaggle", &["kgat_"], specs!["KGAT_{h32+}"])
        .examples(&["KGAT_‹h32›"], &["KGAT_"]),
    token("mapbox-token", "Mapbox token", "mapbox", &["sk.eyj"], specs!["sk.eyJ{w40+}.{w20+}"])
        .examples(&["sk.eyJ‹w40›.‹w20›"], &["sk.eyJ", "pk.eyJ‹w80›.‹w22›"]),
    named(
        "here-key",
        "HERE key",
        "here",
        &[
            "here_api",
            "here-api",
            "here api",
            "here.api",
            "hereapi",
            "heremaps",
            "here_access",
            "here-access",
            "here access",
            "here.access",
            "hereaccess",
        ],
        specs!["{w43}", "{w86}"],
    )
    .examples(&["HERE_API_KEY=‹w43›"], &["here_api version ‹w43›", "here_api_key = ‹a5›"]),
    named(
        "openweather-key",
        "OpenWeather key",
        "openweather",
        &["openweather", "owm_", "owm-", "owm ", "owm."],
        specs!["{h32}"],
    )
    .examples(&["OPENWEATHER_API_KEY=‹h32›"], &["openweather version ‹h32›", "openweather_key = ‹a5›"]),
    named("tomtom-key", "TomTom key", "tomtom", &["tomtom"], specs!["{a32}"])
        .examples(&["TOMTOM_API_KEY=‹a32›"], &["tomtom version ‹a32›", "tomtom_key = ‹a5›"]),
    rule("maxmind-key", "MaxMind licence key", "maxmind", &["_mmk"], r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk")
        .near(36)
        .look(Look::Random)
        .examples(&["‹a6›_‹a29›_mmk"], &["x_mmk"]),
    named(
        "nasa-key",
        "data.gov key",
        "datagov",
        &["nasa_", "nasa-", "nasa ", "nasa.", "data.gov", "datagov"],
        specs!["{a40}"],
    )
    .examples(&["NASA_API_KEY=‹a40›"], &["nasa_ version ‹a40›", "nasa__key = ‹a5›"]),
    named("rapidapi-key", "RapidAPI key", "rapidapi", &["rapidapi"], specs!["{a10}msh{a15}p1{a6}jsn{a12}", "{a50}"])
        .sure(0.9)
        .examples(
            &["RAPIDAPI_KEY=‹a10›msh‹a15›p1‹a6›jsn‹a12›", "X-RapidAPI-Key: ‹a10›msh‹a15›p1‹a6›jsn‹a12›"],
            &["rapidapi version ‹a10›msh‹a15›p1‹a6›jsn‹a12›", "rapidapi_key = ‹a5›"],
        ),
    token("rapidapi-token", "RapidAPI key", "rapidapi", &["msh"], specs!["{a10}msh{a15}p1{a6}jsn{a12}"])
        .sure(0.93)
        .examples(&["‹a10›msh‹a15›p1‹a6›jsn‹a12›"], &["mesh"]),
    token("adafruit-key", "Adafruit IO key", "adafruit", &["aio_"], specs!["aio_{a28}"])
        .examples(&["aio_‹a28›"], &["aio_read"]),
    token("ubidots-token", "Ubidots token", "ubidots", &["bbff-", "bbus-"], specs!["BBFF-{a30}", "BBUS-{a30}"])
        .examples(&["BBFF-‹a30›", "BBUS-‹a30›"], &["BBFF-"]),
    named("thingspeak-key", "ThingSpeak key", "thingspeak", &["thingspeak"], specs!["{u16}"])
        .examples(&["THINGSPEAK_API_KEY=‹x16›"], &["thingspeak version ‹x16›", "thingspeak_key = ‹a5›"]),
    token("databento-key", "Databento key", "databento", &["db-"], specs!["!db-{a29}"])
        .sure(0.9)
        .examples(&["db-‹a29›"], &["db-backup"]),
    named("alchemy-key", "Alchemy key", "alchemy", &["alchemy", "g.alchemy.com/v2"], specs!["{w32}"])
        .examples(&["ALCHEMY_API_KEY=‹w32›"], &["alchemy version ‹w32›", "alchemy_key = ‹a5›"]),
    named("infura-key", "Infura key", "infura", &["infura"], specs!["{h32}", "{b43}"]).examples(
        &["INFURA_API_KEY=‹h32›", "INFURA_PROJECT_SECRET=‹h32›"],
        &["infura version ‹h32›", "infura_key = ‹a5›"],
    ),
    named(
        "etherscan-key",
        "Etherscan key",
        "etherscan",
        &["etherscan", "bscscan", "polygonscan", "arbiscan", "basescan"],
        specs!["{u34}"],
    )
    .examples(&["ETHERSCAN_API_KEY=‹x34›"], &["etherscan version ‹x34›", "etherscan_key = ‹a5›"]),
    named("moralis-key", "Moralis key", "moralis", &["moralis"], specs!["{a64}"])
        .examples(&["MORALIS_API_KEY=‹a64›"], &["moralis version ‹a64›", "moralis_key = ‹a5›"]),
    named("quicknode-key", "QuickNode key", "quicknode", &["quiknode", "quicknode"], specs!["{h40}", "QN_{h32}"])
        .examples(&["QUICKNODE_API_KEY=‹h40›"], &["quiknode version ‹h40›", "quiknode_key = ‹a5›"]),
    named(
        "virustotal-key",
        "VirusTotal key",
        "virustotal",
        &["virustotal", "vt_api", "vt-api", "vt api", "vt.api", "vtapi"],
        specs!["{h64}"],
    )
    .examples(&["VIRUSTOTAL_API_KEY=‹h64›"], &["virustotal version ‹h64›", "virustotal_key = ‹a5›"]),
    named("shodan-key", "Shodan key", "shodan", &["shodan"], specs!["{a32}"])
        .examples(&["SHODAN_API_KEY=‹a32›"], &["shodan version ‹a32›", "shodan_key = ‹a5›"]),
    named("abuseipdb-key", "AbuseIPDB key", "abuseipdb", &["abuseipdb"], specs!["{h80}"])
        .examples(&["ABUSEIPDB_API_KEY=‹h80›"], &["abuseipdb version ‹h80›", "abuseipdb_key = ‹a5›"]),
];
