import { createServer } from "node:net";
import { expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { listenError } from "./listen-error.ts";

const place = { host: "127.0.0.1", port: 7700, setting: "tcp.port" };
const coded = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

test.each([
  ["EACCES", "PORT_PERMISSION", ExitCode.permission, "bowline up --set tcp.port=8080"],
  ["EADDRNOTAVAIL", "PORT_ADDRESS", ExitCode.notFound, "bowline up --set tcp.host=127.0.0.1"],
  ["ENOTFOUND", "PORT_ADDRESS", ExitCode.notFound, "bowline up --set tcp.host=127.0.0.1"],
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
