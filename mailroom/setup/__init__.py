"""An account made ready for Mailroom, checked, and put back."""
