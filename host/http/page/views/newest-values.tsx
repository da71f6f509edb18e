/** A line for each board: its newest numbers and how they went. */
import type { Board, BoardsModel, LastValue } from "../boards-model.ts";
import { href } from "../router.ts";
import { memo } from "../shell/memo.tsx";
import { Time } from "../shell/times.tsx";
import { Presence } from "./boards.tsx";
import { Spark } from "./spark.tsx";

/** Numbers in a line; the board's own view has all. */
const MAX_NUMBERS = 4;

interface NewestValuesProps {
  boards: readonly Board[];
  model: BoardsModel;
  /** Any moment of today. */
  day: number;
}

export function NewestValues({ boards, model, day }: NewestValuesProps) {
  return (
    <ul class="lines">
      {boards.map((board) => (
        <Row key={board.id} board={board} values={model.valuesOf(board.id)} day={day} />
      ))}
    </ul>
  );
}

const Row = memo(({ board, values, day }: { board: Board; values: readonly LastValue[]; day: number }) => {
  const fields = values.flatMap((one) => one.fields);
  const numbers = fields.filter(({ value }) => value !== null);
  const shown = (numbers.length > 0 ? numbers : fields).slice(0, MAX_NUMBERS);
  return (
    <li class="line">
      <span class="line-name">
        <a href={href("board", board.id)}>{board.id}</a>
      </span>
      <Presence board={board} />
      <span class="line-values">
        {shown.map(({ name, text, trend }) => (
          <span key={name} class="line-value">
            <span class="quiet">{name} </span>
            <strong>{text}</strong>
            {trend !== null && <Spark trend={trend} />}
          </span>
        ))}
      </span>
      <span class="line-time">
        {board.lastAt === 0 ? "nothing heard yet" : <Time at={board.lastAt} now={day} />}
      </span>
    </li>
  );
});
