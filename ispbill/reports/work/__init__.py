"""Reports of what staff do: tickets and installations."""
