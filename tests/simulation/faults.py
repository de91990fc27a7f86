"""What goes wrong, and for how long; and what becomes of the processes, their clocks and their server."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailroom.sandbox.faults import Answer, MethodFault, ObjectFault
from tests.simulation.garbage import Garbage
from tests.simulation.network import Harm, Trouble, Way

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Break:
    """Something happens to the next so many requests that go a way, within a time."""

    harm: Harm
    way: Way | None = None
    times: int = 1
    within: float = 3600.0
    seconds: float = 0.0
    garbage: Garbage = "html"

    def __call__(self, world: "World") -> None:
        until = world.now + self.within
        world.troubles.append(Trouble(self.harm, self.way, self.times, until, self.seconds, self.garbage))


@dataclass(frozen=True, slots=True)
class Refuse:
    """The server answers the next so many requests with a status, perhaps with a wish to be left alone."""

    status: int
    times: int = 1
    path: str = "/"
    retry_after: int | None = None

    def __call__(self, world: "World") -> None:
        headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        world.sandbox.fail_next(Answer(self.status, headers, path=self.path), self.times)


@dataclass(frozen=True, slots=True)
class FailMethod:
    """The next so many calls of a method fail."""

    method: str
    kind: str
    times: int = 1

    def __call__(self, world: "World") -> None:
        world.sandbox.fail_next(MethodFault(self.method, self.kind), self.times)


@dataclass(frozen=True, slots=True)
class RefuseObject:
    """The next so many objects are not written."""

    method: str
    kind: str
    times: int = 1

    def __call__(self, world: "World") -> None:
        world.sandbox.fail_next(ObjectFault(self.method, None, self.kind), self.times)


@dataclass(frozen=True, slots=True)
class DisturbStreams:
    """The event streams end, break, fall silent, or bring what is no event."""

    how: str

    def __call__(self, world: "World") -> None:
        match self.how:
            case "end":
                world.sandbox.hang_up_streams()
            case "break":
                world.sandbox.hang_up_streams(cleanly=False)
            case "silence":
                for stream in world.streams():
                    stream.muted = True
            case text:
                for stream in world.streams():
                    if stream.body is not None:
                        stream.body.inject(text.encode())


@dataclass(frozen=True, slots=True)
class RestartServer:
    """Every connection breaks, for some time nobody answers, and the session may be another one afterwards."""

    seconds: float
    changes_session: bool = False

    def __call__(self, world: "World") -> None:
        for process in world.processes.values():
            process.network.break_connections()
        world.troubles.append(Trouble("refused", None, 1e9, world.now + self.seconds))
        if self.changes_session:
            world.sandbox.change_session()


@dataclass(frozen=True, slots=True)
class ChangeSession:
    """The server says that its session is another one; the next answer with it may lack something."""

    lacks: Garbage | None = None

    def __call__(self, world: "World") -> None:
        world.sandbox.change_session()
        if self.lacks is not None:
            world.troubles.append(Trouble("garbage", "session", 1, world.now + 3600.0, garbage=self.lacks))


@dataclass(frozen=True, slots=True)
class SetClock:
    """The clock of the machine is set."""

    by: float

    def __call__(self, world: "World") -> None:
        world.wall_clock_set_by += self.by


@dataclass(frozen=True, slots=True)
class Run:
    """A process is started, stopped, killed, or killed and started again."""

    process: str
    what: str

    def __call__(self, world: "World") -> None:
        match self.what:
            case "start":
                world.start(self.process)
            case "stop":
                world.stop(self.process)
            case "kill":
                world.kill(self.process)
            case "restart":
                world.kill(self.process)
                world.start(self.process)


@dataclass(frozen=True, slots=True)
class EndFaults:
    """Nothing goes wrong any more, from now on."""

    def __call__(self, world: "World") -> None:
        world.sandbox.faults.clear()
        world.troubles.clear()
        for stream in world.streams():
            stream.break_off()
