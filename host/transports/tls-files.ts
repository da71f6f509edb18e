/** The certificate, the private key and the authority of a TLS listener, read and tried before anybody connects. */
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { BowlineError, ExitCode } from "../platform/errors.ts";

export interface TlsPaths {
  cert: string;
  key: string;
  ca?: string | undefined;
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

/** `setting`: the section of the settings that names the files. */
export function readTls({ cert, key, ca }: TlsPaths, setting: string): TlsMaterial {
  return tried(setting, {
    cert: read(setting, "cert", cert),
    key: readSecret(setting, key),
    ...authority(setting, ca),
  });
}

/** For who connects: each file is optional, but a certificate has its key. */
export function readClientTls({ cert, key, ca }: Partial<TlsPaths>, setting: string): Partial<TlsMaterial> {
  const own =
    cert === undefined || key === undefined
      ? {}
      : { cert: read(setting, "cert", cert), key: readSecret(setting, key) };
  return tried(setting, { ...own, ...authority(setting, ca) });
}

function authority(setting: string, ca: string | undefined): { ca?: string } {
  return ca === undefined ? {} : { ca: read(setting, "ca", ca) };
}

function tried<T extends Partial<TlsMaterial>>(setting: string, material: T): T {
  try {
    createSecureContext(material);
  } catch (error) {
    const text = `reading ${setting}: cert, key and ca: ${(error as Error).message}`;
    throw new BowlineError("TLS_INVALID", text, ExitCode.usage, "openssl x509 -noout -text -in CERT");
  }
  return material;
}

function readSecret(setting: string, path: string): string {
  const text = read(setting, "key", path);
  const mode = statSync(path).mode & 0o777;
  if (process.platform === "win32" || (mode & OTHERS) === 0) return text;
  const seen = `its mode is 0${mode.toString(8)}, so anyone may read the private key; allowed: 0600, 0640`;
  throw new BowlineError("KEY_EXPOSED", `reading ${path}: ${seen}`, ExitCode.permission, `chmod 600 ${path}`);
}

function read(setting: string, name: keyof TlsPaths, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exitCode = code === "ENOENT" ? ExitCode.notFound : ExitCode.permission;
    throw new BowlineError(
      "TLS_UNREADABLE",
      `reading ${setting}.${name}: ${message}`,
      exitCode,
      `ls -l ${path}`,
    );
  }
}
