/** Certificates for tests, made by the openssl command: an authority, and what it signs. */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const isOpensslAvailable = spawnSync("openssl", ["version"]).status === 0;

export interface CertificatePaths {
  cert: string;
  key: string;
}

/** An authority whose files lie in `folder`. */
export class Authority {
  readonly cert: string;
  private readonly key: string;

  constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {
    [this.cert, this.key] = [join(folder, `${name}.crt`), join(folder, `${name}.pem`)];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    run(
      "req",
      "-x509",
      ...curve,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      this.key,
      "-out",
      this.cert,
    );
  }

  /** Signs a certificate for a common name, and other names beside it. */
  sign(commonName: string, others: string[] = []): CertificatePaths {
    const base = join(this.folder, `${this.name}-${commonName}`);
    const [cert, key, request, extensions] = [".crt", ".pem", ".csr", ".ext"].map((suffix) => base + suffix);
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    run("req", "-new", ...curve, "-subj", `/CN=${commonName}`, "-keyout", key, "-out", request);
    const names =
      others.length === 0 ? "" : `subjectAltName=${others.map((name) => `DNS:${name}`).join(",")}\n`;
    writeFileSync(extensions, `basicConstraints=CA:FALSE\n${names}`);
    const signed = [
      "-CA",
      this.cert,
      "-CAkey",
      this.key,
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      extensions,
    ];
    run("x509", "-req", "-in", request, ...signed, "-out", cert);
    return { cert, key };
  }
}

function run(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}
