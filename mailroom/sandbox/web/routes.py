"""The routes of the sandbox."""

import json
from typing import Any

from klein import Klein
from twisted.web.resource import IResource
from twisted.web.server import Request

from mailroom.sandbox.errors import RequestError
from mailroom.sandbox.jmap.core import Api
from mailroom.sandbox.options import SandboxOptions
from mailroom.sandbox.store.account import Account
from mailroom.sandbox.web.eventsource import EventSource
from mailroom.sandbox.web.incoming import body_of
from mailroom.sandbox.web.session import API_PATH, EVENT_SOURCE_PATH, SESSION_PATH, session_object


class Routes:
    """What is found under which URL."""

    app = Klein()

    def __init__(
        self, account: Account, api: Api, event_source: EventSource, carddav: IResource, options: SandboxOptions
    ) -> None:
        self._account = account
        self._api = api
        self._event_source = event_source
        self._carddav = carddav
        self._options = options
        self.session_state = "0"

    @app.route("/.well-known/jmap")
    def discover(self, request: Request) -> bytes:
        return _moved(request, SESSION_PATH)

    @app.route("/.well-known/carddav")
    def discover_carddav(self, request: Request) -> bytes:
        if self._options.contacts == "jmap":
            request.setResponseCode(404)
            return b""
        return _moved(request, "/dav/addressbooks")

    @app.route(SESSION_PATH, methods=["GET"])
    def session(self, request: Request) -> bytes:
        base_url = "" if self._options.relative_urls else _base_url(request)
        return _json(request, session_object(self._options, base_url, self.session_state))

    @app.route(API_PATH, methods=["POST"])
    def api(self, request: Request) -> bytes:
        if not (request.getHeader("content-type") or "").startswith("application/json"):
            request.setResponseCode(415)
            return b""
        try:
            return _json(request, self._api.answer(body_of(request), self.session_state))
        except RequestError as error:
            return problem(request, error)

    @app.route(EVENT_SOURCE_PATH, methods=["GET"])
    async def events(self, request: Request) -> None:
        if self._options.push:
            await self._event_source.serve(request)
        else:
            request.setResponseCode(404)

    @app.route("/jmap/upload/<account_id>/", methods=["POST"])
    def upload(self, request: Request, account_id: str) -> bytes:
        data = body_of(request)
        if len(data) > self._options.limits.max_size_upload:
            return problem(request, RequestError("limit", "Too large.", status=413, limit="maxSizeUpload"))
        media_type = request.getHeader("content-type") or "application/octet-stream"
        blob_id = self._account.keep_blob(media_type, data)
        request.setResponseCode(201)
        return _json(request, {"accountId": account_id, "blobId": blob_id, "type": media_type, "size": len(data)})

    @app.route("/jmap/download/<account_id>/<blob_id>/<name>", methods=["GET"])
    def download(self, request: Request, account_id: str, blob_id: str, name: str) -> bytes:  # noqa: ARG002 - the URL's
        if blob_id not in self._account.blobs:
            request.setResponseCode(404)
            return b""
        media_type, data = self._account.blobs[blob_id]
        request.setHeader("content-type", request.args.get(b"accept", [media_type.encode()])[-1])
        return data

    @app.route("/dav/", branch=True)
    def dav(self, request: Request) -> IResource | None:
        if self._options.contacts == "jmap":
            request.setResponseCode(404)
            return None
        return self._carddav


def problem(request: Request, error: RequestError) -> bytes:
    """Answer with a problem document (RFC 7807)."""
    request.setResponseCode(error.status)
    request.setHeader("content-type", "application/problem+json")
    return json.dumps(error.json).encode()


def _json(request: Request, value: dict[str, Any]) -> bytes:
    request.setHeader("content-type", "application/json; charset=utf-8")
    return json.dumps(value, ensure_ascii=False).encode()


def _base_url(request: Request) -> str:
    scheme = "https" if request.isSecure() else "http"
    return f"{scheme}://{request.getHeader('host')}"


def _moved(request: Request, path: str) -> bytes:
    request.setResponseCode(301)
    request.setHeader("location", f"{_base_url(request)}{path}")
    return b""
