import { expect, test } from "vitest";
import { barsOf, clockOf, isVoice } from "./sound";

test("a waveform shows where it is loud, whatever its volume", () => {
  const samples = [...Array(100).fill(0), ...Array(100).fill(0.01), ...Array(100).fill(-0.02)];
  const bars = barsOf(samples, 3);
  expect(bars.map((one) => Math.round(100 * one))).toEqual([0, 50, 100]);
});

test.each([[[]], [[0, 0, 0]]])("of silence and of nothing there are flat bars: %j", (samples) => {
  expect(barsOf(samples, 4)).toEqual([0, 0, 0, 0]);
});

test("a sound shorter than its bars is drawn too", () => {
  expect(barsOf([1, 1], 4).every((one) => one >= 0 && one <= 1)).toBe(true);
});

test("times are minutes and seconds", () => {
  expect([clockOf(0), clockOf(9.9), clockOf(65), clockOf(600), clockOf(-1)]).toEqual([
    "0:00",
    "0:09",
    "1:05",
    "10:00",
    "0:00",
  ]);
});

test("only what was recorded here is a voice message", () => {
  expect(isVoice("voice-message-2026-01-02-140500.webm")).toBe(true);
  expect(isVoice("voice-message-of-my-aunt.webm")).toBe(false);
  expect(isVoice("song.ogg")).toBe(false);
});
