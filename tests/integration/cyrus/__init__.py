"""A real Cyrus IMAP server, unpacked beside the system and run on loopback by an unprivileged user."""
