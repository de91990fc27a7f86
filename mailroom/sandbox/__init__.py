"""A small, honest JMAP server in memory: for the demo and the tests."""
