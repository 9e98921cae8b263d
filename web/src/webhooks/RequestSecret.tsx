/** The secret of what goes to addresses that requests name. It is shown when it is asked for, which the audit log tells of. */
import { useEffect, useRef } from "react";
import { Copy } from "../ui/Copy";
import { Button, Note } from "../ui/controls";
import controls from "../ui/controls.module.css";
import lists from "../ui/lists.module.css";
import { useSecret } from "./queries";

export function RequestSecret() {
  const secret = useSecret();
  const field = useRef<HTMLInputElement>(null);
  const show = useRef<HTMLButtonElement>(null);
  const shown = secret.data !== undefined;
  const before = useRef(shown);
  useEffect(() => {
    if (shown === before.current) return;
    before.current = shown;
    // The button that was pressed has made room for what has the focus now.
    (shown ? field : show).current?.focus();
  }, [shown]);
  return (
    <section aria-labelledby="request-secret-title" className={lists.form}>
      <h2 id="request-secret-title" className={lists.title}>
        Addresses that requests name
      </h2>
      <p className={lists.quiet}>
        What is sent to the <code>webhook_url</code> of a mesh or batch is signed with one secret, whatever the address.
      </p>
      {secret.data ? (
        <>
          <input
            ref={field}
            aria-label="Secret of addresses that requests name"
            className={`${controls.input} ${lists.secret}`}
            readOnly
            value={secret.data.secret}
            onFocus={(e) => e.currentTarget.select()}
          />
          <div className={lists.actions}>
            <Copy text={() => secret.data.secret}>Copy it</Copy>
            <Button onClick={() => secret.reset()}>Hide it</Button>
          </div>
        </>
      ) : (
        <div>
          <Button ref={show} busy={secret.isPending} onClick={() => secret.mutate()}>
            Show the secret
          </Button>
        </div>
      )}
      {secret.isError && <Note kind="bad">{secret.error.message}</Note>}
    </section>
  );
}
