"""How routing is set up on the server, as a value and in words. No I/O."""

from dataclasses import dataclass

from mailroom.routing.capability import Mode
from mailroom.routing.sieve import SCRIPT_NAME
from mailroom.routing.sieve_include import Inclusion, include_lines


@dataclass(frozen=True, slots=True)
class RoutingState:
    """What is routed how, and what is left to do.

    - `reason`: why the mode is `none`.
    - `exists`, `current`, `active`: whether Mailroom's script is stored, says what it should, and is followed.
    - `other`: the name of somebody else's script, if that is the active one; `inclusion` tells whether it
      includes ours.
    - `replaced`: the name of the script that was switched off for ours, because that was asked for.
    - `problem`: why the script cannot be stored, in words, with the remedy.
    """

    mode: Mode
    reason: str | None = None
    exists: bool = False
    current: bool = False
    active: bool = False
    other: str | None = None
    inclusion: Inclusion = Inclusion.NO
    replaced: str | None = None
    problem: str | None = None

    @property
    def included(self) -> bool:
        """Whether the user's own script includes ours for every mail."""
        return self.inclusion is Inclusion.YES

    @property
    def effective(self) -> bool:
        """Whether the server routes new mail as the settings say."""
        return self.current and (self.active or self.included)

    @property
    def advice(self) -> str | None:
        """What a person has to do for the rules to be followed, or may want to know; None if there is nothing."""
        if self.problem is not None or self.reason is not None:
            return self.problem or self.reason
        if self.replaced is not None:
            return (
                f'The script "{self.replaced}" was active and is switched off now. To go back, activate it again '
                "where you manage your scripts; it is still stored. `mailroom reset` does so too."
            )
        if self.other is not None and not self.included:
            require, line = include_lines(SCRIPT_NAME)
            what = (
                "stays so. To have new mail routed, add this line to it"
                if self.inclusion is Inclusion.NO
                else "Mailroom cannot tell whether it includes Mailroom's for every mail. Let this line stand in it "
                "outside all blocks, before any other include, stop or return"
            )
            return (
                f'Your own script "{self.other}" is active, and {what}:  {line}  (and at its top:  {require} ). '
                "Or let Mailroom's script take its place: --activate."
            )
        return None


@dataclass(frozen=True, slots=True)
class RulesRemoval:
    """What the removal of Mailroom's script came to.

    - `reactivated`: the name of the user's own script that is followed again, as before `--activate`.
    - `left_off`: the name of the one that was, but could not be switched on again.
    - `others`: the names of the scripts that are stored, if none of them is followed now.
    """

    reactivated: str | None = None
    left_off: str | None = None
    others: tuple[str, ...] = ()

    @property
    def advice(self) -> str | None:
        """What a person has to do, or may want to know; None if there is nothing."""
        how = "Activate it where you manage your scripts."
        if self.reactivated is not None:
            return f'Your own script "{self.reactivated}" is active again, as before Mailroom\'s took its place.'
        if self.left_off is not None:
            return (
                f'Your own script "{self.left_off}" was active before Mailroom\'s took its place, and is switched off: '
                f"it could not be activated again. {how}"
            )
        if self.others:
            names = ", ".join(f'"{name}"' for name in self.others)
            return f"No script is active now. Should one of yours have been active before Mailroom's ({names}): {how}"
        return None
