/** Types in routes and rights that no board has as they are written there: `telemetry`, where `l:telemetry` is meant. */
import type { IrcConfig } from "../config/schema.ts";
import { globalTypes } from "../irc-iot/global-types.ts";
import { isLocal } from "../irc-iot/type-description.ts";

/** A line for each; a name with a star may mean anything. */
export function typeAdvice({ routes, operators }: IrcConfig): string[] {
  const written = [
    ...routes.map(({ enabled, types }, i) => ({
      place: `irc.routes.${i}.types`,
      names: enabled ? types : [],
    })),
    ...operators.map(({ commands }, i) => ({ place: `irc.operators.${i}.commands`, names: commands })),
  ];
  return written.flatMap(({ place, names }) =>
    names.filter(isOdd).map((name) => {
      const seen = `${place}: ${name} is no type of IRC-IoT's dictionary, and those of boards begin with l:`;
      return `${seen}; did you mean l:${name}?`;
    }),
  );
}

function isOdd(name: string): boolean {
  return !isLocal(name) && !name.includes("*") && !globalTypes.some(({ ot }) => ot === name);
}
