// Where a room opens again.
import { describe, expect, it } from "vitest";
import { KeptPlaces } from "./kept";

const at = (seq: number) => ({ key: `m-${seq}`, offset: -4, seq });
const here = { id: "a", isReturn: false };
const anew = { id: "b", isReturn: false };
const back = { id: "a", isReturn: true };

describe("a room that is opened again", () => {
  it("stands where it was left, unless something is unread", () => {
    const places = new KeptPlaces();
    expect(places.find(anew, 5, false)).toBeNull();
    places.keep(here, 5, at(40));
    expect(places.find(anew, 5, false)).toEqual(at(40));
    expect(places.find(anew, 5, true)).toBeNull();
    expect(places.find(anew, 6, false)).toBeNull();
  });

  it("opens at its end when it was left there", () => {
    const places = new KeptPlaces();
    places.keep(here, 5, at(40));
    places.keep(here, 5, null);
    expect(places.find(anew, 5, false)).toBeNull();
  });

  it("stands for who goes back as that step was left, whatever is unread and wherever one was since", () => {
    const places = new KeptPlaces();
    places.keep(here, 5, at(40));
    places.keep(anew, 5, at(900));
    expect(places.find(back, 5, true)).toEqual(at(40));
    expect(places.find({ id: "b", isReturn: true }, 5, true)).toEqual(at(900));
    places.keep(here, 5, null);
    expect(places.find(back, 5, false)).toBeNull();
  });

  it("is forgotten when many others were left since", () => {
    const places = new KeptPlaces();
    places.keep(here, 5, at(40));
    for (let room = 10; room < 120; room++) places.keep(here, room, at(1));
    expect(places.find(back, 5, false)).toBeNull();
    expect(places.find(anew, 119, false)).toEqual(at(1));
  });
});
