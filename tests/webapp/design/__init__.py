"""The components of the pages by themselves, without the app that fills them."""
