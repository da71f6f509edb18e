/**
 * What became of the requests that ended last. As text: ten thousand replies as objects would be most of the gateway's
 * heap, and hardly any of them is ever asked for.
 */

interface Numbered {
  rq: number;
}

export class KeptOutcomes<Document extends Numbered> {
  private readonly texts = new Map<number, string>();

  /** `most`: the oldest go first. */
  constructor(private readonly most: number) {}

  /** -> the one that went for it, if one did. */
  add(document: Document): Document | undefined {
    this.texts.set(document.rq, JSON.stringify(document));
    if (this.texts.size <= this.most) return undefined;
    const [[rq, text]] = this.texts;
    this.texts.delete(rq);
    return JSON.parse(text);
  }

  get(rq: number): Document | undefined {
    const text = this.texts.get(rq);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** So many with the highest numbers, the highest first. */
  highest(count: number): Document[] {
    const numbers = [...this.texts.keys()].sort((a, b) => b - a).slice(0, count);
    return numbers.map((rq) => this.get(rq)!);
  }
}
