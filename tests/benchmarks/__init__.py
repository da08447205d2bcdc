"""How fast the page is, in a real browser, beside a plain Gradio page of the same models: python -m tests.benchmarks.

The plain page is what Gradio's guide shows: ``slider.input(decode, slider, image)``, nothing tuned. It is served by a
process of its own in the same run, so both columns were measured on the same machine.

What is measured:

latency
    Milliseconds from just before an input event is dispatched to the first changed pixels in the document: the return
    of ``putImageData`` on a canvas that is in it (for a grid, on the last canvas of an update), or the load of an image
    with another source. Each input jumps over a good part of the slider and is made at rest, 30 ms after the image
    before it; the first three are not counted. No image within 5 s counts as never. The browser's clock has steps of
    0.1 ms.
updates per second
    Frames in which the image changed, over a drag of 5 s with one input per animation frame; frames per second are all.
grid
    64 images by DCGAN, drawn by the page in its Workers; "grid, server": by the server, where the page cannot.
last input dropped
    1 if what the drag left on screen is not the image of its last position, set again after another one; else 0.
requests per input, server CPU per input
    Of the same drag: requests started, and user and system time of the server with its children, minus what it used in
    as long a rest just before.
100 ms RTT
    The browser delays every answer as a round trip of 100 ms would: ``Network.emulateNetworkConditions`` of the
    DevTools protocol with latency 100 and no limit of throughput. Set when the page is ready, so loading is not
    affected.
pen
    A spiral drawn on the sketchpad, one move per animation frame: frames in which the reconstruction changed.
map
    Seconds from pressing the Latents tab of a page that is ready until its map is drawn, by the page's own decoder, on
    a first visit at 10 Mbit/s and 100 ms; the server has loaded the model before. Bytes: all that came over the network
    in that time.
start
    Seconds from spawning the server's process until a browser with an empty cache shows something usable: the opening's
    first picture, for the empty page its one button. The browser is open by then and retries until the server answers.
weight
    Bytes over the network, compressed as they are sent, until the same moment. Weights for the page's own decoder
    (``/gm/weights/``) are not counted: the grid is there before them. 1 KB is 1,000 bytes.
api
    Seconds per call of ``gradio_client`` for a grid of 64, with all clients calling at once from one other process, and
    the growth of the server's resident memory over 2,000 such calls after 200 to warm up. 1 MB is 1,000,000 bytes.
load
    CPU time of the server over wall time while pages of one browser all drag a slider at once.
phones
    The requests of a phone's page, recorded in the browser, repeated for 300 phones at once by another process, each
    over six connections and in the recorded order: seconds from sending a request until its answer has ended, and until
    the last one of those before the first picture has. Refused: answers that are errors, and connections that fail.
    Then all keep their connections, as pages do, and the server's CPU time is taken: a drag asks for nothing.
photos
    Photos of digits of each kind in ``tests/photos.py``, made from MNIST's training digits or, without these, from
    drawn ones, and the pictures of a folder (``--photos``): how many the classifier reads right, in what the VAE is
    given and in its reconstruction. They go through the API, so what only a browser reads counts as not read.
training
    Minutes that ``train.py`` would take for each checkpoint in float32 on one thread, from two short runs.
neighbor
    Steps per second of ``train.py dcgan`` beside a program that keeps every core busy, as a share of those alone; for
    comparison ("plain"), with the setting of libgomp itself for how long its threads wait before they yield.

Exit status: 0 if every target is met, 1 if one is not or could not be measured, 2 if nothing could be run.
"""
