"""The second factor of signing in: six digits of an app (TOTP, RFC 6238), or a recovery code that works once."""
