import { describe, expect, it } from "vitest";
import { ago, bytes, count, exact, measure, number, portion, seconds } from "./format";

describe("numbers", () => {
  it("are rounded to what a person reads", () => {
    expect(number(0)).toBe("0");
    expect(number(24494.2)).toBe("24490");
    expect(number(0.2121)).toBe("0.2121");
    expect(number(1.25e10)).toBe("1.25×10¹⁰");
    expect(number(-1e-18)).toBe("-1×10⁻¹⁸");
  });
  it("of things keep their digits while they say something", () => {
    expect(count(859)).toBe("859");
    expect(count(10517)).toBe("10\u202f517");
    expect(count(608_400)).toBe("608 k");
    expect(count(9_012_345)).toBe("9.012 M");
    expect(exact(9_012_345)).toBe("9\u202f012\u202f345");
  });
  it("of a share are never none where there is some", () => {
    expect(portion(0)).toBe("0.0\u202f%");
    expect(portion(0.0004)).toBe("< 0.1\u202f%");
    expect(portion(0.25)).toBe("25.0\u202f%");
  });
  it("carry their unit", () => {
    expect(measure(24494.2, "mm", 3)).toBe("24\u202f490\u202fmm³");
    expect(measure(-512000.4, "mm")).toBe("-512\u202f000\u202fmm");
    expect(measure(1234.5, "mm")).toBe("1235\u202fmm");
    expect(measure(60, undefined)).toBe("60");
    expect(bytes(33_900)).toBe("33.9\u202fkB");
    expect(bytes(12)).toBe("12\u202fB");
    expect(seconds(0.012)).toBe("12\u202fms");
    expect(seconds(3.21)).toBe("3.2\u202fs");
    expect(seconds(95)).toBe("1\u202fmin 35\u202fs");
  });
  it("of time past are told as people do", () => {
    const now = Date.parse("2026-01-02T12:00:00Z");
    expect(ago("2026-01-02T11:59:40Z", now)).toBe("just now");
    expect(ago("2026-01-02T11:30:00Z", now)).toBe("30 min ago");
    expect(ago("2026-01-02T09:00:00Z", now)).toBe("3 h ago");
    expect(ago("2025-12-01T12:00:00Z", now)).toBe("Dec 1, 2025");
  });
});
