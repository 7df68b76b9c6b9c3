import { expect, it } from "vitest";
import type { Attachment } from "../../protocol";
import { sizeOf } from "../../text/sizes";
import { useLanguage } from "../../text/t";
import { boxOf, endingOf, kindOf, saidIn } from "./file";

const file: Attachment = {
  id: 1,
  name: "a.pdf",
  type: "application/pdf",
  bytes: 9,
  url: "/api/v1/attachments/1",
  state: "ready",
  alt: "",
  width: null,
  height: null,
  thumbnail: null,
};

it("shows a file by what the server found it to be", () => {
  expect(kindOf(file)).toBe("file");
  expect(kindOf({ ...file, type: "image/png" })).toBe("file");
  expect(kindOf({ ...file, type: "image/png", state: "waiting" })).toBe("coming");
  expect(kindOf({ ...file, type: "image/png", thumbnail: "/t" })).toBe("picture");
  expect(kindOf({ ...file, type: "video/mp4" })).toBe("video");
  expect(kindOf({ ...file, type: "audio/ogg" })).toBe("audio");
});

it("keeps a place for a picture before it has come", () => {
  expect(boxOf(4_000, 3_000)).toEqual({ width: 400, height: 300 });
  expect(boxOf(1_000, 4_000)).toEqual({ width: 75, height: 300 });
  expect(boxOf(100, 50)).toEqual({ width: 100, height: 50 });
  expect(boxOf(1, 1)).toEqual({ width: 48, height: 48 });
  expect(boxOf(null, null)).toEqual({ width: 200, height: 150 });
});

it("names the kind of a file by its ending", () => {
  expect(endingOf("report.pdf")).toBe("PDF");
  expect(endingOf("archive.tar.gz")).toBe("GZ");
  expect(endingOf(".profile")).toBe("·");
  expect(endingOf("name.withlongending")).toBe("·");
  expect(endingOf("README")).toBe("·");
});

it("has words for a message that is only files", () => {
  const said = (body: string, ...alts: string[]): string =>
    saidIn({ body, attachments: alts.map((alt, at) => ({ ...file, name: `${at}.jpg`, alt })) });
  expect(said("look", "a cat")).toBe("look");
  expect(said("", "a cat", "")).toBe("a cat, 1.jpg");
  expect(said("")).toBe("");
});

it("says how large a file is in the language of the reader", async () => {
  await useLanguage("en");
  expect(sizeOf(1)).toBe("1 byte");
  expect(sizeOf(1_023)).toBe("1,023 bytes");
  expect(sizeOf(2_048)).toBe("2 kB");
  expect(sizeOf(26_214_400)).toBe("25 MB");
  expect(sizeOf(1_300_000)).toBe("1.2 MB");
  await useLanguage("ko");
  expect(sizeOf(1_300_000)).toBe("1.2MB");
});
