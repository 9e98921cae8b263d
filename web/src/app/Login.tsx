/** Asks for a key while the page is locked. It lies over the page, which keeps what it holds. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type ApiError, api, take } from "../api/client";
import { lock, type Session } from "../api/session";
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
        <Button kind="primary" type="submit" busy={enter.isPending}>
          {enter.isPending ? <Spinner label="Logging in" /> : "Log in"}
        </Button>
      </form>
    </section>
  );
}
