/** Why one waits: the queue and the engines. */
import { describe, expect, it } from "vitest";
import { person } from "../person";

const p = person();
const heading = () => p.page.getByRole("heading", { name: "The queue" }).waitFor();

describe("the queue", () => {
  it("is told in words, with the engines that work on it", async () => {
    await p.page.goto(p.base);
    await p.page.getByRole("link", { name: "Queue" }).click();
    await heading();
    const engines = p.page.getByRole("region", { name: "Engines" });
    await engines.getByText(/Landlock/).waitFor();
    expect(await engines.getByRole("listitem").count()).toBeGreaterThan(1);
    await p.page
      .getByText(/free|busy|starting/)
      .first()
      .waitFor();
    await p.clean();
    for (const [width, dark] of [
      [390, false],
      [1280, true],
    ] as const) {
      await p.page.setViewportSize({ width, height: 800 });
      if (dark) await p.page.getByRole("button", { name: "Dark colours" }).click();
      await p.clean();
      const wide = await p.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, "nothing sticks out").toBeLessThanOrEqual(0);
      const names = await engines.locator("dt").evaluateAll((all) =>
        all.map((e) => {
          const text = document.createRange();
          text.selectNodeContents(e);
          return text.getClientRects().length;
        }),
      );
      expect(new Set(names), "what a figure is called stands on one line").toEqual(new Set([1]));
    }
  });

  it("says so where there is no worker, and what went wrong where there is no answer", async () => {
    const real = await (await fetch(`${p.base}/v1/pool`)).json();
    await p.page.route("**/v1/events*", (route) => route.abort()); // what others do would have it ask again
    await p.page.route("**/v1/pool", (route) => route.fulfill({ json: { ...real, workers: [] } }));
    await p.page.goto(`${p.base}/queue`);
    await p.page.getByText("No worker is there").waitFor();
    await p.clean();
    await p.page.unroute("**/v1/pool");
    const problem = { title: "Too Many Requests", status: 429, detail: "That was too much at once." };
    await p.page.route("**/v1/pool", (route) =>
      route.fulfill({ status: 429, contentType: "application/problem+json", json: problem }),
    );
    await p.page.reload();
    await p.page.getByText("That was too much at once.").waitFor();
    await p.clean();
    await p.page.unroute("**/v1/pool");
    await p.page.getByRole("button", { name: "Try again" }).click();
    await p.page.getByRole("heading", { name: "Engines" }).waitFor();

    // What is known stays, and it is said that it is old.
    await p.page.route("**/v1/pool", (route) =>
      route.fulfill({ status: 429, contentType: "application/problem+json", json: problem }),
    );
    await p.page.getByRole("button", { name: "Look again" }).click();
    await p.page.getByText(/the last numbers there are: That was too much at once/).waitFor();
    expect(await p.page.getByRole("heading", { name: "Engines" }).count()).toBe(1);
    await p.clean();
    await p.page.unroute("**/v1/pool");
    await p.page.getByRole("button", { name: "Look again" }).click();
    await p.page.getByText(/the last numbers there are/).waitFor({ state: "detached" });

    // Also while it is asked again by itself.
    const broken = { title: "Broken", status: 500, detail: "Something of ours went wrong." };
    await p.page.route("**/v1/pool", (route) =>
      route.fulfill({ status: 500, contentType: "application/problem+json", json: broken }),
    );
    await p.page.getByRole("button", { name: "Look again" }).click();
    await p.page.getByText(/the last numbers there are: Something of ours went wrong/).waitFor();
    await p.page.unroute("**/v1/pool");
    await p.page.getByText(/the last numbers there are/).waitFor({ state: "detached" });
  });
});
