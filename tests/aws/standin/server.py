"""The HTTP server: moto's application with the knobs, refusals, gaps and corrections around it."""

import json
import time
import traceback
from collections.abc import Callable
from http import HTTPStatus

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import ThreadedWSGIServer

from . import corrections, gaps
from .answer import Answer, complete_headers, internal_error, unknown_operation
from .call import Call, call_of
from .damage import ConnectionDroppedError, damage_for, damaged
from .knobs import Control
from .refusals import refusal


class StandIn:
    """The WSGI application."""

    def __init__(self) -> None:
        self.control = Control()
        self.moto = DomainDispatcherApplication(create_backend_app)
        corrections.apply(self.control)

    def __call__(self, environ: dict, start_response: Callable) -> list[bytes]:
        if environ.get("PATH_INFO") == "/orgraph-knobs":
            answer = own_address(environ, self.control.turn, self.control.report)
        elif environ.get("PATH_INFO") == "/orgraph-records":
            answer = own_address(environ, self.control.records.add, self.control.records.report)
        elif (call := call_of(environ, self.control.knobs.base_keys)) is None:
            return self.moto(environ, start_response)
        else:
            answer = self.answer(call)
        if not answer.header("Content-Length"):
            answer.set_header("Content-Length", str(len(answer.body)))
        start_response(answer.status, answer.headers)
        return [answer.body]

    def answer(self, call: Call) -> Answer:
        self.control.count(call)
        if self.control.knobs.latency_ms:
            time.sleep(self.control.knobs.latency_ms / 1000)
        answer = refusal(self.control, call)
        if answer:
            self.control.count_refused(call)
        else:
            answer = self.ask(call)
        complete_headers(call, answer)
        if damage := damage_for(self.control, call):
            answer = damaged(self.control, call, damage, answer)
        return answer

    def ask(self, call: Call) -> Answer:
        try:
            answer = gaps.answer(self.control, call, self.ask_moto) or self.ask_moto(call)
            return corrections.corrected(call, answer)
        except Exception:  # noqa: BLE001 - AWS, too, answers its own mistakes with an internal error
            traceback.print_exc()
            return internal_error(call)

    def ask_moto(self, call: Call) -> Answer:
        """moto's own answer, whole."""
        started: list = []
        call.environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account or DEFAULT_ACCOUNT_ID
        try:
            body = b"".join(self.moto(call.environ, lambda status, headers, _error=None: started.extend((status, headers))))
        except NotImplementedError:
            return unknown_operation(call)
        status, headers = started
        if not status.startswith("2") and body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
            return unknown_operation(call)
        is_head = call.environ["REQUEST_METHOD"] == "HEAD"
        return Answer(status, body, [(name, value) for name, value in headers if is_head or name.lower() != "content-length"])


def own_address(environ: dict, change: Callable[[dict], None], report: Callable[[], bytes]) -> Answer:
    """The stand-in's own addresses, which are no AWS API: POST changes something, and what is there is the answer."""
    headers = [("Content-Type", "application/json")]
    try:
        if environ["REQUEST_METHOD"] == "POST":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            change(json.loads(environ["wsgi.input"].read(length) or b"{}"))
    except (TypeError, ValueError) as problem:
        return Answer("400 Bad Request", json.dumps({"error": str(problem)}).encode(), headers)
    return Answer("200 OK", report(), headers)


class Handler(MotoRequestHandler):
    """HTTP/1.1 with kept connections: one connection per call would leave thousands of sockets waiting to close."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_request(self, *_args: object, **_more: object) -> None:
        pass

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            # Sent at once: with a buffer the client would wait a second for it.
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
            self.wfile.flush()
            del self.headers["Expect"]
        try:
            super().run_wsgi()
        except ConnectionDroppedError:
            self.close_connection = True


class Server(ThreadedWSGIServer):
    daemon_threads = True
    request_queue_size = 512


def serve(host: str, port: int) -> Server:
    """A server that listens already. Port 0 takes a free one: see `Server.server_port`."""
    return Server(host, port, StandIn(), handler=Handler)
