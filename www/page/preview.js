/** The picture on the stage. */
import { byId } from "./elements.js";

const stage = byId("stage", HTMLElement);
const preview = byId("preview", HTMLImageElement);

/**
 * Only of pictures that the classifier took: it checks their size before anything decodes them.
 *
 * @param {Blob | undefined} picture
 */
export async function showPreview(picture) {
  URL.revokeObjectURL(preview.src);
  preview.hidden = !picture;
  stage.classList.toggle("filled", Boolean(picture));
  if (picture) {
    preview.src = URL.createObjectURL(picture);
    preview.alt = picture instanceof File ? `The picture ${picture.name}` : "The picture";
    // Its size is known then; a format that only the classifier could open stays without a preview.
    await preview.decode().catch(() => {});
  } else {
    preview.removeAttribute("src");
  }
}
