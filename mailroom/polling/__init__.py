"""When to poll, and what came of it. What a poll does is not known here."""
