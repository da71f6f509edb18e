/** Why a port could not be listened on: the port, who holds it, and the setting to change. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { describeHolder } from "./listeners.ts";

const FIRST_FREE_PORT = 1024; // those below need a privilege
const UNPRIVILEGED_OFFSET = 8000; // 80 → 8080, 443 → 8443

export interface ListenPlace {
  host: string;
  port: number;
  /** The configuration key of the port: `tcp.port`; its host is taken to be `tcp.host`. */
  setting: string;
  /** Where its host is another key. */
  hostSetting?: string;
  /** Ports that are others' already, and so no way out. */
  taken?: readonly number[];
}

/** The error for a person: PORT_BUSY, PORT_PERMISSION, PORT_ADDRESS, or PORT_LISTEN_FAILED for anything else. */
export async function listenError(error: Error, place: ListenPlace): Promise<BowlineError> {
  const { host, port, setting, hostSetting = setting.replace(/port$/, "host"), taken = [] } = place;
  const attempt = `listen on ${host}:${port} (${setting})`;
  const instead = (free: number) => `bowline up --set ${setting}=${free}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE": {
      const text = `${attempt}: the port is held by ${(await describeHolder(port)) || "a process of another user"}`;
      return new BowlineError("PORT_BUSY", text, ExitCode.busy, instead(nextTo(port, taken)));
    }
    case "EACCES": {
      const text = `${attempt}: permission denied; ports below ${FIRST_FREE_PORT} need a privilege`;
      return new BowlineError(
        "PORT_PERMISSION",
        text,
        ExitCode.permission,
        instead(port + UNPRIVILEGED_OFFSET),
      );
    }
    case "EADDRNOTAVAIL":
    case "ENOTFOUND": {
      const text = `${attempt}: ${host} is no address of this machine`;
      const mend = `bowline up --set ${hostSetting}=127.0.0.1`;
      // It may come with the network: a service that ends with 2 would never be started again.
      return new BowlineError("PORT_ADDRESS", text, ExitCode.notFound, mend);
    }
    default:
      return new BowlineError(
        "PORT_LISTEN_FAILED",
        `${attempt}: ${error.message}`,
        ExitCode.failure,
        instead(0),
      );
  }
}

/** Another port to try, none of `taken`. */
export function nextTo(port: number, taken: readonly number[]): number {
  const step = port < 65_535 ? 1 : -1;
  let next = port + step;
  while (taken.includes(next) && next > 1 && next < 65_535) next += step;
  return next;
}
