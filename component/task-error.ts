/** A task failed: what ask() rejects with, and what a handler throws that wants another code than 500. */
export class TaskError extends Error {
  override readonly name = "TaskError";

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
