"""What happens after a customer calls: tickets, and how the desk that works on them is set up."""
