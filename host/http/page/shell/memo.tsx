/** A part that is drawn again only when one of its properties is another one: lists of hundreds stay cheap. */
import { Component, type ComponentType } from "preact";

export function memo<P extends object>(Body: ComponentType<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const names = Object.keys(next) as (keyof P)[];
      return names.some((name) => next[name] !== this.props[name]);
    }

    override render(props: P) {
      return <Body {...props} />;
    }
  };
}
