"""What time does to prepaid lines by itself: they run out, and their customers are told before."""
