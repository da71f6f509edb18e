/** Rules of the section monique: each port once, one source for what the original's file says too, no token no network. */
import { isLoopback } from "../platform/loopback.ts";
import { conflict, type Fields, fieldsOf, section } from "./irc-section.ts";
import type { Conflict } from "./relations.ts";

export const moniqueRules: ((monique: unknown) => Conflict[])[] = [
  function aPortIsUsedOnce(monique) {
    const all = portsOf(section(monique)).filter(({ port }) => typeof port === "number" && port !== 0);
    return all.flatMap(({ place, port }, i) => {
      const first = all.findIndex((other) => other.port === port);
      return first === i ? [] : [conflict(place, `${port} is the port of ${all[first]?.place} already`)];
    });
  },
  function theOriginalsFileSaysItAlone(monique) {
    const { configFile, controller, hub } = section(monique);
    if (configFile === undefined) return [];
    const { allow } = fieldsOf(hub);
    return [
      ...(Object.keys(fieldsOf(controller)).length > 0 ? ["monique.controller"] : []),
      ...(Array.isArray(allow) && allow.length > 0 ? ["monique.hub.allow"] : []),
    ].map((place) => conflict(place, "stands in monique.configFile; allowed: one of the two"));
  },
  function patienceIsForWorkers(monique) {
    const { configFile, controller, patienceS } = section(monique);
    if (configFile !== undefined) return [];
    const known = Object.keys(fieldsOf(controller));
    return Object.keys(fieldsOf(patienceS))
      .filter((spec) => !known.includes(spec))
      .map((spec) =>
        conflict(
          `monique.patienceS.${spec}`,
          known.length === 0
            ? "has no port in monique.controller, which names no spec at all; allowed: one that it names"
            : `is none of monique.controller; allowed: ${known.join(", ")}`,
        ),
      );
  },
  function monitoringWithoutATokenStaysHere(monique) {
    const { enabled, host } = fieldsOf(section(monique).rest);
    if (enabled !== true || typeof host !== "string" || isLoopback(host)) return [];
    return [
      conflict(
        "monique.rest.host",
        `${host} is beyond loopback, where GET /v1/monitoring of the section http asks for a token; allowed: an address of loopback`,
      ),
    ];
  },
];

function portsOf({ hub, controller, rest }: Fields): { place: string; port: unknown }[] {
  const { enabled, com, tech } = fieldsOf(hub);
  const of = (place: string, ports: unknown) =>
    ["in", "out"].map((key) => ({ place: `${place}.${key}`, port: fieldsOf(ports)[key] }));
  const workers = Object.entries(fieldsOf(controller)).map(([spec, port]) => ({
    ...{ place: `monique.controller.${spec}`, port },
  }));
  const hubs = [...of("monique.hub.com", com), ...of("monique.hub.tech", tech), ...workers];
  const told = fieldsOf(rest);
  return [
    ...(enabled === false ? [] : hubs),
    ...(told.enabled === true ? [{ place: "monique.rest.port", port: told.port }] : []),
  ];
}
