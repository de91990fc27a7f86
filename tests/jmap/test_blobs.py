"""Blobs given to a server and taken from it."""

import json
from dataclasses import replace

from pydantic import SecretStr
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.core.credentials import BearerToken, Secret
from mailroom.http.agent import request_client
from mailroom.http.client import Http
from mailroom.http.errors import TransportError
from mailroom.jmap.client import Client
from mailroom.jmap.errors import NotJmap, RequestError
from mailroom.jmap.session import SIEVE
from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.faults import Answer
from mailroom.sandbox.options import Limits
from tests.deferreds import failure_of, result_of

TEXT = b"keep;\r\n"


class BlobTests(SynchronousTestCase):
    """Both ways, with the login, within bounds."""

    def setUp(self) -> None:
        clock = Clock()
        self.sandbox = Sandbox(clock, replace(SandboxOptions(), relative_urls=True, limits=Limits(max_size_upload=100)))
        agent = RequestTraversalAgent(self.sandbox.resource)  # type: ignore[no-untyped-call]  # treq.testing is untyped
        token = BearerToken(Secret("jmap_token", SecretStr(self.sandbox.options.token)))
        self.client = Client(Http(request_client(agent), clock), "https://sandbox.example/jmap/session", token)

    def upload(self, data: bytes = TEXT) -> Deferred[str]:
        return Deferred.fromCoroutine(self.client.upload(SIEVE, "application/sieve", data))

    def download(self, blob_id: str, max_size: int = 100) -> Deferred[bytes]:
        return Deferred.fromCoroutine(self.client.download(SIEVE, blob_id, "application/sieve", max_size))

    def test_there_and_back(self) -> None:
        """Byte for byte, with its type."""
        blob_id = result_of(self.upload())
        assert self.sandbox.account.blobs[blob_id] == ("application/sieve", TEXT)
        assert result_of(self.download(blob_id)) == TEXT

    def test_too_large_for_the_server(self) -> None:
        """Its refusal is an error as any other."""
        assert failure_of(self.upload(bytes(101)), RequestError).status == 413

    def test_too_large_for_us(self) -> None:
        """No more is read than was asked for."""
        blob_id = self.sandbox.account.keep_blob("application/sieve", bytes(101))
        failure_of(self.download(blob_id), TransportError)

    def test_a_blob_that_is_gone(self) -> None:
        """The server says so."""
        assert failure_of(self.download("nope"), RequestError).status == 404

    def test_an_upload_that_is_answered_with_something_else(self) -> None:
        """Without an id there is nothing to go on with."""
        self.sandbox.fail_next(Answer(200, body=b"{}", path="/jmap/upload"))
        failure_of(self.upload(), NotJmap)

    def test_a_session_without_urls_for_blobs(self) -> None:
        """The error names the server, and comes before anything is sent."""
        self.sandbox.fail_next(Answer(200, body=json.dumps({"apiUrl": "/api"}).encode(), path="/jmap/session"))
        assert "uploads" in str(failure_of(self.upload(), NotJmap))
