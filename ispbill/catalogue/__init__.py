"""What the ISP sells, for how much, under which tax."""
