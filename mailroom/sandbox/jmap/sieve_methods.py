"""SieveScript/get, query, set and validate (RFC 9661), as a Cyrus was seen to answer them."""

from typing import Any, Final

from mailroom.sandbox.errors import MethodError, SetError, invalid_arguments, invalid_properties
from mailroom.sandbox.jmap.arguments import GET, QUERY, SET, Arguments, is_flag, is_text
from mailroom.sandbox.jmap.core import CreatedIds, Method
from mailroom.sandbox.jmap.sieve_check import InvalidScript, check_script
from mailroom.sandbox.jmap.standard import DataType, Json, SetActions, check_properties, resolve_id, resolve_ids, window
from mailroom.sandbox.options import SieveOptions
from mailroom.sandbox.store.account import Account
from mailroom.sandbox.store.scripts import Script

SIEVE: Final = "urn:ietf:params:jmap:sieve"
_PROPERTIES: Final = frozenset({"id", "name", "blobId", "isActive"})
_REFUSALS: Final = ("notCreated", "notUpdated", "notDestroyed")


class SieveMethods:
    """The methods of scripts."""

    def __init__(self, account: Account, data_type: DataType, options: SieveOptions) -> None:
        self._account = account
        self._scripts = account.scripts
        self._type = data_type
        self._options = options

    def methods(self) -> dict[str, Method]:
        activation = {"onSuccessActivateScript": is_text, self._options.deactivation: is_flag}
        return {
            "SieveScript/get": Method(SIEVE, GET, self._get),
            "SieveScript/query": Method(SIEVE, QUERY, self._query),
            "SieveScript/set": Method(SIEVE, {**SET, **activation}, self._set),
            "SieveScript/validate": Method(SIEVE, {"blobId": is_text}, self._validate),
        }

    def _get(self, arguments: Arguments, created: CreatedIds) -> Json:
        check_properties(arguments, _PROPERTIES.__contains__)
        wanted = {"id", *arguments.get("properties", _PROPERTIES)}

        def read(script: Script) -> Json:
            return {name: value for name, value in self._json(script).items() if name in wanted}

        return self._type.get(resolve_ids(arguments, created), self._scripts.by_id, read)

    def _query(self, arguments: Arguments, _created: CreatedIds) -> Json:
        conditions = arguments.get("filter", {})
        if conditions.keys() - {"name", "isActive"}:
            raise MethodError("unsupportedFilter")
        found = [
            script.id
            for script in self._scripts.by_id.values()
            if conditions.get("name", "") in script.name
            and conditions.get("isActive") in {None, script is self._scripts.active}
        ]
        head = {"queryState": self._type.state, "canCalculateChanges": False}
        return head | window(found, arguments, self._type.options.max_query_limit)

    def _set(self, arguments: Arguments, created: CreatedIds) -> Json:
        """Changes first, then activation, and that only if none of the changes was refused."""
        actions = SetActions(self._create, self._update, self._destroy)
        answer = self._type.set(arguments, actions, created)
        activate = arguments.get("onSuccessActivateScript")
        if any(answer[refused] for refused in _REFUSALS):
            return answer
        if activate is not None:
            return self._activated(self._known_for_activation(resolve_id(activate, created)), answer)
        if arguments.get(self._options.deactivation):
            return self._activated(None, answer)
        return answer

    def _activated(self, script: Script | None, answer: Json) -> Json:
        """The answer with what activation changed: told of created scripts as of updated ones."""
        changed = self._scripts.activate(script)
        created = dict(answer["created"] or {})
        updated = dict(answer["updated"] or {})
        creation_ids = {json["id"]: creation_id for creation_id, json in created.items()}
        for each in {each.id: each for each in [*changed, *([script] if script else [])]}.values():
            told = {"isActive": each is script}
            if each.id in creation_ids:
                created[creation_ids[each.id]] |= told
            else:
                updated[each.id] = {**(updated.get(each.id) or {}), **told}
        return answer | {"created": created or None, "updated": updated or None, "newState": self._type.state}

    def _validate(self, arguments: Arguments, _created: CreatedIds) -> Json:
        """A script that is too large is found fault with only when it is stored."""
        if "blobId" not in arguments:
            raise invalid_arguments("blobId")
        if arguments["blobId"] not in self._account.blobs:
            raise MethodError("blobNotFound", Id=[arguments["blobId"]])
        try:
            check_script(self._text(arguments["blobId"]), self._options)
        except InvalidScript as error:
            return {"error": {"type": "invalidScript", "description": str(error)}}
        return {"error": None}

    def _create(self, json: Json) -> Json:
        """A new script. Its blob is told by an id other than the one that a get tells."""
        self._check_names(json)
        if len(self._scripts.by_id) >= self._options.max_number_scripts:
            raise SetError("overQuota")
        script = self._scripts.add(json["name"], json["blobId"], self._content(json["blobId"]))
        return {
            "id": script.id,
            "isActive": False,
            "blobId": self._account.keep_blob("application/sieve", script.content.encode()),
        }

    def _update(self, script_id: str, patch: Json) -> Json:
        script = self._known(script_id)
        changed = {"name": script.name, "blobId": script.blob_id, **patch}
        self._check_names(changed, script)
        content = self._content(patch["blobId"]) if "blobId" in patch else script.content
        self._scripts.change(script, name=changed["name"], blob_id=changed["blobId"], content=content)
        return {"blobId": script.blob_id} if "blobId" in patch else {}

    def _destroy(self, script_id: str) -> None:
        script = self._known(script_id)
        if script is self._scripts.active:
            raise SetError("scriptIsActive")
        self._scripts.remove(script)

    def _known(self, script_id: str) -> Script:
        if script_id not in self._scripts.by_id:
            raise SetError("notFound")
        return self._scripts.by_id[script_id]

    def _known_for_activation(self, script_id: str) -> Script:
        if script_id not in self._scripts.by_id:
            raise MethodError("serverFail", description="Unknown code ____ 251")
        return self._scripts.by_id[script_id]

    def _check_names(self, json: Json, script: Script | None = None) -> None:
        wrong = [name for name, value in json.items() if name not in {"name", "blobId"} or not is_text(value)]
        if wrong or json.keys() != {"name", "blobId"}:
            raise invalid_properties(*(wrong or {"name", "blobId"} - json.keys()))
        namesake = self._scripts.named(json["name"])
        if namesake is not None and namesake is not script:
            raise SetError("alreadyExists")

    def _content(self, blob_id: str) -> str:
        """The text of a blob that may be stored."""
        if blob_id not in self._account.blobs:
            raise SetError("blobNotFound", Id=[blob_id])
        text = self._text(blob_id)
        if len(text.encode()) > self._options.max_size_script:
            raise SetError("tooLarge")
        try:
            check_script(text, self._options)
        except InvalidScript as error:
            raise SetError("invalidScript", description=str(error)) from error
        return text

    def _text(self, blob_id: str) -> str:
        return self._account.blobs[blob_id][1].decode("utf-8", "replace")

    def _json(self, script: Script) -> dict[str, Any]:
        return {
            "id": script.id,
            "name": script.name,
            "blobId": script.blob_id,
            "isActive": script is self._scripts.active,
        }


def sieve_capability(options: SieveOptions) -> dict[str, Any]:
    """What the account says of its Sieve (RFC 9661 section 1.3.1)."""
    return {
        "maxSizeScriptName": 1013,
        "maxSizeScript": options.max_size_script,
        "maxNumberScripts": options.max_number_scripts,
        "maxNumberRedirects": None,
        "sieveExtensions": list(options.extensions),
        "notificationMethods": ["mailto"],
        "externalLists": ["urn:ietf:params:sieve:addrbook"] if "extlists" in options.extensions else None,
    }
