/** Lines of a stream of bytes, each of bounded length, however it is cut into chunks. */

/** Far beyond what a line of any IRC log has. */
const MAX_CHARACTERS = 65_536;

/** undefined: a line that is longer than allowed; what it says is not kept. */
export async function* inputLines(
  input: AsyncIterable<Uint8Array>,
  maxCharacters = MAX_CHARACTERS,
): AsyncGenerator<string | undefined> {
  // Not fatal: what is no UTF-8 is shown as such, and the line goes on.
  const decoder = new TextDecoder();
  let pending = "";
  let isTooLong = false;
  for await (const chunk of input) {
    const parts = (pending + decoder.decode(chunk, { stream: true })).split("\n");
    pending = parts.pop()!;
    for (const part of parts) {
      yield isTooLong || part.length > maxCharacters ? undefined : part.replace(/\r$/, "");
      isTooLong = false;
    }
    if (pending.length > maxCharacters) {
      isTooLong = true;
      pending = "";
    }
  }
  pending += decoder.decode();
  if (isTooLong) yield undefined;
  else if (pending !== "") yield pending.replace(/\r$/, "");
}
