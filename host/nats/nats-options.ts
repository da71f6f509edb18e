/** How a connection to the servers is made, of the settings and the files that they name. */
import type { Authenticator, ConnectionOptions } from "@nats-io/transport-node";
import type { NatsConfig } from "../config/schema.ts";
import { readSecretOf } from "../platform/settings-file.ts";
import { readClientTls } from "../transports/tls-files.ts";
import { checkCredentials, checkNkey } from "./credentials.ts";

/** A server that says nothing for three of these is taken for gone. */
const PING_MS = 10_000;
const MOST_PINGS = 2;

/** What who this gateway is takes of the library, which is loaded late. */
export type Authenticators = Pick<
  typeof import("@nats-io/transport-node"),
  "credsAuthenticator" | "nkeyAuthenticator"
>;

/**
 * Reads the files now and throws what is wrong in them. Those that say who this gateway is are read again for each
 * connection, so that credentials that were renewed count from the next one on; that throws as well.
 */
export function natsOptions(
  settings: NatsConfig,
  name: string,
): (library: Authenticators) => ConnectionOptions {
  const { servers, user, timeoutS } = settings;
  const secret = (key: "passwordFile" | "tokenFile" | "credsFile" | "nkeyFile") => {
    const path = settings[key];
    return path === undefined ? undefined : readSecretOf(`nats.${key}`, path);
  };
  const readSecrets = () => {
    const [pass, token, creds, nkey] = [
      ...[secret("passwordFile"), secret("tokenFile"), secret("credsFile"), secret("nkeyFile")],
    ];
    if (creds !== undefined) checkCredentials(creds, settings.credsFile!);
    if (nkey !== undefined) checkNkey(nkey, settings.nkeyFile!);
    return { pass, token, creds, nkey };
  };
  readSecrets();
  const tls = readClientTls(settings.tls, "nats.tls");
  const isTls = servers.some((one) => one.startsWith("tls:")) || Object.keys(tls).length > 0;
  const bytes = (text: string) => new TextEncoder().encode(text);
  return ({ credsAuthenticator, nkeyAuthenticator }) => {
    const { pass, token, creds, nkey } = readSecrets();
    const authenticator: Authenticator | undefined =
      creds !== undefined
        ? credsAuthenticator(bytes(`${creds}\n`)) // the library wants each line to end
        : nkey !== undefined
          ? nkeyAuthenticator(bytes(nkey))
          : undefined;
    return {
      ...{ servers: servers.map((one) => one.replace(/^tls:/, "nats:")), name: `bowline ${name}` },
      // A connection that breaks is over, and what was on its way with it: nothing waits in the library.
      ...{ reconnect: false, timeout: timeoutS * 1000, pingInterval: PING_MS, maxPingOut: MOST_PINGS },
      ...(user !== undefined && { user, pass }),
      ...(token !== undefined && { token }),
      ...(authenticator !== undefined && { authenticator }),
      tls: isTls ? tls : null,
    };
  };
}
