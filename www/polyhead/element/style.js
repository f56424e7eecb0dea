/** The element's style, as a constructed sheet that every page policy allows. */

/* `plaintext` with `match-parent`: each text in its own direction, aligned with the page's. */
const CSS = `
:host {
  display: block;
  font: var(--polyhead-font, inherit);
  color: var(--polyhead-color, inherit);
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before { box-sizing: border-box; }
p, ol { margin: 0; padding: 0; }
p, [part~="label"], [part~="heads"], [part~="value"] {
  unicode-bidi: plaintext;
  text-align: -webkit-match-parent;
  text-align: match-parent;
}
[part~="box"], [part~="input"] { display: grid; grid-template-columns: minmax(0, 1fr); align-content: start; gap: var(--polyhead-gap, 0.75rem); }
[part~="stage"] {
  position: relative;
  display: grid;
  place-items: center;
  aspect-ratio: var(--polyhead-ratio, 4 / 3);
  overflow: hidden;
  border: 2px dashed var(--polyhead-line, #8888);
  border-radius: var(--polyhead-radius, 0.75rem);
  background: var(--polyhead-background, transparent);
  text-align: center;
}
[part~="stage"].over { border-color: var(--polyhead-accent, #3b82f6); border-style: solid; }
[part~="preview"], [part~="video"], ::slotted([slot="overlay"]) { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; object-fit: contain; }
::slotted([slot="overlay"]) { pointer-events: none; }
[part~="video"].mirrored { transform: scaleX(-1); }
[part~="invitation"] { padding: 1rem; }
[part~="loading"] {
  position: absolute;
  inset-inline: 0;
  inset-block-end: 0;
  display: grid;
  gap: 0.25rem;
  padding: 0.75rem 1rem;
  background: Canvas;
  color: CanvasText;
}
[part~="progress"] { inline-size: 100%; accent-color: var(--polyhead-accent, #3b82f6); }
[part~="controls"] { display: flex; flex-wrap: wrap; gap: 0.5rem; }
[part~="button"], [part~="device-picker"] {
  min-block-size: 2.75rem;
  max-inline-size: 100%;
  padding: 0.5rem 1rem;
  border: 1px solid var(--polyhead-line, #8888);
  border-radius: var(--polyhead-radius, 0.75rem);
  background: ButtonFace;
  color: ButtonText;
  font: inherit;
  cursor: pointer;
}
:focus-visible { outline: 3px solid var(--polyhead-accent, #3b82f6); outline-offset: 2px; }
[part~="error"] { display: grid; gap: 0.5rem; margin-block-end: var(--polyhead-gap, 0.75rem); justify-items: start; padding-inline-start: 0.75rem; border-inline-start: 4px solid var(--polyhead-error, #dc2626); }
[part~="error-detail"], [part~="heads"], [part~="time"] { font-size: 0.875em; opacity: 0.8; overflow-wrap: anywhere; }
[part~="answer"] { display: grid; gap: 0.5rem; }
[part~="answer"].old { opacity: 0.6; }
[part~="ranking"] { display: grid; gap: 0.5rem; list-style: none; }
[part~="row"] { display: grid; grid-template-columns: fit-content(60%) 1fr auto; gap: 0.125rem 0.5rem; align-items: baseline; }
[part~="top-row"], [part~="top-none"] { font-weight: 600; }
[part~="label"], [part~="heads"] { max-block-size: 4.5em; overflow: hidden; overflow-wrap: anywhere; }
[part~="error-detail"] { max-block-size: 9em; overflow: auto; }
[part~="value"] { font-variant-numeric: tabular-nums; }
[part~="bar"] { grid-column: 1 / -1; block-size: 0.375rem; border-radius: 1rem; overflow: hidden; background: var(--polyhead-track, #8883); }
[part~="fill"] { display: block; block-size: 100%; border-radius: inherit; background: var(--polyhead-accent, #3b82f6); transition: inline-size 0.2s; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { [part~="fill"] { transition: none; } }
@media (forced-colors: active) {
  [part~="bar"] { border: 1px solid CanvasText; }
  [part~="fill"] { background: Highlight; forced-color-adjust: none; }
}
`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** One sheet for all elements. */
export function style() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
