"""The scripts of an account (RFC 9661): looked at, stored, switched on and off.

Cyrus deviates from the RFC, and is followed: it says `invalidScript` and `scriptIsActive`, and misspells the argument
that deactivates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from mailroom.jmap.answers import malformed
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError, SetError
from mailroom.jmap.get import Get
from mailroom.jmap.json_values import mapping, text, texts
from mailroom.jmap.operation import SingleCall
from mailroom.jmap.session import SIEVE
from mailroom.routing.errors import ScriptRefused, ScriptTooLarge

MAX_SCRIPT_SIZE: Final = 8 * 1024 * 1024
"""Octets of a script that is read."""
_MEDIA_TYPE: Final = "application/sieve"
_DEACTIVATIONS: Final = ("onSuccessDeactivateScript", "onSuccessDeactivatescript")
_REMEDIES: Final[Mapping[str, str]] = {
    "alreadyExists": "Another program has just stored one of that name: try again.",
    "overQuota": "The account has as many scripts as it may: remove one that is not used.",
    "scriptIsActive": "Another program has just activated it: try again.",
    "sieveIsActive": "Another program has just activated it: try again.",
}


@dataclass(frozen=True, slots=True)
class Script:
    """A stored script, without its content."""

    id: str
    name: str
    blob_id: str
    is_active: bool

    @classmethod
    def from_jmap(cls, script: Mapping[str, Any]) -> Self:
        """Read a SieveScript. Raises a `MethodError` if it does not say whether it is active.

        Taken for inactive, the user's own script would be put out of its place.
        """
        if not isinstance(script.get("isActive"), bool):
            raise malformed("SieveScript/get", f"does not say whether the script {script['id']} is active")
        return cls(
            id=script["id"],
            name=text(script.get("name")),
            blob_id=text(script.get("blobId")),
            is_active=script["isActive"],
        )


class ScriptStorage:
    """The scripts of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def all(self) -> Sequence[Script]:
        """Every script there is."""
        scripts = get_scripts()
        await self._client.run(scripts)
        return read_scripts(scripts)

    async def content(self, script: Script) -> str:
        """The text of a script; bytes that are no UTF-8 become replacement characters."""
        if not script.blob_id:
            raise ScriptRefused(f"The server does not say where the text of the script {script.name} is.")
        data = await self._client.download(SIEVE, script.blob_id, _MEDIA_TYPE, MAX_SCRIPT_SIZE)
        return data.decode("utf-8", "replace")

    async def upload(self, script: str) -> str:
        """Bring a script to the server, where none has its text yet; its blob id."""
        return await self._client.upload(SIEVE, _MEDIA_TYPE, script.encode())

    async def complaint(self, blob_id: str) -> str | None:
        """What the server finds wrong with an uploaded script; None if it would take it, but for its size."""
        call = SingleCall("SieveScript", "validate", {"blobId": blob_id})
        await self._client.run(call)
        if "error" not in call.answer:
            raise malformed("SieveScript/validate", "does not say whether the script is valid")
        error = call.answer["error"]
        return None if error is None else str(SetError.parse(error))

    async def create(self, name: str, blob_id: str) -> Script:
        """Store a new script, which is not active."""
        answer = await self._set({"create": {"new": {"name": name, "blobId": blob_id}}})
        if "new" not in mapping(answer.get("created")):
            raise _refusal(SetError.parse(mapping(answer.get("notCreated")).get("new")))
        return await self._find(name)

    async def replace(self, script: Script, blob_id: str) -> None:
        """Give a script another content. An active one stays active."""
        answer = await self._set({"update": {script.id: {"blobId": blob_id}}})
        if script.id not in mapping(answer.get("updated")):
            raise _refusal(SetError.parse(mapping(answer.get("notUpdated")).get(script.id)))

    async def activate(self, script: Script) -> None:
        """Let the server follow this script, and no longer the one that it has followed."""
        await self._set({"onSuccessActivateScript": script.id})
        await self._expect(script, is_active=True)

    async def deactivate(self, script: Script) -> None:
        """Let the server follow no script, if it follows this one."""
        for argument in _DEACTIVATIONS:
            try:
                await self._set({argument: True})
            except MethodError as error:
                if error.type != "invalidArguments" or argument == _DEACTIVATIONS[-1]:
                    raise
            else:
                break
        await self._expect(script, is_active=False)

    async def destroy(self, script: Script) -> None:
        """Remove a script, which must not be active. One that is gone already needs no removal."""
        answer = await self._set({"destroy": [script.id]})
        error = SetError.parse(mapping(answer.get("notDestroyed")).get(script.id))
        if script.id not in texts(answer.get("destroyed")) and error.type != "notFound":
            raise _refusal(error)

    async def _set(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        call = SingleCall("SieveScript", "set", arguments)
        await self._client.run(call)
        return call.answer

    async def _find(self, name: str) -> Script:
        found = [script for script in await self.all() if script.name == name]
        if not found:
            raise ScriptRefused(f"The server said that it stored the script {name}, but has none of that name.")
        return found[0]

    async def _expect(self, script: Script, *, is_active: bool) -> None:
        """Look whether it came so: a server ignores silently what it cannot activate (RFC 9661 section 2.2)."""
        if (await self._find(script.name)).is_active is not is_active:
            what = "activated" if is_active else "deactivated"
            raise ScriptRefused(f"The server has not {what} the script {script.name}, and does not say why.")


def get_scripts() -> Get:
    """The question for all scripts, to be asked together with others."""
    return Get("SieveScript", properties=("id", "name", "blobId", "isActive"))


def read_scripts(scripts: Get) -> Sequence[Script]:
    """The answer to it."""
    return [Script.from_jmap(script) for script in scripts.objects]


def _refusal(error: SetError) -> ScriptRefused | ScriptTooLarge | MethodError:
    """What is raised for a script that the server did not store, change or remove."""
    if error.is_throttle:
        return MethodError("SieveScript/set", error.type, error.description)
    if error.type == "tooLarge":
        return ScriptTooLarge("The script is larger than the server takes.")
    remedy = _REMEDIES.get(error.type, "")
    return ScriptRefused(f"The server refused the script: {' '.join(str(error).split())}. {remedy}".rstrip())
