"""A gRPC server made of the stubs of the official xai-sdk, and calls that the SDK makes to it.

`xai.py serve KEY [CERT CERT_KEY]` prints its port, and then a line of JSON for every call: what arrived, as the stubs
parsed it. `xai.py call PORT KEY` reads a list of cases from standard input and makes them as a user of the SDK would.
"""

import base64
import json
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.unknown_fields import UnknownFieldSet
from google.rpc import error_details_pb2, status_pb2
from xai_sdk import Client
from xai_sdk.chat import file, image, required_tool, system, text, tool, tool_result, user
from xai_sdk.proto import chat_pb2, chat_pb2_grpc, models_pb2, models_pb2_grpc, sample_pb2, usage_pb2
from xai_sdk.tools import web_search

THOUGHTS = "Let me see. It is größer than it looks."
SEAL = "c2VhbGVkIHJlYXNvbmluZw=="
WORDS = ["Straßen und ", "Brücken:\n\n", "1. one\n2. two — \"three\" 🦀"]
ARGUMENTS = json.dumps({"path": "größe.rs", "line": 3})
MODEL = "grok-4.5-0709"


def say(value):
    print(json.dumps(value), flush=True)


def usage():
    # Reasoning stands beside the completion and inside the total.
    return usage_pb2.SamplingUsage(
        prompt_tokens=100,
        prompt_text_tokens=100,
        cached_prompt_text_tokens=40,
        completion_tokens=20,
        reasoning_tokens=7,
        total_tokens=127,
        cost_in_usd_ticks=1_234_567,
    )


def asked(request):
    """The last words of the user, or nothing when a tool spoke last."""
    last = request.messages[-1]
    return "".join(part.text for part in last.content) if last.role == chat_pb2.ROLE_USER else ""


def called():
    function = chat_pb2.FunctionCall(name="find", arguments=ARGUMENTS)
    return [chat_pb2.ToolCall(id="call-1", type=chat_pb2.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL, function=function)]


class Chat(chat_pb2_grpc.ChatServicer):
    def __init__(self, key):
        self.key = key
        # Nobody hung up for a long time.
        self.tired = False

    def arrived(self, method, request, context):
        metadata = {name: value for name, value in context.invocation_metadata()}
        words = asked(request)
        gone = threading.Event()
        if words == "hang":
            # Before anybody knows of the call: from here on its end is told, whenever it comes.
            context.add_callback(lambda: (gone.set(), say({"hung_up": not self.tired})))
        say(
            {
                "method": method,
                "metadata": metadata,
                "left": context.time_remaining(),
                "request": MessageToDict(request, preserving_proto_field_name=True),
            }
        )
        if metadata.get("authorization") != f"Bearer {self.key}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "Incorrect API key provided.")
        if words == "limit":
            info = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=7))
            status = status_pb2.Status(code=8, message="Too many requests.")
            status.details.add().Pack(info)
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "Too many requests.")
        for code in grpc.StatusCode:
            if words == code.name:
                context.abort(code, f"It says {code.name}: größer.")
        return words, gone

    def GetCompletion(self, request, context):
        words, _ = self.arrived("GetCompletion", request, context)
        calls = called() if words == "tools" else []
        message = chat_pb2.CompletionMessage(
            role=chat_pb2.ROLE_ASSISTANT,
            content="" if calls else "".join(WORDS),
            reasoning_content=THOUGHTS,
            encrypted_content=SEAL if request.use_encrypted_content else "",
            tool_calls=calls,
        )
        reason = sample_pb2.FinishReason.REASON_TOOL_CALLS if calls else sample_pb2.FinishReason.REASON_STOP
        output = chat_pb2.CompletionOutput(finish_reason=reason, index=0, message=message)
        answer = chat_pb2.GetChatCompletionResponse(id="r1", model=MODEL, outputs=[output], usage=usage())
        answer.created.GetCurrentTime()
        return answer

    def GetCompletionChunk(self, request, context):
        words, gone = self.arrived("GetCompletionChunk", request, context)

        def piece(reason=sample_pb2.FinishReason.REASON_INVALID, count=None, **delta):
            delta = chat_pb2.Delta(role=chat_pb2.ROLE_ASSISTANT, **delta)
            output = chat_pb2.CompletionOutputChunk(delta=delta, finish_reason=reason, index=0)
            chunk = chat_pb2.GetChatCompletionChunk(id="r1", model=MODEL, outputs=[output], usage=count)
            chunk.created.GetCurrentTime()
            return chunk

        for start in range(0, len(THOUGHTS), 9):
            yield piece(reasoning_content=THOUGHTS[start : start + 9])
        if words == "hang":
            yield piece(content=WORDS[0])
            self.tired = not gone.wait(60)
            return
        calls = called() if words == "tools" else []
        if calls:
            yield piece(tool_calls=calls)
        else:
            for word in WORDS:
                yield piece(content=word)
        if words == "late":
            context.abort(grpc.StatusCode.UNAVAILABLE, "It is going down.")
        if request.use_encrypted_content:
            yield piece(encrypted_content=SEAL[:8])
            yield piece(encrypted_content=SEAL[8:])
        reason = sample_pb2.FinishReason.REASON_TOOL_CALLS if calls else sample_pb2.FinishReason.REASON_STOP
        yield piece(reason=reason, count=usage())


