/** Names that the running gateway knows, for completion in shells. */
import type { DeviceList, PeersView, PortList, SessionList } from "../../http/api.ts";
import type { ComponentList, TaskList } from "../../http/work-api.ts";
import type { GatewayClient } from "../gateway/client.ts";
import type { NameKind } from "./values.ts";

/** Strangers choose names, and a shell acts on letters: only those are named that no shell reads as anything else. */
const PLAIN = /^[\p{L}\p{N}._/:@+-]+$/u;

export async function namesOf(kind: NameKind, client: GatewayClient): Promise<string[]> {
  const names = await ask[kind](client);
  return [...new Set(names.filter((name) => PLAIN.test(name) && !name.startsWith("-")))];
}

const ask: Readonly<Record<NameKind, (client: GatewayClient) => Promise<string[]>>> = {
  boards: boardsOf,
  queues: queuesOf,
  components: componentsOf,
  tasks: async (client) => {
    const { tasks } = (await client.get("api/v1/tasks?limit=100")) as TaskList;
    return tasks.map(({ id }) => id);
  },
  links: async (client) => {
    const { serial } = (await client.get("api/v1/ports")) as PortList;
    const { sessions } = (await client.get("api/v1/sessions")) as SessionList;
    return [...(await boardsOf(client)), ...serial.map(({ path }) => path), ...sessions.map(({ id }) => id)];
  },
  subjects: async (client) => {
    const { serial } = (await client.get("api/v1/ports")) as PortList;
    const known = [...(await queuesOf(client)), ...(await componentsOf(client))];
    return ["gateway", "store", ...known, ...serial.map(({ path }) => path)];
  },
};

async function queuesOf(client: GatewayClient): Promise<string[]> {
  const { peers } = (await client.get("api/v1/peers")) as PeersView;
  return [...(await boardsOf(client)), ...peers.map(({ name }) => name)];
}

async function componentsOf(client: GatewayClient): Promise<string[]> {
  const { components } = (await client.get("api/v1/components")) as ComponentList;
  return components.map(({ name }) => name);
}

async function boardsOf(client: GatewayClient): Promise<string[]> {
  const { devices } = (await client.get("api/v1/devices")) as DeviceList;
  return devices.map(({ id }) => id);
}
