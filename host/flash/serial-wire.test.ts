import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { isPtyAvailable, openPty } from "../transports/pty.ts";
import { openSerialWire } from "./serial-wire.ts";

const stops = stopAfterEach();

/** A wire over a pseudo-terminal, with what it wrote. */
async function connect() {
  const pty = await openPty();
  stops.push(() => pty.close());
  const wire = await openSerialWire(pty.path, 115_200);
  stops.push(() => wire.close());
  const end = { pty, wire, written: "", told: [] as string[], lost: "" };
  pty.onData((chunk) => {
    end.written += Buffer.from(chunk).toString("latin1");
  });
  wire.onText = (text) => end.told.push(text);
  wire.onLost = (reason) => {
    end.lost = reason;
  };
  return end;
}

const say = (text: string) => Buffer.from(text, "latin1");

test.skipIf(!isPtyAvailable())("what a board says is told once it is silent, byte for byte", async () => {
  const { pty, told } = await connect();
  for (const piece of ["\r\x1b[J@V1 ", "\xff\0", "\r\n>"]) pty.write(say(piece));
  await until(() => expect(told.join("")).toBe("\r\x1b[J@V1 \xff\0\r\n>"));
});

test.skipIf(!isPtyAvailable())(
  "a board that asks to wait and then forgets it is told to go on (users 16)",
  async () => {
    const end = await connect();
    end.pty.write(say("\x13text"));
    await until(() => expect(end.told).toEqual(["text"]));
    await end.wire.write("line\n");
    await until(() => expect(end.written).toBe("\x11line\n"));
  },
);

test.skipIf(!isPtyAvailable())(
  "a board that asks to wait, and then to go on, is not told anything",
  async () => {
    const end = await connect();
    end.pty.write(say("\x13a"));
    await until(() => expect(end.told).toEqual(["a"]));
    const written = end.wire.write("line\n");
    end.pty.write(say("\x11b"));
    await written;
    await until(() => expect(end.written).toBe("line\n"));
  },
);

test.skipIf(!isPtyAvailable())(
  "a port that goes is told of once, and closing it then does no harm",
  async () => {
    const end = await connect();
    await end.pty.close();
    await until(() => expect(end.lost).not.toBe(""));
    await end.wire.close();
    await end.wire.close();
  },
);

test.skipIf(!isPtyAvailable())(
  "what is written to a port as it goes, or after it went, comes to an end",
  async () => {
    const end = await connect();
    await end.pty.close();
    while (end.lost === "") await end.wire.write("x").then(() => setImmediate());
    await end.wire.write("x");
  },
);
