"""Questions about whole layers: plain functions, frames in and frames out."""
