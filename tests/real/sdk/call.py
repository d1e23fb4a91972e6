"""Makes calls through the official SDKs and prints what they parsed.

Reads a JSON list of cases on standard input; prints a JSON list of results, one for each. A case says, in nobody's
dialect, what is asked of whom; each function here spells it as a user of that SDK would. With `cancel` its user leaves
after the first words of a stream, or when a whole answer takes too long.
"""

import base64
import json
import sys

import anthropic
import httpx
import httpx2
import ollama
import openai
import pydantic
from google import genai
from google.genai import errors as google_errors
from google.genai import types as google


def strangers(value, path=""):
    """Places of fields that the SDK's types do not know."""
    if isinstance(value, pydantic.BaseModel):
        found = [f"{path}.{name}" for name in (value.model_extra or {})]
        for name in type(value).model_fields:
            found += strangers(getattr(value, name, None), f"{path}.{name}")
        return found
    if isinstance(value, (list, tuple)):
        return [place for item in value for place in strangers(item, f"{path}[]")]
    return []


class Result:
    """What an SDK understood, in nobody's dialect."""

    # What came is another server's business: it is not held to the types.
    lenient = False

    def __init__(self):
        self.text, self.thinking, self.tools, self.finish = "", "", [], None
        self.usage, self.unknown = None, set()

    def strict(self, kind, raw):
        """The SDKs build their types without looking; this looks, at every field of what came."""
        if self.lenient:
            return
        parsed = pydantic.TypeAdapter(kind).validate_python(raw)
        self.unknown |= {f"{type(parsed).__name__}{place}" for place in strangers(parsed)}

    def json(self):
        return {
            "text": self.text,
            "thinking": self.thinking,
            "tools": self.tools,
            "finish": self.finish,
            "usage": self.usage,
            "unknown": sorted(self.unknown),
        }


def given(**fields):
    return {name: value for name, value in fields.items() if value is not None}


class Enough(Exception):
    """The user has left."""


def patience(case):
    """How long this user waits (seconds); `None` = as long as the SDK."""
    return 0.3 if case.get("cancel") and not case["stream"] else None


def seen(case, text):
    """Leaves once there was something to read."""
    if case.get("cancel") and text:
        raise Enough


def left(stream):
    """A stream that is closed when its reader leaves, as every SDK tells its users to."""
    try:
        yield from stream
    finally:
        stream.close()


# --- OpenAI Chat


def openai_client(case):
    wait = given(timeout=patience(case))
    return openai.OpenAI(base_url=case["base"], api_key=case["key"] or "none", max_retries=0, **wait)


def chat(case):
    messages = []
    if case.get("system"):
        messages.append({"role": case.get("system_role", "developer"), "content": case["system"]})
    content = case["user"]
    if case.get("image"):
        url = f"data:image/png;base64,{case['image']}"
        content = [{"type": "text", "text": content}, {"type": "image_url", "image_url": {"url": url}}]
    messages.append({"role": "user", "content": content})
    schema, stream = case.get("schema"), case["stream"]
    tools = [{"type": "function", "function": given(**tool)} for tool in case.get("tools", [])]
    fields = given(
        model=case["model"],
        messages=messages,
        temperature=case.get("temperature"),
        reasoning_effort=case.get("effort"),
        response_format=schema and {"type": "json_schema", "json_schema": given(**schema)},
        tools=tools or None,
        tool_choice=case.get("choice"),
        stream_options=case.get("stream_options") if stream else None,
        store=case.get("store"),
        extra_body=case.get("extra"),
    )
    if case.get("max"):
        fields[case.get("max_field", "max_completion_tokens")] = case["max"]
    out, calls = Result(), {}
    client = openai_client(case)
    if not stream:
        raw = client.chat.completions.with_raw_response.create(**fields)
        answer = raw.parse()
        out.strict(openai.types.chat.ChatCompletion, json.loads(raw.text() if callable(raw.text) else raw.text))
        choice = answer.choices[0]
        out.text, out.finish = choice.message.content or "", choice.finish_reason
        extra = choice.message.model_extra or {}
        out.thinking = extra.get("reasoning_content") or extra.get("reasoning") or ""
        for call in choice.message.tool_calls or []:
            calls[len(calls)] = [call.function.name, call.function.arguments]
        usage = answer.usage
    else:
        usage = None
        for chunk in left(client.chat.completions.create(stream=True, **fields)):
            out.strict(openai.types.chat.ChatCompletionChunk, chunk.to_dict(mode="json"))
            seen(case, out.text)
            usage = chunk.usage or usage
            for choice in chunk.choices:
                out.text += choice.delta.content or ""
                extra = choice.delta.model_extra or {}
                out.thinking += extra.get("reasoning_content") or extra.get("reasoning") or ""
                out.finish = choice.finish_reason or out.finish
                for call in choice.delta.tool_calls or []:
                    mine = calls.setdefault(call.index, ["", ""])
                    mine[0] += call.function.name or ""
                    mine[1] += call.function.arguments or ""
    out.tools = [[name, json.loads(arguments)] for name, arguments in calls.values()]
    if usage:
        out.usage = [
            usage.prompt_tokens,
            getattr(usage.prompt_tokens_details, "cached_tokens", None) or 0,
            usage.completion_tokens,
            getattr(usage.completion_tokens_details, "reasoning_tokens", None) or 0,
        ]
    return out


