/** What the section irc keeps in files: passwords, keys of channels, certificates, and the key we sign with. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { IrcConfig } from "../config/schema.ts";
import type { IrcNetworkSettings } from "../irc/settings.ts";
import { parseSymmetricKey, type SchemeKeys } from "../irc-iot/scheme-keys.ts";
import { writeDurably } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { readFileOf, readSecretOf } from "../platform/settings-file.ts";
import { type NetworkSettings, networksOf } from "./route-settings.ts";

const KEY_FILE = "irc-key.pem";

/** Everything that IrcNetwork wants; rejects with what cannot be read and what mends it. */
export function edgeSettings(
  network: NetworkSettings,
  { flood, retryMinMs, retryMaxMs }: IrcConfig,
  random: () => number,
): IrcNetworkSettings {
  const { place, name, host, port, nick, user, realname, channels, channelKeys, tls, sasl, passwordFile } =
    network;
  const keys = new Map(
    channelKeys.map(({ channel, keyFile }, i) => [
      channel,
      readSecretOf(`${place}.channelKeys.${i}.keyFile`, keyFile),
    ]),
  );
  return {
    ...{ name, host, port, nick, user, realname },
    tls: tls.enabled
      ? {
          ...readTls(`${place}.tls`, tls),
          ...(tls.servername !== undefined && { servername: tls.servername }),
        }
      : false,
    ...(passwordFile !== undefined && { password: readSecretOf(`${place}.passwordFile`, passwordFile) }),
    sasl:
      sasl === undefined || !sasl.enabled
        ? null
        : {
            mechanism: sasl.mechanism,
            ...(sasl.user !== undefined && { user: sasl.user }),
            ...(sasl.passwordFile !== undefined && {
              password: readSecretOf(`${place}.sasl.passwordFile`, sasl.passwordFile),
            }),
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
  if (irc.sign.enabled && irc.sign.keyFile !== undefined) readSigningKey(irc.sign.keyFile);
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
  return readSigningKey(path);
}

/** The keys of b85U and, by option, of the reference's ciphers. */
export function schemeKeys({ sealingKeyFile, legacy }: IrcConfig): SchemeKeys {
  const { aesKeyFile, rsaKeyFile } = legacy;
  const symmetric = (name: string, path: string) => {
    const key = parseSymmetricKey(readSecretOf(name, path));
    if (key === null)
      throw badKey(name, path, "64 hexadecimal digits or 32 characters", "openssl rand -hex 32");
    return key;
  };
  return {
    ...(sealingKeyFile !== undefined && { sealing: symmetric("irc.sealingKeyFile", sealingKeyFile) }),
    ...(legacy.enabled && {
      legacy: {
        ...(aesKeyFile !== undefined && { aes: symmetric("irc.legacy.aesKeyFile", aesKeyFile) }),
        ...(rsaKeyFile !== undefined && { rsa: parseRsaKey(rsaKeyFile) }),
      },
    }),
  };
}

function parseRsaKey(path: string): KeyObject {
  return parsePrivateKey("irc.legacy.rsaKeyFile", path, "rsa", "openssl genrsa 2048");
}

function readSigningKey(path: string): KeyObject {
  return parsePrivateKey("irc.sign.keyFile", path, "ed25519", "openssl genpkey -algorithm ed25519");
}

function parsePrivateKey(name: string, path: string, kind: "rsa" | "ed25519", made: string): KeyObject {
  const text = readSecretOf(name, path);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === kind) return key;
  } catch {
    // Told below, without a word of what was read.
  }
  throw badKey(name, path, `a private key of ${kind === "rsa" ? "RSA" : "Ed25519"} in PEM`, made);
}

/** What is there may be somebody's: the mend makes another file. */
function badKey(name: string, path: string, allowed: string, made: string): BowlineError {
  const text = `${name}: reading ${path}: no key that is used there; allowed: ${allowed}`;
  const mend = `(umask 077; ${made} > ${path}.new), and ${name}: ${path}.new`;
  return new BowlineError("KEY_INVALID", text, ExitCode.usage, mend);
}

function readTls(
  place: string,
  { ca, cert, key }: NetworkSettings["tls"],
): { ca?: string; cert?: string; key?: string } {
  return {
    ...(ca !== undefined && { ca: readFileOf(`${place}.ca`, ca) }),
    ...(cert !== undefined &&
      key !== undefined && {
        cert: readFileOf(`${place}.cert`, cert),
        key: readSecretOf(`${place}.key`, key),
      }),
  };
}
