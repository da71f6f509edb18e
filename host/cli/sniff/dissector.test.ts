/** bowline.lua in tshark: captures of a real gateway with the simulated board, and captures of what goes wrong. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../../device/build.mjs";
import type { Side } from "../../frames/side-reader.ts";
import { control, ServerUnderTest } from "../../http/testing/server-under-test.ts";
import { nodeEngine } from "../../platform/engine.ts";
import { until } from "../../platform/testing/until.ts";
import type { LinkBegin } from "../../router/link-listener.ts";
import { PtyBoard } from "../../simulator/pty-board.ts";
import { SimulatedBoard } from "../../simulator/simulated-board.ts";
import { startGateway } from "../../testing/gateway.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { isPtyAvailable } from "../../transports/pty.ts";
import { type Random, randomInteger, seededRandom } from "../../transports/random.ts";
import { VerbRunner } from "../testing/run-verb.ts";
import { CaptureFile } from "./capture-file.ts";

const dissector = fileURLToPath(new URL("bowline.lua", import.meta.url));
const isThere = spawnSync("tshark", ["--version"]).status === 0;
const name = isThere ? "the dissector in tshark" : "the dissector: no tshark; sudo apt-get install tshark";

const run = promisify(execFile);

/** One row a record: what it is in words and the fields, parted by tabs. */
async function read(path: string, ...fields: string[]): Promise<string[]> {
  const columns = ["bowline.summary", ...fields].flatMap((field) => ["-e", field]);
  const args = ["-X", `lua_script:${dissector}`, "-r", path, "-T", "fields", ...columns];
  const { stdout, stderr } = await run("tshark", args, { maxBuffer: 1 << 26 });
  expect(stderr.replace(/^Running as user .*\n/, "")).toBe("");
  return stdout.replace(/\n$/, "").split("\n");
}

