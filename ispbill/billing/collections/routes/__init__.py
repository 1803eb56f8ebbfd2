"""Which collector goes where, and whom they find there."""
