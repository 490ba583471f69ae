// <button data-copy="#id"> copies that element's text.
import { t } from "./strings.js";
import { toast } from "./toast.js";

export function copyButtons() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      toast(t("copied"));
    } catch {
      // Plain http on a host that isn't localhost has no clipboard: select
      // the text, so that one key is all that is left to do.
      getSelection().selectAllChildren(source);
      toast(t("copy_by_hand"));
    }
  });
}
