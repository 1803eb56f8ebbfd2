"""Tests of the books: ledger, chart of accounts, closing, proof."""
