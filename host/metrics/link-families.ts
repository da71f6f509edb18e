/** Serial ports one by one, and the sockets of boards and of gateways each as one link: names of sockets never come again. */
import type { LinkTally } from "../session/link-tally.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import { counter, type Family, gauge, type Sample, sample } from "./family.ts";
import { once } from "./once.ts";
import type { Reading } from "./reading.ts";

/** More serial ports than these no gateway has. */
const MAX_LINKS = 100;
const SOCKETS = "tcp";
const GATEWAYS = "gateways";

interface Counted {
  link: string;
  tally: LinkTally;
}

type Valued = [labels: Sample["labels"], value: number];

export function linkFamilies(): Family[] {
  const labels = new BoundedLabels(MAX_LINKS);
  const ports = once(({ sources }) => {
    const openings = sources.openings();
    labels.refresh(openings.map(({ path }) => path));
    return openings.map(({ path, ...counts }) => ({
      ...{ ...counts, link: labels.labelOf(path), tally: sources.tallies.cable(path) },
    }));
  });
  const all = (reading: Reading): Counted[] => [...ports(reading), ...sockets(reading)];
  const each =
    (links: (reading: Reading) => Counted[], value: (tally: LinkTally) => number) => (reading: Reading) =>
      summed(links(reading).map(({ link, tally }) => [{ link }, value(tally)]));
  const ofAll = (value: (tally: LinkTally) => number) => each(all, value);
  const ofPorts = (value: (tally: LinkTally) => number) => each(ports, value);

  return [
    gauge(
      "link_up",
      "1: both ends of a serial port have opened the link; the listener for sockets is open.",
      (reading) => {
        const up = new Map<string, boolean>();
        // Of the others it is 1 when all of them are up.
        for (const { link, tally } of ports(reading)) up.set(link, (up.get(link) ?? true) && tally.isOpen);
        if (reading.sources.tcpAddress !== null) up.set(SOCKETS, true);
        const { listen } = reading.peers.gateway;
        if (listen !== null) up.set(GATEWAYS, listen.isOpen);
        return [...up].map(([link, isUp]) => sample(Number(isUp), { link }));
      },
    ),
    gauge("link_connections", "Connections that stand.", ofAll(standing)),
    counter("link_opens_total", "Ports opened, or not, by the code of the error; connections.", (reading) =>
      summed([
        ...ports(reading).flatMap(({ link, opened, failed }): Valued[] => [
          [{ link, result: "ok" }, opened],
          ...[...failed].map(([result, count]): Valued => [{ link, result }, count]),
        ]),
        ...sockets(reading).map(({ link, tally }): Valued => [{ link, result: "ok" }, tally.connections]),
      ]),
    ),
    counter("link_rx_bytes_total", "Bytes read.", ofAll(rxBytes)),
    counter("link_tx_bytes_total", "Bytes written.", ofAll(txBytes)),
    counter("link_frames_total", "Frames of serial ports, good ones read and those written.", (reading) =>
      summed(
        ports(reading).flatMap(({ link, tally }): Valued[] => [
          [{ link, dir: "in" }, tally.heard.frames],
          [{ link, dir: "out" }, tally.txFrames],
        ]),
      ),
    ),
    counter(
      "link_crc_errors_total",
      "Times that a wrong checksum broke the link, whichever end found it.",
      ofPorts(({ crcErrors }) => crcErrors),
    ),
    counter(
      "link_garbage_bytes_total",
      "Bytes skipped that are no frame of ours: boot texts, noise.",
      ofPorts(({ heard }) => heard.noise),
    ),
    counter(
      "link_stale_frames_total",
      "Good frames of an opening that is over, or that nothing can be made of.",
      ofPorts(({ heard }) => heard.stale),
    ),
    counter(
      "link_overruns_total",
      "Times that a board said its port had lost bytes.",
      ofPorts(({ overruns }) => overruns),
    ),
    counter("link_silence_steps_total", "Steps taken because no board spoke.", (reading) => {
      ports(reading); // who has a label of its own is known from here on
      return summed(
        reading.sources.serialView().flatMap(({ path, reopened, reset, rebound }): Valued[] => {
          const link = labels.labelOf(path);
          return [
            [{ link, step: "reopen" }, reopened],
            [{ link, step: "reset" }, reset],
            [{ link, step: "rebind" }, rebound],
          ];
        }),
      );
    }),
  ];
}

const standing = (tally: LinkTally) => tally.standing;
const rxBytes = (tally: LinkTally) => tally.rxBytes;
const txBytes = (tally: LinkTally) => tally.txBytes;

function sockets({ sources: { tallies } }: Reading): Counted[] {
  return [
    { link: SOCKETS, tally: tallies.network },
    { link: GATEWAYS, tally: tallies.peers },
  ];
}

/** Those with equal labels are one. */
function summed(values: readonly Valued[]): Sample[] {
  const sums = new Map<string, Sample>();
  for (const [labels, value] of values) {
    const key = JSON.stringify(labels);
    sums.set(key, sample((sums.get(key)?.value ?? 0) + value, labels));
  }
  return [...sums.values()];
}
