import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { service } from "./api/service";
import { lock } from "./api/session";
import { App } from "./app/App";
import "./ui/tokens.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say when something changed: nothing is asked for while nothing happens.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      // Where the service is away, it is asked again when it is back.
      retry: (failures, e) => failures < 3 && !(e instanceof ApiError && e.status < 500),
    },
  },
});
service.onReturn(() => void queries.invalidateQueries());
// What was asked before is asked again: what is still under way would be answered as to nobody.
lock.onOpen(() => void queries.cancelQueries().then(() => queries.invalidateQueries()));

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
