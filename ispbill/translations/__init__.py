"""Where translations live: LANGUAGE/LC_MESSAGES/messages.po, and how they are made (catalogues.py)."""
