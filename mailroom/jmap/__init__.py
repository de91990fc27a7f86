"""One account's JMAP server: session, calls, limits, errors (RFC 8620)."""
