"""The JSON face, assembled."""
