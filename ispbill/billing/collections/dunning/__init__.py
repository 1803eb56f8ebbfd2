"""The steps taken towards customers who owe, each once, and giving service back."""
