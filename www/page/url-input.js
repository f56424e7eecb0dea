/** Opens an image by its address, on a click only; its errors name the reason. */
import { PolyheadError } from "../polyhead/index.js";
import { byId } from "./dom.js";
import { texts } from "./texts.js";

const details = byId("address", HTMLDetailsElement);
const field = byId("address-url", HTMLInputElement);
const words = byId("address-words", HTMLElement);

/** @param {(image: Promise<File>) => void} onImage */
export function watchAddress(onImage) {
  byId("address-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    onImage(imageAt(field.value));
  });
}

/** The address in a link to this page: `?url=…`. */
export function addressInQuery() {
  return new URLSearchParams(location.search).get("url") ?? undefined;
}

/** Puts an address into the field, for the user to open. @param {string} address */
export function offerAddress(address) {
  details.open = true;
  field.value = address;
  words.setAttribute("data-text", "addressOffered");
  words.textContent = texts.addressOffered;
  field.focus();
}

/**
 * @param {string} address
 * @returns {Promise<File>}
 */
async function imageAt(address) {
  const url = new URL(address, location.href);
  let forbidden = false;
  const note = () => (forbidden = true);
  document.addEventListener("securitypolicyviolation", note);
  try {
    const response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!response.ok) {
      throw new PolyheadError("address", `${url.href}: expected an image, found status ${response.status}; check the address`);
    }
    const image = await response.blob();
    return new File([image], url.pathname.split("/").at(-1) || url.host, { type: image.type });
  } catch (error) {
    if (error instanceof PolyheadError) {
      throw error;
    }
    // The event that reports a forbidden address arrives as a task of its own.
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw reason(url, forbidden);
  } finally {
    document.removeEventListener("securitypolicyviolation", note);
  }
}

/**
 * @param {URL} url
 * @param {boolean} forbidden
 */
function reason(url, forbidden) {
  if (forbidden) {
    return new PolyheadError(
      "address-policy",
      `${url.origin}: expected an address of this site (${location.origin}), found another; save the image and drop it here`,
    );
  }
  return url.origin === location.origin
    ? new PolyheadError("address", `${url.href}: expected an answer, found none; check the connection`)
    : new PolyheadError(
        "address-cors",
        `${url.origin}: expected a site that lets pages of other sites read its images (CORS), found one that does not or does not answer; save the image and drop it here`,
      );
}
