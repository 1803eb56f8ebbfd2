"""What is sent twice is done once: the keys that pages and clients send, and what was answered to them."""
