/** An operator of NATS with one account for JetStream, as nsc makes them: users' credentials, and what a server is to know. */
import { createHash } from "node:crypto";
import { nkeys } from "@nats-io/transport-node";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const ALL = { subs: -1, data: -1, payload: -1 };
const ACCOUNT = { ...ALL, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
/** The system's own account may have none. */
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

export interface Credentials {
  user: string;
  /** What no log may hold. */
  secrets: string[];
  /** As it stands in a .creds file. */
  text: string;
}

export class NatsOperator {
  private readonly operator = nkeys.createOperator();
  private readonly account = nkeys.createAccount();
  private readonly system = nkeys.createAccount();

  /** `expiresAt`: s since 1970; absent: it has no end. */
  credentials(expiresAt?: number): Credentials {
    const pair = nkeys.createUser();
    const nats = { pub: {}, sub: {}, ...ALL, type: "user", version: 2 };
    const end = expiresAt === undefined ? {} : { exp: expiresAt };
    const jwt = tokenOf(pair, this.account, "gw-1", nats, end);
    const seed = new TextDecoder().decode(pair.getSeed());
    const framed = (name: string, value: string) =>
      `-----BEGIN ${name}-----\n${value}\n------END ${name}------\n`;
    return {
      user: pair.getPublicKey(),
      secrets: [jwt, seed],
      text: `${framed("NATS USER JWT", jwt)}\n${framed("USER NKEY SEED", seed)}`,
    };
  }

  /** The configuration of a server, which keeps its accounts in memory. `revoked`: users that are let in no more. */
  configuration(revoked: readonly string[] = []): string {
    const { operator, account, system } = this;
    const now = Math.floor(Date.now() / 1000) + 1;
    const revocations = Object.fromEntries(revoked.map((user) => [user, now]));
    const own = { limits: { ...ACCOUNT, ...JETSTREAM }, revocations, type: "account", version: 2 };
    const systems = { limits: ACCOUNT, type: "account", version: 2 };
    const [accountJwt, systemJwt] = [
      tokenOf(account, operator, "site", own),
      tokenOf(system, operator, "SYS", systems),
    ];
    return [
      `operator: ${tokenOf(operator, operator, "op", { type: "operator", version: 2 })}`,
      `system_account: ${system.getPublicKey()}`,
      "resolver: MEMORY",
      `resolver_preload: { ${account.getPublicKey()}: ${accountJwt}, ${system.getPublicKey()}: ${systemJwt} }`,
      "jetstream {}",
      "",
    ].join("\n");
  }
}

/** A JWT, as NATS signs them. */
function tokenOf(subject: KeyPair, issuer: KeyPair, name: string, nats: object, more: object = {}): string {
  const claims = {
    ...{ iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey(), sub: subject.getPublicKey() },
    ...{ name, nats, ...more },
  };
  const jti = createHash("sha256").update(JSON.stringify(claims)).digest("hex");
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ jti, ...claims })}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString("base64url")}`;
}
