"""The time from the day a customer became overdue to the day nothing is."""
