"""A made-up account, a made-up user who taps, and somebody who watches what comes of it."""
