/** Share makes links that show one mesh to whoever has them, lists them and takes them back. */
import { useState } from "react";
import type { Mesh } from "../api/client";
import { ago, day } from "../format";
import { Dialog } from "../ui/Confirm";
import { Copy } from "../ui/Copy";
import { Button, Note } from "../ui/controls";
import controls from "../ui/controls.module.css";
import { Icon } from "../ui/icons";
import { expiry, type Life, LifeField } from "../ui/LifeField";
import { type Share as Link, useRevokeShare, useShare, useShares } from "./queries";
import styles from "./Share.module.css";

const USUAL = { label: "a week", days: 7 };
const LIVES = [{ label: "a day", days: 1 }, USUAL, { label: "30 days", days: 30 }, { label: "a year", days: 365 }];

export function Share({ mesh }: { mesh: Mesh }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Icon name="link" size={16} /> Share
      </Button>
      {open && (
        <Dialog title="Share this mesh" onClose={() => setOpen(false)}>
          <Sharing mesh={mesh.id} />
          <div className={styles.end}>
            <Button onClick={() => setOpen(false)}>Close</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Sharing({ mesh }: { mesh: string }) {
  const [life, setLife] = useState<Life>(USUAL);
  const links = useShares(mesh);
  const share = useShare(mesh);
  const link = share.data && `${window.location.origin}${share.data.path}`;
  return (
    <>
      <p className={styles.about}>
        Whoever has the link sees this mesh, its report and its files, without a key and without anything else of yours.
      </p>
      <div className={styles.make}>
        <LifeField id="share-life" lives={LIVES} life={life} onLife={setLife} />
        <Button kind="primary" busy={share.isPending} onClick={() => share.mutate(expiry(life))}>
          Make a link
        </Button>
      </div>
      {share.isError && <Note kind="bad">{share.error.message}</Note>}
      {link && (
        <Note kind="good">
          <div className={styles.made}>
            <label htmlFor="share-link">Copy it now: it is not shown again.</label>
            <input
              key={link} // each has the focus as it comes
              ref={focus}
              id="share-link"
              className={controls.input}
              readOnly
              value={link}
              onFocus={(e) => e.currentTarget.select()}
            />
            <Copy text={() => link}>Copy the link</Copy>
          </div>
        </Note>
      )}
      {links.isError && <Note kind="bad">{links.error.message}</Note>}
      {links.data && links.data.items.length > 0 && (
        <ul className={styles.links} aria-label="Links of this mesh">
          {links.data.items.map((l) => (
            <Row key={l.id} link={l} mesh={mesh} />
          ))}
        </ul>
      )}
    </>
  );
}

const focus = (field: HTMLInputElement | null) => field?.focus();

const OVER = { revoked: "revoked", expired: "expired" };

function Row({ link: l, mesh }: { link: Link; mesh: string }) {
  const revoke = useRevokeShare(mesh);
  const stands = l.status === "active";
  return (
    <li data-status={l.status}>
      <div className={styles.what}>
        <span className={styles.name}>{l.prefix}…</span>
        <span className={styles.quiet}>
          {l.status === "active" ? `until ${day(l.expires_at)}` : OVER[l.status]}, made {ago(l.created_at)},{" "}
          {l.last_used_at ? `used ${ago(l.last_used_at)}` : "never used"}
        </span>
        {revoke.isError && (
          <span className={styles.badly} role="alert">
            {revoke.error.message}
          </span>
        )}
      </div>
      {stands && (
        <Button busy={revoke.isPending} aria-label={`Revoke ${l.prefix}`} onClick={() => revoke.mutate(l.id)}>
          Revoke
        </Button>
      )}
    </li>
  );
}
