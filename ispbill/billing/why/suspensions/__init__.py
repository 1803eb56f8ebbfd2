"""Why a customer is, or was, cut off."""