class Models(models_pb2_grpc.ModelsServicer):
    def __init__(self, key):
        self.key = key

    def ListLanguageModels(self, request, context):
        if dict(context.invocation_metadata()).get("authorization") != f"Bearer {self.key}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "Incorrect API key provided.")
        say({"method": "ListLanguageModels"})
        names = ["grok-4.5", "grok-4.6"]
        return models_pb2.ListLanguageModelsResponse(models=[models_pb2.LanguageModel(name=n) for n in names])


def serve(key, *files):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    chat_pb2_grpc.add_ChatServicer_to_server(Chat(key), server)
    models_pb2_grpc.add_ModelsServicer_to_server(Models(key), server)
    if files:
        chain, private = (open(name, "rb").read() for name in files)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(private, chain)]))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    say({"port": port})
    # Whoever started this ends it by closing standard input.
    sys.stdin.read()
    server.stop(0)


def part(block):
    if "image" in block:
        return image(block["image"])
    if "file" in block:
        return file(data=base64.b64decode(block["file"]), filename=block["name"], mime_type=block["mime"])
    return text(block["text"])


FIELDS = (
    "temperature top_p max_tokens reasoning_effort use_encrypted_content stop seed safety_identifier service_tier "
    "frequency_penalty presence_penalty parallel_tool_calls response_format store_messages previous_response_id max_turns "
    "include"
).split()


def one(client, case):
    fields = {"model": case["model"], "messages": []}
    fields |= {name: case[name] for name in FIELDS if name in case}
    if case.get("end_user"):
        fields["user"] = case["end_user"]
    if case.get("system"):
        fields["messages"].append(system(case["system"]))
    fields["messages"].append(user(*[part(block) for block in case["user"]]))
    if case.get("tools"):
        fields["tools"] = [tool(one["name"], one["description"], one["parameters"]) for one in case["tools"]]
    if case.get("search"):
        fields.setdefault("tools", []).append(web_search(allowed_domains=case["search"]))
    if case.get("choice"):
        choice = case["choice"]
        fields["tool_choice"] = required_tool(choice["name"]) if isinstance(choice, dict) else choice
    if case.get("schema"):
        kind = chat_pb2.FormatType.FORMAT_TYPE_JSON_SCHEMA
        fields["response_format"] = chat_pb2.ResponseFormat(format_type=kind, schema=json.dumps(case["schema"]))
    chat = client.chat.create(**fields)
    pieces, unknown = [], set()

    def answer():
        if not case["stream"]:
            return chat.sample()
        response = None
        stream = chat.stream()
        for response, chunk in stream:
            if case.get("cancel") and chunk.content:
                stream.close()
                return None
            pieces.append(chunk.content)
            unknown.update(strangers(chunk.proto))
        return response

    try:
        response = answer()
        if response is None:
            return {"left": True}
        if case.get("each"):
            chat.append(response)
            for called, result in zip(response.tool_calls, case["each"]):
                chat.append(tool_result(result, tool_call_id=called.id))
            answer()
        for result in case.get("results", []):
            chat.append(response)
            chat.append(tool_result(result, tool_call_id=response.tool_calls[0].id))
            response = answer()
    except grpc.RpcError as error:
        return {"code": error.code().name, "message": error.details()} | details(error)
    return {
        "text": response.content,
        "thoughts": response.reasoning_content,
        "seal": response.encrypted_content,
        "calls": [[call.function.name, call.function.arguments] for call in response.tool_calls],
        "finish": response.finish_reason,
        "cost": response.cost_usd,
        "id": response.id,
        "model": response.proto.model,
        "created": response.proto.created.seconds,
        "tier": response.proto.service_tier,
        "usage": [
            response.usage.prompt_tokens,
            response.usage.cached_prompt_text_tokens,
            response.usage.completion_tokens,
            response.usage.reasoning_tokens,
            response.usage.total_tokens,
        ],
        "citations": list(response.citations),
        "pieces": [piece for piece in pieces if piece],
        "outputs": len(response.proto.outputs),
        "unknown": sorted(unknown.union(strangers(response.proto))),
    }


def details(error):
    """What a status says beside its sentence."""
    status = status_pb2.Status.FromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
    found = {}
    for detail in status.details:
        for kind in (error_details_pb2.RetryInfo, error_details_pb2.ErrorInfo):
            message = kind()
            if detail.Unpack(message):
                found[kind.DESCRIPTOR.name] = MessageToDict(message)
    return found


def strangers(message, path=""):
    """Places of fields and words that the stubs do not know."""
    for field in UnknownFieldSet(message):
        yield f"{path}.{field.field_number}"
    for field, value in message.ListFields():
        place = f"{path}.{field.name}"
        for one in value if field.is_repeated else [value]:
            if field.message_type:
                yield from strangers(one, place)
            elif field.enum_type and one not in field.enum_type.values_by_number:
                yield f"{place}={one}"


def call(port, key):
    client = Client(api_key=key, api_host=f"127.0.0.1:{port}", use_insecure_channel=True)
    say([one(client, case) for case in json.load(sys.stdin)])


{"serve": serve, "call": call}[sys.argv[1]](*sys.argv[2:])
