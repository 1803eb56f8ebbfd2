"""The journal as accounting programs take it."""
