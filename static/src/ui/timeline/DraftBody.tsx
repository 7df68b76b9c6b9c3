// The words of a message of mine that is not stored yet, as they will look.
import type { ComponentChildren } from "preact";
import { type Block, blocksOf, type Inline, isMarked } from "./draft";
import { MessageBody } from "./MessageBody";

export function DraftBody({ body }: { body: string }) {
  if (!isMarked(body)) return <MessageBody body={body} html={null} />;
  return (
    <div class="message-body message-body-rich" dir="auto">
      {blocksOf(body).map(block)}
    </div>
  );
}

function block(one: Block, key: number): ComponentChildren {
  switch (one.kind) {
    case "lines":
      return <p key={key}>{lines(one.lines)}</p>;
    case "code":
      return (
        <div key={key} class="code-box">
          <pre>
            <code>{one.text}</code>
          </pre>
        </div>
      );
    case "quote":
      return <blockquote key={key}>{one.inner.map(block)}</blockquote>;
    case "heading": {
      const Heading = `h${one.level}` as "h1";
      return (
        <Heading key={key} aria-level={3}>
          {one.inner.map(span)}
        </Heading>
      );
    }
    case "rule":
      return <hr key={key} />;
    case "list": {
      const items = one.items.map((item, index) => (
        <li key={index} class={item.isDone === null ? "" : "task-list-item"}>
          {item.isDone === null ? null : (
            <input type="checkbox" checked={item.isDone} disabled tabIndex={-1} aria-hidden="true" />
          )}
          {lines(item.lines)}
        </li>
      ));
      const kind = one.items.some((item) => item.isDone !== null) ? "contains-task-list" : "";
      return one.start === null ? (
        <ul key={key} class={kind}>
          {items}
        </ul>
      ) : (
        <ol key={key} class={kind} start={one.start}>
          {items}
        </ol>
      );
    }
  }
}

function lines(all: Inline[][]): ComponentChildren {
  return all.map((line, index) => [index > 0 ? <br key={`b${index}`} /> : null, line.map(span)]);
}

function span(one: Inline, key: number): ComponentChildren {
  if (one.kind === "text") return one.text;
  if (one.kind === "code") return <code key={key}>{one.text}</code>;
  const inner = one.inner.map(span);
  if (one.kind === "link") {
    return (
      <a key={key} href={one.href} target="_blank" rel="noopener noreferrer nofollow">
        {inner}
      </a>
    );
  }
  // What hides stands open to who has just written it.
  if (one.kind === "spoiler") {
    return (
      <span key={key} class="spoiler spoiler-open">
        {inner}
      </span>
    );
  }
  const Mark = one.kind;
  return <Mark key={key}>{inner}</Mark>;
}
