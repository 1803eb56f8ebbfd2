"""Setting a password: by a link that works once, or with the present one."""
