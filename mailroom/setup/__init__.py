"""An account made ready for Mailroom."""
