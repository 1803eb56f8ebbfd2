"""Prepaid revenue is owed until the time has passed; each night what has passed becomes revenue."""
