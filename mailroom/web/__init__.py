"""/healthz: what people and probes see, and how to ask for it."""
