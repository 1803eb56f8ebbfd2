"""The plant from files: LCPs, and NAPs with the splitters that feed them."""
