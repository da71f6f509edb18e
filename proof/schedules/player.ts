/** Plays schedules in a worker: those of `first`, `first + stride`, … below `end`, until one breaks a promise. */
import { parentPort, workerData } from "node:worker_threads";
import { type Played, Schedule } from "./schedule.ts";
import { type StoryName, stories } from "./stories.ts";
import type { Focus } from "./wheel.ts";

export interface Orders {
  first: number;
  stride: number;
  end: number;
  focus: Focus;
  /** Told in place of what is drawn; "" is none. */
  story: StoryName | "";
}

export interface Report {
  played: number;
  /** Steps before all faults stopped. */
  steps: number;
  packets: number;
  requests: number;
  /** The schedule that broke a promise, which, and what had happened; null when none did. */
  broken: { seed: number; promise: string; steps: string[] } | null;
}

async function playAll({ first, stride, end, focus, story }: Orders): Promise<Report> {
  const report: Report = { played: 0, steps: 0, packets: 0, requests: 0, broken: null };
  for (let seed = first; seed < end && report.broken === null; seed += stride) {
    const { broken, steps, packets, requests } = await play(new Schedule(seed, focus), story);
    report.played++;
    report.steps += steps.length;
    report.packets += packets;
    report.requests += requests;
    if (broken !== "") report.broken = { seed, promise: broken, steps };
  }
  return report;
}

function play(schedule: Schedule, story: Orders["story"]): Promise<Played> {
  return story === "" ? schedule.play() : schedule.tell(stories[story]);
}

void playAll(workerData as Orders).then((report) => parentPort?.postMessage(report));
