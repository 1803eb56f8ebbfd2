"""Routers: what is in stock, who has which, and since when."""
