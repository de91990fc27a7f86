"""What Mailroom costs in time, requests and memory: `python -m tests.bench`. Figures for people, never assertions."""
