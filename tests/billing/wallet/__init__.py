"""The wallet: its balance and its movements."""
