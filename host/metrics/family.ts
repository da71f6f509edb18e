/** One metric by its name: what it is, and how its samples are read when somebody scrapes. */
import type { Spread } from "../platform/spread.ts";
import type { Reading } from "./reading.ts";

/** Begins every name; what is of the process and of Node has theirs. */
const PREFIX = "bowline_";

export interface Sample {
  value: number;
  labels: Readonly<Record<string, string>>;
  /** Behind the family's name: `_bucket`, `_sum`, `_count`. */
  suffix?: string;
}

export interface Family {
  /** With its prefix; a counter's ends with `_total`. */
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples(reading: Reading): Sample[];
}

type Samples = (reading: Reading) => Sample[];

export function counter(name: string, help: string, samples: Samples): Family {
  return { name: `${PREFIX}${name}`, help, type: "counter", samples };
}

export function gauge(name: string, help: string, samples: Samples): Family {
  return { name: `${PREFIX}${name}`, help, type: "gauge", samples };
}

/** Each spread with the labels it has. */
export function histogram(
  name: string,
  help: string,
  spreads: (reading: Reading) => { labels: Sample["labels"]; spread: Spread }[],
): Family {
  const samples: Samples = (reading) =>
    spreads(reading).flatMap(({ labels, spread }) => spreadSamples(labels, spread));
  return { name: `${PREFIX}${name}`, help, type: "histogram", samples };
}

export const sample = (value: number, labels: Sample["labels"] = {}): Sample => ({ value, labels });

/** One number without labels. */
export const one =
  (value: (reading: Reading) => number): Samples =>
  (reading) => [sample(value(reading))];

function spreadSamples(labels: Sample["labels"], { bounds, counts, sum, count }: Spread): Sample[] {
  let below = 0;
  const buckets = bounds.map((bound, place): Sample => {
    below += counts[place];
    return { suffix: "_bucket", value: below, labels: { ...labels, le: String(bound) } };
  });
  return [
    ...buckets,
    { suffix: "_bucket", value: count, labels: { ...labels, le: "+Inf" } },
    { suffix: "_sum", value: sum, labels },
    { suffix: "_count", value: count, labels },
  ];
}
