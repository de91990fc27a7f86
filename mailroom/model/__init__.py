"""What an account holds, by the names that the settings use: mailboxes, mails, contact groups. No I/O."""
