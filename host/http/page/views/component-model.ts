/** One component that is looked at: its instances now, and how it was before. */
import type { Component } from "../shapes.ts";
import { Answer } from "../slice.ts";

const LOOK_EVERY_MS = 5000;

export interface HistoryLine {
  at: number;
  creator: string;
  state: string;
  message: string;
}

interface History {
  components: Component[];
  /** The oldest first. */
  history: HistoryLine[];
}

export class ComponentModel {
  readonly answer: Answer<History>;

  constructor(readonly name: string) {
    this.answer = new Answer(`/api/v1/components/${encodeURIComponent(name)}`, LOOK_EVERY_MS);
  }
}
