"""A thermometer: what a file says of the temperature, every ten seconds, and a request that changes how often."""
import asyncio, sys
from bowline_session import Board

host, port, file = [*sys.argv[1:], *["127.0.0.1", "7700", "/sys/class/thermal/thermal_zone0/temp"][len(sys.argv) - 1:]]
every = {"s": 10.0}

async def answer(request):
    if request["ot"] != "l:interval": return None  # nobody here knows it
    every["s"] = max(0.1, float(request["s"]))
    return every

async def main():
    async with Board("thermometer", host, port, answer=answer) as board:
        while True:
            with open(file) as degrees: await board.publish({"ot": "l:temp", "v": int(degrees.read()) / 1000})
            await asyncio.sleep(every["s"])

asyncio.run(main())
