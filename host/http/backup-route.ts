/** Everything the gateway keeps, as one file: for programs of this machine alone, since keys are in it. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Log } from "../platform/log.ts";
import { isLoopback } from "../platform/loopback.ts";
import { HttpFault } from "./fault.ts";
import { readFlag } from "./query.ts";
import type { Call, Route } from "./routes.ts";

type Backup = (history: boolean) => AsyncIterable<Uint8Array>;

export function backupRoute(backup: Backup, log: Log): Route {
  return {
    ...{ method: "GET", path: "/api/v1/backup", role: "control", query: ["history"] },
    answer: (call) => send(backup, call, log),
  };
}

/** No faster than the client takes it; what fails before the first byte is an answer of its own. */
async function send(backup: Backup, { url, request, response }: Call, log: Log): Promise<void> {
  refuseElsewhere(request.socket.remoteAddress ?? "");
  const bytes = backup(readFlag(url, "history"))[Symbol.asyncIterator]();
  const first = await bytes.next();
  response.writeHead(200, { "content-type": "application/gzip" });
  if (request.method === "HEAD" || first.done) {
    await bytes.return?.();
    response.end();
    return;
  }
  let size = 0;
  async function* counted() {
    try {
      for (let next: IteratorResult<Uint8Array> = first as never; !next.done; next = await bytes.next()) {
        size += next.value.length;
        yield next.value;
      }
    } finally {
      // A client that has gone leaves no snapshot of the store behind.
      await bytes.return?.();
    }
  }
  await pipeline(Readable.from(counted()), response).catch((error: NodeJS.ErrnoException) => {
    // The client has gone, and wants nothing more.
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
  if (response.writableFinished) log.info({ bytes: size }, "a backup was made");
}

function refuseElsewhere(address: string): void {
  if (isLoopback(address.replace(/^::ffff:/, ""))) return;
  const text = `making a backup for ${address}: keys are in it; allowed: programs on the gateway's own machine`;
  throw new HttpFault(403, "BACKUP_ELSEWHERE", text, { mend: "bowline backup FILE there, then scp FILE" });
}
