"""Whether a document is one that AWS could have sent, by botocore's models."""
