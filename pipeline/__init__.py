"""Inkline's pipeline: handwriting in, editable documents out. Knows nothing of Streamlit."""
