"""SieveScript methods of the sandbox, and the ways in which a Cyrus deviates from RFC 9661."""

from typing import Any

from mailroom.sandbox.options import SandboxOptions, SieveOptions
from tests.sandbox.driver import SandboxTestCase


class SieveTestCase(SandboxTestCase):
    """A test with a sandbox to whose scripts it talks."""

    def blob(self, text: str = "keep;\r\n") -> str:
        return self.account.keep_blob("application/sieve", text.encode())

    def create(self, name: str = "one", text: str = "keep;\r\n", **more: Any) -> dict[str, Any]:
        return self.call("SieveScript/set", create={"new": {"name": name, "blobId": self.blob(text)}}, **more)

    def stored(self, name: str = "one", *, activate: bool = False) -> str:
        """A script; its id."""
        more = {"onSuccessActivateScript": "#new"} if activate else {}
        return str(self.create(name, **more)["created"]["new"]["id"])

    def scripts(self) -> dict[str, bool]:
        return {script["name"]: script["isActive"] for script in self.call("SieveScript/get")["list"]}

    def refusal(self, name: str = "one", text: str = "keep;\r\n") -> str:
        return str(self.create(name, text)["notCreated"]["new"]["type"])


class StoringTests(SieveTestCase):
    """What is stored, and what is not."""

    def test_a_get_tells_the_blob_that_was_uploaded(self) -> None:
        """The answer to the set tells another one."""
        blob_id = self.blob()
        answer = self.call("SieveScript/set", create={"new": {"name": "one", "blobId": blob_id}})
        (script,) = self.call("SieveScript/get")["list"]
        assert script == {"id": script["id"], "name": "one", "blobId": blob_id, "isActive": False}
        assert answer["created"]["new"]["blobId"] != blob_id

    def test_refusals(self) -> None:
        """Each has the type that a Cyrus gives it."""
        self.stored()
        assert self.refusal("one") == "alreadyExists"
        assert self.refusal("two", "nonsense;\r\n") == "invalidScript"
        assert self.refusal("two", "#" * 40_000 + "\r\nkeep;\r\n") == "tooLarge"
        answer = self.call("SieveScript/set", create={"new": {"name": "two", "blobId": "nope"}})
        assert answer["notCreated"]["new"] == {"type": "blobNotFound", "Id": ["nope"]}

    def test_a_full_account(self) -> None:
        """There is room for five."""
        for number in range(5):
            self.stored(f"script{number}")
        assert self.refusal("one more") == "overQuota"

    def test_an_update(self) -> None:
        """Another content, or another name; an unknown script is not found."""
        script, blob_id = self.stored(), self.blob("stop;\r\n")
        self.call("SieveScript/set", update={script: {"blobId": blob_id}})
        self.call("SieveScript/set", update={script: {"name": "two"}})
        (found,) = self.call("SieveScript/get", properties=["name", "blobId"])["list"]
        assert found == {"id": script, "name": "two", "blobId": blob_id}
        answer = self.call("SieveScript/set", update={"nope": {"name": "three"}})
        assert answer["notUpdated"]["nope"]["type"] == "notFound"

    def test_a_query(self) -> None:
        """By a part of the name, and by activity."""
        first, second = self.stored("one"), self.stored("two", activate=True)
        assert self.call("SieveScript/query", filter={"name": "on"})["ids"] == [first]
        assert self.call("SieveScript/query", filter={"isActive": True})["ids"] == [second]
        assert self.error("SieveScript/query", filter={"size": 1})["type"] == "unsupportedFilter"

    def test_validation(self) -> None:
        """The verdict is an answer, and only a blob that is not there an error. Size does not matter here."""
        assert self.call("SieveScript/validate", blobId=self.blob())["error"] is None
        assert self.call("SieveScript/validate", blobId=self.blob("#" * 40_000 + "\r\nkeep;\r\n"))["error"] is None
        error = self.call("SieveScript/validate", blobId=self.blob("keep"))["error"]
        assert error["type"] == "invalidScript"
        assert self.error("SieveScript/validate", blobId="nope")["type"] == "blobNotFound"


class ActivationTests(SieveTestCase):
    """Whose script is followed."""

    def test_one_at_a_time(self) -> None:
        """The answer tells of both scripts for which it is a change."""
        first = self.stored("one", activate=True)
        answer = self.create("two", onSuccessActivateScript="#new")
        assert answer["created"]["new"]["isActive"] is True
        assert answer["updated"] == {first: {"isActive": False}}
        assert self.scripts() == {"one": False, "two": True}

    def test_only_if_every_change_succeeds(self) -> None:
        """A refusal keeps the old script active."""
        first, second = self.stored("one", activate=True), self.stored("two")
        self.call("SieveScript/set", update={"nope": {"name": "three"}}, onSuccessActivateScript=second)
        assert self.account.scripts.active_id == first

    def test_an_unknown_script(self) -> None:
        """A Cyrus stumbles over it."""
        assert self.error("SieveScript/set", onSuccessActivateScript="nope")["type"] == "serverFail"

    def test_the_active_one_is_not_destroyed(self) -> None:
        """It takes two calls: deactivation comes after the changes of its own call."""
        script = self.stored(activate=True)
        answer = self.call("SieveScript/set", destroy=[script], onSuccessDeactivatescript=True)
        assert answer["notDestroyed"] == {script: {"type": "scriptIsActive"}}
        assert self.account.scripts.active_id == script
        answer = self.call("SieveScript/set", onSuccessDeactivatescript=True)
        assert answer["updated"] == {script: {"isActive": False}}
        assert self.call("SieveScript/set", destroy=[script])["destroyed"] == [script]
        assert self.scripts() == {}

    def test_deactivation_is_misspelt(self) -> None:
        """The argument as RFC 9661 spells it is refused."""
        answer = self.error("SieveScript/set", onSuccessDeactivateScript=True)
        assert answer == {"type": "invalidArguments", "arguments": ["onSuccessDeactivateScript"]}


class WithoutSieveTests(SieveTestCase):
    """A server that has none for its clients."""

    options = SandboxOptions(sieve=None)

    def test_there_are_no_such_methods(self) -> None:
        """Nor is the capability known."""
        assert self.error("SieveScript/get")["type"] == "unknownMethod"


class ByTheBookTests(SieveTestCase):
    """A server that follows RFC 9661 here."""

    options = SandboxOptions(sieve=SieveOptions(deactivation="onSuccessDeactivateScript"))

    def test_deactivation(self) -> None:
        """By the argument that is in the RFC."""
        self.stored(activate=True)
        self.call("SieveScript/set", onSuccessDeactivateScript=True)
        assert self.scripts() == {"one": False}
