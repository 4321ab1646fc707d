"""The platform's own side: the push URLs and the page an owner comes back to, on a free port of loopback.

Whether a push is genuine, what it says and how it is answered is all decided by the SDK.
"""

import http.server
import queue
import threading
import urllib.parse

import wechatpy
from wechatpy.utils import check_signature

from simulator import PATIENCE


class Reception:
    """Receives until the process ends."""

    def __init__(self, component, token):
        self.component = component
        self.token = token
        self.notices = queue.Queue()
        self.messages = queue.Queue()
        self.visitors = queue.Queue()
        # What the next messages are answered; then `success`.
        self.replies = queue.Queue()
        # Whether the SDK exchanges codes by itself as they come, which is what its `parse_message` does.
        self.exchanges = True
        reception = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                path, _, query = self.path.partition("?")
                query = dict(urllib.parse.parse_qsl(query, strict_parsing=True))
                box = reception.notices if path == "/notices" else reception.messages
                try:
                    check_signature(reception.token, query["signature"], query["timestamp"], query["nonce"])
                    read = reception.notice if path == "/notices" else reception.message
                    received, answer = read(path, query, body)
                # Whatever is wrong with a push is the story's business, not this thread's.
                except Exception as error:  # pylint: disable=broad-except
                    received, answer = error, "fail"
                self.send_response(200)
                self.end_headers()
                self.wfile.write(answer.encode())
                box.put(received)

            def do_GET(self):
                reception.visitors.put(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format, *args):  # pylint: disable=redefined-builtin
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def notice(self, _path, query, body):
        """A notice of the platform; `parse_message` stores tickets and exchanges codes by itself."""
        sealed = (body, query["msg_signature"], query["timestamp"], query["nonce"])
        if self.exchanges:
            return self.component.parse_message(*sealed), "success"
        return self.component.crypto.decrypt_message(*sealed), "success"

    def message(self, path, query, body):
        """A user's message; sealed with the platform's appid, whosever account it went to."""
        sealed = (body, query["msg_signature"], query["timestamp"], query["nonce"])
        message = wechatpy.parse_message(self.component.crypto.decrypt_message(*sealed))
        reply = (lambda _: "success") if self.replies.empty() else self.replies.get()
        return (path, query, message), reply(message)


def next_of(box):
    """What is received next."""
    try:
        received = box.get(timeout=PATIENCE)
    except queue.Empty:
        raise AssertionError("the simulator sent nothing") from None
    if isinstance(received, Exception):
        raise received
    return received
