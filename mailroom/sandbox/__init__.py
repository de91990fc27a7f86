"""An embedded JMAP server: mail in memory, for the demo and the tests.

It behaves as a Cyrus was seen to, and as RFC 8620, 8621 and 9610 say where none was asked. Under a Clock and behind
treq's `RequestTraversalAgent` it needs neither sockets nor real time.
"""

from mailroom.sandbox.options import SandboxOptions
from mailroom.sandbox.server import Sandbox

__all__ = ["Sandbox", "SandboxOptions"]
