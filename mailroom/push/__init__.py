"""Bytes from the server become "something changed"."""
