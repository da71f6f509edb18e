/** The numbers of a board over time, over as long as one chooses. */
import type { BoardsModel } from "../boards-model.ts";
import type { Desk } from "../desk.ts";
import { Section } from "../shell/heading.tsx";
import { useOwnId } from "../shell/own-id.ts";
import { Fault } from "../shell/parts.tsx";
import type { BoardModel } from "./board-model.ts";
import { Chart } from "./chart.tsx";
import { csvHref } from "./charts-model.ts";
import { type Range, ranges } from "./ranges.ts";

interface ChartsProps {
  board: BoardModel;
  boards: BoardsModel;
  desk: Desk;
  now: number;
}

export function Charts({ board, boards, desk, now }: ChartsProps) {
  const { charts, series, id } = board;
  const { all, shown, range } = charts;
  const change = (run: () => void) => () => {
    run();
    desk.look();
  };
  return (
    <Section
      title="Over time"
      note={all.length > 0 && <Ranges range={range} onChoose={(one) => change(() => charts.choose(one))()} />}
    >
      <Fault text={series.fault} />
      {series.value !== null && all.length === 0 && (
        <p class="quiet">{reasonOf(series.value.history?.state)}</p>
      )}
      <div class="charts">
        {shown.map((chart) => (
          <Chart
            key={`${chart.type} ${chart.field}`}
            {...{ chart, range, now }}
            live={boards.trendOf(id, chart.type, chart.field)}
          />
        ))}
      </div>
      {all.length > 0 && (
        <div class="row charts-foot">
          {all.length > shown.length && (
            <button type="button" onClick={change(() => charts.showMore())}>
              Show {all.length - shown.length} more
            </button>
          )}
          <a href={csvHref({ device: id }, range, now)} download>
            All values of {range.words} as CSV
          </a>
        </div>
      )}
    </Section>
  );
}

function reasonOf(state: string | undefined): string {
  if (state === "off") return "No history is kept: history.enabled is false.";
  return "No number of this board is kept yet; one that comes begins a chart.";
}

function Ranges({ range, onChoose }: { range: Range; onChoose(range: Range): void }) {
  const name = useOwnId();
  return (
    <fieldset class="segments">
      <legend class="sr">How far back</legend>
      {ranges.map((one) => (
        <label key={one.name}>
          <input type="radio" name={name} checked={one === range} onChange={() => onChoose(one)} />
          <span>{one.title}</span>
        </label>
      ))}
    </fieldset>
  );
}
