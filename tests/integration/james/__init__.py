"""A real Apache James, which keeps all mail in memory: another program by other people, without contacts or Sieve."""
