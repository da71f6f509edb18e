/** What the section irc keeps in files: passwords, keys of channels, certificates, and the key we sign with. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { IrcConfig } from "../config/schema.ts";
import type { IrcNetworkSettings } from "../irc/settings.ts";
import { parseSymmetricKey, type SchemeKeys } from "../irc-iot/scheme-keys.ts";
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
  if (!irc.enabled) return;
  schemeKeys(irc);
  if (irc.sign.enabled && irc.sign.keyFile !== undefined)
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

/** The keys of b85U and, by option, of the reference's ciphers. */
export function schemeKeys({ sealingKeyFile, legacy }: IrcConfig): SchemeKeys {
  const { aesKeyFile, rsaKeyFile } = legacy;
  const symmetric = (path: string) => {
    const key = parseSymmetricKey(readSecret(path));
    if (key === null) throw badKey(path, "64 hexadecimal digits or 32 characters", "openssl rand -hex 32");
    return key;
  };
  return {
    ...(sealingKeyFile !== undefined && { sealing: symmetric(sealingKeyFile) }),
    ...(legacy.enabled && {
      legacy: {
        ...(aesKeyFile !== undefined && { aes: symmetric(aesKeyFile) }),
        ...(rsaKeyFile !== undefined && { rsa: parseRsaKey(rsaKeyFile) }),
      },
    }),
  };
}

function parseRsaKey(path: string): KeyObject {
  try {
    const key = createPrivateKey(readSecret(path));
    if (key.asymmetricKeyType === "rsa") return key;
  } catch (error) {
    if (error instanceof BowlineError) throw error;
    // Told below, without a word of what was read.
  }
  throw badKey(path, "a private key of RSA in PEM", "openssl genrsa 2048");
}

function badKey(path: string, allowed: string, made: string): BowlineError {
  const text = `reading ${path}: no key that is used there; allowed: ${allowed}`;
  return new BowlineError("KEY_INVALID", text, ExitCode.usage, `${made} > ${path}`);
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
