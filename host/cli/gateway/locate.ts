/** Where the running gateway is and with which token it is spoken to: the configuration, --url and BOWLINE_TOKEN. */

import type { Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/schema.ts";
import { readControlToken, TOKEN_VARIABLE } from "../../http/token.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { misread } from "../arguments/misread.ts";
import { collect } from "../arguments/options.ts";
import type { Terminal } from "../process/terminal.ts";
import { noGateway, openCall, readBody } from "./http-call.ts";

export interface GatewayOptions {
  url?: string;
  config?: string;
  set?: string[];
}

/** What is needed of a terminal to ask a gateway. */
export type Asking = Pick<Terminal, "env" | "cwd" | "signal">;

export interface GatewayPlace {
  /** Its origin, with a slash behind. */
  url: URL;
  token: string;
}

/** Where the token of a gateway is that is not the one of this folder and configuration. */
export const TOKEN_MEND = `type this in the folder the gateway was started in; or export BOWLINE_DATA=FOLDER, which it printed behind "store"; or --config with its file; or export ${TOKEN_VARIABLE}=… with the token of its page's address`;

/** Adds the options of every verb that talks to a running gateway. */
export function withGatewayOptions(command: Command): Command {
  return command
    .option("--url <url>", "the gateway's address; default: what the configuration says")
    .option("-c, --config <file>", "configuration of the gateway")
    .option("--set <key=value>", "one setting of it; may be repeated", collect);
}

/** The place, without asking whether somebody is there, unless there is no token to be found. */
export async function locateGateway(options: GatewayOptions, terminal: Asking): Promise<GatewayPlace> {
  const given = options.url === undefined ? undefined : parseUrl(options.url);
  const shown = terminal.env[TOKEN_VARIABLE];
  if (given !== undefined && shown) return { url: new URL("/", given), token: await checked(shown) };
  const { config, set } = options;
  const loaded = loadConfig({ config, set, env: terminal.env, cwd: terminal.cwd }).config;
  const url = given === undefined ? configuredUrl(loaded) : new URL("/", given);
  try {
    return { url, token: await readControlToken(loaded.data, terminal.env) };
  } catch (error) {
    if (!(error instanceof BowlineError) || error.code !== "TOKEN_UNKNOWN") throw error;
    // Without a token it may just be that no gateway has ever been started here.
    await probe(url, terminal.signal);
    throw loaded.data === "memory" ? error : elsewhere(url, loaded.data);
  }
}

/** readControlToken() checks what BOWLINE_TOKEN may be. */
function checked(token: string): Promise<string> {
  return readControlToken("memory", { [TOKEN_VARIABLE]: token });
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.searchParams.has("token")) {
    const seen = "it holds a token, which everyone on this machine can read in the list of processes";
    throw new BowlineError(
      "TOKEN_IN_ARGV",
      `reading --url: ${seen}; allowed: the address without ?token=`,
      ExitCode.usage,
      "export BOWLINE_TOKEN=… (none is needed where the gateway's configuration can be read)",
    );
  }
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw misread("--url", `${JSON.stringify(text)} is no address`, "http:// or https://, a host and a port");
}

function configuredUrl({ http }: Config): URL {
  if (!http.enabled) {
    const text = "talking to the gateway: http.enabled is false, so there is no API";
    throw new BowlineError("HTTP_DISABLED", text, ExitCode.notFound, "set http.enabled to true");
  }
  if (http.port === 0) {
    const text = "talking to the gateway: http.port is 0, any free one; which one it took is not known here";
    throw new BowlineError(
      "PORT_UNKNOWN",
      text,
      ExitCode.usage,
      "--url with the address that `bowline up` printed, without its token",
    );
  }
  return new URL(`http://${hostInUrl(reachable(http.host))}:${http.port}/`);
}

/** All addresses are listened on, but none of them can be called so. */
function reachable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** A gateway runs, and this is not where it was started. */
function elsewhere(url: URL, data: string): BowlineError {
  const text = `talking to the gateway at ${url.origin}: it runs, but its token is not in ${data}: it has another data folder`;
  return new BowlineError("TOKEN_UNKNOWN", text, ExitCode.permission, TOKEN_MEND);
}

/** Rejects when nobody answers there, or who does is no gateway. */
async function probe(url: URL, signal: AbortSignal): Promise<void> {
  const response = await openCall({ method: "GET", url: new URL("healthz", url), headers: {}, signal });
  if (!isHealth(await readBody(response, url, signal))) throw noGateway(response, url);
}

function isHealth(text: string): boolean {
  try {
    return (JSON.parse(text) as { status?: unknown } | null)?.status === "ok";
  } catch {
    return false;
  }
}
