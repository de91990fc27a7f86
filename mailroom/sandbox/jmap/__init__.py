"""The methods of the API (RFC 8620, 8621 and 9610)."""
