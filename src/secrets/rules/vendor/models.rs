//! Models: who serves them and what is built round them.

use super::{Rule, named, specs, token};
use crate::secrets::checksum;

pub(super) const RULES: &[Rule] = &[
    token(
        "openai-project-key",
        "OpenAI key",
        "openai",
        &["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-service-", "sk-none-"],
        specs!["sk-proj-{w24+}", "sk-svcacct-{w24+}", "sk-admin-{w24+}", "sk-service-{w24+}", "sk-None-{w24+}"],
    )
    .check(checksum::openai)
    .examples(
        &["sk-proj-‹w74›T3BlbkFJ‹w74›"],
        &[
            "sk-proj-...",
            "sk-admin-panel-with-a-long-list-of-kebab-words-in-it",
            "sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ],
    ),
    token("openai-key", "OpenAI key", "openai", &["sk-"], specs!["!sk-{a20}T3BlbkFJ{a20}", "!sk-{a20-128}"])
        .sure(0.85)
        .check(checksum::openai)
        .examples(
            &["key sk-‹a48› here", r"\nsk-‹a48›", "sk-‹a20›T3BlbkFJ‹a20›", "OPENAI=sk-‹h32›"],
            &[
                "sk-circle-fade-dot-one-two-three",
                "risk-‹a24›",
                r#"class="sk-folding-cube sk-cube-grid""#,
                "sk-your-key-here",
            ],
        ),
    token("openai-session", "OpenAI session", "openai", &["sess-"], specs!["sess-{a40}"])
        .sure(0.9)
        .examples(&["sess-‹a40›"], &["sess-x"]),
    token(
        "anthropic-key",
        "Anthropic key",
        "anthropic",
        &["sk-ant-"],
        specs![
            "sk-ant-api{d2}-{w80+}",
            "sk-ant-admin{d2}-{w80+}",
            "sk-ant-oat{d2}-{w60+}",
            "sk-ant-ort{d2}-{w60+}",
            "sk-ant-sid{d2}-{w60+}",
            "sk-ant-{n2-12}-{w20+}"
        ],
    )
    .examples(
        &[
            "sk-ant-api‹d2›-‹w80›",
            "sk-ant-admin‹d2›-‹w80›",
            "sk-ant-oat‹d2›-‹w60›",
            "sk-ant-ort‹d2›-‹w60›",
            "sk-ant-api03-‹w93›AA",
            "sk-ant-oat01-‹w90›",
            "sk-ant-ort01-‹w90›",
        ],
        &[
            "sk-ant-api03-…",
            "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-ant-api03-your-key-goes-here-and-is-very-long",
        ],
    ),
    token(
        "openrouter-key",
        "OpenRouter key",
        "openrouter",
        &["sk-or-"],
        specs!["sk-or-v1-{h64}", "sk-or-v{d1}-{a32+}", "sk-or-{a32+}"],
    )
    .examples(&["sk-or-v1-‹h64›", "sk-or-v‹d1›-‹a32›", "sk-or-‹a32›"], &["sk-or-v1-<key>"]),
    token("xai-key", "xAI key", "xai", &["xai-"], specs!["xai-{m60+}"]).examples(&["xai-‹a60›"], &["xai-grok-4-fast"]),
    token("groq-key", "Groq key", "groq", &["gsk_"], specs!["gsk_{a40+}"]).examples(&["gsk_‹a40›"], &["gsk_short"]),
    token(
        "hugging-face-token",
        "Hugging Face token",
        "hf",
        &["hf_", "api_org_"],
        specs!["hf_{a30+}", "api_org_{a30+}", "hf_jwt_{o40+}"],
    )
    .examples(
        &["hf_‹a30›", "api_org_‹a30›", "hf_jwt_‹a40›", "hf_‹l34›"],
        &["hf_transfer", "hf_hub_download_with_retries_and_more_words"],
    ),
    token("replicate-token", "Replicate token", "replicate", &["r8_"], specs!["r8_{w37-40}"])
        .examples(&["r8_‹w37›"], &["r8_unorm", "r8_some_long_name_of_a_texture_format_x"]),
    token("perplexity-key", "Perplexity key", "perplexity", &["pplx-"], specs!["pplx-{a40+}"])
        .examples(&["pplx-‹a40›"], &["pplx-7b-online"]),
    token("fireworks-key", "Fireworks key", "fireworks", &["fw_"], specs!["!fw_{a20-32}"])
        .sure(0.9)
        .examples(&["fw_‹a20›"], &["fw_version_number", "fw_updateFirmwareVersion"]),
    token("cerebras-key", "Cerebras key", "cerebras", &["csk-"], specs!["csk-{n40+}"])
        .examples(&["csk-‹n40›"], &["csk-a"]),
    token("nvidia-key", "NVIDIA key", "nvidia", &["nvapi-"], specs!["nvapi-{w24+}"])
        .examples(&["nvapi-‹w40›"], &["nvapi-docs"]),
    named(
        "nvidia-ngc",
        "NVIDIA NGC key",
        "nvidia",
        &["ngc_", "ngc-", "ngc ", "ngc.", "nvcr.io"],
        specs!["{a84}", "{a26}:{a8}-{a4}-{a4}-{a4}-{a12}"],
    )
    .examples(&["NGC_API_KEY=‹a84›"], &["ngc_ version ‹a84›", "ngc__key = ‹a5›"]),
    token(
        "tavily-key",
        "Tavily key",
        "tavily",
        &["tvly-"],
        specs!["tvly-dev-{w20+}", "tvly-prod-{w20+}", "tvly-{w20+}"],
    )
    .examples(&["tvly-dev-‹w20›", "tvly-prod-‹w20›", "tvly-‹w20›"], &["tvly-dev"]),
    token(
        "langsmith-key",
        "LangSmith key",
        "langsmith",
        &["lsv2_pt_", "lsv2_sk_", "ls__"],
        specs!["lsv2_pt_{h32}_{h10}", "lsv2_sk_{h32}_{h10}", "ls__{h32}"],
    )
    .examples(&["lsv2_pt_‹h32›_‹h10›", "lsv2_sk_‹h32›_‹h10›", "ls__‹h32›"], &["lsv2_pt_"]),
    token("langfuse-key", "Langfuse key", "langfuse", &["sk-lf-"], specs!["sk-lf-{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(&["sk-lf-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"], &["sk-lf-x", "pk-lf-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"]),
    token("litellm-key", "LiteLLM key", "litellm", &["sk-litellm-"], specs!["sk-litellm-{w16+}"])
        .examples(&["sk-litellm-‹w16›"], &["sk-litellm-x"]),
    token(
        "helicone-key",
        "Helicone key",
        "helicone",
        &["sk-helicone-", "pk-helicone-"],
        specs!["sk-helicone-{p20+}", "pk-helicone-{p40+}"],
    )
    .examples(&["sk-helicone-‹a20›", "pk-helicone-‹a40›"], &["sk-helicone-"]),
    token("wandb-key", "Weights & Biases key", "wandb", &["wandb_v1_"], specs!["wandb_v1_{w60+}"])
        .examples(&["wandb_v1_‹w60›"], &["wandb_v1_"]),
    named("wandb-old", "Weights & Biases key", "wandb", &["wandb"], specs!["{h40}"])
        .examples(&["WANDB_API_KEY=‹h40›", r#"wandb.login(key="‹h40›")"#], &["wandb commit ‹h40›"]),
    token("pinecone-key", "Pinecone key", "pinecone", &["pcsk_"], specs!["pcsk_{a5-8}_{a50+}"])
        .examples(&["pcsk_‹a5›_‹a50›"], &["pcsk_"]),
    named("pinecone-old", "Pinecone key", "pinecone", &["pinecone"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["PINECONE_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["pinecone version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "pinecone_key = ‹a5›"],
    ),
    named("mistral-key", "Mistral key", "mistral", &["mistral"], specs!["{a32}"])
        .examples(&["MISTRAL_API_KEY=‹a32›"], &["mistral version ‹a32›", "mistral_key = ‹a5›"]),
    named(
        "cohere-key",
        "Cohere key",
        "cohere",
        &["cohere", "co_api_key", "co-api-key", "co api key", "co.api.key", "coapikey"],
        specs!["{a40}"],
    )
    .examples(&["COHERE_API_KEY=‹a40›"], &["cohere version ‹a40›", "cohere_key = ‹a5›"]),
    token("together-key", "Together key", "together", &["tgp_v1_"], specs!["tgp_v1_{w24+}"])
        .examples(&["tgp_v1_‹w40›"], &["tgp_v1_"]),
    named(
        "together-old",
        "Together key",
        "together",
        &["together_", "together-", "together ", "together.", "togetherai", "together.ai"],
        specs!["{h64}"],
    )
    .examples(&["TOGETHER_API_KEY=‹h64›"], &["together_ version ‹h64›", "together__key = ‹a5›"]),
    named("deepseek-key", "DeepSeek key", "deepseek", &["deepseek"], specs!["sk-{h32}"])
        .sure(0.95)
        .examples(&["DEEPSEEK_API_KEY=sk-‹h32›"], &["deepseek version sk-‹h32›", "deepseek_key = ‹a5›"]),
    named("moonshot-key", "Moonshot key", "moonshot", &["moonshot", "kimi"], specs!["sk-{w48-64}"])
        .sure(0.95)
        .examples(&["MOONSHOT_API_KEY=sk-‹w48›"], &["moonshot version sk-‹w48›", "moonshot_key = ‹a5›"]),
    token("kimi-code-key", "Kimi key", "kimi", &["sk-kimi-"], specs!["sk-kimi-{w24+}"])
        .examples(&["sk-kimi-‹w40›"], &["sk-kimi-"]),
    token("minimax-key", "MiniMax key", "minimax", &["sk-api-", "sk-cp-"], specs!["sk-api-{w80+}", "sk-cp-{w80+}"])
        .examples(&["sk-api-‹w80›", "sk-cp-‹w80›"], &["sk-api-"]),
    named(
        "zhipu-key",
        "Zhipu key",
        "zhipu",
        &[
            "zhipu", "zai_api", "zai-api", "zai api", "zai.api", "zaiapi", "z_ai", "z-ai", "z ai", "z.ai", "zai",
            "bigmodel", "glm_", "glm-", "glm ", "glm.",
        ],
        specs!["{h32}.{a16}"],
    )
    .sure(0.92)
    .examples(&["ZHIPUAI_API_KEY=‹h32›.‹a16›"], &["zhipu version ‹h32›.‹a16›", "zhipu_key = ‹a5›"]),
    named(
        "dashscope-key",
        "DashScope key",
        "dashscope",
        &["dashscope", "qwen", "bailian"],
        specs!["sk-{h32}", "sk-{w32+}"],
    )
    .sure(0.95)
    .examples(&["DASHSCOPE_API_KEY=sk-‹h32›"], &["dashscope version sk-‹h32›", "dashscope_key = ‹a5›"]),
    named("siliconflow-key", "SiliconFlow key", "siliconflow", &["siliconflow"], specs!["sk-{z48}", "sk-{n48}"])
        .sure(0.92)
        .examples(&["SILICONFLOW_API_KEY=sk-‹z48›"], &["siliconflow version sk-‹z48›", "siliconflow_key = ‹a5›"]),
    named("stability-key", "Stability key", "stability", &["stability", "dreamstudio"], specs!["sk-{a48}"])
        .sure(0.95)
        .examples(&["STABILITY_API_KEY=sk-‹a48›"], &["stability version sk-‹a48›", "stability_key = ‹a5›"]),
    token("voyage-key", "Voyage key", "voyage", &["pa-", "al-"], specs!["!pa-{w43}", "!al-{w43}"])
        .sure(0.9)
        .examples(&["pa-‹w43›", "al-‹w43›"], &["pa-x", "al-some-kebab-case-name-of-forty-three-chars-ab"]),
    token("jina-key", "Jina key", "jina", &["jina_"], specs!["jina_{a32}{w28-40}"])
        .examples(&["jina_‹a32›‹w28›"], &["jina_embeddings"]),
    token("elevenlabs-key", "ElevenLabs key", "elevenlabs", &["sk_"], specs!["!sk_{h48}"])
        .sure(0.92)
        .examples(&["sk_‹h48›"], &["sk_", "sk_buff_head_init"]),
    named("elevenlabs-old", "ElevenLabs key", "elevenlabs", &["elevenlabs", "xi-api-key"], specs!["{h32}"])
        .examples(&["ELEVENLABS_API_KEY=‹h32›"], &["elevenlabs version ‹h32›", "elevenlabs_key = ‹a5›"]),
    named("assemblyai-key", "AssemblyAI key", "assemblyai", &["assemblyai"], specs!["{h32}"])
        .examples(&["ASSEMBLYAI_API_KEY=‹h32›"], &["assemblyai version ‹h32›", "assemblyai_key = ‹a5›"]),
    named("deepgram-key", "Deepgram key", "deepgram", &["deepgram"], specs!["{h40}"])
        .examples(&["DEEPGRAM_API_KEY=‹h40›"], &["deepgram version ‹h40›", "deepgram_key = ‹a5›"]),
    token("cartesia-key", "Cartesia key", "cartesia", &["sk_car_"], specs!["sk_car_{m18+}"])
        .examples(&["sk_car_‹a18›"], &["sk_car_"]),
    named("hume-key", "Hume key", "hume", &["hume_", "hume-", "hume ", "hume."], specs!["{a48}", "{a64}"])
        .examples(&["HUME_API_KEY=‹a48›"], &["hume_ version ‹a48›", "hume__key = ‹a5›"]),
    token("retell-key", "Retell key", "retell", &["key_"], specs!["!key_{h28}"])
        .sure(0.9)
        .examples(&["key_‹h28›"], &["key_x"]),
    token("cursor-key", "Cursor key", "cursor", &["key_", "crsr_"], specs!["!key_{h64}", "!crsr_{h64}"])
        .examples(&["key_‹h64›", "crsr_‹h64›"], &["key_derivation"]),
    token("devin-key", "Devin key", "devin", &["apk_", "cog_"], specs!["apk_user_{e100+}", "apk_{e80+}", "cog_{t52}"])
        .examples(&["apk_user_‹a100›", "apk_‹a80›", "cog_‹t52›"], &["apk_path"]),
    token("llama-cloud-key", "LlamaCloud key", "llamacloud", &["llx-"], specs!["llx-{a40+}"])
        .examples(&["llx-‹a40›"], &["llx-x"]),
    token("mem0-key", "Mem0 key", "mem0", &["m0-"], specs!["!m0-{a24-48}"])
        .sure(0.9)
        .examples(&["m0-‹a24›"], &["m0-x"]),
    named(
        "fal-key",
        "fal.ai key",
        "fal",
        &["fal_key", "fal-key", "fal key", "fal.key", "falkey", "fal_ai", "fal-ai", "fal ai", "fal.ai", "falai"],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}:{h32}"],
    )
    .sure(0.93)
    .examples(
        &["FAL_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›:‹h32›"],
        &["fal_key version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›:‹h32›", "fal_key_key = ‹a5›"],
    ),
    named(
        "exa-key",
        "Exa key",
        "exa",
        &["exa_api", "exa-api", "exa api", "exa.api", "exaapi"],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["EXA_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["exa_api version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "exa_api_key = ‹a5›"],
    ),
    named("serper-key", "Serper key", "serper", &["serper", "serpapi"], specs!["{h40}", "{h64}"])
        .examples(&["SERPER_API_KEY=‹h40›"], &["serper version ‹h40›", "serper_key = ‹a5›"]),
    token("firecrawl-key", "Firecrawl key", "firecrawl", &["fc-"], specs!["!fc-{h32}"])
        .examples(&["fc-‹h32›"], &["fc-x"]),
    token("brave-key", "Brave Search key", "brave", &["bsa"], specs!["!BSA{w24-40}"])
        .sure(0.85)
        .examples(&["BSA‹w24›"], &["BSA", "BSAFetch"]),
    token("apify-token", "Apify token", "apify", &["apify_api_"], specs!["apify_api_{a30+}"])
        .examples(&["apify_api_‹a30›"], &["apify_api_token"]),
    token("runpod-key", "RunPod key", "runpod", &["rpa_"], specs!["rpa_{u40}{a6}"])
        .examples(&["rpa_‹x40›‹a6›"], &["rpa_x"]),
    token("modal-key", "Modal token", "modal", &["as-", "ws-"], specs!["!as-{a22}", "!ws-{a22}"])
        .sure(0.85)
        .examples(&["as-‹a22›", "ws-‹a22›"], &["as-is", "ws-x"]),
    named(
        "modal-token",
        "Modal token",
        "modal",
        &["modal_token", "modal-token", "modal token", "modal.token", "modaltoken", "modal.com"],
        specs!["as-{a22}", "ak-{a22}"],
    )
    .sure(0.92)
    .examples(&["MODAL_TOKEN_SECRET=as-‹a22›"], &["modal_token version as-‹a22›", "modal_token_key = ‹a5›"]),
    token("salad-key", "Salad key", "salad", &["salad_cloud_"], specs!["salad_cloud_{m20-240}"])
        .examples(&["salad_cloud_‹a20›"], &["salad_cloud_user"]),
    named("ollama-key", "Ollama key", "ollama", &["ollama"], specs!["{h32}.{w24}"])
        .sure(0.92)
        .examples(&["OLLAMA_API_KEY=‹h32›.‹w24›"], &["ollama version ‹h32›.‹w24›", "ollama_key = ‹a5›"]),
    named("upstage-key", "Upstage key", "upstage", &["upstage"], specs!["up_{a29-40}", "{a32-50}"])
        .examples(&["UPSTAGE_API_KEY=up_‹a29›"], &["upstage version up_‹a29›", "upstage_key = ‹a5›"]),
    named(
        "writer-key",
        "Writer key",
        "writer",
        &["writer_api", "writer-api", "writer api", "writer.api", "writerapi"],
        specs!["{w64-100}"],
    )
    .examples(&["WRITER_API_KEY=‹w64›"], &["writer_api version ‹w64›", "writer_api_key = ‹a5›"]),
    named("ai21-key", "AI21 key", "ai21", &["ai21"], specs!["{a32}", "{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(&["AI21_API_KEY=‹a32›"], &["ai21 version ‹a32›", "ai21_key = ‹a5›"]),
    named("deepinfra-key", "DeepInfra key", "deepinfra", &["deepinfra"], specs!["{a32}"])
        .examples(&["DEEPINFRA_API_KEY=‹a32›"], &["deepinfra version ‹a32›", "deepinfra_key = ‹a5›"]),
    named("hyperbolic-key", "Hyperbolic key", "hyperbolic", &["hyperbolic"], specs!["{o80-400}"])
        .examples(&["HYPERBOLIC_API_KEY=‹a80›"], &["hyperbolic version ‹a80›", "hyperbolic_key = ‹a5›"]),
    named("sambanova-key", "SambaNova key", "sambanova", &["sambanova"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["SAMBANOVA_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["sambanova version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "sambanova_key = ‹a5›"],
    ),
    named("novita-key", "Novita key", "novita", &["novita"], specs!["sk_{w40-64}", "{h8}-{h4}-{h4}-{h4}-{h12}"])
        .examples(&["NOVITA_API_KEY=sk_‹w40›"], &["novita version sk_‹w40›", "novita_key = ‹a5›"]),
    named("nebius-key", "Nebius key", "nebius", &["nebius"], specs!["v1.{w60+}"])
        .sure(0.92)
        .examples(&["NEBIUS_API_KEY=v1.‹w60›"], &["nebius version v1.‹w60›", "nebius_key = ‹a5›"]),
    token("chutes-key", "Chutes key", "chutes", &["cpk_"], specs!["cpk_{h32}.{h32}.{a32}"])
        .examples(&["cpk_‹h32›.‹h32›.‹a32›"], &["cpk_x"]),
    token(
        "venice-key",
        "Venice key",
        "venice",
        &["venice-inference-key-", "venice-admin-key-"],
        specs!["VENICE-INFERENCE-KEY-{w30+}", "VENICE-ADMIN-KEY-{w30+}"],
    )
    .examples(&["VENICE-INFERENCE-KEY-‹w30›", "VENICE-ADMIN-KEY-‹w30›"], &["VENICE-INFERENCE-KEY-"]),
    named("baseten-key", "Baseten key", "baseten", &["baseten"], specs!["{a8}.{a32}"])
        .sure(0.92)
        .examples(&["BASETEN_API_KEY=‹a8›.‹a32›"], &["baseten version ‹a8›.‹a32›", "baseten_key = ‹a5›"]),
    named("clarifai-key", "Clarifai key", "clarifai", &["clarifai"], specs!["{h32}"])
        .examples(&["CLARIFAI_PAT=‹h32›"], &["clarifai version ‹h32›", "clarifai_key = ‹a5›"]),
    token("e2b-key", "E2B key", "e2b", &["e2b_"], specs!["e2b_{h40}"]).examples(&["e2b_‹h40›"], &["e2b_x"]),
    token("daytona-key", "Daytona key", "daytona", &["dtn_"], specs!["dtn_{h64}"]).examples(&["dtn_‹h64›"], &["dtn_x"]),
    token(
        "browserbase-key",
        "Browserbase key",
        "browserbase",
        &["bb_live_", "bb_test_"],
        specs!["bb_live_{w24+}", "bb_test_{w24+}"],
    )
    .examples(&["bb_live_‹w24›", "bb_test_‹w24›"], &["bb_live_"]),
    named("braintrust-key", "Braintrust key", "braintrust", &["braintrust"], specs!["sk-{a48}", "bt-st-{a48}"])
        .sure(0.92)
        .examples(&["BRAINTRUST_API_KEY=sk-‹a48›"], &["braintrust version sk-‹a48›", "braintrust_key = ‹a5›"]),
    named("poe-key", "Poe key", "poe", &["poe_", "poe-", "poe ", "poe."], specs!["{w43}"])
        .examples(&["POE_API_KEY=‹w43›"], &["poe_ version ‹w43›", "poe__key = ‹a5›"]),
    named("comet-key", "Comet key", "comet", &["comet_", "comet-", "comet ", "comet.", "opik"], specs!["{a25}"])
        .examples(&["COMET_API_KEY=‹a25›"], &["comet_ version ‹a25›", "comet__key = ‹a5›"]),
    named("dify-key", "Dify key", "dify", &["dify"], specs!["app-{a24}", "dataset-{a24}"])
        .sure(0.92)
        .examples(&["DIFY_API_KEY=app-‹a24›"], &["dify version app-‹a24›", "dify_key = ‹a5›"]),
    token("coze-token", "Coze token", "coze", &["pat_", "sat_"], specs!["pat_{a64}", "sat_{a64}"])
        .examples(&["pat_‹a64›", "sat_‹a64›"], &["pat_x"]),
    named("unstructured-key", "Unstructured key", "unstructured", &["unstructured"], specs!["{a30}"])
        .examples(&["UNSTRUCTURED_API_KEY=‹a30›"], &["unstructured version ‹a30›", "unstructured_key = ‹a5›"]),
    named("runpod-old", "RunPod key", "runpod", &["runpod"], specs!["{u40}"])
        .examples(&["RUNPOD_API_KEY=‹x40›"], &["runpod version ‹x40›", "runpod_key = ‹a5›"]),
    named("litellm-virtual-key", "LiteLLM key", "litellm", &["litellm"], specs!["sk-{w16-64}"])
        .sure(0.9)
        .examples(&["LITELLM_MASTER_KEY=sk-‹w16›"], &["litellm version sk-‹w16›", "litellm_key = ‹a5›"]),
    named("composio-key", "Composio key", "composio", &["composio"], specs!["ak_{w18-40}"])
        .sure(0.9)
        .examples(&["COMPOSIO_API_KEY=ak_‹w18›"], &["composio version ak_‹w18›", "composio_key = ‹a5›"]),
    named(
        "revai-token",
        "Rev AI token",
        "revai",
        &["rev_ai", "rev-ai", "rev ai", "rev.ai", "revai"],
        specs!["02{w80-90}"],
    )
    .sure(0.9)
    .examples(&["REVAI_ACCESS_TOKEN=02‹w80›"], &["rev_ai version 02‹w80›", "rev_ai_key = ‹a5›"]),
    named("pexels-key", "Pexels key", "pexels", &["pexels", "pixabay"], specs!["{a56}", "{d8}-{h25}"])
        .examples(&["PEXELS_API_KEY=‹a56›"], &["pexels version ‹a56›", "pexels_key = ‹a5›"]),
    token(
        "scrapfly-key",
        "Scrapfly key",
        "scrapfly",
        &["scp-live-", "scp-test-"],
        specs!["scp-live-{h32}", "scp-test-{h32}"],
    )
    .examples(&["scp-live-‹h32›", "scp-test-‹h32›"], &["scp-live-"]),
    named("portkey-key", "Portkey key", "portkey", &["portkey"], specs!["{b27}=", "{a28}"])
        .examples(&["PORTKEY_API_KEY=‹b27›="], &["portkey version ‹b27›=", "portkey_key = ‹a5›"]),
];
