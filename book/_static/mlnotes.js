// Whatever scrolls sideways in its own box has to be reachable with the keyboard.
(() => {
  const stop = (box, scrolls) => {
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  };
  const mark = () => {
    document.querySelectorAll("article mjx-container[display=true], article pre").forEach((box) => {
      stop(box, box.scrollWidth > box.clientWidth);
    });
    // The theme cuts off what of an inline formula is wider than the line. Its scroll
    // width does not tell: it counts the hidden text for screen readers.
    document.querySelectorAll("article span.math").forEach((box) => {
      const formula = box.querySelector("mjx-math");
      const width = (element) => element.getBoundingClientRect().width;
      const wide = Boolean(formula) && width(formula) > width(box) + 1;
      box.classList.toggle("wide", wide);
      stop(box, wide);
    });
  };
  addEventListener("load", async () => {
    if (window.MathJax?.startup) await window.MathJax.startup.promise;
    mark();
    addEventListener("resize", mark);
    // What a dropdown hides has no width until it is opened.
    addEventListener("toggle", mark, true);
    addEventListener("click", () => requestAnimationFrame(mark));
  });
})();
