// What scripts/secrets.mjs finds and nobody must keep secret, one row each: where, by which rule, which, and why.

const REFUSED = "a test of what such an address is refused for, or shown without";

export const knownFinds = [
  {
    ...{ file: /\.md$/, rule: "assigned secret", text: /^key: 63a181e487d535b7/ },
    why: "the public half of a key, in the example of somebody who is let in",
  },
  {
    ...{ file: /^host\/irc-iot\/.*vectors\.test\.ts$/, rule: "assigned secret", text: /"03a107bff3ce10be/ },
    why: "the public half of a key, as the test of it writes it out",
  },
  {
    ...{ file: /^host\/http\/.*\.test\.ts$/, rule: "assigned secret", text: /another-control-token/ },
    why: "a token of a test that says so",
  },
  { file: /^host\/cli\/up.*\.test\.ts$/, rule: "password in a URL", text: /joe:secret@/, why: REFUSED },
  { file: /^host\/config\/.*\.test\.ts$/, rule: "password in a URL", text: /bowline:p@/, why: REFUSED },
  { file: /^host\/config\/.*\.test\.ts$/, rule: "password in a URL", text: /u:secret@/, why: REFUSED },
  { file: /^host\/config\/.*\.test\.ts$/, rule: "password in a URL", text: /user:secret@/, why: REFUSED },
  { file: /^host\/northbound\/.*\.test\.ts$/, rule: "password in a URL", text: /u:p@/, why: REFUSED },
];
