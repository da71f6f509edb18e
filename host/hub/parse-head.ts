/** The head of a document that the hub keeps. */

/** undefined for what is no JSON: another version, or nobody, wrote it. */
export function parseHead<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
