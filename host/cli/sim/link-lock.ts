/**
 * Who may put a pseudo-terminal's link at a path: one living process. The lock is an abstract Unix socket, which the kernel
 * takes away with its process; the link and the terminal's number outlive it and tell nothing.
 */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";

/** Resolves with what gives the lock back, undefined when another process has it; the link's folder is there. */
export async function lockLink(link: string): Promise<(() => void) | undefined> {
  // Only Linux has abstract sockets; elsewhere there is no pseudo-terminal to be had either (transports/pty.ts).
  if (process.platform !== "linux") return () => {};
  const place = join(await realpath(dirname(link)), basename(link));
  const digest = createHash("sha256").update(place).digest("hex");
  const server = createServer((socket) => socket.destroy()).unref();
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once("error", resolve).listen({ path: `\0bowline-link-${digest}` }, () => resolve(undefined));
  });
  if (failure === undefined) return () => server.close();
  if (failure.code === "EADDRINUSE") return undefined;
  throw failure;
}
