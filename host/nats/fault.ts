/** What went wrong with a stream, in words, with what may mend it. */
import { readFileSync } from "node:fs";
import type { NatsConfig } from "../config/schema.ts";
import { BowlineError } from "../platform/errors.ts";
import { credentialsEnd, credentialsMend, nkeyMend } from "./credentials.ts";

export class NatsFault extends Error {
  override readonly name = "NatsFault";
  constructor(
    message: string,
    readonly mend: string,
  ) {
    super(message);
  }
}

/** JetStream's own numbers of its errors. */
export const ApiCode = {
  messageTooLarge: 10_054,
  nameTaken: 10_058,
  streamMissing: 10_059,
  replicasOfOne: 10_074,
} as const;

/** What JetStream itself answered: then a message is not in the stream. */
export function apiCodeOf(error: unknown): number | undefined {
  const { name, code } = error as { name?: string; code?: unknown };
  const isApi = name === "JetStreamApiError" || name === "StreamNotFoundError";
  return isApi && typeof code === "number" ? code : undefined;
}

/** An error and what it came of, innermost last. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let one = error; one instanceof Error && !chain.includes(one); one = one.cause) chain.push(one);
  return chain;
}

const has = (error: unknown, name: string) => chainOf(error).some((one) => one.name === name);

/** Not let publish this subject: the message is not in the stream. */
export function isPublishForbidden(error: unknown): boolean {
  return chainOf(error).some(
    (one) =>
      one.name === "PermissionViolationError" && (one as { operation?: string }).operation === "publish",
  );
}

/** `what`: what was attempted. */
export function faultOf(what: string, error: unknown, settings: NatsConfig): NatsFault {
  if (error instanceof NatsFault) return error;
  if (error instanceof BowlineError) return new NatsFault(`${what}: ${error.message}`, error.mend);
  const { stream, subject } = settings;
  const inner = chainOf(error).at(-1);
  const said = inner?.message || String(error);
  const told = `${what}: ${said}`;
  const code = apiCodeOf(error);
  if (code === ApiCode.streamMissing) return noStream(settings);
  if (code === ApiCode.replicasOfOne)
    return new NatsFault(told, "nats.create.replicas: 1, or a cluster of as many servers");
  if (code !== undefined) return new NatsFault(told, `nats stream info ${stream}`);
  if (has(error, "JetStreamNotEnabled") || has(error, "NoRespondersError") || has(error, "NoResponders"))
    return new NatsFault(
      `${what}: no JetStream answers`,
      "nats-server -js, or jetstream {} in its configuration",
    );
  if (has(error, "AuthorizationError") || has(error, "UserAuthenticationExpiredError"))
    return notLetIn(`${what}: this gateway is not let in: ${said}`, settings);
  if (has(error, "PermissionViolationError"))
    return new NatsFault(told, `let it publish ${subject}.> and $JS.API.>, and subscribe to _INBOX.>`);
  // Of the form of a key, and none: a letter is another.
  if (said.startsWith("nkeys:"))
    return new NatsFault(
      `${told}, in nats.${settings.credsFile === undefined ? "nkeyFile" : "credsFile"}`,
      settings.credsFile === undefined
        ? nkeyMend(settings.nkeyFile ?? "FILE")
        : credentialsMend(settings.credsFile),
    );
  if (/does not support .?tls/i.test(said))
    return new NatsFault(
      told,
      "nats:// in place of tls:// in nats.servers, or tls {} in the server's configuration",
    );
  if (has(error, "TimeoutError"))
    return new NatsFault(`${what}: no answer within ${settings.timeoutS} s (nats.timeoutS)`, isThere);
  return new NatsFault(told, isThere);
}

/** A server tells nobody why; of credentials the file says until when they are good. */
function notLetIn(told: string, { credsFile }: NatsConfig): NatsFault {
  if (credsFile === undefined)
    return new NatsFault(
      told,
      "nats.user and nats.passwordFile, or what else says who it is: as the server has it",
    );
  const end = endOf(credsFile);
  const date = end === null ? "" : new Date(end).toISOString();
  const reason =
    end !== null && end <= Date.now()
      ? `the credentials in ${credsFile} expired ${date}`
      : `the credentials in ${credsFile}${end === null ? "" : `, good until ${date},`} were revoked, or are of an account that the server does not know`;
  return new NatsFault(`${told}: ${reason}`, credentialsMend(credsFile));
}

function endOf(credsFile: string): number | null {
  try {
    return credentialsEnd(readFileSync(credsFile, "utf8"));
  } catch {
    return null; // it has gone meanwhile, which the next connection tells
  }
}

/** The stream is not there, and is not to be made. */
export function noStream({ stream, subject }: NatsConfig): NatsFault {
  return new NatsFault(
    `there is no stream ${stream}, and nats.create.enabled is false`,
    `nats stream add ${stream} --subjects '${subject}.>' --discard new --defaults`,
  );
}

const isThere = "systemctl status nats-server, on its machine";
