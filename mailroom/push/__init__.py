"""The event stream: bytes from the server become "something changed"."""
