/** The views of the page: each with the address that leads to it, what it asks for, and what it shows. */
import type { VNode } from "preact";
import type { Desk } from "./desk.ts";
import type { Model } from "./model.ts";
import type { Slice } from "./slice.ts";
import { Board } from "./views/board.tsx";
import { Boards } from "./views/boards.tsx";
import { Components } from "./views/components.tsx";
import { Links } from "./views/links.tsx";
import { Overview } from "./views/overview.tsx";
import { Tasks } from "./views/tasks.tsx";

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
    ...{ name: "links", title: "Links", nav: { group: "Wires", icon: icons.links } },
    slices: ({ ports }) => [ports],
    Body: Links,
  },
  {
    ...{ name: "components", title: "Components", nav: { group: "Work", icon: icons.components } },
    slices: ({ work }) => [work.components],
    Body: Components,
  },
  {
    ...{ name: "tasks", title: "Tasks", nav: { group: "Work", icon: icons.tasks } },
    slices: ({ work }) => [work.tasks],
    Body: Tasks,
  },
];

/** undefined for an address that leads nowhere. */
export const findView = (name: string) => views.find((view) => view.name === name);
