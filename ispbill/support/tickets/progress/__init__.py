"""The way of a ticket through its statuses and hands, as pages; the verbs stand in tickets/service.py."""
