"""The additional-needs register of each setting."""
