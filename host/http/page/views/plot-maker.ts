/** uPlot is a file of its own, asked for when the first chart opens: no other view needs it. */
import { useEffect, useState } from "preact/hooks";
import type uPlot from "uplot";

export type PlotMaker = { make: typeof uPlot } | "loading" | "failed";

/** A path that the bundler leaves alone. */
const file: string = "/uplot.js";

let known: PlotMaker = "failed";
let asked = 0;
/** Of the charts that are open. */
const listeners = new Set<(maker: PlotMaker) => void>();

/** For all charts that are open. */
export async function askForPlotMaker(): Promise<void> {
  if (known !== "failed") return;
  tell("loading");
  asked++;
  tell(await load());
}

function tell(maker: PlotMaker): void {
  known = maker;
  for (const listener of listeners) listener(maker);
}

async function load(): Promise<PlotMaker> {
  try {
    // A browser may remember for an address that it failed.
    const { default: make } = await import(asked === 1 ? file : `${file}?again=${asked}`);
    return { make };
  } catch {
    // The browser has told its console why, and nobody else.
    return "failed";
  }
}

/** The first of the charts that are open asks; one that opens beside them is told what they were. */
export function usePlotMaker(): PlotMaker {
  const [maker, setMaker] = useState<PlotMaker>(
    listeners.size === 0 && known === "failed" ? "loading" : known,
  );
  useEffect(() => {
    listeners.add(setMaker);
    if (listeners.size === 1) void askForPlotMaker();
    setMaker(known);
    return () => {
      listeners.delete(setMaker);
    };
  }, []);
  return maker;
}
