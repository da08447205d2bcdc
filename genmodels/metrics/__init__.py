"""What is measured of a model, one measure a file; ``evaluate`` runs them and writes the checkpoints' cards."""
