// The page brings the answers of its panels with it, in data blocks: <script
// type="application/json" data-answer="panel">. They come while the page is still
// on its way, each as soon as the server knows it.

/**
 * arriving calls each(block) with every block that is there as a whole, in the
 * page's order; what stands before it in the page is there too. It resolves when
 * the page is whole.
 */
export function arriving(each) {
  return new Promise((done) => {
    const look = () => {
      const whole = document.readyState !== "loading";
      for (const block of document.querySelectorAll("script[data-answer]")) {
        // A block's text ends with a line feed; before that, more of it is to come.
        if (!whole && !block.textContent.endsWith("\n")) continue;
        each(block);
        block.remove();
      }
      if (!whole) return;
      observer.disconnect();
      document.removeEventListener("readystatechange", look);
      done();
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true, characterData: true });
    document.addEventListener("readystatechange", look);
    look();
  });
}
