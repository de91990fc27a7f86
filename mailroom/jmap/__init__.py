"""One account's JMAP server."""
