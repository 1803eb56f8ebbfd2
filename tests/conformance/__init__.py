"""Published billing cases, played through ispbill's own verbs and policies."""
