/** The last message of one type: each of its fields, with the way of those that are numbers. */
import type { LastValue } from "../boards-model.ts";
import { Time } from "../shell/times.tsx";
import { Spark } from "./spark.tsx";

/** Characters of a value that has others beside it. */
const MAX_NARROW = 10;

/** `day`: any moment of today. */
export function Values({ value: { type, at, fields }, day }: { value: LastValue; day: number }) {
  return (
    <div class="value">
      <h3>
        {type} <Time at={at} now={day} />
      </h3>
      <dl>
        {fields.map(({ name, text, trend }) => (
          <div key={name} class={trend === null && text.length > MAX_NARROW ? "wide" : ""}>
            <dt>{name}</dt>
            <dd>
              {text}
              {trend !== null && <Spark trend={trend} />}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
