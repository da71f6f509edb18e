import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import type { LinkBegin } from "../../router/link-listener.ts";
import { CaptureFile } from "./capture-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-capture-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const begin: LinkBegin = {
  connection: 258,
  name: "tcp ::1",
  t: 1000,
  wall: 1_795_301_705_120.5,
  state: {
    link: null,
    board: { stage: "packets", index: 300, partial: "027b" },
    gateway: { stage: "state", index: 2, partial: "" },
  },
};

/** The records behind the head of the file. */
function recordsOf(write: (capture: CaptureFile) => void): string {
  const path = join(folder, "out.pcap");
  const capture = CaptureFile.create(path);
  write(capture);
  capture.close();
  return readFileSync(path).toString("hex").slice(48);
}

const packed = (fields: string[]) => fields.join("").replaceAll(" ", "");

test("the file is a pcap of link type USER0, for its owner alone", () => {
  recordsOf(() => {});
  const path = join(folder, "out.pcap");
  expect(readFileSync(path).toString("hex")).toBe(
    packed([
      "d4c3b2a1", // magic, little-endian
      "0200 0400", // version 2.4
      "00000000 00000000",
      "08000100", // the longest record: 65 536 and our head
      "93000000", // link type 147
    ]),
  );
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a file that others could read is read by none of them once it is a capture", () => {
  const path = join(folder, "out.pcap");
  writeFileSync(path, "older", { mode: 0o644 });
  recordsOf(() => {});
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a connection begins with where both sides are, and with what was read of a message before", () => {
  expect(recordsOf((capture) => capture.writeBegin(begin))).toBe(
    packed([
      "4921026b b4d60100 25000000 25000000", // 1 795 301 705 s, 120 500 us; 37 bytes, whole
      "01 01 01 00 00000102", // version, begin, socket, board; connection 258
      "00 00 00 00", // no link
      "04 03", // packets, state
      "000000000000012c 0000000000000002", // indexes 300 and 2
      "746370203a3a31", // tcp ::1
      "4921026b b4d60100 0a000000 0a000000",
      "01 02 01 00 00000102 027b", // rest
    ]),
  );
});

test("bytes and notes have the time of the wall at which the connection began, and the gateway's since", () => {
  const records = recordsOf((capture) => {
    capture.writeBytes(begin, "gateway", Buffer.from("0000", "hex"), 1001.5);
    capture.writeNote(begin, "over", "cut", 2000);
  });
  expect(records).toBe(
    packed([
      "4921026b 90dc0100 0a000000 0a000000", // 122 000 us
      "01 00 01 01 00000102 0000", // bytes, of the gateway
      "4a21026b b4d60100 0b000000 0b000000", // a second later
      "01 04 01 00 00000102 637574", // over
    ]),
  );
});

test("a long chunk of a socket becomes several records", () => {
  const records = recordsOf((capture) => capture.writeBytes(begin, "board", Buffer.alloc(150_000), 1000));
  expect(records.length / 2).toBe(150_000 + 3 * 24);
});

test.each([
  ["no/folder.pcap", ExitCode.notFound],
  ["", ExitCode.failure],
])("a file that cannot be made is told of: %j", (name, exitCode) => {
  const make = () => CaptureFile.create(join(folder, name));
  expect(make).toThrow(BowlineError);
  expect(make).toThrow(expect.objectContaining({ code: "CAPTURE_FAILED", exitCode }));
});
