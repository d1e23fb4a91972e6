"""Makes the calls of `call.py` through langchain's chat models, as a user of langchain would."""

import json
import sys
import warnings

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI

# What it thinks of names of models that it does not know.
warnings.simplefilter("ignore")


def given(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def model(case):
    dialect, effort = case["dialect"], case.get("effort")
    wait = 0.3 if case.get("cancel") and not case["stream"] else 60
    common = {"model": case["model"], "base_url": case["base"]}
    if dialect == "openai-chat":
        fields = given(reasoning_effort=effort, max_tokens=case["max"])
        return ChatOpenAI(**common, api_key=case["key"], max_retries=0, timeout=wait, stream_usage=True, **fields)
    if dialect == "openai-responses":
        fields = given(reasoning=effort and {"effort": effort, "summary": "auto"}, max_tokens=case["max"])
        return ChatOpenAI(**common, api_key=case["key"], max_retries=0, timeout=wait, use_responses_api=True, **fields)
    if dialect == "anthropic-messages":
        thinking = {"type": "enabled", "budget_tokens": 1024} if effort else None
        fields = given(thinking=thinking, max_tokens=case["max"])
        return ChatAnthropic(**common, api_key=case["key"], max_retries=0, timeout=wait, **fields)
    if dialect == "gemini-generate-content":
        fields = given(thinking_budget=1024 if effort else None, include_thoughts=bool(effort) or None)
        fields |= given(max_output_tokens=case["max"])
        return ChatGoogleGenerativeAI(**common, google_api_key=case["key"], max_retries=1, timeout=wait, **fields)
    access = {"Authorization": f"Bearer {case['key']}"}
    fields = given(reasoning=effort, num_predict=case["max"])
    return ChatOllama(**common, client_kwargs={"headers": access, "timeout": wait}, **fields)


def ask(case):
    content = [{"type": "text", "text": case["user"]}]
    if case.get("image"):
        content.append({"type": "image", "base64": case["image"], "mime_type": "image/png"})
    messages = [HumanMessage(content=content)]
    chat = model(case)
    if case.get("tools"):
        chat = chat.bind_tools([{"type": "function", "function": tool} for tool in case["tools"]])
    if case["stream"]:
        answer, stream = None, chat.stream(messages)
        for chunk in stream:
            answer = chunk if answer is None else answer + chunk
            if case.get("cancel") and answer.text:
                stream.close()
                return {"left": True}
    else:
        answer = chat.invoke(messages)
    usage = answer.usage_metadata
    blocks = answer.content_blocks
    return {
        "text": str(answer.text),
        "thinking": "".join(block.get("reasoning", "") for block in blocks if block["type"] == "reasoning"),
        "tools": [[call["name"], call["args"]] for call in answer.tool_calls],
        "usage": usage and [usage["input_tokens"], usage["output_tokens"]],
    }


def one(case):
    try:
        return ask(case)
    except Exception as error:  # noqa: BLE001: which one it is, is what is asked
        kinds = [kind.__name__ for kind in type(error).__mro__]
        status = getattr(error, "status_code", None) or getattr(error, "code", None)
        return {"error": {"class": kinds[0], "kinds": kinds, "status": status, "message": str(error)}}


print(json.dumps([one(case) for case in json.load(sys.stdin)]))
