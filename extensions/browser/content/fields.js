// Which fields must stay unseen: for passwords, payments and one-time codes, and whatever cannot be looked into.
// What is in a field is never read.

var krypticFields = (() => {
  const NO_TYPING = new Set(["button", "checkbox", "color", "file", "hidden", "image", "radio", "range", "reset", "submit"]);
  const SECRET_PURPOSE = /(^|\s)(current-password|new-password|one-time-code|cc-[a-z-]+|webauthn)(\s|$)/i;
  // Names that authors give such fields, in the main languages.
  const SECRET_NAME = new RegExp(
    [
      "pass(?!age|enger|port.?photo)", "pwd", "\\bpin\\b|pin.?code", "\\botp\\b|one.?time|2fa|mfa|totp|tan\\b",
      "(verif|security|auth|access|login|sms|confirm)[a-z]*.{0,3}code", "\\bcvv?2?\\b|\\bcvc2?\\b|\\bcsc\\b",
      "(card|account|acct|konto|routing|sort|swift|bic).{0,3}(n(o|um|umber|r|ummer)?|code)?\\b", "credit.?card|debit.?card",
      "\\biban\\b", "\\bssn\\b|social.?sec|tax.?id|national.?id", "secret|token|api.?key|private.?key|seed.?phrase",
      "kennwort|geheim|mot.?de.?passe|contrase|senha|parola|wachtwoord|has(ł|l)o|salasana|lösenord|пароль|密码|密碼|パスワード|비밀번호",
    ].join("|"),
    "iu",
  );
  const NAMING = ["name", "id", "aria-label", "placeholder", "title", "autocomplete"];
  // A page that shows a password makes its field a plain one: what was one stays one.
  const wasPassword = new WeakSet();

  const isTyping = (element) =>
    (element.localName === "input" && !NO_TYPING.has(element.type)) ||
    element.localName === "textarea" ||
    element.isContentEditable === true;

  const names = (element) =>
    [...NAMING.map((name) => element.getAttribute(name)), ...Array.from(element.labels ?? [], (label) => label.textContent)]
      .filter(Boolean)
      .map((text) => text.slice(0, 200).replace(/([a-z])([A-Z])/g, "$1 $2").replace(/_/g, " "));

  function isSecret(element) {
    if (element.localName === "input" && element.type === "password") {
      wasPassword.add(element);
    }
    if (wasPassword.has(element)) {
      return true;
    }
    if (!isTyping(element)) {
      return false;
    }
    // One box for each digit is how codes are asked for.
    const isOneBox = element.localName === "input" && element.maxLength === 1;
    return isOneBox || SECRET_PURPOSE.test(element.autocomplete ?? "") || names(element).some((name) => SECRET_NAME.test(name));
  }

  const holdsSecret = (root) => Array.from(root.querySelectorAll("input, textarea")).some(isSecret);

  /** The shadow tree of an element, closed ones too; undefined where it has one that cannot be looked into. */
  function shadowOf(element) {
    if (element.shadowRoot) {
      return element.shadowRoot;
    }
    try {
      if (globalThis.chrome?.dom?.openOrClosedShadowRoot) {
        return chrome.dom.openOrClosedShadowRoot(element);
      }
      if ("openOrClosedShadowRoot" in element) {
        return element.openOrClosedShadowRoot;
      }
    } catch {
      return null; // no element that could have one
    }
    return element.localName.includes("-") ? undefined : null;
  }

  /** What has the focus: "secret", "frame" for another document inside this one, else "plain". */
  function focus() {
    let element = document.activeElement;
    while (element) {
      const shadow = shadowOf(element);
      if (shadow === undefined) {
        return "secret";
      }
      if (!shadow?.activeElement) {
        break;
      }
      element = shadow.activeElement;
    }
    if (!element) {
      return "plain";
    }
    if (["iframe", "frame", "fencedframe"].includes(element.localName)) {
      return "frame";
    }
    if (["object", "embed"].includes(element.localName) && element !== document.body.firstElementChild) {
      return "secret";
    }
    return hidesPage(element) ? "secret" : "plain";
  }

  /** Whether nothing may be told of the page while an element has the focus. */
  function hidesPage(element) {
    return isSecret(element) || (isTyping(element) && isInSecretForm(element));
  }

  /** Whether an element belongs to a form that asks for a secret; without a form, whether its document does. */
  function isInSecretForm(element) {
    const form = element.form ?? element.closest("form");
    if (form) {
      return Array.from(form.elements).some(isSecret) || holdsSecret(form);
    }
    const root = element.getRootNode();
    return Array.from(root.querySelectorAll("input")).some((field) => !field.form && isSecret(field));
  }

  return { focus, hidesPage, holdsSecret, isInSecretForm, isSecret };
})();
