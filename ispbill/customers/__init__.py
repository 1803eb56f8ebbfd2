"""The people and companies the ISP serves."""
