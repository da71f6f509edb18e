/** What of bowline an author's program may use, each alone, so that P7 can say what it costs (device/GUIDE.md, Memory). */
export const authorParts: Readonly<Record<string, string>> = {
  nothing: "",
  every: "every(60, function () {});",
  "every, twice": "every(60, function () {}); every(60, function () {});",
  onRequest: 'onRequest("l:x", function () { return { v: 1 }; });',
  latest: 'latest({ ot: "l:x", v: 1 });',
  onRoom: "onRoom(function () {});",
  onTask: 'onTask("l:x", 1, function () { return { v: 1 }; });',
  "onTask, twice":
    'onTask("l:x", 1, function () { return { v: 1 }; }); onTask("l:y", 1, function () { return { v: 1 }; });',
  "onTask with progress": 'onTask("l:x", 1, function (task) { progress(task, { v: 1 }); return { v: 1 }; });',
  "setting and keepSetting": 'let a = setting("a", 1); every(60, function () { keepSetting("a", a); });',
  watchPin: 'watchPin(new Pin("D1"), "both", 25);',
  "watchPin, twice": 'watchPin(new Pin("D1"), "both", 25); watchPin(new Pin("D2"), "both", 25);',
};

/** The whole program around one of them. */
export function authorProgram(part: string): string {
  const names = "every, keepSetting, latest, onRequest, onRoom, onTask, progress, setting, start, watchPin";
  return `import { ${names} } from "bowline";\n${part}\nstart();\n`;
}
