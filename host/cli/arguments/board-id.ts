/** The id that a board is to have, as it was typed. */
import { ID_ALLOWED, isBoardId } from "../../platform/board-id.ts";
import { misreadText } from "./misread.ts";

export function checkBoardId(id: string): void {
  if (!isBoardId(id)) throw misreadText("--id", id, ID_ALLOWED);
}
