"""The tables `photos`, `terms` and `albums` in DynamoDB."""
