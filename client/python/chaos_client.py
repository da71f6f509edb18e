"""What `bowline chaos --client` starts: numbered messages, numbered requests, and on the output what was done of both."""
import asyncio, os
from bowline_session import Board

TEXT = "The quick brown fox jumps over the lazy dog, 0123456789 times a day."

def filler(i: int) -> str:
    """What message or request `i` carries, so that packets differ in size and a changed byte shows."""
    return TEXT[i % 16:i % 16 + i * 7 % 47]

async def main() -> None:
    host, port, id, count = (os.environ[f"CHAOS_{name}"] for name in ("HOST", "PORT", "ID", "COUNT"))

    async def answer(request):
        if request["ot"] == "l:info": return {"held": len(board.client.held)}  # asked at the end: not acknowledged yet
        if request["ot"] != "l:ask": return None
        print("ran", request["i"], request["s"], flush=True)
        return {"i": request["i"], "s": filler(request["i"])}

    async with Board(id, host, int(port), answer=answer) as board:
        for i in range(1, int(count) + 1):
            await board.publish({"ot": "l:n", "i": i, "s": filler(i)})
            print("sent", i, flush=True)
        await asyncio.Event().wait()  # requests are answered until it is ended

asyncio.run(main())
