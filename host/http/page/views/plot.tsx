/** A line over time with the room between least and most behind it, drawn by uPlot in the colours of the page. */
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { type ChartData, roomAround } from "../chart-data.ts";
import { stampOf } from "../format.ts";
import { askForPlotMaker, usePlotMaker } from "./plot-maker.ts";

const HEIGHT = 150;
const DAY_MS = 86_400_000;
const dark = matchMedia("(prefers-color-scheme: dark)");

interface PlotProps {
  data: ChartData;
  /** ms since 1970, of the left and the right end. */
  from: number;
  to: number;
  /** What the canvas shows, in words. */
  label: string;
  format(value: number): string;
  /** The point under the cursor; null: there is none. */
  onPoint(index: number | null): void;
}

/** In its place until uPlot is there, or that it could not be loaded. */
export function Plot(props: PlotProps) {
  const maker = usePlotMaker();
  if (maker === "loading") return <div class="plot quiet">Loading the chart…</div>;
  if (maker === "failed") {
    return (
      <div class="plot">
        <p class="fault">The chart could not be loaded. The table below has its values.</p>
        <button type="button" onClick={() => void askForPlotMaker()}>
          Try again
        </button>
      </div>
    );
  }
  return <Drawn {...props} make={maker.make} />;
}

interface DrawnProps extends PlotProps {
  make: typeof uPlot;
}

function Drawn(props: DrawnProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  // What a plot that lives longer than one drawing calls and shows.
  const newest = useRef(props);
  newest.current = props;
  const { data, from, to, label, make: UPlot } = props;

  useEffect(() => {
    // An observer may call once more when the box has left the page.
    const place = box.current!;
    const make = () => {
      plot.current?.destroy();
      plot.current = makePlot(UPlot, place, newest);
    };
    const fit = () => plot.current?.setSize({ width: place.clientWidth, height: HEIGHT });
    const observer = new ResizeObserver(fit);
    make();
    observer.observe(place);
    dark.addEventListener("change", make);
    return () => {
      dark.removeEventListener("change", make);
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [UPlot]);

  useEffect(() => {
    plot.current!.setData(data, false);
    plot.current!.setScale("x", { min: from, max: to });
  }, [data, from, to]);

  return <div ref={box} class="plot" role="img" aria-label={label} />;
}

function makePlot(UPlot: typeof uPlot, box: HTMLElement, newest: { current: PlotProps }): uPlot {
  const styles = getComputedStyle(box);
  const colour = (name: string) => styles.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--quiet"),
    font: `12px ${styles.fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const line = colour("--series-1");
  const edge = { stroke: "transparent", width: 0, points: { show: false } };
  return new UPlot(
    {
      width: box.clientWidth,
      height: HEIGHT,
      ms: 1,
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false } },
      scales: { x: { time: true }, y: { range: (_, low, high) => roomAround(low, high) } },
      series: [{}, edge, { stroke: line, width: 1.5, points: { size: 4, fill: line } }, edge],
      bands: [{ series: [3, 1], fill: `color-mix(in srgb, ${line} 22%, transparent)` }],
      axes: [
        {
          ...axis,
          size: 28,
          space: 70,
          values: (_, ticks, __, ___, stepMs) => ticks.map((at) => tickOf(at, stepMs)),
        },
        {
          ...axis,
          size: roomForTexts,
          values: (_, ticks) => ticks.map((tick) => newest.current.format(tick)),
        },
      ],
      hooks: { setCursor: [({ cursor }) => newest.current.onPoint(cursor.idx ?? null)] },
    },
    newest.current.data,
    box,
  );
}

/** As wide as the longest of them, in a font of 12 pixels. */
function roomForTexts(_: uPlot, texts: string[] | null): number {
  const longest = Math.max(4, ...(texts ?? []).map((text) => text.length));
  return 14 + 7 * longest;
}

/** The time of day, or the day where ticks are days apart. */
function tickOf(at: number, stepMs: number): string {
  const [day, time] = stampOf(at);
  return stepMs >= DAY_MS ? day.slice(5) : time.slice(0, 5);
}
