//! Clouds and hosts.

use super::{Look, Rule, named, rule, specs, token};
use crate::secrets::checksum;

pub(super) const RULES: &[Rule] = &[
    token(
        "aws-access-key-id",
        "AWS access key",
        "aws",
        &["akia", "asia", "abia", "acca", "a3tx"],
        specs!["AKIA{s16}", "ASIA{s16}", "ABIA{s16}", "ACCA{s16}", "A3TX{s16}"],
    )
    .examples(
        &[
            "AKIA‹s16›",
            "ASIA‹s16›",
            "ABIA‹s16›",
            "ACCA‹s16›",
            "id,AKIA‹u16›,x",
            "Credential=AKIA‹u16›/20250101/us-east-1/s3/aws4_request",
        ],
        &[
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAN",
            "dGhpc0lzUmFuZG9tN/AKIAABCDEFGHIJKLMNOP",
            "Zm9vYmFyQmF6UXV4MTI+AKIA‹u16›",
            "AKIAIOSFODNN7EXAMPLES",
        ],
    ),
    token("aws-bedrock-key", "AWS Bedrock key", "aws", &["absk"], specs!["ABSK{e100+}"])
        .examples(&["ABSK‹b120›="], &["ABSK"]),
    token("aws-bedrock-short", "AWS Bedrock key", "aws", &["bedrock-api-key-"], specs!["bedrock-api-key-{e60+}"])
        .examples(&["bedrock-api-key-‹a60›"], &["bedrock-api-key-docs"]),
    named(
        "aws-secret",
        "AWS secret key",
        "aws",
        &[
            "aws_secret",
            "aws-secret",
            "aws secret",
            "aws.secret",
            "awssecret",
            "secretaccesskey",
            "secret_access_key",
            "secret-access-key",
            "secret access key",
            "secret.access.key",
            "aws_key",
            "aws-key",
            "aws key",
            "aws.key",
            "awskey",
            "amazon_secret",
            "amazon-secret",
            "amazon secret",
            "amazon.secret",
            "amazonsecret",
            "secretkey",
        ],
        specs!["{b40}"],
    )
    .sure(0.9)
    .examples(
        &["AWS_SECRET_ACCESS_KEY=‹b40›", r#""SecretAccessKey": "‹b40›""#],
        &["secretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    ),
    named(
        "aws-session",
        "AWS session token",
        "aws",
        &[
            "aws_session",
            "aws-session",
            "aws session",
            "aws.session",
            "awssession",
            "sessiontoken",
            "session_token",
            "session-token",
            "session token",
            "session.token",
            "aws_security_token",
            "aws-security-token",
            "aws security token",
            "aws.security.token",
            "awssecuritytoken",
            "security_token",
            "security-token",
            "security token",
            "security.token",
            "securitytoken",
            "x-amz-security-token",
        ],
        specs!["{b100+}"],
    )
    .sure(0.9)
    .examples(&["AWS_SESSION_TOKEN=‹b100›"], &["aws_session version ‹b100›", "aws_session_key = ‹a5›"]),
    token("aws-mws", "AWS marketplace token", "aws", &["amzn.mws."], specs!["amzn.mws.{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(&["amzn.mws.‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"], &["amzn.mws.x"]),
    token("aws-appsync", "AWS AppSync key", "aws", &["da2-"], specs!["!da2-{n26}"])
        .sure(0.9)
        .examples(&["da2-‹n26›"], &["da2-x"]),
    token(
        "aws-oauth",
        "Amazon OAuth secret",
        "aws",
        &["amzn1.oa2-cs.v1.", "atza|", "atzr|"],
        specs!["amzn1.oa2-cs.v1.{h64}", "Atza|{w60+}", "Atzr|{w60+}"],
    )
    .examples(&["amzn1.oa2-cs.v1.‹h64›", "Atza|‹w60›", "Atzr|‹w60›"], &["Atza|x"]),
    token("google-key", "Google API key", "google", &["aiza"], specs!["AIza{w35+}"])
        .sure(0.93)
        .examples(&["?key=AIza‹w35›&x"], &["AIzaShort", "AIzaSyXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"]),
    token("google-agent-key", "Google API key", "google", &["aq.ab8"], specs!["AQ.Ab8{w40+}"])
        .examples(&["AQ.Ab8‹w40›"], &["AQ.Ab8"]),
    token("google-oauth", "Google OAuth token", "google", &["ya29."], specs!["ya29.{o20+}"])
        .examples(&["ya29.‹a20›"], &["ya29.x", "ya29.a0AfH6SMxxxxxxxxxxxxxxxxxxx"]),
    token("google-refresh", "Google refresh token", "google", &["1//0"], specs!["1//0{w40+}"])
        .examples(&["1//0‹w40›"], &["1//01", "http://h/1//0‹a10›"]),
    token("google-client-secret", "Google client secret", "google", &["gocspx-"], specs!["GOCSPX-{w24+}"])
        .examples(&["GOCSPX-‹w24›"], &["GOCSPX-"]),
    token("google-hmac", "Google HMAC key", "google", &["goog1e"], specs!["GOOG1E{u50+}"])
        .examples(&["GOOG1E‹x50›"], &["GOOG1E"]),
    token("google-code", "Google OAuth code", "google", &["4/0a"], specs!["!4/0A{w60+}"])
        .sure(0.85)
        .examples(&["4/0A‹w60›"], &["4/0A"]),
    token("azure-client-secret", "Azure client secret", "azure", &["q~"], specs!["{o3}{d1}Q~{o31-34}"])
        .examples(&["‹a3›‹d1›Q~‹a31›"], &["8Q~x"]),
    token("azure-devops-pat", "Azure DevOps token", "azure", &["azdo"], specs!["{a76}AZDO{a4}"])
        .examples(&["‹a76›AZDO‹a4›"], &["AZDO1234"]),
    token(
        "azure-functions-key",
        "Azure Functions key",
        "azure",
        &["azfu"],
        specs!["{w44}AzFu{w6-8}==", "{w40-44}AzFu{w4-8}"],
    )
    .examples(&["‹a44›AzFu‹a6›=="], &["AzFu"]),
    token("azure-search-key", "Azure Search key", "azure", &["azse"], specs!["{a42}AzSe{a6}"])
        .examples(&["‹a42›AzSe‹a6›"], &["AzSe"]),
    token("azure-registry-key", "Azure container registry key", "azure", &["+acr"], specs!["{b42}+ACR{a6}"])
        .examples(&["‹b42›+ACR‹a6›"], &["x+ACR"]),
    token("azure-storage-marked-key", "Azure storage key", "azure", &["+ast"], specs!["{b76}+ASt{b5-8}?=="])
        .examples(&["‹b76›+ASt‹a6›=="], &["x+AST"]),
    token("azure-cosmos-key", "Azure Cosmos DB key", "azure", &["acdb"], specs!["{b76}ACDb{b6}?=="])
        .examples(&["‹b76›ACDb‹a6›=="], &["acdb"]),
    token("azure-batch-key", "Azure Batch key", "azure", &["+aba"], specs!["{b76}+ABa{b6}?=="])
        .examples(&["‹b76›+ABa‹a6›=="], &["+ABa"]),
    token(
        "azure-bus-key",
        "Azure messaging key",
        "azure",
        &["+aeh", "+asb", "+arm", "aiot"],
        specs!["{b33}+AEh{a5}?=", "{b33}+ASb{a5}?=", "{b33}+ARm{a5}?=", "{b33}AIoT{b4-7}?="],
    )
    .examples(&["‹b33›+ASb‹a5›=", "‹b33›+ARm‹a5›=", "‹b33›AIoT‹b4›=", "‹b33›+AEh‹a5›="], &["+AEh"]),
    token("azure-cache-key", "Azure Redis key", "azure", &["azca"], specs!["{a33}AzCa{b5-7}?="])
        .examples(&["‹a33›AzCa‹a6›="], &["AzCa"]),
    token("azure-apim-key", "Azure API Management key", "azure", &["apim"], specs!["{b76}APIM{b6}=="])
        .examples(&["‹b76›APIM‹a6›=="], &["APIM"]),
    token("azure-events-key", "Azure Event Grid key", "azure", &["azeg"], specs!["{b33}AZEG{b6}="])
        .examples(&["‹b33›AZEG‹a6›="], &["AZEG"]),
    token("azure-ai-key", "Azure AI key", "azure", &["jqqj9"], specs!["{a52}JQQJ9{a27}", "{a52}JQQJ99{a22-30}"])
        .examples(&["‹a52›JQQJ9‹a27›", "‹a52›JQQJ99‹a22›"], &["JQQJ99"]),
    named(
        "azure-openai-key",
        "Azure OpenAI key",
        "azure",
        &[
            "azure_openai",
            "azure-openai",
            "azure openai",
            "azure.openai",
            "azureopenai",
            "openai_azure",
            "openai-azure",
            "openai azure",
            "openai.azure",
            "openaiazure",
            "cognitive",
            "ocp-apim-subscription",
            "subscription-key",
            "azure_speech",
            "azure-speech",
            "azure speech",
            "azure.speech",
            "azurespeech",
            "azure_translator",
            "azure-translator",
            "azure translator",
            "azure.translator",
            "azuretranslator",
            "azure_search",
            "azure-search",
            "azure search",
            "azure.search",
            "azuresearch",
        ],
        specs!["{h32}"],
    )
    .examples(&["AZURE_OPENAI_API_KEY=‹h32›"], &["azure_openai version ‹h32›", "azure_openai_key = ‹a5›"]),
    named(
        "azure-secret-named",
        "Azure client secret",
        "azure",
        &[
            "azure_client_secret",
            "azure-client-secret",
            "azure client secret",
            "azure.client.secret",
            "azureclientsecret",
            "arm_client_secret",
            "arm-client-secret",
            "arm client secret",
            "arm.client.secret",
            "armclientsecret",
            "azure_password",
            "azure-password",
            "azure password",
            "azure.password",
            "azurepassword",
            "aad_secret",
            "aad-secret",
            "aad secret",
            "aad.secret",
            "aadsecret",
        ],
        specs!["{o32-44}"],
    )
    .sure(0.85)
    .examples(&["AZURE_CLIENT_SECRET=‹a32›"], &["azure_client_secret version ‹a32›", "azure_client_secret_key = ‹a5›"]),
    token("alibaba-key", "Alibaba Cloud key", "alibaba", &["ltai"], specs!["LTAI{a12-24}"])
        .sure(0.92)
        .examples(&["LTAI‹a12›"], &["LTAI", "LTAInteractionObserver"]),
    token("alibaba-sts", "Alibaba Cloud token", "alibaba", &["sts."], specs!["!STS.{a16-64}"])
        .sure(0.85)
        .examples(&["STS.‹a16›"], &["STS.GetCallerIdentity"]),
    named("alibaba-secret", "Alibaba Cloud secret", "alibaba", &["alibaba", "aliyun", "alicloud"], specs!["{a30}"])
        .examples(&["ALICLOUD_SECRET_KEY=‹a30›"], &["alibaba version ‹a30›", "alibaba_key = ‹a5›"]),
    token("tencent-id", "Tencent Cloud key", "tencent", &["akid"], specs!["AKID{a32}", "AKID{a13-48}"])
        .sure(0.9)
        .examples(&["AKID‹a32›", "AKID‹a13›"], &["AKID"]),
    named(
        "tencent-secret",
        "Tencent Cloud secret",
        "tencent",
        &["tencent", "qcloud", "cos_secret", "cos-secret", "cos secret", "cos.secret", "cossecret"],
        specs!["{a32}"],
    )
    .examples(&["TENCENTCLOUD_SECRET_KEY=‹a32›"], &["tencent version ‹a32›", "tencent_key = ‹a5›"]),
    named(
        "baidu-secret",
        "Baidu Cloud key",
        "baidu",
        &["baidu", "bce_", "bce-", "bce ", "bce.", "qianfan"],
        specs!["{a32}"],
    )
    .examples(&["BAIDU_SECRET_KEY=‹a32›"], &["baidu version ‹a32›", "baidu_key = ‹a5›"]),
    token("baidu-key", "Baidu Cloud key", "baidu", &["bce-v3/altak-"], specs!["bce-v3/ALTAK-{a20-24}/{h40}"])
        .examples(&["bce-v3/ALTAK-‹a20›/‹h40›"], &["bce-v3/"]),
    named("huawei-secret", "Huawei Cloud secret", "huawei", &["huawei", "hwcloud"], specs!["{a40}"])
        .examples(&["HUAWEICLOUD_SECRET_KEY=‹a40›"], &["huawei version ‹a40›", "huawei_key = ‹a5›"]),
    token("volcengine-key", "Volcengine key", "volcengine", &["aklt"], specs!["AKLT{w40-64}"])
        .sure(0.92)
        .examples(&["AKLT‹w40›"], &["AKLT"]),
    token(
        "yandex-token",
        "Yandex Cloud token",
        "yandex",
        &["aqvn", "t1.", "y0_", "ycaje", "ycm", "ycn", "yco", "ycp"],
        specs![
            "AQVN{w34-40}",
            "!t1.{w20-400}.{w80-90}",
            "!y0_{w50-70}",
            "YCAJE{w20}",
            "YCM{w37}",
            "YCN{w37}",
            "YCO{w37}",
            "YCP{w37}"
        ],
    )
    .sure(0.9)
    .examples(&["AQVN‹w34›", "t1.‹w20›.‹w80›", "y0_‹w50›", "YCAJE‹w20›"], &["AQVN", "t1.join"]),
    token(
        "digitalocean-token",
        "DigitalOcean token",
        "digitalocean",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        specs!["dop_v1_{h64}", "doo_v1_{h64}", "dor_v1_{h64}"],
    )
    .examples(&["dop_v1_‹h64›", "doo_v1_‹h64›", "dor_v1_‹h64›"], &["dop_v1_"]),
    token("digitalocean-genai", "DigitalOcean key", "digitalocean", &["sk-do-"], specs!["sk-do-{w40+}"])
        .examples(&["sk-do-‹w40›"], &["sk-do-it-yourself-and-more-of-the-same-words"]),
    token("scaleway-key", "Scaleway key", "scaleway", &["scw"], specs!["!SCW{u17}"])
        .sure(0.9)
        .examples(&["SCW‹x17›"], &["SCW"]),
    named(
        "scaleway-secret",
        "Scaleway secret",
        "scaleway",
        &["scaleway", "scw_", "scw-", "scw ", "scw."],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["SCW_SECRET_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["scaleway version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "scaleway_key = ‹a5›"],
    ),
    named("hetzner-token", "Hetzner token", "hetzner", &["hetzner", "hcloud"], specs!["{a64}"])
        .examples(&["HCLOUD_TOKEN=‹a64›"], &["hetzner version ‹a64›", "hetzner_key = ‹a5›"]),
    named("linode-token", "Linode token", "linode", &["linode"], specs!["{h64}"])
        .examples(&["LINODE_TOKEN=‹h64›"], &["linode version ‹h64›", "linode_key = ‹a5›"]),
    named("vultr-key", "Vultr key", "vultr", &["vultr"], specs!["{u36}"])
        .examples(&["VULTR_API_KEY=‹x36›"], &["vultr version ‹x36›", "vultr_key = ‹a5›"]),
    named("ovh-secret", "OVH secret", "ovh", &["ovh"], specs!["{a32}"])
        .examples(&["OVH_APPLICATION_SECRET=‹a32›"], &["ovh version ‹a32›", "ovh_key = ‹a5›"]),
    token("exoscale-key", "Exoscale key", "exoscale", &["exo"], specs!["!EXO{h24}", "!EXO{a24-30}"])
        .sure(0.9)
        .examples(&["EXO‹h24›", "EXO‹a24›"], &["EXO"]),
    token("upcloud-token", "UpCloud token", "upcloud", &["ucat_"], specs!["ucat_{u24-32}"])
        .examples(&["ucat_‹x24›"], &["ucat_"]),
    named("civo-key", "Civo key", "civo", &["civo"], specs!["{a50}"])
        .examples(&["CIVO_TOKEN=‹a50›"], &["civo version ‹a50›", "civo_key = ‹a5›"]),
    named(
        "ibm-key",
        "IBM Cloud key",
        "ibm",
        &["ibm_cloud", "ibm-cloud", "ibm cloud", "ibm.cloud", "ibmcloud", "bluemix", "ibm_", "ibm-", "ibm ", "ibm."],
        specs!["{w44}"],
    )
    .examples(&["IBMCLOUD_API_KEY=‹w44›"], &["ibm_cloud version ‹w44›", "ibm_cloud_key = ‹a5›"]),
    named("oracle-secret", "Oracle Cloud secret", "oracle", &["oci_", "oci-", "oci ", "oci."], specs!["{b43}="])
        .examples(&["OCI_SECRET_KEY=‹b43›="], &["oci_ version ‹b43›=", "oci__key = ‹a5›"]),
    token("scalingo-token", "Scalingo token", "scalingo", &["tk-us-"], specs!["tk-us-{w48+}"])
        .examples(&["tk-us-‹w48›"], &["tk-us-"]),
    token("heroku-key", "Heroku key", "heroku", &["hrku-"], specs!["HRKU-{w50+}"])
        .examples(&["HRKU-AA‹w58›"], &["HRKU-"]),
    token("heroku-key-2", "Heroku key", "heroku", &["hrku-"], specs!["HRKU-{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(&["HRKU-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"], &["HRKU-x"]),
    named("heroku-uuid", "Heroku key", "heroku", &["heroku"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["HEROKU_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["heroku version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "heroku_key = ‹a5›"],
    ),
    token(
        "fly-token",
        "Fly.io token",
        "fly",
        &["fm1r_", "fm1a_", "fm2_", "fo1_"],
        specs!["fm1r_{e40+}", "fm1a_{e40+}", "fm2_{e40+}", "fo1_{w40+}"],
    )
    .examples(&["fm1r_‹a40›", "fm1a_‹a40›", "fm2_‹a40›", "fo1_‹w40›", "FlyV1 fm2_‹b200›", "fo1_‹w43›"], &["fo1_x"]),
    token("vercel-pat", "Vercel token", "vercel", &["vcp_"], specs!["vcp_{w50+}"])
        .check(checksum::crc_tail)
        .examples(&["vcp_‹w50›"], &["vcp_"]),
    token("vercel-gateway", "Vercel token", "vercel", &["vck_"], specs!["vck_{w50+}"])
        .check(checksum::crc_tail)
        .examples(&["vck_‹w50›"], &["vck_"]),
    token("vercel-app", "Vercel token", "vercel", &["vca_"], specs!["vca_{w50+}"])
        .check(checksum::crc_tail)
        .examples(&["vca_‹w50›"], &["vca_"]),
    token("vercel-refresh", "Vercel token", "vercel", &["vcr_"], specs!["vcr_{w50+}"])
        .check(checksum::crc_tail)
        .examples(&["vcr_‹w50›"], &["vcr_"]),
    token("vercel-integration", "Vercel token", "vercel", &["vci_"], specs!["vci_{w50+}"])
        .check(checksum::crc_tail)
        .examples(&["vci_‹w50›"], &["vci_"]),
    token("vercel-blob", "Vercel Blob token", "vercel", &["vercel_blob_rw_"], specs!["vercel_blob_rw_{a16}_{a30}"])
        .examples(&["vercel_blob_rw_‹a16›_‹a30›"], &["vercel_blob_rw_"]),
    named("vercel-token", "Vercel token", "vercel", &["vercel"], specs!["{a24}"])
        .examples(&["VERCEL_TOKEN=‹a24›"], &["vercel version ‹a24›", "vercel_key = ‹a5›"]),
    token(
        "netlify-token",
        "Netlify token",
        "netlify",
        &["nfp_", "nfc_", "nfu_", "nfo_", "nfb_"],
        specs!["nfp_{a36+}", "nfc_{a36+}", "nfu_{a36+}", "nfo_{a36+}", "nfb_{a36+}"],
    )
    .examples(&["nfp_‹a36›", "nfc_‹a36›", "nfu_‹a36›", "nfo_‹a36›"], &["nfp_"]),
    named("netlify-key", "Netlify token", "netlify", &["netlify"], specs!["{w43-46}", "{h64}"])
        .examples(&["NETLIFY_AUTH_TOKEN=‹w43›"], &["netlify version ‹w43›", "netlify_key = ‹a5›"]),
    token("render-key", "Render key", "render", &["rnd_"], specs!["rnd_{a24-40}"])
        .sure(0.93)
        .examples(&["rnd_‹a24›"], &["rnd_seed"]),
    named("railway-token", "Railway token", "railway", &["railway"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["RAILWAY_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["railway version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "railway_key = ‹a5›"],
    ),
    named(
        "surge-token",
        "Surge token",
        "surge",
        &[
            "surge_token",
            "surge-token",
            "surge token",
            "surge.token",
            "surgetoken",
            "surge_login",
            "surge-login",
            "surge login",
            "surge.login",
            "surgelogin",
        ],
        specs!["{h32}"],
    )
    .examples(&["SURGE_TOKEN=‹h32›"], &["surge_token version ‹h32›", "surge_token_key = ‹a5›"]),
    token("cloudflare-ca-key", "Cloudflare key", "cloudflare", &["v1.0-"], specs!["v1.0-{h24}-{h140+}"])
        .examples(&["v1.0-‹h24›-‹h140›"], &["v1.0-rc"]),
    token(
        "cloudflare-token",
        "Cloudflare token",
        "cloudflare",
        &["cfut_", "cfat_", "cfk_"],
        specs!["cfut_{a40}{h8}", "cfat_{a40}{h8}", "cfk_{a40}{h8}", "cfut_{w40+}", "cfat_{w40+}", "cfk_{a37+}"],
    )
    .check(checksum::crc_tail)
    .examples(&["cfut_‹a40›‹h8›", "cfat_‹a40›‹h8›", "cfk_‹a40›‹h8›", "cfut_‹w40›"], &["cfut_"]),
    named(
        "cloudflare-key",
        "Cloudflare key",
        "cloudflare",
        &[
            "cloudflare",
            "cf_api",
            "cf-api",
            "cf api",
            "cf.api",
            "cfapi",
            "x-auth-key",
            "cf_token",
            "cf-token",
            "cf token",
            "cf.token",
            "cftoken",
        ],
        specs!["{h37}", "{w40}"],
    )
    .examples(&["CLOUDFLARE_API_TOKEN=‹h37›"], &["cloudflare version ‹h37›", "cloudflare_key = ‹a5›"]),
    named("fastly-key", "Fastly key", "fastly", &["fastly"], specs!["{w32}"])
        .examples(&["FASTLY_API_TOKEN=‹w32›"], &["fastly version ‹w32›", "fastly_key = ‹a5›"]),
    token("akamai-token", "Akamai token", "akamai", &["akab-"], specs!["akab-{n16}-{n16}"])
        .examples(&["akab-‹n16›-‹n16›"], &["akab-x"]),
    named("akamai-secret", "Akamai secret", "akamai", &["akamai", "edgegrid"], specs!["{b43}="])
        .examples(&["AKAMAI_CLIENT_SECRET = ‹b43›="], &["akamai version ‹b43›=", "akamai_key = ‹a5›"]),
    named(
        "bunny-key",
        "Bunny key",
        "bunny",
        &["bunnycdn", "bunny_", "bunny-", "bunny ", "bunny."],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["BUNNY_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["bunnycdn version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "bunnycdn_key = ‹a5›"],
    ),
    token(
        "tailscale-key",
        "Tailscale key",
        "tailscale",
        &["tskey-"],
        specs!["tskey-{z3-10}-{a8-24}-{a16+}", "tskey-{z3-10}-{a16+}"],
    )
    .examples(&["tskey-‹z3›-‹a8›-‹a16›", "tskey-‹z3›-‹a16›"], &["tskey-auth"]),
    named("ngrok-token", "ngrok token", "ngrok", &["ngrok"], specs!["{a25-30}_{a20-24}", "cr_{a25-30}", "ak_{a25-30}"])
        .sure(0.92)
        .examples(
            &["NGROK_AUTHTOKEN=‹a25›_‹a20›", "ngrok config add-authtoken ‹a27›_‹a21›"],
            &["ngrok version ‹a25›_‹a20›", "ngrok_key = ‹a5›"],
        ),
    named("zerotier-token", "ZeroTier token", "zerotier", &["zerotier"], specs!["{a32}"])
        .examples(&["ZEROTIER_TOKEN=‹a32›"], &["zerotier version ‹a32›", "zerotier_key = ‹a5›"]),
    token("defined-key", "Defined Networking key", "defined", &["dnkey-"], specs!["dnkey-{w26}-{w52}"])
        .examples(&["dnkey-‹w26›-‹w52›"], &["dnkey-"]),
    named("wireguard-key", "WireGuard key", "wireguard", &["privatekey", "presharedkey"], specs!["{b42}{a1}="])
        .sure(0.9)
        .examples(
            &["PrivateKey = ‹b42›A=", "PresharedKey = ‹b42›E=", "PrivateKey = ‹b42›A=", "PresharedKey = ‹b42›E="],
            &["PublicKey = ‹b42›A="],
        ),
    token("openshift-token", "OpenShift token", "openshift", &["sha256~"], specs!["sha256~{w43}"])
        .examples(&["sha256~‹w43›"], &["sha256~x"]),
    token("kubernetes-bootstrap", "kubeadm token", "kube", &["--token "], specs!["--token {n6}.{n16}"])
        .sure(0.9)
        .examples(
            &["kubeadm join 10.0.0.1:6443 --token ‹n6›.‹n16›"],
            &["--token abcdef.0123456789abcdef", "--token $TOKEN"],
        ),
    token("rancher-token", "Rancher token", "rancher", &["token-"], specs!["token-{n5}:{n54}"])
        .examples(&["token-‹n5›:‹n54›"], &["token-based"]),
    token("portainer-token", "Portainer token", "portainer", &["ptr_"], specs!["ptr_{e43+}"])
        .sure(0.93)
        .examples(&["ptr_‹a43›"], &["ptr_"]),
    token("cockroach-key", "CockroachDB key", "cockroach", &["ccdb1_"], specs!["CCDB1_{a22}_{a40}"])
        .examples(&["CCDB1_‹a22›_‹a40›"], &["CCDB1_"]),
    named(
        "azure-named-key",
        "Azure key",
        "azure",
        &[
            "azure",
            "ado_",
            "ado-",
            "ado ",
            "ado.",
            "ado_pat",
            "ado-pat",
            "ado pat",
            "ado.pat",
            "adopat",
            "ado_token",
            "ado-token",
            "ado token",
            "ado.token",
            "adotoken",
            "devops",
            "storage_account",
            "storage-account",
            "storage account",
            "storage.account",
            "storageaccount",
            "storage_key",
            "storage-key",
            "storage key",
            "storage.key",
            "storagekey",
        ],
        specs!["{b86}==", "{a84}", "{a76}AZDO{a4}", "{n52}", "{h32}", "{b43}="],
    )
    .examples(
        &["AZURE_STORAGE_KEY=‹b86›==", "azureStorageKey=‹b86›==", "export ADO_PAT=‹n52›"],
        &["azure version ‹b86›==", "azure_key = ‹a5›"],
    ),
    named(
        "azure-speech-key",
        "Azure key",
        "azure",
        &["speech", "translator", "apim", "cognitive"],
        specs!["{a84}", "{a52}JQQJ9{a27}", "{h32}", "{b36}ACi{b4}="],
    )
    .examples(&["SPEECH_KEY=‹a84›"], &["speech version ‹a84›", "speech_key = ‹a5›"]),
    rule(
        "azure-functions-code",
        "Azure Functions key",
        "azure",
        &["azurewebsites.net/api/"],
        r"azurewebsites\.net/api/[\w/.-]{1,200}[?&]code=([\w%/+-]{40,}={0,2})",
    )
    .look(Look::Random)
    .examples(
        &["https://shop-api.azurewebsites.net/api/pay?code=‹w54›=="],
        &["https://shop-api.azurewebsites.net/api/pay?code=<key>"],
    ),
    named(
        "backblaze-key",
        "Backblaze key",
        "backblaze",
        &["backblaze", "b2_", "b2-", "b2 ", "b2.", "b2application"],
        specs!["K00{d1}{b27}", "{b31}"],
    )
    .examples(
        &["B2_APPLICATION_KEY=K00‹d1›‹b27›", r#"b2ApplicationKey: "K001‹b27›""#],
        &["backblaze version K00‹d1›‹b27›", "backblaze_key = ‹a5›"],
    ),
    named("bunny-full-key", "Bunny key", "bunny", &["bunny"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}-{h8}-{h4}"])
        .sure(0.92)
        .examples(
            &["BUNNYCDN_ACCESS_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›-‹h8›-‹h4›"],
            &["bunny version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›-‹h8›-‹h4›", "bunny_key = ‹a5›"],
        ),
    named(
        "wireguard-named-key",
        "WireGuard key",
        "wireguard",
        &["wireguard", "wg_", "wg-", "wg ", "wg."],
        specs!["{b43}="],
    )
    .examples(&["WG_PRIVATE_KEY=‹b43›="], &["wireguard version ‹b43›=", "wireguard_key = ‹a5›"]),
    named("yandex-secret", "Yandex Cloud secret", "yandex", &["yandex"], specs!["YC{w38}", "{w40}"])
        .sure(0.88)
        .examples(&["YANDEX_SECRET_KEY=YC‹w38›"], &["yandex version YC‹w38›", "yandex_key = ‹a5›"]),
];
