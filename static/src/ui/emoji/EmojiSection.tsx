// The emoji of the workspace's own: all of them to look at, and to add, to call by other names and to take away.
import { Ellipsis, Image, Plus, Search, Tag, Trash2, X } from "lucide-preact";
import { useState } from "preact/hooks";
import type { CustomEmoji } from "../../protocol";
import { ownEmoji } from "../../store/own_emoji";
import { state } from "../../store/signals";
import { shortOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { AskDialog } from "../admin/AskDialog";
import { Button } from "../common/Button";
import { EmojiSign } from "../common/EmojiSign";
import { MenuButton, type MenuItem } from "../common/Menu";
import { tell } from "../common/toasts";
import { dialog } from "../dialogs";
import { userName } from "../names";
import { me } from "../selectors";
import { AliasDialog } from "./AliasDialog";
import * as calls from "./calls";
import "../../styles/admin.css";
import "../../styles/own-emoji.css";

/** More than that at once nobody reads; a search finds the others. */
const SHOWN_COUNT = 100;
/** From here on it is worth a field to search in. */
const SEARCHED_FROM_COUNT = 9;

type Asked = { kind: "alias" | "remove"; emoji: CustomEmoji };

export function EmojiSection() {
  const { rest } = useActions();
  const { makesEmoji } = useConfig().settings;
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<Asked | null>(null);
  const all = ownEmoji.value;
  const wanted = text.trim().toLowerCase().replaceAll(":", "");
  const found = all.filter(({ name, aliases }) => [name, ...aliases].some((one) => one.includes(wanted)));
  return (
    <section class="settings-card own-emoji" aria-labelledby="own-emoji">
      <div class="own-emoji-head">
        <h2 id="own-emoji">{t("own_emoji.title")}</h2>
        {all.length > 0 ? <span class="admin-count">{t("own_emoji.count", { n: all.length })}</span> : null}
        {makesEmoji ? (
          <Button
            kind={all.length === 0 ? "primary" : "secondary"}
            icon={Plus}
            onClick={() => {
              dialog.value = { kind: "emoji", name: null };
            }}
          >
            {t("own_emoji.add")}
          </Button>
        ) : null}
      </div>
      <p class="field-hint">{t(makesEmoji ? "own_emoji.hint" : "own_emoji.hint_admins")}</p>
      {all.length >= SEARCHED_FROM_COUNT ? (
        <label class="search-field">
          <span class="unseen">{t("own_emoji.search")}</span>
          <Search size={16} strokeWidth={2} aria-hidden="true" />
          <input
            class="input"
            type="search"
            autocomplete="off"
            placeholder={t("own_emoji.search")}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      ) : null}
      {all.length === 0 ? <p class="own-emoji-none">{t("own_emoji.none")}</p> : null}
      {all.length > 0 && found.length === 0 ? (
        <p class="own-emoji-none">{t("own_emoji.none_found", { text: text.trim() })}</p>
      ) : null}
      {found.length > 0 ? (
        <ul class="own-emoji-list" aria-label={t("own_emoji.title")}>
          {found.slice(0, SHOWN_COUNT).map((emoji) => (
            <EmojiRow key={emoji.name} emoji={emoji} onAsk={setAsked} />
          ))}
        </ul>
      ) : null}
      {found.length > SHOWN_COUNT ? (
        <p class="field-hint">{t("own_emoji.more", { n: found.length - SHOWN_COUNT })}</p>
      ) : null}
      {asked?.kind === "alias" ? <AliasDialog emoji={asked.emoji} onClose={() => setAsked(null)} /> : null}
      {asked?.kind === "remove" ? (
        <AskDialog
          danger
          withReason={false}
          title={t("own_emoji.remove_title", { name: asked.emoji.name })}
          text={t("own_emoji.remove_text")}
          submit={t("own_emoji.remove")}
          onClose={() => setAsked(null)}
          onSubmit={() => calls.remove(rest, asked.emoji.name)}
        />
      ) : null}
    </section>
  );
}

function EmojiRow({ emoji, onAsk }: { emoji: CustomEmoji; onAsk: (asked: Asked) => void }) {
  const { rest } = useActions();
  const { makesEmoji } = useConfig().settings;
  const { id, role } = me.value;
  const isMine = emoji.by === id || role === "owner" || role === "admin";
  const items: MenuItem[] = [
    ...(makesEmoji
      ? [{ label: t("own_emoji.alias"), icon: Tag, choose: () => onAsk({ kind: "alias", emoji }) }]
      : []),
    ...(makesEmoji && isMine
      ? [
          {
            label: t("own_emoji.replace"),
            icon: Image,
            choose: () => {
              dialog.value = { kind: "emoji", name: emoji.name };
            },
          },
        ]
      : []),
    ...(isMine
      ? [
          {
            label: t("own_emoji.remove"),
            icon: Trash2,
            danger: true,
            apart: true,
            choose: () => onAsk({ kind: "remove", emoji }),
          },
        ]
      : []),
  ];
  const who = emoji.by === null ? "" : emoji.by === id ? t("people.you") : userName(emoji.by, state.value);
  return (
    <li class="own-emoji-row">
      <span class="own-emoji-sign">
        <EmojiSign emoji={`:${emoji.name}:`} />
      </span>
      <span class="own-emoji-words">
        <span class="own-emoji-name">
          <bdi>:{emoji.name}:</bdi>
          {emoji.aliases.map((alias) => (
            <span key={alias} class="own-emoji-alias">
              <bdi>:{alias}:</bdi>
              {isMine ? (
                <button
                  type="button"
                  aria-label={t("own_emoji.alias_remove", { alias })}
                  title={t("own_emoji.alias_remove", { alias })}
                  onClick={() => void tell(calls.remove(rest, alias))}
                >
                  <X size={12} strokeWidth={2.5} aria-hidden="true" />
                </button>
              ) : null}
            </span>
          ))}
        </span>
        <span class="own-emoji-meta">{[who, shortOf(emoji.at)].filter(Boolean).join(" · ")}</span>
      </span>
      {items.length > 0 ? (
        <MenuButton small icon={Ellipsis} label={t("own_emoji.menu", { name: emoji.name })} items={items} />
      ) : null}
    </li>
  );
}
