"""Messages to people, through an outbox: a row first, then the sending."""
