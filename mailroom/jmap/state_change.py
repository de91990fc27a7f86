"""What a push says (RFC 8620 section 7.1)."""

import json


def changed_state(data: str, account_id: str, data_type: str) -> str | None:
    """The new state of a type in an account, if this StateChange object tells one.

    Tolerant, because nothing depends on a push being understood: some servers leave out `@type`, and what is no
    StateChange, or about other accounts and types, tells nothing.
    """
    try:
        change = json.loads(data)
        state = change["changed"][account_id][data_type]
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    return state if isinstance(state, str) else None
