// Whatever scrolls sideways in its own box has to be reachable with the keyboard.
(() => {
  const mark = () => {
    document.querySelectorAll("article mjx-container[display=true], article pre").forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  };
  addEventListener("load", async () => {
    if (window.MathJax?.startup) await window.MathJax.startup.promise;
    mark();
    addEventListener("resize", mark);
  });
})();
