"""May a customer be online, and why."""
