import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { describeHolder, findListeners } from "./listeners.ts";

afterEach(removeFakeRoots);

const table = (...rows: string[]) => ["  sl  local_address rem_address   st …", ...rows, ""].join("\n");
const row = (local: string, state: string, inode: number) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;

test("describeHolder() reads listeners on IPv4 and IPv6, no connections", async () => {
  const root = await fakeRoot({
    "proc/net/tcp": table(
      row("0100007F:1E14", "0A", 11),
      row("0100007F:1E14", "01", 12),
      row("0100007F:1E15", "0A", 13),
    ),
    "proc/net/tcp6": table(row("00000000000000000000000000000000:1E14", "0A", 14)),
    "proc/7/comm": "four\n",
    "proc/7/fd/3": "-> socket:[11]",
    "proc/8/comm": "six\n",
    "proc/8/fd/3": "-> socket:[14]",
    "proc/9/comm": "client\n",
    "proc/9/fd/3": "-> socket:[12]",
  });
  await expect(describeHolder(7700, root)).resolves.toBe("pid 7 (four), pid 8 (six)");
  await expect(describeHolder(7702, root)).resolves.toBe("");
});

const six = (address: string) => address.padStart(32, "0");

test.each([
  ["0100007F", "127.0.0.1", true],
  ["0100007F", "127.0.0.2", false],
  ["0100007F", "0.0.0.0", true],
  ["0100007F", "localhost", true],
  ["00000000", "127.0.0.1", true],
  ["0501A8C0", "192.168.1.5", true],
  [six(""), "127.0.0.1", true],
  [six("FFFF00000100007F"), "127.0.0.1", true],
  [six("FFFF00000100007F"), "127.0.0.2", false],
  [six("01000000"), "::1", true],
  [six("01000000"), "127.0.0.1", false],
  ["0100007F", "::1", false],
])("findListeners(): a listener on %s is in the way of one on %s: %s", async (taken, host, expected) => {
  const name = taken.length === 8 ? "tcp" : "tcp6";
  const root = await fakeRoot({ [`proc/net/${name}`]: table(row(`${taken}:1E14`, "0A", 11)) });
  expect(await findListeners(7700, root, host)).toEqual(expected ? [] : undefined);
});
