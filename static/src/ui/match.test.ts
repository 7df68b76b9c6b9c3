// Names are found as people type them, Korean by first sounds and half-typed syllables too.
import { describe, expect, test } from "vitest";
import { rank, search } from "./match";

describe("rank", () => {
  test.each([
    ["Alice Kim", "al", 0],
    ["Alice Kim", "kim", 1],
    ["Alice Kim", "lic", 2],
    ["Álvaro", "alv", 0],
    ["김지우", "김", 0],
    ["김지우", "ㄱㅈㅇ", 0],
    ["김지우", "지", 2],
    ["김민진", "김민지", 0],
    ["deploy-log", "log", 1],
    ["anything", "", 0],
  ])("%s answers %s with %s", (text, query, expected) => {
    expect(rank(text, query)).toBe(expected);
  });

  test.each([
    ["Alice", "bob"],
    ["김지우", "ㅂ"],
    ["김지우", "짂"],
    ["진수", "지수"],
  ])("%s does not answer %s", (text, query) => {
    expect(rank(text, query)).toBeNull();
  });
});

describe("search", () => {
  test("orders by how well, then by the given order", () => {
    const names = ["Malik", "Ali", "Zed", "Bob Alison"];
    expect(search(names, "ali", (name) => [name])).toEqual(["Ali", "Bob Alison", "Malik"]);
  });

  test("takes the best of several texts", () => {
    const people = [
      { name: "Robert", handle: "bob" },
      { name: "Bo Derek", handle: "derek" },
    ];
    expect(search(people, "bob", (person) => [person.name, person.handle])).toEqual([people[0]]);
  });
});
