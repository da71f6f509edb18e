"""P11: the reference (PyIRCIoT) at work, asked line by line over stdin; answers how much it did and what CPU it took.

    python3 irc-peer.py CHECKOUT
    {"small": [Datum...], "big": Datum}      once, then any number of
    {"do": "encode-small"}                   -> {"messages": n, "cpuNs": all of this process so far}
"""
import json
import sys
import time

sys.path.insert(0, sys.argv[1])
from irciot import PyLayerIRCIoT  # noqa: E402

work = json.loads(sys.stdin.readline())
codec = PyLayerIRCIoT()
# Ids of these lengths: with others its fragments do not always come to the Datum again.
codec.current_mid, codec.current_oid, codec.current_did = 10000, 1000, 100
small_texts = [codec.irciot_encap_all_([datum])[0][0] for datum in work["small"]]
big_texts = [text for text, _ in codec.irciot_encap_all_([work["big"]])]
BIG_TIMES = 16


def encode_small():
    return sum(len(codec.irciot_encap_all_([datum])) for datum in work["small"])


def decode_small():
    # Without its own check of the message before, which its bots do and which costs as much again.
    return sum(codec.irciot_deinencap_(text) != "" for text in small_texts)


def encode_big():
    return sum(len(codec.irciot_encap_all_([work["big"]])) > 1 for _ in range(BIG_TIMES))


def decode_big():
    whole = 0
    for _ in range(BIG_TIMES):
        # It would look through all fragments that it keeps of Datums that are complete.
        codec.defrag_pool = []
        whole += any([len(codec.irciot_deinencap_(text)) > 2 for text in big_texts])
    return whole


tasks = {
    "encode-small": encode_small,
    "decode-small": decode_small,
    "encode-fragmented": encode_big,
    "decode-fragmented": decode_big,
}

for line in sys.stdin:
    messages = tasks[json.loads(line)["do"]]()
    print(json.dumps({"messages": messages, "cpuNs": time.process_time_ns()}), flush=True)
