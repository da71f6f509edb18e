/** Plays schedules in a worker: those of `first`, `first + stride`, … below `end`, until one breaks a promise. */
import { parentPort, workerData } from "node:worker_threads";
import { type Focus, Schedule } from "./schedule.ts";

export interface Orders {
  first: number;
  stride: number;
  end: number;
  focus: Focus;
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

async function playAll({ first, stride, end, focus }: Orders): Promise<Report> {
  const report: Report = { played: 0, steps: 0, packets: 0, requests: 0, broken: null };
  for (let seed = first; seed < end && report.broken === null; seed += stride) {
    const { broken, steps, packets, requests } = await new Schedule(seed, focus).play();
    report.played++;
    report.steps += steps.length;
    report.packets += packets;
    report.requests += requests;
    if (broken !== "") report.broken = { seed, promise: broken, steps };
  }
  return report;
}

void playAll(workerData as Orders).then((report) => parentPort?.postMessage(report));
