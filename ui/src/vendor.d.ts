declare module "htmx.org/dist/htmx.esm.js" {
  const htmx: { registerExtension(name: string, ext: object): void; trigger(el: Element, event: string): void; process(el: Element): void };
  export default htmx;
}
