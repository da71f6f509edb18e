/** What passes on one link as it passes, frames and messages in words, with every byte explained. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { formatNumber } from "../format.ts";
import { href } from "../router.ts";
import { Heading } from "../shell/heading.tsx";
import { memo } from "../shell/memo.tsx";
import { Badge, Command, Empty, type Look } from "../shell/parts.tsx";
import type { ViewProps } from "../views.tsx";
import { FrameBytes } from "./frame-bytes.tsx";
import { FrameFeed, type FrameRow, isNote, type NoteRow, type PieceRow } from "./frame-feed.ts";

export function Frames({ model, argument: link, desk }: ViewProps) {
  if (!desk.isControl) {
    return (
      <>
        <Heading>Frames</Heading>
        <Empty title="This page may only look">
          <p>
            Who reads the bytes of a session could take it over: they are shown to a page with the control
            token.
          </p>
        </Empty>
      </>
    );
  }
  if (link === "") return <Choice links={(model.ports.value?.links ?? []).map(({ name }) => name)} />;
  return <Live key={link} link={link} desk={desk} />;
}

function Choice({ links }: { links: readonly string[] }) {
  return (
    <>
      <Heading note="live, byte by byte">Frames</Heading>
      {links.length === 0 ? (
        <Empty title="No link is open">
          <p>What passes between a board and this gateway is shown here. A simulated board opens one:</p>
          <Command text="npx bowline sim --tcp 127.0.0.1:7700" />
        </Empty>
      ) : (
        <>
          <p class="quiet">
            Choose a link to see what passes on it, as it passes; a press on a line explains its bytes.
          </p>
          <ul class="choice">
            {links.map((name) => (
              <li key={name}>
                <a href={href("frames", name)}>
                  <code>{name}</code>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

const states: Record<FrameFeed["state"], [Look, string]> = {
  connecting: ["warn", "connecting"],
  live: ["good", "live"],
  lost: ["bad", "lost, trying again"],
  ended: ["bad", "not there (any more)"],
};

function Live({ link, desk }: { link: string; desk: Desk }) {
  const feed = useFeed(link, desk);
  /** What stands still while a person reads. */
  const [held, setHeld] = useState<{ rows: FrameRow[]; count: number } | null>(null);
  const [open, setOpen] = useState(0);
  const [isBrief, setIsBrief] = useState(false);
  if (feed === null) return <Heading>{link}</Heading>;
  const { rows, count } = held ?? feed;
  const shown = isBrief ? rows.filter((row) => isNote(row) || !isBeat(row)) : rows;
  const hold = () => setHeld((before) => before ?? { rows: feed.rows, count: feed.count });
  const [look, words] = states[feed.state];
  return (
    <>
      <Heading
        note={
          <>
            <Badge look={look}>{words}</Badge> <a href={href("links")}>all links</a>
          </>
        }
      >
        {link}
      </Heading>
      <div class="filter">
        <button
          type="button"
          aria-pressed={held !== null}
          onClick={() => (held === null ? hold() : setHeld(null))}
        >
          {held === null ? "Pause" : "Go on"}
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={isBrief}
            onChange={(event) => setIsBrief(event.currentTarget.checked)}
          />
          Without acknowledgements
        </label>
        {feed.count > count && <span class="quiet">{formatNumber(feed.count - count)} more came</span>}
      </div>
      {rows.length === 0 && <p class="quiet">Nothing has passed yet.</p>}
      <ol class="frames" aria-label="What passed, the newest first">
        {shown.map((row) =>
          isNote(row) ? (
            <Note key={row.key} row={row} />
          ) : (
            <Row
              key={row.key}
              row={row}
              isOpen={open === row.key}
              onToggle={(key) => {
                // What is read must not move.
                hold();
                setOpen((before) => (before === key ? 0 : key));
              }}
            />
          ),
        )}
      </ol>
    </>
  );
}

/** The feed of this link, for as long as it is looked at. */
function useFeed(link: string, desk: Desk): FrameFeed | null {
  const feed = useRef<FrameFeed | null>(null);
  useEffect(() => {
    const opened = new FrameFeed(link, () => desk.changed());
    feed.current = opened;
    opened.open();
    desk.changed();
    return () => opened.close();
  }, [link, desk]);
  return feed.current;
}

/** It carries nothing but "received" or "still there", or is the frame around that. */
function isBeat({ piece: { kind, meaning, bytes } }: PieceRow): boolean {
  if (kind === "frame")
    return /^DATA.*, 2 bytes of the session$/.test(meaning) && bytes.length <= MAX_BEAT_FRAME;
  return /^(heartbeat|sync: )/.test(meaning);
}

/** Type, link, seq, two bytes, CRC, END; escaped. */
const MAX_BEAT_FRAME = 19;

function Note({ row: { seconds, note } }: { row: NoteRow }) {
  return (
    <li class="frame note">
      <span class="num quiet">{seconds.toFixed(3)}</span>
      <span class="quiet">{note}</span>
    </li>
  );
}

interface RowProps {
  row: PieceRow;
  isOpen: boolean;
  onToggle(key: number): void;
}

const arrows = { board: "board →", gateway: "← gateway" };

function DrawnRow({ row, isOpen, onToggle }: RowProps) {
  const { key, seconds, piece, isNested } = row;
  const { from, meaning, isUnderstood, kind } = piece;
  return (
    <li class={`frame ${from} kind-${kind}${isNested ? " nested" : ""}`}>
      <button type="button" aria-expanded={isOpen} onClick={() => onToggle(key)}>
        <span class="num quiet">{seconds.toFixed(3)}</span>
        <span class="frame-from">{arrows[from]}</span>
        <span class={isUnderstood ? "frame-words" : "frame-words bad"}>{meaning}</span>
      </button>
      {isOpen && <FrameBytes row={row} />}
    </li>
  );
}

/** A row says the same for ever: only opening it draws it anew. */
const Row = memo(DrawnRow);
