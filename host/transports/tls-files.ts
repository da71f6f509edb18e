/** The certificate, the private key and the authority of a TLS listener, read and tried before anybody connects. */
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { BowlineError, ExitCode } from "../platform/errors.ts";

export interface TlsPaths {
  cert: string;
  key: string;
  ca?: string;
}

/** What the files hold. */
export interface TlsMaterial {
  cert: string;
  key: string;
  /** Client certificates are asked for, and those it signed are believed. */
  ca?: string;
}

/** st_mode: any right of those who are neither owner nor group; certificate tools share keys with a group. */
const OTHERS = 0o007;
const SETTING = "tcp.tls";

export function readTls({ cert, key, ca }: TlsPaths): TlsMaterial {
  const material = {
    cert: read("cert", cert),
    key: readSecret(key),
    ...(ca !== undefined && { ca: read("ca", ca) }),
  };
  try {
    createSecureContext(material);
  } catch (error) {
    const text = `reading ${SETTING}: ${cert} with ${key}: ${(error as Error).message}`;
    throw new BowlineError("TLS_INVALID", text, ExitCode.usage, "openssl x509 -noout -text -in CERT");
  }
  return material;
}

function readSecret(path: string): string {
  const text = read("key", path);
  const mode = statSync(path).mode & 0o777;
  if (process.platform === "win32" || (mode & OTHERS) === 0) return text;
  const seen = `its mode is 0${mode.toString(8)}, so anyone may read the private key; allowed: 0600, 0640`;
  throw new BowlineError("KEY_EXPOSED", `reading ${path}: ${seen}`, ExitCode.permission, `chmod 600 ${path}`);
}

function read(name: keyof TlsPaths, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exitCode = code === "ENOENT" ? ExitCode.notFound : ExitCode.permission;
    throw new BowlineError(
      "TLS_UNREADABLE",
      `reading ${SETTING}.${name}: ${message}`,
      exitCode,
      `ls -l ${path}`,
    );
  }
}
