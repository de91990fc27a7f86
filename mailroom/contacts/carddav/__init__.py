"""The address book of a CardDAV server (RFC 6352), beside a mail account that speaks JMAP."""
