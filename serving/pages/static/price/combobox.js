// A text field with suggestions, after the "editable combobox with list autocomplete" pattern of ARIA 1.2.
// Whatever is typed stays as it is unless a suggestion is chosen.

import { element } from "../shared/elements.js";
import { t } from "../shared/phrases.js";

// suggest: text → a promise of names, each { name, local }; `local`, in the reader's language, stands first and
// goes into the field.
export class Combobox {
  constructor(input, suggest, announce) {
    Object.assign(this, { input, suggest, announce, list: input.nextElementSibling, active: -1, asked: 0, filling: null, queued: 0 });
    input.addEventListener("input", () => this.#open());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.queued || this.close());
    input.addEventListener("click", () => this.list.hidden && this.#open());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.#choose(event.target.closest("[role=option]")));
  }

  get #focused() {
    return document.activeElement === this.input;
  }

  get #options() {
    return [...this.list.children];
  }

  #open() {
    const filling = this.#fill(++this.asked).finally(() => {
      if (this.filling === filling) this.filling = null;
    });
    this.filling = filling;
  }

  async #fill(asked) {
    const names = await this.suggest(this.input.value);
    if (asked !== this.asked || !(this.queued || this.#focused)) return;
    this.list.replaceChildren(...names.map((entry, position) => this.#option(entry, position)));
    this.#point(-1);
    this.#show(names.length > 0);
    if (this.input.value) this.announce(summary(names.length));
  }

  #option({ name, local }, position) {
    const shown = [element("span", {}, local ?? name)];
    if (local) shown.push(element("span", { class: "local" }, name));
    return element("li", { role: "option", id: `${this.list.id}-${position}`, "aria-selected": "false", "data-name": local ?? name }, ...shown);
  }

  #show(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  close() {
    this.asked += 1;
    this.#point(-1);
    this.#show(false);
  }

  #point(position) {
    this.active = position;
    this.#options.forEach((option, at) => option.setAttribute("aria-selected", String(at === position)));
    const option = this.#options[position];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  // A key pressed while the list is fetched acts on the list that comes, after the keys before it; even when
  // the reader has gone on to the next field meanwhile, but not when the list was dismissed.
  async #whenFilled(act) {
    const { asked } = this;
    this.queued += 1;
    while (this.filling) await this.filling;
    this.queued -= 1;
    if (asked === this.asked) act();
    if (!this.queued && !this.#focused) this.close();
  }

  #move(step) {
    if (this.list.hidden) return void this.#open();
    const { length } = this.list.children;
    this.#point((this.active + step + length + (this.active < 0 && step < 0 ? 1 : 0)) % length);
  }

  #key(event) {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const move = () => this.#move(event.key === "ArrowDown" ? 1 : -1);
      if (this.filling) this.#whenFilled(move);
      else move();
    } else if (this.queued && (event.key === "Enter" || event.key === "Tab")) {
      if (event.key === "Enter") event.preventDefault();
      this.#whenFilled(() => this.#choose(this.#options[this.active]));
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.#choose(this.#options[this.active]);
    } else if (event.key === "Escape" && (open || this.filling)) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Tab" && open && this.active >= 0) {
      this.#choose(this.#options[this.active]);
    }
  }

  #choose(option) {
    if (!option) return;
    this.input.value = option.dataset.name;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.close();
  }
}

function summary(found) {
  if (found === 0) return t("suggestions.none");
  return found === 1 ? t("suggestion") : t("suggestions", { count: found });
}
