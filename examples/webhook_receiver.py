"""Receive outputs by webhook and believe only what is signed (Standard Webhooks); needs nothing but Python.

    WEBHOOK_SECRET=whsec_... python webhook_receiver.py 8081

and, where the service is: WEBHOOK_URLS=http://receiver:8081/ WEBHOOK_SECRET=whsec_... anime-enrich webhooks
(and WEBHOOK_ALLOW_PRIVATE=true while both are on one machine)
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
TOLERANCE_SECONDS = 300
LARGEST = 10_000_000
seen = set()


def is_signed(headers, body):
    """Whether the sender has our secret, and signed this very message not long ago."""
    told = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not told[1].isdigit() or abs(time.time() - int(told[1])) > TOLERANCE_SECONDS:
        return False
    digest = hmac.digest(KEY, ".".join(told).encode() + b"." + body, hashlib.sha256)
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    return any(hmac.compare_digest(wanted, one) for one in headers.get("webhook-signature", "").split())


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 for what it has, 401 for what is not signed."""

    def do_POST(self):
        """Take one output."""
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size) if size <= LARGEST else b""
        if not is_signed(self.headers, body):
            return self.answer(401)
        output = json.loads(body)
        if output["output_id"] not in seen:  # it may come twice: keep this where it outlives the program
            seen.add(output["output_id"])
            print(output["output_id"], output["status"], output["title"], flush=True)
        return self.answer(204)

    def answer(self, status):
        """Say so, without a body."""
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        """Keep quiet: what is printed are the outputs."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(sys.argv[1])), Receiver).serve_forever()
