/** Whether a statement that was typed so far goes on in the next line: the console asks for more while brackets are open. */

/** What may stand before a `/` that begins a regular expression, rather than divides. */
const BEFORE_REGEX = /(?:^|[({[,;=:?!&|+\-*%<>~^]|\breturn|\btypeof)\s*$/;

/** What is read as one piece; the second half of each names its end, which is empty where the text ran out. */
const TOKENS = [
  "\\/\\/[^\\n]*",
  "\\/\\*[\\s\\S]*?(?<comment>\\*\\/|$)",
  "`(?:[^`\\\\]|\\\\[\\s\\S])*(?<template>`|$)",
  `"(?:[^"\\\\\\n]|\\\\[\\s\\S])*(?<double>"|$|(?=\\n))`,
  "'(?:[^'\\\\\\n]|\\\\[\\s\\S])*(?<single>'|$|(?=\\n))",
  "(?<regex>\\/(?![/*])(?:[^/\\\\\\n[]|\\\\.|\\[(?:[^\\]\\\\\\n]|\\\\.)*\\])+\\/)",
  "[()[\\]{}]",
];

/** Above 0: more is to come. A string without its end counts as whole, so that its error is told at once. */
export function openBrackets(text: string): number {
  const scanner = new RegExp(TOKENS.join("|"), "g");
  let open = 0;
  for (let found = scanner.exec(text); found !== null && open >= 0; found = scanner.exec(text)) {
    const { comment, template, double, single, regex } = found.groups ?? {};
    if (comment === "" || template === "") return Number.POSITIVE_INFINITY;
    if (double === "" || single === "") return 0;
    if ("({[".includes(found[0])) open++;
    else if (")}]".includes(found[0])) open--;
    else if (regex !== undefined && !BEFORE_REGEX.test(text.slice(0, found.index)))
      scanner.lastIndex = found.index + 1; // a division
  }
  return open;
}
