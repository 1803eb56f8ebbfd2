"""Text messages: the account at the provider, how a text is counted, what became of each."""
