"""What can be asked of an account: fetch objects, find them, change them.

Operations are pure. They say which calls to make and read the answers, and never see a server;
`mailroom.jmap.client.Client` carries the calls.
"""

from mailroom.jmap.calls import Operation
from mailroom.jmap.reading import Get, QueryAndGet
from mailroom.jmap.single_call import SingleCall
from mailroom.jmap.writing import Set

__all__ = ["Get", "Operation", "QueryAndGet", "Set", "SingleCall"]
