/** What the hub counts, as a snapshot that stays as it is. */
import type { HubCore } from "./hub-core.ts";
import type { HubServer } from "./hub-server.ts";
import type { ControllerSpec } from "./hub-settings.ts";

export function hubCounts(
  { desk, intake, drops, audit, health }: HubCore,
  { comIn, comOut, techIn, techOut }: HubServer,
  controller: readonly ControllerSpec[],
) {
  const specs = controller.map(({ spec }) => [spec, desk.controller.countsOf(spec)] as const);
  return {
    com: { ...intake.com },
    tech: { ...intake.tech },
    rewritten: { ...intake.rewritten },
    dropped: { ...drops.counts },
    tasks: { ...desk.counts, known: desk.registry.count, ...desk.controller.fill },
    controller: Object.fromEntries(specs),
    kills: { ...audit.counts.outcomes },
    refusedKills: { ...audit.counts.refusedVia },
    components: health.count,
    ports: {
      ...{ comIn: { ...comIn.counts }, comOut: { ...comOut.counts } },
      ...{ techIn: { ...techIn.counts }, techOut: { ...techOut.counts } },
    },
  };
}
