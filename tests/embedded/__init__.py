"""Tests of the embedded servers, with real ones. Every server started here is stopped here."""
