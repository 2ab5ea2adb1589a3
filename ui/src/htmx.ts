// htmx, with evaluation of strings as code switched off even where a policy would allow it.
import htmx from "htmx.org/dist/htmx.esm.js";
import { toast } from "./toast";
import { words } from "./words";

function refuse(): never {
  throw new Error("code in attributes is not allowed");
}
htmx.registerExtension("canh", {
  init: (api: any) => api.initSecurity(null, refuse, refuse),
  // htmx would look through every attribute of the page; a board is twenty thousand plain links and has none of its own.
  htmx_before_process: (root: Element) => {
    if (root.matches(".boardbox")) return false;
    if (!root.querySelector(".boardbox")) return true;
    for (const child of root.children) htmx.process(child);
    return false;
  },
  htmx_config_request: (_el: Element, { ctx }: any) => {
    const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content;
    if (csrf) ctx.request.headers["X-CSRF-Token"] = csrf;
  },
});
document.addEventListener("htmx:error", () => toast(words.failed, "bad"));

export { htmx };
