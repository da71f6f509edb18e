import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { BowlineError } from "../../platform/errors.ts";
import type { PortInfo } from "../../transports/ports.ts";
import type { Choice } from "../process/questions.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { choosePort, type PortQuestion } from "./choose-port.ts";
import { keepLastPort, readLastPort } from "./last-port.ts";

const nothing = { vidPid: "", serialNumber: "", manufacturer: "", product: "", holder: undefined } as const;
const pico: PortInfo = {
  ...nothing,
  name: "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00",
  device: "/dev/ttyACM0",
  vidPid: "0483:5740",
  product: "Pico",
  manufacturer: "Espruino",
  espruino: "yes",
};
const bridge: PortInfo = {
  ...nothing,
  name: "/dev/serial/by-id/usb-1a86_USB_Serial-if00",
  device: "/dev/ttyUSB0",
  vidPid: "1a86:7523",
  product: "USB Serial",
  espruino: "maybe",
};
const zigbee: PortInfo = {
  ...nothing,
  name: "/dev/serial/by-id/usb-FTDI_FT232R_A9M9DV3R-if00",
  device: "/dev/ttyUSB1",
  vidPid: "0403:6001",
  espruino: "no",
};
const uart: PortInfo = { ...nothing, name: "/dev/serial0", device: "/dev/ttyAMA0", espruino: "maybe" };
const other: PortInfo = { ...bridge, name: "/dev/serial/by-path/other", device: "/dev/ttyUSB2" };
const held = (port: PortInfo, command = "zigbee2mqtt"): PortInfo => ({
  ...port,
  holder: { pid: 812, command },
});

let terminal: FakeTerminal;
let asked: readonly Choice[] | undefined;

beforeEach(() => {
  terminal = new FakeTerminal();
  asked = undefined;
});

/** Somebody who takes the choice at `index`. */
function person(index: number): void {
  terminal.questions = {
    choose: async (_, choices) => {
      asked = choices;
      return choices[index].value;
    },
    secret: async () => "",
  };
}

const choose = (ports: PortInfo[], more: Partial<PortQuestion> = {}) =>
  choosePort({ named: undefined, ports, kept: [], last: "", ...more }, terminal);

async function refusal(choice: Promise<unknown>): Promise<BowlineError> {
  const error = await choice.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BowlineError)) throw new Error(`no BowlineError: ${error}`);
  return error;
}

