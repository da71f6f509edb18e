/** Addresses of boards, of this gateway and of others, and what is none. */
import { expect, test } from "vitest";
import { Addresses } from "./addresses.ts";

const addresses = new Addresses("kitchen", "bowline@kitchen");

test.each([
  ["sim-1", "sim-1@kitchen"],
  ["attic/sim-1", "sim-1@attic"],
])("board %s is %s, there and back", (board, address) => {
  expect(addresses.ofBoard(board)).toBe(address);
  expect(addresses.toBoard(address)).toBe(board);
  expect(addresses.toBoardOfPeople(address)).toBe(board);
});

test.each(["", "sim-1", "@kitchen", "sim-1@", "sim-1@kitchen@attic", "attic/sim-1@kitchen"])(
  "%j is no address of a board, and stays what people wrote",
  (word) => {
    expect(addresses.toBoard(word)).toBeUndefined();
    expect(addresses.toBoardOfPeople(word)).toBe(word);
  },
);
