/** The views of the page: each with the address that leads to it, what it asks for, and what it shows. */
import type { VNode } from "preact";
import type { Desk } from "./desk.ts";
import type { Model } from "./model.ts";
import type { Slice } from "./slice.ts";
import { Board } from "./views/board.tsx";
import { Boards } from "./views/boards.tsx";
import { Components } from "./views/components.tsx";
import { Frames } from "./views/frames.tsx";
import { IrcView } from "./views/irc.tsx";
import { Links } from "./views/links.tsx";
import { Overview } from "./views/overview.tsx";
import { Peers } from "./views/peers.tsx";
import { Queues } from "./views/queues.tsx";
import { Tasks } from "./views/tasks.tsx";
import { Timeline } from "./views/timeline.tsx";
import { rangeOf } from "./views/timeline-model.ts";

export interface ViewProps {
  model: Model;
  /** What stands behind the view's name in the address, decoded; "" without. */
  argument: string;
  desk: Desk;
  /** ms since 1970, in whole seconds. */
  now: number;
}

export interface View {
  /** In the address: `#/name`. */
  name: string;
  title: string;
  /** Where it stands in the navigation, with the path of an icon of 24 by 24; null: it is reached through others. */
  nav: { group: string; icon: string } | null;
  /** The entry of the navigation it belongs to, where it has none of its own. */
  under?: string;
  /** What it shows, asked for while it is open; called once when it is opened. */
  slices(model: Model, argument: string): readonly Slice[];
  Body(props: ViewProps): VNode;
}

const icons = {
  overview: "M3 11.5 12 4l9 7.5M5.5 10v10h13V10",
  boards: "M7 7h10v10H7zM10 3v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4",
  timeline: "M3 12h4l2.5-6 4 12 3-9 1.5 3h3",
  queues: "M4 6h16M4 11h16M4 16h10M17 14v6m-3-3 3 3 3-3",
  peers: "M12 4v5M12 9 6 15M12 9l6 6M9.5 2h5v4h-5zM3 15h6v5H3zM15 15h6v5h-6z",
  irc: "M4 5h16v11h-9l-4 4v-4H4zM8 9h8M8 12h5",
  frames: "M4 5h3v14H4zM9 5h2v14H9zM13 5h4v14h-4zM19 5h1v14h-1z",
  links: "M9 15l6-6M11 6.5 13 4.5a4.2 4.2 0 0 1 6 6l-2 2M13 17.5l-2 2a4.2 4.2 0 0 1-6-6l2-2",
  components: "M4 4h7v7H4zM13 4h7v7h-7zM13 13h7v7h-7zM4 13h7v7H4z",
  tasks: "M4 7l2 2 3.5-4M4 16l2 2 3.5-4M13 7h7M13 16h7",
};

/** In the order of the navigation; the first is where the page begins. */
export const views: readonly View[] = [
  {
    ...{ name: "", title: "Overview", nav: { group: "", icon: icons.overview } },
    slices: ({ boards, ports, work }) => [boards, ports, work.components, work.tasks],
    Body: Overview,
  },
  {
    ...{ name: "boards", title: "Boards", nav: { group: "", icon: icons.boards } },
    slices: ({ boards }) => [boards],
    Body: Boards,
  },
  {
    ...{ name: "board", title: "Board", nav: null, under: "boards" },
    slices: (model, id) => model.openBoard(id),
    Body: Board,
  },
  {
    ...{ name: "timeline", title: "Timeline", nav: { group: "", icon: icons.timeline } },
    slices: ({ timeline }, range) => [timeline.open(rangeOf(range))],
    Body: Timeline,
  },
  {
    ...{ name: "links", title: "Links", nav: { group: "Wires", icon: icons.links } },
    slices: ({ ports, sessions }) => [ports, sessions],
    Body: Links,
  },
  {
    ...{ name: "frames", title: "Frames", nav: { group: "Wires", icon: icons.frames } },
    slices: ({ ports }) => [ports],
    Body: Frames,
  },
  {
    ...{ name: "queues", title: "Queues", nav: { group: "Wires", icon: icons.queues } },
    slices: ({ queues, upstreams, letters }) => [queues, upstreams, letters],
    Body: Queues,
  },
  {
    ...{ name: "peers", title: "Other gateways", nav: { group: "Wires", icon: icons.peers } },
    slices: ({ peers }) => [peers],
    Body: Peers,
  },
  {
    ...{ name: "irc", title: "IRC", nav: { group: "Wires", icon: icons.irc } },
    slices: ({ irc }) => [irc, irc.status],
    Body: IrcView,
  },
  {
    ...{ name: "components", title: "Components", nav: { group: "Work", icon: icons.components } },
    slices: (model, name) => model.openComponent(name),
    Body: Components,
  },
  {
    ...{ name: "tasks", title: "Tasks", nav: { group: "Work", icon: icons.tasks } },
    slices: ({ work, kills }) => [work.tasks, kills],
    Body: Tasks,
  },
];

/** undefined for an address that leads nowhere. */
export const findView = (name: string) => views.find((view) => view.name === name);
