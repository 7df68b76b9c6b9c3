// A menu by the book: arrows, Home, End and first letters move, Enter chooses, Esc goes back to the button.
import { Check, type LucideIcon } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "./IconButton";
import { Popover } from "./Popover";
import "../../styles/menu.css";

export interface MenuItem {
  label: string;
  /** Said behind it, fainter. */
  detail?: string;
  icon?: LucideIcon;
  danger?: boolean;
  /** One of several that can be chosen, and whether it is. */
  checked?: boolean;
  /** A line above this item. */
  apart?: boolean;
  choose: () => void;
}

interface MenuListProps {
  anchor: HTMLElement;
  label: string;
  items: readonly MenuItem[];
  align?: "start" | "end";
  onClose: () => void;
}

export function MenuList({ anchor, label, items, align = "end", onClose }: MenuListProps) {
  const ref = useRef<HTMLDivElement>(null);

  useEffect(() => {
    itemsOf(ref.current)[0]?.focus();
  }, []);

  const move = (event: KeyboardEvent): void => {
    const all = itemsOf(ref.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = nextIndex(event.key, at, all);
    if (to === null) return;
    event.preventDefault();
    all[to]?.focus();
  };

  return (
    <Popover anchor={anchor} align={align} onClose={onClose} class="menu-popover">
      <div ref={ref} class="menu" role="menu" aria-label={label} tabIndex={-1} onKeyDown={move}>
        {items.map((item) => {
          const Icon = item.icon;
          return (
            <button
              key={item.label}
              type="button"
              {...(item.checked === undefined
                ? { role: "menuitem" as const }
                : { role: "menuitemradio" as const, "aria-checked": item.checked })}
              tabIndex={-1}
              class={`menu-item${item.danger ? " menu-item-danger" : ""}${item.apart ? " menu-item-apart" : ""}`}
              onClick={() => {
                onClose();
                item.choose();
              }}
            >
              {Icon ? <Icon size={16} strokeWidth={1.75} aria-hidden="true" /> : null}
              {item.label}
              {item.checked ? (
                <Check class="menu-check" size={16} strokeWidth={2.25} aria-hidden="true" />
              ) : null}
              {item.detail ? <span class="menu-item-detail">{item.detail}</span> : null}
            </button>
          );
        })}
      </div>
    </Popover>
  );
}

interface MenuButtonProps {
  icon: LucideIcon;
  label: string;
  items: readonly MenuItem[];
  small?: boolean;
  disabled?: boolean;
  align?: "start" | "end";
  /** Out of the order of the keyboard, where another way leads to the same menu. */
  tabIndex?: number;
  onOpen?: (isOpen: boolean) => void;
}

/** An icon button that opens a menu. */
export function MenuButton({
  icon,
  label,
  items,
  small = false,
  disabled = false,
  align = "end",
  tabIndex,
  onOpen,
}: MenuButtonProps) {
  const ref = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const show = (open: boolean): void => {
    setOpen(open);
    onOpen?.(open);
  };
  return (
    <>
      <IconButton
        buttonRef={ref}
        icon={icon}
        label={label}
        small={small}
        disabled={disabled}
        {...(tabIndex === undefined ? {} : { tabIndex })}
        popup="menu"
        expanded={isOpen}
        onClick={() => show(!isOpen)}
      />
      {isOpen && ref.current ? (
        <MenuList
          anchor={ref.current}
          label={label}
          items={items}
          align={align}
          onClose={() => show(false)}
        />
      ) : null}
    </>
  );
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return menu ? [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")] : [];
}

function nextIndex(key: string, at: number, all: readonly HTMLElement[]): number | null {
  const count = all.length;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return null;
  const wanted = key.toLocaleLowerCase();
  for (let step = 1; step <= count; step++) {
    const index = (at + step) % count;
    if (all[index]?.textContent?.trim().toLocaleLowerCase().startsWith(wanted)) return index;
  }
  return null;
}
