"""The second opinion: what is in an organization, listed with boto3 by the rules of the data model."""
