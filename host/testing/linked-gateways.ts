/** Three gateways for tests of what people see: attic, barn that it is linked with, and shed, which is never there. */
import { until } from "../platform/testing/until.ts";
import { startGateway, type TestGateway } from "./gateway.ts";

export interface LinkedGateways {
  attic: TestGateway;
  barn: TestGateway;
  stop(): Promise<void>;
}

/** attic has host id 5 and dials barn, 7, which leads to the cellar, 9; shed is 8. */
export async function startLinked(): Promise<LinkedGateways> {
  const barn = await startGateway([
    "gateway.id=barn",
    "gateway.hostId=7",
    "peers.listen.port=0",
    "peers.connect.0.id=5",
    "peers.connect.0.name=attic",
  ]);
  const { port = 0 } = barn.gateway.others.gateways.address ?? {};
  const attic = await startGateway([
    "gateway.id=attic",
    "gateway.hostId=5",
    "peers.listen.port=0",
    "peers.connect.0.id=7",
    "peers.connect.0.name=barn",
    "peers.connect.0.host=127.0.0.1",
    `peers.connect.0.port=${port}`,
    "peers.connect.1.id=8",
    "peers.connect.1.name=shed",
    "peers.routes.0.to=9",
    "peers.routes.0.name=cellar",
    "peers.routes.0.via=7",
  ]);
  const isOpen = ({ gateway }: TestGateway) => gateway.others.gateways.view()[0].state === "open";
  await until(() => isOpen(attic) && isOpen(barn));
  return {
    attic,
    barn,
    stop: async () => {
      await attic.stop();
      await barn.stop();
    },
  };
}
