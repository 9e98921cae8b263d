/** What stands where an answer will: that it is waited for, and from the first try that failed on why, while it is asked for again. */
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useLayoutEffect, useRef } from "react";
import { type ApiError, AWAY } from "../api/client";
import { Button, Note, Spinner } from "./controls";
import styles from "./controls.module.css";

interface Query {
  data: unknown;
  dataUpdatedAt: number;
  error: ApiError | null;
  failureCount: number;
  failureReason: ApiError | null;
  refetch: () => unknown;
}

interface Props {
  query: Query;
  queryKey: QueryKey;
  label: string;
  /** What a page says that is about nothing else, where there is no answer. */
  title?: string;
  /** The answer is there, and with what was told a button has gone that had the focus: what takes it over. */
  onAnswered?: () => void;
}

/** What would be answered the same again. */
const FINAL = [403, 404];

/** How many tries may fail before it is said of an answer that is there that it may be an old one. */
const QUIET = 2;

/**
 * Awaiting is nothing once the answer is there. Of a service that cannot be reached the banner tells. What was told is kept: for each
 * key there is one of its own.
 */
export function Awaiting({ query, queryKey, label, title, onAnswered }: Props) {
  const client = useQueryClient();
  const told = useRef<ApiError | null>(null); // stands until there is an answer: the button has the focus
  const { data, dataUpdatedAt, error, failureReason, failureCount } = query;
  const answered = useRef(dataUpdatedAt);
  if (answered.current !== dataUpdatedAt) told.current = null;
  answered.current = dataUpdatedAt;
  const known = data !== undefined;
  const failed = failureReason ?? error;
  const goesOnAfter = (e: ApiError) => e.status >= 500 && error === null;
  const quiet = known && (told.current?.status ?? AWAY) === AWAY && failureCount <= QUIET;
  if (failed && !(quiet && goesOnAfter(failed))) told.current = failed;
  const why = told.current;
  if (!why || why.status === AWAY) return known ? null : <Spinner label={label} />;
  const goesOn = goesOnAfter(why);
  const now = async () => {
    await client.cancelQueries({ queryKey }); // which waits for the next try
    void query.refetch();
  };
  return (
    <div role="alert" className={styles.told}>
      {title && <h1>{title}</h1>}
      <Note kind="bad">
        <div className={styles.failed}>
          <span>
            {why.message} {goesOn && "It is asked for again by itself."}
          </span>
          {!FINAL.includes(why.status) && (
            <Again onGone={() => client.getQueryData(queryKey) !== undefined && onAnswered?.()} onClick={() => void now()}>
              {goesOn ? "Try now" : "Try again"}
            </Again>
          )}
        </div>
      </Note>
    </div>
  );
}

/** Again is a button that tells when it goes with the focus on it. */
function Again({ onGone, onClick, children }: { onGone: () => void; onClick: () => void; children: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const gone = useRef(onGone);
  gone.current = onGone;
  useLayoutEffect(() => {
    const own = button.current;
    return () => {
      if (own && own === document.activeElement) queueMicrotask(() => gone.current()); // once what comes in its place is there
    };
  }, []);
  return (
    <Button ref={button} onClick={onClick}>
      {children}
    </Button>
  );
}
