"""Real model servers on loopback: llama.cpp's own server, as xllamacpp packs it for any processor.

serve.py FOLDER MODEL ...   prints "MODEL ADDRESS" for each once it answers, and serves until it is told to end.
"""

import signal
import sys
from pathlib import Path

import xllamacpp


def main() -> None:
    folder, models = Path(sys.argv[1]), sys.argv[2:]
    servers = []
    for model in models:
        params = xllamacpp.CommonParams()
        params.model.path = str(folder / f"{model}.gguf")
        params.model_alias = {model}
        params.n_ctx, params.n_parallel, params.port = 16384, 2, 0
        # Two wait for each other at every step, which is forever where other tests have the processors.
        params.cpuparams.n_threads = 1
        # Models this small come to no end now and then: no answer is longer (tokens), whoever asks for how many.
        params.n_predict = 300
        params.chat_template = Path(__file__).with_name("tools-plain-json.jinja").read_text()
        params.use_jinja = True
        server = xllamacpp.Server(params)
        servers.append(server)
        print(model, server.listening_address, flush=True)
    signal.sigwait([signal.SIGTERM, signal.SIGINT])


main()
