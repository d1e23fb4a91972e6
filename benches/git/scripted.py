"""A model server on loopback that answers at once and remembers what it was sent. Chat completions, responses and
Ollama's chat, whole and streaming; every path is taken, because each program has its own idea of what stands before
`/chat/completions`."""

import http.server
import json
import threading

SUBJECT = "count the last page"


def words(body):
    """What is answered: an object where one is asked for by a schema, else one line."""
    shape = json.dumps(body.get("response_format") or body.get("text") or {})
    if "json_schema" not in shape and "json_object" not in shape:
        return f"fix: {SUBJECT}"
    return json.dumps({"type": "fix", "scope": "", "subject": SUBJECT, "body": "", "summary": SUBJECT,
                       "message": f"fix: {SUBJECT}", "title": f"fix: {SUBJECT}"})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0, beside=None):
        """`beside` is another one whose calls are remembered together with these."""
        super().__init__(("127.0.0.1", port), Handler)
        self.calls, self.lock = (beside.calls, beside.lock) if beside else ([], threading.Lock())
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def taken(self):
        """The bodies since the last time."""
        with self.lock:
            calls = list(self.calls)
            self.calls.clear()
        return calls


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send(json.dumps({"object": "list", "data": [{"id": "gpt-4.1-mini", "object": "model"}]}))

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        with self.server.lock:
            self.server.calls.append(raw)
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        text, usage = words(body), {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
        if self.path.endswith("/responses"):
            return self.respond(body, text)
        if self.path.endswith("/api/chat"):
            row = {"model": body.get("model", "mock"), "created_at": "2026-01-01T00:00:00Z", "done": True,
                   "message": {"role": "assistant", "content": text}, "done_reason": "stop", "prompt_eval_count": 9,
                   "eval_count": 9}
            return self.send(json.dumps(row) + "\n", "application/x-ndjson" if body.get("stream") else "application/json")
        head = {"id": "chatcmpl-1", "created": 1, "model": body.get("model", "mock")}
        if not body.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return self.send(json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage}))
        head["object"] = "chat.completion.chunk"
        rows = [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None},
                {"index": 0, "delta": {}, "finish_reason": "stop"}]
        events = [{**head, "choices": [row]} for row in rows] + [{**head, "choices": [], "usage": usage}]
        self.send("".join(f"data: {json.dumps(e)}\n\n" for e in events) + "data: [DONE]\n\n", "text/event-stream")

    def respond(self, body, text):
        item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": text, "annotations": []}]}
        whole = {"id": "resp_1", "object": "response", "created_at": 1, "model": body.get("model", "mock"),
                 "status": "completed", "output": [item], "output_text": text, "parallel_tool_calls": True,
                 "tool_choice": "auto", "tools": [], "error": None, "incomplete_details": None, "instructions": None,
                 "metadata": {}, "temperature": 1, "top_p": 1,
                 "usage": {"input_tokens": 9, "output_tokens": 9, "total_tokens": 18,
                           "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}}
        if not body.get("stream"):
            return self.send(json.dumps(whole))
        begun = {**whole, "status": "in_progress", "output": []}
        empty = {**item, "status": "in_progress", "content": []}
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        events = [{"type": "response.created", "response": begun},
                  {"type": "response.output_item.added", "output_index": 0, "item": empty},
                  {"type": "response.content_part.added", **place, "part": {"type": "output_text", "text": "", "annotations": []}},
                  {"type": "response.output_text.delta", **place, "delta": text},
                  {"type": "response.output_text.done", **place, "text": text},
                  {"type": "response.output_item.done", "output_index": 0, "item": item},
                  {"type": "response.completed", "response": whole}]
        rows = (f"event: {e['type']}\ndata: {json.dumps({**e, 'sequence_number': n})}\n\n" for n, e in enumerate(events))
        self.send("".join(rows), "text/event-stream")

    def send(self, text, kind="application/json"):
        data = text.encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
