"""What several models are built from and trained with: layers, losses, augmentation, the adversarial step."""