# --- OpenAI Responses


def responses(case):
    schema = case.get("schema")
    content = [{"type": "input_text", "text": case["user"]}]
    if case.get("image"):
        content.append({"type": "input_image", "image_url": f"data:image/png;base64,{case['image']}", "detail": "auto"})
    user = {"type": "message", "role": "user", "content": content}
    reasoning = given(effort=case.get("effort"), summary=case.get("summary"))
    fields = given(
        model=case["model"],
        instructions=case.get("system"),
        input=[user],
        max_output_tokens=case.get("max"),
        temperature=case.get("temperature"),
        reasoning=reasoning or None,
        text=schema and {"format": {"type": "json_schema", **given(**schema)}},
        tools=[{"type": "function", **given(**tool)} for tool in case.get("tools", [])] or None,
        tool_choice=case.get("choice"),
        store=case.get("store"),
        include=case.get("include"),
        stream_options=case.get("stream_options") if case["stream"] else None,
    )
    out = Result()
    client = openai_client(case)
    if not case["stream"]:
        raw = client.responses.with_raw_response.create(**fields)
        answer = raw.parse()
        out.strict(openai.types.responses.Response, json.loads(raw.text() if callable(raw.text) else raw.text))
    else:
        text, thoughts, answer, numbers = "", "", None, []
        for event in left(client.responses.create(stream=True, **fields)):
            seen(case, text)
            out.strict(openai.types.responses.ResponseStreamEvent, event.to_dict(mode="json"))
            numbers.append(event.sequence_number)
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.reasoning_summary_text.delta":
                thoughts += event.delta
            elif event.type == "error":
                assert out.lenient or numbers == list(range(len(numbers))), numbers
                return {"error": {"message": event.message}}
            elif event.type == "response.failed":
                return {"error": {"message": event.response.error.message}}
            elif event.type in ("response.completed", "response.incomplete"):
                answer = event.response
        assert out.lenient or numbers == list(range(len(numbers))), numbers
        assert text == answer.output_text, (text, answer.output_text)
        whole = "".join(part.text for item in answer.output if item.type == "reasoning" for part in item.summary)
        assert thoughts == whole, (thoughts, whole)
    out.text, out.finish = answer.output_text, answer.status
    for item in answer.output:
        if item.type == "reasoning":
            out.thinking += "".join(part.text for part in item.summary)
        elif item.type == "function_call":
            out.tools.append([item.name, json.loads(item.arguments)])
    usage = answer.usage
    out.usage = [
        usage.input_tokens,
        getattr(usage.input_tokens_details, "cached_tokens", 0),
        usage.output_tokens,
        getattr(usage.output_tokens_details, "reasoning_tokens", 0),
    ]
    return out


# --- Anthropic Messages


