"""What the triage labels ask for: looked up, planned, and written, the label last."""
