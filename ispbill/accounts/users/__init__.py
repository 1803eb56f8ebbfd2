"""The staff: inviting, changing, deactivating."""
