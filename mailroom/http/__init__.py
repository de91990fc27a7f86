"""Requests over HTTP: bounded, timed, and with credentials that stay at their origin."""
