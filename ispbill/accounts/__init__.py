"""Staff users, roles, sessions, tokens: who may do what at one ISP."""
