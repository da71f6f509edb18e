/** The bytes of one piece, each with what it says: a field and its bytes are lit together. */
import { useState } from "preact/hooks";
import type { Field } from "../../../frames/field.ts";
import { formatHex } from "../../../frames/hex.ts";
import { fieldsOf } from "../../../frames/piece-fields.ts";
import type { PieceRow } from "./frame-feed.ts";

/** Of a field in the table; the bytes above it are all there. */
const SHOWN_BYTES = 8;
/** Fields of one piece: JSON may have any number of members. */
const MAX_FIELDS = 64;

export function FrameBytes({ row: { piece, cut } }: { row: PieceRow }) {
  const [lit, setLit] = useState(-1);
  const { bytes, clause } = piece;
  // What was cut cannot be read again: its bytes are shown, and what they are as a whole.
  const all: Field[] =
    cut === 0
      ? fieldsOf(piece)
      : [{ start: 0, end: bytes.length, name: "beginning", meaning: `${cut} more bytes are not shown` }];
  const fields = all.slice(0, MAX_FIELDS);
  const handlers = (i: number) => ({ onMouseEnter: () => setLit(i), onMouseLeave: () => setLit(-1) });
  return (
    <div class="frame-detail">
      <p class="frame-hex mono" aria-hidden="true">
        {fields.map(({ start, end }, i) => (
          <span key={start} class={`bytes-run field-${i % 4}${lit === i ? " lit" : ""}`} {...handlers(i)}>
            {formatHex(bytes.subarray(start, end))}
          </span>
        ))}
      </p>
      <table class="frame-fields">
        <caption class="sr">What its bytes say</caption>
        <thead>
          <tr>
            <th scope="col">bytes</th>
            <th scope="col">field</th>
            <th scope="col">says</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ start, end, name, meaning }, i) => (
            <tr
              key={start}
              tabIndex={0}
              class={lit === i ? "lit" : ""}
              {...handlers(i)}
              onFocus={() => setLit(i)}
              onBlur={() => setLit(-1)}
            >
              <td class="mono">
                <span class={`bytes-run field-${i % 4}`}>
                  {formatHex(bytes.subarray(start, end), SHOWN_BYTES)}
                </span>
              </td>
              <td>{name}</td>
              <td class="says">{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {clause}
        {all.length > fields.length && ` · ${all.length - fields.length} more fields`}
      </p>
    </div>
  );
}
