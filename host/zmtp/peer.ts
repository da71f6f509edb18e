/** One connection, as a server tells of it. */
import type { Properties } from "./command.ts";

export interface ZmtpPeer {
  /** Of this process, ever higher. */
  readonly key: number;
  /** `127.0.0.1:53122` */
  readonly address: string;
  readonly isLoopback: boolean;
  /** That its client certificate proves; [] without one. */
  readonly names: readonly string[];
  /** Of its READY, names in lower case. */
  readonly properties: Properties;
  close(reason: string): void;
}
