"""Files and folders: archives, links, damage, and changes that happen whole or not at all."""
