// Watches one document: how far it is read, which controls are used, whether a field has the focus that must stay
// unseen. Nothing is told while one has. Movements of the mouse and changes of the page are not even listened to.

(() => {
  const api = globalThis.browser ?? globalThis.chrome;
  const isTop = window === window.top;
  const SCROLL_STEP_PERCENT = 2;
  const SCROLL_EVERY_MS = 500;
  const changed = new WeakMap();
  let toldFocus = null;
  let scrolled = 0;
  let toldScroll = 0;
  let scrollTimer = null;
  let isAwaited = false; // a field that hides the page has asked for the focus, and may not have it yet

  function tell(message) {
    // Once the extension was updated, what it left in open pages has nobody to tell.
    if (api.runtime?.id) {
      api.runtime.sendMessage({ ...message, at: Date.now() }).catch(() => {});
    }
  }

  function focusNow() {
    const found = krypticFields.focus();
    if (isAwaited && found === "plain") {
      return "secret";
    }
    return found === "plain" && !document.hasFocus() ? "none" : found;
  }

  /** Say what has the focus where that has changed; whether this document may be told of now. */
  function isVisible() {
    const focus = focusNow();
    if (focus !== toldFocus) {
      toldFocus = focus;
      tell({ type: "focus", focus });
    }
    return focus === "plain" || focus === "none";
  }

  function ready() {
    krypticFields.holdsSecret(document); // so that a password's field is known even when it looks like another
    if (Array.from(document.querySelectorAll("[autofocus]")).some(krypticFields.hidesPage)) {
      awaitFocus();
    }
    if (!isTop) {
      isVisible();
      return;
    }
    toldFocus = focusNow();
    tell({ type: "ready", focus: toldFocus, title: document.title });
    measure(document.scrollingElement);
  }

  /** What asks for the focus has it when the page is first drawn, which styles that are still loaded can hold up. */
  function awaitFocus() {
    isAwaited = true;
    const drawn = () => {
      isAwaited = false;
      isVisible();
    };
    const loaded = () => requestAnimationFrame(() => requestAnimationFrame(drawn));
    if (document.readyState === "complete") {
      loaded();
    } else {
      window.addEventListener("load", loaded, { once: true });
    }
  }

  function measure(box) {
    if (!isTop || !box) {
      return;
    }
    const whole = Math.max(box.scrollHeight, 1);
    const seen = box === document.scrollingElement ? window.scrollY + window.innerHeight : box.scrollTop + box.clientHeight;
    scrolled = Math.max(scrolled, Math.min(100, (seen / whole) * 100));
    scrollTimer ??= setTimeout(tellScroll, toldScroll ? SCROLL_EVERY_MS : 0);
  }

  function tellScroll() {
    scrollTimer = null;
    if (isVisible() && scrolled - toldScroll >= SCROLL_STEP_PERCENT) {
      toldScroll = scrolled;
      tell({ type: "scroll", percent: scrolled });
    }
  }

  function onScroll(event) {
    const box = event.target === document ? document.scrollingElement : event.target;
    // A list in a corner is not the page.
    if (box === document.scrollingElement || box.clientHeight > window.innerHeight / 2) {
      measure(box);
    }
  }

  function onClick(event) {
    if (!event.isTrusted || !isVisible()) {
      return;
    }
    const control = krypticControls.clicked(event);
    if (control && !krypticFields.isInSecretForm(control.element)) {
      tell({ type: "click", role: control.role, label: control.label });
    }
  }

  function onChange(event) {
    const field = event.composedPath()[0];
    if (!event.isTrusted || !(field instanceof Element)) {
      return;
    }
    const role = krypticControls.roleOf(field);
    if (!["combobox", "searchbox", "slider", "spinbutton", "textbox"].includes(role)) {
      return; // boxes and the like were clicked on
    }
    if (field.form) {
      changed.set(field.form, (changed.get(field.form) ?? new Set()).add(field));
    }
    if (isVisible() && !krypticFields.isSecret(field) && !krypticFields.isInSecretForm(field)) {
      tell({ type: "edit", role, label: krypticControls.labelOf(field, role) });
    }
  }

  function onSubmit(event) {
    const form = event.target;
    // A page can submit its forms by itself as often as it likes; a person has just done something.
    const byHand = navigator.userActivation ? navigator.userActivation.isActive : true;
    if (!event.isTrusted || !byHand || !isVisible() || krypticFields.holdsSecret(form)) {
      return;
    }
    const fields = changed.get(form)?.size ?? 0;
    const role = form.getAttribute("role") === "search" ? "search" : "form";
    tell({ type: "submit", role, label: krypticControls.labelOf(form, role), fields });
  }

  const early = { capture: true, passive: true };
  window.addEventListener("click", onClick, early);
  window.addEventListener("auxclick", (event) => event.button === 1 && onClick(event), early);
  window.addEventListener("change", onChange, early);
  window.addEventListener("submit", onSubmit, early);
  window.addEventListener("scroll", onScroll, early);
  // Before the page itself hears of it, and could make a password's field look like another.
  for (const name of ["focusin", "focus"]) {
    window.addEventListener(name, isVisible, early);
  }
  // Between two fields nothing has the focus for a moment, which is not told. It can also move inside a shadow tree
  // without a word to the document; whatever moves it is seen here.
  for (const name of ["focusout", "blur", "keyup", "pointerup"]) {
    window.addEventListener(name, () => setTimeout(isVisible), early);
  }
  window.addEventListener("pageshow", (event) => event.persisted && ready());
  if (!isTop) {
    window.addEventListener("pagehide", () => tell({ type: "focus", focus: "none" }));
  }
  const begin = () => (document.readyState === "loading" ? addEventListener("DOMContentLoaded", ready, { once: true }) : ready());
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", begin, { once: true });
  } else {
    begin();
  }
})();