def messages(case):
    schema = case.get("schema")
    config = given(effort=case.get("effort"), format=schema and {"type": "json_schema", "schema": schema["schema"]})
    tools = [
        given(name=tool["name"], description=tool.get("description"), input_schema=tool["parameters"])
        for tool in case.get("tools", [])
    ]
    fields = given(
        model=case["model"],
        max_tokens=case["max"],
        system=case.get("system"),
        messages=[{"role": "user", "content": [{"type": "text", "text": case["user"]}]}],
        thinking=case.get("thinking"),
        output_config=config or None,
        tools=tools or None,
        tool_choice=case.get("choice"),
        extra_headers=case.get("headers"),
        extra_body=given(temperature=case.get("temperature")) or None,
        # Without it the SDK refuses to wait for long answers at all.
        timeout=patience(case) or 600,
    )
    content = fields["messages"][0]["content"]
    if case.get("image"):
        source = {"type": "base64", "media_type": "image/png", "data": case["image"]}
        content.append({"type": "image", "source": source})
    out = Result()
    client = anthropic.Anthropic(base_url=case["base"], api_key=case["key"], max_retries=0)
    if not case["stream"]:
        raw = client.messages.with_raw_response.create(**fields)
        answer = raw.parse()
        out.strict(anthropic.types.Message, json.loads(raw.text() if callable(raw.text) else raw.text))
    else:
        from anthropic.types import RawMessageStreamEvent

        for event in left(client.messages.create(stream=True, **fields)):
            out.strict(RawMessageStreamEvent, event.to_dict(mode="json"))
            seen(case, event.type == "content_block_delta")
        if case.get("again"):
            # The SDK's own way of joining the pieces.
            with client.messages.stream(**fields) as pieces:
                answer = pieces.get_final_message()
        else:
            return out
    out.finish = answer.stop_reason
    for block in answer.content:
        if block.type == "text":
            out.text += block.text
        elif block.type == "thinking":
            out.thinking += block.thinking
            # Only what Anthropic's own models thought is sealed.
            assert block.signature or "claude" not in case["model"]
        elif block.type == "tool_use":
            out.tools.append([block.name, block.input])
    usage = answer.usage
    cached = usage.cache_read_input_tokens or 0
    details = usage.output_tokens_details
    out.usage = [usage.input_tokens + cached, cached, usage.output_tokens, details.thinking_tokens if details else 0]
    return out


# --- Gemini


def gemini(case):
    schema = case.get("schema")
    declared = [
        google.FunctionDeclaration(
            name=tool["name"], description=tool.get("description"), parameters_json_schema=tool["parameters"]
        )
        for tool in case.get("tools", [])
    ]
    thinking = case.get("thinking")
    choice = None
    if case.get("choice"):
        mode, *names = case["choice"].split()
        choice = given(mode=mode, allowed_function_names=names or None)
    config = google.GenerateContentConfig(
        **given(
            system_instruction=case.get("system"),
            temperature=case.get("temperature"),
            max_output_tokens=case.get("max"),
            response_mime_type=schema and "application/json",
            response_json_schema=schema and schema["schema"],
            thinking_config=thinking and google.ThinkingConfig(**thinking),
            tools=[google.Tool(function_declarations=declared)] if declared else None,
            tool_config=choice and google.ToolConfig(function_calling_config=google.FunctionCallingConfig(**choice)),
        )
    )
    client = google_client(case)
    contents = case["user"]
    if case.get("image"):
        contents = [contents, google.Part.from_bytes(data=base64.b64decode(case["image"]), mime_type="image/png")]
    fields = {"model": case["model"], "contents": contents, "config": config}
    out = Result()
    if case["stream"]:
        chunks = []
        for chunk in left(client.models.generate_content_stream(**fields)):
            chunks.append(chunk)
            seen(case, chunk.candidates and chunk.text)
    else:
        chunks = [client.models.generate_content(**fields)]
    for chunk in chunks:
        for candidate in chunk.candidates or []:
            out.finish = candidate.finish_reason.value if candidate.finish_reason else out.finish
            for part in candidate.content.parts or []:
                if part.thought:
                    out.thinking += part.text
                elif part.text:
                    out.text += part.text
                elif part.function_call:
                    out.tools.append([part.function_call.name, part.function_call.args])
    usage = chunks[-1].usage_metadata
    thoughts = usage.thoughts_token_count or 0
    cached = usage.cached_content_token_count or 0
    out.usage = [usage.prompt_token_count, cached, (usage.candidates_token_count or 0) + thoughts, thoughts]
    assert usage.total_token_count == out.usage[0] + out.usage[2]
    return out


def google_client(case):
    wait = given(timeout=patience(case) and int(patience(case) * 1000))
    options = google.HttpOptions(base_url=case["base"], api_version="v1beta", **wait)
    return genai.Client(api_key=case["key"], http_options=options)


# --- Ollama


