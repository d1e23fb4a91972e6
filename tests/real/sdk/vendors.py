"""Makes calls through the SDKs of single vendors and clouds, and says what their types think of requests and answers.

Reads a JSON list of cases on standard input; prints a JSON list of results, one for each. A case names an SDK and asks
one of three things: `ask` (make this call, which is told in nobody's dialect), `body` (does this request fit the types?),
`raw` (do these answers fit the types?). Without any of them it says where the SDK goes by itself.
"""

import json
import sys
import warnings
from urllib.parse import urlsplit, urlunsplit

import anthropic
import cerebras.cloud.sdk as cerebras
import groq
import httpx
import mistralai.client as mistral
import openai
import openrouter
import together
import zai
from cerebras.cloud.sdk.types.chat import chat_completion as cerebras_answer
from cerebras.cloud.sdk.types.chat import completion_create_params as cerebras_asked
from dashscope.v2 import Client as DashScope
from dashscope.v2.protocols.openai import OpenAIProtocol
from dashscope.v2.types import completions as dashscope_answer
from google import genai
from google.auth.credentials import AnonymousCredentials
from google.genai import types as google
from groq.types.chat import completion_create_params as groq_asked
from huggingface_hub import InferenceClient
from huggingface_hub.inference import _providers as hub
from huggingface_hub.inference._generated.types import chat_completion as hub_answer
from openai.types.chat import completion_create_params as openai_asked
from together.types.chat import completion_create_params as together_asked

from fits import fits, takes


