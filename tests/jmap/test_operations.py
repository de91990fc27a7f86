from pydantic import SecretStr
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.core.credentials import BearerToken, Secret
from mailroom.http.agent import request_client
from mailroom.http.client import Http
from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.jmap.operation import Operation
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.set import Set
from mailroom.sandbox.options import Limits, SandboxOptions
from mailroom.sandbox.server import Sandbox
from tests.deferreds import result_of

MAILS = 23
LIMITS = Limits(max_objects_in_get=5, max_objects_in_set=4, max_calls_in_request=3, max_size_request=900)


class OperationTests(SynchronousTestCase):
    """Operations on a server that speaks JMAP as a whole, whose every limit is low."""

    def start(self, options: SandboxOptions) -> None:
        clock = Clock()
        self.sandbox = Sandbox(clock, options)
        self.box = self.sandbox.account.add_mailbox("Box")
        self.mails = [
            self.sandbox.account.deliver({"From": f"s{number}@example.com", "Subject": "Hello"}, [self.box])
            for number in range(MAILS)
        ]
        agent = RequestTraversalAgent(self.sandbox.resource)  # type: ignore[no-untyped-call]  # treq.testing is untyped
        token = BearerToken(Secret("jmap_token", SecretStr(options.token)))
        self.client = Client(Http(request_client(agent), clock), "https://sandbox.example/jmap/session", token)

    def setUp(self) -> None:
        self.start(SandboxOptions(limits=LIMITS, max_query_limit=3))

    def run_all(self, *operations: Operation) -> None:
        result_of(Deferred.fromCoroutine(self.client.run(*operations)))

    def test_all_mails(self) -> None:
        """Every mail is found by each of two queries at once, though an answer holds three of them."""
        queries = [QueryAndGet("Email", {"inMailbox": self.box}, ["id"]) for _ in range(2)]
        self.run_all(*queries)
        for query in queries:
            assert sorted(each["id"] for each in query.objects) == sorted(self.mails)

    def test_all_mailboxes(self) -> None:
        """Every mailbox is found, though there are more than an answer holds."""
        names = {f"Box {number}" for number in range(17)}
        for name in names:
            self.sandbox.account.add_mailbox(name)
        get = Get("Mailbox", None, ["name"])
        self.run_all(get)
        assert names < {each["name"] for each in get.objects}

    def test_write_and_read(self) -> None:
        """What is written in many calls is read in many calls, in one run."""
        target = self.sandbox.account.add_mailbox("Target")
        write = Set("Email", update={id_: {"mailboxIds": {target: True}} for id_ in self.mails})
        read = Get("Email", self.mails, ["mailboxIds"])
        self.run_all(write, read)
        assert sorted(write.updated) == sorted(self.mails)
        assert [each["mailboxIds"] for each in read.objects] == [{target: True}] * MAILS
