"""Files that people upload: photos of an installation, a customer's documents, attachments of a ticket."""
