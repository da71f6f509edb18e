import { expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { portsBeside } from "./ports-beside.ts";

const beside = (...set: string[]) => portsBeside(loadConfig({ set, env: {}, cwd: "/nowhere" }).config);

test("every port that is listened on has another beside it, none of them twice", () => {
  expect(beside()).toEqual([
    ...["http.port=9081", "tcp.port=7701", "monique.hub.com.in=9002", "monique.hub.com.out=9003"],
    ...["monique.hub.tech.in=9026", "monique.hub.tech.out=9027"],
  ]);
  expect(beside("http.port=7701", "monique.enabled=false", "peers.connect.0.id=42")).toEqual([
    ...["http.port=7702", "tcp.port=7703", "peers.listen.port=12003"],
  ]);
});

test("what is not listened on, and what is any free port, needs none", () => {
  expect(beside("http.port=0", "tcp.enabled=false", "monique.hub.enabled=false")).toEqual([]);
});
