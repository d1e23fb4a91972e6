//! Vendors of whom only data differs: everybody here is compatible with OpenAI's Chat (openai-compatible.md).
//!
//! A key works only in its region for Qwen, Z.ai, MiniMax and Moonshot: the address here is the international one; the
//! other is an upstream of the user's with its own `base_url`.

use super::SignIn;
use super::compatible::Compatible;
use crate::model::Dialect;
use crate::wire::Quirks;

const fn key(env: &'static [&'static str], url: &'static str) -> SignIn {
    SignIn { env, base_env: None, url, needs_key: true }
}

/// No key, or one that the server's owner made up.
const OWN: SignIn = SignIn { env: &[], base_env: None, url: "", needs_key: false };

const fn vendor(id: &'static str, label: &'static str, base_url: &'static str, sign_in: SignIn) -> Compatible {
    Compatible {
        id,
        label,
        sign_in,
        base_url,
        local: false,
        choose: |_, _| Dialect::OpenAiChat,
        quirks: Quirks::default,
        listing: None,
        doors: &[],
        header_env: &[],
    }
}

pub(super) static MISTRAL: Compatible = Compatible {
    // Usage comes in the last chunk unasked; ids of calls are nine letters and digits; thoughts are parts of the content.
    quirks: || Quirks {
        stream_usage: false,
        short_ids: true,
        thought_parts: true,
        random_seed: true,
        top_k: true,
        users: false,
        speakers: false,
        ..Quirks::default()
    },
    ..vendor(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        key(&["MISTRAL_API_KEY"], "https://console.mistral.ai/api-keys"),
    )
};

pub(super) static GROQ: Compatible = Compatible {
    // Null members are refused, and so are schemas and tools beside thoughts inside the text.
    quirks: || Quirks {
        max_tokens_field: "max_completion_tokens".to_owned(),
        bare_calls: true,
        parsed_reasoning: true,
        thoughts_back: true,
        reasoning_named: true,
        ..Quirks::default()
    },
    ..vendor("groq", "Groq", "https://api.groq.com/openai/v1", key(&["GROQ_API_KEY"], "https://console.groq.com/keys"))
};

pub(super) static TOGETHER: Compatible = Compatible {
    quirks: || Quirks {
        users: false,
        parallel: false,
        top_k: true,
        thoughts_back: true,
        reasoning_named: true,
        indexed_calls: true,
        ..Quirks::default()
    },
    // Its own SDK calls models here, and everything else at the other address.
    doors: &[(Dialect::OpenAiChat, "https://api-inference.together.ai/v1")],
    ..vendor(
        "together",
        "Together",
        "https://api.together.ai/v1",
        key(&["TOGETHER_API_KEY"], "https://api.together.ai/settings/api-keys"),
    )
};

/// Its own dialect is not spoken; this is its compatible door.
pub(super) static COHERE: Compatible = Compatible {
    quirks: || Quirks { parallel: false, schema_beside: true, ..Quirks::default() },
    ..vendor(
        "cohere",
        "Cohere",
        "https://api.cohere.ai/compatibility/v1",
        key(&["CO_API_KEY"], "https://dashboard.cohere.com/api-keys"),
    )
};

pub(super) static QWEN: Compatible = Compatible {
    // With thinking on, no choice of a tool is forced, and open models answer in pieces alone.
    quirks: || Quirks {
        forced: false,
        stream_thinking: true,
        users: false,
        top_k: true,
        thoughts_back: true,
        ..Quirks::default()
    },
    ..vendor(
        "qwen",
        "Qwen",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        key(&["DASHSCOPE_API_KEY"], "https://modelstudio.console.alibabacloud.com"),
    )
};

pub(super) static ZHIPU: Compatible = Compatible {
    // Usage comes in the last chunk unasked.
    quirks: || Quirks {
        stream_usage: false,
        forced: false,
        schema: false,
        return_reasoning: true,
        user_id: true,
        parallel: false,
        penalties: false,
        bare_images: true,
        ..Quirks::default()
    },
    doors: &[(Dialect::AnthropicMessages, "https://api.z.ai/api/anthropic")],
    ..vendor(
        "zhipu",
        "Z.ai",
        "https://api.z.ai/api/paas/v4",
        key(&["ZAI_API_KEY"], "https://z.ai/manage-apikey/apikey-list"),
    )
};

pub(super) static MINIMAX: Compatible = Compatible {
    quirks: || Quirks { schema: false, split_reasoning: true, return_details: true, ..Quirks::default() },
    doors: &[(Dialect::AnthropicMessages, "https://api.minimax.io/anthropic")],
    ..vendor(
        "minimax",
        "MiniMax",
        "https://api.minimax.io/v1",
        key(&["MINIMAX_API_KEY"], "https://platform.minimax.io"),
    )
};

pub(super) static MOONSHOT: Compatible = Compatible {
    quirks: || Quirks { forced: false, return_reasoning: true, ..Quirks::default() },
    ..vendor(
        "moonshot",
        "Moonshot",
        "https://api.moonshot.ai/v1",
        key(&["MOONSHOT_API_KEY"], "https://platform.moonshot.ai/console/api-keys"),
    )
};

pub(super) static CEREBRAS: Compatible = Compatible {
    quirks: || Quirks {
        max_tokens_field: "max_completion_tokens".to_owned(),
        thoughts_back: true,
        reasoning_named: true,
        ..Quirks::default()
    },
    ..vendor(
        "cerebras",
        "Cerebras",
        "https://api.cerebras.ai/v1",
        key(&["CEREBRAS_API_KEY"], "https://cloud.cerebras.ai"),
    )
};

pub(super) static LLAMACPP: Compatible = Compatible {
    local: true,
    quirks: || Quirks { top_k: true, ..Quirks::default() },
    ..vendor("llamacpp", "llama.cpp", "http://127.0.0.1:8080/v1", OWN)
};

pub(super) static VLLM: Compatible = Compatible {
    local: true,
    quirks: || Quirks { top_k: true, ..Quirks::default() },
    ..vendor("vllm", "vLLM", "http://127.0.0.1:8000/v1", OWN)
};
