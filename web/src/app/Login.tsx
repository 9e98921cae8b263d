/** Asks for a key while the page is locked. It lies over the page, which keeps what it holds. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Link } from "wouter";
import { type ApiError, api, take } from "../api/client";
import { forgetPerson, lock, type Session } from "../api/session";
import { Button, Field, Note, Spinner } from "../ui/controls";
import controls from "../ui/controls.module.css";
import styles from "./Login.module.css";

/** useLocked tells whether the service wants to know who asks. */
export function useLocked(): boolean {
  return useSyncExternalStore(lock.subscribe, lock.get);
}

export function Login() {
  const [key, setKey] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const enter = useMutation<Session, ApiError, string>({
    mutationFn: (word) => take(api.POST("/v1/session", { body: { key: word } })),
    onSuccess: (by) => {
      if (lock.opened(by)) window.location.assign("/");
    },
    onError: () => input.current?.focus(),
  });
  useEffect(() => {
    const before = document.activeElement;
    input.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!enter.isPending) enter.mutate(key.trim());
  };
  return (
    <section className={styles.cover} role="dialog" aria-modal="true" aria-labelledby="login-title">
      <form className={styles.card} onSubmit={submit} onKeyDown={(e) => e.stopPropagation()}>
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1 id="login-title">Log in to Meshgen</h1>
        <p className={styles.about}>
          With an API key of yours. The browser does not keep it: it gets a session, which ends with the key.
        </p>
        {!window.isSecureContext && (
          <Note kind="warn">Over plain HTTP a browser keeps no session. Open this page with https.</Note>
        )}
        <Field id="login-key" label="API key" error={enter.error?.message}>
          <input
            ref={input}
            id="login-key"
            className={controls.input}
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            required
            maxLength={200}
            placeholder="msh_live_…"
            aria-invalid={enter.isError}
            aria-describedby={enter.isError ? "login-key-hint" : undefined}
            value={key}
            onChange={(e) => setKey(e.target.value)}
          />
        </Field>
        <Button kind="primary" type="submit" disabled={enter.isPending}>
          {enter.isPending ? <Spinner label="Logging in" /> : "Log in"}
        </Button>
      </form>
    </section>
  );
}

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

/** WebhooksLink leads those there who may see them. It stands where nothing moves when it comes. */
export function WebhooksLink({ className }: { className: string }) {
  const session = useSession();
  if (session.data?.scope !== "admin") return null;
  return (
    <Link href="/webhooks" className={className}>
      Webhooks
    </Link>
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
      {session.data.scope === "admin" && (
        <Link href="/keys" className={styles.keys} aria-label="API keys">
          Keys
        </Link>
      )}
      <span className={styles.tenant}>{session.data.tenant_name}</span>
      <Button kind="quiet" className={styles.leave} disabled={leave.isPending} onClick={() => leave.mutate()}>
        Log out
      </Button>
    </>
  );
}
