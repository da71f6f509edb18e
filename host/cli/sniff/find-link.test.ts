import { expect, test } from "vitest";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { findLink, type KnownLinks } from "./find-link.ts";

const known: KnownLinks = {
  devices: [{ id: "pico-30003b" }, { id: "wifi-1" }],
  sessions: [
    { id: "a0a1a2a3", device: "wifi-1", via: "tcp 10.0.0.7:50000" },
    { id: "b0b1b2b3", device: "", via: "tcp 10.0.0.8:50001" },
  ],
  links: [
    { name: "serial /dev/serial/by-id/usb-Espruino_Pico_30003B-if00" },
    { name: "tcp 10.0.0.7:50000" },
    { name: "tcp 10.0.0.8:50001" },
  ],
  ports: [
    { path: "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00", aliases: ["/dev/ttyACM0", "usb:30003B"] },
    { path: "/dev/ttyS0", aliases: [] },
  ],
};
const pico = "links/serial%20%2Fdev%2Fserial%2Fby-id%2Fusb-Espruino_Pico_30003B-if00/chunks";

test.each([
  ["pico-30003b", "devices/pico-30003b/chunks"],
  ["serial /dev/ttyS0", "links/serial%20%2Fdev%2FttyS0/chunks"],
  ["/dev/ttyACM0", pico],
  ["30003b", pico],
  ["usb:30003B", pico],
  ["Espruino", pico],
  ["10.0.0.8:50001", "links/tcp%2010.0.0.8%3A50001/chunks"],
  ["50000", "links/tcp%2010.0.0.7%3A50000/chunks"],
  ["a0a1a2a3…", "devices/wifi-1/chunks"],
  ["b0b1", "links/tcp%2010.0.0.8%3A50001/chunks"],
])("%s is found", (text, path) => {
  expect(findLink(text, known).path).toBe(path);
});

test("only a socket does not come back under its name", () => {
  const isOnce = (text: string) => findLink(text, known).isOnce;
  expect([isOnce("wifi-1"), isOnce("/dev/ttyS0"), isOnce("50000")]).toEqual([false, false, true]);
});

function faultOf(text: string, of: KnownLinks): BowlineError {
  try {
    findLink(text, of);
  } catch (error) {
    if (error instanceof BowlineError) return error;
  }
  throw new Error(`${text} was found`);
}

test("what is unknown names what there is", () => {
  const { code, exitCode, message } = faultOf("nope", known);
  expect([code, exitCode]).toEqual(["LINK_UNKNOWN", ExitCode.notFound]);
  expect(message).toContain("known: pico-30003b, wifi-1, serial /dev/serial/by-id/");
  const empty = { devices: [], sessions: [], links: [], ports: [] };
  expect(faultOf("nope", empty).message).toContain("none is known yet");
});

test("a part of several is a usage error that names them", () => {
  const { code, exitCode, message } = faultOf("10.0.0", known);
  expect([code, exitCode]).toEqual(["LINK_AMBIGUOUS", ExitCode.usage]);
  expect(message).toContain("part of tcp 10.0.0.7:50000 and of tcp 10.0.0.8:50001");
});
