"""Makes the calls of `call.py` through litellm, as a user of litellm would: one way of asking for every dialect."""

import json
import os
import sys

# Otherwise it fetches a list of prices before anything else.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

litellm.suppress_debug_info = True
litellm.telemetry = False

# How litellm names whom it speaks to.
NAMES = {
    "openai-chat": "openai",
    "openai-responses": "openai",
    "anthropic-messages": "anthropic",
    "gemini-generate-content": "gemini",
    "ollama-chat": "ollama_chat",
}


def given(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def fields_of(case):
    return given(
        model=f"{NAMES[case['dialect']]}/{case['model']}",
        api_base=case["base"],
        api_key=case["key"],
        stream=case["stream"],
        timeout=(2 if case["stream"] else 0.3) if case.get("cancel") else 60,
        num_retries=0,
        max_retries=0,
    )


def wish(case):
    """It knows by name who reasons, and monster's names are not among them: those are passed on as they are."""
    if not case.get("effort"):
        return {}
    if case["dialect"] == "anthropic-messages":
        return {"thinking": {"type": "enabled", "budget_tokens": 1024}, "allowed_openai_params": ["thinking"]}
    return {"reasoning_effort": case["effort"], "allowed_openai_params": ["reasoning_effort"]}


def chat(case):
    content = case["user"]
    if case.get("image"):
        url = f"data:image/png;base64,{case['image']}"
        content = [{"type": "text", "text": content}, {"type": "image_url", "image_url": {"url": url}}]
    fields = fields_of(case) | given(
        messages=[{"role": "user", "content": content}],
        max_tokens=case["max"],
        **wish(case),
        tools=[{"type": "function", "function": tool} for tool in case.get("tools", [])] or None,
        stream_options={"include_usage": True} if case["stream"] else None,
    )
    answer = litellm.completion(**fields)
    if case["stream"]:
        chunks, text = [], ""
        for chunk in answer:
            chunks.append(chunk)
            text += (chunk.choices and chunk.choices[0].delta.content) or ""
            if case.get("cancel") and text:
                return leave(answer)
        answer = litellm.stream_chunk_builder(chunks, messages=fields["messages"])
        assert (answer.choices[0].message.content or "") == text, (text, answer)
    message, usage = answer.choices[0].message, answer.usage
    return {
        "text": message.content or "",
        "thinking": getattr(message, "reasoning_content", None) or "",
        "tools": [[c.function.name, json.loads(c.function.arguments)] for c in message.tool_calls or []],
        "usage": [usage.prompt_tokens, usage.completion_tokens],
    }


def responses(case):
    content = [{"type": "input_text", "text": case["user"]}]
    if case.get("image"):
        content.append({"type": "input_image", "image_url": f"data:image/png;base64,{case['image']}", "detail": "auto"})
    fields = fields_of(case) | given(
        input=[{"type": "message", "role": "user", "content": content}],
        max_output_tokens=case["max"],
        reasoning={"effort": case["effort"], "summary": "auto"} if case.get("effort") else None,
        tools=[{"type": "function", **tool} for tool in case.get("tools", [])] or None,
    )
    answer = litellm.responses(**fields)
    if case["stream"]:
        text, last = "", None
        for event in answer:
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.completed":
                last = event.response
            elif event.type in ("error", "response.failed"):
                raise RuntimeError(event)
            if case.get("cancel") and text:
                return leave(answer)
        answer = last
    said = {"text": "", "thinking": "", "tools": []}
    for item in answer.output:
        if item.type == "message":
            said["text"] += "".join(part.text for part in item.content)
        elif item.type == "reasoning":
            said["thinking"] += "".join(part.text if hasattr(part, "text") else part["text"] for part in item.summary)
        elif item.type == "function_call":
            said["tools"].append([item.name, json.loads(item.arguments)])
    return said | {"usage": [answer.usage.input_tokens, answer.usage.output_tokens]}


def leave(stream):
    """It has no way of its own to end a stream: whoever leaves lets go of it, and of the connection in it."""
    for holder in (stream, getattr(stream, "completion_stream", None), getattr(stream, "response", None)):
        for name in ("close", "_close"):
            if callable(getattr(holder, name, None)):
                getattr(holder, name)()
    return {"left": True}


def one(case):
    try:
        return (responses if case["dialect"] == "openai-responses" else chat)(case)
    except Exception as error:  # noqa: BLE001: which one it is, is what is asked
        return {
            "error": {
                "class": type(error).__name__,
                "status": getattr(error, "status_code", None),
                "message": str(error),
            }
        }


print(json.dumps([one(case) for case in json.load(sys.stdin)]))
