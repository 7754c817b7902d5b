// What a control is, and what its author calls it; never what stands in it.

var krypticControls = (() => {
  const ROLES = new Set([
    "button", "checkbox", "combobox", "link", "listbox", "menuitem", "menuitemcheckbox", "menuitemradio", "option",
    "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem",
  ]);
  // What is called after what it shows (the mail behind a link, the person in a list) has no name here.
  const NAMED_BY_CONTENT = new Set(["link", "listbox", "option", "treeitem"]);
  const INPUTS = { button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox",
    radio: "radio", range: "slider", number: "spinbutton", search: "searchbox", file: "button", color: "button" };
  const TAGS = { a: "link", area: "link", button: "button", summary: "button", select: "combobox", option: "option",
    textarea: "textbox" };
  const TYPED = new Set(["searchbox", "spinbutton", "textbox"]);
  const NAMING = ["aria-label", "title", "name", "id", "data-testid"];
  const MOST_CHARS = 80;

  function roleOf(element) {
    const said = element.getAttribute("role");
    if (ROLES.has(said)) {
      return said;
    }
    if (element.localName === "input") {
      return INPUTS[element.type] ?? (element.type === "hidden" ? null : "textbox");
    }
    if (["a", "area"].includes(element.localName) && !element.hasAttribute("href")) {
      return null;
    }
    return TAGS[element.localName] ?? (element.isContentEditable ? "textbox" : null);
  }

  function labelOf(element, role) {
    if (NAMED_BY_CONTENT.has(role)) {
      return null;
    }
    const names = NAMING.map((name) => element.getAttribute(name)?.trim());
    return names.find(Boolean)?.slice(0, MOST_CHARS) ?? null;
  }

  /** The control that an event happened on: {element, role, label}; null where there is none, or one to type in. */
  function clicked(event) {
    for (const element of event.composedPath()) {
      if (!(element instanceof Element)) {
        break;
      }
      const role = roleOf(element);
      if (role) {
        return TYPED.has(role) ? null : { element, role, label: labelOf(element, role) };
      }
      if (element.localName === "label" && element.control) {
        return null; // the browser clicks on what it is the label of, and that is told then
      }
    }
    return null;
  }

  return { clicked, labelOf, roleOf };
})();
