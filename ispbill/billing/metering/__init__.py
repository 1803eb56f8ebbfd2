"""Usage that is charged: what was metered, what each period of it came to, what of that is billed."""
