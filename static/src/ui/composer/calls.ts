// What in a text calls many at once, what the list offers for it, and what the server says it would do.
import { signal } from "@preact/signals";
import type { Rest } from "../../net/actions";
import type { Sender } from "../../protocol";
import { search } from "../match";

export interface Group {
  id: number;
  handle: string;
  name: string;
  made_by: number | null;
  members: number;
  mine: boolean;
  may_change: boolean;
}

/** What an @word would do in a room; one that is not allowed stays a word. */
export interface CallReach {
  name: string;
  kind: "here" | "room" | "group";
  group: number | null;
  is_allowed: boolean;
  people: number;
  outside: Sender[];
  outside_count: number;
}

/** One way to call many, as the list offers it. */
export interface CallChoice {
  kind: "here" | "room" | "group";
  /** What is written behind the @. */
  word: string;
  /** What a group is called. */
  name: string | null;
  /** How many it would tell, or are in the group; null where that is not known yet. */
  people: number | null;
}

/** As the server reads them; the first of a language is what the list writes. */
const NAMES = {
  here: { en: ["here"], ko: ["여기"] },
  room: { en: ["room", "all", "channel", "everyone"], ko: ["모두", "전체"] },
} as const;
const WORD = /(?<![\p{L}\p{N}_@/.:+-])@([\p{L}\p{N}][\p{L}\p{N}_.-]*)/gu;
const CODE = /```[\s\S]*?(?:```|(?![\s\S]))|^ *~~~[\s\S]*?(?:^ *~~~|(?![\s\S]))|`[^`\n]+`/gm;
const QUOTED = /^[^\S\n]{0,3}>.*$/gm;
const ASKED_MAX_COUNT = 10;
const GROUPS_SHOWN_COUNT = 5;
const FRESH_MS = 20_000;

/** The groups of the workspace, as they were last read. */
export const groups = signal<readonly Group[]>([]);
let groupsReadAt = Number.NEGATIVE_INFINITY;

/** Read the groups, unless that was a moment ago. */
export function readGroups(rest: Rest): Promise<void> {
  if (performance.now() - groupsReadAt < FRESH_MS) return Promise.resolve();
  groupsReadAt = performance.now();
  return rest.get<{ items: Group[] }>("groups").then(
    ({ items }) => {
      groups.value = items;
    },
    () => {
      groupsReadAt = Number.NEGATIVE_INFINITY;
    },
  );
}

/** Groups are others now: read them again when they are needed. */
export function forgetGroups(): void {
  groupsReadAt = Number.NEGATIVE_INFINITY;
}

/** The @words of a text that may call many, each once, without what code and quotes hold. */
export function callWords(text: string, known: readonly Pick<Group, "handle">[]): string[] {
  if (!text.includes("@")) return [];
  const names = new Set<string>([...allNames(), ...known.map(({ handle }) => handle)]);
  const found = new Set<string>();
  for (const [, word] of text.replace(CODE, " ").replace(QUOTED, " ").matchAll(WORD)) {
    const name = meant(word!.toLowerCase(), names);
    if (name !== null) found.add(name);
  }
  return [...found].slice(0, ASKED_MAX_COUNT);
}

/** The name that a word means: particles and titles follow without a space in Korean, and a full stop may. */
function meant(word: string, names: ReadonlySet<string>): string | null {
  for (let end = word.length; end > 0; end--) {
    const isCut = end === word.length || /[가-힣._-]/.test(word[end]!);
    const name = word.slice(0, end);
    if (!isCut || !names.has(name)) continue;
    const rest = word.slice(end);
    if (!allNames().includes(name) || rest === "" || /^(?:[가-힣]|[._-]*$)/.test(rest)) return name;
  }
  return null;
}

function allNames(): string[] {
  return Object.values(NAMES).flatMap(({ en, ko }) => [...en, ...ko]);
}

interface Offer {
  query: string;
  language: "en" | "ko";
  groups: readonly Group[];
  /** What is known of @here and @room in this room; without it they are offered all the same. */
  reaches: readonly CallReach[];
  /** Whether there is a room to call: not in a conversation, not in a thread. */
  mayCallRoom: boolean;
}

/** What the list offers after the people. */
export function callChoices({ query, language, groups, reaches, mayCallRoom }: Offer): CallChoice[] {
  const typed = query.toLowerCase();
  const choices: CallChoice[] = [];
  for (const kind of mayCallRoom ? (["here", "room"] as const) : []) {
    const reach = reaches.find((one) => one.kind === kind);
    if (reach && !reach.is_allowed) continue;
    const { en, ko } = NAMES[kind];
    const names: readonly string[] = language === "ko" ? [...ko, ...en] : [...en, ...ko];
    const word = names.find((name) => name.startsWith(typed));
    if (word !== undefined) choices.push({ kind, word, name: null, people: reach?.people ?? null });
  }
  const found = search(groups, query, ({ handle, name }) => [handle, name]).slice(0, GROUPS_SHOWN_COUNT);
  for (const { handle, name, members } of found)
    choices.push({ kind: "group", word: handle, name, people: members });
  return choices;
}

const looked = new Map<string, { at: number; answer: Promise<CallReach[]> }>();
const LOOKED_MAX_COUNT = 30;

/** Ask what these words would do in a room; the same question again within a moment has the same answer. */
export function lookAtCalls(rest: Rest, room: number, names: readonly string[]): Promise<CallReach[]> {
  if (names.length === 0) return Promise.resolve([]);
  const key = `${room} ${names.join(" ")}`;
  const held = looked.get(key);
  if (held && performance.now() - held.at < FRESH_MS) return held.answer;
  const answer = rest
    .get<{ items: CallReach[] }>(`rooms/${room}/calls`, { name: names })
    .then(({ items }) => items);
  looked.set(key, { at: performance.now(), answer });
  answer.catch(() => looked.delete(key));
  for (const oldest of looked.keys()) {
    if (looked.size <= LOOKED_MAX_COUNT) break;
    looked.delete(oldest);
  }
  return answer;
}

/** How many people the calls of a text tell: the room is all of them. */
export function toldBy(reaches: readonly CallReach[]): number {
  const allowed = reaches.filter((one) => one.is_allowed);
  const whole = allowed.find(({ kind }) => kind === "room");
  return whole ? whole.people : allowed.reduce((sum, { people }) => sum + people, 0);
}