describe.skipIf(!isThere)(name, () => {
  let folder: string;
  let path: string;
  let bundle: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bowline-dissector-"));
    bundle = join(folder, "firmware.js");
    await buildDevice({ outfile: bundle, quiet: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeEach(() => {
    path = join(folder, "out.pcap");
  });

  describe.skipIf(!isPtyAvailable())(
    "of a real gateway (needs script: sudo apt-get install bsdutils)",
    () => {
      const toStop = stopAfterEach();

      async function serve(...set: string[]) {
        const gw = await startGateway(set);
        toStop.push(() => gw.stop());
        const server = await new ServerUnderTest(gw.gateway).start();
        toStop.push(() => server.stop());
        return { gw, verbs: new VerbRunner(`${server.base}/?token=${control}`) };
      }
      const config = { grace: 0, interval: 1 };
      const printed = ({ terminal }: VerbRunner, pattern: RegExp) =>
        until(() => expect(terminal.printed.join("\n")).toMatch(pattern));

      test("a cable is shown from the opening on, hello and all", async () => {
        const port = join(folder, "board");
        const { gw, verbs } = await serve(`serial.0.path=${port}`);
        const sniffing = verbs.run("sniff", `serial ${port}`, "--pcap", path);
        await until(() => expect(verbs.terminal.warned[0]).toContain("listening"));
        const board = new PtyBoard({ id: "sim-1", bundle, link: port, config });
        await board.start();
        toStop.push(() => board.stop());
        await gw.until("telemetry", () => gw.messages.length > 0);
        await gw.request("sim-1", { ot: "l:led", on: true });
        await printed(verbs, /reply to request/);
        verbs.terminal.interrupt();
        await sniffing;

        const rows = await read(path, "bowline.frame.type", "json.value.string", "_ws.expert");
        const infos = rows.map((row) => row.split("\t")[0]);
        expect(infos[0]).toBe(`serial ${port}`);
        const order = [
          /^OPEN [0-9a-f]{2}\/0, rx \d+, max \d+$/,
          /^OPEN_ACK [0-9a-f]{2}\/0, rx 16384, max 16375$/,
          /asks for a new session, state, from packet 0/,
          /new session [0-9a-f]{8}…, state, from packet 0/,
          /packet 0: hello of sim-1/,
          /packet 0: hello of gw-test/,
          /packet 1: l:telemetry/,
          /packet 1: request \d+ l:led/,
          /packet \d+: reply to request \d+/,
        ];
        let at = 0;
        for (const pattern of order) {
          const found = infos.findIndex((info, i) => i >= at && pattern.test(info));
          expect(found, `${pattern} in\n${infos.join("\n")}`).toBeGreaterThanOrEqual(0);
          at = found;
        }
        expect(rows.find((row) => row.includes("hello of sim-1"))).toContain("SIMULATOR");
        expect(rows.filter((row) => row.split("\t")[3])).toEqual([]);
      });

      test("a socket is shown from the middle on", async () => {
        const { gw, verbs } = await serve();
        const transport = { kind: "tcp", host: "127.0.0.1", port: gw.tcpPort } as const;
        const board = new SimulatedBoard({ id: "sim-2", bundle, transport, config });
        board.start();
        toStop.push(() => board.stop());
        await gw.until("telemetry", () => gw.messages.length > 0);
        const sniffing = verbs.run("sniff", "sim-2", "--pcap", path);
        await printed(verbs, /in the middle/);
        await gw.request("sim-2", { ot: "l:info" });
        await printed(verbs, /reply to request/);
        verbs.terminal.interrupt();
        await sniffing;
        const rows = await read(path, "bowline.packet.index", "bowline.from", "_ws.expert");
        expect(rows[0]).toMatch(/^tcp 127\.0\.0\.1:\d+\t/);
        expect(rows.join("\n")).toMatch(/^packet 1: request \d+ l:info\t1\t1\t$/m);
        expect(rows.join("\n")).toMatch(/packet \d+: reply to request \d+/);
        expect(rows.filter((row) => row.split("\t")[3])).toEqual([]);
      });
    },
  );

  const nothing = { stage: "nothing", index: 0, partial: "" } as const;
  const cable: LinkBegin = {
    connection: 1,
    name: "serial /dev/ttyACM0",
    t: 0,
    wall: 1_795_301_705_120,
    state: {
      link: {
        isOpen: true,
        id: 0x5a,
        seqs: { board: 0, gateway: 0 },
        partial: "",
        heardAt: 0,
        interByteTimeoutMs: 300,
      },
      board: { stage: "packets", index: 9, partial: "" },
      gateway: { stage: "packets", index: 300, partial: "" },
    },
  };

  function frame(hex: string): Uint8Array {
    const inner = Buffer.from(hex.replaceAll(" ", ""), "hex");
    const crc = Buffer.alloc(4);
    crc.writeInt32LE(nodeEngine.crc32(inner, 0, inner.length));
    const plain = Buffer.concat([inner, crc]).toString("hex").match(/../g) ?? [];
    const escapes: Record<string, string> = { c0: "dbdc", db: "dbdd" };
    return Buffer.from(`${plain.map((byte) => escapes[byte] ?? byte).join("")}c0`, "hex");
  }

  function capture(begin: LinkBegin, pieces: [Side, Uint8Array | string][]): void {
    const file = CaptureFile.create(path);
    file.writeBegin(begin);
    for (const [from, bytes] of pieces)
      file.writeBytes(begin, from, typeof bytes === "string" ? Buffer.from(bytes, "hex") : bytes, 1);
    file.writeNote(begin, "over", "cut", 2);
    file.close();
  }

  test("escapes are undone, and a packet over several frames is put together", async () => {
    capture(cable, [
      ["board", frame("44 5a 00 04 7b c0 db")],
      ["board", frame("44 5a 01 7d 00 05")],
      ["gateway", frame("44 5a 00 00 ff")],
    ]);
    const rows = await read(path, "bowline.packet.data", "bowline.packet.index", "_ws.expert");
    expect(rows.slice(1, 4)).toEqual([
      "DATA 5a/0, …\t\t\t",
      "DATA 5a/1, packet 9: message, sync 5\t7bc0db7d\t9\t",
      "DATA 5a/0, close\t\t\t",
    ]);
    expect(rows[4].split("\t")[0]).toBe("over: cut");
  });

  test("noise, a damaged frame, a gap and what follows it are marked", async () => {
    const damaged = Buffer.from(frame("44 5a 00 00 00"));
    damaged[3] ^= 1;
    capture(cable, [
      ["board", Buffer.from("Espruino\r\n>")],
      ["board", damaged],
      ["board", frame("44 5a 01 00 00")],
      ["gateway", frame("52 5a 00 73")],
      ["board", frame("44 5a 02 00 00")],
    ]);
    const rows = await read(path, "_ws.expert.message");
    expect(rows.slice(1, 6)).toEqual([
      "11 bytes that are no frame\tNo frame: noise, or damaged",
      "10 bytes that are no frame\tNo frame: noise, or damaged",
      "DATA 5a/1, a gap, seq 0 was next\ta gap, seq 0 was next",
      "RESET 5a/0, gap in the sequence\t",
      "DATA 5a/2, not of the open link\tNot of the open link",
    ]);
  });

  test("a socket's handshake, cut between any two bytes, reads the same", async () => {
    const begin: LinkBegin = {
      ...cable,
      state: {
        link: null,
        board: { stage: "request", index: 0, partial: "" },
        gateway: { ...nothing, stage: "reply" },
      },
    };
    const id = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";
    const request = `0110${id}0a`;
    const reply = "00f0" + "14f90a98ff";
    const bytewise = (side: Side, hex: string) =>
      (hex.match(/../g) ?? []).map((byte): [Side, string] => [side, byte]);
    capture(begin, [...bytewise("board", request), ...bytewise("gateway", reply), ["gateway", "00c9"]]);
    const rows = await read(path, "bowline.session.id", "bowline.session.sync_max", "_ws.expert.message");
    const said = rows.map((row) => row.split("\t")).filter(([info]) => info !== "…");
    expect(said.slice(1)).toEqual([
      ["resumes session a0a1a2a3…", id, "", ""],
      ["state, from packet 10", "", "", ""],
      ["session resumed", "", "", ""],
      ["state, from packet 240", "", "5000", ""],
      ["malformed: receiveCount 201, which is reserved", "", "", "receiveCount 201, which is reserved"],
      ["over: cut", "", "", ""],
    ]);
  });

  /** Messages that are right in size and of any content, and at last something of no meaning. */
  function babble(random: Random): Buffer {
    const bytes = (size: number) => Array.from({ length: size }, () => randomInteger(random, 0, 255));
    const message = () => {
      if (random() < 0.3) return [0, randomInteger(random, 0, 200)];
      const size = randomInteger(random, 1, 60);
      const first = [0x7b, 5, randomInteger(random, 0, 255)][randomInteger(random, 0, 2)];
      return [size, first, ...bytes(size - 1)];
    };
    return Buffer.from([...Array.from({ length: 6 }, message).flat(), ...bytes(randomInteger(random, 0, 9))]);
  }

  test("bytes of any content are shown as what they are, without a fault of the script", async () => {
    const seed = 11;
    const random = seededRandom(seed);
    const file = CaptureFile.create(path);
    let records = 0;
    for (let connection = 1; connection <= 120; connection++) {
      const isCable = connection % 2 === 0;
      const begin = {
        ...cable,
        connection,
        state: { ...cable.state, link: isCable ? cable.state.link : null },
      };
      file.writeBegin(begin);
      for (const from of ["board", "gateway"] as const) {
        const cut = randomInteger(random, 1, 20);
        const whole = babble(random);
        // The last but one is a size above 2^53 wherever it is read from, so that nothing is behind it.
        const end = [Buffer.alloc(300, 0xff), Buffer.from("x")];
        [whole.subarray(0, cut), whole.subarray(cut), ...end].forEach((piece, seq) => {
          const data = Buffer.concat([Buffer.from([0x44, 0x5a, seq]), piece]);
          file.writeBytes(begin, from, isCable ? frame(data.toString("hex")) : piece, connection);
        });
      }
      if (isCable) file.writeBytes(begin, "gateway", frame("41 5b 00 01 10 10"), connection);
      records += isCable ? 10 : 9;
    }
    file.close();
    const rows = await read(path, "_ws.lua.error");
    expect(rows.length, `seed ${seed}`).toBe(records);
    expect(rows.filter((row) => row.startsWith("\t") || !row.endsWith("\t"))).toEqual([]);
    for (const what of ["sync 7", "blob", "heartbeat", "malformed", "not read"])
      expect(
        rows.some((row) => row.includes(what)),
        what,
      ).toBe(true);
  });

  test("records read in another order than they came read the same", async () => {
    capture(cable, [
      ["board", frame("44 5a 00 04 7b c0 db")],
      ["board", frame("44 5a 01 7d 00 05")],
    ]);
    // Two passes: the second begins anew with every record already seen.
    const args = ["-2", "-R", "bowline.packet.index == 9", "-X", `lua_script:${dissector}`, "-r", path];
    const { stdout } = await run("tshark", args);
    expect(stdout).toContain("packet 9: message, sync 5");
  });
});
