"""Serve the demo: python app.py, then open the address it prints. python app.py --selfcheck tests the checkpoints."""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported: nothing leaves this machine
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--selfcheck", action="store_true", help="load every checkpoint, generate one image with each")
    parser.add_argument("--host", help="address to serve on; default: this machine only, all addresses on a Space")
    parser.add_argument("--port", type=int, help="default: 7860 or the next free one")
    args = parser.parse_args(arguments)
    if args.selfcheck:
        from genmodels.ui.selfcheck import selfcheck

        return selfcheck()
    from genmodels.ui.page import build_demo

    try:
        build_demo().launch(server_name=args.host, server_port=args.port)
    except OSError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
