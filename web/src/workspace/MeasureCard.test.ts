import { expect, it } from "vitest";
import { roundedUp } from "./MeasureCard";

it("writes how far off a length may be with one digit, and never less than it is", () => {
  expect([0.0234, 0.03, 0.0301, 9.1, 1].map(roundedUp)).toEqual([0.03, 0.03, 0.04, 10, 1]);
});
