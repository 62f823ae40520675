"""Posts: photographs with a caption, their likes and their comments."""
