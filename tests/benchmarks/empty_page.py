"""A page with one button, as a lower bound of start and weight: python -m tests.benchmarks.empty_page PORT."""

from __future__ import annotations

import sys

import gradio as gr

if __name__ == "__main__":
    with gr.Blocks(analytics_enabled=False) as demo:
        gr.Button("Press")
    demo.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