def given(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def swapped(home, base):
    """The SDK's own address with the scripted upstream's in the place of scheme and host."""
    there, here = urlsplit(home), urlsplit(base)
    path = (here.path.rstrip("/") + there.path).rstrip("/")
    return urlunsplit((here.scheme, here.netloc, path, "", ""))


def choice(case):
    wanted = case.get("choice")
    if isinstance(wanted, dict):
        return {"type": "function", "function": {"name": wanted["name"]}}
    return wanted


def tools(case):
    offered = case.get("tools") or []
    return [{"type": "function", "function": tool} for tool in offered] or None


def shape(case):
    if case.get("schema"):
        return {"type": "json_schema", "json_schema": case["schema"]}
    return {"type": "json_object"} if case.get("json") else None


def parts(blocks):
    """A turn's content: text alone where that is all of it."""
    if all("text" in block for block in blocks):
        return "".join(block["text"] for block in blocks)
    picture = lambda block: {"type": "image_url", "image_url": {"url": block["image"]}}  # noqa: E731
    return [{"type": "text", "text": b["text"]} if "text" in b else picture(b) for b in blocks]


def call(block):
    return {"id": block["id"], "type": "function", "function": {"name": block["call"], "arguments": block["input"]}}


def messages(case, thoughts=None, content=parts):
    """The conversation as OpenAI's users spell it. `thoughts` names the field that thoughts go back in."""
    role = case.get("system_role") or "system"
    out = [{"role": role, "content": case["system"]}] if case.get("system") else []
    for turn in case["turns"]:
        blocks = turn["blocks"]
        if turn["role"] == "tool":
            out += [{"role": "tool", "tool_call_id": b["id"], "content": b["result"]} for b in blocks]
            continue
        said = {"role": turn["role"]}
        seen = [b for b in blocks if "text" in b or "image" in b]
        if seen:
            said["content"] = content(seen)
        if thoughts == "reasoning_details":
            # What came of it goes back as it came.
            said |= given(reasoning_details=[d for b in blocks for d in json.loads(b.get("seal") or "[]")] or None)
        elif thoughts:
            said |= given(**{thoughts: "".join(b["thought"] for b in blocks if "thought" in b) or None})
        calls = [call(b) for b in blocks if "call" in b]
        if calls:
            said["tool_calls"] = calls
        out.append(said)
    return out


class Sdk:
    """An SDK that is asked like OpenAI's, which most are; what differs stands in the classes below."""

    # What the limit of the answer is called, where the SDK itself calls the other name deprecated.
    limit = "max_tokens"
    names = {}
    # What thoughts go back in, where they do.
    thoughts = None
    # Calls that go back say which of their turn they are.
    indexed = False

    def fields(self, case, call):
        """What its user would pass for this call: of all that is wished, what the SDK can say."""
        wished = given(
            model=case["model"],
            messages=self.messages(case),
            temperature=case.get("temperature"),
            top_p=case.get("top_p"),
            seed=case.get("seed"),
            stop=case.get("stop"),
            presence_penalty=case.get("presence_penalty"),
            frequency_penalty=case.get("frequency_penalty"),
            user=case.get("user"),
            response_format=shape(case),
            tools=tools(case),
            tool_choice=choice(case),
            parallel_tool_calls=case.get("parallel"),
            stream_options={"include_usage": True} if case["stream"] else None,
        )
        if case.get("max"):
            wished[case.get("max_field") or self.limit] = case["max"]
        wished = {self.names.get(name, name): value for name, value in wished.items()}
        known = takes(call)
        return {name: value for name, value in wished.items() if name in known} | case.get("wish", {})

    def messages(self, case):
        out = messages(case, case.get("thoughts") or self.thoughts)
        calls = (call for message in out for call in enumerate(message.get("tool_calls", [])))
        for n, call in calls if self.indexed else []:
            call["index"] = n
        return out

    def asked(self, _):
        """The type of a request."""
        raise NotImplementedError

    def told(self, _):
        """The type of an answer, or of a piece of one."""
        raise NotImplementedError

    def client(self, case):
        raise NotImplementedError

    def home(self):
        """Where the SDK goes by itself."""
        return str(self.client({"key": "none", "base": None}).base_url).rstrip("/")

    def base(self, case):
        return case["base"] and swapped(self.home(), case["base"])

    def create(self, case):
        return self.client(case).chat.completions.create

    def pieces(self, case):
        """The answer's pieces, or the answer as the only one."""
        create = self.create(case)
        fields = self.fields(case, create)
        if case["stream"]:
            yield from ((chunk, "delta") for chunk in create(stream=True, **fields))
        else:
            yield create(**fields), "message"

    def thought(self, said):
        return getattr(said, "reasoning", None) or getattr(said, "reasoning_content", None) or ""

    def used(self, piece):
        usage = getattr(piece, "usage", None)
        return usage or getattr(getattr(piece, "x_groq", None), "usage", None)

    def text(self, content):
        return content or "", ""

    def ask(self, case):
        text, thinking, finish, usage, calls = "", "", None, None, {}
        for piece, part in self.pieces(case):
            usage = self.used(piece) or usage
            for one in piece.choices or []:
                said = getattr(one, part)
                finish = one.finish_reason or finish
                if said is None:
                    continue
                word, thought = self.text(said.content)
                text += word
                thinking += thought + self.thought(said)
                for n, made in enumerate(said.tool_calls or []):
                    number = getattr(made, "index", None) if part == "delta" else n
                    mine = calls.setdefault(n if number is None else number, ["", ""])
                    mine[0] += made.function.name or ""
                    mine[1] += made.function.arguments or ""
        return {
            "text": text,
            "thinking": thinking,
            "tools": [[name, json.loads(arguments)] for name, arguments in calls.values()],
            "finish": str(finish),
            "usage": usage and counts(usage),
        }


def counts(usage):
    """Prompt, cached, completion and reasoning tokens, as far as the SDK's types tell them."""
    plain = usage if isinstance(usage, dict) else getattr(usage, "model_dump", lambda: vars(usage))()
    inner = lambda group, name: (plain.get(group) or {}).get(name)  # noqa: E731
    return [
        plain.get("prompt_tokens") or plain.get("input_tokens"),
        inner("prompt_tokens_details", "cached_tokens"),
        plain.get("completion_tokens") or plain.get("output_tokens"),
        inner("completion_tokens_details", "reasoning_tokens"),
    ]


class Mistral(Sdk):
    names = {"seed": "random_seed"}

    def home(self):
        return mistral.sdkconfiguration.SERVERS["global"]

    def client(self, case):
        return mistral.Mistral(api_key=case["key"], server_url=self.base(case))

    def create(self, case):
        chat = self.client(case).chat
        return chat.stream if case["stream"] else chat.complete

    def messages(self, case):
        out = messages(case)
        # Thoughts are parts of the content.
        said = [turn for turn in case["turns"] if turn["role"] != "tool"]
        answers = [m for m in out if m["role"] in ("user", "assistant")]
        for turn, message in zip(said, answers):
            thoughts = [b for b in turn["blocks"] if "thought" in b]
            if thoughts:
                chunk = lambda b: {"type": "thinking", "thinking": [{"type": "text", "text": b["thought"]}]}  # noqa: E731
                text = message.get("content")
                message["content"] = [chunk(b) for b in thoughts] + ([{"type": "text", "text": text}] if text else [])
        return out

    def pieces(self, case):
        create = self.create(case)
        answer = create(**self.fields(case, create))
        if case["stream"]:
            yield from ((event.data, "delta") for event in answer)
        else:
            yield answer, "message"

    def text(self, content):
        if not isinstance(content, list):
            return content if isinstance(content, str) else "", ""
        words = "".join(part.text for part in content if part.type == "text")
        return words, "".join(t.text for part in content if part.type == "thinking" for t in part.thinking)

    def asked(self, stream):
        models = mistral.models
        return models.ChatCompletionStreamRequest if stream else models.ChatCompletionRequest

    def told(self, stream):
        models = mistral.models
        return models.CompletionChunk if stream else models.ChatCompletionResponse


class Groq(Sdk):
    limit = "max_completion_tokens"
    thoughts = "reasoning"

    def client(self, case):
        return groq.Groq(api_key=case["key"], base_url=self.base(case) if case["base"] else None, max_retries=0)

    def asked(self, _):
        return groq_asked.CompletionCreateParams

    def told(self, stream):
        return groq.types.chat.ChatCompletionChunk if stream else groq.types.chat.ChatCompletion


class Together(Sdk):
    thoughts = "reasoning"
    indexed = True

    def client(self, case):
        return together.Together(api_key=case["key"], base_url=self.base(case) if case["base"] else None, max_retries=0)

    def home(self):
        """Where its calls of this kind go: not where the rest goes."""
        gone = []

        def seen(request):
            gone.append(str(request.url))
            raise httpx.ConnectError("seen")

        taken = httpx.Client(transport=httpx.MockTransport(seen))
        client = together.Together(api_key="none", max_retries=0, http_client=taken)
        try:
            client.chat.completions.create(model="m", messages=[])
        except together.APIConnectionError:
            pass
        return gone[0].removesuffix("/v1/chat/completions")

    def asked(self, _):
        return together_asked.CompletionCreateParams

    def told(self, stream):
        types = together.types.chat
        return types.ChatCompletionChunk if stream else types.ChatCompletion


class Cerebras(Sdk):
    limit = "max_completion_tokens"
    thoughts = "reasoning"

    def client(self, case):
        base = self.base(case) if case["base"] else None
        # It would call once by itself, to have a connection ready.
        return cerebras.Cerebras(api_key=case["key"], base_url=base, max_retries=0, warm_tcp_connection=False)

    def asked(self, _):
        return cerebras_asked.CompletionCreateParams

    def told(self, stream):
        return cerebras_answer.ChatChunkResponse if stream else cerebras_answer.ChatCompletionResponse


class Zai(Sdk):
    names = {"user": "user_id"}
    thoughts = "reasoning_content"

    def client(self, case):
        return zai.ZaiClient(api_key=case["key"], base_url=self.base(case) if case["base"] else None, max_retries=0)

    def asked(self, _):
        return takes(zai.ZaiClient(api_key="none").chat.completions.create)

    def told(self, stream):
        from zai.types.chat import chat_completion, chat_completion_chunk

        return chat_completion_chunk.ChatCompletionChunk if stream else chat_completion.Completion


class Hub(Sdk):
    def client(self, case):
        router = hub.CONVERSATIONAL_AUTO_ROUTER
        router.base_url = self.base(case)
        return InferenceClient(provider="auto", api_key=case["key"])

    def home(self):
        return "https://" + urlsplit(HUB).netloc

    def create(self, case):
        return self.client(case).chat_completion

    def fields(self, case, call):
        fields = super().fields(case, call)
        if isinstance(fields.get("tool_choice"), dict):
            fields["tool_choice"] = {"function": fields["tool_choice"]["function"]}
        # What it has no name for is passed on.
        extra = {name: fields.pop(name) for name in case.get("wish", {}) if name not in takes(call)}
        return fields | given(extra_body=extra or None)

    def asked(self, _):
        return takes(InferenceClient.chat_completion)

    def told(self, stream):
        return hub_answer.ChatCompletionStreamOutput if stream else hub_answer.ChatCompletionOutput


HUB = hub.CONVERSATIONAL_AUTO_ROUTER.base_url


class Qwen(Sdk):
    thoughts = "reasoning_content"

    def client(self, case):
        with warnings.catch_warnings():
            # It would rather be told a workspace.
            warnings.simplefilter("ignore")
            base = given(base_url=self.base(case) if case["base"] else None)
            return DashScope(
                api_key=case["key"], protocol="openai", region="ap-southeast-1", max_retries=0, config_path="/none", **base
            )

    def home(self):
        return self.client({"key": "none", "base": None})._config.protocol_base_url.rstrip("/")

    def messages(self, case):
        picture = lambda b: {"type": "image", "url": b["image"]}  # noqa: E731
        listed = lambda blocks: (  # noqa: E731
            parts(blocks)
            if all("text" in b for b in blocks)
            else [{"type": "text", "text": b["text"]} if "text" in b else picture(b) for b in blocks]
        )
        return messages(case, self.thoughts, listed)

    def asked(self, _):
        known = takes(OpenAIProtocol.build_chat_request)
        # Some it has names for that are others on the wire; some it adds by itself.
        ours = {name: kind for name, kind in known.items() if name not in ("self", "extra_parameters", "path")}
        return ours | {"stream_options": dict}

    def told(self, stream):
        return dashscope_answer.ChatCompletionChunk if stream else dashscope_answer.ChatCompletion


class Router(Sdk):
    thoughts = "reasoning_details"

    def home(self):
        return openrouter.sdkconfiguration.SERVERS["production"]

    def client(self, case):
        return openrouter.OpenRouter(api_key=case["key"], server_url=self.base(case), retry_config=None)

    def create(self, case):
        return self.client(case).chat.send

    def asked(self, _):
        return openrouter.components.ChatRequest

    def told(self, stream):
        parts = openrouter.components
        return parts.ChatStreamChunk if stream else parts.ChatResult


class OpenAI(Sdk):
    """OpenAI's own, at the door of a vendor who names it in its documents and has none of its own for that door."""

    def client(self, case):
        return openai.OpenAI(api_key=case["key"], base_url=case["base"], max_retries=0)

    def home(self):
        return None

    def thought(self, said):
        details = getattr(said, "reasoning_details", None) or []
        return super().thought(said) or "".join(detail["text"] for detail in details)

    def asked(self, stream):
        asked = openai_asked
        return asked.CompletionCreateParamsStreaming if stream else asked.CompletionCreateParamsNonStreaming

    def told(self, stream):
        types = openai.types.chat
        return types.ChatCompletionChunk if stream else types.ChatCompletion


class Azure(OpenAI):
    """The older surface of Azure, whose path names the deployment."""

    limit = "max_completion_tokens"

    def client(self, case):
        return openai.AzureOpenAI(
            api_key=case["key"], azure_endpoint=case["base"], api_version=case["version"], max_retries=0
        )


class Claude(Sdk):
    """Anthropic's own on other clouds."""

    def create(self, case):
        return self.client(case).messages.create

    def asked(self, stream):
        asked = anthropic.types.message_create_params
        return asked.MessageCreateParamsStreaming if stream else asked.MessageCreateParamsNonStreaming

    def told(self, stream):
        return anthropic.types.RawMessageStreamEvent if stream else anthropic.types.Message

    def fields(self, case, _):
        turns = []
        for turn in case["turns"]:
            role = "user" if turn["role"] == "tool" else turn["role"]
            turns.append({"role": role, "content": [self.block(b) for b in turn["blocks"]]})
        wanted = case.get("choice")
        kinds = {"auto": "auto", "required": "any", "none": "none"}
        picked = {"type": "tool", "name": wanted["name"]} if isinstance(wanted, dict) else {"type": kinds.get(wanted)}
        offered = [
            given(name=t["name"], description=t.get("description"), input_schema=t["parameters"])
            for t in case.get("tools") or []
        ]
        fields = given(
            model=case["model"],
            max_tokens=case["max"],
            system=case.get("system"),
            messages=turns,
            tools=offered or None,
            tool_choice=picked if offered else None,
            output_config=case.get("schema") and {"format": {"type": "json_schema", "schema": case["schema"]["schema"]}},
            stop_sequences=case.get("stop"),
            metadata=case.get("user") and {"user_id": case["user"]},
            extra_headers=case.get("headers"),
            timeout=600,
        )
        return fields | case.get("wish", {})

    def block(self, block):
        if "text" in block:
            return {"type": "text", "text": block["text"]}
        if "thought" in block:
            return {"type": "thinking", "thinking": block["thought"], "signature": block["seal"]}
        if "call" in block:
            return {"type": "tool_use", "id": block["id"], "name": block["call"], "input": json.loads(block["input"])}
        if "result" in block:
            return given(
                type="tool_result", tool_use_id=block["id"], content=block["result"], is_error=block.get("failed") or None
            )
        kind, data = block["image"].removeprefix("data:").split(";base64,")
        return {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}

    def ask(self, case):
        fields = self.fields(case, None)
        client = self.client(case)
        if case["stream"]:
            with client.messages.stream(**fields) as pieces:
                answer = pieces.get_final_message()
        else:
            answer = client.messages.create(**fields)
        of = lambda kind: [block for block in answer.content if block.type == kind]  # noqa: E731
        usage = answer.usage
        cached = usage.cache_read_input_tokens or 0
        details = usage.output_tokens_details
        return {
            "text": "".join(block.text for block in of("text")),
            "thinking": "".join(block.thinking for block in of("thinking")),
            "tools": [[block.name, block.input] for block in of("tool_use")],
            "finish": answer.stop_reason,
            "usage": [usage.input_tokens + cached, cached, usage.output_tokens, details and details.thinking_tokens],
        }


class VertexClaude(Claude):
    def client(self, case):
        return anthropic.AnthropicVertex(
            region=case["location"],
            project_id=case["project"],
            access_token=case["key"],
            base_url=case["base"] and f"{case['base']}/v1",
            max_retries=0,
        )

    def home(self):
        case = {"location": "europe-west4", "project": "p", "key": "none", "base": None}
        return str(self.client(case).base_url).rstrip("/")


class FoundryClaude(Claude):
    def client(self, case):
        return anthropic.AnthropicFoundry(api_key=case["key"], base_url=f"{case['base']}/anthropic", max_retries=0)

    def home(self):
        client = anthropic.AnthropicFoundry(api_key="none", resource="house")
        return str(client.base_url).rstrip("/")


class Signed(AnonymousCredentials):
    """A token that is good for ever."""

    def __init__(self, token):
        super().__init__()
        self.token = token

    def apply(self, headers, token=None):
        headers["authorization"] = f"Bearer {token or self.token}"

    def before_request(self, request, method, url, headers):
        self.apply(headers)


class VertexGemini(Sdk):
    def client(self, case):
        options = given(base_url=case["base"])
        return genai.Client(
            vertexai=True,
            project=case["project"],
            location=case["location"],
            credentials=Signed(case["key"]),
            http_options=google.HttpOptions(**options),
        )

    def asked(self, _):
        """Held by the dialect's own judge."""
        return None

    def told(self, _):
        return None

    def home(self):
        client = self.client({"project": "p", "location": "europe-west4", "key": "none", "base": None})
        return client._api_client._http_options.base_url.rstrip("/")

    def part(self, block, names):
        if "text" in block:
            return google.Part(text=block["text"])
        if "call" in block:
            made = google.FunctionCall(id=block["id"], name=block["call"], args=json.loads(block["input"]))
            return google.Part(function_call=made, **given(thought_signature=block.get("seal")))
        if "result" in block:
            answer = {"error" if block.get("failed") else "output": block["result"]}
            told = google.FunctionResponse(id=block["id"], name=names[block["id"]], response=answer)
            return google.Part(function_response=told)
        kind, data = block["image"].removeprefix("data:").split(";base64,")
        return google.Part(inline_data=google.Blob(mime_type=kind, data=data))

    def ask(self, case):
        names = {b["id"]: b["call"] for turn in case["turns"] for b in turn["blocks"] if "call" in b}
        roles = {"assistant": "model", "user": "user", "tool": "user"}
        turns = [
            # Summaries of thoughts are for people: what goes back of them is the signature, on the part it came with.
            google.Content(
                role=roles[turn["role"]], parts=[self.part(b, names) for b in turn["blocks"] if "thought" not in b]
            )
            for turn in case["turns"]
        ]
        declared = [
            google.FunctionDeclaration(
                name=tool["name"], description=tool.get("description"), parameters_json_schema=tool["parameters"]
            )
            for tool in case.get("tools") or []
        ]
        wanted = case.get("choice")
        modes = {"auto": "AUTO", "required": "ANY", "none": "NONE"}
        calling = None
        if isinstance(wanted, dict):
            calling = google.FunctionCallingConfig(mode="ANY", allowed_function_names=[wanted["name"]])
        elif wanted:
            calling = google.FunctionCallingConfig(mode=modes[wanted])
        schema = case.get("schema")
        thinking = case.get("wish", {}).get("thinking_config")
        config = google.GenerateContentConfig(
            **given(
                system_instruction=case.get("system"),
                temperature=case.get("temperature"),
                top_p=case.get("top_p"),
                seed=case.get("seed"),
                presence_penalty=case.get("presence_penalty"),
                frequency_penalty=case.get("frequency_penalty"),
                stop_sequences=case.get("stop"),
                max_output_tokens=case.get("max"),
                response_mime_type="application/json" if schema or case.get("json") else None,
                response_json_schema=schema and schema["schema"],
                thinking_config=thinking and google.ThinkingConfig(**thinking),
                tools=[google.Tool(function_declarations=declared)] if declared else None,
                tool_config=calling and google.ToolConfig(function_calling_config=calling),
            )
        )
        # Without a name it would be closed before its answer is read.
        client = self.client(case)
        way = client.models.generate_content_stream if case["stream"] else client.models.generate_content
        answer = way(model=case["model"], contents=turns, config=config)
        text, thinking, made, finish, usage = "", "", [], None, None
        for piece in answer if case["stream"] else [answer]:
            usage = piece.usage_metadata or usage
            for candidate in piece.candidates or []:
                finish = candidate.finish_reason.value if candidate.finish_reason else finish
                for part in (candidate.content and candidate.content.parts) or []:
                    if part.thought:
                        thinking += part.text
                    elif part.text:
                        text += part.text
                    elif part.function_call:
                        made.append([part.function_call.name, part.function_call.args])
        thoughts = usage.thoughts_token_count or 0
        output = (usage.candidates_token_count or 0) + thoughts
        counted = [usage.prompt_token_count, usage.cached_content_token_count or 0, output, thoughts]
        return {"text": text, "thinking": thinking, "tools": made, "finish": finish, "usage": counted}


SDKS = {
    "mistralai": Mistral(),
    "groq": Groq(),
    "together": Together(),
    "cerebras": Cerebras(),
    "zai": Zai(),
    "huggingface": Hub(),
    "dashscope": Qwen(),
    "openrouter": Router(),
    "openai": OpenAI(),
    "azure": Azure(),
    "vertex-claude": VertexClaude(),
    "vertex-gemini": VertexGemini(),
    "foundry-claude": FoundryClaude(),
}
def body(sdk, case):
    kind = sdk.asked(case["stream"])
    if kind is None:
        return []
    if not isinstance(kind, dict):
        return fits(case["body"], kind)
    # No class of its own: a function's parameters.
    unknown = [f".{name}: not known" for name in case["body"] if name not in kind]
    return unknown + [
        line for name, value in case["body"].items() if name in kind for line in fits(value, kind[name], f".{name}")
    ]


def one(case):
    sdk = SDKS[case["sdk"]]
    try:
        if "turns" in case:
            return sdk.ask(case)
        if "body" in case:
            return {"complaints": body(sdk, case)}
        if "raw" in case:
            kind = sdk.told(case["stream"])
            return {"complaints": [line for raw in case["raw"] if kind for line in fits(raw, kind)]}
        return {"home": sdk.home()}
    except Exception as error:  # Whatever an SDK makes of what it does not take: it is a finding.
        return {"error": f"{type(error).__name__}: {error}"}


print(json.dumps([one(case) for case in json.load(sys.stdin)]))
