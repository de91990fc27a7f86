"""The address book of a JMAP account (RFC 9610), at the server that has the mail too."""
