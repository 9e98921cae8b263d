/** Who is logged in, and where that leads. */
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useRoute } from "wouter";
import { type ApiError, api, take } from "../api/client";
import { forgetPerson, lock, type Session } from "../api/session";
import { Button } from "../ui/controls";
import styles from "./Menu.module.css";

/** useSession returns who is logged in. */
export function useSession() {
  return useQuery<Session, ApiError>({
    queryKey: ["session"],
    queryFn: async () => {
      const by = await take(api.GET("/v1/session"));
      lock.opened(by);
      return by;
    },
  });
}

/** To is a link that says whether one is there. */
export function To({ href, label, children }: { href: string; label?: string; children: ReactNode }) {
  const [here] = useRoute(href);
  return (
    <Link href={href} aria-label={label} aria-current={here ? "page" : undefined}>
      {children}
    </Link>
  );
}

/** AdminLinks lead those there who may see it. They stand where nothing moves when they come. */
export function AdminLinks() {
  const session = useSession();
  if (session.data?.scope !== "admin") return null;
  return (
    <>
      <To href="/webhooks">Webhooks</To>
      {session.data.by === "cookie" && (
        <To href="/keys" label="API keys">
          Keys
        </To>
      )}
    </>
  );
}

/** Person says who is logged in, and lets them leave. It is nothing where the service asks for no key. */
export function Person() {
  const session = useSession();
  const leave = useMutation<unknown, ApiError>({
    mutationFn: () => api.DELETE("/v1/session"),
    onSuccess: () => {
      forgetPerson();
      window.location.assign("/"); // the memory of the page goes with it
    },
  });
  if (session.data?.by !== "cookie") return null;
  return (
    <>
      <span className={styles.tenant}>{session.data.tenant_name}</span>
      <Button kind="quiet" className={styles.leave} busy={leave.isPending} onClick={() => leave.mutate()}>
        Log out
      </Button>
    </>
  );
}
