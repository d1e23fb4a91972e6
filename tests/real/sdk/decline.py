"""Asks models that refuse, through the official SDKs, and prints how a user of each finds the words of the refusal.

Reads a JSON list of cases (`base`, `key`, `model`) on standard input; prints a list of results, one for each.
"""

import json
import sys

import anthropic
import openai
import pydantic


class Answer(pydantic.BaseModel):
    """What was wanted instead."""

    city: str


ASKED = [{"role": "user", "content": "Where?"}]


def chat(client, model):
    message = client.chat.completions.parse(model=model, messages=ASKED, response_format=Answer).choices[0].message
    return {"words": message.refusal, "content": message.content, "parsed": message.parsed}


def chat_streamed(client, model):
    with client.chat.completions.stream(model=model, messages=ASKED, response_format=Answer) as stream:
        pieces = [event.delta for event in stream if event.type == "refusal.delta"]
        message = stream.get_final_completion().choices[0].message
    return {"words": "".join(pieces), "content": message.content, "parsed": message.parsed, "last": message.refusal}


def responses(client, model):
    answer = client.responses.parse(model=model, input="Where?", text_format=Answer)
    parts = [part for item in answer.output if item.type == "message" for part in item.content]
    return {"words": "".join(part.refusal for part in parts if part.type == "refusal"), "content": answer.output_text or None,
            "parsed": answer.output_parsed}


def responses_streamed(client, model):
    with client.responses.stream(model=model, input="Where?", text_format=Answer) as stream:
        pieces = [event.delta for event in stream if event.type == "response.refusal.delta"]
        answer = stream.get_final_response()
    return {"words": "".join(pieces), "content": answer.output_text or None, "parsed": answer.output_parsed}


def messages(client, model):
    answer = client.messages.create(model=model, max_tokens=100, messages=ASKED)
    return {"words": "".join(block.text for block in answer.content), "stop": answer.stop_reason}


def ask(case):
    theirs = openai.OpenAI(base_url=case["base"] + "/v1", api_key=case["key"], max_retries=0)
    claude = anthropic.Anthropic(base_url=case["base"], api_key=case["key"], max_retries=0)
    calls = {name: (call, theirs) for name, call in [("chat", chat), ("chat, streamed", chat_streamed),
             ("responses", responses), ("responses, streamed", responses_streamed)]}
    calls["messages"] = (messages, claude)
    out = {}
    for name, (call, client) in calls.items():
        try:
            out[name] = call(client, case["model"])
        except Exception as error:  # pylint: disable=broad-except # that is what its test looks at
            out[name] = {"error": f"{type(error).__name__}: {error}"}
    return out


json.dump([ask(case) for case in json.load(sys.stdin)], sys.stdout)
