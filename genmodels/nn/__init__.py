"""What several models share: layers, losses, augmentation, the adversarial step."""
