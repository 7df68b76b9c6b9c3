// How many reports wait: asked by who sees to any, after each connection and whenever the server says so.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openReports } from "../store/reports";
import { Stage } from "./stage";

let stage: Stage;

beforeEach(() => {
  openReports.value = 0;
  stage = new Stage();
});

afterEach(() => vi.unstubAllGlobals());

test("the number is read after a connection, and again when the server says that it is another", async () => {
  stage.openReports = 2;
  await stage.greetAndResume();
  await stage.clock.pass(1_000);
  expect(openReports.value).toBe(2);
  stage.openReports = 3;
  for (let time = 0; time < 3; time++) stage.wire().says({ type: "reports.changed" });
  await stage.clock.pass(1_000);
  expect(openReports.value).toBe(3);
});