def native(case):
    schema = case.get("schema")
    turns = [{"role": "system", "content": case["system"]}] if case.get("system") else []
    turns.append(given(role="user", content=case["user"], images=[case["image"]] if case.get("image") else None))
    fields = given(
        model=case["model"],
        messages=turns,
        tools=[{"type": "function", "function": given(**tool)} for tool in case.get("tools", [])] or None,
        stream=case["stream"],
        format=schema and schema["schema"],
        think=case.get("think"),
        options=case.get("options"),
    )
    out = Result()
    # Its users put a key into the headers: it has no other place.
    access = given(Authorization=case["key"] and f"Bearer {case['key']}")
    answer = ollama.Client(host=case["base"], headers=access, timeout=patience(case)).chat(**fields)
    for line in left(answer) if case["stream"] else [answer]:
        seen(case, line.message.content)
        out.text += line.message.content or ""
        out.thinking += line.message.thinking or ""
        for call in line.message.tool_calls or []:
            out.tools.append([call.function.name, dict(call.function.arguments)])
        if line.done:
            out.finish = line.done_reason
            out.usage = [line.prompt_eval_count, 0, line.eval_count, 0]
    return out


# --- What came, as it came: these two SDKs drop what they do not know before their types see it


def raw(case):
    out = Result()
    for value in case["raw"]:
        if case["dialect"] == "gemini-generate-content":
            # These types forbid what they do not know.
            out.strict(google.GenerateContentResponse, value)
        else:
            out.strict(ollama.ChatResponse, value)
            message = ollama.Message
            out.unknown |= {f".{name}" for name in set(value) - set(ollama.ChatResponse.model_fields)}
            out.unknown |= {f".message.{name}" for name in set(value["message"]) - set(message.model_fields)}
    return out


# --- Models


def models(case):
    out = Result()
    dialect = case["dialect"]
    if dialect == "anthropic-messages":
        listed = anthropic.Anthropic(base_url=case["base"], api_key=case["key"]).models.list()
        out.strict(anthropic.types.ModelInfo, listed.data[0].to_dict(mode="json"))
        names = [model.id for model in listed]
    elif dialect == "gemini-generate-content":
        client = google_client(case)
        names = [model.name for model in client.models.list()]
    elif dialect == "ollama-chat":
        client = ollama.Client(host=case["base"])
        names = [model.model for model in client.list().models]
        shown = client.show(names[0])
        assert "completion" in shown.capabilities and shown.modelinfo["qwen2.context_length"] == 32768
    else:
        listed = openai_client(case).models.list()
        out.strict(openai.types.Model, listed.data[0].to_dict(mode="json"))
        names = [model.id for model in listed]
    out.text = " ".join(names)
    return out


def failure(error):
    """An error as the SDK tells it: its class, its status, and its body's own words."""
    body = getattr(error, "body", None) or getattr(error, "details", None) or {}
    inner = body.get("error", body) if isinstance(body, dict) else {}
    inner = inner if isinstance(inner, dict) else {"message": inner}
    headers = getattr(getattr(error, "response", None), "headers", {}) or {}
    return {
        "class": type(error).__name__,
        "status": getattr(error, "status_code", None) or getattr(error, "code", None),
        "message": inner.get("message") or getattr(error, "error", None) or str(error),
        "kind": inner.get("code") or inner.get("type"),
        "type": inner.get("status") or inner.get("type"),
        "retry_after": headers.get("retry-after"),
    }


WAYS = {
    "openai-chat": chat,
    "openai-responses": responses,
    "anthropic-messages": messages,
    "gemini-generate-content": gemini,
    "ollama-chat": native,
}
# What two of the SDKs let through when their user's patience ends.
LATE = (httpx.TimeoutException, httpx2.TimeoutException)
OWN = (openai.APIError, anthropic.APIError, google_errors.APIError, ollama.ResponseError)


def one(case):
    Result.lenient = bool(case.get("lenient"))
    try:
        way = models if case.get("list") else raw if case.get("raw") else WAYS[case["dialect"]]
        done = way(case)
        return done.json() if isinstance(done, Result) else done
    except pydantic.ValidationError as error:
        return {"invalid": str(error)}
    except Enough:
        return {"left": True}
    except OWN as error:
        return {"error": failure(error)}
    except LATE as error:
        return {"error": {"class": type(error).__name__}}


print(json.dumps([one(case) for case in json.load(sys.stdin)]))
