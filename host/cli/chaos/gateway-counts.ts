/** What the gateway itself counted, over all its lives: connections, packets that came again, repeats it dropped. */
import type { DeviceList, PeersView, SessionList } from "../../http/api.ts";
import type { GatewayClient } from "../gateway/client.ts";

export interface GatewayCounts {
  connections: number;
  /** Connections that went on with a session. */
  resumes: number;
  /** Packets that came again on a resumed connection and were skipped. */
  resent: number;
  /** Packets that came again in another session, known by their number. */
  suppressed: number;
}

export class GatewayCounter {
  /** Of the lives before, and the latest of this one. */
  private past: GatewayCounts = { connections: 0, resumes: 0, resent: 0, suppressed: 0 };
  private present: GatewayCounts = { ...this.past };
  private readonly skipped = new Map<string, number>();

  get counts(): GatewayCounts {
    return add(this.past, this.present);
  }

  /** Looks; what it cannot see because the gateway goes is not counted. */
  async look(client: GatewayClient): Promise<void> {
    const { devices } = (await client.get("api/v1/devices")) as DeviceList;
    const { sessions } = (await client.get("api/v1/sessions")) as SessionList;
    // A session that has ended is not shown any more; what it skipped stays.
    for (const { id, skipped } of sessions) this.skipped.set(id, skipped);
    // Other gateways are counted as boards are.
    const { peers } = (await client.get("api/v1/peers")) as PeersView;
    const all = [...devices, ...peers];
    const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
    const connections = sum((one) => one.connections);
    this.present = {
      connections,
      resumes: connections - sum((one) => one.sessions),
      resent: [...this.skipped.values()].reduce((total, skipped) => total + skipped, 0),
      suppressed: sum((one) => one.repeats),
    };
  }

  /** The gateway has been killed, and the next counts from 0. */
  bury(): void {
    this.past = this.counts;
    this.present = { connections: 0, resumes: 0, resent: 0, suppressed: 0 };
    this.skipped.clear();
  }
}

export function addGatewayCounts(all: readonly GatewayCounts[]): GatewayCounts {
  return all.reduce(add, { connections: 0, resumes: 0, resent: 0, suppressed: 0 });
}

function add(a: GatewayCounts, b: GatewayCounts): GatewayCounts {
  return {
    connections: a.connections + b.connections,
    resumes: a.resumes + b.resumes,
    resent: a.resent + b.resent,
    suppressed: a.suppressed + b.suppressed,
  };
}
