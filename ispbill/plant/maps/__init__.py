"""The network map: where customers, LCPs and NAPs are, and how far each NAP reaches."""
