"""Reports of subscribers: who came, who leaves, whose time runs out, where they live."""