describe("without --port", () => {
  test("the only port that fits is taken, by the name that stays, and nobody is asked", async () => {
    person(0);
    expect(await choose([pico, zigbee, uart])).toEqual({ path: pico.name, why: "the only port that fits" });
    expect(await choose([zigbee, bridge])).toEqual({ path: bridge.name, why: "the only port that fits" });
    expect(asked).toBeUndefined();
  });

  test("one that says it is an Espruino goes before bridges, which may be anything", async () => {
    expect(await choose([bridge, pico])).toEqual({
      path: pico.name,
      why: "the only one that says it is an Espruino",
    });
  });

  test("of several the person chooses; the last one used comes first", async () => {
    person(0);
    expect((await choose([bridge, other], { last: other.name })).path).toBe(other.name);
    expect(asked).toEqual([
      { value: other.name, label: other.name, hint: "USB Serial, 1a86:7523, the last one" },
      { value: bridge.name, label: bridge.name, hint: "USB Serial, 1a86:7523" },
    ]);
    person(1);
    expect((await choose([bridge, other], { last: "gone" })).path).toBe(other.name);
  });

  test("where nobody can be asked it ends with 2, and the command for each", async () => {
    const error = await refusal(choose([bridge, other, zigbee]));
    expect(error).toMatchObject({ code: "FLASH_PORT_NEEDED", exitCode: 2 });
    expect(error.message).toBe(
      `choosing the port: 2 fit, and there is nobody to ask: ${bridge.name} (USB Serial, 1a86:7523); ${other.name} (USB Serial, 1a86:7523)`,
    );
    expect(error.mend).toBe(
      `bowline flash --port ${bridge.name}\n    or: bowline flash --port ${other.name}`,
    );
  });

  test("without any port it ends with 3 and the usual causes", async () => {
    const error = await refusal(choose([]));
    expect(error).toMatchObject({ code: "FLASH_NO_PORT", exitCode: 3, mend: "bowline doctor" });
    expect(error.message).toMatch(
      /no serial port at all; usual causes: a cable that only charges, a missing driver .* container/,
    );
  });

  test("what is clearly something else, and a UART, are never taken unless they are named", async () => {
    const error = await refusal(choose([zigbee, uart]));
    expect(error).toMatchObject({ code: "FLASH_NO_PORT", exitCode: 3 });
    expect(error.message).toContain(
      `only ${zigbee.name} (0403:6001); /dev/serial0, a UART, which has to be named`,
    );
    expect((await choose([zigbee, uart], { named: "/dev/serial0" })).path).toBe("/dev/serial0");
  });

  test("a port that another program holds is passed over; when all are held, it ends with 5 and names who", async () => {
    expect(await choose([held(bridge), other])).toEqual({
      path: other.name,
      why: "the only free port that fits",
    });
    const error = await refusal(choose([held(bridge)]));
    expect(error).toMatchObject({ code: "SERIAL_BUSY", exitCode: 5 });
    expect(error.message).toContain(`${bridge.name} is held by pid 812 (zigbee2mqtt)`);
  });

  test("one that our own gateway holds counts as free: it lends it", async () => {
    const mine = held(bridge, "node bowline.mjs");
    expect((await choose([mine], { kept: [mine.device] })).path).toBe(bridge.name);
  });
});

test("a port that only the gateway knows of is not taken unnamed, and told with how to name it", async () => {
  const error = await refusal(choose([], { kept: ["/dev/pts/7"] }));
  expect(error).toMatchObject({
    ...{ code: "FLASH_NO_PORT", exitCode: 3 },
    mend: "bowline flash --port /dev/pts/7, if the board is there; else bowline doctor",
  });
  expect(error.message).toMatch(
    /there is only \/dev\/pts\/7, a port of the gateway, which has to be named; usual causes/,
  );
});

describe("a named port", () => {
  test("--port goes before the variable, and both before everything that fits", async () => {
    terminal.env.BOWLINE_PORT = "/dev/pts/7";
    expect(await choose([pico])).toEqual({ path: "/dev/pts/7", why: "BOWLINE_PORT names it" });
    expect(await choose([pico], { named: "/dev/pts/8" })).toEqual({
      path: "/dev/pts/8",
      why: "as it was named",
    });
  });

  test("the kernel's name is put into the one that stays; a link of one's own is left alone", async () => {
    expect((await choose([zigbee, pico], { named: "ttyUSB1" })).path).toBe(zigbee.name);
    const folder = mkdtempSync(join(tmpdir(), "bowline-port-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    symlinkSync("/dev/null", join(folder, "board"));
    terminal.cwd = folder;
    for (const named of ["board", "./board"]) {
      const chosen = await choose([{ ...pico, device: "/dev/null" }], { named });
      expect(chosen.path).toBe(join(folder, "board"));
    }
  });
});

test("the last port is remembered, and a file that says nothing is as none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-last-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const data = join(folder, "data");
  expect(await readLastPort(data)).toBe("");
  await keepLastPort(data, pico.name);
  await keepLastPort(data, pico.name);
  expect(await readLastPort(data)).toBe(pico.name);
  for (const text of ["", "{", "null", '{"port":7}']) {
    writeFileSync(join(data, "flash.json"), text);
    expect(await readLastPort(data)).toBe("");
  }
  await keepLastPort("memory", pico.name);
  expect(await readLastPort("memory")).toBe("");
});
