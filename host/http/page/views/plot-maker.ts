/** uPlot is a file of its own, asked for when the first chart opens: no other view needs it. */
import { useEffect, useState } from "preact/hooks";
import type uPlot from "uplot";

/** "failed": the next chart that opens asks again. */
export type PlotMaker = { make: typeof uPlot } | "loading" | "failed";

/** A path that the bundler leaves alone. */
const file: string = "/uplot.js";

let known: PlotMaker = "failed";
let asked = 0;
let answer: Promise<PlotMaker> = Promise.resolve(known);

/** Of all charts that open meanwhile, one asks. */
function load(): Promise<PlotMaker> {
  if (known !== "failed") return answer;
  known = "loading";
  asked++;
  answer = ask().then((result) => {
    known = result;
    return result;
  });
  return answer;
}

async function ask(): Promise<PlotMaker> {
  try {
    // A browser may remember for an address that it failed.
    const { default: make } = await import(asked === 1 ? file : `${file}?again=${asked}`);
    return { make };
  } catch {
    // The browser has told its console why, and nobody else.
    return "failed";
  }
}

export function usePlotMaker(): PlotMaker {
  const [maker, setMaker] = useState<PlotMaker>(known === "failed" ? "loading" : known);
  useEffect(() => {
    let isOpen = true;
    void load().then((result) => {
      if (isOpen) setMaker(result);
    });
    return () => {
      isOpen = false;
    };
  }, []);
  return maker;
}
