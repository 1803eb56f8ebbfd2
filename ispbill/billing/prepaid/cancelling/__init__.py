"""Taking prepaid time back: what is unused returns to the wallet, what is used stays paid."""
