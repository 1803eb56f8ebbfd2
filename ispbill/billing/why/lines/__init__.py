"""Why a line of an issued document is what it is."""
