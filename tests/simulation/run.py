"""One run from its beginning to its verdict."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.account import LATE_2026
from tests.simulation.actions import Deliver, PutInOrder, Tap
from tests.simulation.faults import EndFaults
from tests.simulation.invariants import in_the_end, of_the_polls
from tests.simulation.people import LAST
from tests.simulation.process import WatchedService
from tests.simulation.scenario import Scenario
from tests.simulation.world import USER, Logged, Tell, World

LONGEST_HOLD = 700.0
"""Seconds after which no server asks to be left alone any more, and the longest delay of any retry is over."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run came to; `seconds` are simulated ones."""

    violations: tuple[str, ...]
    seconds: float
    requests: int


def run(scenario: Scenario, tell: Tell | None = None, service: type[WatchedService] = WatchedService) -> Verdict:
    """Let it all happen, then let faults end and time pass, and look what has come of it."""
    world = World(scenario.conditions, scenario.seed, tell, service)
    with Logged(world) as log:
        for step in scenario.steps:
            world.live(step.wait)
            world.act("faults" if "faults" in type(step.action).__module__ else USER, repr(step.action), step.action)
        _recover(world)
        for violation in in_the_end(world):
            world.fail(violation)
        _probe(world)
        for process in world.every_process:
            log.look_for_secrets("/healthz", process.health)
        for name in tuple(world.processes):
            world.stop(name)
        for violation in _left_behind(world):
            world.fail(violation)
        for process in world.every_process:
            for violation in of_the_polls(process):
                world.fail(violation)
    return Verdict(tuple(world.violations), world.now - LATE_2026, world.requests)


def _recover(world: World) -> None:
    world.act("faults", "nothing goes wrong any more", EndFaults())
    world.act(USER, "puts mailboxes and groups in order", PutInOrder())
    if not world.processes:
        world.start("one")
    world.live(LONGEST_HOLD + 2 * world.conditions.poll_interval)
    world.live(max(world.conditions.poll_interval, 200.0))


def _probe(world: World) -> None:
    """One more tap is acted on in no time if the server announces it, and else by the next poll."""
    prompt = (
        all(process.is_listening for process in world.processes.values()) and world.conditions.stream_lifetime is None
    )
    modseq = world.account.journal.modseq
    world.live(60.0)
    if world.account.journal.modseq != modseq:
        world.fail("something is still written though nothing has happened")
    world.act(USER, "sends a last mail", Deliver("last", LAST, 0, "Screener"))
    world.live(world.conditions.debounce + 10 * world.conditions.latency + world.conditions.push_delay)
    world.act(USER, "taps it", Tap("last", "@ToFeed"))
    if world.mail("last") is None:
        return
    world.live(2 * world.conditions.debounce + 60 * world.conditions.latency + 2 * world.conditions.push_delay + 1)
    if prompt and world.pending("last"):
        world.fail("a tap was not acted on at once")
    world.live(world.conditions.poll_interval + 60.0)
    for violation in in_the_end(world):
        world.fail(f"after one more tap: {violation}")


def _left_behind(world: World) -> Iterator[str]:
    world.live(0.0)
    if world.sandbox.streams:
        yield f"{len(world.sandbox.streams)} streams are still open at the server"
