/** The image on the stage. */
import { byId } from "./dom.js";
import { texts } from "./texts.js";

const stage = byId("stage", HTMLElement);
const preview = byId("preview", HTMLImageElement);

/**
 * Only of images that the classifier took: it checks their size before anything decodes them.
 *
 * @param {Blob | undefined} image
 */
export async function showPreview(image) {
  URL.revokeObjectURL(preview.src);
  preview.hidden = !image;
  stage.classList.toggle("filled", Boolean(image));
  if (image) {
    preview.src = URL.createObjectURL(image);
    preview.alt = image instanceof File ? texts.imageNamed(image.name) : texts.image;
    // Its size is known then; a format that only the classifier could open stays without a preview.
    await preview.decode().catch(() => {});
  } else {
    preview.removeAttribute("src");
  }
}
