/**
 * The number that other gateways know this one by (iotgw: host id). Drawn at the first start, and kept beside the store: a
 * copy on another machine is the same gateway with another epoch, so that nobody has to be told of a new number.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";

const FILE = "host-id";
const LARGEST = 2n ** 64n - 1n;

/** `configured`: gateway.hostId, which counts before what is kept. In memory each start has another. */
export async function keepHostId(data: string, configured: string | undefined): Promise<bigint> {
  if (configured !== undefined) return BigInt(configured);
  if (data === "memory") return drawHostId();
  const kept = await readHostId(data);
  if (kept !== null) return kept;
  const drawn = drawHostId();
  await writeDurably(join(data, FILE), `${drawn}\n`);
  return drawn;
}

/** What is kept in the data folder; null: the gateway has never started there. */
export async function readHostId(data: string): Promise<bigint | null> {
  const path = join(data, FILE);
  const text = await readFile(path, "latin1").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw unreadable(`reading ${path}: ${error.message}`, path);
  });
  if (text === null) return null;
  const id = /^[1-9]\d{0,19}\n$/.test(text) ? BigInt(text.trim()) : 0n;
  if (id > 0n && id <= LARGEST) return id;
  throw unreadable(`reading ${path}: no host number; allowed: 1 to ${LARGEST}`, path);
}

/** 64 random bits; 0 is nobody's. */
function drawHostId(): bigint {
  for (;;) {
    const drawn = randomBytes(8).readBigUInt64LE();
    if (drawn !== 0n) return drawn;
  }
}

function unreadable(text: string, path: string): BowlineError {
  const mend = `set gateway.hostId to the number that others know it by, or rm ${path} for a new one`;
  return new BowlineError("HOST_ID_UNREADABLE", text, ExitCode.failure, mend);
}
