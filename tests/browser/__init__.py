"""The app in a real browser, used as a visitor uses it, on a desktop and on a phone screen."""
