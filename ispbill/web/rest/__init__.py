"""What every JSON face stands on: strict fields, schemas, paging, and the blueprint that reads and answers."""
