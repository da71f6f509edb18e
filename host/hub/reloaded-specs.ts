/** What changed settings did to the specs that have workers. */
import type { ControllerSpec } from "./hub-settings.ts";

export interface ReloadedSpecs {
  added: string[];
  removed: string[];
  changed: string[];
}

export function reloadedSpecs(
  before: readonly ControllerSpec[],
  after: readonly ControllerSpec[],
): ReloadedSpecs {
  const known = new Map(before.map((one) => [one.spec, one]));
  const wanted = new Set(after.map(({ spec }) => spec));
  const isChanged = ({ spec, port, patienceMs }: ControllerSpec) => {
    const old = known.get(spec);
    return old !== undefined && (old.port !== port || old.patienceMs !== patienceMs);
  };
  return {
    added: [...wanted].filter((spec) => !known.has(spec)),
    removed: [...known.keys()].filter((spec) => !wanted.has(spec)),
    changed: after.filter(isChanged).map(({ spec }) => spec),
  };
}
