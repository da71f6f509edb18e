"""Answers every task of example_simple with what it holds."""
from bowlinecomp import run


def work(inbox, out, note):
    for m in inbox("example_simple"):
        note(f"processed {m.id}")
        out(m.reply(data=m.data))


run(work, "example_echo")
