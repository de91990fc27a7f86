"""Which requests the web port answers, and what every answer carries."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.logger import capturedLogs

from tests.web.visiting import Visit, VisitTestCase

SECURE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
ALL_KINDS = [
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /healthz HTTP/2.0\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1x\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"x" * 20_000,
]


class HostTests(VisitTestCase):
    """A page of somebody else's has a name of somebody else's, whatever address that leads to (DNS rebinding)."""

    def test_names_of_this_machine_are_answered(self) -> None:
        """With any port: a container or a tunnel may have another one."""
        for host in (b"localhost", b"LOCALHOST:1", b"127.0.0.1:8080", b"127.1.2.3", b"[::1]:8080"):
            assert self.get(host=host).status == 200, host

    def test_other_names_are_not(self) -> None:
        """The sentence tells the one who sees it with good reason what to do."""
        for host in (b"evil.example", b"evil.example:8080", b"localhost.evil.example", b"192.168.1.1", b"0.0.0.0"):
            visit = self.get(host=host)
            assert (visit.status, b"ask for localhost" in visit.answer) == (421, True), host

    def test_over_ipv6_it_is_the_same(self) -> None:
        """There, loopback has one address, or is mapped."""
        for address in ("::1", "::ffff:127.0.0.1"):
            came_to = IPv6Address("TCP", address, 8080)
            assert self.get(host=b"evil.example", address=came_to).status == 421
            assert self.get(host=b"[::1]:8080", address=came_to).status == 200

    def test_what_comes_over_a_network_may_use_its_names(self) -> None:
        """A container is asked by the name that its network gives it."""
        assert self.get(host=b"mailroom:8080", address=IPv4Address("TCP", "172.17.0.2", 8080)).status == 200

    def test_what_comes_over_a_socket_in_the_file_system_may_too(self) -> None:
        """No browser comes there."""
        assert self.get(host=b"mailroom", address=UNIXAddress("/run/mailroom.sock")).status == 200

    def test_what_is_no_host_is_a_bad_request(self) -> None:
        """From wherever it comes, and without a traceback."""
        for host in (b"x/../..:999", b"", b"a..b", b"localhost:x", b"[::1", b"\xff", b"l\xc3\xb6calhost", b"a" * 300):
            for address in ("127.0.0.1", "172.17.0.2"):
                assert self.get(host=host, address=IPv4Address("TCP", address, 8080)).status == 400, host

    def test_a_request_names_one_host(self) -> None:
        """Two of them would be one for each to believe. Without any there is only HTTP/1.0, which no browser speaks."""
        start = b"GET /healthz HTTP/1.1\r\n"
        assert self.visit(start + b"\r\n").status == 400
        assert self.visit(start + b"Host: localhost\r\nHost: evil.example\r\n\r\n").status == 400
        assert self.visit(b"GET /healthz HTTP/1.0\r\n\r\n").status == 200

    def test_the_target_may_name_it(self) -> None:
        """As to a proxy, and then the header counts for nothing (RFC 9112 section 3.2.2)."""
        assert self.get(b"http://localhost:8080/healthz", host=b"evil.example").status == 200
        assert self.get(b"HTTP://evil.example/healthz").status == 421
        assert self.get(b"http://x/../..:999/healthz").status == 421
        assert self.get(b"http://:@/healthz").status == 400


class MethodTests(VisitTestCase):
    """What is here is only read."""

    def test_others_than_get_and_head_are_told_those(self) -> None:
        """On every path."""
        for method in (b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"CONNECT", b"get", b"BREW"):
            for target in (b"/healthz", b"/", b"*", b"localhost:8080"):
                visit = self.visit(b"%s %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (method, target))
                assert (visit.status, visit.head["allow"]) == (405, "GET, HEAD"), method

    def test_head_is_get_without_the_body(self) -> None:
        """Of what is refused too."""
        for target, status in ((b"/healthz", 200), (b"/", 404), (b"/%ff", 400)):
            visit = self.visit(b"HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % target)
            assert (visit.status, visit.answer.partition(b"\r\n\r\n")[2]) == (status, b"")


class PathTests(VisitTestCase):
    """Whatever is asked for, there is an answer, and no traceback in the log."""

    def test_what_is_no_text_is_a_bad_request(self) -> None:
        """Octets that are no UTF-8, NUL and other control characters."""
        for target in (b"/%ff", b"/%00", b"/healthz%00", b"/%1b[31m", b"/a%0d%0ab", b"/\xb0", b"/%c0%af", b"/\x7f"):
            assert self.get(target).status == 400, target

    def test_all_other_paths_are_nowhere(self) -> None:
        """However long they are."""
        for target in (b"/", b"//", b"/healthz/", b"/x/../healthz", b"/HEALTHZ", b"*"):
            assert self.get(target).status == 404, target
        assert self.get(b"/" + b"a" * 16_000).status == 404

    def test_a_query_changes_nothing(self) -> None:
        """Some probes add one, to get past caches."""
        assert self.get(b"/healthz?%ff=%00&now=1").status == 200

    @given(st.binary(max_size=60), st.binary(max_size=30))
    def test_no_request_is_worth_a_line_in_the_log(self, target: bytes, host: bytes) -> None:
        """Whatever it consists of."""
        with capturedLogs() as events:
            self.get(b"/" + target, host)
            self.get(target, host, IPv4Address("TCP", "172.17.0.2", 8080))
        assert events == []


class AnswerTests(VisitTestCase):
    """Each answer is for whoever asked, and tells nothing about the server."""

    def answers(self) -> list[Visit]:
        """An answer of each kind there is."""
        return [self.visit(request) for request in ALL_KINDS]

    def test_there_are_many_kinds(self) -> None:
        """Those that a page gives, and those of all layers before it."""
        assert [each.status for each in self.answers()] == [200, 200, 404, 400, 421, 400, 405, 405, 400, 400, 400, 400]

    def test_no_browser_makes_anything_of_them(self) -> None:
        """Neither in a page of somebody else's nor by itself; nothing is kept."""
        for each in self.answers():
            assert SECURE.items() <= each.head.items(), each.answer

    def test_none_names_the_server(self) -> None:
        """Nor its version."""
        for each in self.answers():
            assert "server" not in each.head
            assert b"twisted" not in each.answer.lower()

    def test_refusals_are_sentences(self) -> None:
        """Whose length is told, so that a client knows the end."""
        for each in self.answers()[2:]:
            body = each.answer.partition(b"\r\n\r\n")[2]
            assert body.endswith(b".\n")
            assert each.head["content-length"] == str(len(body))
