/** The page of webhooks, and a server of somebody's that is told. */
import { createHmac } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guarded } from "../guarded";
import { bracket, person } from "../person";

const p = person();
let service: Guarded;
let receiver: Server;
let address: string;
const answers = new Map<string | undefined, number>(); // by the path that is asked; 200 elsewhere
const got: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  service = await Guarded.start({
    MESHGEN_WEBHOOK_SECRET: "a secret of the installation, long enough",
    MESHGEN_WEBHOOK_ALLOW: "127.0.0.0/8",
  });
  for (const tenant of ["listeners", "crowd", "waiters", "sleepers"])
    service.admin("tenants", "create", tenant, "--name", tenant);
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      got.push({ headers: request.headers, body });
      response.writeHead(answers.get(request.url) ?? 200).end();
    });
  });
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready));
  address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
});
afterAll(async () => {
  await service.stop();
  receiver.close();
});

const shot = async (name: string) => {
  const dir = process.env.MESHGEN_PICTURES;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  await p.page.screenshot({ path: `${dir}/webhooks-${name}.png` });
};

const key = (tenant: string, name: string, scope: string) =>
  service.admin("keys", "create", "--tenant", tenant, "--name", name, "--scope", scope);

async function enter(secret: string) {
  await p.page.goto(service.base);
  await p.page.getByLabel("API key").fill(secret);
  await p.page.keyboard.press("Enter");
  await p.page.getByRole("dialog", { name: "Log in to Meshgen" }).waitFor({ state: "detached" });
}

