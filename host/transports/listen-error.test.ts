import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { describeHolder, listenError } from "./listen-error.ts";

afterEach(removeFakeRoots);

const place = { host: "127.0.0.1", port: 7700, setting: "tcp.port" };
const coded = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

test.each([
  ["EACCES", "PORT_PERMISSION", ExitCode.permission, "bowline up --set tcp.port=8080"],
  ["EADDRNOTAVAIL", "PORT_ADDRESS", ExitCode.usage, "bowline up --set tcp.host=127.0.0.1"],
  ["ENOTFOUND", "PORT_ADDRESS", ExitCode.usage, "bowline up --set tcp.host=127.0.0.1"],
  ["EMFILE", "PORT_LISTEN_FAILED", ExitCode.failure, "bowline up --set tcp.port=0"],
])("listenError() says what to do about %s", async (cause, code, exitCode, mend) => {
  const error = await listenError(coded(cause), { ...place, port: 80 });
  expect(error).toMatchObject({ code, exitCode, mend });
  expect(error.message).toContain("listen on 127.0.0.1:80 (tcp.port): ");
});

test("listenError() names the holder of a busy port, or says that it cannot be seen", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const error = await listenError(coded("EADDRINUSE"), { ...place, port });
  await new Promise((resolve) => server.close(resolve));
  expect(error).toMatchObject({ code: "PORT_BUSY", exitCode: ExitCode.busy });
  expect(error.message).toContain(
    `listen on 127.0.0.1:${port} (tcp.port): the port is held by pid ${process.pid} (node`,
  );
  expect(error.mend).toBe(`bowline up --set tcp.port=${port + 1}`);

  const later = await listenError(coded("EADDRINUSE"), { ...place, port });
  expect(later.message).toContain("held by a process of another user");
});

test("describeHolder() reads listeners on IPv4 and IPv6, no connections", async () => {
  const table = (...rows: string[]) => ["  sl  local_address rem_address   st …", ...rows, ""].join("\n");
  const row = (local: string, state: string, inode: number) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;
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
