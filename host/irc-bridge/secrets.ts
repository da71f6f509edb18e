/** What the section irc keeps in files: passwords, keys of channels, certificates, and the key we sign with. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { IrcConfig } from "../config/schema.ts";
import type { IrcNetworkSettings } from "../irc/settings.ts";
import { writeDurably } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { type NetworkSettings, networksOf } from "./route-settings.ts";

/** st_mode: any right of those who are neither owner nor group, as of other keys. */
const OTHERS = 0o007;
const KEY_FILE = "irc-key.pem";

/** Everything that IrcNetwork wants; rejects with what cannot be read and what mends it. */
export function edgeSettings(
  network: NetworkSettings,
  { flood, retryMinMs, retryMaxMs }: IrcConfig,
  random: () => number,
): IrcNetworkSettings {
  const { name, host, port, nick, user, realname, channels, channelKeys, tls, sasl, passwordFile } = network;
  const keys = new Map(channelKeys.map(({ channel, keyFile }) => [channel, readSecret(keyFile)]));
  return {
    ...{ name, host, port, nick, user, realname },
    tls: tls.enabled
      ? { ...readTls(tls), ...(tls.servername !== undefined && { servername: tls.servername }) }
      : false,
    ...(passwordFile !== undefined && { password: readSecret(passwordFile) }),
    sasl:
      sasl === undefined || !sasl.enabled
        ? null
        : {
            mechanism: sasl.mechanism,
            ...(sasl.user !== undefined && { user: sasl.user }),
            ...(sasl.passwordFile !== undefined && { password: readSecret(sasl.passwordFile) }),
          },
    channels: channels.map((channel) => {
      const key = keys.get(channel);
      return { name: channel, ...(key !== undefined && { key }) };
    }),
    flood: { burst: flood.burst, perS: flood.linesPerMinute / 60 },
    ...{ maxQueue: MAX_QUEUE, retryMinMs, retryMaxMs, randomSource: random },
  };
}

/** Reads all that the section names in files, so that what cannot be read is told before anything is started. */
export function checkIrcFiles(irc: IrcConfig, gatewayId: string): void {
  for (const network of networksOf(irc, gatewayId)) edgeSettings(network, irc, Math.random);
  if (irc.enabled && irc.sign.enabled && irc.sign.keyFile !== undefined)
    parseKey(readSecret(irc.sign.keyFile), irc.sign.keyFile);
}

/** Lines that wait in front of a connection; what is worth keeping waits in the store. */
const MAX_QUEUE = 256;

/** The key we sign with, drawn and kept at the first start; null: we do not sign. `data`: "memory" keeps none. */
export async function signingKey({ sign }: IrcConfig, data: string): Promise<KeyObject | null> {
  if (!sign.enabled) return null;
  const path = sign.keyFile ?? (data === "memory" ? null : join(data, KEY_FILE));
  if (path === null) return generateKeyPairSync("ed25519").privateKey;
  if (sign.keyFile === undefined && statSync(path, { throwIfNoEntry: false }) === undefined) {
    const { privateKey } = generateKeyPairSync("ed25519");
    await writeDurably(path, privateKey.export({ type: "pkcs8", format: "pem" }) as string);
  }
  return parseKey(readSecret(path), path);
}

function parseKey(text: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Told below, without a word of what was read.
  }
  const seen = "no private key of Ed25519 in PEM";
  throw new BowlineError(
    "KEY_INVALID",
    `reading ${path}: ${seen}`,
    ExitCode.usage,
    `openssl genpkey -algorithm ed25519 -out ${path}`,
  );
}

function readTls({ ca, cert, key }: NetworkSettings["tls"]): { ca?: string; cert?: string; key?: string } {
  return {
    ...(ca !== undefined && { ca: read(ca) }),
    ...(cert !== undefined && key !== undefined && { cert: read(cert), key: readSecret(key) }),
  };
}

function readSecret(path: string): string {
  const text = read(path);
  const mode = statSync(path).mode & 0o777;
  if (process.platform === "win32" || (mode & OTHERS) === 0) return text.trim();
  const seen = `its mode is 0${mode.toString(8)}, so anyone may read it; allowed: 0600, 0640`;
  throw new BowlineError("KEY_EXPOSED", `reading ${path}: ${seen}`, ExitCode.permission, `chmod 600 ${path}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exitCode = code === "ENOENT" ? ExitCode.notFound : ExitCode.permission;
    throw new BowlineError(
      "IRC_FILE",
      `reading a file of the section irc: ${message}`,
      exitCode,
      `ls -l ${path}`,
    );
  }
}