/** ask sends a request of somebody who has a key. */
async function ask(secret: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${service.base}${path}`, {
    method,
    headers: { Authorization: `Bearer ${secret}`, ...(!(body instanceof FormData) && { "Content-Type": "application/json" }) },
    body: body instanceof FormData ? body : JSON.stringify(body),
  });
  expect(answer.ok, await answer.clone().text()).toBe(true);
  return answer.status === 204 ? undefined : answer.json();
}

/** canceled makes a mesh and cancels it: how it ends does not matter here, and nobody has to mesh. */
async function canceled(secret: string): Promise<string> {
  const form = new FormData();
  const { name, buffer } = bracket();
  form.set("file", new Blob([buffer]), name);
  const geometry = await ask(secret, "POST", "/v1/upload", form);
  const mesh = await ask(secret, "POST", "/v1/meshes", { geometry_id: geometry.id });
  await ask(secret, "POST", `/v1/meshes/${mesh.id}/cancel`);
  // One that an engine has begun with ends, and is told of, once the engine has left it.
  await expect.poll(async () => (await ask(secret, "GET", `/v1/meshes/${mesh.id}`)).status).toBe("canceled");
  return `/parts/${geometry.id}/${mesh.id}`;
}

const focused = (locator: Locator) => locator.evaluate((e) => e === document.activeElement);

const signature = (secret: string, { headers, body }: (typeof got)[number]) =>
  `v1,${createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64"))
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`)
    .digest("base64")}`;

describe("the page of webhooks", () => {
  it("adds, tests, pauses and removes endpoints, and shows what they were told", async () => {
    const secretOfAda = key("listeners", "Ada", "admin");
    await enter(secretOfAda);
    await p.page.getByRole("link", { name: "Webhooks" }).click();
    await p.page.getByText("None yet.").waitFor();
    await p.page.getByText("Nothing was told yet.").waitFor();
    await p.clean();
    await shot("empty");

    // By keyboard alone, from the address to the button.
    const url = p.page.getByLabel("Address", { exact: true });
    await url.fill("http://10.0.0.1/hooks");
    await url.press("Enter");
    await p.page.getByRole("alert").getByText("not of the public internet").waitFor();
    await p.clean();
    await shot("refused");
    expect(await url.getAttribute("aria-invalid")).toBe("true");
    await url.fill(address);
    await p.page.getByRole("alert").waitFor({ state: "detached" }); // another address is another answer
    expect(await url.getAttribute("aria-invalid")).toBe("false");
    await url.press("Tab");
    await p.page.keyboard.press("Space"); // not of meshes that are done
    for (const _ of [1, 2, 3, 4]) await p.page.keyboard.press("Tab");
    expect(await p.page.evaluate(() => document.activeElement?.textContent)).toBe("Add the endpoint");
    await p.page.keyboard.press("Enter");
    const secret = await p.page.getByLabel(/Copy it now/).inputValue();
    expect(secret).toMatch(/^whsec_/);
    const endpoints = p.page.getByRole("region", { name: "Endpoints" }).getByRole("listitem");
    await endpoints.getByText("is told of: a mesh failed, a mesh was canceled, a batch has ended").waitFor();
    await p.clean();
    await shot("secret");
    await expect.poll(() => focused(p.page.getByLabel(/Copy it now/))).toBe(true);

    // Another one, before the first secret was put away: both can be copied still.
    await url.fill(`${address}/second`);
    await url.press("Enter");
    await expect.poll(() => p.page.getByLabel(/Copy it now/).count()).toBe(2);
    await expect.poll(() => focused(p.page.getByLabel(/second is sent is signed/))).toBe(true);
    expect(
      await p.page
        .getByLabel(/Copy it now/)
        .first()
        .inputValue(),
    ).toBe(secret);
    await p.clean();
    await shot("secrets");
    await p.page.getByRole("button", { name: "Remove" }).first().waitFor();
    await p.page.getByRole("button", { name: /^Remove .*second$/ }).press("Enter");
    await p.page.getByRole("dialog").getByRole("button", { name: "Remove" }).press("Enter");
    await expect.poll(() => p.page.getByLabel(/Copy it now/).count()).toBe(1);
    const list = p.page.getByRole("heading", { name: "Endpoints" });
    await expect.poll(() => focused(list)).toBe(true);
    await p.page.getByRole("button", { name: "I have it" }).press("Enter");
    await expect.poll(() => focused(list)).toBe(true);
    expect(await p.page.content()).not.toContain(secret);

    answers.set("/hooks", 500);
    const deliveries = p.page.getByRole("region", { name: "Deliveries" }).getByRole("listitem");
    await p.page.getByRole("button", { name: /^Send a test to/ }).click();
    await endpoints.getByText("a test is on its way").waitFor();
    await deliveries.getByText(/^answered 500, (1 try|2 tries), next in/).waitFor(); // the second comes soon, the third in minutes
    expect(signature(secret, got[0])).toBe(got[0].headers["webhook-signature"]);
    await shot("trying");
    answers.set("/hooks", 410);
    await p.page.getByRole("button", { name: /^Send (now|again): A test/ }).click();
    await deliveries.getByText("answered 410, 1 try").waitFor();
    await deliveries.getByText("given up").waitFor();
    answers.delete("/hooks");
    const page = await canceled(secretOfAda);
    await p.page.reload();
    const news = deliveries.filter({ hasText: "A mesh was canceled" });
    await news.getByText("delivered").waitFor();
    expect(await news.getByRole("link").getAttribute("href")).toBe(page);
    await p.clean();
    await shot("delivered");

    await p.page.getByLabel("Deliveries that are shown").selectOption({ label: "given up" });
    await news.waitFor({ state: "detached" });
    await p.page.getByRole("button", { name: /^Send again: A test/ }).click();
    await p.page.getByText("Nothing is given up.").waitFor();
    await p.page.getByLabel("Deliveries that are shown").selectOption({ label: "delivered" });
    await expect.poll(() => deliveries.count()).toBe(2);
    await p.page.getByLabel("Deliveries that are shown").selectOption({ label: "all" });

    await p.page.getByRole("button", { name: /^Pause/ }).click();
    await endpoints.getByText("paused: is told nothing").waitFor();
    await canceled(secretOfAda);
    await p.page.getByRole("button", { name: /^Resume/ }).click();
    await p.page.getByRole("button", { name: /^Pause/ }).waitFor();
    await expect.poll(() => deliveries.count()).toBe(2);

    const show = p.page.getByRole("button", { name: "Show the secret" });
    await show.press("Enter");
    const field = p.page.getByLabel("Secret of addresses that requests name");
    const named = await field.inputValue();
    await expect.poll(() => focused(field)).toBe(true);
    expect([named.startsWith("whsec_"), named === secret]).toEqual([true, false]);
    await p.page.getByRole("button", { name: "Hide it" }).press("Enter");
    await expect.poll(() => focused(show)).toBe(true);
    await p.page.getByRole("button", { name: "Dark colours" }).click();
    await p.clean();
    await shot("dark");
    await p.page.setViewportSize({ width: 390, height: 800 });
    expect(await p.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await p.clean();
    await shot("phone");
    await p.page.getByRole("button", { name: "Light colours" }).click();

    const sent = got.length;
    await p.page.getByRole("button", { name: /^Remove/ }).click();
    const sure = p.page.getByRole("dialog", { name: "Remove the endpoint?" });
    await shot("remove");
    await sure.getByRole("button", { name: "Remove" }).click();
    await p.page.getByText("None yet.").waitFor();
    await p.page.getByRole("button", { name: /^Send again: A test/ }).click();
    await p.page.getByText("The endpoint that it is for was removed.").waitFor();
    expect(got).toHaveLength(sent);
  });

  it("says when there are as many as may be, and pages through what was told", async () => {
    const secret = key("crowd", "Bob", "admin");
    const made = [];
    for (let n = 0; n < 20; n++)
      made.push(await ask(secret, "POST", "/v1/webhooks/endpoints", { url: `${address}/${n}/${"long".repeat(30)}` }));
    for (const e of [...made, ...made.slice(0, 5)]) await ask(secret, "POST", `/v1/webhooks/endpoints/${e.id}/test`);
    await enter(secret);
    await p.page.goto(`${service.base}/webhooks`);
    await p.page.getByText("There are 20 endpoints, which is as many as may be.").waitFor();
    const deliveries = p.page.getByRole("region", { name: "Deliveries" }).getByRole("listitem");
    await expect.poll(() => deliveries.count()).toBe(20);
    await shot("full");
    await p.page.getByRole("button", { name: "Show older ones" }).click();
    await expect.poll(() => deliveries.count()).toBe(25);
    await p.page.setViewportSize({ width: 390, height: 800 });
    expect(await p.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await p.clean();
  });

  it("shows that it is loading, and what went wrong", async () => {
    await enter(key("waiters", "Cleo", "admin"));
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await p.page.route("**/v1/webhooks/**", async (route) => {
      await held;
      await route.fulfill({ status: 500, json: { title: "Broken", detail: "Something of ours went wrong.", status: 500 } });
    });
    await p.page.getByRole("link", { name: "Webhooks" }).click();
    await p.page.getByText("Loading the endpoints").waitFor({ state: "attached" });
    await shot("loading");
    go();
    await p.page.getByText("Something of ours went wrong.").first().waitFor();
    await p.clean();
    await shot("error");
    await p.page.unroute("**/v1/webhooks/**");
    await p.page.getByText("None yet.").waitFor(); // it is asked again by itself
    await p.page.getByText("Nothing was told yet.").waitFor();
  });

  it("asks again while something is on its way that can be, and keeps what it knows when that fails", async () => {
    const secret = key("sleepers", "Dan", "admin");
    const endpoint = await ask(secret, "POST", "/v1/webhooks/endpoints", { url: `${address}/asleep` });
    answers.set("/hooks/asleep", 500);
    await ask(secret, "POST", `/v1/webhooks/endpoints/${endpoint.id}/test`);
    await enter(secret);
    let asked = 0;
    p.page.on("request", (r) => {
      if (r.url().includes("/v1/webhooks/")) asked++;
    });
    await p.page.goto(`${service.base}/webhooks`);
    const deliveries = p.page.getByRole("region", { name: "Deliveries" }).getByRole("listitem");
    await deliveries.getByText(/^answered 500, (1 try|2 tries), next in/).waitFor();

    await p.page.getByRole("button", { name: /^Pause/ }).press("Enter");
    await deliveries.getByText(/^answered 500, (1 try|2 tries), waits: the endpoint is paused/).waitFor();
    expect(await deliveries.getByRole("button").count(), "nothing can be sent to it").toBe(0);
    expect(await focused(p.page.getByRole("button", { name: /^Resume/ })), "the focus stays").toBe(true);
    await p.clean();
    await shot("paused");

    // Hours go by: what waits is asked for no more.
    await p.page.clock.install();
    await p.page.reload();
    await deliveries.getByText(/waits: the endpoint is paused/).waitFor();
    const before = asked;
    await p.page.clock.runFor("04:00:00");
    expect(asked).toBe(before);

    // What is known stays while the endpoints cannot be asked for.
    await p.page.route("**/v1/webhooks/endpoints", (route) =>
      route.fulfill({ status: 403, json: { title: "Broken", detail: "Something of ours went wrong.", status: 403 } }),
    );
    await p.page.route("**/resume", (route) => route.fulfill({ json: { ...endpoint, status: "active" } }));
    await p.page.getByRole("button", { name: /^Resume/ }).press("Enter");
    await p.page.getByText("Something of ours went wrong.").waitFor();
    expect(await deliveries.count()).toBe(1);
  });

  it("is for those who may, and says where there are none", async () => {
    await enter(key("listeners", "writer", "write"));
    await p.page.getByText("listeners", { exact: true }).waitFor();
    expect(await p.page.getByRole("link", { name: "Webhooks" }).count()).toBe(0);
    await p.page.goto(`${service.base}/webhooks`);
    await p.page.getByText("This needs the scope admin").waitFor();
    expect(await p.page.getByRole("button", { name: /^Try/ }).count()).toBe(0);
    await shot("forbidden");

    await p.page.goto(`${p.base}/webhooks`); // the service of the other tests has no secret
    await p.page.getByText("the operator has to set MESHGEN_WEBHOOK_SECRET").waitFor();
    await p.clean();
    await shot("none");
  });
});
