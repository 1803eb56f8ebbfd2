"""LCPs and the splitters in them."""
