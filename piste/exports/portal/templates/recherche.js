// Show what has every word asked for. The names are in a list for each owner, which is loaded at the first word;
// without this script, each list is a page.
(() => {
  const MOST = 200;
  const field = document.getElementById("q");
  const main = document.querySelector("main");
  const sections = [...main.querySelectorAll("section")];
  const lists = [...main.querySelectorAll('a[href^="recherche/"]')].map((link) => link.getAttribute("href"));
  const folded = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const made = (name, content, attributes = {}) => {
    const part = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    part.append(...[content].flat());
    return part;
  };
  const things = [];
  let awaited = null;
  let unread = 0;
  globalThis.addList = ({ owner, page, kinds }) => {
    for (const [kind, rows] of Object.entries(kinds)) {
      for (const [name, words] of rows) {
        things.push([folded([name, kind, owner, words].join(" ")), page, name, kind, owner, words]);
      }
    }
  };
  const load = () => {
    awaited = lists.length;
    for (const list of lists) {
      const script = made("script", [], { src: list.replace(/html$/, "js") });
      script.onload = script.onerror = (event) => {
        unread += event.type === "error" ? 1 : 0;
        awaited -= 1;
        if (!awaited) filter();
      };
      document.head.append(script);
    }
  };
  const said = made("p", [], { role: "status" });
  const shown = made("div", []);
  main.querySelector(".lead").after(said, shown);
  const row = ([, page, name, kind, owner, words]) => made("tr", [
    made("th", page ? made("a", name, { href: page }) : name, { scope: "row" }),
    ...[kind, owner, words].map((text) => made("td", text)),
  ]);
  const table = (found) => {
    const heads = ["Nom", "Genre", "Où", "Se dit aussi"].map((text) => made("th", text, { scope: "col" }));
    const whole = made("table", [
      made("caption", "Résultats"), made("thead", made("tr", heads)), made("tbody", found.slice(0, MOST).map(row)),
    ]);
    return made("div", whole, { class: "wide", role: "group", "aria-label": "Résultats", tabindex: "0" });
  };
  const here = [...main.querySelectorAll("tbody tr")].map((line) => [folded(line.textContent), line]);
  const filter = () => {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    if (lists.length && words.length && awaited === null) load();
    const ready = !lists.length || awaited === 0;
    const has = ([text]) => words.every((word) => text.includes(word));
    const found = words.length && ready ? (lists.length ? things : here).filter(has) : [];
    if (lists.length) {
      for (const section of sections) section.hidden = words.length > 0;
      shown.replaceChildren(...(found.length ? [table(found)] : []));
    } else {
      for (const [text, line] of here) line.hidden = !has([text]);
      for (const section of sections) section.hidden = words.length > 0 && !found.length;
    }
    const results = `${found.length} résultat${found.length > 1 ? "s" : ""} pour « ${field.value.trim()} »`;
    const cut = lists.length && found.length > MOST ? `, dont voici les ${MOST} premiers` : "";
    const doubt = unread ? ` Inconnu : ${unread} liste${unread > 1 ? "s" : ""} ne se ${unread > 1 ? "lisent" : "lit"} pas.` : "";
    const answer = found.length ? `${results}${cut}.` : "Rien de ce nom.";
    said.textContent = !words.length ? "" : ready ? answer + doubt : "Lecture des listes…";
  };
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", filter);
  filter();
})();
