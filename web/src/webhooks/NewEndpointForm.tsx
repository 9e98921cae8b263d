/** Adding an endpoint. */
import { type FormEvent, useState } from "react";
import { Button, Field, Note } from "../ui/controls";
import controls from "../ui/controls.module.css";
import lists from "../ui/lists.module.css";
import { type NewEndpoint, useCreateEndpoint } from "./queries";
import styles from "./WebhooksPage.module.css";
import { EVENTS, type Event } from "./words";

/** How many endpoints a tenant may have; the service says so too. */
export const MOST = 20;

const ALL = EVENTS.map(({ event }) => event);

export function NewEndpointForm({ full, onMade }: { full: boolean; onMade: (made: NewEndpoint) => void }) {
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<readonly Event[]>(ALL);
  const create = useCreateEndpoint();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    create.mutate(
      { url: url.trim(), events: [...events] },
      {
        onSuccess: (made) => {
          setUrl("");
          setEvents(ALL);
          onMade(made);
          create.reset(); // what was made is the page's from here on, and so is its secret
        },
      },
    );
  };
  if (full) {
    return <Note kind="warn">There are {MOST} endpoints, which is as many as may be. Remove one to add another.</Note>;
  }
  /** answered forgets what was wrong before a change; one that is still being added has its secret to tell. */
  const answered = () => create.isError && create.reset();
  const ofUrl = create.error?.problem?.errors?.find(({ location }) => location === "body.url")?.message;
  const ofElse = ofUrl === undefined && (create.error?.problem?.errors?.[0]?.message ?? create.error?.message);
  return (
    <form className={lists.form} onSubmit={submit} aria-label="New endpoint">
      <Field
        id="endpoint-url"
        label="Address"
        error={ofUrl}
        hint="gets a signed POST each time; has to be of the public internet"
      >
        <input
          id="endpoint-url"
          className={controls.input}
          type="url"
          required
          maxLength={2048}
          autoComplete="off"
          spellCheck={false}
          placeholder="https://example.com/hooks/meshgen"
          aria-invalid={ofUrl !== undefined}
          aria-describedby="endpoint-url-hint"
          value={url}
          onChange={(e) => {
            setUrl(e.target.value);
            answered();
          }}
        />
      </Field>
      <fieldset className={styles.events}>
        <legend>Is told of</legend>
        {EVENTS.map(({ event, label }) => (
          <label key={event}>
            <input
              type="checkbox"
              checked={events.includes(event)}
              onChange={(e) => {
                setEvents(e.target.checked ? [...events, event] : events.filter((other) => other !== event));
                answered();
              }}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {ofElse && (
        <p className={lists.wrong} role="alert">
          {ofElse}
        </p>
      )}
      <div>
        <Button kind="primary" type="submit" busy={create.isPending} disabled={events.length === 0}>
          Add the endpoint
        </Button>
      </div>
    </form>
  );
}
