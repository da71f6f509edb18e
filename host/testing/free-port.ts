/** A port for a test that must know its number before anyone listens there, or again after. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the numbers that kernels draw for port 0 and for connections: meanwhile nobody gets it by chance. */
const [FIRST, LAST] = [20_000, 32_000];

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
