"""What a customer's timeline tells of lines, subscriptions, money and messages."""
