import { beforeEach, expect, it, vi } from "vitest";
import type { Actions } from "../../net/actions";
import { showUpload, uploads } from "../../store/uploads";
import { useLanguage } from "../../text/t";
import { toasts } from "../common/toasts";
import { addFiles, placeOf, removeFile, takeFiles, trayOf } from "./trays";

let number = 0;
const cancelUpload = vi.fn();
const upload = (file: File): string => {
  const key = `key-${++number}`;
  const { name, type, size: bytes } = file;
  const fate = { sent: 0, status: "sending" as const, upload: null, error: null, alt: "", picture: null };
  showUpload({ key, name, type, bytes, ...fate });
  return key;
};
const actions = { upload, cancelUpload } as unknown as Actions;
const files = (count: number, size = 5): File[] =>
  Array.from({ length: count }, (_, at) => new File(["x".repeat(size)], `file-${at}.txt`));

beforeEach(async () => {
  await useLanguage("en");
  toasts.value = [];
  for (const place of ["1", "1.7"]) takeFiles(place);
  uploads.value = new Map();
});

it("keeps what was added for its place", () => {
  addFiles(actions, placeOf(1, null), files(2), 100);
  addFiles(actions, placeOf(1, 7), files(1), 100);
  expect([trayOf("1").length, trayOf("1.7").length, trayOf("2").length]).toEqual([2, 1, 0]);
});

it("refuses in words what is too large, empty, or one too many", () => {
  addFiles(actions, "1", [...files(1, 200), ...files(1, 0), ...files(12)], 100);
  expect(trayOf("1").length).toBe(10);
  expect(toasts.value.map(({ text }) => text)).toEqual([
    "“file-0.txt” is 200 bytes. Files can be 100 bytes at most.",
    "“file-0.txt” is empty or a folder. It was not added.",
    "A message takes 10 files at most.",
  ]);
});

it("gives a message its files, with what is known of them", () => {
  addFiles(actions, "1", files(2), 100);
  const [one, two] = trayOf("1");
  showUpload({ ...uploads.value.get(one!)!, status: "stored", upload: 7 });
  expect(takeFiles("1")).toEqual([
    { key: one, name: "file-0.txt", type: "", bytes: 5, upload: 7, alt: "" },
    { key: two, name: "file-1.txt", type: "", bytes: 5, upload: null, alt: "" },
  ]);
  expect(trayOf("1")).toEqual([]);
});

it("throws away what is taken out", () => {
  addFiles(actions, "1", files(1), 100);
  const [key] = trayOf("1");
  removeFile(actions, "1", key!);
  expect(trayOf("1")).toEqual([]);
  expect(cancelUpload).toHaveBeenCalledExactlyOnceWith(key);
});
